/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_WEB_H
#define HOMING_WEB_WEB_H

#include <jansson.h>
#include <uv.h>

#include "base/error.h"
#include "web/model.h"
#include "web/push.h"

/*
 * The page and the API as one thing: server, routes, events, log, access. It shows a model and
 * passes wishes on to it; it never decides anything about a record and never writes the
 * configuration.
 */
struct web;

struct web_options {
    uv_loop_t *loop;
    struct web_model *model;
    struct push_model *push;  /* what devices tell; NULL: none can */
    const char *access_file;  /* accounts and tokens; NULL: no accounts, reading only */
    const char *group;        /* of the unix socket; NULL for none */
    const char *const *hosts; /* names the page may be called by, besides localhost and addresses;
                                 ended by NULL; may be NULL */
};

struct web *web_new(const struct web_options *options, struct cause *c);
/* See http_server_tls(): for what is listened on afterwards. */
enum err web_tls(struct web *w, const char *cert, const char *key, struct cause *c);
/* See http_server_listen(). */
enum err web_listen(struct web *w, const char *where, struct cause *c);
unsigned web_port(const struct web *w);
/* The socket for pushes; cert and key NULL: plain HTTP. Once. */
enum err web_listen_push(struct web *w, const char *where, const char *cert, const char *key,
                         struct cause *c);
struct push *web_push(const struct web *w); /* NULL: it is off */
bool web_has_device(const struct web *w, const char *name);
/* trusted-proxy=, see access_trust(); tells in the log what is no address. */
void web_trust(struct web *w, const char *proxies);
/* page-path=: addresses may begin with it, and mean the same as without it. */
void web_below(struct web *w, const char *path);
/* metrics=loopback: programs of this machine may read the measurements without a token. */
void web_measured_by_neighbours(struct web *w, bool yes);
/* See http_server_turned_away(). */
uint64_t web_turned_away(const struct web *w, msec *at);
bool web_owned(const struct web *w); /* has the page an owner? */
/* For a start on a terminal: when nobody owns the page yet, a link that makes it theirs (valid
 * once, 15 minutes). False when it has an owner or no accounts. Never for a log. */
bool web_link(struct web *w, char *url, size_t room);
void web_free(struct web *w); /* before the loop's last turn */

/* Something changed that open pages show. "data" is taken over. */
enum web_topic { WEB_TOPIC_STATE, WEB_TOPIC_LOG };
void web_tell(struct web *w, enum web_topic topic, const char *event, json_t *data);
/* Is anybody listening? Spares the making of documents. */
bool web_watched(const struct web *w, enum web_topic topic);

#endif
