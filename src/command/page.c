/*
 * SPDX-License-Identifier: ISC
 */
#include "command/page.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

static const char group_name[] = "homing";
enum { HOSTS_MAX = 32, FILES_WANTED = 4096 };

struct page {
    struct model *model;
    struct web *web; /* NULL when it could not be started */
};

/* Slow peers may hold many connections; the usual soft limit of 1024 is for programs that use
 * select(). */
static void want_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* "a, b" into a list ended by NULL; the texts are owned by *copy. */
static void split_hosts(const char *hosts, char **copy, const char **list)
{
    size_t n = 0;
    char *rest = NULL;

    *copy = mem_text(hosts != NULL ? hosts : "");
    for (char *w = strtok_r(*copy, ", ", &rest); w != NULL && n < HOSTS_MAX;
         w = strtok_r(NULL, ", ", &rest))
        list[n++] = w;
    list[n] = NULL;
}

static void serve(struct page *p, const char *where)
{
    struct cause c;

    if (where == NULL || text_equal(where, "no"))
        return;
    if (web_listen(p->web, where, &c) != OK)
        log_error(NULL, "%s The page is not served there.", c.text);
}

/* A certificate and its key (PEM), as two settings name their files. Both NULL: none is wanted.
 * Without its key or the right to read them nothing is served at all rather than in the open. */
struct pair {
    char *cert, *key; /* owned */
};

static void pair_free(struct pair *pair)
{
    mem_free(pair->cert);
    mem_free_secret(pair->key);
}

static bool pair_read(struct pair *pair, const struct view *globals, const char *cert_name,
                      const char *key_name, const char *what)
{
    const char *cert_file = conf_text(globals, cert_name);
    const char *key_file = conf_text(globals, key_name);
    struct cause c = {""};

    *pair = (struct pair){NULL, NULL};
    if (cert_file == NULL && key_file == NULL)
        return true;
    pair->cert = cert_file != NULL ? conf_read_file(cert_file, &c) : NULL;
    pair->key = key_file != NULL ? conf_read_file(key_file, &c) : NULL;
    if (pair->cert != NULL && pair->key != NULL)
        return true;
    if (cert_file == NULL || key_file == NULL)
        log_error(NULL, "%s= and %s= go together. %s", cert_name, key_name, what);
    else
        log_error(NULL, "%s can not be read: %s. %s", pair->cert == NULL ? cert_file : key_file,
                  c.text, what);
    pair_free(pair);
    return false;
}

static bool use_tls(struct page *p, const struct view *globals)
{
    static const char what[] = "The page is not served.";
    struct cause c = {""};
    struct pair pair;

    if (!pair_read(&pair, globals, "listen-cert", "listen-key", what))
        return false;
    bool good = pair.cert == NULL || web_tls(p->web, pair.cert, pair.key, &c) == OK;
    if (!good)
        log_error(NULL, "%s %s", c.text, what);
    pair_free(&pair);
    return good;
}

static void serve_push(struct page *p, const struct view *globals)
{
    static const char what[] = "Devices can not push their addresses.";
    const char *where = conf_text(globals, "listen-push");
    struct cause c = {""};
    struct pair pair;

    if (where == NULL || text_equal(where, "no") ||
        !pair_read(&pair, globals, "push-cert", "push-key", what))
        return;
    if (web_listen_push(p->web, where, pair.cert, pair.key, &c) != OK)
        log_error(NULL, "%s %s", c.text, what);
    else
        log_info(NULL, "Devices may push their addresses to %s%s.", where,
                 pair.cert != NULL ? " (TLS)" : "");
    pair_free(&pair);
}

static void tell_owner(struct page *p)
{
    char url[256];

    if (web_port(p->web) == 0)
        return;
    if (!web_owned(p->web) && isatty(STDERR_FILENO) && web_link(p->web, url, sizeof url)) {
        /* To the terminal alone, never to a log. */
        fprintf(stderr,
                "\n  The page has no owner yet. Open this link (it works once, for 15 minutes):\n"
                "  %s\n\n",
                url);
        mem_wipe(url, sizeof url);
    } else if (!web_owned(p->web)) {
        log_notice(NULL, "The page has no owner yet: \"homing passwd\" gives a link that makes it "
                         "yours.");
    }
}

/* Those that take effect at once. */
static void follow_settings(struct page *p, const struct view *globals)
{
    web_trust(p->web, conf_text(globals, "trusted-proxy"));
    web_below(p->web, conf_text(globals, "page-path"));
    web_measured_by_neighbours(p->web, text_equal(conf_text(globals, "metrics"), "loopback"));
}

struct page *page_new(const struct model_rooms *rooms, struct pushing *pushing, const char *socket,
                      const struct message *said, struct conf *conf)
{
    struct page *p = mem_alloc(sizeof *p);
    struct view globals = conf_globals(conf);
    char *access_file = mem_format("%s/access", rooms->state_folder);
    char *unix_where = mem_format("unix:%s", socket), *hosts;
    const char *list[HOSTS_MAX + 1];
    struct cause c;

    p->model = model_new(rooms);
    model_conf(p->model, said, conf);
    split_hosts(conf_text(&globals, "page-hosts"), &hosts, list);
    want_descriptors();
    const struct web_options options = {.loop = rooms->loop,
                                        .model = model_web(p->model),
                                        .push = pushing_model(pushing),
                                        .access_file = access_file,
                                        .group = group_name,
                                        .hosts = list};
    p->web = web_new(&options, &c);
    if (p->web == NULL) {
        log_error(NULL, "%s The page is not served.", c.text);
    } else {
        follow_settings(p, &globals);
        serve(p, unix_where);
        if (use_tls(p, &globals))
            serve(p, conf_text(&globals, "listen"));
        serve_push(p, &globals);
        pushing_watch(pushing, p->web);
        model_watch(p->model, p->web);
        tell_owner(p);
    }
    mem_free(hosts);
    mem_free(unix_where);
    mem_free(access_file);
    return p;
}

void page_conf(struct page *p, const struct message *said, struct conf *conf)
{
    struct view globals = conf_globals(conf);

    model_conf(p->model, said, conf);
    if (p->web != NULL)
        follow_settings(p, &globals);
}

void page_refused(struct page *p, const char *version)
{
    model_refused(p->model, version);
}

void page_free(struct page *p)
{
    if (p == NULL)
        return;
    model_free(p->model);
    web_free(p->web);
    mem_free(p);
}
