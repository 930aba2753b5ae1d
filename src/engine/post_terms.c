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
    struct heap_item due; /* when it is asked; first: the heap gives it back */
    char *name;           /* owned: what notices call it, "PROVIDER@ACCOUNT" */
    const struct account_box *box;
    bool seen; /* while loading */
};

/* One question under way. */
struct asking {
    struct post *post;
    char *name; /* owned: the term's */
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
    char *key = account_key(box);
    char *name = mem_format("%s@%s", provider_info(box->site->provider)->name, key);

    mem_free(key);
    return name;
}

bool terms_known(const struct post *p, const char *name)
{
    return map_get(p->terms, name) != NULL;
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
    mem_free(a->name);
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
    struct term *t = map_get(p->terms, a->name);

    (void)result;
    p->asking = NULL;
    if (t != NULL) {
        bool known = a->cls == OUTCOME_GOOD || a->cls == OUTCOME_NONE;
        heap_set(&p->terms_due, &t->due, post_now(p).mono + (known ? ASK_EVERY : ASK_AGAIN));
        if (known)
            tell(p, t->name, a->end);
        else
            log_debug(NULL, "%s does not say when its credentials end", t->name);
    }
    asking_free(a);
    post_wake(p);
}

static void ask(struct post *p, const struct term *t)
{
    struct engine *e = p->seams.engine;
    const struct entry *entry = entry_numbered(e, t->box->first);
    struct asking *a = mem_alloc(sizeof *a);

    a->post = p;
    a->name = mem_text(t->name);
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
                                  .provider = t->box->site->provider,
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
    return box->first != 0 && box->account.state == ACCOUNT_OPEN && box->account.proven &&
           engine_may_send(e);
}

msec terms_turn(struct post *p)
{
    msec now = post_now(p).mono;
    struct heap_item *item;

    if (p->asking != NULL || !anybody_wants(p))
        return NEVER;
    while ((item = heap_take(&p->terms_due, now)) != NULL) {
        const struct term *t = (struct term *)item;
        if (may_ask(p->seams.engine, t->box)) {
            ask(p, t);
            return NEVER;
        }
        heap_set(&p->terms_due, item, now + ASK_FIRST); /* it has not proven itself, or waits */
    }
    return heap_next(&p->terms_due);
}

static void see(struct post *p, const struct account_box *box)
{
    char *name = name_of(box);
    struct term *t = map_get(p->terms, name);

    if (t == NULL) {
        t = mem_alloc(sizeof *t);
        t->name = mem_text(name);
        map_set(p->terms, name, t);
    }
    mem_free(name);
    t->box = box;
    t->seen = true;
    heap_set(&p->terms_due, &t->due, post_now(p).mono + ASK_FIRST);
}

void terms_load(struct post *p)
{
    void *value;

    if (p->receivers == NULL)
        return;
    for (size_t at = 0; map_next(p->terms, &at, NULL, &value);)
        ((struct term *)value)->seen = false;
    for (const struct site *s = p->seams.engine->sites; s != NULL; s = s->next)
        for (const struct account_box *box = s->accounts; box != NULL; box = box->next)
            if (credential_asked(s->provider) && box->first != 0)
                see(p, box);
    for (size_t at = 0; map_next(p->terms, &at, NULL, &value);) {
        struct term *t = value;
        if (t->seen)
            continue;
        tell(p, t->name, 0);
        heap_set(&p->terms_due, &t->due, NEVER);
        map_remove(p->terms, t->name);
        free_term(t);
    }
}

void terms_free(struct post *p)
{
    if (p->asking != NULL) {
        run_job_abandon(p->asking->run);
        asking_free(p->asking);
    }
    map_free(p->terms, free_term);
    heap_free(&p->terms_due);
}
