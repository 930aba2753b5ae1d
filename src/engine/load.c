/*
 * SPDX-License-Identifier: ISC
 */
/* The configuration: entries, their accounts and sources, first and on every reload. */
#include "engine/inside.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/fingerprint.h"
#include "engine/readback.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* By the chosen uplink, else by the first that uplink= lists. */
static void add_uplink(const struct engine *e, const char *list, const char *chosen,
                       struct transport *t)
{
    if (chosen != NULL)
        list = chosen;
    list += strspn(list, ", ");
    size_t n = strcspn(list, ", ");

    for (size_t i = 0; i < conf_object_count(e->conf); i++) {
        const char *name = conf_object_name(e->conf, i);
        if (!text_equal(conf_object_kind(e->conf, i), "uplink") || strlen(name) != n ||
            strncmp(name, list, n) != 0)
            continue;
        struct view object = conf_object_view(e->conf, i);
        t->interface = conf_text(&object, "interface");
        t->source_address = conf_text(&object, "source-address");
        t->mark = (uint32_t)conf_number(&object, "mark");
    }
}

struct transport load_transport(const struct engine *e, const struct view *v,
                                const struct source *v4, const struct source *v6)
{
    struct transport t = {
        .proxy = conf_text(v, "proxy"),
        .ca_file = conf_text(v, "ssl_ca_file"),
        .ca_dir = conf_text(v, "ssl_ca_dir"),
        .timeout = conf_length(v, "timeout"),
        .redirects = (unsigned)conf_number(v, "redirect"),
        .agent = e->options.agent,
    };
    const char *uplink = conf_text(v, "uplink");
    const char *chosen = uplinks_chosen(v4);

    if (uplink != NULL)
        add_uplink(e, uplink, chosen != NULL ? chosen : uplinks_chosen(v6), &t);
    return t;
}

struct transport load_entry_transport(const struct engine *e, const struct entry *entry)
{
    struct view v = conf_entry_view(entry->conf);
    const struct source_box *v4 = entry->rules->source[V4], *v6 = entry->rules->source[V6];

    return load_transport(e, &v, v4 != NULL ? v4->source : NULL, v6 != NULL ? v6->source : NULL);
}

const char *load_verify(const struct engine *e, const struct entry *entry)
{
    struct view v = conf_entry_view(entry->conf), globals = conf_globals(e->conf);
    const char *mode = conf_text(&v, "verify");

    if (text_equal(mode, "no"))
        return NULL;
    /* The DNS of a proxied record tells the proxy's addresses. */
    if (text_equal(mode, "api") || conf_bool(&v, "proxied"))
        return readback_possible(entry) ? "api" : NULL;
    if (text_equal(mode, "resolver"))
        return mode;
    /* outside=no: the name servers of a zone are outside hosts, too, unless they are named. */
    if (text_equal(conf_text(&globals, "outside"), "no") && conf_text(&v, "verify-server") == NULL)
        return NULL;
    return mode != NULL ? mode : "auth";
}

bool load_asks_first(const struct engine *e, const struct entry *entry)
{
    const struct account_box *box = entry->account;
    bool reads = entry->rules->policy != POLICY_FIRST && box != NULL &&
                 box->site->provider != NULL && provider_info(box->site->provider)->can_read;

    return e->options.asks && !reads && load_verify(e, entry) != NULL;
}

enum step_policy load_policy(const struct conf_entry *c)
{
    struct view v = conf_entry_view(c);
    const char *text = view_get(&v, "policy");

    if (text_equal(text, "keep"))
        return POLICY_BESIDE;
    if (text_equal(text, "replace"))
        return POLICY_REPLACE;
    if (text_equal(text, "first"))
        return POLICY_FIRST;
    return conf_entry_provider(c) != NULL ? POLICY_KEEP : POLICY_FIRST;
}

bool load_fixed(const struct engine *e, const struct source *source)
{
    return text_equal(e->seams.sense->ops->kind(source), "fixed");
}

void load_wanted_rules(const struct entry *entry, struct wanted_rules *out)
{
    *out = (struct wanted_rules){.loss = (enum wanted_loss)entry->rules->loss,
                                 .any_kind = entry->rules->any_kind};
    if (entry->rules->loss == LOSS_ADDRESS) {
        struct view v = conf_entry_view(entry->conf);
        wanted_parse_loss(view_get(&v, "on-loss"), out);
    }
}

