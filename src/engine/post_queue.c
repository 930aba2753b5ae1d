/*
 * SPDX-License-Identifier: ISC
 */
/* Messages that wait, in memory and in the state: as the memory of an account "notify/NAME". */
#include "engine/post_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

static const char account_prefix[] = "notify/";
static const char queue_prefix[] = "queue/", told_prefix[] = "told/", last_key[] = "last";
static const char *const changed_prefix[FAMILIES] = {"changed4/", "changed6/"};

void letter_free(struct letter *l)
{
    if (l == NULL)
        return;
    mem_free(l->id);
    mem_free(l->event);
    mem_free(l->level);
    mem_free(l->title);
    mem_free(l->text);
    json_decref(l->hosts);
    mem_free(l);
}

struct letter *queue_take(struct receiver *r)
{
    struct letter *l = r->first;

    if (l == NULL)
        return NULL;
    r->first = l->next;
    if (r->first == NULL)
        r->last = NULL;
    l->next = NULL;
    r->waiting--;
    return l;
}

void queue_put_back(struct receiver *r, struct letter *l)
{
    l->next = r->first;
    r->first = l;
    if (r->last == NULL)
        r->last = l;
    r->waiting++;
}

/* The oldest goes; a test has somebody who waits for it. */
static void drop_oldest(struct receiver *r, const char *why)
{
    struct letter *l = queue_take(r);

    r->lost++;
    r->dirty = true;
    log_warning(NULL, "a message for %s is given up (%s): %s", r->name, why, l->title);
    if (l->fn != NULL)
        l->fn(l->arg, ERR_FULL, why);
    letter_free(l);
}

void queue_add(struct receiver *r, struct letter *l)
{
    if (r->waiting == POST_QUEUE)
        drop_oldest(r, "too many wait");
    l->next = NULL;
    if (r->last != NULL)
        r->last->next = l;
    else
        r->first = l;
    r->last = l;
    r->waiting++;
    r->dirty = true;
}

void queue_expire(struct receiver *r, msec wall)
{
    while (r->first != NULL && r->first->made + POST_KEPT < wall)
        drop_oldest(r, "it is too old");
}

void queue_free(struct receiver *r)
{
    struct letter *l;

    while ((l = queue_take(r)) != NULL)
        letter_free(l);
}

/* ---- to the state ---- */

static void put_json(struct memory *m, const char *key, json_t *doc)
{
    char *text = json_dumps(doc, JSON_COMPACT);

    if (text != NULL)
        memory_put(m, key, text, NEVER, false);
    free(text);
    json_decref(doc);
}

static void put_letter(const struct letter *l, unsigned n, struct memory *m)
{
    char key[32];

    if (l == NULL || l->fn != NULL)
        return; /* nobody waits for a test after a restart */
    snprintf(key, sizeof key, "%s%06u", queue_prefix, n);
    put_json(m, key,
             json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:O}", "id", l->id, "event", l->event, "level",
                       l->level, "title", l->title, "text", l->text, "at", (json_int_t)l->at,
                       "made", (json_int_t)l->made, "hosts", l->hosts));
}

/* The one that is under way is still to be delivered if the process ends now. */
static void put_letters(const struct receiver *r, struct memory *m)
{
    unsigned n = 0;

    put_letter(send_letter(r), n++, m);
    for (const struct letter *l = r->first; l != NULL; l = l->next)
        put_letter(l, n++, m);
}

static void put_told(const struct receiver *r, struct memory *m)
{
    struct notice_told told;
    size_t at = 0;

    while (notices_walk(r->notices, &at, &told)) {
        char *key = mem_format("%s%s", told_prefix, told.entry);
        char *value = mem_format("%d %u %" PRId64 " %d %" PRId64, (int)told.state, told.stage,
                                 told.since, (int)told.now, told.now_since);
        memory_put(m, key, value, NEVER, false);
        mem_free(key);
        mem_free(value);
    }
}

static json_t *set_doc(const struct addrset *set)
{
    json_t *list = json_array();
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < set->count; i++)
        json_array_append_new(list, json_string(addr_text(&set->items[i], text)));
    return list;
}

static void put_change(void *arg, const struct notice_pending *c)
{
    char *key = mem_format("%s%s", changed_prefix[c->family], c->entry);

    put_json(arg, key,
             json_pack("{s:o,s:o,s:i,s:I}", "old", set_doc(&c->old), "now", set_doc(&c->now),
                       "times", (int)c->times, "at", (json_int_t)c->at));
    mem_free(key);
}

