/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_INSIDE_H
#define HOMING_ENGINE_INSIDE_H

#include "base/exposition.h"
#include "base/map.h"
#include "base/pool.h"
#include "decide/account.h"
#include "decide/budget.h"
#include "decide/endpoint.h"
#include "decide/heap.h"
#include "decide/jobs.h"
#include "decide/record.h"
#include "engine/engine.h"
#include "engine/run_job.h"
#include "engine/uplinks.h"

/*
 * What the files of the engine share, and nobody else sees. Who does what:
 *   engine.c   life, the turn, updates by persons
 *   entry.c    how entries lie in memory
 *   account_box.c  how accounts do
 *   load.c     configuration: entries, accounts
 *   sources.c  configuration: sources
 *   follow.c   from sources to what records should be
 *   pump.c     from ready records to jobs; budgets
 *   attempts.c  what is stored of jobs before they run
 *   work.c     running a job, its outcomes
 *   keep.c     between memory and state
 *   tell.c     observers, history, log lines, hooks
 *   measure.c  counting
 *   readback.c  asking a provider what stands there
 *   renamed.c  hostnames that got another name
 *   leave.c    on-loss= for hostnames that leave
 *   plan.c, once.c, remove.c
 */

enum heap_kind { DUE_ENTRY, DUE_ACCOUNT, DUE_ENDPOINT, DUE_SOURCE };

/* Why an entry can never be sent as things are. */
enum entry_bar {
    BAR_NONE,
    BAR_PAUSED,      /* enabled=no */
    BAR_WATCH,       /* enabled=watch */
    BAR_PARKED,      /* its statement has an error */
    BAR_NO_PROVIDER, /* no such provider or protocol */
    BAR_CLOSED,      /* the service has closed */
    BAR_NO_DIALOGUE  /* homing can not speak to it */
};

struct account_box;
struct endpoint_box;
struct source_box;
struct engine_job;
struct removal;

/* What the settings of an entry say, its account's aside: one for all that say the same and stand
 * beside each other in the file. */
struct rules {
    struct source_box *source[FAMILIES]; /* NULL: the family is not wanted */
    uint64_t content;                    /* fingerprint of now */
    uint32_t min_s, max_s, error_s;      /* intervals in seconds; UINT32_MAX: NEVER */
    uint32_t users;                      /* entries that have it */
    uint8_t policy;                      /* enum step_policy */
    uint8_t loss;                        /* enum wanted_loss */
    bool any_kind;
    bool hook; /* they have a postscript */
};

/* What an entry has while it is ready, on its way or being taken away. */
struct errand {
    struct entry *ready_next, *ready_prev; /* in the account's ready list */
    struct engine_job *job;                /* that carries it now */
    struct removal *removal;               /* its records are being taken away; or NULL */
    char *id;                              /* owned: see entry_id(); NULL: nobody asked */
};

/* Small, as its records are: there may be a hundred thousand. */
struct entry {
    struct heap_item due;             /* first: the heap gives it back */
    const struct conf_entry *conf;    /* of e->conf */
    struct account_box *account;      /* NULL when barred for want of a provider */
    struct rules *rules;              /* counted */
    uint64_t settings;                /* fingerprint of now */
    struct record *record[FAMILIES];  /* owned, of e->records; or record_none */
    struct errand *errand;            /* owned, of e->errands; NULL: it is on none */
    struct engine_verified *verified; /* owned, FAMILIES of them; NULL: never */
    uint32_t secrets_at; /* wall, seconds: they were entered; 0: before homing saw the hostname */
    uint32_t next_of_account; /* its number in e->order, plus one; 0: it is the last */
    uint8_t bar;              /* enum entry_bar */
    bool leaving : 1;         /* it goes, and on-loss= is carried out first */
    bool ready : 1;           /* in the ready list */
    bool person : 1;          /* asked for by a person, until it is sent */
    bool told : 1;            /* in the list of those that changed */
    bool seen : 1;            /* while loading */
    bool fresh : 1;           /* while loading: it takes what the state knows */
    bool entered : 1;         /* while loading: its secrets are new */
};

