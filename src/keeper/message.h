/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_MESSAGE_H
#define HOMING_KEEPER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * What keeper and worker say to each other, as bytes and back. Each type has its direction, its
 * fields and its upper bound in one table; a length that does not fit is an error of the whole
 * stream, because a peer that lies about lengths is a bug or an attack. Pure: no socket, no memory
 * of the conversation but the bytes that are not a whole message yet.
 */
enum message_type {
    /* keeper to worker */
    MESSAGE_CONF = 1, /* bytes of the configuration, or why there are none */
    MESSAGE_WISH,     /* a person's signal */
    MESSAGE_EDITED,   /* answer to EDIT */
    MESSAGE_RAN,      /* answer to RUN */
    /* worker to keeper */
    MESSAGE_READY,   /* the service serves */
    MESSAGE_STATUS,  /* one line for "systemctl status" */
    MESSAGE_VERDICT, /* a configuration was taken, or refused */
    MESSAGE_EDIT,
    MESSAGE_RUN,
    /* keeper to worker */
    MESSAGE_AGAIN, /* a worker ended unasked, and this one took its place */
    MESSAGE_TYPES
};
enum message_side { SIDE_KEEPER, SIDE_WORKER };

enum message_wish { WISH_STOP, WISH_UPDATE, WISHES };
/* What the worker is to do with a configuration. */
enum message_how {
    CONF_IF_GOOD,   /* take it when it has no error, else go on with the former one */
    CONF_LAST_GOOD, /* the file has errors: this is what was good before */
    CONF_AS_IT_IS,  /* it has errors and there is nothing better: its wrong statements are parked */
    CONF_HOWS
};
/* Beyond enum edit_what of conf/edit.h: the file as it was before the last edit; many at once;
 * none, but the file is read now. */
enum { MESSAGE_EDIT_UNDO = 7, MESSAGE_EDIT_MANY = 8, MESSAGE_EDIT_NONE = 9, MESSAGE_EDITS = 10 };

enum {
    MESSAGE_CONF_MAX = 64 << 20, /* bytes of a configuration with what it names */
    MESSAGE_TEXTS_MAX = 65536,   /* items of a list */
};

struct message_bytes { /* borrowed */
    const char *data;
    size_t len;
};
struct message_texts {
    const char **items; /* the array is owned by a received message; the texts are borrowed */
    size_t count;
};

struct message {
    enum message_type type;
    uint32_t id; /* of a question, and of its answer; 0 else */
    union {
        struct {
            const char *version; /* tells this content from another; "" without one */
            const char *path;    /* as people call the file */
            const char *why;     /* not "": there is no configuration, this is why */
            uint32_t how;        /* enum message_how */
            struct message_bytes bytes;
            /* What the file names and only the keeper reads: kind ("env", "file"), name, value */
            struct message_texts given;
        } conf;
        struct {
            uint32_t wish; /* enum message_wish */
        } wish;
        struct {
            uint32_t error; /* enum err */
            const char *version, *why;
            /* struct edit_answer of conf/edit.h */
            uint32_t shared, hostnames, line, stale, system, secrets_cleared, restart;
            const char *setting, *entry;
        } edited;
        struct {
            uint32_t error; /* enum err */
            uint32_t status;
            struct message_bytes output;
            const char *why;
        } ran;
        struct {
            uint32_t count, seconds; /* how often; the last time, in Unix time */
            const char *why;         /* "signal 11" */
        } again;
        struct {
            const char *text;
        } status;
        struct {
            const char *version;
            uint32_t good;
        } verdict;
        struct {
            uint32_t what, of, share; /* enums of conf/edit.h, and those above */
            const char *target;       /* "" for the globals */
            const char *version;      /* that the person saw; "": whatever stands there */
            /* Name, then "=value" or "-" (unset), alternating. Of many: "+" and a hostname begin a
             * hostname that is added; what stands before the first is for all. Behind "@" an entry
             * that the edit is about, in the place of target: as many as there are. Of a
             * new name: "hostname" and it. */
            struct message_texts changes;
        } edit;
        struct {
            const char *entry; /* identity, or "" for a global command */
            const char *setting;
            uint32_t limit; /* ms */
            struct message_texts args, env;
            struct message_bytes input; /* for its standard input; may hold secrets */
        } run;
    } of;
};

/* Appends the message to out. Texts that are NULL are sent as "". False: it passes its bound. */
bool message_write(const struct message *m, struct buf *out);

struct message_reader {
    struct buf bytes;       /* not consumed yet */
    size_t at;              /* consumed bytes at its start */
    enum message_side from; /* who sends */
};
void message_reader_init(struct message_reader *r, enum message_side from);
void message_reader_fini(struct message_reader *r); /* wipes */
bool message_reader_add(struct message_reader *r, const void *bytes, size_t n);
/*
 * The next whole message: OK; ERR_NOT_FOUND when more bytes are needed; ERR_SYNTAX when the peer
 * does not keep to the form (the stream is unusable then). Texts in *m are valid until the next
 * call on r. message_done() frees what *m owns.
 */
enum err message_next(struct message_reader *r, struct message *m);
void message_done(struct message *m);

const char *message_name(enum message_type type);

#endif
