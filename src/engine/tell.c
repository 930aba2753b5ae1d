/*
 * SPDX-License-Identifier: ISC
 */
/* Those who watch: observers, history, log lines, commands after a change. */
#include "engine/inside.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void tell_entry(struct engine *e, struct entry *entry)
{
    if (entry->told)
        return;
    entry->told = true;
    if (e->changed_count == e->changed_room) {
        e->changed_room = e->changed_room == 0 ? 16 : e->changed_room * 2;
        e->changed = mem_resize(e->changed, e->changed_room, sizeof e->changed[0]);
    }
    e->changed[e->changed_count++] = entry;
    e->verdict_told = true;
    engine_wake(e);
}

static void tell_its_entries(struct engine *e, const struct account_box *box)
{
    for (struct entry *entry = entry_numbered(e, box->first); entry != NULL;
         entry = entry_numbered(e, entry->next_of_account)) {
        tell_entry(e, entry);
        e->walked++;
    }
}

/* Its state shows at every entry of it. */
void tell_account(struct engine *e, struct account_box *box)
{
    tell_its_entries(e, box);
    for (const struct site *s = box->site->refused; s != NULL; s = s->next_of_refuser)
        for (const struct account_box *a = s->accounts; a != NULL; a = a->next)
            tell_its_entries(e, a);
    e->verdict_told = true;
}

void tell_all(struct engine *e)
{
    for (size_t i = 0; i < e->entry_count; i++)
        tell_entry(e, e->order[i]);
    e->verdict_told = true;
    engine_wake(e);
}

void tell_source(struct engine *e, struct source_box *box)
{
    for (size_t i = 0; i < OBSERVERS_MAX; i++)
        if (e->observed[i] && e->observers[i].source_changed != NULL)
            e->observers[i].source_changed(e->observers[i].arg,
                                           e->seams.sense->ops->name(box->source));
    e->verdict_told = true;
}

void tell_none_unseen(struct engine *e)
{
    for (size_t i = 0; i < e->changed_count; i++)
        if (e->changed[i] != NULL && !e->changed[i]->seen)
            e->changed[i] = NULL;
}

void tell_gone(struct engine *e, const struct entry *entry)
{
    e->gone = mem_more(e->gone, e->gone_count, sizeof e->gone[0]);
    e->gone[e->gone_count++] = entry_make_id(entry);
    e->verdict_told = true;
}

struct news {
    struct entry **changed;
    char **gone;
    size_t changed_count, gone_count;
    bool verdict;
};

static void tell_changed(const struct engine_observer *w, const struct news *n)
{
    if (n->changed_count > ENGINE_MANY && w->many_changed != NULL) {
        w->many_changed(w->arg);
        return;
    }
    for (size_t i = 0; i < n->changed_count && w->entry_changed != NULL; i++) {
        if (n->changed[i] == NULL)
            continue;
        char *made;
        w->entry_changed(w->arg, entry_id(n->changed[i], &made));
        mem_free(made);
    }
}

static void tell_one(const struct engine_observer *w, const struct news *n)
{
    for (size_t i = 0; i < n->gone_count && w->entry_gone != NULL; i++)
        w->entry_gone(w->arg, n->gone[i]);
    tell_changed(w, n);
    if (n->verdict && w->verdict_changed != NULL)
        w->verdict_changed(w->arg);
}

void tell_flush(struct engine *e)
{
    struct news n = {e->changed, e->gone, e->changed_count, e->gone_count, e->verdict_told};

    e->changed = NULL;
    e->changed_count = e->changed_room = 0;
    e->gone = NULL;
    e->gone_count = 0;
    e->verdict_told = false;
    for (size_t i = 0; i < n.changed_count; i++)
        if (n.changed[i] != NULL)
            n.changed[i]->told = false;
    for (size_t o = 0; o < OBSERVERS_MAX; o++)
        if (e->observed[o])
            tell_one(&e->observers[o], &n);
    for (size_t i = 0; i < n.gone_count; i++)
        mem_free(n.gone[i]);
    mem_free(n.gone);
    mem_free(n.changed);
}