const struct provider *load_provider(const struct engine *e, const struct conf_entry *c,
                                     enum entry_bar *bar, const struct protocol **protocol)
{
    const char *id = conf_entry_provider(c), *word = conf_entry_protocol(c);
    const struct provider *p = id != NULL ? registry_provider(e->seams.registry, id)
                                          : registry_protocol(e->seams.registry, word);
    const struct provider_info *info = p != NULL ? provider_info(p) : NULL;

    *bar = BAR_NONE;
    *protocol = NULL;
    if (p == NULL) {
        *bar = BAR_NO_PROVIDER;
        return NULL;
    }
    if (text_equal(info->status, "closed") || text_equal(info->status, "unsupported")) {
        *bar = text_equal(info->status, "closed") ? BAR_CLOSED : BAR_NO_DIALOGUE;
        return NULL;
    }
    *protocol = e->seams.dialogue != NULL ? e->seams.dialogue(info->speaks)
                                          : registry_dialogue(info->speaks);
    if (*protocol == NULL) {
        *bar = BAR_NO_DIALOGUE;
        return NULL;
    }
    return p;
}

/* Accounts */

struct prints {
    uint64_t content, settings, credentials, secrets;
};

/* What is found for an entry by its provider and its settings. */
struct finding {
    char *account; /* owned: its name */
    const struct provider *provider;
    const struct protocol *protocol;
    struct prints prints;
    /* Of an account's name the finding that was first; only that one knows whether they are
     * "several": hostnames whose account has one name but different secrets (a token each) must not
     * be judged as one. */
    struct finding *first;
    bool several;
};

enum { FIELDS_MAX = 64 };

static struct prints prints_of(const struct engine *e, const struct conf_entry *c,
                               const struct provider *p, struct fingerprint_known *known)
{
    const struct provider_info *info = p != NULL ? provider_info(p) : NULL;
    struct fingerprint_field fields[FIELDS_MAX];
    struct view v = conf_entry_view(c);
    uint64_t made[FINGERPRINTS];
    size_t n = 0;

    for (size_t i = 0; info != NULL && i < info->field_count && n < FIELDS_MAX; i++)
        fields[n++] = (struct fingerprint_field){info->fields[i].name, info->fields[i].secret};
    fingerprints(&v, fields, n, e->options.key, known, made);
    return (struct prints){made[FINGERPRINT_CONTENT], made[FINGERPRINT_SETTINGS],
                           made[FINGERPRINT_CREDENTIALS], made[FINGERPRINT_SECRETS]};
}

/* In a fleet all that is found for one holds for the next. */
static bool like_former(const struct engine *e, size_t i)
{
    return i > 0 && conf_entry_alike(e->order[i - 1]->conf, e->order[i]->conf);
}

static bool near_former(const struct engine *e, size_t i)
{
    return i > 0 && conf_entry_near(e->order[i - 1]->conf, e->order[i]->conf);
}

static bool same_server(const struct conf_entry *a, const struct conf_entry *b)
{
    struct view v = conf_entry_view(a), w = conf_entry_view(b);
    return text_equal(view_get(&v, "server"), view_get(&w, "server"));
}

/* That of the hostname before it, where its account's was found by that one's settings, unless it
 * is at another server. */
static struct site *site_at(struct engine *e, size_t i, const struct finding *f)
{
    const struct conf_entry *c = e->order[i]->conf;
    const struct account_box *former = near_former(e, i) ? e->loading[i - 1].account : NULL;

    return former != NULL && former->first == i && same_server(e->order[i - 1]->conf, c)
               ? former->site
               : site_of(e, c, f->provider, f->protocol);
}

/* It was an account of another provider or server: what is under way there ends there. */
static void leave_key(struct engine *e, struct account_box *box, const char *key)
{
    map_remove(e->accounts, key);
    account_own_key(box, mem_format("%s (former)", key));
}

/* The same account by another way, a proxy say: what is known of it holds there, too. */
static void move_account(struct account_box *box, struct site *site)
{
    box->site = site; /* site_sort_accounts() follows */
    engine_touch(box);
}

