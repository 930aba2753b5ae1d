/*
 * SPDX-License-Identifier: ISC
 */
#include "web/push.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "web/server.h"
#include "web/throttle.h"

enum { ANSWER_MAX = 8192, REALM_STATUS = 401 };

/* A household's or a fleet's routers; a request is a line and some headers. */
static const struct http_limits limits = {
    .connections = 1024, .body = 4096, .header = 8 * 1024, .time = 15 * SECOND};

/* What is known of a device that has told something. */
struct usage {
    double left; /* requests it may send now */
    msec at;     /* mono: when "left" was true */
};

/* A request that has its answer, but does not get it yet. */
struct held {
    struct held *next, *prev;
    struct http_call *call;
    msec until; /* mono */
    unsigned status;
    char *text;                  /* owned */
    char *device;                /* owned; not NULL: until what it told is remembered */
    bool publishes;              /* and until it is published, too: */
    struct push_request request; /* what it told */
};

struct push {
    uv_loop_t *loop;
    struct access *access;
    struct push_model *model;
    struct http_server *server;
    struct throttle *throttle;
    struct map *usage; /* struct usage by device */
    struct held *held;
    unsigned held_count;
    uv_timer_t timer;
    bool any_host, look; /* look: something was published */
};

static msec mono_now(void)
{
    return clock_now().mono;
}

/* ---- answers ---- */

static void answer(struct http_call *call, unsigned status, const char *text)
{
    http_reply_header(call, "Cache-Control", "no-store");
    http_reply_header(call, "X-Content-Type-Options", "nosniff");
    if (status == REALM_STATUS)
        http_reply_header(call, "WWW-Authenticate", "Basic realm=\"homing\", charset=\"UTF-8\"");
    http_reply(call, status, "text/plain; charset=utf-8", text, strlen(text), false);
}

static void answer_word(struct http_call *call, unsigned status, enum push_word word)
{
    struct buf text;

    buf_init(&text, ANSWER_MAX);
    push_line(&text, word, NULL);
    answer(call, status, buf_str(&text));
    buf_free(&text);
}

static void on_timer(uv_timer_t *timer);

static void plan(struct push *p)
{
    msec next = NEVER, now = mono_now();

    if (p->look)
        next = now;
    for (const struct held *h = p->held; h != NULL; h = h->next)
        next = h->until < next ? h->until : next;
    if (next == NEVER)
        uv_timer_stop(&p->timer);
    else
        uv_timer_start(&p->timer, on_timer, next > now ? (uint64_t)(next - now) : 0, 0);
}

static struct held *hold(struct push *p, struct http_call *call, msec time, unsigned status,
                         const char *text)
{
    struct held *h = mem_alloc(sizeof *h);

    h->call = call;
    h->until = mono_now() + time;
    h->status = status;
    h->text = mem_text(text);
    h->next = p->held;
    if (h->next != NULL)
        h->next->prev = h;
    p->held = h;
    p->held_count++;
    return h;
}

static void let_go(struct push *p, struct held *h)
{
    if (h->next != NULL)
        h->next->prev = h->prev;
    *(h->prev != NULL ? &h->prev->next : &p->held) = h->next;
    p->held_count--;
    answer(h->call, h->status, h->text);
    mem_free(h->text);
    mem_free(h->device);
    mem_free(h);
}

static bool is_published(struct push *p, const char *device, const struct push_request *r)
{
    if (p->any_host)
        return p->model->ops->published(p->model, device, NULL, r->values);
    for (size_t i = 0; i < r->host_count; i++)
        if (!p->model->ops->published(p->model, device, r->hosts[i], r->values))
            return false;
    return true;
}

/* For each hostname that was asked for. */
static void say_again(struct held *h)
{
    struct buf text;

    buf_init(&text, ANSWER_MAX);
    for (size_t i = 0; i < h->request.host_count || i == 0; i++)
        push_line(&text, PUSH_911, NULL);
    mem_free(h->text);
    h->text = buf_take(&text);
}