unsigned engine_observe(struct engine *e, const struct engine_observer *observer)
{
    for (unsigned i = 0; i < OBSERVERS_MAX; i++) {
        if (!e->observed[i]) {
            e->observed[i] = true;
            e->observers[i] = *observer;
            return i;
        }
    }
    return OBSERVERS_MAX;
}

void engine_unobserve(struct engine *e, unsigned handle)
{
    if (handle < OBSERVERS_MAX)
        e->observed[handle] = false;
}

/* History and log */

void tell_event(struct engine *e, struct entry *entry, int family, const char *kind,
                const struct addrset *former, const struct addrset *now, const char *cls,
                const char *say)
{
    char old_text[ADDRSET_TEXT_MAX], new_text[ADDRSET_TEXT_MAX];
    char *made = NULL;
    struct state_event event = {
        .at = e->now.wall,
        .entry = entry != NULL ? entry_id(entry, &made) : NULL,
        .family = family,
        .kind = kind,
        .old_set = former != NULL ? addrset_text(former, old_text) : NULL,
        .new_set = now != NULL ? addrset_text(now, new_text) : NULL,
        .cls = cls,
        .say = say,
    };
    state_batch_event(e->batch, &event);
    mem_free(made);
}

static void log_failure(struct engine *e, struct entry *entry, enum family f,
                        enum outcome_class cls, const char *say)
{
    const struct outcome_rule *rule = outcome_rule(cls);
    const struct record *r = entry->record[f];
    enum log_level level = rule->duty == DUTY_STOP || rule->duty == DUTY_STOP_HARD ? LOG_LEVEL_ERROR
                           : rule->duty == DUTY_OFFLINE                            ? LOG_LEVEL_INFO
                                                        : LOG_LEVEL_WARNING;
    char length[24] = "", next[64] = "";

    const struct wait *wait = &record_trouble(r)->wait;
    if (!wait_over(wait, &e->now))
        snprintf(next, sizeof next, " homing tries again in %s.",
                 clock_length_text(wait->end - e->now.mono, length));
    log_write(level, entry_name(entry), "%s was not published: %s%s%s%s%s%s%s", family_name(f),
              say != NULL ? say : "", say != NULL ? " (" : "", rule->meaning,
              say != NULL ? ")" : "", rule->advice[0] != '\0' ? " " : "", rule->advice, next);
}

static void tell_published(struct engine *e, struct entry *entry, enum family f,
                           const struct addrset *former, const struct addrset *now)
{
    for (size_t i = 0; i < OBSERVERS_MAX; i++) {
        if (!e->observed[i] || e->observers[i].published == NULL)
            continue;
        char *made;
        e->observers[i].published(e->observers[i].arg, entry_id(entry, &made), f, former, now);
        mem_free(made);
    }
}

void tell_outcome(struct engine *e, struct entry *entry, enum family f, enum outcome_class cls,
                  const char *say, const struct addrset *former)
{
    const struct outcome_rule *rule = outcome_rule(cls);
    const struct record *r = entry->record[f];
    const struct addrset *tried = r->tried != NULL ? set_addresses(r->tried) : NULL;
    char now[ADDRSET_TEXT_MAX], before[ADDRSET_TEXT_MAX];

    tell_event(e, entry, (int)f, "outcome", former, tried, rule->name, say);
    if (!outcome_is_good(cls)) {
        log_failure(e, entry, f, cls, say);
        return;
    }
    const struct addrset *set = r->published != NULL ? set_addresses(r->published) : NULL;
    if (former != NULL && set != NULL && !addrset_equal(former, set))
        tell_published(e, entry, f, former, set);
    if (former != NULL && set != NULL && !addrset_equal(former, set))
        log_notice(entry_name(entry), "%s is now %s, was %s (%s)", family_name(f),
                   addrset_text(set, now), addrset_text(former, before), rule->name);
    else if (set != NULL)
        log_notice(entry_name(entry), "%s is %s (%s)", family_name(f), addrset_text(set, now),
                   rule->name);
}