void queue_store(struct receiver *r)
{
    struct engine *e = r->post->seams.engine;

    if (!r->dirty)
        return;
    r->dirty = false;
    struct memory *m = memory_new();
    struct state_batch *batch = state_batch_new();
    char *account = mem_format("%s%s", account_prefix, r->name);
    put_letters(r, m);
    put_told(r, m);
    notices_each_change(r->notices, put_change, m);
    put_json(m, last_key,
             json_pack("{s:I,s:b,s:s?,s:s?,s:s?,s:i}", "at", (json_int_t)r->told_at, "good",
                       r->told_good, "event", r->told_event, "title", r->told_title, "say",
                       r->told_say, "lost", (int)r->lost));
    state_batch_memory(batch, account, m);
    e->seams.state->ops->commit(e->seams.state, batch, NULL, NULL);
    mem_free(account);
    memory_free(m);
}

/* ---- and back ---- */

static char *text_of(const json_t *doc, const char *name)
{
    return mem_text(json_string_value(json_object_get(doc, name)));
}

static void take_letter(struct receiver *r, const json_t *doc)
{
    struct letter *l = mem_alloc(sizeof *l);

    l->id = text_of(doc, "id");
    l->event = text_of(doc, "event");
    l->level = text_of(doc, "level");
    l->title = text_of(doc, "title");
    l->text = text_of(doc, "text");
    l->at = json_integer_value(json_object_get(doc, "at"));
    l->made = json_integer_value(json_object_get(doc, "made"));
    if (l->made == 0)
        l->made = l->at;
    l->hosts = json_incref(json_object_get(doc, "hosts"));
    if (l->id != NULL && l->event != NULL && l->level != NULL && l->title != NULL &&
        l->text != NULL && json_is_array(l->hosts))
        queue_add(r, l);
    else
        letter_free(l);
}

static void take_last(struct receiver *r, const json_t *doc)
{
    r->told_at = json_integer_value(json_object_get(doc, "at"));
    r->told_good = json_is_true(json_object_get(doc, "good"));
    r->told_event = text_of(doc, "event");
    r->told_title = text_of(doc, "title");
    r->told_say = text_of(doc, "say");
    r->lost = (unsigned)json_integer_value(json_object_get(doc, "lost"));
}

static bool is_state(int n)
{
    return n == NOTICE_RIGHT || n == NOTICE_GONE || n == NOTICE_FAILS || n == NOTICE_STOPPED;
}

static void take_told(struct receiver *r, const char *entry, const char *value)
{
    struct notice_told told = {.entry = entry};
    int state, now = NOTICE_RIGHT;

    if (sscanf(value, "%d %u %" SCNd64 " %d %" SCNd64, &state, &told.stage, &told.since, &now,
               &told.now_since) < 3 ||
        !is_state(state) || !is_state(now))
        return;
    told.state = (enum notice_state)state;
    told.now = (enum notice_state)now;
    /* What was removed while homing was not running is wrong no more. */
    if (told.stage > 0 ? terms_known(r->post, entry)
                       : engine_entry(r->post->seams.engine, entry) != NULL)
        notices_restore(r->notices, &told, post_now(r->post));
}

static void set_from(struct addrset *set, const json_t *list)
{
    size_t i;
    json_t *item;
    struct addr a;

    *set = (struct addrset){0};
    json_array_foreach(list, i,
                       item) if (json_is_string(item) && addr_parse(json_string_value(item), &a))
        addrset_add(set, &a);
}

static void take_change(struct receiver *r, const char *entry, enum family f, const json_t *doc)
{
    struct notice_pending c = {.entry = entry,
                               .family = f,
                               .times = (unsigned)json_integer_value(json_object_get(doc, "times")),
                               .at = json_integer_value(json_object_get(doc, "at"))};

    set_from(&c.old, json_object_get(doc, "old"));
    set_from(&c.now, json_object_get(doc, "now"));
    if (c.times > 0 && engine_entry(r->post->seams.engine, entry) != NULL)
        notices_restore_change(r->notices, &c, post_now(r->post));
}

static void take_item(void *arg, const char *account, const struct memory_item *item)
{
    struct post *p = arg;
    struct receiver *r = p->receivers;

    if (!text_starts(account, account_prefix))
        return;
    while (r != NULL && !text_equal(r->name, account + strlen(account_prefix)))
        r = r->next;
    if (r == NULL)
        return;
    if (text_starts(item->key, told_prefix)) {
        take_told(r, item->key + strlen(told_prefix), item->value);
        return;
    }
    json_t *doc = json_loads(item->value, 0, NULL);
    if (text_starts(item->key, queue_prefix))
        take_letter(r, doc);
    else if (text_equal(item->key, last_key))
        take_last(r, doc);
    for (int f = 0; f < FAMILIES; f++)
        if (text_starts(item->key, changed_prefix[f]))
            take_change(r, item->key + strlen(changed_prefix[f]), (enum family)f, doc);
    json_decref(doc);
}

void queue_load(struct post *p)
{
    const struct state_visitor v = {.arg = p, .memory = take_item};
    struct state *state = p->seams.engine->seams.state;
    struct cause c;

    if (state->ops->load(state, &v, &c) != OK)
        log_warning(NULL, "what was to be told before is not known: %s", c.text);
    for (struct receiver *r = p->receivers; r != NULL; r = r->next)
        r->dirty = false;
}
