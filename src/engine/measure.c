/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/measure.h"

#include "base/mem.h"
#include "engine/inside.h"
#include "engine/show.h"

#include <stdio.h>

/* Counting */

struct tally *measure_tally(struct engine *e, const struct provider *p)
{
    const char *id = provider_info(p)->id;
    struct tally *t = map_get(e->tallies, id);

    if (t == NULL) {
        t = mem_alloc(sizeof *t);
        map_set(e->tallies, id, t);
    }
    return t;
}

void measure_outcome(const struct account_box *box, enum outcome_class cls)
{
    box->site->tally->outcomes[cls]++;
}

void measure_reply(const struct account_box *box, const struct reply *reply)
{
    if (reply->error == NET_OK)
        histogram_note(&box->site->tally->requests, (double)reply->took / SECOND);
    else if (reply->error != NET_CANCELLED && reply->error != NET_DRY)
        box->site->tally->lost_requests++;
}

/* The service as a whole */

static void flag(struct exposition *x, const char *name, const char *help, bool yes)
{
    const struct metric m = {name, METRIC_GAUGE, NULL, help};

    exposition_family(x, &m);
    exposition_sample(x, yes, NULL);
}

static void measure_service(const struct engine *e, struct exposition *x)
{
    static const struct metric commits = {
        "homing_state_commits", METRIC_COUNTER, NULL,
        "Commits to the memory on disk, by whether they were stored."};

    flag(x, "homing_updates_enabled", "1 while updates are sent, 0 when updates=no.", e->on);
    flag(x, "homing_clock_believed", "1 when the clock is set; nothing is sent before.",
         e->clock_ok);
    flag(x, "homing_configuration_good",
         "1 when the file of the configuration is in use, 0 when a former one is.",
         e->conf_trouble == NULL);
    flag(x, "homing_state_up", "1 when what homing does can be stored; nothing is sent otherwise.",
         e->trouble == NULL);
    exposition_family(x, &commits);
    exposition_sample(x, (double)e->commits_stored, "result", "stored", NULL);
    exposition_sample(x, (double)e->commits_failed, "result", "failed", NULL);
}

/* Hostnames and records */

struct listed {
    const struct entry *entry;
    enum family family;
};

static bool exists(const struct entry *entry, enum family f)
{
    return entry->rules->source[f] != NULL || entry->record[f]->published != NULL;
}

static enum shown_state state_of(const struct engine *e, const struct entry *entry, enum family f)
{
    struct shown s;

    show_record(e, entry, f, &s);
    return s.state;
}

/* First those that are not right, then the others, as far as there is room. */
static size_t choose_records(const struct engine *e, struct listed *out, size_t *all)
{
    size_t n = 0;

    *all = 0;
    for (int good = 0; good < 2; good++)
        for (size_t i = 0; i < e->entry_count; i++)
            for (int f = 0; f < FAMILIES; f++) {
                const struct entry *entry = e->order[i];
                if (!exists(entry, (enum family)f))
                    continue;
                bool right = state_of(e, entry, (enum family)f) == SHOWN_RIGHT;
                *all += good == 0;
                if (right == (good != 0) && n < MEASURE_RECORDS)
                    out[n++] = (struct listed){entry, (enum family)f};
            }
    return n;
}

static const char *provider_of(const struct entry *entry)
{
    const char *id = conf_entry_provider(entry->conf);

    return entry->account != NULL ? provider_info(entry->account->site->provider)->id
           : id != NULL           ? id
                                  : conf_entry_protocol(entry->conf);
}

static void sample_record(struct exposition *x, const struct listed *l, double value)
{
    char *id = entry_make_id(l->entry);

    exposition_sample(x, value, "entry", id, "hostname", entry_name(l->entry), "provider",
                      provider_of(l->entry), "family", family_name(l->family), NULL);
    mem_free(id);
}

/* One family of measurements of single records; value() says whether there is one. */
struct record_metric {
    struct metric metric;
    bool (*value)(const struct engine *e, const struct listed *l, double *out);
};

static bool age_of(const struct engine *e, const struct listed *l, double *out)
{
    msec at = l->entry->record[l->family]->published_at;

    *out = (double)(e->now.mono - at) / SECOND;
    return at != LONG_AGO;
}