/* Commands */

struct hook {
    struct hook *next, **link;
    struct engine *engine; /* NULL: abandoned */
    char *host;            /* owned */
    const char *setting;   /* which command */
};

static void hook_ended(void *arg, const struct runner_result *result)
{
    struct hook *h = arg;

    if (result->error != OK)
        log_warning(h->host, "the command of %s= did not run: %s", h->setting,
                    result->why != NULL ? result->why : err_name(result->error));
    else if (result->exit_status != 0)
        log_warning(h->host, "the command of %s= ended with status %d", h->setting,
                    result->exit_status);
    if (h->engine != NULL) {
        *h->link = h->next;
        if (h->next != NULL)
            h->next->link = h->link;
    }
    mem_free(h->host);
    mem_free(h);
}

static void run_command(struct engine *e, struct entry *entry, const char *setting,
                        const char *const *args, const char *const *env)
{
    struct view v = conf_entry_view(entry->conf);
    const char *command = conf_text(&v, setting);

    if (command == NULL || command[0] == '\0')
        return;
    struct hook *h = mem_alloc(sizeof *h);
    h->engine = e;
    h->host = mem_text(entry_name(entry));
    h->setting = setting;
    h->next = e->hooks;
    h->link = &e->hooks;
    if (h->next != NULL)
        h->next->link = &h->next;
    e->hooks = h;
    char *id = entry_make_id(entry);
    const struct runner_ask ask = {
        .entry = id, .setting = setting, .args = args, .env = env, .limit = e->schedule.hook_most};
    e->seams.runner->ops->run(e->seams.runner, &ask, hook_ended, h);
    mem_free(id);
}

enum { HOOK_VARIABLES = 6 };

/* Once a change: ddclient's postscript= with the addresses as arguments, our hook= with the
 * environment alone. */
void tell_hook(struct engine *e, struct entry *entry, enum family f, const struct addrset *former,
               enum outcome_class cls)
{
    const struct record *r = entry->record[f];
    char old_text[ADDRSET_TEXT_MAX] = "", addresses[ADDRSET_MAX][ADDR_TEXT_MAX];
    char new_text[ADDRSET_TEXT_MAX] = "";
    const char *args[ADDRSET_MAX + 1] = {NULL}, *none[] = {NULL};
    char *env[HOOK_VARIABLES + 1] = {NULL};

    if (e->seams.runner == NULL || !entry->rules->hook || r->published == NULL)
        return;
    const struct addrset *now = set_addresses(r->published);
    for (size_t i = 0; i < now->count; i++)
        args[i] = addr_text(&now->items[i], addresses[i]);
    if (former != NULL)
        addrset_text(former, old_text);
    const char *provider = conf_entry_provider(entry->conf);
    if (provider == NULL)
        provider = conf_entry_protocol(entry->conf);
    env[0] = mem_format("HOMING_HOST=%s", entry_name(entry));
    env[1] = mem_format("HOMING_FAMILY=%s", family_name(f));
    env[2] = mem_format("HOMING_OLD=%s", old_text);
    env[3] = mem_format("HOMING_NEW=%s", addrset_text(now, new_text));
    env[4] = mem_format("HOMING_OUTCOME=%s", outcome_rule(cls)->name);
    env[5] = mem_format("HOMING_PROVIDER=%s", provider != NULL ? provider : "");
    run_command(e, entry, "postscript", args, (const char *const *)env);
    run_command(e, entry, "hook", none, (const char *const *)env);
    for (size_t i = 0; i < HOOK_VARIABLES; i++)
        mem_free(env[i]);
}

void tell_abandon(struct engine *e)
{
    for (struct hook *h = e->hooks; h != NULL; h = h->next)
        h->engine = NULL;
    e->hooks = NULL;
    mem_free(e->changed);
    for (size_t i = 0; i < e->gone_count; i++)
        mem_free(e->gone[i]);
    mem_free(e->gone);
    e->changed = NULL;
    e->gone = NULL;
}