static void look_at(struct push *p, struct held *h, bool over)
{
    enum push_kept kept =
        h->device != NULL ? p->model->ops->kept(p->model, h->device) : PUSH_KEEPING;
    bool settled = kept == PUSH_KEPT && (!h->publishes || is_published(p, h->device, &h->request));

    if (h->device != NULL && (kept == PUSH_NOT_KEPT || (over && kept == PUSH_KEEPING)))
        say_again(h);
    if (over || settled || kept == PUSH_NOT_KEPT)
        let_go(p, h);
}

static void on_timer(uv_timer_t *timer)
{
    struct push *p = timer->data;
    msec now = mono_now();
    bool look = p->look;

    p->look = false;
    for (struct held *h = p->held, *next; h != NULL; h = next) {
        next = h->next;
        if (h->until <= now || (look && h->device != NULL))
            look_at(p, h, h->until <= now);
    }
    plan(p);
}

void push_published(struct push *p)
{
    bool any = false;

    for (const struct held *h = p->held; h != NULL && !any; h = h->next)
        any = h->device != NULL;
    if (!any || p->look)
        return;
    p->look = true; /* once for all of this turn */
    plan(p);
}

/* ---- who ---- */

struct asking {
    struct http_call *call;
    struct addr from;
    bool has_from;
    char key[THROTTLE_KEY_MAX]; /* of where it came from; "" : the unix socket */
};

static const char *device_key(const char *device, char out[THROTTLE_KEY_MAX])
{
    snprintf(out, THROTTLE_KEY_MAX, "%s %.48s", THROTTLE_ACCOUNT, device);
    return out;
}

/* How long this one must wait after what was wrong before. */
static msec wait_of(const struct push *p, const struct asking *q, const char *device)
{
    char key[THROTTLE_KEY_MAX];
    msec wall = clock_now().wall, wait = 0, other = 0;

    if (q->key[0] != '\0')
        wait = throttle_wait(p->throttle, q->key, wall);
    if (device != NULL)
        other = throttle_wait(p->throttle, device_key(device, key), wall);
    return wait > other ? wait : other;
}

static void refuse(struct push *p, const struct asking *q, const char *device)
{
    char key[THROTTLE_KEY_MAX];
    msec wall = clock_now().wall;

    if (q->key[0] != '\0')
        throttle_fail(p->throttle, q->key, wall);
    if (device != NULL)
        throttle_fail(p->throttle, device_key(device, key), wall);
    if (p->held_count >= PUSH_HELD_MOST) {
        answer_word(q->call, REALM_STATUS, PUSH_BADAUTH);
        return;
    }
    hold(p, q->call, PUSH_WRONG_TIME, REALM_STATUS, "badauth\n");
    plan(p);
}

static void tell_wrong(const struct asking *q, const char *device, const char *login)
{
    const char *from = q->key[0] != '\0' ? q->key : "the unix socket";

    /* A name that is not known may be a password in the wrong field. */
    if (device != NULL)
        log_warning(NULL, "A push with a wrong password for the device %s, from %s.", device, from);
    else if (login != NULL)
        log_warning(NULL,
                    "A push for a device that is not known, from %s. \"homing devices\" shows "
                    "all.",
                    from);
    else
        log_debug(NULL, "A push without name and password, from %s.", from);
}

static void too_early(const struct asking *q, msec wait)
{
    char seconds[24];

    snprintf(seconds, sizeof seconds, "%lld", (long long)((wait + SECOND - 1) / SECOND));
    http_reply_header(q->call, "Retry-After", seconds);
    answer_word(q->call, 429, PUSH_ABUSE);
}

/* The device that asks, or NULL: then the request has its answer. The right password always passes:
 * it was made by us and cannot be guessed, so waits need not guard it, and nobody can keep a router
 * out by failing, not even from behind the same address. */
static const struct device *identify(struct push *p, const struct asking *q)
{
    char *login, *password;
    const struct device *device = NULL;

    const char *header = http_header(q->call, "Authorization");
    if (header != NULL)
        push_credentials(header, &login, &password);
    else
        push_query_credentials(http_query_text(q->call), &login, &password);
    if (login != NULL)
        device = access_device(p->access, login);
    bool right = device != NULL && access_device_is(p->access, device->name, password);
    msec wait = right ? 0 : wait_of(p, q, device != NULL ? device->name : NULL);
    if (wait > 0) {
        too_early(q, wait);
    } else if (!right) {
        tell_wrong(q, device != NULL ? device->name : NULL, login);
        refuse(p, q, device != NULL ? device->name : NULL);
    } else if (q->key[0] != '\0') {
        throttle_clear(p->throttle, q->key);
    }
    mem_free_secret(login);
    mem_free_secret(password);
    return right ? device : NULL;
}