static bool unchanged_of(const struct engine *e, const struct listed *l, double *out)
{
    msec at = l->entry->record[l->family]->changed_at;

    *out = (double)(e->now.mono - at) / SECOND;
    return at != LONG_AGO;
}

static bool failures_of(const struct engine *e, const struct listed *l, double *out)
{
    (void)e;
    *out = l->entry->record[l->family]->failures;
    return true;
}

static bool dns_agrees(const struct engine *e, const struct listed *l, double *out)
{
    const struct engine_verified *v = l->entry->verified;

    (void)e;
    if (v == NULL || v[l->family].state == VERIFIED_NEVER || v[l->family].state == VERIFIED_UNKNOWN)
        return false;
    *out = v[l->family].state == VERIFIED_AGREES;
    return true;
}

/* Of one that is only watched the DNS alone tells. */
static bool is_right(const struct engine *e, const struct listed *l, double *out)
{
    if (l->entry->bar == BAR_WATCH)
        return dns_agrees(e, l, out);
    *out = state_of(e, l->entry, l->family) == SHOWN_RIGHT;
    return l->entry->bar != BAR_PAUSED;
}

static const struct record_metric record_metrics[] = {
    {{"homing_record_right", METRIC_GAUGE, NULL,
      "1 when what is wanted is published and nothing speaks against it, else 0."},
     is_right},
    {{"homing_record_age_seconds", METRIC_GAUGE, "seconds",
      "Time since the provider last confirmed what is published."},
     age_of},
    {{"homing_record_unchanged_seconds", METRIC_GAUGE, "seconds",
      "Time since what is published became another address."},
     unchanged_of},
    {{"homing_record_failures", METRIC_GAUGE, NULL, "Failed attempts in a row."}, failures_of},
    {{"homing_record_dns_agrees", METRIC_GAUGE, NULL,
      "1 when the DNS was seen to say what was published, 0 when it says something else."},
     dns_agrees},
};

static const char *set_text(const struct set *set, char *out)
{
    return set != NULL ? addrset_text(set_addresses(set), out) : "";
}

static void sample_addresses(const struct engine *e, struct exposition *x, const struct listed *l)
{
    const struct record *r = l->entry->record[l->family];
    char wanted[ADDRSET_TEXT_MAX], published[ADDRSET_TEXT_MAX], *id = entry_make_id(l->entry);

    exposition_sample(x, 1, "entry", id, "hostname", entry_name(l->entry), "provider",
                      provider_of(l->entry), "family", family_name(l->family), "wanted",
                      set_text(r->wanted, wanted), "published", set_text(r->published, published),
                      "state", shown_state_name(state_of(e, l->entry, l->family)), NULL);
    mem_free(id);
}

static void measure_records(const struct engine *e, struct exposition *x)
{
    static const struct metric records = {
        "homing_records", METRIC_GAUGE, NULL,
        "Records (a hostname at a provider, one family): all, and those that are listed singly."};
    static const struct metric addresses = {
        "homing_record", METRIC_INFO, NULL,
        "What is wanted and what is published; empty when it is not known."};
    struct listed *list = mem_array(MEASURE_RECORDS, sizeof list[0]);
    size_t all, n = choose_records(e, list, &all);

    exposition_family(x, &records);
    exposition_sample(x, (double)all, "kind", "all", NULL);
    exposition_sample(x, (double)n, "kind", "listed", NULL);
    for (size_t m = 0; m < sizeof record_metrics / sizeof record_metrics[0]; m++) {
        double value;
        exposition_family(x, &record_metrics[m].metric);
        for (size_t i = 0; i < n; i++)
            if (record_metrics[m].value(e, &list[i], &value))
                sample_record(x, &list[i], value);
    }
    exposition_family(x, &addresses);
    for (size_t i = 0; i < n; i++)
        sample_addresses(e, x, &list[i]);
    mem_free(list);
}

static void measure_hostnames(const struct engine *e, struct exposition *x)
{
    static const struct metric hostnames = {
        "homing_hostnames", METRIC_GAUGE, NULL,
        "Hostnames by their state, as the page shows it: the worst of their records."};
    long counts[SHOWN_STATES] = {0};

    for (size_t i = 0; i < e->entry_count; i++) {
        struct shown s;
        show_entry(e, e->order[i], &s);
        counts[s.state]++;
    }
    exposition_family(x, &hostnames);
    for (int s = 0; s < SHOWN_STATES; s++)
        exposition_sample(x, (double)counts[s], "state", shown_state_name((enum shown_state)s),
                          NULL);
}

