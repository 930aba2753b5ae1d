/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/record.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

static const char *const state_names[RECORD_STATES] = {
    [RECORD_OFF] = "off",         [RECORD_UNKNOWN] = "unknown", [RECORD_RIGHT] = "right",
    [RECORD_WAITING] = "waiting", [RECORD_READY] = "ready",     [RECORD_SENDING] = "sending",
    [RECORD_STOPPED] = "stopped",
};

_Static_assert(ADDR_KINDS <= 16 && LACK_ONE_FAMILY < 16 && DUE_WHYS <= 16 && HOLDS <= 16,
               "four bits are enough for what a record says of itself");

#define BLANK(of)                                                                                  \
    {                                                                                              \
        .published_at = LONG_AGO, .changed_at = LONG_AGO, .attempt_at = LONG_AGO, .at = NEVER,     \
        .family = (of), .last = OUTCOME_NONE, .lack = LACK_UNKNOWN                                 \
    }

const struct record record_none[FAMILIES] = {BLANK(V4), BLANK(V6)};

const char *record_state_name(enum record_state s)
{
    return (unsigned)s < RECORD_STATES ? state_names[s] : "?";
}

void record_init(struct record *r, enum family family)
{
    *r = (struct record)BLANK(family);
}

static const struct record_trouble no_trouble;

const struct record_trouble *record_trouble(const struct record *r)
{
    return r->trouble != NULL ? r->trouble : &no_trouble;
}

static struct record_trouble *own_trouble(struct record *r)
{
    if (r->trouble == NULL)
        r->trouble = mem_alloc(sizeof *r->trouble);
    return r->trouble;
}

static void hold(struct record *r, const struct wait *wait, const struct set *refused_set)
{
    if (r->trouble == NULL && wait->length == 0 && refused_set == NULL)
        return;
    own_trouble(r)->wait = *wait;
    set_assign(&r->trouble->refused_set, refused_set);
}

static void end_wait(struct record *r)
{
    if (r->trouble != NULL)
        r->trouble->wait = (struct wait){0};
}

/* Gives it back when there is nothing in it. */
static void rest(struct record *r)
{
    const struct record_trouble *t = r->trouble;

    if (t == NULL || t->wait.length != 0 || t->refused_set != NULL || t->say != NULL)
        return;
    mem_free(r->trouble);
    r->trouble = NULL;
}

static void end_trouble(struct record *r)
{
    end_wait(r);
    if (r->trouble != NULL)
        set_assign(&r->trouble->refused_set, NULL);
}

static void say_of(struct record *r, const char *say)
{
    if (text_equal(record_trouble(r)->say, say))
        return;
    char *former = own_trouble(r)->say;
    r->trouble->say = mem_text(say); /* before the other goes: a new text is a new pointer */
    mem_free(former);
}

void record_remember(struct record *r, const struct wait *wait, const struct set *refused_set,
                     const char *say)
{
    hold(r, wait, refused_set);
    say_of(r, say);
}

void record_fini(struct record *r)
{
    set_drop(r->wanted);
    set_drop(r->published);
    set_drop(r->tried);
    end_trouble(r);
    say_of(r, NULL);
    rest(r);
    record_init(r, (enum family)r->family);
}

static void remember(struct record *r, enum outcome_class cls, const char *say)
{
    r->last = (uint8_t)cls;
    say_of(r, say);
}

/* An address that differs from the one that was refused is a new question. */
static bool new_question(const struct record *r, enum outcome_class cls)
{
    return r->wanted != NULL && r->wanted != record_trouble(r)->refused_set &&
           outcome_rule(cls)->scope == SCOPE_RECORD;
}

static void wanted_changed(struct record *r, const struct record_news *news)
{
    bool changed = set_assign(&r->wanted, news->set);

    r->lack = (uint8_t)news->lack;
    r->refused = (uint8_t)news->refused;
    if (changed && r->stopped && new_question(r, (enum outcome_class)r->last)) {
        r->stopped = false;
        r->eased = true;
    } else if (changed && r->eased && r->wanted != NULL &&
               r->wanted == record_trouble(r)->refused_set) {
        r->stopped = true; /* back at the one that was refused, and nothing was sent meanwhile */
        r->eased = false;
    }
}

static void good(struct record *r, const struct record_news *news, const struct moment *now)
{
    if (set_assign(&r->published, news->set) || r->changed_at == LONG_AGO)
        r->changed_at = now->mono;
    r->published_at = now->mono;
    r->failures = 0;
    end_trouble(r);
    r->open = r->failed = r->word = r->stopped = r->eased = r->doubt = false;
    r->forced = r->asked = r->differs = r->astray = false;
    r->settings = r->again;
    r->again = false;
    remember(r, news->cls, news->say);
    rest(r);
}

/* Should the address return to what is published, that is not what stands there for sure. */
static void went_astray(struct record *r, bool maybe)
{
    r->astray = r->astray || (maybe && r->tried != NULL && r->tried != r->published);
}

static void trouble(struct record *r, const struct record_news *news, const struct record_world *w)
{
    enum outcome_duty duty = outcome_rule(news->cls)->duty;

    r->open = false;
    r->failed = true;
    went_astray(r, news->counts);
    r->forced = r->asked = false;
    r->settings = r->settings || r->again;
    r->again = false;
    if (r->failures < UINT16_MAX)
        r->failures++;
    /* The address may have changed while it was under way: that one was not refused. */
    bool stop = duty == DUTY_STOP || duty == DUTY_STOP_HARD;
    struct wait wait = wait_for(
        schedule_wait(w->schedule, news->cls, news->word, r->failures, w->chance), &w->now);
    hold(r, &wait, stop ? r->tried : NULL);
    r->stopped = stop && !new_question(r, news->cls);
    r->eased = stop && !r->stopped;
    r->word = news->word > 0;
    remember(r, news->cls, news->say);
}