/* One of the device's requests is used up. False: too many. */
static bool spend(struct push *p, const struct device *device)
{
    struct usage *u = map_get(p->usage, device->name);
    msec now = mono_now();

    if (u == NULL) {
        u = mem_alloc(sizeof *u);
        *u = (struct usage){.left = PUSH_BURST, .at = now};
        map_set(p->usage, device->name, u);
    }
    u->left += (double)(now - u->at) / PUSH_EVERY;
    u->left = u->left < PUSH_BURST ? u->left : PUSH_BURST;
    u->at = now;
    if (u->left < 1)
        return false;
    u->left -= 1;
    return true;
}

/* ---- what ---- */

static bool may_name(const struct push *p, const struct device *device, const char *host)
{
    if (p->any_host)
        return true;
    for (size_t i = 0; i < device->host_count; i++)
        if (text_equal(device->hosts[i], host))
            return true;
    return device->host_count == 0 && p->model->ops->keeps(p->model, device->name, host);
}

/* The word for each hostname but for what becomes of the addresses; true when any is good. */
static bool check_hosts(const struct push *p, const struct device *device,
                        const struct push_request *r, enum push_word words[PUSH_HOSTS])
{
    bool any = p->any_host && r->host_count == 0;

    for (size_t i = 0; i < r->host_count; i++) {
        words[i] = p->any_host                        ? PUSH_GOOD
                   : !push_host_good(r->hosts[i])     ? PUSH_NOTFQDN
                   : may_name(p, device, r->hosts[i]) ? PUSH_GOOD
                                                      : PUSH_NOHOST;
        any = any || words[i] == PUSH_GOOD;
        if (words[i] == PUSH_NOHOST)
            log_warning(r->hosts[i],
                        "The device %s pushes this hostname, which is none of its "
                        "own: see usev4=pushed in homing.conf(5).",
                        device->name);
    }
    return any;
}

/* The request's own address, where it is wanted. */
static void add_own(const struct asking *q, struct push_request *r)
{
    if (r->automatic && q->has_from && !r->values[q->from.family].given)
        r->values[q->from.family] = (struct push_value){.given = true, .addr = q->from};
}

static bool any_address(const struct push_request *r)
{
    return r->values[PUSH_V4].given || r->values[PUSH_V6].given;
}

static void write_lines(struct buf *out, const struct push_request *r,
                        const enum push_word words[PUSH_HOSTS], enum push_word good)
{
    if (r->host_count == 0)
        push_line(out, good, r->values);
    for (size_t i = 0; i < r->host_count; i++)
        push_line(out, words[i] == PUSH_GOOD ? good : words[i], r->values);
}

/* Only what is published of the hostnames that are the device's own is waited for. */
static void keep_good(struct push_request *r, const enum push_word words[PUSH_HOSTS])
{
    size_t n = 0;

    for (size_t i = 0; i < r->host_count; i++)
        if (words[i] == PUSH_GOOD)
            memmove(r->hosts[n++], r->hosts[i], sizeof r->hosts[0]);
    r->host_count = n;
}

static enum push_word whole_word(const struct push *p, const struct push_request *r)
{
    if (r->too_many)
        return PUSH_NUMHOST;
    if (!p->any_host && (r->malformed_host || r->host_count == 0))
        return PUSH_NOTFQDN;
    return PUSH_GOOD;
}

