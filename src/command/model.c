/*
 * SPDX-License-Identifier: ISC
 */
#include "command/model.h"

#include "net/curl.h"
#include "web/mhd.h"
#include <sqlite3.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/forms.h"
#include "command/model_inside.h"
#include "engine/report.h"

/* ---- documents ---- */

/* A part's trouble of the last hour is told; what is over since longer is not. */
enum { TOLD_FOR = HOUR };

static void add_part(json_t *parts, const char *id, const char *state, msec since, const char *code,
                     const struct message_values *v)
{
    json_array_append_new(parts, json_pack("{s:s,s:s,s:I,s:o}", "id", id, "state", state, "since",
                                           (json_int_t)since, "message", message_new(code, v)));
}

static void add_keeper(json_t *parts, const struct model *m)
{
    const struct worker_past *past = worker_past(m->rooms.worker);
    const struct message_values v = {.why = past->unwritten_why};
    bool bad = past->unwritten_why[0] != '\0';

    add_part(parts, "keeper", bad ? "needs-you" : "right", bad ? past->unwritten_at : m->started,
             bad ? "part_keeper_bad" : "part_keeper", &v);
}

static void add_worker(json_t *parts, const struct model *m)
{
    const struct worker_past *past = worker_past(m->rooms.worker);
    msec late_at, late = engine_late(m->rooms.engine, &late_at);
    const struct message_values again = {
        .count = (long)past->again, .at = past->again_at, .why = past->again_why};
    const struct message_values behind = {.count = (long)(late / SECOND), .at = late_at};

    if (past->again > 0)
        add_part(parts, "worker", "needs-you", m->started, "part_worker_again", &again);
    else if (late > 0)
        add_part(parts, "worker", "waiting", late_at, "part_worker_late", &behind);
    else
        add_part(parts, "worker", "right", m->started, "part_worker", &again);
}

static void add_page(json_t *parts, const struct model *m)
{
    msec at = 0;
    uint64_t away = m->web != NULL ? web_turned_away(m->web, &at) : 0;
    const struct message_values v = {.count = (long)away, .at = at};
    bool told = away > 0 && clock_now().wall - at < TOLD_FOR;

    add_part(parts, "page", told ? "waiting" : "right", told ? at : m->started,
             told ? "part_page_full" : "part_page", &v);
}

static json_t *parts(const struct model *m)
{
    json_t *list = json_array(), *engine = report_parts(m->rooms.engine);

    add_keeper(list, m);
    add_worker(list, m);
    json_array_extend(list, engine);
    add_page(list, m);
    json_decref(engine);
    return list;
}

static json_t *about(struct model *m)
{
    json_t *libraries =
        json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "name", "libuv", "version",
                  uv_version_string(), "name", "libcurl", "version",
                  curl_version_info(CURLVERSION_NOW)->version, "name", "libmicrohttpd", "version",
                  MHD_get_version(), "name", "SQLite", "version", sqlite3_libversion(), "name",
                  "jansson", "version", jansson_version_str());
    size_t providers = 0;

    for (const char *id = registry_next_provider(m->rooms.registry, NULL); id != NULL;
         id = registry_next_provider(m->rooms.registry, id))
        providers++;
    return json_pack("{s:s,s:I,s:s,s:s,s:I,s:o,s:o}", "version", HOMING_VERSION, "started",
                     (json_int_t)m->started, "config", m->said.path, "state", m->rooms.state_folder,
                     "providers", (json_int_t)providers, "parts", parts(m), "libraries", libraries);
}

static json_t *hostnames(struct model *m, const struct web_query *q)
{
    const struct report_query query = {q->search, q->state, q->sort, q->offset, q->limit};
    return report_hostnames(m->rooms.engine, &query);
}

static json_t *addresses(struct model *m, const struct web_query *q)
{
    json_t *doc = report_addresses(m->rooms.engine, q->from, q->to, (size_t)q->offset);

    json_object_set_new(doc, "candidates", forms_candidates(m->rooms.sense));
    return doc;
}

static json_t *document(struct web_model *web_model, enum web_document what, const char *id,
                        const struct web_query *q)
{
    struct model *m = (struct model *)web_model;
    struct engine *e = m->rooms.engine;

    switch (what) {
    case WEB_VERDICT:
        return report_verdict(e);
    case WEB_HOSTNAMES:
        return hostnames(m, q);
    case WEB_HOSTNAME:
        return report_entry(e, id, m->said.version);
    case WEB_WHY:
        return report_why(e, id);
    case WEB_ADDRESSES:
        return addresses(m, q);
    case WEB_SOURCES:
        return forms_sources(m->conf, m->rooms.sense, m->rooms.pushed);
    case WEB_PROVIDERS:
        return forms_providers(m->rooms.registry);
    case WEB_PROTOCOLS:
        return forms_protocols(m->rooms.registry);
    case WEB_SETTINGS:
        return forms_settings(m->conf, m->said.path, m->said.version);
    case WEB_ABOUT:
        return about(m);
    case WEB_EXCHANGE:
        return report_exchange(e, id);
    case WEB_NOTIFY:
        return post_report(m->rooms.post);
    }
    return NULL;
}

