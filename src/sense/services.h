/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_SERVICES_H
#define HOMING_SENSE_SERVICES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Outside services that tell who asks. A name, not an address, stands in the configuration, so a
 * service that moves is mended here.
 */
struct web_service {
    const char *name;
    const char *url;
    const char *skip;     /* or NULL */
    const char *operator; /* who runs it: agreement counts operators, not services */
    unsigned families;    /* FAMILY_BIT()s it can answer */
    bool automatic;       /* asked by "auto": https, one family, runs for everybody */
    const char *instead;  /* the name to write now, for one that is deprecated; else NULL */
};

extern const struct web_service web_services[];
extern const size_t web_service_count;

/* Those that speak DNS or STUN; their addresses are as outside.h says. */
extern const struct web_service other_services[];
extern const size_t other_service_count;

/* The built-in service of that name, or NULL. */
const struct web_service *web_service_find(const char *name);

#endif