/* What is known of an entry only while a configuration is taken over. */
struct loading {
    const struct conf_entry *former; /* in the configuration before; NULL: it was not there */
    struct account_box *account;
    struct rules rules;         /* its own; shared at the end where neighbours agree */
    uint64_t settings, secrets; /* fingerprints of now; of secrets 0: there are none */
    uint64_t known[FAMILIES];   /* of settings, as it was, or as the state knew it; 0: it did not */
    bool stored[FAMILIES];      /* the state knew the record */
};

struct source_box {
    struct heap_item due; /* the end of the settle time */
    struct source *source;
    size_t order;                   /* of its first use */
    struct entry **users[FAMILIES]; /* owned arrays, or pieces of e->order */
    size_t user_count[FAMILIES];
    bool of_order[FAMILIES];
    unsigned counted; /* uses that the sense counts */
    bool changed[FAMILIES];
    enum sensed_state state[FAMILIES]; /* as the users last heard it */
    struct addrset set[FAMILIES];
    msec first;                   /* mono: of the first event of a burst; 0: none */
    const char *uplink[FAMILIES]; /* that counts, of several; NULL: none yet */
};

struct budget_box {
    struct budget budget;
    bool writes_only;
    char *key; /* owned: "account|limit number|scope" */
};

/* What a provider said since the start. */
struct tally {
    uint64_t outcomes[OUTCOME_CLASSES]; /* of records */
    struct histogram requests;          /* answered ones */
    uint64_t lost_requests;             /* without an answer */
};

/* What accounts at one provider and one server have in common; a provider's refusals have one of
 * their own. */
struct site {
    struct engine *engine;
    const struct provider *provider;
    const struct protocol *protocol;
    struct tally *tally;           /* of the provider; e->tallies owns it */
    struct account_box *refuser;   /* of the provider, shared by its sites; NULL: this is its own */
    struct endpoint_box *endpoint; /* NULL likewise */
    struct account_box *accounts, *last; /* in the order they came */
    struct site *next;                   /* of e->sites */
    struct site *refused;                /* of a refuser: the sites of its provider */
    struct site *next_of_refuser, *next_of_endpoint;
    unsigned requests; /* in flight an account */
    msec gap_record;   /* limits of scope "record": at most one write in this time */
};

/* What an account has while it is at work, and the few that are kept from it or remember something:
 * made when it is needed, gone when it is empty. */
struct dealings {
    char *key;             /* owned: where its hostnames do not give it, or it has none; or NULL */
    struct memory *memory; /* owned */
    struct run_gate gate;
    struct engine_job *queue_first, *queue_last; /* committed, not yet running */
    unsigned running, committing, readbacks;
    unsigned taken;      /* jobs whose place is free and whose outcomes are still to be told */
    unsigned batch_most; /* hosts in a job, after "too long" */
    msec budget_at;      /* mono: held back by a budget until; 0: not */
    /* Owned; of the provider's limits, without those a record has. NULL: it has none. */
    struct budget_box *budgets;
    uint32_t budget_count;
};

/* What is stopped as a whole and has the words of it: accounts, and providers (agent). Small: in a
 * fleet each hostname may have its own. */
struct account_box {
    struct heap_item due;
    struct site *site;
    struct account_box *next; /* of the site */
    struct dealings *dealings;
    struct entry *ready; /* its first entry that is ready; the last is the one before it */
    uint32_t first;      /* entry of it: its number in e->order, plus one; 0: it has none */
    bool dirty : 1, fresh : 1;
    bool seen : 1;     /* while loading: an entry has it */
    bool changed : 1;  /* its credentials are others than the state knew */
    uint64_t settings; /* fingerprint of the credentials */
    struct account account;
};

struct endpoint_box {
    struct heap_item due;
    char *key; /* owned: host[:port] or the provider's id */
    struct endpoint endpoint;
    struct run_gate gate;
    struct site *sites;
    struct endpoint_box *away_next, *away_prev; /* of e->away */
    bool away, fresh;
};

