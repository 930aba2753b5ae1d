/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_PUSHING_H
#define HOMING_COMMAND_PUSHING_H

#include <uv.h>

#include "engine/engine.h"
#include "sense/pushed.h"
#include "state/state.h"
#include "web/push.h"

/*
 * What devices tell, in a running service: it keeps the table of what they told (from the memory
 * and back into it), takes what can be an address from outside, and knows which hostnames use it.
 * It checks no password and speaks to no socket.
 */
struct pushing;

/* What the memory has of it, for a table of one's own. */
enum err pushing_read(struct pushed *table, struct state *state, struct cause *c);

/* Reads what was told to a former process. */
struct pushing *pushing_new(uv_loop_t *loop, struct state *state);
/* For the sense, which must be freed first. */
const struct pushed *pushing_table(const struct pushing *p);
/* Both exist now; before pushing_conf(). */
void pushing_start(struct pushing *p, struct engine *engine, struct sense *sense);
/* The engine has loaded this configuration. */
void pushing_conf(struct pushing *p, struct conf *conf);
struct push_model *pushing_model(struct pushing *p);

struct web;
/* Its socket is told what was published; devices that it does not know any more are forgotten. */
void pushing_watch(struct pushing *p, struct web *web);
/* Stops: before the web and the engine are freed. What is not yet kept is handed to the state. */
void pushing_stop(struct pushing *p);
void pushing_free(struct pushing *p); /* after the sense; before the loop's last turn */

#endif
