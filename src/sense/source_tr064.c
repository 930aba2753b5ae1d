/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sense/inside.h"
#include "sense/tr064.h"

/*
 * FRITZ!Box: its Internet Gateway Device answers on port 49000 without a login and, beyond the
 * standard, tells its IPv6 address and the prefix that it was given (AVM, "IGD2" documents). The
 * device is the gateway, or fw= (fwv4=, fwv6=) where that is set.
 */
struct asking {
    struct exchange *exchange;
    struct source *source;
};

struct fritz {
    struct asking *asking;
};

static enum family family_of(const struct source *s)
{
    return s->spec.families == FAMILY_BIT(V4) ? V4 : V6;
}

static void on_reply(void *arg, const struct reply *reply)
{
    struct asking *a = arg;
    struct source *s = a->source;
    char words[200] = "";
    struct addr addr;

    mem_free(a);
    if (s == NULL)
        return;
    ((struct fritz *)s->data)->asking = NULL;
    if (reply->error != NET_OK)
        snprintf(words, sizeof words, "the router: %s", net_error_text(reply->error));
    else if (reply->status != 200)
        snprintf(words, sizeof words, "the router answered with status %d", reply->status);
    else if (!tr064_read(buf_str(&reply->body), reply->body.len, family_of(s), &addr))
        snprintf(words, sizeof words, "the router has no %s address now",
                 family_name(family_of(s)));
    if (words[0] != '\0' && reply->status == 200)
        source_empty(s, family_of(s), words);
    else if (words[0] != '\0')
        source_unknown_all(s, words);
    else
        source_known(s, &addr, NULL);
    source_answered(s, words[0] == '\0');
}

/* Where the device is: fw= or the gateway. */
static bool place_of(const struct source *s, struct buf *url)
{
    const struct if_route *route = real_route(s, V4);
    char text[ADDR_TEXT_MAX];

    if (s->spec.arg != NULL)
        return tr064_url(s->spec.arg, url);
    return route != NULL && route->has_gateway && tr064_url(addr_text(&route->gateway, text), url);
}

static void ask_fritz(struct source *s)
{
    struct net *net = s->real->options.net;
    struct transport transport = spec_transport(&s->spec);
    struct request r;
    struct buf url;

    buf_init(&url, 512);
    if (!place_of(s, &url)) {
        buf_free(&url);
        source_unknown_all(s, "there is no router: no default route leads over one");
        source_answered(s, false);
        return;
    }
    request_init(&r, REQUEST_HTTP);
    r.about = mem_text("ask the router for its address");
    request_method(&r, "POST");
    marked_text(&r.url, buf_str(&url));
    buf_free(&url);
    marked_text(request_header(&r, "Content-Type"), "text/xml; charset=\"utf-8\"");
    marked_text(request_header(&r, "SOAPAction"), tr064_action(family_of(s)));
    r.has_body = true;
    marked_text(&r.body, tr064_body(family_of(s)));
    r.fresh = true;
    r.reply_max = 64 * 1024;

    struct asking *a = mem_alloc(sizeof *a);
    a->source = s;
    ((struct fritz *)s->data)->asking = a;
    a->exchange = net->ops->send(net, &r, &transport, on_reply, a);
}

static void close_fritz(struct source *s)
{
    struct fritz *f = s->data;

    if (f->asking == NULL)
        return;
    f->asking->source = NULL;
    s->real->options.net->ops->cancel(f->asking->exchange);
}

const struct source_kind source_tr064 = {.name = "tr064",
                                         .polls = true,
                                         .every = MINUTE,
                                         .size = sizeof(struct fritz),
                                         .ask = ask_fritz,
                                         .close = close_fritz};