static struct account_box *account_box(struct engine *e, size_t i, const struct finding *f,
                                       const char *key)
{
    struct account_box *box = map_get(e->accounts, key), *former = box;

    if (box != NULL && box->seen)
        return box;
    struct site *site = site_at(e, i, f);
    if (box != NULL && box->site == site)
        return box;
    if (box != NULL && box->settings == f->prints.credentials) {
        move_account(box, site);
        return box;
    }
    if (former != NULL)
        leave_key(e, former, key);
    box = account_box_new(e, site);
    box->changed = former != NULL;
    map_set(e->accounts, key, box);
    site_add_account(box);
    return box;
}

static void note_secrets(struct map *accounts, struct finding *f)
{
    struct finding *first = map_first(accounts, f->account, f);

    f->first = first;
    if (first->prints.secrets != f->prints.secrets)
        first->several = true;
}

/* Owned; NULL: it goes by the account's name alone. */
static char *key_apart(const struct finding *f)
{
    return f->first->several ? mem_format("%s#%016" PRIx64, f->account, f->prints.secrets) : NULL;
}

/* Entries */

static uint32_t to_seconds(msec length)
{
    msec s = length == NEVER ? UINT32_MAX : (length + SECOND - 1) / SECOND;
    return s >= UINT32_MAX ? UINT32_MAX : s < 0 ? 0 : (uint32_t)s;
}

/* An interval counts when it was written or the provider has one; our own back-off is there
 * without it. */
static msec error_interval(const struct conf_entry *c, const struct view *v,
                           const struct provider *p)
{
    bool own;
    bool said = conf_entry_origin(c, "min-error-interval", &own) > 0 ||
                (p != NULL && provider_default(p, "min-error-interval") != NULL);
    return said ? conf_length(v, "min-error-interval") : 0;
}

static void read_settings(struct entry *entry, struct loading *loading, const struct provider *p)
{
    const struct account_box *account = loading->account;
    struct rules *rules = &loading->rules;
    struct view v = conf_entry_view(entry->conf);
    struct wanted_rules loss = {0};
    const char *enabled = view_get(&v, "enabled");
    msec min = conf_length(&v, "min-interval");

    if (account != NULL && account->site->gap_record > min)
        min = account->site->gap_record;
    rules->min_s = to_seconds(min);
    rules->max_s = to_seconds(conf_length(&v, "max-interval"));
    rules->error_s = to_seconds(error_interval(entry->conf, &v, p));
    wanted_parse_loss(view_get(&v, "on-loss"), &loss);
    rules->loss = (uint8_t)loss.loss;
    rules->any_kind = conf_bool(&v, "allow-private");
    rules->policy = (uint8_t)load_policy(entry->conf);
    rules->hook = conf_text(&v, "postscript") != NULL || conf_text(&v, "hook") != NULL;
    entry->leaving = false;
    if (conf_entry_parked(entry->conf))
        entry->bar = BAR_PARKED;
    else if (text_equal(enabled, "watch"))
        entry->bar = BAR_WATCH;
    else if (!conf_entry_enabled(entry->conf))
        entry->bar = BAR_PAUSED;
}

/* What was found of the settings that the entry before had formerly. */
struct formers {
    const struct conf_entry *last; /* NULL: of none yet */
    const struct provider *provider;
    struct fingerprint_known known;
    uint64_t secrets;
};

static uint64_t former_secrets(const struct engine *e, const struct entry *entry,
                               const struct conf_entry *former, struct formers *f)
{
    const struct provider *p = entry->account != NULL ? entry->account->site->provider : NULL;
    bool beside = f->last != NULL && f->provider == p;

    if (!beside || !conf_entry_alike(f->last, former)) {
        f->known.near = beside && conf_entry_near(f->last, former);
        f->secrets = prints_of(e, former, p, &f->known).secrets;
    }
    f->last = former;
    f->provider = p;
    return f->secrets;
}

/* Did it have the same secrets? They are part of its settings: where those are others, it is found
 * out. */
static bool same_secrets(const struct engine *e, const struct entry *entry,
                         const struct loading *loading, struct formers *f)
{
    if (loading->former == NULL)
        return loading->secrets == 0;
    return entry->settings == loading->settings ||
           former_secrets(e, entry, loading->former, f) == loading->secrets;
}

/* Secrets that are there with the first configuration were entered at some time before. */
static void date_secrets(struct engine *e, struct entry *entry, const struct loading *loading,
                         struct formers *f)
{
    uint64_t secrets = loading->secrets;

