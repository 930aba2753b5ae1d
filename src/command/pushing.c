/*
 * SPDX-License-Identifier: ISC
 */
#include "command/pushing.h"
#include "engine/messages.h"

#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "sense/real.h"
#include "web/web.h"

#define KEEP_AFTER   ((msec)10 * MINUTE) /* how old "told" may be in the memory */
#define STATE_PREFIX "pushed:"           /* before a device's name: no account is called so */
enum { RETRY_AFTER = 30 * SECOND };      /* the memory could not be written */

/* One record that takes its address, or the prefix of it, from a device. */
struct user {
    char *entry, *hostname, *written; /* owned; written: as the file has it, perhaps in Unicode */
    enum family family;
    bool prefix;
};

struct users {
    struct user *items; /* owned */
    size_t count, room;
    bool any_kind; /* one of them publishes private addresses */
};

struct pushing {
    struct push_model model; /* first */
    struct state *state;
    struct pushed *table;
    struct engine *engine;
    struct sense *sense;
    struct web *web;
    unsigned observer;
    struct map *users;  /* struct users by device */
    bool any_kind;      /* allow-private= of all hostnames */
    struct map *dirty;  /* devices whose values the memory does not have; no values */
    struct map *flying; /* those whose values are on their way to it; likewise */
    uv_timer_t commit;
    bool committing, freeing;
    bool failed; /* the last commit; the next is later */
};

static struct pushing *of(struct push_model *m)
{
    return (struct pushing *)m;
}

/* ---- the memory ---- */

static void on_memory(void *arg, const char *account, const struct memory_item *item)
{
    if (text_starts(account, STATE_PREFIX))
        pushed_restore(arg, account + strlen(STATE_PREFIX), item->key, item->value);
}

enum err pushing_read(struct pushed *table, struct state *state, struct cause *c)
{
    const struct state_visitor visitor = {.arg = table, .memory = on_memory};
    return state->ops->load(state, &visitor, c);
}

static void add_device(const struct pushing *p, struct state_batch *batch, const char *device)
{
    struct memory *memory = memory_new();
    char *account = mem_format("%s%s", STATE_PREFIX, device), text[PUSHED_TEXT_MAX];

    for (enum pushed_what what = PUSHED_V4; what < PUSHED_WHATS; what++) {
        const struct pushed_value *v = pushed_get(p->table, device, what);
        if (v->known)
            memory_put(memory, pushed_what_name(what), pushed_text(v, text), NEVER, false);
    }
    state_batch_memory(batch, account, memory);
    memory_free(memory);
    mem_free(account);
}

static void on_committed(void *arg, enum err result, const char *why);

static void on_commit(uv_timer_t *timer)
{
    struct pushing *p = timer->data;
    struct state_batch *batch = state_batch_new();
    const char *device;
    size_t at = 0;

    if (p->committing || map_count(p->dirty) == 0) {
        state_batch_free(batch);
        return;
    }
    while (map_next(p->dirty, &at, &device, NULL)) {
        add_device(p, batch, device);
        pushed_kept(p->table, device);
    }
    map_free(p->flying, NULL);
    p->flying = p->dirty;
    p->dirty = map_new();
    p->committing = true;
    p->failed = false;
    p->state->ops->commit(p->state, batch, on_committed, p);
}

static void keep(struct pushing *p, const char *device)
{
    map_set(p->dirty, device, p);
    p->failed = false;
    if (!p->committing)
        uv_timer_start(&p->commit, on_commit, 0, 0); /* all of this turn together */
}

static enum push_kept kept(struct push_model *m, const char *device)
{
    const struct pushing *p = of(m);

    if (map_get(p->dirty, device) == NULL && map_get(p->flying, device) == NULL)
        return PUSH_KEPT;
    return p->failed ? PUSH_NOT_KEPT : PUSH_KEEPING;
}

/* Answers to devices may wait for it. */
static void tell_web(struct pushing *p)
{
    if (p->web != NULL && web_push(p->web) != NULL)
        push_published(web_push(p->web));
}

static void on_committed(void *arg, enum err result, const char *why)
{
    struct pushing *p = arg;
    const char *device;
    size_t at = 0;

    p->committing = false;
    if (p->freeing)
        return;
    map_free(p->flying, NULL);
    p->flying = map_new();
    p->failed = result != OK;
    if (result != OK) {
        log_warning(NULL, "What devices told could not be remembered: %s.", why);
        while ((device = pushed_next(p->table, &at)) != NULL)
            map_set(p->dirty, device, p);
    }
    if (map_count(p->dirty) > 0)
        uv_timer_start(&p->commit, on_commit, result == OK ? 0 : RETRY_AFTER, 0);
    tell_web(p);
}

/* ---- who uses it ---- */

