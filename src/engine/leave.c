/*
 * SPDX-License-Identifier: ISC
 */
/* What on-loss= says, for hostnames that leave: disabled ones, and with on-stop=loss all when the
 * service stops. Only what homing itself published is changed, by the ordinary way. */
#include "engine/inside.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

/* What should stand there instead of what is published; false: it may stay. */
bool leave_wants(const struct entry *entry, enum family f, struct addrset *out)
{
    const struct set *published = entry->record[f]->published;
    const struct addrset none = {0};
    struct wanted_rules rules;

    if (entry->rules->source[f] == NULL || published == NULL)
        return false;
    load_wanted_rules(entry, &rules);
    struct wanted w = wanted_of(&none, f, &rules);
    *out = w.set;
    return w.known && !addrset_equal(set_addresses(published), &w.set);
}

static bool wants_any(const struct entry *entry)
{
    struct addrset set;
    return leave_wants(entry, V4, &set) || leave_wants(entry, V6, &set);
}

bool leave_in_vain(const struct entry *entry)
{
    const struct account_box *box = entry->account;
    return entry->rules->loss == LOSS_DELETE && box != NULL && box->site->provider != NULL &&
           !provider_info(box->site->provider)->can_delete;
}

void leave_tell_in_vain(const struct entry *entry)
{
    log_warning(entry_name(entry),
                "on-loss=delete: this provider has no way to remove a record; it stays until you "
                "remove it on the provider's website.");
}

bool leave_begin(struct entry *entry)
{
    if (entry->rules->loss == LOSS_KEEP || entry->account == NULL || entry_removal(entry) != NULL ||
        !wants_any(entry))
        return false;
    if (leave_in_vain(entry)) {
        leave_tell_in_vain(entry);
        return false;
    }
    entry->leaving = true;
    return true;
}

static void paused(struct engine *e, struct entry *entry)
{
    struct record_news disable = {.event = RECORD_DISABLE};

    entry->leaving = false;
    entry->bar = BAR_PAUSED;
    log_notice(entry_name(entry), "It is disabled, and what on-loss= says was done.");
    for (int f = 0; f < FAMILIES; f++) {
        engine_record(e, entry, (enum family)f, &disable);
        follow_entry(e, entry, (enum family)f);
    }
    tell_entry(e, entry);
}

static bool all_left(const struct engine *e)
{
    for (size_t i = 0; i < e->entry_count; i++)
        if (e->order[i]->leaving && wants_any(e->order[i]))
            return false;
    return true;
}

void leave_look(struct engine *e, struct entry *entry)
{
    if (!entry->leaving || wants_any(entry))
        return;
    if (e->leave == NULL)
        paused(e, entry);
    else if (all_left(e))
        e->seams.net->ops->timer_set(e->leave->timer, e->now.mono);
}

/* The service stops. */

static void on_time(void *arg)
{
    struct engine *e = arg;
    struct leaving leave = *e->leave;

    for (size_t i = 0; i < e->entry_count; i++)
        if (e->order[i]->leaving && wants_any(e->order[i]))
            log_warning(entry_name(e->order[i]), "The service stops before on-loss= was done.");
    leave_abandon(e);
    leave.done(leave.arg);
}

void engine_leave(struct engine *e, msec limit, void (*done)(void *arg), void *arg)
{
    struct record_news force = {.event = RECORD_FORCED};
    bool any = false;

    e->now = net_now(e->seams.net);
    e->leave = mem_alloc(sizeof *e->leave);
    *e->leave = (struct leaving){.done = done, .arg = arg};
    e->leave->timer = e->seams.net->ops->timer_new(e->seams.net, on_time, e);
    for (size_t i = 0; i < e->entry_count && engine_may_send(e); i++) {
        struct entry *entry = e->order[i];
        struct view v = conf_entry_view(entry->conf);
        struct addrset set;
        if (!text_equal(conf_text(&v, "on-stop"), "loss") || entry->bar != BAR_NONE ||
            !leave_begin(entry))
            continue;
        any = true;
        for (int f = 0; f < FAMILIES; f++) {
            follow_entry(e, entry, (enum family)f);
            /* It does not wait for its turn; what was refused is not asked again. */
            if (leave_wants(entry, (enum family)f, &set) &&
                entry->record[f]->state != RECORD_STOPPED)
                engine_record(e, entry, (enum family)f, &force);
        }
    }
    e->seams.net->ops->timer_set(e->leave->timer, any ? e->now.mono + limit : 0);
    engine_wake(e);
}

void leave_abandon(struct engine *e)
{
    if (e->leave != NULL)
        e->seams.net->ops->timer_free(e->leave->timer);
    mem_free(e->leave);
    e->leave = NULL;
}
