/*
 * SPDX-License-Identifier: ISC
 */
/* Where accounts are: the provider, how one speaks to it, and the endpoint that is spoken to. */
#include "engine/inside.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

/* host[:port] of server= where one counts, a program, else the provider's id, and the way there:
 * what the breaker is about. Who goes by another proxy has no part in the trouble of this one. */
static char *endpoint_key(const struct conf_entry *c, const struct provider *p)
{
    struct view v = conf_entry_view(c);
    bool own;
    const char *server = conf_entry_origin(c, "server", &own) > 0 ? view_get(&v, "server")
                                                                  : provider_default(p, "server");
    const char *proxy = conf_text(&v, "proxy");
    const char *host = server != NULL ? strstr(server, "://") : NULL;
    struct buf key;

    if (text_equal(provider_info(p)->speaks, "program"))
        return mem_format("program %s", conf_text(&v, "program"));
    buf_init(&key, MARKED_MAX);
    host = host != NULL ? host + 3 : server;
    if (host == NULL || *host == '\0')
        buf_format(&key, "provider %s", provider_info(p)->id);
    else
        buf_add(&key, host, strcspn(host, "/?#"));
    if (proxy != NULL && *proxy != '\0')
        buf_format(&key, " by proxy %s",
                   strrchr(proxy, '@') != NULL ? strrchr(proxy, '@') + 1 : proxy);
    char *text = buf_take(&key);
    text_lower_all(text);
    return text;
}

static struct endpoint_box *endpoint_box(struct engine *e, const struct conf_entry *c,
                                         const struct provider *p)
{
    char *key = endpoint_key(c, p);
    struct endpoint_box *box = map_get(e->endpoints, key);

    if (box == NULL) {
        box = mem_alloc(sizeof *box);
        box->due.kind = DUE_ENDPOINT;
        box->key = mem_text(key);
        box->gate.limit = e->schedule.endpoint_requests;
        box->fresh = true;
        endpoint_init(&box->endpoint);
        map_set(e->endpoints, key, box);
    }
    mem_free(key);
    return box;
}

static struct account_box *refuser_box(struct engine *e, const struct provider *p)
{
    const char *id = provider_info(p)->id;
    struct account_box *box = map_get(e->refusers, id);

    if (box == NULL) {
        struct site *own = mem_alloc(sizeof *own);
        own->engine = e;
        own->provider = p;
        box = account_box_new(e, own);
        account_begin_budgets(box);
        map_set(e->refusers, id, box);
    }
    return box;
}

static msec gap_of(const struct provider_info *info)
{
    msec most = 0;

    for (size_t i = 0; i < info->limit_count; i++) {
        const struct provider_limit *l = &info->limits[i];
        msec gap = l->n > 0 ? (l->per + l->n - 1) / l->n : 0;
        if (text_equal(l->scope, "record") && gap > most)
            most = gap;
    }
    return most;
}

static struct site *site_new(struct engine *e, const struct provider *p,
                             const struct protocol *protocol, struct endpoint_box *endpoint)
{
    const struct provider_info *info = provider_info(p);
    struct site *s = mem_alloc(sizeof *s);

    s->engine = e;
    s->provider = p;
    s->protocol = protocol;
    s->tally = measure_tally(e, p);
    s->requests = info->parallel > 0 ? info->parallel : e->schedule.account_requests;
    s->gap_record = gap_of(info);
    s->refuser = refuser_box(e, p);
    s->next_of_refuser = s->refuser->site->refused;
    s->refuser->site->refused = s;
    s->endpoint = endpoint;
    s->next_of_endpoint = endpoint->sites;
    endpoint->sites = s;
    if (e->last_site != NULL)
        e->last_site->next = s;
    else
        e->sites = s;
    return e->last_site = s;
}

struct site *site_of(struct engine *e, const struct conf_entry *c, const struct provider *p,
                     const struct protocol *protocol)
{
    struct endpoint_box *endpoint = endpoint_box(e, c, p);

    for (struct site *s = endpoint->sites; s != NULL; s = s->next_of_endpoint)
        if (s->provider == p && s->protocol == protocol)
            return s;
    return site_new(e, p, protocol, endpoint);
}

void site_add_account(struct account_box *box)
{
    struct site *s = box->site;

    if (s->last != NULL)
        s->last->next = box;
    else
        s->accounts = box;
    s->last = box;
}

void site_sort_accounts(struct engine *e)
{
    for (struct site *s = e->sites; s != NULL; s = s->next) {
        struct account_box *box = s->accounts, *next;
        s->accounts = s->last = NULL;
        for (; box != NULL; box = next) {
            next = box->next;
            box->next = NULL;
            site_add_account(box);
        }
    }
}