/* Providers: what was said and how long it took. All outcomes from the start, so that a first one
 * is seen as an increase. */
static void measure_providers(const struct engine *e, struct exposition *x)
{
    static const struct metric outcomes = {"homing_outcomes", METRIC_COUNTER, NULL,
                                           "Outcomes of records, by provider and class."};
    static const struct metric requests = {"homing_request_duration_seconds", METRIC_HISTOGRAM,
                                           "seconds", "Answered requests to providers."};
    static const struct metric lost = {
        "homing_requests_lost", METRIC_COUNTER, NULL,
        "Requests to providers without an answer: refused, timed out, broken off, no TLS."};
    const char *id;
    void *value;

    exposition_family(x, &outcomes);
    for (size_t at = 0; map_next(e->tallies, &at, &id, &value);) {
        const struct tally *t = value;
        for (int c = 0; c < OUTCOME_CLASSES; c++)
            if (c != OUTCOME_NONE && c != OUTCOME_EXISTS)
                exposition_sample(x, (double)t->outcomes[c], "provider", id, "outcome",
                                  outcome_rule((enum outcome_class)c)->name, NULL);
    }
    exposition_family(x, &requests);
    for (size_t at = 0; map_next(e->tallies, &at, &id, &value);)
        exposition_histogram(x, &((const struct tally *)value)->requests, "provider", id, NULL);
    exposition_family(x, &lost);
    for (size_t at = 0; map_next(e->tallies, &at, &id, &value);)
        exposition_sample(x, (double)((const struct tally *)value)->lost_requests, "provider", id,
                          NULL);
}

/* Accounts and their budgets */

static bool account_up(const struct account_box *box)
{
    return account_room(&box->account) != ROOM_NONE;
}

/* Those that hostnames have; what is held back first. */
static size_t choose_accounts(const struct engine *e, struct account_box **out)
{
    size_t n = 0;

    for (int up = 0; up < 2; up++)
        for (struct account_box *box = account_first(e); box != NULL; box = account_next(box))
            if (box->first != 0 && account_up(box) == (up != 0) && n < MEASURE_ACCOUNTS)
                out[n++] = box;
    return n;
}

/* limit: its place among those of the provider file, since two may have the same length. */
static void sample_budgets(const struct engine *e, struct exposition *x,
                           const struct account_box *box, bool left)
{
    struct budget_box *b;
    char number[24], *key = account_key(box);

    for (size_t i = 0; i < account_budget_count(box); i++) {
        b = &box->dealings->budgets[i];
        struct budget copy = b->budget; /* asking it moves its slots on */
        snprintf(number, sizeof number, "%zu", i + 1);
        exposition_sample(x, left ? budget_left(&copy, true, e->now.mono) : copy.n, "account", key,
                          "provider", provider_info(box->site->provider)->id, "limit", number,
                          "counts", b->writes_only ? "writes" : "requests", "scope",
                          account_kind(box), NULL);
    }
    mem_free(key);
}

static void measure_budgets(const struct engine *e, struct exposition *x,
                            struct account_box *const *list, size_t n)
{
    static const struct metric budgets[] = {
        {"homing_budget_left", METRIC_GAUGE, NULL,
         "Requests that the provider's limit still allows now."},
        {"homing_budget_limit", METRIC_GAUGE, NULL,
         "Requests that the provider's limit allows in its period."}};
    void *value;

    for (int m = 0; m < 2; m++) {
        exposition_family(x, &budgets[m]);
        for (size_t i = 0; i < n; i++)
            sample_budgets(e, x, list[i], m == 0);
        for (size_t at = 0; map_next(e->refusers, &at, NULL, &value);)
            sample_budgets(e, x, value, m == 0); /* shared by all accounts there */
    }
}

static bool account_needs_you(const struct account_box *box)
{
    return box->account.state == ACCOUNT_STOPPED || box->account.state == ACCOUNT_BLOCKED;
}

