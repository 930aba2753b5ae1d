/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_WORDS_H
#define HOMING_COMMAND_DDCLIENT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * ddclient's command line: one or two dashes, unique prefixes, any case, --noX. This module reads
 * the words into values by name and knows the options; it acts on none of them.
 */

enum words_kind {
    WORDS_TEXT,     /* --x=V, --x V; an empty value is a missing one */
    WORDS_NUMBER,   /* the same, a whole number */
    WORDS_SWITCH,   /* --x, --nox, --no-x; takes no value */
    WORDS_OPTIONAL, /* --x, --x=V */
    WORDS_FLAG      /* --x */
};

struct words_option {
    const char *name;
    enum words_kind kind;
    bool setting;     /* it is a setting of the language of the same name */
    bool at_once;     /* it acts when it is met: what follows does not matter */
    const char *gone; /* what to tell when it is given: it does nothing any more; or NULL */
    const char *help;
};

const struct words_option *
words_option_at(size_t i); /* in the order of the help; NULL at the end */

struct words_value {
    const struct words_option *option;
    char *text; /* owned; switches: "yes" or "no"; a missing optional value: "" */
};
struct words {
    struct words_value *values; /* owned; each option once, the last occurrence */
    size_t count;
    const struct words_option *at_once; /* the first such option that was met, or NULL */
    char **stray;                       /* owned array: words that are no options; borrowed texts */
    size_t stray_count;
};

/* False with a message in out (no newline) when a word makes no sense. */
bool words_read(struct words *w, char *const *argv, size_t count, struct buf *message);
void words_free(struct words *w); /* wipes: a password may be among them */
/* The value of an option that was given, or NULL. */
const char *words_get(const struct words *w, const char *name);
bool words_on(const struct words *w, const char *name);

#endif
