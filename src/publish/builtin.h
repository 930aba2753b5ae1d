/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_BUILTIN_H
#define HOMING_PUBLISH_BUILTIN_H

#include <stdbool.h>
#include <stddef.h>

/* The provider files that are compiled in, made from providers/ by providers/embed.py. */
struct builtin {
    const char *id;
    bool compat; /* of providers/ddclient/ */
    bool alias;  /* only another name of one of them */
    const char *bytes;
    size_t size;
};
extern const struct builtin builtin_files[];
extern const size_t builtin_count;
/* providers/starter.json: what "homing providers --new" begins with. */
extern const char builtin_starter[];

#endif