static const struct account_metric {
    struct metric metric;
    bool (*value)(const struct account_box *box);
} account_metrics[] = {
    {{"homing_account_up", METRIC_GAUGE, NULL,
      "1 when the account's records may be sent, 0 while it waits, is stopped or blocked."},
     account_up},
    {{"homing_account_needs_you", METRIC_GAUGE, NULL,
      "1 when the account is stopped or blocked until a person acts."},
     account_needs_you},
};

static void measure_accounts(const struct engine *e, struct exposition *x)
{
    struct account_box **list = mem_array(MEASURE_ACCOUNTS, sizeof list[0]);
    size_t n = choose_accounts(e, list);

    for (size_t m = 0; m < sizeof account_metrics / sizeof account_metrics[0]; m++) {
        exposition_family(x, &account_metrics[m].metric);
        for (size_t i = 0; i < n; i++) {
            char *key = account_key(list[i]);
            exposition_sample(x, account_metrics[m].value(list[i]), "account", key, "provider",
                              provider_info(list[i]->site->provider)->id, NULL);
            mem_free(key);
        }
    }
    measure_budgets(e, x, list, n);
    mem_free(list);
}

/* Sources */

struct listed_source {
    const struct source_box *box;
    enum family family;
    const struct sensed *sensed;
};

static size_t choose_sources(const struct engine *e, struct listed_source *out)
{
    size_t n = 0;

    for (int up = 0; up < 2; up++)
        for (size_t i = 0; i < e->source_count; i++)
            for (int f = 0; f < FAMILIES; f++) {
                const struct source_box *box = e->sources[i];
                const struct sensed *s = e->seams.sense->ops->value(box->source, (enum family)f);
                if (box->user_count[f] == 0 || s == NULL || n == MEASURE_SOURCES ||
                    (s->state != SENSED_UNKNOWN) != (up != 0))
                    continue;
                out[n++] = (struct listed_source){box, (enum family)f, s};
            }
    return n;
}

static double source_up(const struct engine *e, const struct sensed *s)
{
    (void)e;
    return s->state != SENSED_UNKNOWN;
}

static double source_addresses(const struct engine *e, const struct sensed *s)
{
    (void)e;
    return s->state == SENSED_KNOWN ? s->set.count : 0;
}

static double source_age(const struct engine *e, const struct sensed *s)
{
    return e->now.wall > s->asked ? (double)(e->now.wall - s->asked) / SECOND : 0;
}

static double source_duration(const struct engine *e, const struct sensed *s)
{
    (void)e;
    return (double)s->took / SECOND;
}

static const struct source_metric {
    struct metric metric;
    bool asked; /* only for those that were asked already */
    double (*value)(const struct engine *e, const struct sensed *s);
} source_metrics[] = {
    {{"homing_source_up", METRIC_GAUGE, NULL,
      "1 when the source says something, also that there is no address; 0 when it does not."},
     false,
     source_up},
    {{"homing_source_addresses", METRIC_GAUGE, NULL, "How many addresses the source tells."},
     false,
     source_addresses},
    {{"homing_source_age_seconds", METRIC_GAUGE, "seconds",
      "Time since the source last answered or failed."},
     true,
     source_age},
    {{"homing_source_duration_seconds", METRIC_GAUGE, "seconds",
      "How long the source took to answer the last time."},
     true,
     source_duration},
};

static void measure_sources(const struct engine *e, struct exposition *x)
{
    struct listed_source *list = mem_array(MEASURE_SOURCES, sizeof list[0]);
    size_t n = choose_sources(e, list);

    for (size_t m = 0; m < sizeof source_metrics / sizeof source_metrics[0]; m++) {
        exposition_family(x, &source_metrics[m].metric);
        for (size_t i = 0; i < n; i++)
            if (!source_metrics[m].asked || list[i].sensed->asked != 0)
                exposition_sample(x, source_metrics[m].value(e, list[i].sensed), "source",
                                  e->seams.sense->ops->name(list[i].box->source), "kind",
                                  e->seams.sense->ops->kind(list[i].box->source), "family",
                                  family_name(list[i].family), NULL);
    }
    mem_free(list);
}

void measure_engine(struct engine *e, struct exposition *x)
{
    e->now = net_now(e->seams.net);
    measure_service(e, x);
    measure_hostnames(e, x);
    measure_records(e, x);
    measure_providers(e, x);
    measure_accounts(e, x);
    measure_sources(e, x);
}
