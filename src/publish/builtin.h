/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_BUILTIN_H
#define HOMING_PUBLISH_BUILTIN_H

#include <stdbool.h>
#include <stddef.h>

enum builtin_sort { BUILTIN_PROVIDER, BUILTIN_WORD, BUILTIN_NOTIFY, BUILTIN_SORTS };

/*
 * The provider files that are compiled in, made from providers/ by providers/embed.py: checked by
 * the tests, so not again when they are read. Each is two JSON objects with the members of one:
 * what people and the configuration want to know of it, and how it is carried out.
 */
struct builtin {
    const char *id;
    enum builtin_sort sort; /* of providers/, providers/ddclient/, providers/notify/ */
    bool alias;             /* only another name of one of them */
    const char *head, *rest;
    size_t head_size, rest_size; /* rest_size 0: nothing but the head */
};
extern const struct builtin builtin_files[];
extern const size_t builtin_count;
/* providers/starter.json: what "homing providers --new" begins with. */
extern const char builtin_starter[];

#endif
