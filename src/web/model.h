/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_MODEL_H
#define HOMING_WEB_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/exposition.h"

/*
 * What the API shows and does, as the web room sees it: documents to read and actions to take. The
 * program stands behind it (engine, configuration, keeper). Documents never hold a secret; the
 * web room passes them on as they are.
 */
struct web_model;

enum web_document {
    WEB_VERDICT,
    WEB_HOSTNAMES, /* query: search, state, sort, offset, limit */
    WEB_HOSTNAME,  /* id: an entry */
    WEB_WHY,       /* id: an entry */
    WEB_ADDRESSES, /* query: from, to (Unix ms), offset */
    WEB_SOURCES,
    WEB_PROVIDERS,
    WEB_PROTOCOLS,
    WEB_SETTINGS,
    WEB_ABOUT,
    WEB_EXCHANGE, /* id: of a line of the log */
    WEB_NOTIFY,
};

enum web_action {
    WEB_UPDATE,  /* body: {"id":ENTRY|null,"force":bool} */
    WEB_RESUME,  /* id */
    WEB_PLAN,    /* body: {"id":ENTRY} or {"entry":body of CREATE} or both: a change of it */
    WEB_CREATE,  /* body: {"hostname":TEXT,"settings":{setting:value},"same_as":ENTRY} */
    WEB_CHANGE,  /* id; body: {"settings":{setting:value|null},"scope":"all|this"} */
    WEB_REMOVE,  /* id; body: {"record":bool}: also at the provider */
    WEB_ENABLE,  /* id */
    WEB_DISABLE, /* id */
    WEB_RENAME,  /* id; body: {"hostname":TEXT,"record":bool}: the former name's record goes */
    WEB_UNDO,
    WEB_RELOAD, /* reads the configuration now. {"file":TEXT,"version":TEXT,"in_use":bool} */
    WEB_LOOKUP, /* id: a hostname; what the DNS says about it, and who might publish it */
    WEB_MANY,   /* body: {"ids":[ENTRY],"act":NAME,"record":bool,"settings":{setting:value|null}} */
    WEB_IMPORT, /* body: {"text":TEXT,"format":NAME,"apply":bool,"paused":bool} */
    WEB_TELL,   /* id: a notify object; sends it a test. {"good":bool,"text":TEXT} */
    WEB_SET,    /* body: {"settings":{setting:value|null}}: of all hostnames and homing itself */
};

/* One parameter of a reading request; NULL values are absent. */
struct web_query {
    const char *search, *state, *sort;
    long offset, limit; /* checked: 0 to 1,000,000 and 1 to 1,000 */
    long long from, to; /* Unix ms; 0 when absent */
};

/* What a document or action led to. The receiver only reads it. */
struct web_answer {
    enum err error;
    json_t *doc;       /* OK: the reply; may be NULL */
    const char *code;  /* else: "password-refused"; stable, for translation */
    json_t *args;      /* named values of the message; may be NULL */
    const char *text;  /* its English text */
    const char *field; /* the setting it concerns, or NULL */
    json_t *extra;     /* further members of the reply ("theirs", "choices"); may be NULL */
};
/* Exactly once; also inside act(). */
typedef void web_answer_fn(void *arg, const struct web_answer *answer);

struct web_edit {
    const char *version; /* If-Match: the file's version the person saw; NULL when not given */
    const char *who;     /* "the page", "token laptop", "uid 1000": for the log */
};

struct web_model_ops {
    /* A new reference; NULL when there is no such thing. */
    json_t *(*document)(struct web_model *model, enum web_document what, const char *id,
                        const struct web_query *query);
    /* body is borrowed for the call. */
    void (*act)(struct web_model *model, enum web_action what, const char *id, const json_t *body,
                const struct web_edit *edit, web_answer_fn *fn, void *arg);
    /* Appends all families of measurements. */
    void (*measure)(struct web_model *model, struct exposition *x);
};

struct web_model {
    const struct web_model_ops *ops;
};

#endif
