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

/* With a certificate the page speaks TLS; without its key or the right to read them it is not
 * served at all rather than in the open. */
static bool use_tls(struct page *p, const struct view *globals)
{
    const char *cert_file = conf_text(globals, "listen-cert");
    const char *key_file = conf_text(globals, "listen-key");
    struct cause c = {""};
    bool good = false;

    if (cert_file == NULL && key_file == NULL)
        return true;
    char *cert = cert_file != NULL ? conf_read_file(cert_file, &c) : NULL;
    char *key = key_file != NULL ? conf_read_file(key_file, &c) : NULL;
    if (cert_file == NULL || key_file == NULL)
        log_error(NULL, "listen-cert= and listen-key= go together. The page is not served.");
    else if (cert == NULL || key == NULL)
        log_error(NULL, "%s can not be read: %s. The page is not served.",
                  cert == NULL ? cert_file : key_file, c.text);
    else if (web_tls(p->web, cert, key, &c) != OK)
        log_error(NULL, "%s The page is not served.", c.text);
    else
        good = true;
    mem_free(cert);
    mem_free_secret(key);
    return good;
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
    web_measured_by_neighbours(p->web, text_equal(conf_text(globals, "metrics"), "loopback"));
}

struct page *page_new(const struct model_rooms *rooms, const char *socket,
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