static void returned(struct record *r, const struct record_news *news)
{
    r->open = false;
    went_astray(r, news->counts);
    r->settings = r->settings || r->again;
    r->again = false;
    if (news->cls != OUTCOME_NONE)
        remember(r, news->cls, news->say);
}

/* The process ended between attempt and outcome: it may have been sent or not, so it counts as a
 * failed one, from the time it was committed. */
static void lost(struct record *r, const struct record_world *w)
{
    struct record_news news = {.cls = OUTCOME_UNKNOWN,
                               .say = "homing ended before the provider's answer came",
                               .counts = true};

    trouble(r, &news, w);
    if (r->attempt_at == LONG_AGO || r->trouble == NULL)
        return;
    msec end = stamp_after(r->attempt_at, r->trouble->wait.length);
    if (end < r->trouble->wait.end)
        r->trouble->wait.end = end;
}

static void lift(struct record *r)
{
    r->stopped = r->eased = false;
    if (!r->word)
        end_wait(r);
}

static void apply(struct record *r, const struct record_news *news, const struct record_world *w)
{
    switch (news->event) {
    case RECORD_ENABLE:
    case RECORD_DISABLE:
        r->enabled = news->event == RECORD_ENABLE;
        break;
    case RECORD_WANTED:
        wanted_changed(r, news);
        break;
    case RECORD_SETTINGS:
        lift(r);
        r->failed = false;
        r->settings = r->settings || (news->counts && !r->open);
        r->again = r->again || (news->counts && r->open);
        break;
    case RECORD_ASKED:
        lift(r);
        r->asked = news->counts || r->failed;
        break;
    case RECORD_FORCED:
        lift(r);
        r->forced = true;
        break;
    case RECORD_WAY:
        if (!r->word)
            end_wait(r);
        break;
    case RECORD_DIFFERS:
        r->differs = true;
        break;
    case RECORD_HANDED:
        r->open = true;
        r->doubt = false;
        r->attempt_at = w->now.mono;
        set_assign(&r->tried, r->wanted);
        break;
    case RECORD_GOOD:
        good(r, news, &w->now);
        break;
    case RECORD_TROUBLE:
        trouble(r, news, w);
        break;
    case RECORD_RETURNED:
        returned(r, news);
        break;
    case RECORD_LOST:
        lost(r, w);
        break;
    case RECORD_DOUBT:
        r->doubt = true;
        break;
    case RECORD_ANSWERED:
        r->doubt = false;
        /* The address alone does not prove that other settings arrived. */
        if (news->set != NULL && !r->settings)
            good(r, news, &w->now);
        break;
    case RECORD_LOOK:
    case RECORD_EVENTS:
        break;
    }
}

/* The state is a function of the facts. */
static enum record_state state_of(struct record *r, const struct record_world *w)
{
    struct due_facts f = {.wanted = r->wanted != NULL ? set_addresses(r->wanted) : NULL,
                          .published = r->published != NULL ? set_addresses(r->published) : NULL,
                          .forced = r->forced,
                          .asked = r->asked,
                          .settings = r->settings,
                          .differs = r->differs,
                          .astray = r->astray,
                          .failed = r->failed,
                          .doubt = r->doubt,
                          .published_at = r->published_at,
                          .attempt_at = r->attempt_at,
                          .wait = record_trouble(r)->wait,
                          .word = r->word};
    struct due d = {DUE_NOT, HOLD_NONE, NEVER};
    enum record_state s;

    if (r->open)
        s = RECORD_SENDING;
    else if (!r->enabled)
        s = RECORD_OFF;
    else if (r->stopped)
        s = RECORD_STOPPED;
    else if (r->wanted == NULL)
        s = RECORD_UNKNOWN;
    else {
        d = due_look(&f, w->rules, &w->now);
        s = d.why == DUE_NOT ? RECORD_RIGHT : d.at > w->now.mono ? RECORD_WAITING : RECORD_READY;
    }
    if (s != RECORD_SENDING)
        r->why = (uint8_t)d.why;
    r->hold = (uint8_t)d.hold;
    r->at = s == RECORD_RIGHT || s == RECORD_WAITING ? d.at : NEVER;
    return s;
}

bool record_event(struct record *r, const struct record_news *news, const struct record_world *w)
{
    const char *said = record_trouble(r)->say;
    struct record before = *r;

    apply(r, news, w);
    r->state = (uint8_t)state_of(r, w);
    if (before.state != r->state)
        log_debug(w->about, "%s: %s -> %s (%s)", family_type((enum family)r->family),
                  state_names[before.state], state_names[r->state],
                  r->state == RECORD_STOPPED   ? outcome_rule(r->last)->name
                  : r->state == RECORD_WAITING ? due_hold_name((enum due_hold)r->hold)
                                               : due_why_name((enum due_why)r->why));
    return before.state != r->state || before.wanted != r->wanted ||
           before.published != r->published || before.last != r->last ||
           said != record_trouble(r)->say || before.lack != r->lack ||
           before.refused != r->refused || before.hold != r->hold ||
           (r->state == RECORD_WAITING && before.at != r->at);
}
