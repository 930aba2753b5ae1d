/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/endpoint.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

static const char *const state_names[ENDPOINT_STATES] = {
    [ENDPOINT_OPEN] = "open",
    [ENDPOINT_CLOSED] = "closed",
    [ENDPOINT_PROBING] = "probing",
    [ENDPOINT_OFFLINE] = "offline",
};

const char *endpoint_state_name(enum endpoint_state s)
{
    return (unsigned)s < ENDPOINT_STATES ? state_names[s] : "?";
}

void endpoint_init(struct endpoint *e)
{
    *e = (struct endpoint){.at = NEVER, .since = LONG_AGO, .last = OUTCOME_NONE};
}

void endpoint_fini(struct endpoint *e)
{
    mem_free(e->say);
    endpoint_init(e);
}

static void remember(struct endpoint *e, const struct endpoint_news *news)
{
    e->last = (uint8_t)news->cls;
    if (!text_equal(e->say, news->say)) {
        char *former = e->say;
        e->say = mem_text(news->say);
        mem_free(former);
    }
}

static void trouble(struct endpoint *e, const struct endpoint_news *news,
                    const struct account_world *w)
{
    e->out = false;
    remember(e, news);
    if (news->started < e->since) {
        /* Several were under way when it went down: that is one failure. */
        e->wait = wait_longer(&e->wait, schedule_word(w->schedule, news->word), &w->now);
        return;
    }
    if (e->failures < UINT16_MAX)
        e->failures++;
    e->offline = false;
    e->since = w->now.mono;
    e->word = news->word > 0;
    e->wait = wait_for(schedule_wait(w->schedule, news->cls, news->word, e->failures, w->chance),
                       &w->now);
}

/* One hostname with an odd answer is its own trouble; a server that answers everything oddly is
 * down (a captive portal, a maintenance page). */
static void strange(struct endpoint *e, const struct endpoint_news *news,
                    const struct account_world *w)
{
    e->out = false;
    if (e->strange < UINT8_MAX)
        e->strange++;
    if (e->failures > 0 || e->strange >= w->schedule->strange_most)
        trouble(e, news, w);
}

static void opened(struct endpoint *e, const struct endpoint_news *news)
{
    e->out = e->offline = e->word = false;
    e->failures = 0;
    e->strange = 0;
    e->wait = (struct wait){0};
    remember(e, news);
}

static void apply(struct endpoint *e, const struct endpoint_news *news,
                  const struct account_world *w)
{
    switch (news->event) {
    case ENDPOINT_GOOD:
        /* A job that began before it was closed tells nothing about now. */
        if (news->started >= e->since || wait_over(&e->wait, &w->now))
            opened(e, news);
        break;
    case ENDPOINT_TROUBLE:
        trouble(e, news, w);
        break;
    case ENDPOINT_STRANGE:
        strange(e, news, w);
        break;
    case ENDPOINT_AWAY:
        e->out = false;
        e->offline = true;
        if (wait_over(&e->wait, &w->now) && news->started >= w->online)
            e->wait = wait_for(w->schedule->offline, &w->now);
        remember(e, news);
        break;
    case ENDPOINT_ONLINE:
        if (e->offline && e->wait.length == w->schedule->offline)
            e->wait = (struct wait){0};
        e->offline = false;
        break;
    case ENDPOINT_SENDING:
        e->out = true;
        break;
    case ENDPOINT_RETURNED:
        e->out = false;
        break;
    case ENDPOINT_ASKED:
    case ENDPOINT_FORCED:
        if (!e->word || news->event == ENDPOINT_FORCED)
            e->wait = (struct wait){0};
        break;
    case ENDPOINT_LOOK:
    case ENDPOINT_EVENTS:
        break;
    }
}

static enum endpoint_state state_of(const struct endpoint *e, const struct moment *now)
{
    if (!wait_over(&e->wait, now))
        return e->offline ? ENDPOINT_OFFLINE : ENDPOINT_CLOSED;
    return e->failures > 0 || e->offline ? ENDPOINT_PROBING : ENDPOINT_OPEN;
}

bool endpoint_event(struct endpoint *e, const struct endpoint_news *news,
                    const struct account_world *w)
{
    struct endpoint before = *e;

    apply(e, news, w);
    e->state = (uint8_t)state_of(e, &w->now);
    e->at = wait_over(&e->wait, &w->now) ? NEVER : e->wait.end;
    if (before.state != e->state)
        log_debug(w->about, "endpoint: %s -> %s (%s)", state_names[before.state],
                  state_names[e->state], outcome_rule(e->last)->name);
    return before.state != e->state || before.say != e->say || before.at != e->at;
}

enum account_room endpoint_room(const struct endpoint *e)
{
    switch ((enum endpoint_state)e->state) {
    case ENDPOINT_OPEN:
        return ROOM_ALL;
    case ENDPOINT_PROBING:
        return e->out ? ROOM_NONE : ROOM_ONE;
    default:
        return ROOM_NONE;
    }
}
