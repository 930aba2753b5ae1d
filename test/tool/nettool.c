/*
 * SPDX-License-Identifier: ISC
 */

/*
 * Sends requests by net/ and prints each reply as a line of JSON. For tests only.
 *
 * Input: lines of JSON on standard input, all sent at once, or one after the other with
 * {"then": true}. Keys are those of struct request and struct transport.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "net/dnsmsg.h"
#include "net/net_uv.h"

static uv_loop_t loop;
static struct net *net;
static unsigned outstanding;

static const char *text_of(json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static long number_of(json_t *o, const char *key, long otherwise)
{
    json_t *v = json_object_get(o, key);

    return json_is_integer(v) ? (long)json_integer_value(v) : otherwise;
}

static bool true_of(json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

static void show_dns(json_t *out, const struct reply *reply)
{
    struct dns_message m;

    if (!dnsmsg_parse(&m, (const uint8_t *)buf_str(&reply->body), reply->body.len))
        return;
    json_t *answers = json_array();
    for (size_t i = 0; i < m.answer_count; i++) {
        const struct dns_record *r = &m.answers[i];
        char addr[ADDR_TEXT_MAX];
        bool is_addr = r->type == DNS_A || r->type == DNS_AAAA;
        json_array_append_new(answers, json_pack("{s:s, s:i, s:i, s:s}", "owner", r->owner, "type",
                                                 r->type, "ttl", (int)r->ttl, "data",
                                                 is_addr ? addr_text(&r->addr, addr)
                                                         : (r->text != NULL ? r->text : "")));
    }
    json_object_set_new(out, "rcode", json_string(dnsmsg_rcode_name(m.rcode)));
    json_object_set_new(out, "answers", answers);
    dnsmsg_free(&m);
}

static void on_reply(void *arg, const struct reply *reply)
{
    static const char *const errors[NET_ERRORS] = {
        "ok",    "no-route", "no-name",  "bad-name", "refused",   "timeout", "reset",   "tls",
        "proxy", "too-big",  "protocol", "redirect", "cancelled", "dry",     "internal"};
    static const char *const sent[] = {"no", "maybe", "yes"};
    json_t *out = json_object(), *headers = json_object();
    char addr[ADDR_TEXT_MAX];

    json_object_set_new(out, "tag", json_integer(reply->tag));
    json_object_set_new(out, "error", json_string(errors[reply->error]));
    json_object_set_new(out, "sent", json_string(sent[reply->sent]));
    json_object_set_new(out, "status", json_integer(reply->status));
    json_object_set_new(out, "connects", json_integer(reply->connects));
    json_object_set_new(out, "took", json_integer(reply->took));
    if (reply->detail != NULL)
        json_object_set_new(out, "detail", json_string(reply->detail));
    if (reply->has_peer)
        json_object_set_new(out, "peer", json_string(addr_text(&reply->peer, addr)));
    if (reply->has_local)
        json_object_set_new(out, "local", json_string(addr_text(&reply->local, addr)));
    for (size_t i = 0; i < reply->header_count; i++)
        json_object_set_new(headers, reply->headers[i].name,
                            json_string_nocheck(reply->headers[i].value));
    json_object_set_new(out, "headers", headers);
    json_object_set_new(out, "length", json_integer((json_int_t)reply->body.len));
    if (arg != NULL)
        show_dns(out, reply);
    else if (reply->body.len <= 4096)
        json_object_set_new(out, "body",
                            json_stringn_nocheck(buf_str(&reply->body), reply->body.len));
    char *line = json_dumps(out, JSON_COMPACT);
    puts(line != NULL ? line : "{}");
    fflush(stdout);
    free(line);
    json_decref(out);
    outstanding--;
}

static void make_transport(struct transport *t, json_t *o)
{
    *t = (struct transport){.proxy = text_of(o, "proxy"),
                            .ca_file = text_of(o, "ca_file"),
                            .ca_dir = text_of(o, "ca_dir"),
                            .tls_unchecked = true_of(o, "tls_unchecked"),
                            .timeout = number_of(o, "timeout", 5000),
                            .redirects = (unsigned)number_of(o, "redirects", 0),
                            .interface = text_of(o, "interface"),
                            .source_address = text_of(o, "source_address"),
                            .mark = (uint32_t)number_of(o, "mark", 0),
                            .agent = text_of(o, "agent"),
                            .connections = (unsigned)number_of(o, "connections", 0)};
}

static void make_http(struct request *r, json_t *o)
{
    const char *name, *body = text_of(o, "body");
    json_t *value;

    request_init(r, REQUEST_HTTP);
    request_method(r, text_of(o, "method") != NULL ? text_of(o, "method") : "GET");
    marked_text(&r->url, text_of(o, "url"));
    json_object_foreach(json_object_get(o, "headers"), name, value)
        marked_secret(request_header(r, name), json_string_value(value));
    if (body != NULL) {
        r->has_body = true;
        marked_text(&r->body, body);
    }
    r->fresh = true_of(o, "fresh");
    r->http1 = true_of(o, "http1");
    r->reply_max = (size_t)number_of(o, "reply_max", 0);
}

static void send_line(json_t *o)
{
    struct transport t;
    struct request r;
    bool dns = text_of(o, "server") != NULL;

    make_transport(&t, o);
    if (dns) {
        request_init(&r, REQUEST_DNS);
        r.server = mem_text(text_of(o, "server"));
        r.port = (uint16_t)number_of(o, "port", 0);
        r.tcp = true_of(o, "tcp");
        dnsmsg_query(&r, text_of(o, "name"), (enum dns_type)number_of(o, "type", DNS_A),
                     (unsigned)number_of(o, "class", DNS_IN), true_of(o, "recurse"));
    } else {
        make_http(&r, o);
    }
    r.tag = (uint32_t)number_of(o, "tag", 0);
    r.writes = true_of(o, "writes");
    r.family = (int)number_of(o, "family", -1);
    outstanding++;
    struct exchange *x = net->ops->send(net, &r, &t, on_reply, dns ? net : NULL);
    if (true_of(o, "cancel"))
        net->ops->cancel(x);
    if (true_of(o, "renew"))
        net->ops->renew(net);
    if (true_of(o, "then"))
        while (outstanding > 0)
            uv_run(&loop, UV_RUN_ONCE);
}

int main(void)
{
    static char line[1 << 20];

    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    while (fgets(line, sizeof line, stdin) != NULL) {
        json_t *o = json_loads(line, 0, NULL);
        if (o == NULL)
            return 2;
        send_line(o);
        json_decref(o);
    }
    while (outstanding > 0)
        uv_run(&loop, UV_RUN_ONCE);
    net_uv_free(net);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 ? 0 : 3;
}