/* ---- wishes ---- */

static void answer(web_answer_fn *fn, void *arg, enum err e, const struct cause *c)
{
    struct web_answer a = {.error = e, .text = c->text};
    fn(arg, &a);
}

static void update(struct model *m, const json_t *body, const struct web_edit *who,
                   web_answer_fn *fn, void *arg)
{
    const char *id = json_string_value(json_object_get(body, "id"));
    bool force = json_is_true(json_object_get(body, "force"));
    struct cause c = {""};

    log_notice(id, "%s asks for an update%s.", who->who, force ? ", whatever holds it back" : "");
    answer(fn, arg, engine_update(m->rooms.engine, id, force, &c), &c);
}

/* The record at the provider first, then the hostname: what could not be removed stays known. */
struct removing {
    struct model *m;
    char *id, *version, *who; /* owned */
    char *name;               /* owned: what the hostname is called then; NULL: it goes */
    web_answer_fn *fn;
    void *arg;
};

static void removing_free(struct removing *r)
{
    mem_free(r->id);
    mem_free(r->version);
    mem_free(r->who);
    mem_free(r->name);
    mem_free(r);
}

static void on_removed(void *arg, enum err result, const char *say)
{
    struct removing *r = arg;
    const struct web_edit who = {.version = r->version, .who = r->who};
    struct cause c;

    if (result == OK && r->name != NULL)
        model_rename(r->m, r->id, r->name, &who, r->fn, r->arg);
    else if (result == OK)
        model_plain_edit(r->m, WEB_REMOVE, r->id, &who, r->fn, r->arg);
    else
        answer(r->fn, r->arg,
               cause_set(&c, result, "The record was not removed at the provider: %s.", say), &c);
    removing_free(r);
}

static void remove_record(struct model *m, const char *id, const char *name,
                          const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    struct removing *r = mem_alloc(sizeof *r);
    struct cause c;

    *r = (struct removing){.m = m,
                           .id = mem_text(id),
                           .version = mem_text(who->version),
                           .who = mem_text(who->who),
                           .name = mem_text(name),
                           .fn = fn,
                           .arg = arg};
    log_notice(id, "%s asks to remove the record at the provider, too.", who->who);
    enum err e = engine_remove(m->rooms.engine, id, on_removed, r, &c);
    if (e == OK)
        return;
    answer(fn, arg, e, &c);
    removing_free(r);
}

/* The other name is tried first: after the record is gone it would be too late to refuse it. */
static void rename_hostname(struct model *m, const char *id, const json_t *body,
                            const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    const char *name = json_string_value(json_object_get(body, "hostname"));
    struct cause c = {""};
    enum err e = OK;

    if (name == NULL)
        e = cause_set(&c, ERR_SYNTAX, "The body needs a \"hostname\".");
    else if (!json_is_true(json_object_get(body, "record")))
        model_rename(m, id, name, who, fn, arg);
    else if ((e = model_try_rename(m, id, name, &c)) == OK)
        remove_record(m, id, name, who, fn, arg);
    if (e != OK) {
        struct web_answer a = {.error = e, .text = c.text, .field = "hostname"};
        fn(arg, &a);
    }
}

/* A test of a notify object; what the service answers is the answer. */
struct telling {
    web_answer_fn *fn;
    void *arg;
};

static void on_told(void *arg, enum err result, const char *text)
{
    struct telling *t = arg;
    json_t *doc = json_pack("{s:b,s:o}", "good", result == OK, "text", message_text(text));
    struct web_answer a = {.error = OK, .doc = doc};

    t->fn(t->arg, &a);
    json_decref(doc);
    mem_free(t);
}

static void tell(struct model *m, const char *name, const struct web_edit *who, web_answer_fn *fn,
                 void *arg)
{
    struct telling *t = mem_alloc(sizeof *t);
    struct cause c;

    *t = (struct telling){fn, arg};
    log_notice(NULL, "%s asks for a test of %s.", who->who, name);
    enum err e = post_test(m->rooms.post, name, on_told, t, &c);
    if (e != OK) {
        mem_free(t);
        answer(fn, arg, e, &c);
    }
}

static void act(struct web_model *web_model, enum web_action what, const char *id,
                const json_t *body, const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    struct model *m = (struct model *)web_model;
    struct cause c = {""};

    switch (what) {
    case WEB_UPDATE:
        update(m, body, who, fn, arg);
        break;
    case WEB_RESUME:
        log_notice(id, "%s says that it is cleared at the provider.", who->who);
        answer(fn, arg, engine_resume(m->rooms.engine, id, &c), &c);
        break;
    case WEB_PLAN:
        model_plan(m, body, fn, arg);
        break;
    case WEB_LOOKUP:
        model_lookup(m, id, fn, arg);
        break;
    case WEB_IMPORT:
        model_import(m, body, who, fn, arg);
        break;
    case WEB_CREATE:
        model_create(m, body, who, fn, arg);
        break;
    case WEB_CHANGE:
        model_change(m, id, body, who, fn, arg);
        break;
    case WEB_REMOVE:
        if (json_is_true(json_object_get(body, "record")))
            remove_record(m, id, NULL, who, fn, arg);
        else
            model_plain_edit(m, what, id, who, fn, arg);
        break;
    case WEB_ENABLE:
    case WEB_DISABLE:
        model_plain_edit(m, what, id, who, fn, arg);
        break;
    case WEB_RENAME:
        rename_hostname(m, id, body, who, fn, arg);
        break;
    case WEB_UNDO:
        model_undo(m, who, fn, arg);
        break;
    case WEB_RELOAD:
        model_reload(m, fn, arg);
        break;
    case WEB_SET:
        model_set(m, body, who, fn, arg);
        break;
    case WEB_MANY:
        model_many(m, body, who, fn, arg);
        break;
    case WEB_TELL:
        tell(m, id, who, fn, arg);
        break;
    }
}

