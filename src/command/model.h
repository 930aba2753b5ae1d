/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_MODEL_H
#define HOMING_COMMAND_MODEL_H

#include <uv.h>

#include "engine/engine.h"
#include "engine/post.h"
#include "keeper/worker.h"
#include "sense/pushed.h"
#include "sense/sense.h"
#include "web/web.h"

/*
 * What the page and the API show and do, in a running service: documents from the engine and the
 * tables, wishes to the engine, edits to the keeper. It decides nothing about a record, and answers
 * an edit only when the configuration that came of it is in use.
 */
struct model;

struct model_rooms {
    uv_loop_t *loop;
    struct engine *engine;
    struct sense *sense; /* the real one */
    const struct pushed *pushed;
    struct registry *registry;
    const struct conf_providers *providers;
    struct worker *worker;
    struct verify *verify;
    struct post *post;
    const char *state_folder;
};

struct model *model_new(const struct model_rooms *rooms);
/* Before the rooms. Edits under way are answered "busy"; must come before web_free(). */
void model_free(struct model *m);
struct web_model *model_web(struct model *m);
/* A configuration is in use now: what the keeper said, kept for trying out changes of it. */
void model_conf(struct model *m, const struct message *said, struct conf *conf);
/* What was written is not in use: the file has an error somewhere. */
void model_refused(struct model *m, const char *version);
/* From now on the page is told what changes. */
void model_watch(struct model *m, struct web *web);

#endif
