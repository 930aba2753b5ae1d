/*
 * SPDX-License-Identifier: ISC
 */
#include "web/access.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "web/access_file.h"
#include "web/libsodium.h"
#include "web/origin.h"
#include "web/push_request.h"
#include "web/secret.h"

/* OWASP's first choice for argon2id (19 MiB, two passes): about 40 ms on a small machine. */
enum { PASSWORD_MEMORY = 19 * 1024 * 1024, PASSWORD_PASSES = 2 };
#define SEEN_STEP     ((msec)10 * MINUTE) /* how old a session's last use may be in the file */
#define COOKIE_NAME   "homing"
#define TOKEN_PREFIX  "homing-"
#define BEARER_PREFIX "Bearer "

struct access {
    uv_loop_t *loop;
    char *file; /* owned */
    struct access_data data;
    struct origin_trust trust;
    unsigned checks;     /* password work under way */
    bool writing, dirty; /* one writer at a time */
    bool freeing;
};

/* ---- small things ---- */

static msec wall_now(void)
{
    return clock_now().wall;
}

/* ---- the file, written in the thread pool ---- */

struct writing {
    uv_work_t work;
    struct access *access;
    char *file;
    struct buf text;
    enum err error;
    struct cause cause;
};

static void access_destroy(struct access *a)
{
    throttle_free(a->data.throttle);
    devices_free(a->data.devices);
    mem_free(a->file);
    mem_wipe(a, sizeof *a);
    mem_free(a);
}

static void maybe_destroy(struct access *a)
{
    if (a->freeing && !a->writing && a->checks == 0)
        access_destroy(a);
}

static void do_write(uv_work_t *work)
{
    struct writing *w = work->data;

    w->error = access_file_write(w->file, buf_str(&w->text), w->text.len, &w->cause);
}

static void save(struct access *a);

static void written(uv_work_t *work, int status)
{
    struct writing *w = work->data;
    struct access *a = w->access;

    (void)status;
    if (w->error != OK)
        log_error(NULL, "%s Who may use the page is remembered until homing ends.", w->cause.text);
    buf_wipe(&w->text);
    mem_free(w->file);
    mem_free(w);
    a->writing = false;
    if (a->dirty)
        save(a);
    maybe_destroy(a);
}

static void save(struct access *a)
{
    if (a->writing) {
        a->dirty = true;
        return;
    }
    struct writing *w = mem_alloc(sizeof *w);
    w->access = a;
    w->work.data = w;
    w->file = mem_text(a->file);
    buf_init(&w->text, ACCESS_FILE_MAX);
    access_data_text(&a->data, &w->text);
    a->writing = true;
    a->dirty = false;
    if (uv_queue_work(a->loop, &w->work, do_write, written) != 0) {
        do_write(&w->work);
        written(&w->work, 0);
    }
}

struct access *access_new(uv_loop_t *loop, const char *file, struct cause *c)
{
    struct buf text;

    if (sodium_init() < 0) {
        cause_set(c, ERR_IO, "The system gives no random numbers.");
        return NULL;
    }
    struct access *a = mem_alloc(sizeof *a);
    a->loop = loop;
    a->file = mem_text(file);
    a->data.throttle = throttle_new();
    a->data.devices = devices_new();
    enum err e = access_file_read(file, &text, c);
    if (e == OK) {
        e = access_data_parse(&a->data, buf_str(&text), c);
        buf_wipe(&text);
    } else if (e == ERR_NOT_FOUND) {
        e = OK;
    }
    if (e != OK) {
        access_destroy(a);
        return NULL;
    }
    return a;
}

void access_free(struct access *a)
{
    if (a == NULL)
        return;
    a->freeing = true;
    maybe_destroy(a);
}

/* ---- who ---- */

static struct access_session *session_find(struct access *a, const char *hash)
{
    msec now = wall_now();

    for (size_t i = 0; i < ACCESS_SESSIONS; i++) {
        struct access_session *s = &a->data.sessions[i];
        if (!secret_same(s->hash, hash))
            continue;
        /* A clock that went backwards ends nothing early, and prolongs nothing. */
        if (now - s->seen <= ACCESS_SESSION_IDLE && now - s->created <= ACCESS_SESSION_MOST)
            return s;
        s->hash[0] = '\0';
        return NULL;
    }
    return NULL;
}

static bool by_session(struct access *a, struct http_call *call, struct access_who *out)
{
    const char *cookie = http_cookie(call, COOKIE_NAME);
    char hash[SECRET_HASH_TEXT];

    if (cookie == NULL)
        return false;
    secret_hash(cookie, hash);
    struct access_session *s = session_find(a, hash);
    if (s == NULL)
        return false;
    /* A page that only listens is not used. */
    msec now = wall_now();
    if (now - s->seen > SEEN_STEP && !text_ends(http_path(call), "/events")) {
        s->seen = now;
        save(a);
    }
    out->level = ACCESS_FULL;
    out->by_cookie = true;
    memcpy(out->session, hash, sizeof out->session);
    snprintf(out->name, sizeof out->name, "the page");
    return true;
}