/* A job from the moment its attempts are handed to the state. */
struct engine_job {
    struct engine *engine;
    struct account_box *box;
    struct conf *conf; /* counted: the views of its members */
    struct job job;
    struct member *members;        /* owned */
    uint64_t credentials;          /* fingerprint of the account's, as it began */
    struct endpoint_box *endpoint; /* where it went; the account may be elsewhere meanwhile */
    struct transport transport;
    struct run_job *run;
    msec started;                /* mono */
    uint64_t exchange, answered; /* its first exchange, and the last that was answered; 0: none */
    bool person;
    bool endpoint_told; /* its trouble was counted */
    bool any;           /* some outcome told about the account */
    bool taken;         /* all of it; its place is free, its outcomes are still to be told */
    bool request_told;
    bool stale;         /* made by a former configuration: not to be started */
    unsigned set_aside; /* writes taken from the budgets beforehand */
    unsigned set_aside_requests;
    struct engine_job *next, *prev; /* all jobs */
    struct engine_job *queue_next;
    struct engine_commit *commit;
    struct engine_job *next_of_commit;
    struct bundle *bundle; /* NULL: nothing is stored of it as being under way */
    struct engine_job *next_of_bundle, *prev_of_bundle;
    struct {
        struct entry *entry; /* NULL: it went meanwhile */
        unsigned due;        /* FAMILY_BIT()s that are under way */
    } each[];                /* of the members */
};

/* Attempts that are stored in one row: of jobs that were made at one time. */
struct bundle {
    int64_t number; /* of the row */
    msec at;        /* mono */
    size_t members; /* of its jobs, when they were made */
    struct engine_job *jobs;
    struct bundle *next, *prev;
    bool changed; /* the row is to be written with the next commit */
    struct bundle *next_changed;
};

/* Attempts that are being committed together. */
struct engine_commit {
    struct engine *engine; /* NULL: abandoned */
    struct engine_commit *next, *prev;
    struct engine_job *jobs, *last_job; /* that wait for it */
    unsigned kinds;                     /* of their requests, as bits (enum request_kind) */
};

enum { OBSERVERS_MAX = 8 };

/* A setting of a line that several hostnames have. */
struct shared_setting {
    char *name; /* owned */
    unsigned line;
    long count; /* of the hostnames */
};

struct engine {
    struct engine_seams seams; /* its sense is that of the uplinks */
    struct uplinks *uplinks;
    struct schedule schedule;
    struct engine_options options;
    struct chance chance;
    struct sets *sets;
    struct conf *conf;
    struct site *sites, *last_site; /* owned: in the order they came, with their accounts */
    struct map *accounts;           /* by key; only while loading */
    struct map *refusers, *endpoints;
    struct endpoint_box
        *away;             /* those that could not be reached at all, until the network changes */
    msec online;           /* mono: when it did last */
    size_t ready_accounts; /* that have entries which are ready */
    struct map *tallies;   /* owned: provider id to struct tally, from the start to the end */
    struct pool entries, records, errands, account_boxes;
    struct entry **order; /* owned: in the order of the file, as in conf */
    size_t entry_count;
    struct loading *loading;       /* owned: in the same order; only while loading */
    struct source_box **sources;   /* owned, in the order of their first use */
    struct source_box **by_source; /* owned: the same, sorted by pointer */
    size_t source_count;
    struct heap heap;
    struct net_timer *timer;
    struct moment now;          /* of this turn */
    struct account_box **dirty; /* owned: in the order they were touched, from the dirty_at-th on */
    size_t dirty_at, dirty_count; /* both 0: none was */
    size_t handed;                /* records handed over in this turn */
    size_t under_way;             /* members of jobs */
    size_t burst;                 /* entries loaded and handed over since it last rested */
    struct entry **changed;       /* owned: told to observers at the end of the turn */
    size_t changed_count, changed_room;
    char **gone; /* owned: likewise */
    size_t gone_count;
    struct state_batch *batch; /* goes with the next commit */
    struct engine_commit *commits, *next_commit;
    struct bundle *bundles, *bundles_changed;
    struct bundle *bundle; /* that jobs are added to */
    int64_t bundle_number;
    uint64_t commits_stored, commits_failed;
    uint64_t walked; /* entries, accounts and jobs gone through to find whom an event concerns */
    struct exchanges *exchanges;         /* owned: the latest */
    struct engine_job *jobs, *jobs_last; /* in the order they were made */
    struct engine_once_box *once;
    struct engine_plan_box *plans;
    struct readback *readbacks;
    struct shared_setting *shared; /* owned: what was asked about; of this configuration */
    size_t shared_count;
    struct leaving *leave; /* the service stops; NULL: it does not, or nobody waits */
    struct hook *hooks;
    msec floor;         /* wall: the clock was once here */
    msec clock_since;   /* mono: of the last change of clock_ok */
    msec offset;        /* wall - mono, as last seen */
    msec turn_at;       /* mono: when the next turn is due */
    msec late, late_at; /* the longest that a turn was late within an hour, and when (wall) */
    msec retry_at;      /* mono: commits fail; nothing is sent before */
    msec gather_end;    /* mono: outcomes that gathered are handed over; 0: none did */
    size_t gathered;    /* records in the batch */
    char *trouble;      /* owned: why commits fail, for people; NULL when they do not */
    char *conf_trouble; /* owned: why the file of the configuration is not used, for people; or NULL
                         */
    bool loaded_from_state, started, on, stopping, verdict_told;
    bool clock_ok;      /* the clock is believed */
    bool clock_ever_ok; /* it was, at some time of this process */
    bool hold;          /* a pass waits for its sources */
    void (*stop_done)(void *arg);
    void *stop_arg;
    struct engine_observer observers[OBSERVERS_MAX];
    bool observed[OBSERVERS_MAX];
};

