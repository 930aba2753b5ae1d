/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "decide/due.h"

const char *decide_length(int64_t seconds, char *out)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t n = seconds / units[i].seconds;
        seconds %= units[i].seconds;
        if (n > 0 && at < DECIDE_LENGTH_MAX)
            at += (size_t)snprintf(out + at, DECIDE_LENGTH_MAX - at, "%s%lld %s%s",
                                   at > 0 ? ", " : "", (long long)n, units[i].name,
                                   n == 1 ? "" : "s");
    }
    if (at == 0)
        snprintf(out, DECIDE_LENGTH_MAX, "0 seconds");
    return out;
}

static void say(struct decide_result *out, enum report_label label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct decide_result *out, enum report_label label, const char *format, ...)
{
    va_list args;

    if (out->message_count == DECIDE_MESSAGES)
        return;
    struct decide_message *m = &out->messages[out->message_count++];
    m->label = label;
    va_start(args, format);
    vsnprintf(m->text, sizeof m->text, format, args);
    va_end(args);
}

/* A stamp of the future comes from a clock that was set back: it counts as none. */
static msec stamp(int64_t seconds, int64_t now)
{
    return seconds <= 0 || seconds > now ? LONG_AGO : seconds * SECOND;
}

static bool is_good(const struct cache_entry *e, enum family f)
{
    return e != NULL && text_equal(e->of[f].status, "good");
}

/* A service that says no again and again is asked less and less often. */
static msec error_interval(const struct decide_facts *facts)
{
    msec interval = facts->min_error_interval;
    bool fresh = facts->changed != NULL; /* other settings have not failed yet */

    for (unsigned i = 1; !fresh && i < facts->failures && interval < DAY; i++)
        interval = interval <= DAY / 2 ? interval * 2 : DAY;
    return interval;
}

/* Seconds stand for both clocks here: ddclient knows only one. */
static struct due look(const struct decide_facts *facts, enum family f)
{
    const struct cache_entry *e = facts->entry;
    struct addrset wanted = {0}, published = {0};
    struct moment now = {facts->now * SECOND, facts->now * SECOND};
    struct due_rules rules = {facts->min_interval, facts->max_interval, error_interval(facts),
                              true};
    struct due_facts due = {.published_at = LONG_AGO, .attempt_at = LONG_AGO};

    if (facts->known[f]) {
        addrset_add(&wanted, &facts->wanted[f]);
        due.wanted = &wanted;
    }
    if (e != NULL) {
        if (e->of[f].known) {
            addrset_add(&published, &e->of[f].addr);
            due.published = &published;
        }
        due.published_at = stamp(e->mtime, facts->now);
        due.attempt_at = stamp(e->atime, facts->now);
    }
    due.forced = facts->force;
    due.settings = facts->changed != NULL;
    due.failed = !is_good(e, f);
    struct due d = due_look(&due, &rules, &now);
    /* Only a change of the address waits for min-interval. */
    if (d.why == DUE_SETTINGS && d.hold == HOLD_MIN_INTERVAL)
        d.hold = HOLD_NONE;
    return d;
}

static void say_held(const struct decide_facts *facts, enum family f, const struct due *d,
                     struct decide_result *out)
{
    const struct cache_entry *e = facts->entry;
    bool failure = d->hold == HOLD_ERROR_INTERVAL;
    char wanted[ADDR_TEXT_MAX], old[ADDR_TEXT_MAX] = "<nothing>", length[DECIDE_LENGTH_MAX],
                                date[CACHE_DATE_MAX];
    bool warned = failure ? e->warned_error != 0 : e->warned_min != 0;

    if (failure)
        out->held_error = true;
    else
        out->held_min = true;
    if ((warned && !facts->verbose) || (failure && facts->silent_errors))
        return;
    if (e->of[f].known)
        addr_text(&e->of[f].addr, old);
    addr_text(&facts->wanted[f], wanted);
    msec interval = failure ? error_interval(facts) : facts->min_interval;
    if (interval == NEVER)
        snprintf(length, sizeof length, "ever");
    else
        decide_length(interval / SECOND, length);
    if (failure)
        say(out, REPORT_WARNING,
            "skipped update from %s to %s because it has been less than %s since the previous "
            "update attempt (on %s), which failed",
            old, wanted, length, cache_date(e->atime, date));
    else
        say(out, REPORT_WARNING,
            "skipped update from %s to %s because it has been less than %s since the previous "
            "update (on %s)",
            old, wanted, length, cache_date(e->mtime, date));
}

static void say_why(const struct decide_facts *facts, enum due_why why, struct decide_result *out)
{
    char length[DECIDE_LENGTH_MAX], date[CACHE_DATE_MAX];

    if (why == DUE_FORCED)
        say(out, REPORT_INFO, "update forced via 'force' option");
    else if (why == DUE_MAX_INTERVAL)
        say(out, REPORT_INFO,
            "update forced because it has been %s since the previous update (on %s)",
            decide_length(facts->now - facts->entry->mtime, length),
            cache_date(facts->entry->mtime, date));
    else if (why == DUE_SETTINGS)
        say(out, REPORT_INFO, "update forced because options changed: %s", facts->changed);
}

static void say_same(const struct decide_facts *facts, struct decide_result *out)
{
    char text[ADDR_TEXT_MAX];

    for (int f = 0; f < FAMILIES; f++)
        if (facts->known[f])
            say(out, REPORT_SUCCESS, "skipped update because %s address is already set to %s",
                family_name((enum family)f), addr_text(&facts->wanted[f], text));
}

void decide_host(const struct decide_facts *facts, struct decide_result *out)
{
    const struct cache_entry *e = facts->entry;
    char date[CACHE_DATE_MAX];
    enum due_why why = DUE_NOT;
    bool held = false;

    memset(out, 0, sizeof *out);
    if (!facts->force && e != NULL && e->wtime > facts->now) {
        say(out, REPORT_WARNING, "cannot update IP until after %s", cache_date(e->wtime, date));
        return;
    }
    for (int f = 0; f < FAMILIES; f++) {
        struct due d = look(facts, (enum family)f);
        if (d.why == DUE_NOT)
            continue;
        if (d.hold == HOLD_NONE) {
            out->due |= FAMILY_BIT(f);
            why = why == DUE_NOT ? d.why : why;
        } else {
            held = true;
            say_held(facts, (enum family)f, &d, out);
        }
    }
    if (out->due != 0) {
        /* What is updated is updated whole: both addresses are handed over. */
        for (int f = 0; f < FAMILIES; f++)
            if (facts->known[f])
                out->due |= FAMILY_BIT(f);
        out->held_min = out->held_error = false;
        out->message_count = 0;
        say_why(facts, why, out);
    } else if (!held && facts->verbose) {
        say_same(facts, out);
    }
}