static bool by_token(struct access *a, struct http_call *call, struct access_who *out)
{
    const char *header = http_header(call, "Authorization");
    char hash[SECRET_HASH_TEXT];

    if (header == NULL || !text_starts(header, BEARER_PREFIX))
        return false;
    secret_hash(header + strlen(BEARER_PREFIX), hash);
    for (size_t i = 0; i < a->data.token_count; i++) {
        const struct access_token *t = &a->data.tokens[i];
        if (!secret_same(t->hash, hash))
            continue;
        out->level = t->full ? ACCESS_FULL : ACCESS_READ;
        snprintf(out->name, sizeof out->name, "token %s", t->name);
        return true;
    }
    return false;
}

void access_identify(struct access *a, struct http_call *call, struct access_who *out)
{
    const struct http_peer *p = http_peer(call);

    *out = (struct access_who){.level = ACCESS_NOTHING};
    if (p->where == HTTP_UNIX) {
        out->level = p->owner ? ACCESS_FULL : ACCESS_NOTHING;
        out->local = p->owner;
        snprintf(out->name, sizeof out->name, "uid %u", (unsigned)p->uid);
    } else if (a == NULL) {
        out->level = p->where == HTTP_LOOPBACK ? ACCESS_READ : ACCESS_NOTHING;
        snprintf(out->name, sizeof out->name, "this machine");
    } else if (!by_token(a, call, out)) {
        by_session(a, call, out);
    }
}

json_t *access_describe(const struct access *a, const struct access_who *who)
{
    static const char *const levels[] = {"none", "read", "full"};

    return json_pack("{s:s,s:b,s:b,s:s}", "level", levels[who->level], "accounts", a != NULL,
                     "owned", a != NULL && access_owned(a), "name", who->name);
}

bool access_owned(const struct access *a)
{
    return a->data.owner[0] != '\0';
}

/* ---- links ---- */

msec access_link(struct access *a, char *out)
{
    secret_make("", out);
    secret_hash(out, a->data.link);
    a->data.link_end = wall_now() + ACCESS_LINK_TIME;
    save(a);
    return a->data.link_end;
}

msec access_link_open(const struct access *a, const char *secret)
{
    char hash[SECRET_HASH_TEXT];
    msec left = a->data.link_end - wall_now();

    secret_hash(secret, hash);
    return secret_same(hash, a->data.link) && left > 0 && left <= ACCESS_LINK_TIME
               ? a->data.link_end
               : 0;
}

/* ---- passwords ---- */

enum err access_password_fits(const char *password, struct cause *c)
{
    size_t bytes = strlen(password), characters = 0;

    for (size_t i = 0; i < bytes; i++)
        characters += ((unsigned char)password[i] & 0xc0) != 0x80;
    if (characters < ACCESS_PASSWORD_LEAST)
        return cause_set(c, ERR_RANGE, "This has %zu characters; it needs %d or more.", characters,
                         ACCESS_PASSWORD_LEAST);
    if (bytes > ACCESS_PASSWORD_MOST)
        return cause_set(c, ERR_RANGE, "This is longer than %d bytes.", ACCESS_PASSWORD_MOST);
    return OK;
}

struct password_work {
    uv_work_t work;
    struct access *access;
    char *password; /* owned, wiped */
    bool set;
    char link[SECRET_HASH_TEXT];
    char key[THROTTLE_KEY_MAX]; /* where a check came from; "" : the unix socket */
    char hash[crypto_pwhash_STRBYTES];
    bool good;
    access_done_fn *fn;
    void *arg;
};

