/*
 * SPDX-License-Identifier: ISC
 */
#include "command/offline.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/forms.h"
#include "command/world.h"
#include "engine/post.h"
#include "engine/report.h"

/* A target taken apart: "/hostnames/ID/why?search=x&limit=3". */
struct target {
    char *path;           /* owned; the ID's escapes are undone in "id" */
    char *id;             /* owned; NULL without one */
    const char *after;    /* what follows the ID: "/why", "" */
    char *search, *state; /* owned */
    long offset, limit;
};

static int hex(char c)
{
    if (text_is_digit(c))
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *unescape(const char *s, size_t n)
{
    char *out = mem_alloc(n + 1);
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%' && i + 2 < n && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
            out[k++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        } else {
            out[k++] = s[i];
        }
    }
    return out;
}

static void read_query(struct target *t, const char *query)
{
    while (*query != '\0') {
        size_t n = strcspn(query, "&"), name = strcspn(query, "=&");
        if (name < n) {
            char *value = unescape(query + name + 1, n - name - 1);
            if (name == 6 && memcmp(query, "search", 6) == 0 && value[0] != '\0') {
                mem_free(t->search);
                t->search = mem_text(value);
            } else if (name == 5 && memcmp(query, "state", 5) == 0 && value[0] != '\0') {
                mem_free(t->state);
                t->state = mem_text(value);
            } else if (name == 6 && memcmp(query, "offset", 6) == 0) {
                t->offset = strtol(value, NULL, 10);
            } else if (name == 5 && memcmp(query, "limit", 5) == 0) {
                t->limit = strtol(value, NULL, 10);
            }
            mem_free(value);
        }
        query += n + (query[n] == '&');
    }
}

static void read_target(struct target *t, const char *target)
{
    static const char hostnames[] = "/hostnames/";
    size_t n = strcspn(target, "?");

    *t = (struct target){.path = mem_text_n(target, n), .after = ""};
    if (target[n] == '?')
        read_query(t, target + n + 1);
    if (text_starts(t->path, hostnames)) {
        const char *id = t->path + sizeof hostnames - 1;
        size_t length = strcspn(id, "/");
        t->id = unescape(id, length);
        t->after = id + length;
    }
}

static void target_free(struct target *t)
{
    mem_free(t->path);
    mem_free(t->id);
    mem_free(t->search);
    mem_free(t->state);
}

static bool entry_waits(struct world *w, const struct conf_entry *e)
{
    struct view view = conf_entry_view(e);
    bool waits = false;

    for (int f = 0; f < FAMILIES; f++) {
        const char *why;
        struct source *s = w->sense->ops->use(w->sense, &view, (enum family)f, &why);
        if (s == NULL)
            continue;
        const struct sensed *v = w->sense->ops->value(s, (enum family)f);
        waits = waits || (v->state == SENSED_UNKNOWN && v->asked == 0);
        w->sense->ops->release(w->sense, s);
    }
    return waits;
}

static bool anybody_waits(struct world *w)
{
    for (size_t i = 0; i < conf_entry_count(w->loaded.conf); i++) {
        const struct conf_entry *e = conf_entry_at(w->loaded.conf, i);
        if (!conf_entry_parked(e) && conf_entry_enabled(e) && entry_waits(w, e))
            return true;
    }
    return false;
}

static void on_look(void *arg)
{
    uv_stop(arg);
}

/* Until every source has answered, or the time is over. */
static void ask_sources(struct world *w)
{
    msec end = net_now(w->net).mono + 15 * SECOND;
    struct net_timer *timer = w->net->ops->timer_new(w->net, on_look, &w->loop);

    engine_switch(w->engine, false); /* look, and send nothing */
    engine_start(w->engine);
    sense_survey(w->sense);
    while ((anybody_waits(w) || sense_survey_waits(w->sense)) && net_now(w->net).mono < end &&
           !w->interrupted) {
        w->net->ops->timer_set(timer, net_now(w->net).mono + 50);
        uv_run(&w->loop, UV_RUN_DEFAULT);
    }
    w->net->ops->timer_free(timer);
}

static json_t *addresses(struct world *w)
{
    json_t *doc = report_addresses(w->engine, 0, 0, 0);

    json_object_set_new(doc, "candidates", forms_candidates(w->sense));
    return doc;
}

static json_t *make(struct world *w, const struct target *t)
{
    struct report_query query = {
        .search = t->search, .state = t->state, .offset = t->offset, .limit = t->limit};

    if (text_equal(t->path, "/verdict"))
        return report_verdict(w->engine);
    if (text_equal(t->path, "/hostnames"))
        return report_hostnames(w->engine, &query);
    if (text_equal(t->path, "/addresses"))
        return addresses(w);
    if (text_equal(t->path, "/notify")) {
        struct post *post = post_new(&(struct post_seams){.engine = w->engine});
        json_t *doc = post_report(post);
        post_free(post);
        return doc;
    }
    if (text_equal(t->path, "/sources"))
        return forms_sources(w->loaded.conf, w->sense, w->pushed);
    if (t->id != NULL && text_equal(t->after, "/why"))
        return report_why(w->engine, t->id);
    return t->id != NULL ? report_entry(w->engine, t->id, "") : NULL;
}

enum err offline_document(const struct places *places, const char *target, json_t **doc,
                          struct cause *cause)
{
    struct target t;
    struct world w;

    read_target(&t, target);
    bool asks = text_equal(t.path, "/addresses") || text_equal(t.path, "/sources");
    enum err e = world_read(&w, places, !asks, cause);
    if (e == OK) {
        if (asks)
            ask_sources(&w);
        *doc = make(&w, &t);
        if (*doc == NULL)
            e = cause_set(cause, ERR_NOT_FOUND, "there is no such thing without a service");
        world_close(&w);
    }
    target_free(&t);
    return e;
}
