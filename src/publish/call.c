/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/call.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/build.h"
#include "publish/sign/sign.h"

#include <string.h>

void call_begin(struct call *c, const struct provider *p, const char *slot, enum slot_kind kind,
                const struct vars *outer)
{
    *c = (struct call){.provider = p, .slot = slot, .kind = kind};
    c->changes = kind != SLOT_READ && kind != SLOT_SESSION;
    c->elements = json_array();
    c->taken = json_object();
    request_init(&c->sent_copy, REQUEST_HTTP);
    vars_init(&c->vars, outer);
}

void call_end(struct call *c)
{
    json_decref(c->over);
    json_decref(c->merged);
    json_decref(c->elements);
    json_decref(c->taken);
    json_decref(c->tree);
    mem_free(c->key);
    mem_free_secret(c->text);
    verdict_free(&c->verdict);
    request_free(&c->sent_copy);
    vars_fini(&c->vars);
    if (c->status != NULL) {
        reply_free(c->status);
        mem_free(c->status);
    }
    *c = (struct call){0};
}

static void finish(struct call *c, enum outcome_class cls, const char *say)
{
    verdict_free(&c->verdict);
    c->verdict.cls = cls;
    c->verdict.say = mem_text(say);
    c->done = true;
}

static const json_t *template_of(const struct call *c)
{
    const json_t *slot = provider_slot(c->provider, c->slot);
    return json_is_array(slot) ? json_array_get(slot, c->step) : c->step == 0 ? slot : NULL;
}

/* Time and randomness for this request. */
static void fresh_vars(struct call *c, const struct step_in *in)
{
    uint8_t bytes[16];
    char hex[33], uuid[40];
    static const char digits[] = "0123456789abcdef";

    in->random(in->random_arg, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[32] = '\0';
    /* RFC 9562, section 5.4 */
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    size_t n = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            uuid[n++] = '-';
        uuid[n++] = digits[bytes[i] >> 4];
        uuid[n++] = digits[bytes[i] & 15];
    }
    uuid[n] = '\0';
    vars_put_text(&c->vars, "nonce", hex);
    vars_put_text(&c->vars, "uuid", uuid);
    vars_put(&c->vars, "now", json_integer((in->now.wall + c->clock_offset) / SECOND));
}

struct cached {
    json_t *tree; /* owned */
};

void call_cache_free(void *p)
{
    struct cached *one = p;
    json_decref(one->tree);
    mem_free(one);
}

static void remember(struct call *c, json_t *tree)
{
    if (c->cache == NULL || c->key == NULL)
        return;
    struct cached *one = mem_alloc(sizeof *one);
    one->tree = json_incref(tree);
    struct cached *former = map_set(c->cache, c->key, one);
    if (former != NULL)
        call_cache_free(former);
}

/* A good reply: take from it. Returns true when another page or request follows. */
static bool digest(struct call *c, json_t *tree, const struct reply *reply)
{
    const json_t *each = json_object_get(c->merged, "each");
    json_t *value = NULL;
    const char *name;
    json_t *one;

    if (each != NULL || json_object_get(c->merged, "where") != NULL ||
        json_object_get(c->merged, "refuse") != NULL) {
        take_elements(c->merged, tree, &c->vars, c->elements);
    } else {
        json_t *taken = take_vars(json_object_get(c->merged, "take"), tree, NULL, reply);
        json_object_update(c->taken, taken);
        json_object_foreach(taken, name, one) vars_put_secret(&c->vars, name, json_incref(one));
        json_decref(taken);
    }
    json_decref(c->over);
    c->over = NULL;
    switch (take_page(c->merged, tree, &c->page, &c->over, &value)) {
    case PAGE_MORE:
        vars_put(&c->vars, "page", json_pack("{s:o}", "value", value));
        return true;
    case PAGE_ENDLESS:
        finish(c, OUTCOME_UNKNOWN, "the list of the provider does not end");
        return false;
    case PAGE_LAST:
        break;
    }
    c->step++;
    c->page = (struct page){0};
    return template_of(c) != NULL;
}

/* The next template whose "if" holds; false when there is none left. */
static bool choose_template(struct call *c)
{
    const json_t *step;

    for (; (step = template_of(c)) != NULL; c->step++) {
        const json_t *condition = json_object_get(step, "if");
        if (condition == NULL || judge_if(condition, &c->vars))
            break;
    }
    if (step == NULL)
        return false;
    if (c->over == NULL && c->page.count == 0) {
        json_t *value = NULL;
        c->over = take_first_page(step, &c->page, &value);
        if (c->over != NULL)
            vars_put(&c->vars, "page", json_pack("{s:o}", "value", value));
    }
    json_decref(c->merged);
    c->merged = build_merge(c->provider, step, c->over, &c->vars);
    if (c->over != NULL && json_object_get(c->over, "url") != NULL) {
        json_object_del(c->merged, "path");
        json_object_del(c->merged, "query");
    }
    return true;
}

