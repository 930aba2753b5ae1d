/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_EDIT_H
#define HOMING_CONF_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "conf/conf.h"

/*
 * Typed edits of a configuration, in place on its bytes: comments, order, quoting and line ends
 * stay. Bytes in, bytes out; files are save.h's. Each step of an edit is proved before it counts:
 * the result is read again, and nothing but what was asked for may be different. What can not be
 * proved is refused.
 */

enum edit_what {
    EDIT_ADD,    /* a hostname with settings; always with inherit=no. Of an object: define= */
    EDIT_SET,    /* settings of what is there; the value "default" is written in quotes */
    EDIT_UNSET,  /* the setting no longer stands here; it may still come from a global line */
    EDIT_REMOVE, /* the hostname (the record at the provider is another matter), or the object */
    EDIT_ENABLE,
    EDIT_DISABLE,
    EDIT_RENAME /* the hostname, in its place: all its settings stay */
};

enum edit_of { EDIT_HOSTNAME, EDIT_GLOBALS, EDIT_OBJECT };

/* What to do with a value that several hostnames share. */
enum edit_share {
    EDIT_ASK, /* change nothing: ERR_CONFLICT, and the answer tells how many */
    EDIT_ALL, /* for all of them */
    EDIT_ONE  /* for this one: it gets a statement or a value of its own */
};

struct edit_setting {
    const char *name;
    const char *value; /* not read by EDIT_UNSET */
};

struct edit {
    enum edit_what what;
    enum edit_of of;
    /* HOST, HOST@PROVIDER[/LOGIN] or the whole identity; KIND:NAME of an object; NULL for globals
     */
    const char *target;
    const char *name; /* the other hostname of EDIT_RENAME */
    const struct edit_setting *settings;
    size_t count;
    enum edit_share share;
    /* The owner at the command line: may edit commands and files, and secrets stay when the server
     * changes. */
    bool owner;
};

enum edit_shared { EDIT_NOT_SHARED, EDIT_SHARED_LIST, EDIT_SHARED_GLOBAL, EDIT_SHARED_OBJECT };

struct edit_answer {
    /* With ERR_CONFLICT and anything but EDIT_NOT_SHARED: the caller asks "all N or this one". */
    enum edit_shared shared;
    size_t hostnames; /* how many share it */
    unsigned line;    /* where it stands */
    char setting[64]; /* which setting it is about; "" for none */
    /* With ERR_CONFLICT: the file is not the one that the caller saw. */
    bool stale;
    /* With other errors: the system would not let the file be read or written. Never by edit_apply.
     */
    bool system;
    /* With OK */
    char entry[512];      /* identity of the hostname afterwards; "" for none */
    bool secrets_cleared; /* another server: the secrets must be typed again */
    bool restart;         /* a setting that counts from the next start on */
};

/*
 * Applies the edit to n bytes and leaves the new text in out (initialised by the caller; wipe it,
 * it holds secrets). options as for conf_parse(). Errors: ERR_NOT_FOUND, ERR_EXISTS, ERR_CONFLICT
 * (see the answer), ERR_DENIED (a command or file setting without owner), ERR_SYNTAX and ERR_RANGE
 * (a value that the table refuses, ERR_RANGE), ERR_UNSUPPORTED (it can not be done without touching
 * something else; the cause says what to do by hand). On error out is empty and answer->setting may
 * tell which field it was.
 */
enum err edit_apply(const char *bytes, size_t n, const struct edit *edit,
                    const struct conf_options *options, struct buf *out, struct edit_answer *answer,
                    struct cause *cause);

/*
 * The same edit (EDIT_SET, EDIT_REMOVE, EDIT_ENABLE or EDIT_DISABLE) of many hostnames, all or
 * none; edit->target is not read. On error answer->entry tells which one it was, where it is one's.
 */
enum err edit_apply_each(const char *bytes, size_t n, const struct edit *edit,
                         const char *const *targets, size_t count,
                         const struct conf_options *options, struct buf *out,
                         struct edit_answer *answer, struct cause *cause);

#endif
