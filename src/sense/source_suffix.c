/*
 * SPDX-License-Identifier: ISC
 */
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "base/mem.h"
#include "sense/inside.h"

/*
 * A host's part behind a prefix: the part is written in the configuration, or (suffix=dns) it is
 * that of the AAAA record that stands in the DNS already. The record is looked up until it was
 * found once: what homing itself publishes later keeps the part.
 */

static void join(struct source *s, const uint8_t suffix[16])
{
    const struct sensed *v = &s->parts[0]->values[V6];
    struct addrset set = {0};

    if (v->asked == 0)
        return;
    for (unsigned i = 0; i < v->set.count; i++) {
        struct addr a = spec_join(&v->set.items[i], s->spec.length, suffix);
        addrset_add(&set, &a);
    }
    source_set(s, V6, v->state, &set, v->error);
}

static void written_part(struct source *s, struct source *part)
{
    join(s, s->spec.suffix);
}

static void written_ask(struct source *s)
{
    written_part(s, NULL);
    source_answered(s, true);
}

const struct source_kind source_suffix = {
    .name = "prefix", .ask = written_ask, .part = written_part, .only_parts = true};

/* --- suffix=dns --- */

struct lookup {
    uv_getaddrinfo_t req;
    struct source *source; /* NULL: nobody waits any more */
};

struct in_dns {
    struct lookup *lookup;
    bool found;
    uint8_t suffix[16];
};

static void dns_part(struct source *s, struct source *part)
{
    const struct in_dns *d = s->data;

    if (d->found)
        join(s, d->suffix);
}

static void on_looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
    struct lookup *l = req->data;
    struct source *s = l->source;

    if (s != NULL) {
        struct in_dns *d = s->data;
        d->lookup = NULL;
        d->found = status == 0 && list != NULL && list->ai_family == AF_INET6;
        if (d->found)
            memcpy(d->suffix, &((struct sockaddr_in6 *)(void *)list->ai_addr)->sin6_addr, 16);
    }
    uv_freeaddrinfo(list);
    mem_free(l);
    if (s == NULL)
        return;
    if (((struct in_dns *)s->data)->found)
        dns_part(s, NULL);
    else
        source_unknown(s, V6,
                       status == UV_EAI_NONAME || status == UV_EAI_NODATA
                           ? "%s has no AAAA record whose host part suffix=dns could keep"
                           : "the AAAA record of %s, whose host part suffix=dns keeps, could not "
                             "be looked up",
                       s->spec.arg);
    source_answered(s, ((struct in_dns *)s->data)->found);
}

static void dns_ask(struct source *s)
{
    struct in_dns *d = s->data;
    struct addrinfo hints = {.ai_family = AF_INET6, .ai_socktype = SOCK_STREAM};

    if (d->found) {
        dns_part(s, NULL);
        source_answered(s, true);
        return;
    }
    struct lookup *l = mem_alloc(sizeof *l);
    l->source = s;
    l->req.data = l;
    if (uv_getaddrinfo(s->real->options.loop, &l->req, on_looked_up, s->spec.arg, NULL, &hints) ==
        0) {
        d->lookup = l;
        return;
    }
    mem_free(l);
    source_unknown(s, V6, "%s cannot be looked up", s->spec.arg);
    source_answered(s, false);
}

static void dns_close(struct source *s)
{
    struct in_dns *d = s->data;

    if (d->lookup != NULL) {
        d->lookup->source = NULL;
        uv_cancel((uv_req_t *)&d->lookup->req);
    }
}

const struct source_kind source_suffix_dns = {.name = "prefix",
                                              .polls = true,
                                              .size = sizeof(struct in_dns),
                                              .ask = dns_ask,
                                              .close = dns_close,
                                              .part = dns_part};
