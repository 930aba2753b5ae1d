/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_READER_H
#define HOMING_CONF_READER_H

#include "conf/inside.h"
#include "conf/value.h"

/*
 * One statement while it is read: what read.c (statements, words, the command line) and
 * read_value.c (an assignment) share.
 */
struct reader {
    struct conf *c;
    struct lex lx;
    struct value checked;
    struct buf taken; /* a value that came from the environment or a file */
    /* Owned, grows; copied into the arena at the end. What the statement before had at a place, of
     * "former" places, stays there until the place is taken. */
    struct assignment *set;
    size_t count, former, room;
    size_t from;            /* the statement's first byte */
    unsigned context;       /* SCOPE_ bits of what the statement is */
    unsigned inherit, host; /* numbers of these names */
    bool parked;
};

/* "password_env" is password, by the environment. base has room for the name. */
enum { BY_ENV, BY_FILE, BY_CREDENTIAL, BY_VALUE };
int read_suffix(const char *name, char *base);
/* What the statement before had at that place, if the name is this one and there was nothing to
 * tell of it; NULL otherwise. Generated files say the same in a thousand lines. */
const struct assignment *read_before(const struct reader *r, size_t place, const char *name);
void read_assignment(struct reader *r, const struct lex_assignment *a);
/* The next place of the set, zeroed. */
struct assignment *read_more(struct reader *r);
const char *read_environment(const struct conf *c, const char *name);

#endif