static void users_free(void *value)
{
    struct users *u = value;

    for (size_t i = 0; i < u->count; i++) {
        mem_free(u->items[i].entry);
        mem_free(u->items[i].hostname);
        mem_free(u->items[i].written);
    }
    mem_free(u->items);
    mem_free(u);
}

static void on_source(void *arg, const struct conf_entry *entry, enum family family,
                      const struct source *source)
{
    struct pushing *p = arg;
    bool prefix = false;
    const char *device = sense_pushed_by(source, &prefix);
    struct view v = conf_entry_view(entry);

    if (device == NULL)
        return;
    struct users *u = map_get(p->users, device);
    if (u == NULL) {
        u = mem_alloc(sizeof *u);
        map_set(p->users, device, u);
    }
    if (u->count == u->room) {
        u->room = u->room == 0 ? 4 : u->room * 2;
        u->items = mem_resize(u->items, u->room, sizeof *u->items);
    }
    u->items[u->count++] =
        (struct user){mem_text(conf_entry_id(entry)), mem_text(conf_entry_hostname(entry)),
                      mem_text(conf_entry_written(entry)), family, prefix};
    u->any_kind = u->any_kind || conf_bool(&v, "allow-private");
}

static bool is_of(const struct user *u, const char *hostname)
{
    return hostname == NULL || text_case_equal(u->hostname, hostname) ||
           text_case_equal(u->written, hostname);
}

static bool keeps(struct push_model *m, const char *device, const char *hostname)
{
    const struct users *u = map_get(of(m)->users, device);

    for (size_t i = 0; u != NULL && i < u->count; i++)
        if (is_of(&u->items[i], hostname))
            return true;
    return false;
}

static bool published(struct push_model *m, const char *device, const char *hostname,
                      const struct push_value values[PUSH_WHATS])
{
    const struct pushing *p = of(m);
    const struct users *u = map_get(p->users, device);

    for (size_t i = 0; u != NULL && i < u->count; i++) {
        const struct user *user = &u->items[i];
        if (!is_of(user, hostname) || user->prefix || !values[user->family].given)
            continue;
        const struct pushed_value *now =
            pushed_get(p->table, device, (enum pushed_what)user->family);
        if (!now->known || !addr_equal(&now->addr, &values[user->family].addr))
            continue;
        const struct addrset *set = engine_published(p->engine, user->entry, user->family);
        if (set == NULL || !addrset_has(set, &values[user->family].addr))
            return false;
    }
    return true;
}

/* ---- what is told ---- */

/* Private addresses are for those who publish them; others are nobody's address from outside. */
static bool can_be(const struct pushing *p, const char *device, const struct addr *a)
{
    const struct users *u = map_get(p->users, device);
    enum addr_kind kind = addr_kind(a);
    bool local = kind == ADDR_PRIVATE || kind == ADDR_ULA || kind == ADDR_CGNAT;

    return kind == ADDR_PUBLIC || (local && u != NULL && u->any_kind);
}

static bool take_one(struct pushing *p, const char *device, enum pushed_what what,
                     struct push_value *v)
{
    msec wall = clock_now().wall;
    char text[PUSHED_ADDRESS_MAX];

    if (!can_be(p, device, &v->addr)) {
        const struct pushed_value *had = pushed_get(p->table, device, what);
        if (!had->refused || !addr_equal(&had->refused_addr, &v->addr))
            log_warning(NULL, "%s tells %s, which is %s: it was not taken.", device,
                        addr_text(&v->addr, text), addr_kind_name(addr_kind(&v->addr)));
        pushed_refuse(p->table, device, what, &v->addr, wall);
        v->given = false;
        return false;
    }
    if (!pushed_set(p->table, device, what, &v->addr, v->length, wall))
        return false;
    log_notice(NULL, "%s tells %s.", device,
               pushed_address(pushed_get(p->table, device, what), text));
    return true;
}

static bool take(struct push_model *m, const char *device, struct push_value values[PUSH_WHATS])
{
    _Static_assert((int)PUSH_WHATS == (int)PUSHED_WHATS && (int)PUSH_PREFIX == (int)PUSHED_PREFIX,
                   "one order of what can be told");
    struct pushing *p = of(m);
    bool changed = false, any = false;

    for (int i = 0; i < PUSH_WHATS; i++) {
        any = any || values[i].given;
        if (values[i].given)
            changed = take_one(p, device, (enum pushed_what)i, &values[i]) || changed;
    }
    if (any)
        sense_push(p->sense, device);
    if (changed || pushed_to_keep(p->table, device, KEEP_AFTER))
        keep(p, device);
    return changed;
}

static void removed(struct push_model *m, const char *device)
{
    struct pushing *p = of(m);

    pushed_forget(p->table, device);
    sense_push(p->sense, device);
    keep(p, device);
}

