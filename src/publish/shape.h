/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_SHAPE_H
#define HOMING_PUBLISH_SHAPE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * Checks a JSON tree by tables: which members an object may have and what each must be. The first
 * fault is told with its JSON pointer. Knows nothing of what the tree means.
 */
enum { SHAPE_PATH_MAX = 400 };

struct shape {
    const json_t *root;
    struct cause *cause;
    const char *file;
    char path[SHAPE_PATH_MAX]; /* JSON pointer of what is looked at */
};

typedef bool shape_fn(struct shape *k, const json_t *v);

struct shape_member {
    const char *name; /* NULL ends a table */
    shape_fn *check;
    bool needed;
};

/* Tells the fault, false. */
bool shape_fault(struct shape *k, const char *what);
/* Goes into a member; leave with what it returned. */
size_t shape_enter(struct shape *k, const char *name);
void shape_leave(struct shape *k, size_t at);

/* An object whose members stand in a table. "//" holds a remark for people, text or lines of it,
 * wherever a table says what may stand there (never in what is sent). */
bool shape_object(struct shape *k, const json_t *v, const struct shape_member *table);
/* A list, or with "one" also a single element, of what check accepts. */
bool shape_list(struct shape *k, const json_t *v, shape_fn *check, bool one);
/* An object with members of any name, each of which check accepts. */
bool shape_map(struct shape *k, const json_t *v, shape_fn *check);
/* Text that is one of the words, ended by NULL. */
bool shape_word(struct shape *k, const json_t *v, const char *const *words);

shape_fn shape_text, shape_texts, shape_number, shape_numbers, shape_flag;

#endif