/* engine.c */
void engine_wake(struct engine *e); /* a turn follows */
struct account_world engine_account_world(struct engine *e, const char *about);
/* The one way to tell a record something: state, heap, ready list and observers follow. */
void engine_record(struct engine *e, struct entry *entry, enum family f,
                   const struct record_news *news);
void engine_account(struct engine *e, struct account_box *box, const struct account_news *news);
void engine_endpoint(struct engine *e, struct endpoint_box *box, const struct endpoint_news *news);
void engine_touch(struct account_box *box); /* look at it at the end of this turn */
struct entry *engine_entry(const struct engine *e, const char *id);
bool engine_may_send(const struct engine *e);

/* entry.c */
struct entry *entry_new(struct engine *e);
void entry_free(struct engine *e, struct entry *entry);
/* The record, which from now on is the entry's own. */
struct record *entry_own_record(struct engine *e, struct entry *entry, enum family f);
struct errand *entry_errand(struct engine *e, struct entry *entry); /* made when it is on none */
void entry_rest(struct engine *e, struct entry *entry); /* ends it when there is nothing in it */
/* Its identity: made once for an errand, which it stays as long as; else *made has it, for the
 * caller to free. */
const char *entry_id(struct entry *entry, char **made);
/* Each entry gets what was found for it while loading, its rules together with its neighbour where
 * both agree. */
void entry_settle(struct engine *e);

/* site.c */
/* Where such an entry is sent to; a new one is made when there is none. */
struct site *site_of(struct engine *e, const struct conf_entry *c, const struct provider *p,
                     const struct protocol *protocol);
void site_add_account(struct account_box *box); /* to those of its site */
/* Each account stands among those of its site again, after some were given another. */
void site_sort_accounts(struct engine *e);

/* load.c */
void load_forget_all(struct engine *e);
/* How requests about an entry travel: by its settings, and of several uplinks by the one that
 * counts for one of these sources (either may be NULL). */
struct transport load_transport(const struct engine *e, const struct view *v,
                                const struct source *v4, const struct source *v6);
struct transport load_entry_transport(const struct engine *e, const struct entry *entry);
const struct provider *load_provider(const struct engine *e, const struct conf_entry *c,
                                     enum entry_bar *bar, const struct protocol **protocol);
enum step_policy load_policy(const struct conf_entry *c);
/* How the DNS is asked about the entry ("auth", "resolver"), or that its provider is ("api"); NULL
 * when nobody is. */
const char *load_verify(const struct engine *e, const struct entry *entry);
/* Must the DNS be asked before this record is sent, because its protocol can not read? */
bool load_asks_first(const struct engine *e, const struct entry *entry);
bool load_fixed(const struct engine *e, const struct source *source);
void load_wanted_rules(const struct entry *entry, struct wanted_rules *out);

/* sources.c */
void sources_attach(struct engine *e); /* ends with what each entry has in common with others */
void sources_forget(struct engine *e);