/* A digest of all of a request, before it is signed. */
static char *key_of(const struct request *r)
{
    struct buf b;

    buf_init(&b, 4 * MARKED_MAX);
    buf_format(&b, "%s %s\n", r->method, marked_str(&r->url));
    for (size_t i = 0; i < r->header_count; i++)
        buf_format(&b, "%s: %s\n", r->headers[i].name, marked_str(&r->headers[i].value));
    buf_add(&b, marked_str(&r->body), r->body.text.len);
    char hex[SHA256_HEX];
    sign_sha256_hex(buf_str(&b), b.len, hex);
    buf_wipe(&b);
    return mem_text(hex);
}

static bool from_cache(struct call *c, const struct request *r)
{
    mem_free(c->key);
    c->key = NULL;
    if (c->cache == NULL || c->kind != SLOT_READ)
        return false;
    c->key = key_of(r);
    struct cached *one = map_get(c->cache, c->key);
    if (one == NULL)
        return false;
    if (!digest(c, one->tree, NULL))
        c->done = true;
    return true;
}

static void keep_for_messages(struct call *c, const struct request *r)
{
    request_free(&c->sent_copy);
    request_init(&c->sent_copy, REQUEST_HTTP);
    marked_join(&c->sent_copy.url, &r->url);
}

void call_go(struct call *c, const struct step_in *in, struct step_out *out)
{
    struct cause cause;

    while (!c->done) {
        if (!choose_template(c)) {
            if (!c->sent_any && c->kind != SLOT_READ && c->kind != SLOT_SESSION)
                finish(c, OUTCOME_INPUT, "no request of the provider's file fits these settings");
            c->done =
                true; /* else the word of the last reply stands: perhaps "nothing to change" */
            return;
        }
        fresh_vars(c, in);
        struct request *r = step_request(out, REQUEST_HTTP);
        r->writes = c->changes;
        r->session = c->kind == SLOT_SESSION;
        const char *about = json_string_value(json_object_get(c->merged, "about"));
        r->about = mem_text(about != NULL ? about : c->about);
        bool made = build_request(c->provider, c->merged, &c->vars, r, &cause) == OK;
        bool known = made && from_cache(c, r);
        if (made && !known)
            made = build_sign(c->provider, c->merged, &c->vars, r, &cause) == OK;
        if (!made || known) {
            request_free(r);
            out->request_count--;
        }
        if (!made) {
            finish(c, OUTCOME_INPUT, cause.text);
            return;
        }
        if (known)
            continue;
        keep_for_messages(c, r);
        c->asked = c->sent_any = true;
        return;
    }
}

static void keep_reply(struct call *c, const struct reply *reply, json_t *tree)
{
    if (c->status == NULL)
        c->status = mem_alloc(sizeof *c->status);
    else
        reply_free(c->status);
    reply_init(c->status);
    c->status->status = reply->status;
    for (size_t i = 0; i < reply->header_count; i++)
        reply_header_add(c->status, reply->headers[i].name, strlen(reply->headers[i].name),
                         reply->headers[i].value, strlen(reply->headers[i].value));
    mem_free_secret(c->text);
    c->text = mem_text_n(buf_str(&reply->body), strlen(buf_str(&reply->body)));
    json_decref(c->tree);
    c->tree = json_incref(tree);
}

/* A reply that came whole. */
static void judge(struct call *c, const struct step_in *in)
{
    const struct reply *reply = in->reply;
    json_t *tree = take_tree(c->merged, &reply->body);
    struct answer a = {reply, tree, buf_str(&reply->body)};

    c->garbled = tree == NULL && reply->status / 100 == 2;
    if (tree == NULL)
        tree = json_null();
    keep_reply(c, reply, tree);
    a.tree = tree;
    if (c->garbled) {
        finish(c, OUTCOME_UNKNOWN, "the answer of the provider could not be read");
        json_decref(tree);
        return;
    }
    verdict_free(&c->verdict);
    judge_reply(c->provider, c->merged, c->kind, &a, &c->vars, in->now.wall, &c->verdict);
    bool good = outcome_is_good(c->verdict.cls);
    if (good && c->kind == SLOT_READ)
        remember(c, tree);
    if (!good || !digest(c, tree, reply))
        c->done = true;
    json_decref(tree);
}

void call_reply(struct call *c, const struct step_in *in, struct step_out *out)
{
    const struct reply *reply = in->reply;

    c->asked = false;
    c->sent = reply->sent;
    if (reply->error == NET_DRY) {
        c->step++;
        json_decref(c->over);
        c->over = NULL;
        c->page = (struct page){0};
    } else if (reply->error != NET_OK) {
        char *say = NULL;
        enum outcome_class cls = step_class_of_error(&c->sent_copy, reply, &say);
        finish(c, cls, say);
        mem_free(say);
    } else {
        judge(c, in);
    }
    if (!c->done)
        call_go(c, in, out);
}
