/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_MODEL_INSIDE_H
#define HOMING_COMMAND_MODEL_INSIDE_H

#include <stdio.h>

#include "base/log.h"
#include "command/model.h"
#include "conf/edit.h"
#include "keeper/message.h"
#include "keeper/reading.h"

/*
 * What the files of the page's model share: model.c (documents, wishes to the engine),
 * model_edit.c (edits of the configuration), model_many.c (of several hostnames), model_import.c
 * (other programs' files), model_lookup.c (what the DNS knows), model_try.c (plans).
 */
struct pending;

/* The configuration in use as the keeper said it, in copies of our own. */
struct said {
    char *path, *version; /* owned */
    struct message_texts given;
};

struct model {
    struct web_model web_model; /* first */
    struct model_rooms rooms;
    struct conf *conf; /* counted */
    struct said said;
    struct pending *pending; /* edits under way */
    struct looking *looking; /* look-ups under way */
    struct web *web;
    unsigned observer;
    struct net_timer *verdict; /* the next time that it is told */
    msec verdict_at;           /* mono: of the last */
    msec started;
};

enum { CHANGES_MORE = 16 }; /* room for what same_as adds */
struct changes {
    struct edit_setting *settings; /* owned array; texts belong to the body and the configuration */
    size_t count;
    const char *provider, *protocol; /* as they will be */
    char field[64];                  /* the one that is wrong */
};
enum err changes_read(const struct model *m, const json_t *body, const struct conf_entry *entry,
                      bool globals, struct changes *out, struct cause *c);
enum err changes_same_as(struct model *m, const json_t *body, struct changes *ch, struct cause *c);
void changes_free(struct changes *ch);

void model_create(struct model *m, const json_t *body, const struct web_edit *who,
                  web_answer_fn *fn, void *arg);
void model_change(struct model *m, const char *id, const json_t *body, const struct web_edit *who,
                  web_answer_fn *fn, void *arg);
void model_set(struct model *m, const json_t *body, const struct web_edit *who, web_answer_fn *fn,
               void *arg);
void model_plain_edit(struct model *m, enum web_action what, const char *id,
                      const struct web_edit *who, web_answer_fn *fn, void *arg);
void model_undo(struct model *m, const struct web_edit *who, web_answer_fn *fn, void *arg);
/* Has the file read now, and answers once it is in use, or is not going to be. */
void model_reload(struct model *m, web_answer_fn *fn, void *arg);
/* Answers that nothing was done, and why; field: that it is about, "" or NULL for none. */
void model_refuse(web_answer_fn *fn, void *arg, enum err e, const char *field,
                  const struct cause *c);
/* The hostname gets another name; the record of the former one is another matter. */
void model_rename(struct model *m, const char *id, const char *name, const struct web_edit *who,
                  web_answer_fn *fn, void *arg);
/* Would it? */
enum err model_try_rename(const struct model *m, const char *id, const char *name, struct cause *c);
/* Several in one new version of the file; "doc" is what the answer tells besides. */
void model_edit_many(struct model *m, const struct edit *edits, size_t count, json_t *doc,
                     const struct web_edit *who, web_answer_fn *fn, void *arg);
/* The same change of many entries, likewise. */
void model_edit_each(struct model *m, const struct edit *edit, const char *const *ids, size_t count,
                     const struct web_edit *who, web_answer_fn *fn, void *arg);
/* What a person does with several hostnames at once. */
void model_many(struct model *m, const json_t *body, const struct web_edit *who, web_answer_fn *fn,
                void *arg);
void model_import(struct model *m, const json_t *body, const struct web_edit *who,
                  web_answer_fn *fn, void *arg);
/* A configuration of this version is in use. */
void pending_conf(struct model *m, const char *version);
/* The service ends: those under way are answered so. */
void pending_end_all(struct model *m);

void model_measure(struct web_model *web_model, struct exposition *x);
void model_plan(struct model *m, const json_t *body, web_answer_fn *fn, void *arg);
void model_lookup(struct model *m, const char *hostname, web_answer_fn *fn, void *arg);
void lookups_end_all(struct model *m); /* with what is known so far */

#endif