/* follow.c */
sense_fn follow_sensed;
bool follow_news(struct engine *e, struct source_box *box, enum family f);
void follow_settled(struct engine *e, struct source_box *box);
void follow_entry(struct engine *e, struct entry *entry, enum family f);
struct source_box *follow_box(const struct engine *e, const struct source *source);

/* account_box.c */
struct account_box *account_box_new(struct engine *e, struct site *site);
void account_box_fini(struct account_box *box);
/* Owned by the caller: what it is called in the state and for people. Made when asked for. */
char *account_key(const struct account_box *box);
/* Takes a key over that its hostnames do not give. NULL: they do. */
void account_own_key(struct account_box *box, char *key);
/* Does it, and neither its records nor its provider as a whole, keep to this limit? */
bool account_limited(const struct account_box *box, const struct provider_limit *l);
/* Its dealings, made when it has none. */
struct dealings *account_dealings(struct account_box *box);
/* Its budgets stand from its first day on, so that they can be measured. */
void account_begin_budgets(struct account_box *box);
/* Owned by the caller: what it remembers, for somebody who must not change it. NULL is fine. */
struct memory *account_memory_copy(const struct account_box *box);
/* Gives them back when there is nothing in them. */
void account_rest(struct account_box *box);

/* pump.c */
void pump_account(struct engine *e, struct account_box *box);
void pump_queue(struct engine_job *job); /* committed: it may run when there is room */
void pump_return_queue(struct engine *e, struct account_box *box);
void ready_add(struct entry *entry);
void ready_remove(struct entry *entry);

/* work.c */
void work_start(struct engine_job *job);
void work_free(struct engine_job *job);
/* Not sent at all, or given up before: its records are ready again. */
void work_return(struct engine_job *job, enum outcome_class cls, const char *say);

/* attempts.c */
void attempts_add(struct engine_job *job);     /* it goes with the next commit */
void attempts_changed(struct engine_job *job); /* some of its records are not under way now */
void attempts_leave(struct engine_job *job);   /* all had */
void attempts_write(struct engine *e);         /* into the batch: what changed */
void attempts_write_all(struct engine *e);     /* what is stored may be another */
void attempts_abandon(struct engine *e);

/* keep.c */
enum err keep_load(struct engine *e, bool ages, struct cause *c); /* ages: nothing but those */
void keep_load_again(struct engine *e);
void keep_record(struct engine *e, struct entry *entry, enum family f);
/* out->entry stays as long as the job. */
void keep_attempt(struct entry *entry, enum family f, struct state_attempt *out);
void keep_secrets(struct engine *e, struct entry *entry); /* when entered; while loading */
void keep_account(struct engine *e, struct account_box *box);
void keep_endpoint(struct engine *e, struct endpoint_box *box);
void keep_budgets(struct engine *e, struct account_box *box);
void keep_all(struct engine *e); /* the wall clock jumped */
/* Hands the batch over, if there is anything in it. */
void keep_commit(struct engine *e);
void keep_job(struct engine_job *job); /* it waits for this turn's commit */
void keep_abandon(struct engine *e);

/* tell.c */
void tell_entry(struct engine *e, struct entry *entry);
void tell_account(struct engine *e, struct account_box *box);
void tell_all(struct engine *e);
void tell_source(struct engine *e, struct source_box *box);
void tell_none_unseen(struct engine *e); /* before they go */
void tell_gone(struct engine *e, const struct entry *entry);
void tell_flush(struct engine *e);
void tell_event(struct engine *e, struct entry *entry, int family, const char *kind,
                const struct addrset *former, const struct addrset *now, const char *cls,
                const char *say);
void tell_outcome(struct engine *e, struct entry *entry, enum family f, enum outcome_class cls,
                  const char *say, const struct addrset *former);
void tell_hook(struct engine *e, struct entry *entry, enum family f, const struct addrset *former,
               enum outcome_class cls);
void tell_abandon(struct engine *e);

/* measure.c */
struct tally *measure_tally(struct engine *e, const struct provider *p);
void measure_outcome(const struct account_box *box, enum outcome_class cls);
void measure_reply(const struct account_box *box, const struct reply *reply);

