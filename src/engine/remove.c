/*
 * SPDX-License-Identifier: ISC
 */
/* Taking a hostname's records away at the provider, before the hostname leaves the configuration.
 */
#include "engine/inside.h"

#include "base/mem.h"

/* How long the provider may take, and how long the hostname may stay afterwards. */
enum { REMOVE_MOST = 90 * SECOND, LEAVE_MOST = 60 * SECOND };

struct removal {
    struct engine *engine;
    struct entry *entry;
    struct net_timer *timer;
    engine_removed_fn *fn; /* NULL: told */
    void *arg;
    unsigned families; /* FAMILY_BIT()s to be taken away */
    unsigned pending;  /* of them, those still there */
};

bool removal_wants(const struct removal *r, enum family f)
{
    return (r->families & FAMILY_BIT(f)) != 0;
}

void removal_free(struct removal *r)
{
    if (r == NULL)
        return;
    r->engine->seams.net->ops->timer_free(r->timer);
    mem_free(r);
}

/* The hostname left the configuration. */
void removal_drop(struct removal *r)
{
    if (r != NULL && r->fn != NULL)
        r->fn(r->arg, ERR_NOT_FOUND, "the hostname left the configuration meanwhile");
    removal_free(r);
}

/* The hostname stays after all: as it was before. */
static void release(struct removal *r)
{
    struct engine *e = r->engine;
    struct entry *entry = r->entry;
    struct record_news bar = {.event = entry->bar == BAR_NONE ? RECORD_ENABLE : RECORD_DISABLE};

    entry->errand->removal = NULL;
    entry_rest(e, entry);
    removal_free(r);
    for (int f = 0; f < FAMILIES; f++) {
        engine_record(e, entry, (enum family)f, &bar);
        follow_entry(e, entry, (enum family)f);
    }
    engine_wake(e);
}

static void finish(struct removal *r, enum err result, const char *say)
{
    engine_removed_fn *fn = r->fn;
    struct net *net = r->engine->seams.net;

    r->fn = NULL;
    /* Released from the timer: this may be in the middle of an outcome. */
    net->ops->timer_set(r->timer, net_now(net).mono + (result == OK ? LEAVE_MOST : 0));
    fn(r->arg, result, say);
}

void removal_look(struct removal *r, enum family f, enum outcome_class cls, const char *say)
{
    const struct record *record = r->entry->record[f];

    if (r->fn == NULL || !removal_wants(r, f))
        return;
    if (!outcome_is_good(cls)) {
        finish(r, ERR_DENIED, say != NULL ? say : outcome_rule(cls)->meaning);
        return;
    }
    if (record->published == NULL || set_addresses(record->published)->count == 0)
        r->pending &= ~FAMILY_BIT(f);
    if (r->pending == 0)
        finish(r, OK, NULL);
}

static void timer_fired(void *arg)
{
    struct removal *r = arg;

    r->engine->now = net_now(r->engine->seams.net);
    if (r->fn == NULL)
        release(r);
    else if (r->pending == 0)
        finish(r, OK, NULL); /* nothing of ours was there */
    else
        finish(r, ERR_TIMEOUT, "the provider did not take the record away in time");
}

static enum err may_remove(const struct entry *entry, const char *id, struct cause *c)
{
    if (entry == NULL)
        return cause_set(c, ERR_NOT_FOUND, "there is no hostname \"%s\" here", id);
    if (entry_removal(entry) != NULL)
        return cause_set(c, ERR_BUSY, "%s is being removed already", entry_name(entry));
    if (entry->account == NULL || entry->bar == BAR_PARKED)
        return cause_set(c, ERR_DENIED, "homing can not speak to the provider of %s",
                         entry_name(entry));
    if (!provider_info(entry->account->site->provider)->can_delete)
        return cause_set(c, ERR_UNSUPPORTED,
                         "This provider has no way to remove a record. Delete %s here, and the "
                         "record on the provider's website.",
                         entry_name(entry));
    const struct account *a = &entry->account->account;
    const char *say = account_trouble(a)->say;
    if (account_room(a) == ROOM_NONE)
        return cause_set(c, ERR_DENIED, "%s: the account waits: %s", entry_name(entry),
                         say != NULL ? say : outcome_rule(a->last)->meaning);
    return OK;
}

enum err engine_remove(struct engine *e, const char *id, engine_removed_fn *fn, void *arg,
                       struct cause *c)
{
    struct entry *entry = engine_entry(e, id);
    struct record_news enable = {.event = RECORD_ENABLE}, disable = {.event = RECORD_DISABLE};
    struct record_news force = {.event = RECORD_FORCED};
    enum err result = may_remove(entry, id, c);

    if (result != OK)
        return result;
    struct removal *r = mem_alloc(sizeof *r);
    *r = (struct removal){.engine = e, .entry = entry, .fn = fn, .arg = arg};
    r->timer = e->seams.net->ops->timer_new(e->seams.net, timer_fired, r);
    for (int f = 0; f < FAMILIES; f++) {
        const struct set *published = entry->record[f]->published;
        if (published != NULL && set_addresses(published)->count > 0)
            r->families |= FAMILY_BIT(f);
    }
    r->pending = r->families;
    entry_errand(e, entry)->removal = r;
    entry->person = true;
    e->now = net_now(e->seams.net);
    for (int f = 0; f < FAMILIES; f++) {
        bool ours = removal_wants(r, (enum family)f);
        engine_record(e, entry, (enum family)f, ours ? &enable : &disable);
        follow_entry(e, entry, (enum family)f);
        if (ours)
            engine_record(e, entry, (enum family)f, &force);
    }
    e->seams.net->ops->timer_set(r->timer, r->pending != 0 ? e->now.mono + REMOVE_MOST : 0);
    engine_wake(e);
    return OK;
}