    if (same_secrets(e, entry, loading, f))
        return;
    entry->entered = e->loaded_from_state && e->clock_ok && secrets != 0;
    entry->secrets_at = entry->entered ? (uint32_t)(e->now.wall / SECOND) : 0;
}

static struct account_box *box_of(struct engine *e, size_t i, const struct finding *f)
{
    if (f->provider == NULL)
        return NULL;
    char *apart = key_apart(f);
    struct account_box *box = account_box(e, i, f, apart != NULL ? apart : f->account);
    if (box->seen) {
        mem_free(apart);
        return box;
    }
    box->first = (uint32_t)i + 1;
    account_own_key(box, apart);
    account_begin_budgets(box);
    if (box->settings != 0 && box->settings != f->prints.credentials)
        box->changed = true;
    box->settings = f->prints.credentials;
    box->seen = true;
    return box;
}

static void attach_account(struct engine *e, size_t i, const struct finding *f,
                           struct formers *formers)
{
    struct entry *entry = e->order[i];
    struct loading *loading = &e->loading[i];

    if (like_former(e, i)) {
        loading->account = loading[-1].account;
        loading->settings = loading[-1].settings;
        loading->secrets = loading[-1].secrets;
        loading->rules = loading[-1].rules;
        entry->bar = e->order[i - 1]->bar;
        entry->leaving = false;
    } else {
        loading->account = box_of(e, i, f);
        loading->settings = f->prints.settings;
        loading->secrets = f->prints.secrets;
        if (near_former(e, i)) {
            loading->rules = loading[-1].rules;
            entry->bar = e->order[i - 1]->bar;
            entry->leaving = false;
        } else {
            read_settings(entry, loading, f->provider);
        }
        loading->rules.content = f->prints.content;
    }
    if (entry->account != loading->account)
        ready_remove(entry);
    loading->known[V4] = loading->known[V6] = entry->settings;
    date_secrets(e, entry, loading, formers);
}

/* Provider, account and fingerprints of every entry. */
static void attach_accounts(struct engine *e)
{
    struct map *accounts = map_new_lent(); /* name -> the finding that is its first */
    struct finding *found = mem_array(e->entry_count, sizeof found[0]);
    struct fingerprint_known known;
    struct formers formers = {.last = NULL};
    size_t last = 0; /* the one before that is not like its former */

    fingerprint_known_init(&known);
    fingerprint_known_init(&formers.known);
    for (size_t i = 0; i < e->entry_count; i++) {
        enum entry_bar bar;
        const struct conf_entry *c = e->order[i]->conf;
        if (like_former(e, i))
            continue;
        known.near = near_former(e, i);
        if (known.near) {
            found[i].provider = found[last].provider;
            found[i].protocol = found[last].protocol;
            bar = (enum entry_bar)e->order[last]->bar;
        } else {
            found[i].provider = load_provider(e, c, &bar, &found[i].protocol);
        }
        e->order[i]->bar = (uint8_t)bar;
        found[i].prints = prints_of(e, c, found[i].provider, &known);
        found[i].account = conf_entry_make_account(c);
        if (found[i].provider != NULL)
            note_secrets(accounts, &found[i]);
        last = i;
    }
    for (size_t i = 0; i < e->entry_count; i++)
        attach_account(e, i, &found[i], &formers);
    site_sort_accounts(e);
    for (size_t i = 0; i < e->entry_count; i++)
        mem_free(found[i].account);
    fingerprint_known_fini(&known);
    fingerprint_known_fini(&formers.known);
    mem_free(found);
    map_free(accounts, NULL);
}

/* Everybody hears what changed. */

static void settings_changed(struct engine *e, struct entry *entry)
{
    for (int f = 0; f < FAMILIES; f++) {
        uint64_t published = entry->record[f]->content;
        uint64_t loaded = entry_loading(e, entry)->known[f];
        struct record_news news = {.event = RECORD_SETTINGS,
                                   .counts = published != 0 && published != entry->rules->content};
        if (loaded != 0 && loaded != entry->settings)
            engine_record(e, entry, (enum family)f, &news);
    }
}

/* Nothing proves what stands there: it was never published as far as memory goes, or the last
 * attempt may have reached the provider all the same. */
static bool unsure(const struct record *r)
{
    return r->published == NULL ||
           (r->failed && (r->last == OUTCOME_SERVER || r->last == OUTCOME_UNKNOWN));
}

