/*
 * SPDX-License-Identifier: ISC
 */
#include "verify/ask.h"

#include "base/mem.h"

struct ask {
    struct net *net;
    struct exchange *exchange;
    ask_fn *fn; /* NULL after cancel */
    void *arg;
};

enum { FLAGS_AT = 3, RECURSION_AVAILABLE = 0x80 }; /* RFC 1035, section 4.1.1 */

static void answered(void *arg, const struct reply *reply)
{
    struct ask *a = arg;
    struct ask_answer answer = {.error = reply->error};

    if (a->fn != NULL) {
        const uint8_t *bytes = (const uint8_t *)buf_str(&reply->body);
        if (reply->error == NET_OK && dnsmsg_parse(&answer.message, bytes, reply->body.len)) {
            answer.parsed = true;
            answer.recursion_available =
                reply->body.len > FLAGS_AT && (bytes[FLAGS_AT] & RECURSION_AVAILABLE) != 0;
        } else if (reply->error == NET_OK) {
            answer.error = NET_PROTOCOL;
        }
        a->fn(a->arg, &answer);
        if (answer.parsed)
            dnsmsg_free(&answer.message);
    }
    mem_free(a);
}

struct ask *ask_send(struct net *net, const char *server, uint16_t port, const char *name,
                     enum dns_type type, bool recurse, const struct transport *transport,
                     ask_fn *fn, void *arg)
{
    struct request r;

    request_init(&r, REQUEST_DNS);
    if (!dnsmsg_query(&r, name, type, DNS_IN, recurse)) {
        request_free(&r);
        return NULL;
    }
    r.server = mem_text(server);
    r.port = port;
    struct ask *a = mem_alloc(sizeof *a);
    *a = (struct ask){.net = net, .fn = fn, .arg = arg};
    a->exchange = net->ops->send(net, &r, transport, answered, a);
    return a;
}

void ask_cancel(struct ask *a)
{
    if (a != NULL) {
        a->fn = NULL;
        a->net->ops->cancel(a->exchange);
    }
}