/* leave.c */
struct leaving {
    struct net_timer *timer;
    void (*done)(void *arg);
    void *arg;
};
/* What must stand there for a hostname that leaves; false: what is published may stay. */
bool leave_wants(const struct entry *entry, enum family f, struct addrset *out);
bool leave_begin(struct entry *entry);         /* is there something to be done? */
bool leave_in_vain(const struct entry *entry); /* it says delete, and the provider can not */
void leave_tell_in_vain(const struct entry *entry);
void leave_look(struct engine *e, struct entry *entry); /* after a job */
void leave_abandon(struct engine *e);

/* renamed.c */
extern const char
    renamed_class[]; /* of the event in the new name's history; old: the former entry */
void renamed_look(struct engine *e, struct entry *const *former, size_t former_count);

/* remove.c */
bool removal_wants(const struct removal *r, enum family f);
void removal_look(struct removal *r, enum family f, enum outcome_class cls, const char *say);
void removal_free(struct removal *r); /* without a word: the end of the engine */
void removal_drop(struct removal *r);

/* report_entry.c */
void report_forget_shared(struct engine *e);

/* once.c, plan.c */
void once_look(struct engine *e);
void once_hurry(struct engine *e); /* a job or commit ended, perhaps the last */
void once_abandon(struct engine *e);
void plan_sensed(struct engine *e);
void plan_abandon(struct engine *e);

static inline msec seconds_length(uint32_t s)
{
    return s == UINT32_MAX ? NEVER : (msec)s * SECOND;
}

static inline struct account_box *account_from(const struct site *s)
{
    while (s != NULL && s->accounts == NULL) /* all of them are elsewhere now */
        s = s->next;
    return s != NULL ? s->accounts : NULL;
}

/* All accounts, in the order they came at each site. NULL at the end. */
static inline struct account_box *account_first(const struct engine *e)
{
    return account_from(e->sites);
}

static inline struct account_box *account_next(const struct account_box *box)
{
    return box->next != NULL ? box->next : account_from(box->site->next);
}

/* Its place in the state: "account", or "provider" for one that refuses. */
static inline const char *account_kind(const struct account_box *box)
{
    return box->site->refuser != NULL ? "account" : "provider";
}

/* Mono: held back by a budget until; 0: not. */
static inline msec account_budget_at(const struct account_box *box)
{
    return box->dealings != NULL ? box->dealings->budget_at : 0;
}

static inline size_t account_budget_count(const struct account_box *box)
{
    return box->dealings != NULL ? box->dealings->budget_count : 0;
}

/* The nth budget that a job of the account spends: its own, then those that all accounts at the
 * provider share because it counts by our address. NULL at the end. */
static inline struct budget_box *account_budget(const struct account_box *box, size_t n)
{
    const struct account_box *refuser = box->site->refuser;
    size_t own = account_budget_count(box);

    if (n < own)
        return &box->dealings->budgets[n];
    n -= own;
    return refuser != NULL && n < account_budget_count(refuser) ? &refuser->dealings->budgets[n]
                                                                : NULL;
}

static inline struct due_rules entry_rules(const struct entry *entry)
{
    const struct rules *r = entry->rules;

    return (struct due_rules){seconds_length(r->min_s), seconds_length(r->max_s),
                              seconds_length(r->error_s), false};
}

/* The job that carries it now, or NULL. */
static inline struct engine_job *entry_job(const struct entry *entry)
{
    return entry->errand != NULL ? entry->errand->job : NULL;
}

/* Its records are being taken away; or NULL. */
static inline struct removal *entry_removal(const struct entry *entry)
{
    return entry->errand != NULL ? entry->errand->removal : NULL;
}

/* The entry of such a number; NULL for 0. */
static inline struct entry *entry_numbered(const struct engine *e, uint32_t number)
{
    return number > 0 ? e->order[number - 1] : NULL;
}

/* Owned by the caller. */
static inline char *entry_make_id(const struct entry *entry)
{
    return conf_entry_make_id(entry->conf);
}

static inline struct loading *entry_loading(const struct engine *e, const struct entry *entry)
{
    return &e->loading[conf_entry_number(entry->conf)];
}

static inline const char *entry_name(const struct entry *entry)
{
    return conf_entry_hostname(entry->conf);
}

#endif