/* ---- showing it ---- */

static json_t *value_doc(const struct pushed_value *v, enum pushed_what what)
{
    char text[PUSHED_ADDRESS_MAX], refused[ADDR_TEXT_MAX];

    if (!v->known && !v->refused)
        return NULL;
    return json_pack(
        "{s:s,s:o,s:o,s:o,s:o}", "what", pushed_what_name(what), "address",
        v->known ? json_string(pushed_address(v, text)) : json_null(), "since",
        v->known ? json_integer(v->since) : json_null(), "told",
        v->known ? json_integer(v->told) : json_null(), "refused",
        v->refused ? json_pack("{s:s,s:s,s:o,s:I}", "address", addr_text(&v->refused_addr, refused),
                               "kind", addr_kind_name(addr_kind(&v->refused_addr)), "code",
                               message_phrase_doc(addr_kind_name(addr_kind(&v->refused_addr))),
                               "at", (json_int_t)v->refused_at)
                   : json_null());
}

static json_t *describe(struct push_model *m, const char *device)
{
    const struct pushing *p = of(m);
    const struct users *u = map_get(p->users, device);
    json_t *addresses = json_array(), *names = json_object(), *hostnames = json_array();
    const char *name;
    json_t *none;

    for (enum pushed_what what = PUSHED_V4; what < PUSHED_WHATS; what++) {
        json_t *doc = value_doc(pushed_get(p->table, device, what), what);
        if (doc != NULL)
            json_array_append_new(addresses, doc);
    }
    for (size_t i = 0; u != NULL && i < u->count; i++)
        json_object_set_new(names, u->items[i].written, json_null());
    json_object_foreach(names, name, none) json_array_append_new(hostnames, json_string(name));
    json_decref(names);
    return json_pack("{s:o,s:o}", "addresses", addresses, "hostnames", hostnames);
}

static const struct push_model_ops ops = {.keeps = keeps,
                                          .take = take,
                                          .published = published,
                                          .kept = kept,
                                          .describe = describe,
                                          .removed = removed};

/* ---- life ---- */

struct pushing *pushing_new(uv_loop_t *loop, struct state *state)
{
    struct pushing *p = mem_alloc(sizeof *p);
    struct cause c = {""};

    p->model.ops = &ops;
    p->state = state;
    p->table = pushed_new();
    p->users = map_new();
    p->dirty = map_new();
    p->flying = map_new();
    uv_timer_init(loop, &p->commit);
    p->commit.data = p;
    if (pushing_read(p->table, state, &c) != OK)
        log_warning(NULL, "What devices told before is not known: %s", c.text);
    return p;
}

const struct pushed *pushing_table(const struct pushing *p)
{
    return p->table;
}

void pushing_start(struct pushing *p, struct engine *engine, struct sense *sense)
{
    p->engine = engine;
    p->sense = sense;
}

void pushing_conf(struct pushing *p, struct conf *conf)
{
    struct view globals = conf_globals(conf);

    map_free(p->users, users_free);
    p->users = map_new();
    engine_each_source(p->engine, on_source, p);
    sense_set_push_stale(p->sense, conf_length(&globals, "push-stale"));
    if (p->web != NULL && web_push(p->web) != NULL)
        push_any_host(web_push(p->web), text_equal(conf_text(&globals, "push-hosts"), "any"));
}

struct push_model *pushing_model(struct pushing *p)
{
    return &p->model;
}

static void on_entry(void *arg, const char *entry)
{
    (void)entry;
    tell_web(arg);
}

void pushing_watch(struct pushing *p, struct web *web)
{
    const struct engine_observer observer = {.arg = p, .entry_changed = on_entry};
    const char *device;
    size_t at = 0;

    p->web = web;
    p->observer = engine_observe(p->engine, &observer);
    while ((device = pushed_next(p->table, &at)) != NULL) {
        if (web_has_device(web, device))
            continue;
        keep(p, device);
        pushed_forget(p->table, device);
    }
}

void pushing_stop(struct pushing *p)
{
    const char *device;
    size_t at = 0;

    if (p == NULL)
        return;
    if (p->web != NULL)
        engine_unobserve(p->engine, p->observer);
    p->web = NULL;
    while ((device = pushed_next(p->table, &at)) != NULL)
        if (pushed_to_keep(p->table, device, 1))
            map_set(p->dirty, device, p);
    p->committing = false; /* batches keep their order */
    on_commit(&p->commit);
    p->freeing = true;
}

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void pushing_free(struct pushing *p)
{
    if (p == NULL)
        return;
    pushed_free(p->table);
    map_free(p->users, users_free);
    map_free(p->dirty, NULL);
    map_free(p->flying, NULL);
    uv_close((uv_handle_t *)&p->commit, on_closed);
}
