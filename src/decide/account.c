/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/account.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

static const char *const state_names[ACCOUNT_STATES] = {
    [ACCOUNT_OPEN] = "open",       [ACCOUNT_WAITING] = "waiting", [ACCOUNT_PROBING] = "probing",
    [ACCOUNT_STOPPED] = "stopped", [ACCOUNT_BLOCKED] = "blocked",
};

const char *account_state_name(enum account_state s)
{
    return (unsigned)s < ACCOUNT_STATES ? state_names[s] : "?";
}

void account_init(struct account *a)
{
    *a = (struct account){.last = OUTCOME_NONE};
}

void account_fini(struct account *a)
{
    if (a->trouble != NULL)
        mem_free(a->trouble->say);
    mem_free(a->trouble);
    account_init(a);
}

static const struct account_trouble none = {.since = LONG_AGO};

const struct account_trouble *account_trouble(const struct account *a)
{
    return a->trouble != NULL ? a->trouble : &none;
}

static struct account_trouble *own_trouble(struct account *a)
{
    if (a->trouble == NULL) {
        a->trouble = mem_alloc(sizeof *a->trouble);
        *a->trouble = none;
    }
    return a->trouble;
}

static void set_say(struct account *a, const char *say)
{
    if (text_equal(account_trouble(a)->say, say))
        return;
    struct account_trouble *t = own_trouble(a);
    char *former = t->say;
    t->say = say != NULL ? mem_text(say) : NULL;
    mem_free(former);
}

void account_remember(struct account *a, const struct wait *wait, unsigned failures,
                      const char *say)
{
    if (wait->length > 0 || failures > 0) {
        own_trouble(a)->wait = *wait;
        own_trouble(a)->failures = (uint16_t)failures;
    }
    set_say(a, say);
}

msec account_at(const struct account *a)
{
    return a->state == ACCOUNT_WAITING ? account_trouble(a)->wait.end : NEVER;
}

bool account_answers(const struct account *a, enum outcome_class cls)
{
    enum outcome_scope scope = outcome_rule(cls)->scope;

    if ((cls == OUTCOME_FORBIDDEN || cls == OUTCOME_FEATURE) && a->proven)
        return false;
    return scope == SCOPE_ACCOUNT || scope == SCOPE_PROVIDER;
}

static void remember(struct account *a, const struct account_news *news)
{
    a->last = (uint8_t)news->cls;
    set_say(a, news->say);
}

static void limited(struct account *a, const struct account_news *news,
                    const struct account_world *w)
{
    struct account_trouble *t = own_trouble(a);

    a->out = false;
    remember(a, news);
    if (news->started < t->since) {
        /* It left before the provider's last word: no second offence, but a word. */
        t->wait = wait_longer(&t->wait, schedule_word(w->schedule, news->word), &w->now);
        return;
    }
    if (t->failures < UINT16_MAX)
        t->failures++;
    t->since = w->now.mono;
    t->wait = wait_for(schedule_wait(w->schedule, news->cls, news->word, t->failures, w->chance),
                       &w->now);
}

static void refused(struct account *a, const struct account_news *news)
{
    bool hard = outcome_rule(news->cls)->duty == DUTY_STOP_HARD;

    a->out = a->proven = false;
    if (!a->hard || hard) /* a block is not softened by what was still under way */
        remember(a, news);
    a->hard = a->hard || hard;
    a->stopped = true;
    a->probe = true;
}

static void good(struct account *a, const struct account_news *news)
{
    a->out = false;
    if (a->stopped)
        return; /* it was under way when the stop came */
    a->proven = true;
    a->probe = false;
    if (a->trouble != NULL)
        a->trouble->failures = 0;
    remember(a, news);
}

static void apply(struct account *a, const struct account_news *news, const struct account_world *w)
{
    switch (news->event) {
    case ACCOUNT_GOOD:
        good(a, news);
        break;
    case ACCOUNT_LIMIT:
        limited(a, news, w);
        break;
    case ACCOUNT_REFUSED:
        refused(a, news);
        break;
    case ACCOUNT_SENDING:
        a->out = true;
        break;
    case ACCOUNT_RETURNED:
        a->out = false;
        break;
    case ACCOUNT_SETTINGS:
        a->proven = false;
        a->stopped = a->hard;
        break;
    case ACCOUNT_ASKED:
        a->stopped = a->hard;
        break;
    case ACCOUNT_CLEARED:
        a->stopped = a->hard = false;
        if (a->trouble != NULL)
            a->trouble->wait = (struct wait){0};
        break;
    case ACCOUNT_LOOK:
    case ACCOUNT_EVENTS:
        break;
    }
}

static enum account_state state_of(const struct account *a, const struct moment *now)
{
    if (a->hard)
        return ACCOUNT_BLOCKED;
    if (a->stopped)
        return ACCOUNT_STOPPED;
    if (!wait_over(&account_trouble(a)->wait, now))
        return ACCOUNT_WAITING;
    return a->probe ? ACCOUNT_PROBING : ACCOUNT_OPEN;
}

bool account_event(struct account *a, const struct account_news *news,
                   const struct account_world *w)
{
    struct account before = *a;
    const char *said = account_trouble(a)->say;
    msec at = account_at(a);

    apply(a, news, w);
    a->state = (uint8_t)state_of(a, &w->now);
    if (before.state != a->state)
        log_debug(w->about, "account: %s -> %s (%s)", state_names[before.state],
                  state_names[a->state], outcome_rule(a->last)->name);
    return before.state != a->state || before.last != a->last || said != account_trouble(a)->say ||
           at != account_at(a);
}

enum account_room account_room(const struct account *a)
{
    switch ((enum account_state)a->state) {
    case ACCOUNT_OPEN:
        return ROOM_ALL;
    case ACCOUNT_PROBING:
        return a->out ? ROOM_NONE : ROOM_ONE;
    default:
        return ROOM_NONE;
    }
}
