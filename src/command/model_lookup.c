/*
 * SPDX-License-Identifier: ISC
 *
 * What the DNS says about a name that somebody types, and who might publish it: told by the name,
 * by the hostnames that are here, and else by the name servers of its zone.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/forms.h"
#include "command/model_inside.h"
#include "verify/verify.h"

enum { LOOK_TIME = 5 * SECOND }; /* a person waits for it */

struct looking {
    struct looking *next;
    struct model *model; /* NULL: it was answered already, and waits for its callbacks */
    web_answer_fn *fn;
    void *arg;
    char *hostname; /* owned */
    uv_getaddrinfo_t request;
    uv_timer_t timer; /* closed when the last callback came */
    bool asked;       /* the request runs */
    bool searched;    /* the search is done, or none is wanted */
    int status;       /* of the request */
    json_t *addresses;
    const char *provider, *why;
    char server[SERVER_NAME_MAX]; /* the name server that tells the provider */
    struct delegation_search *search;
};

static void add_found(json_t *list, const struct sockaddr *sa)
{
    char text[ADDR_TEXT_MAX];
    struct addr a = {.family = sa->sa_family == AF_INET ? V4 : V6};
    json_t *found;
    size_t i;

    if (sa->sa_family == AF_INET)
        memcpy(a.bytes, &((const struct sockaddr_in *)sa)->sin_addr, 4);
    else
        memcpy(a.bytes, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
    addr_text(&a, text);
    json_array_foreach(list, i, found)
    {
        if (text_equal(json_string_value(found), text))
            return;
    }
    json_array_append_new(list, json_string(text));
}

static void on_closed(uv_handle_t *handle)
{
    struct looking *l = handle->data;

    json_decref(l->addresses);
    mem_free(l->hostname);
    mem_free(l);
}

static void leave(struct looking *l)
{
    for (struct looking **at = &l->model->looking; *at != NULL; at = &(*at)->next)
        if (*at == l) {
            *at = l->next;
            break;
        }
    if (l->search != NULL)
        delegations_cancel(l->search);
    l->search = NULL;
    l->model = NULL;
    uv_timer_stop(&l->timer);
    if (!l->asked)
        uv_close((uv_handle_t *)&l->timer, on_closed);
}

static void answer(struct looking *l)
{
    bool unknown = l->status == UV_EAI_NONAME || l->status == UV_EAI_NODATA;
    json_t *known = l->asked || (l->status != 0 && !unknown) ? json_null()
                    : unknown                                ? json_false()
                                                             : json_true();
    json_t *doc = json_pack("{s:s,s:o,s:O,s:s?,s:s?,s:s?}", "hostname", l->hostname, "known", known,
                            "addresses", l->addresses, "provider", l->provider, "why",
                            l->provider != NULL ? l->why : NULL, "nameserver",
                            l->server[0] != '\0' ? l->server : NULL);
    struct web_answer a = {.error = OK, .doc = doc};

    l->fn(l->arg, &a);
    json_decref(doc);
    leave(l);
}

static void maybe_answer(struct looking *l)
{
    if (!l->asked && l->searched)
        answer(l);
}

static void on_late(uv_timer_t *timer)
{
    answer(timer->data);
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct looking *l = request->data;

    l->asked = false;
    l->status = status;
    if (l->model == NULL) {
        uv_close((uv_handle_t *)&l->timer, on_closed);
    } else {
        for (struct addrinfo *a = found; status == 0 && a != NULL; a = a->ai_next)
            add_found(l->addresses, a->ai_addr);
        maybe_answer(l);
    }
    uv_freeaddrinfo(found);
}

static void on_delegation(void *arg, const struct delegation *d)
{
    struct looking *l = arg;

    l->search = NULL;
    l->searched = true;
    for (size_t i = 0; i < d->count && l->provider == NULL; i++) {
        l->provider = forms_guess_by_server(l->model->rooms.registry, d->servers[i].name);
        if (l->provider != NULL)
            snprintf(l->server, sizeof l->server, "%s", d->servers[i].name);
    }
    l->why = "zone";
    maybe_answer(l);
}

/* Where nobody outside is to be asked, no name is told to the servers of the whole tree either. */
static bool may_search(const struct model *m)
{
    struct view globals = conf_globals(m->conf);
    return m->rooms.verify != NULL && !text_equal(conf_text(&globals, "outside"), "no");
}

void model_lookup(struct model *m, const char *hostname, web_answer_fn *fn, void *arg)
{
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    static const struct transport transport = {.timeout = LOOK_TIME};

    if (strlen(hostname) > 253 || strpbrk(hostname, " /@:") != NULL) {
        struct web_answer a = {
            .error = ERR_RANGE, .text = "This is not a hostname.", .field = "name"};
        fn(arg, &a);
        return;
    }
    struct looking *l = mem_alloc(sizeof *l);
    l->model = m;
    l->fn = fn;
    l->arg = arg;
    l->hostname = mem_text(hostname);
    l->addresses = json_array();
    l->request.data = l;
    l->next = m->looking;
    m->looking = l;
    uv_timer_init(m->rooms.loop, &l->timer);
    l->timer.data = l;
    uv_timer_start(&l->timer, on_late, LOOK_TIME, 0);
    l->provider = forms_guess(m->rooms.registry, m->conf, hostname, &l->why);
    l->searched = l->provider != NULL || !may_search(m);
    if (!l->searched)
        l->search = delegations_find(verify_delegations(m->rooms.verify), hostname, &transport,
                                     on_delegation, l);
    l->status = uv_getaddrinfo(m->rooms.loop, &l->request, on_looked_up, hostname, NULL, &hints);
    l->asked = l->status == 0;
    maybe_answer(l);
}

void lookups_end_all(struct model *m)
{
    while (m->looking != NULL)
        answer(m->looking);
}
