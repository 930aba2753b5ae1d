/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_BUILTIN_H
#define HOMING_PUBLISH_BUILTIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The provider files that are compiled in, made from providers/ by providers/embed.py: checked by
 * the tests, so not again when they are read. Each is two JSON objects with the members of one:
 * what people and the configuration want to know of it, and how it is carried out.
 */
struct builtin {
    const char *id;
    bool compat; /* of providers/ddclient/ */
    bool alias;  /* only another name of one of them */
    const char *head, *rest;
    size_t head_size, rest_size; /* rest_size 0: nothing but the head */
};
extern const struct builtin builtin_files[];
extern const size_t builtin_count;
/* providers/starter.json: what "homing providers --new" begins with. */
extern const char builtin_starter[];

#endif
