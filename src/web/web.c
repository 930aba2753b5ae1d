/*
 * SPDX-License-Identifier: ISC
 */
#include "web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "web/request.h"
#include "web/routes.h"

static bool log_wanted(void *arg)
{
    struct web *w = arg;
    return events_watched(w->events, WEB_TOPIC_LOG);
}

static void tell(struct web *w, enum web_topic topic, const char *event, const json_t *data)
{
    char *text = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text != NULL)
        events_tell(w->events, topic, event, text);
    free(text);
}

static void on_log_line(void *arg, const json_t *doc)
{
    tell(arg, WEB_TOPIC_LOG, "log", doc);
}

static char **copy_list(const char *const *list)
{
    size_t n = 0;

    while (list != NULL && list[n] != NULL)
        n++;
    char **copy = mem_array(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = mem_text(list[i]);
    return copy;
}

struct web *web_new(const struct web_options *o, struct cause *c)
{
    struct web *w = mem_alloc(sizeof *w);
    struct logring_watch watch = {log_wanted, on_log_line, w};

    w->loop = o->loop;
    w->model = o->model;
    w->push_model = o->push;
    w->hosts = copy_list(o->hosts);
    w->events = events_new(o->loop);
    w->log = logring_new(&watch);
    if (o->access_file != NULL && (w->access = access_new(o->loop, o->access_file, c)) == NULL) {
        web_free(w);
        return NULL;
    }
    w->server = http_server_new(o->loop, &http_limits_page, routes_handle, w, c);
    if (w->server == NULL) {
        web_free(w);
        return NULL;
    }
    http_server_group(w->server, o->group);
    return w;
}

void web_trust(struct web *w, const char *proxies)
{
    char bad[80];

    if (w->access != NULL && !access_trust(w->access, proxies, bad, sizeof bad))
        log_warning(NULL, "trusted-proxy= names addresses; \"%s\" is none and is not trusted.",
                    bad);
}

void web_below(struct web *w, const char *path)
{
    size_t n = path != NULL ? strlen(path) : 0;

    while (n > 0 && path[n - 1] == '/')
        n--;
    mem_free(w->below);
    w->below = n == 0           ? NULL
               : path[0] == '/' ? mem_text_n(path, n)
                                : mem_format("/%.*s", (int)n, path);
}

void web_measured_by_neighbours(struct web *w, bool yes)
{
    w->neighbours_measure = yes;
}

enum err web_tls(struct web *w, const char *cert, const char *key, struct cause *c)
{
    return http_server_tls(w->server, cert, key, c);
}

enum err web_listen(struct web *w, const char *where, struct cause *c)
{
    enum err e = http_server_listen(w->server, where, c);

    if (e != OK && strncmp(where, "unix:", 5) != 0) {
        mem_free(w->unserved);
        w->unserved = mem_text(c->text);
    }
    return e;
}

enum err web_listen_push(struct web *w, const char *where, const char *cert, const char *key,
                         struct cause *c)
{
    const struct push_options options = {.loop = w->loop,
                                         .access = w->access,
                                         .model = w->push_model,
                                         .where = where,
                                         .cert = cert,
                                         .key = key};

    if (w->access == NULL || w->push_model == NULL)
        return cause_set(c, ERR_UNSUPPORTED, "There are no devices here.");
    w->push = push_new(&options, c);
    w->push_tls = cert != NULL;
    return w->push != NULL ? OK : ERR_IO;
}

struct push *web_push(const struct web *w)
{
    return w->push;
}

bool web_has_device(const struct web *w, const char *name)
{
    return w->access != NULL && access_device(w->access, name) != NULL;
}

unsigned web_port(const struct web *w)
{
    return http_server_port(w->server);
}

uint64_t web_turned_away(const struct web *w, msec *at)
{
    return http_server_turned_away(w->server, at);
}

bool web_owned(const struct web *w)
{
    return w->access != NULL && access_owned(w->access);
}

bool web_link(struct web *w, char *url, size_t room)
{
    char link[ACCESS_SECRET_MAX], base[80];

    if (w->access == NULL || access_owned(w->access) || !http_server_url(w->server, base))
        return false;
    access_link(w->access, link);
    snprintf(url, room, "%s#claim=%s", base, link);
    mem_wipe(link, sizeof link);
    return true;
}

void web_free(struct web *w)
{
    if (w == NULL)
        return;
    events_free(w->events);
    push_free(w->push);
    http_server_free(w->server);
    logring_free(w->log);
    access_free(w->access);
    for (char **h = w->hosts; *h != NULL; h++)
        mem_free(*h);
    mem_free(w->hosts);
    mem_free(w->unserved);
    mem_free(w->below);
    mem_free(w);
}

void web_tell(struct web *w, enum web_topic topic, const char *event, json_t *data)
{
    tell(w, topic, event, data);
    json_decref(data);
}

bool web_watched(const struct web *w, enum web_topic topic)
{
    return events_watched(w->events, topic);
}