static void do_password(uv_work_t *work)
{
    struct password_work *p = work->data;
    size_t n = strlen(p->password);

    p->good = p->set ? crypto_pwhash_str_alg(p->hash, p->password, n, PASSWORD_PASSES,
                                             PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0
                     : crypto_pwhash_str_verify(p->hash, p->password, n) == 0;
}

static enum err password_set(struct access *a, struct password_work *p)
{
    if (!p->good)
        return ERR_MEMORY;
    /* Used up only now, and only once, however many came at the same time. */
    if (p->link[0] != '\0' && !secret_same(p->link, a->data.link))
        return ERR_NOT_FOUND;
    a->data.link[0] = '\0';
    memcpy(a->data.owner, p->hash, strlen(p->hash) + 1);
    memset(a->data.sessions, 0, sizeof a->data.sessions);
    log_notice(NULL, "The page has a new password; whoever was signed in is not any more.");
    return OK;
}

static enum err password_checked(struct access *a, const struct password_work *p)
{
    if (!p->good) {
        log_warning(NULL, "A wrong password for the page, from %s.",
                    p->key[0] != '\0' ? p->key : "the unix socket");
        return ERR_DENIED;
    }
    throttle_clear(a->data.throttle, THROTTLE_ACCOUNT);
    throttle_clear(a->data.throttle, p->key);
    return OK;
}

static void password_done(uv_work_t *work, int status)
{
    struct password_work *p = work->data;
    struct access *a = p->access;

    (void)status;
    a->checks--;
    if (a->freeing) { /* whoever waits can only be told that it was too late */
        p->fn(p->arg, ERR_BUSY);
    } else {
        enum err e = p->set ? password_set(a, p) : password_checked(a, p);
        save(a);
        p->fn(p->arg, e);
    }
    mem_free_secret(p->password);
    mem_wipe(p, sizeof *p);
    mem_free(p);
    maybe_destroy(a);
}

static struct password_work *password_new(struct access *a, const char *password,
                                          access_done_fn *fn, void *arg)
{
    struct password_work *p = mem_alloc(sizeof *p);

    p->access = a;
    p->password = mem_text(password);
    p->fn = fn;
    p->arg = arg;
    p->work.data = p;
    a->checks++;
    return p;
}

static void password_start(struct password_work *p)
{
    if (uv_queue_work(p->access->loop, &p->work, do_password, password_done) != 0) {
        do_password(&p->work);
        password_done(&p->work, 0);
    }
}

void access_set_password(struct access *a, const char *password, const char *link,
                         access_done_fn *fn, void *arg)
{
    if (a->checks >= ACCESS_CHECKS_AT_ONCE) {
        fn(arg, ERR_BUSY);
        return;
    }
    if (link != NULL && access_link_open(a, link) == 0) {
        fn(arg, ERR_NOT_FOUND);
        return;
    }
    struct password_work *p = password_new(a, password, fn, arg);
    p->set = true;
    if (link != NULL)
        secret_hash(link, p->link);
    password_start(p);
}

bool access_trust(struct access *a, const char *proxies, char *bad, size_t room)
{
    return origin_trust_set(&a->trust, proxies, bad, room);
}

bool access_origin(const struct access *a, const struct http_call *call, struct addr *out)
{
    return origin_of(&a->trust, call, out);
}

/* Where a call came from, as a throttle's key; "" for the unix socket. */
static void key_of(const struct access *a, const struct http_call *call, char out[THROTTLE_KEY_MAX])
{
    struct addr from;

    out[0] = '\0';
    if (origin_of(&a->trust, call, &from))
        throttle_key(&from, out);
}

msec access_wait(const struct access *a, struct http_call *call)
{
    char key[THROTTLE_KEY_MAX];
    msec now = wall_now();

    key_of(a, call, key);
    if (key[0] == '\0')
        return 0;
    msec account = throttle_wait(a->data.throttle, THROTTLE_ACCOUNT, now);
    msec address = throttle_wait(a->data.throttle, key, now);
    return account > address ? account : address;
}

void access_check(struct access *a, struct http_call *call, const char *password,
                  access_done_fn *fn, void *arg)
{
    if (!access_owned(a) || strlen(password) > ACCESS_PASSWORD_MOST) {
        fn(arg, ERR_DENIED);
        return;
    }
    if (a->checks >= ACCESS_CHECKS_AT_ONCE) {
        fn(arg, ERR_BUSY);
        return;
    }
    struct password_work *p = password_new(a, password, fn, arg);
    key_of(a, call, p->key);
    memcpy(p->hash, a->data.owner, strlen(a->data.owner) + 1);
    if (p->key[0] != '\0') {
        /* Counted before the answer is known, so that tries at the same time count too. */
        throttle_fail(a->data.throttle, THROTTLE_ACCOUNT, wall_now());
        throttle_fail(a->data.throttle, p->key, wall_now());
    }
    password_start(p);
}

/* ---- sessions and tokens ---- */

void access_begin(struct access *a, char *out)
{
    struct access_session *place = &a->data.sessions[0];

    for (size_t i = 0; i < ACCESS_SESSIONS; i++) {
        struct access_session *s = &a->data.sessions[i];
        if (s->hash[0] == '\0') {
            place = s;
            break;
        }
        if (s->seen < place->seen)
            place = s;
    }
    secret_make("", out);
    secret_hash(out, place->hash);
    place->created = place->seen = wall_now();
    save(a);
}

void access_end(struct access *a, const char *session_hash)
{
    for (size_t i = 0; i < ACCESS_SESSIONS; i++)
        if (secret_same(a->data.sessions[i].hash, session_hash))
            a->data.sessions[i].hash[0] = '\0';
    save(a);
}

void access_end_all(struct access *a)
{
    memset(a->data.sessions, 0, sizeof a->data.sessions);
    save(a);
}

static long token_index(const struct access *a, const char *name)
{
    for (size_t i = 0; i < a->data.token_count; i++)
        if (text_equal(a->data.tokens[i].name, name))
            return (long)i;
    return -1;
}

enum err access_token_add(struct access *a, const char *name, bool full, char *out, struct cause *c)
{
    if (!access_name_good(name))
        return cause_set(
            c, ERR_RANGE,
            "A token's name has 1 to %d letters, digits, hyphens, dots or underscores.",
            ACCESS_NAME_MAX);
    if (token_index(a, name) >= 0)
        return cause_set(c, ERR_EXISTS, "There is a token of the name %s already.", name);
    if (a->data.token_count == ACCESS_TOKENS)
        return cause_set(c, ERR_EXISTS, "There are %d tokens already; remove one first.",
                         ACCESS_TOKENS);
    struct access_token *t = &a->data.tokens[a->data.token_count++];
    memcpy(t->name, name, strlen(name) + 1);
    t->full = full;
    t->created = wall_now();
    secret_make(TOKEN_PREFIX, out);
    secret_hash(out, t->hash);
    save(a);
    log_notice(NULL, "A new token for the API: %s (%s).", name, full ? "full" : "read only");
    return OK;
}

enum err access_token_remove(struct access *a, const char *name)
{
    long i = token_index(a, name);

    if (i < 0)
        return ERR_NOT_FOUND;
    a->data.tokens[i] = a->data.tokens[--a->data.token_count];
    save(a);
    log_notice(NULL, "The token %s was removed.", name);
    return OK;
}

json_t *access_tokens(const struct access *a)
{
    json_t *list = json_array();

    for (size_t i = 0; i < a->data.token_count; i++) {
        const struct access_token *t = &a->data.tokens[i];
        json_array_append_new(list, json_pack("{s:s,s:s,s:I}", "name", t->name, "level",
                                              t->full ? "full" : "read", "created_at",
                                              (json_int_t)t->created));
    }
    return list;
}

/* ---- devices ---- */

static enum err hosts_fit(const char *const *hosts, size_t count, struct cause *c)
{
    for (size_t i = 0; i < count; i++)
        if (!push_host_good(hosts[i]))
            return cause_set(c, ERR_RANGE,
                             "\"%.80s\" is no whole hostname, such as home.example.org.", hosts[i]);
    return OK;
}

enum err access_device_add(struct access *a, const char *name, const char *const *hosts,
                           size_t count, char *out, struct cause *c)
{
    char hash[SECRET_HASH_TEXT];

    if (!access_name_good(name))
        return cause_set(
            c, ERR_RANGE,
            "A device's name has 1 to %d letters, digits, hyphens, dots or underscores.",
            ACCESS_NAME_MAX);
    enum err e = hosts_fit(hosts, count, c);
    if (e != OK)
        return e;
    secret_make_plain(out);
    secret_hash(out, hash);
    e = devices_add(a->data.devices, name, hash, wall_now(), c);
    if (e != OK)
        return e;
    for (size_t i = 0; i < count && e == OK; i++)
        e = devices_add_host(a->data.devices, name, hosts[i], c);
    if (e != OK) {
        devices_remove(a->data.devices, name);
        return e;
    }
    save(a);
    log_notice(NULL, "A new device that may push its address: %s.", name);
    return OK;
}

enum err access_device_renew(struct access *a, const char *name, char *out)
{
    struct device *device = devices_find(a->data.devices, name);

    if (device == NULL)
        return ERR_NOT_FOUND;
    secret_make_plain(out);
    secret_hash(out, device->hash);
    save(a);
    log_notice(NULL, "The device %s has a new password.", name);
    return OK;
}

enum err access_device_remove(struct access *a, const char *name)
{
    if (!devices_remove(a->data.devices, name))
        return ERR_NOT_FOUND;
    save(a);
    log_notice(NULL, "The device %s may not push any more.", name);
    return OK;
}

const struct device *access_device(const struct access *a, const char *name)
{
    return devices_find(a->data.devices, name);
}

const struct device *access_device_next(const struct access *a, size_t *at)
{
    return devices_next(a->data.devices, at);
}

bool access_device_is(const struct access *a, const char *name, const char *password)
{
    const struct device *device = devices_find(a->data.devices, name);
    char hash[SECRET_HASH_TEXT];

    secret_hash(password, hash);
    return device != NULL && secret_same(device->hash, hash);
}