static void announce(struct engine *e, struct entry *entry)
{
    struct record_news lost = {.event = RECORD_LOST}, doubt = {.event = RECORD_DOUBT};
    if (entry->bar == BAR_PAUSED && leave_begin(entry))
        entry->bar = BAR_NONE;
    struct record_news enable = {.event = entry->bar == BAR_NONE ? RECORD_ENABLE : RECORD_DISABLE};

    for (int f = 0; f < FAMILIES; f++) {
        bool stored = entry_loading(e, entry)->stored[f];
        bool asked_for = entry->rules->source[f] != NULL && entry->record[f] == &record_none[f];
        if (asked_for)
            entry_own_record(e, entry, (enum family)f);
        bool crashed = entry->fresh && stored && entry->record[f]->open;
        if (crashed) {
            engine_record(e, entry, (enum family)f, &lost);
            keep_record(e, entry, (enum family)f);
        }
        if ((entry->fresh || asked_for) && load_asks_first(e, entry) && unsure(entry->record[f]))
            engine_record(e, entry, (enum family)f, &doubt);
    }
    settings_changed(e, entry);
    for (int f = 0; f < FAMILIES; f++) {
        follow_entry(e, entry, (enum family)f);
        engine_record(e, entry, (enum family)f, &enable);
    }
    if (entry->entered)
        keep_secrets(e, entry);
    entry->fresh = entry->entered = false;
    tell_entry(e, entry);
}

/* A session, say, is that of the credentials with which it was begun. */
static void forget_memory(struct engine *e, struct account_box *box)
{
    struct memory *memory = account_dealings(box)->memory;
    char *key = account_key(box);

    memory_forget_all(memory, "");
    memory_take_changed(memory);
    state_batch_memory(e->batch, key, memory);
    mem_free(key);
}

static void announce_accounts(struct engine *e)
{
    struct account_news changed = {.event = ACCOUNT_SETTINGS}, look = {.event = ACCOUNT_LOOK};
    struct endpoint_news at_endpoint = {.event = ENDPOINT_LOOK};
    void *value;

    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box)) {
        engine_account(e, box, box->changed ? &changed : &look);
        if (box->changed) {
            keep_account(e, box);
            forget_memory(e, box);
        }
        box->fresh = box->changed = false;
    }
    for (size_t at = 0; map_next(e->refusers, &at, NULL, &value);) {
        struct account_box *box = value;
        engine_account(e, box, box->changed ? &changed : &look);
        box->fresh = box->changed = false;
    }
    for (size_t at = 0; map_next(e->endpoints, &at, NULL, &value);) {
        struct endpoint_box *box = value;
        engine_endpoint(e, box, &at_endpoint);
        box->fresh = false;
    }
}

/* Its outcome concerns nobody any more. Should it come back, it was under way when it went; the row
 * that says so is written again without it. */
static void leave_job(struct engine *e, struct entry *entry)
{
    struct engine_job *job = entry_job(entry);

    for (int f = 0; f < FAMILIES && !job->stale; f++)
        if (entry->record[f]->open)
            keep_record(e, entry, (enum family)f);
    for (size_t i = 0; i < job->job.member_count; i++)
        if (job->each[i].entry == entry)
            job->each[i].entry = NULL;
    attempts_changed(job);
}

static void drop_unseen(struct engine *e, struct entry *const *former, size_t former_count)
{
    tell_none_unseen(e);
    for (size_t k = 0; k < former_count; k++) {
        struct entry *entry = former[k];
        if (entry->seen)
            continue;
        if (entry_job(entry) != NULL)
            leave_job(e, entry);
        ready_remove(entry);
        heap_set(&e->heap, &entry->due, NEVER);
        tell_gone(e, entry);
        if (entry_removal(entry) != NULL) {
            removal_drop(entry_removal(entry));
            entry->errand->removal = NULL;
        }
        entry_free(e, entry);
    }
}

/* The entry of the former configuration that has this identity, if nobody took it yet. */
static struct entry *known_entry(const struct conf *former, struct entry *const *order,
                                 const struct conf_entry *c)
{
    if (former == NULL)
        return NULL;
    char *id = conf_entry_make_id(c);
    const struct conf_entry *known = conf_entry_by_id(former, id);
    struct entry *entry = known != NULL ? order[conf_entry_number(known)] : NULL;

    mem_free(id);
    return entry != NULL && !entry->seen ? entry : NULL;
}