/* ---- what changes ---- */

static void on_entry(void *arg, const char *entry)
{
    struct model *m = arg;

    if (!web_watched(m->web, WEB_TOPIC_STATE))
        return;
    json_t *doc = report_hostname(m->rooms.engine, entry);
    if (doc != NULL)
        web_tell(m->web, WEB_TOPIC_STATE, "hostname", doc);
}

/* A page would lose most of so many events anyway: it fetches what it shows. */
static void on_many(void *arg)
{
    struct model *m = arg;

    if (web_watched(m->web, WEB_TOPIC_STATE))
        web_tell(m->web, WEB_TOPIC_STATE, "reset", json_object());
}

static void on_gone(void *arg, const char *entry)
{
    struct model *m = arg;
    web_tell(m->web, WEB_TOPIC_STATE, "gone", json_pack("{s:s}", "id", entry));
}

static void tell_verdict(void *arg)
{
    struct model *m = arg;

    if (web_watched(m->web, WEB_TOPIC_STATE))
        web_tell(m->web, WEB_TOPIC_STATE, "verdict", report_verdict(m->rooms.engine));
    m->verdict_at = net_now(engine_net(m->rooms.engine)).mono;
}

/* The verdict looks at every hostname. A fleet's is told at most once in 10 microseconds for each:
 * one of a thousand at once, as far as anybody sees, one of a hundred thousand once a second. */
static void on_verdict(void *arg)
{
    struct model *m = arg;
    struct net *net = engine_net(m->rooms.engine);
    msec again = m->verdict_at + (msec)(conf_entry_count(m->conf) / 100);

    if (net_now(net).mono >= again)
        tell_verdict(m);
    else
        net->ops->timer_set(m->verdict, again);
}

static void on_source(void *arg, const char *source)
{
    struct model *m = arg;

    if (web_watched(m->web, WEB_TOPIC_STATE))
        web_tell(m->web, WEB_TOPIC_STATE, "source", json_pack("{s:s}", "name", source));
}

/* ---- life ---- */

static const struct web_model_ops ops = {document, act, model_measure};

struct model *model_new(const struct model_rooms *rooms)
{
    struct model *m = mem_alloc(sizeof *m);

    m->web_model.ops = &ops;
    m->rooms = *rooms;
    m->started = clock_now().wall;
    return m;
}

struct web_model *model_web(struct model *m)
{
    return &m->web_model;
}

static void said_free(struct said *s)
{
    for (size_t i = 0; i < s->given.count; i++)
        mem_free_secret((char *)(uintptr_t)s->given.items[i]);
    mem_free(s->given.items);
    mem_free(s->path);
    mem_free(s->version);
    *s = (struct said){0};
}

void model_conf(struct model *m, const struct message *said, struct conf *conf)
{
    const struct message_texts *given = &said->of.conf.given;
    struct conf *former = m->conf;

    said_free(&m->said);
    m->said.path = mem_text(said->of.conf.path);
    m->said.version = mem_text(said->of.conf.version);
    m->said.given.items = mem_array(given->count + 1, sizeof *m->said.given.items);
    m->said.given.count = given->count;
    for (size_t i = 0; i < given->count; i++)
        m->said.given.items[i] = mem_text(given->items[i]);
    m->conf = conf_ref(conf);
    if (former != NULL)
        conf_unref(former);
    pending_conf(m, m->said.version);
}

void model_watch(struct model *m, struct web *web)
{
    const struct engine_observer observer = {.arg = m,
                                             .entry_changed = on_entry,
                                             .many_changed = on_many,
                                             .entry_gone = on_gone,
                                             .verdict_changed = on_verdict,
                                             .source_changed = on_source};

    struct net *net = engine_net(m->rooms.engine);

    m->web = web;
    m->verdict = net->ops->timer_new(net, tell_verdict, m);
    m->observer = engine_observe(m->rooms.engine, &observer);
}

void model_free(struct model *m)
{
    if (m == NULL)
        return;
    if (m->web != NULL) {
        engine_unobserve(m->rooms.engine, m->observer);
        engine_net(m->rooms.engine)->ops->timer_free(m->verdict);
    }
    pending_end_all(m);
    lookups_end_all(m);
    said_free(&m->said);
    if (m->conf != NULL)
        conf_unref(m->conf);
    mem_free(m);
}