/* What is not understood is not half carried out. */
static enum push_word take_values(struct push *p, const struct device *device,
                                  const struct asking *q, struct push_request *r)
{
    if (r->odd[0] != '\0') {
        bool slip = access_device_is(p->access, device->name, r->odd); /* into the wrong field */
        log_warning(NULL, "The device %s pushes \"%s\", which was not understood.", device->name,
                    slip ? "..." : r->odd);
        return PUSH_911;
    }
    add_own(q, r);
    bool addresses = any_address(r);
    bool changed = p->model->ops->take(p->model, device->name, r->values);
    /* A prefix alone is well; beside addresses that are none it does not make the names right. */
    bool refused = addresses ? !any_address(r) : !r->values[PUSH_PREFIX].given;
    return refused ? PUSH_911 : changed ? PUSH_GOOD : PUSH_NOCHG;
}

static void take(struct push *p, const struct device *device, const struct asking *q,
                 struct push_request *r)
{
    enum push_word words[PUSH_HOSTS], good = whole_word(p, r);
    struct buf text;

    if (good != PUSH_GOOD) {
        answer_word(q->call, 200, good);
        return;
    }
    buf_init(&text, ANSWER_MAX);
    if (check_hosts(p, device, r, words))
        good = take_values(p, device, q, r);
    write_lines(&text, r, words, good);
    keep_good(r, words);
    bool publishes = good == PUSH_GOOD && !is_published(p, device->name, r);
    bool taken = good == PUSH_GOOD || good == PUSH_NOCHG;
    bool kept = p->model->ops->kept(p->model, device->name) == PUSH_KEPT;
    if (taken && (publishes || !kept) && p->held_count < PUSH_HELD_MOST) {
        struct held *h = hold(p, q->call, PUSH_GOOD_TIME, 200, buf_str(&text));
        h->device = mem_text(device->name);
        h->publishes = publishes;
        h->request = *r;
        plan(p);
    } else {
        answer(q->call, 200, buf_str(&text));
    }
    buf_free(&text);
}

static bool is_ours(const char *path)
{
    static const char *const paths[] = {"/nic/update", "/v3/update", "/update"};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (text_equal(path, paths[i]))
            return true;
    return false;
}

static void on_request(void *arg, struct http_call *call)
{
    struct push *p = arg;
    struct asking q = {.call = call};
    struct push_request *r;

    if (!is_ours(http_path(call))) {
        answer(call, 404, "There is nothing at this address.\n");
        return;
    }
    if (!text_equal(http_method(call), "GET")) {
        http_reply_header(call, "Allow", "GET");
        answer(call, 405, "This address takes only GET.\n");
        return;
    }
    q.has_from = access_origin(p->access, call, &q.from);
    if (q.has_from)
        throttle_key(&q.from, q.key);
    const struct device *device = identify(p, &q);
    if (device == NULL)
        return;
    if (!spend(p, device)) {
        too_early(&q, PUSH_EVERY);
        return;
    }
    r = mem_alloc(sizeof *r);
    push_read(http_query_text(call), r);
    take(p, device, &q, r);
    mem_free(r);
}

/* ---- life ---- */

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

struct push *push_new(const struct push_options *o, struct cause *c)
{
    struct push *p = mem_alloc(sizeof *p);
    enum err e = OK;

    p->loop = o->loop;
    p->access = o->access;
    p->model = o->model;
    p->throttle = throttle_new();
    p->usage = map_new();
    uv_timer_init(o->loop, &p->timer);
    p->timer.data = p;
    p->server = http_server_new(o->loop, &limits, on_request, p, c);
    if (p->server == NULL)
        e = ERR_MEMORY;
    else if (o->cert != NULL)
        e = http_server_tls(p->server, o->cert, o->key, c);
    if (e == OK)
        e = http_server_listen(p->server, o->where, c);
    if (e == OK)
        return p;
    push_free(p);
    return NULL;
}

void push_any_host(struct push *p, bool any)
{
    p->any_host = any;
}

unsigned push_port(const struct push *p)
{
    return http_server_port(p->server);
}

void push_device_changed(struct push *p, const char *device)
{
    char key[THROTTLE_KEY_MAX];

    throttle_clear(p->throttle, device_key(device, key));
    mem_free(map_remove(p->usage, device));
}

void push_free(struct push *p)
{
    if (p == NULL)
        return;
    while (p->held != NULL)
        let_go(p, p->held);
    http_server_free(p->server);
    throttle_free(p->throttle);
    map_free(p->usage, mem_free);
    uv_close((uv_handle_t *)&p->timer, on_closed);
}
