/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_DEVICES_H
#define HOMING_SENSE_DEVICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Routers whose status page tells the address, as ddclient knows them (the language's reference,
 * section 3.12). All of this table is taken over from there: none of these devices is at hand, so
 * nothing here was seen to work with one.
 */
struct device {
    const char *name;
    const char *description;
    const char *path; /* of its page; NULL: made from the interface, see device_url() */
    const char *skip; /* or NULL */
};

extern const struct device devices[];
extern const size_t device_count;

/* Names compare without case. NULL when there is none of that name. */
const struct device *device_find(const char *name);

/*
 * The address of a device's page. "where" is the value of fw= or fwv4=: a host, perhaps with a
 * port, or a whole URL when it has a "/"; "interface" matters to Cisco's only. False when where is
 * empty.
 */
bool device_url(const struct device *d, const char *where, const char *interface, struct buf *out);

#endif
