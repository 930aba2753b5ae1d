/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SIM_SCENE_H
#define HOMING_SIM_SCENE_H

#include "engine/engine.h"
#include "sim_net.h"
#include "sim_sense.h"
#include "sim_state.h"

/*
 * A stage for single scenes with the real engine: a simulated net, disk and line, servers s0 to s3
 * that give the answer they are told to give, and one interface, eth0.
 */
struct scene {
    bool asks; /* the DNS is asked before writes whose effect nobody knows */
    struct sim_net *net;
    struct sim_state *state;
    struct sim_sense *sense;
    struct engine *engine;
    struct conf *conf;
    unsigned requests;
    unsigned by_server[4];
    msec at[64]; /* mono: of the first requests */
    char last_url[4096];
    uint32_t last_mark;     /* of the uplink it travelled by */
    const char *dead;       /* the interface by which nothing comes back; "all": none; NULL */
    unsigned asked[2];      /* questions to the DNS by eth0, by eth1 */
    const struct addr *dns; /* what name servers say of every name; NULL: they are not asked */
    bool hijacked;          /* by somebody who asks others: without authority */
    unsigned dns_asked;
    char last_body[4096];   /* of the last request that had one */
    const char *answers[4]; /* by server number; NULL: hangs; "500", "413", "429": that status;
                               "no-route", "no-name": it does not leave */
    unsigned most_names;    /* names a request may have, else 413; 0: any */
    bool done;
    enum err removed;
    struct engine_once_result once;
    char *plan; /* JSON of the last plan */
    struct runner runner;
    char hook[256];
    unsigned hooks, changed, gone, verdicts;
};

void scene_prepare(struct scene *s);
void scene_finish(struct scene *s);
/* A new engine over the same disk and line, as after a restart. */
void scene_engine(struct scene *s);
void scene_load(struct scene *s, const char *text); /* a configuration */
/* A line of it: "count" hostnames h<from>... at server sN. */
void scene_names(struct buf *out, unsigned server, unsigned from, unsigned count,
                 const char *settings);
/* Such a line loaded, an address known, the engine started. */
void scene_start(struct scene *s, unsigned server, unsigned count, const char *settings);
void scene_address(struct scene *s, const char *text);
void scene_pass(struct scene *s, msec length);
const char *scene_id(const struct scene *s, size_t n);
unsigned scene_names_in(const char *url);
/* Asserts the verdict's code, and its text unless NULL. */
void scene_verdict(struct scene *s, const char *code, const char *text);
/* Asserts state and reason of the nth hostname. */
void scene_host(struct scene *s, size_t n, const char *state, const char *reason);

#endif
