/*
 * SPDX-License-Identifier: ISC
 */
/* When credentials end: asked once a day of the accounts whose provider can tell. */
#include "engine/post_inside.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/credential.h"

#define ASK_FIRST MINUTE /* after a start or another configuration: others come first */
#define ASK_EVERY DAY
#define ASK_AGAIN (6 * (msec)HOUR) /* after no answer */

struct term {
    char *name; /* owned: what notices call it, "PROVIDER@ACCOUNT" */
    msec next;  /* mono */
};

/* One question under way. */
struct asking {
    struct post *post;
    char *key; /* owned: the account's */
    struct conf *conf;
    struct job job;
    struct member member;
    struct memory *memory;
    struct transport transport;
    struct run_job *run;
    enum outcome_class cls;
    msec end;
};

static char *name_of(const struct account_box *box)
{
    return mem_format("%s@%s", provider_info(box->provider)->name, box->key);
}

bool terms_known(const struct post *p, const char *name)
{
    void *value;
    bool known = false;

    for (size_t at = 0; !known && map_next(p->seams.engine->accounts, &at, NULL, &value);) {
        const struct account_box *box = value;
        if (!credential_asked(box->provider))
            continue;
        char *its = name_of(box);
        known = text_equal(its, name);
        mem_free(its);
    }
    return known;
}

static void free_term(void *value)
{
    struct term *t = value;

    mem_free(t->name);
    mem_free(t);
}

static void asking_free(struct asking *a)
{
    memory_free(a->memory);
    conf_unref(a->conf);
    mem_free(a->key);
    mem_free(a);
}

static void tell(struct post *p, const char *name, msec end)
{
    for (struct receiver *r = p->receivers; r != NULL; r = r->next)
        notices_expires(r->notices, name, end, post_now(p));
}

static void on_outcome(void *arg, const struct outcome *o)
{
    struct asking *a = arg;

    a->cls = o->cls;
    a->end = o->cls == OUTCOME_GOOD ? credential_end(o->say) : 0;
}

static void on_done(void *arg, const struct run_result *result)
{
    struct asking *a = arg;
    struct post *p = a->post;
    struct term *t = map_get(p->terms, a->key);

    (void)result;
    p->asking = NULL;
    if (t != NULL) {
        bool known = a->cls == OUTCOME_GOOD || a->cls == OUTCOME_NONE;
        t->next = post_now(p).mono + (known ? ASK_EVERY : ASK_AGAIN);
        if (known)
            tell(p, t->name, a->end);
        else
            log_debug(NULL, "%s does not say when its credentials end", t->name);
    }
    asking_free(a);
    post_wake(p);
}

static const struct entry *entry_of(const struct engine *e, const struct account_box *box)
{
    for (size_t i = 0; i < e->entry_count; i++)
        if (e->order[i]->kin->account == box)
            return e->order[i];
    return NULL;
}

static void ask(struct post *p, const struct account_box *box, const struct entry *entry)
{
    struct engine *e = p->seams.engine;
    struct asking *a = mem_alloc(sizeof *a);

    a->post = p;
    a->key = mem_text(box->key);
    a->conf = conf_ref(p->conf);
    a->memory = memory_new();
    a->member.hostname = entry_name(entry);
    a->member.settings = conf_entry_view(entry->conf);
    a->job = (struct job){
        .members = &a->member, .member_count = 1, .memory = a->memory, .agent = e->options.agent};
    a->transport = load_entry_transport(e, entry);
    a->cls = OUTCOME_SERVER;
    const struct run_spec spec = {.net = e->seams.net,
                                  .protocol = &protocol_credential,
                                  .provider = box->provider,
                                  .job = &a->job,
                                  .transport = &a->transport,
                                  .limit = POST_LIMIT,
                                  .on_outcome = on_outcome,
                                  .on_done = on_done,
                                  .arg = a};
    p->asking = a;
    a->run = run_job_start(&spec);
}

static bool anybody_wants(const struct post *p)
{
    for (const struct receiver *r = p->receivers; r != NULL; r = r->next)
        if ((r->events & 1u << NOTICE_EXPIRING) != 0)
            return true;
    return false;
}

static bool may_ask(const struct engine *e, const struct account_box *box)
{
    return credential_asked(box->provider) && box->entry_count > 0 &&
           box->account.state == ACCOUNT_OPEN && box->account.proven && engine_may_send(e);
}

msec terms_turn(struct post *p)
{
    struct engine *e = p->seams.engine;
    msec now = post_now(p).mono, next = NEVER;
    void *value;

    if (p->asking != NULL || !anybody_wants(p))
        return NEVER;
    for (size_t at = 0; map_next(e->accounts, &at, NULL, &value);) {
        struct account_box *box = value;
        if (!credential_asked(box->provider))
            continue;
        struct term *t = map_get(p->terms, box->key);
        if (t == NULL) {
            t = mem_alloc(sizeof *t);
            t->name = name_of(box);
            t->next = now + ASK_FIRST;
            map_set(p->terms, box->key, t);
        }
        const struct entry *entry = t->next <= now && may_ask(e, box) ? entry_of(e, box) : NULL;
        if (entry != NULL) {
            ask(p, box, entry);
            return NEVER;
        }
        if (t->next <= now)
            t->next = now + ASK_FIRST; /* it has not proven itself yet, or waits */
        next = t->next < next ? t->next : next;
    }
    return next;
}

void terms_load(struct post *p)
{
    const char *key;
    void *value;

    for (size_t at = 0; map_next(p->terms, &at, &key, &value);) {
        struct term *t = value;
        t->next = post_now(p).mono + ASK_FIRST;
        if (map_get(p->seams.engine->accounts, key) != NULL)
            continue;
        tell(p, t->name, 0);
        free_term(map_remove(p->terms, key));
    }
}

void terms_free(struct post *p)
{
    if (p->asking != NULL) {
        run_job_abandon(p->asking->run);
        asking_free(p->asking);
    }
    map_free(p->terms, free_term);
}