static void collect(struct engine *e, const struct conf *former, struct entry *const *order,
                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i]->seen = false;
    e->entry_count = conf_entry_count(e->conf);
    e->burst += e->entry_count;
    e->order = mem_array(e->entry_count, sizeof e->order[0]);
    e->loading = mem_array(e->entry_count, sizeof e->loading[0]);
    for (size_t i = 0; i < e->entry_count; i++) {
        const struct conf_entry *c = conf_entry_at(e->conf, i);
        struct entry *entry = known_entry(former, order, c);
        e->order[i] = entry != NULL ? entry : entry_new(e);
        e->loading[i].former = e->order[i]->conf;
        e->order[i]->conf = c;
        e->order[i]->seen = true;
    }
}

static bool any_fresh(const struct engine *e)
{
    for (size_t i = 0; i < e->entry_count; i++)
        if (e->order[i]->fresh)
            return true;
    return false;
}

/* What did not begin yet begins anew, with the settings of now. */
static void give_up_prepared(struct engine *e)
{
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box))
        pump_return_queue(e, box);
    for (struct engine_job *job = e->jobs; job != NULL; job = job->next)
        job->stale = job->commit != NULL;
}

/* By key, while a configuration is taken over: at other times nobody looks for one. */
static void index_accounts(struct engine *e)
{
    e->accounts = map_new();
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box)) {
        char *key = account_key(box);
        box->seen = false;
        map_set(e->accounts, key, box);
        mem_free(key);
    }
}

/* Those that no hostname has any more keep their keys themselves. */
static void keep_keys(struct engine *e)
{
    const char *key;
    void *value;

    for (size_t at = 0; map_next(e->accounts, &at, &key, &value);)
        if (!((struct account_box *)value)->seen)
            account_own_key(value, mem_text(key));
}

enum err engine_load(struct engine *e, struct conf *conf, struct cause *c)
{
    struct conf *former = e->conf;
    struct entry **former_order = e->order;
    size_t former_count = e->entry_count;
    enum err result = OK;

    e->now = net_now(e->seams.net);
    give_up_prepared(e);
    e->conf = conf_ref(conf);
    if (e->options.schedule == NULL) { /* else the caller's numbers hold */
        struct view globals = conf_globals(conf);
        e->schedule.settle = conf_length(&globals, "settle");
    }
    report_forget_shared(e);
    index_accounts(e);
    collect(e, former, former_order, former_count);
    attach_accounts(e);
    keep_keys(e);
    sources_attach(e);
    renamed_look(e, former_order, former_count);
    drop_unseen(e, former_order, former_count);
    mem_free(former_order);
    if (any_fresh(e) || !e->loaded_from_state) {
        keep_commit(e); /* what the state must know before it is asked */
        result = keep_load(e, false, c);
    }
    if (!e->clock_ever_ok && clock_believable(&e->now, e->floor))
        e->clock_ok = e->clock_ever_ok = true; /* what was loaded has its right age */
    announce_accounts(e);
    for (size_t i = 0; i < e->entry_count; i++)
        announce(e, e->order[i]);
    mem_free(e->loading);
    e->loading = NULL;
    map_free(e->accounts, NULL);
    e->accounts = NULL;
    conf_unref(former);
    engine_wake(e);
    return result;
}

static void refuser_free(void *p)
{
    struct account_box *box = p;

    mem_free(box->site);
    account_box_fini(box);
}

static void sites_free(struct engine *e)
{
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box))
        account_box_fini(box);
    for (struct site *s = e->sites, *next; s != NULL; s = next) {
        next = s->next;
        mem_free(s);
    }
}

static void endpoint_free(void *p)
{
    struct endpoint_box *box = p;

    endpoint_fini(&box->endpoint);
    mem_free(box->key);
    mem_free(box);
}

void load_forget_all(struct engine *e)
{
    report_forget_shared(e);
    sources_forget(e);
    for (size_t i = 0; i < e->entry_count; i++)
        entry_free(e, e->order[i]);
    pool_fini(&e->records);
    pool_fini(&e->entries);
    pool_fini(&e->errands);
    sites_free(e);
    map_free(e->refusers, refuser_free);
    pool_fini(&e->account_boxes);
    map_free(e->endpoints, endpoint_free);
    mem_free(e->order);
    conf_unref(e->conf);
}
