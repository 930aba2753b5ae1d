/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=nfsn (NearlyFreeSpeech.NET) as ddclient speaks it, in a safe order: the new record is
 * added before the old one is removed, and nothing is done when it is there already. The type is
 * the address's own.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/digest.h"

#include <string.h>

static const char server[] = "api.nearlyfreespeech.net";
enum { TTL_DEFAULT = 300, SALT = 16 };
enum { LISTED = 1, ADDED, REMOVED };

struct mine {
    char *old; /* owned; the first value that stood there */
};

static void add_sha1(struct buf *out, const void *bytes, size_t n)
{
    uint8_t hash[SHA1_BYTES];

    digest_of(EVP_sha1(), bytes, n, hash);
    text_add_hex(out, hash, sizeof hash);
}

/* X-NFSN-Authentication: login;time;salt;hash, the API's own scheme. */
static void sign(struct talk *t, struct request *r, const char *path)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const char *login = talk_setting(t, "login", "");
    char salt[SALT + 1] = "";
    struct buf head, whole, hash;

    t->in->random(t->in->random_arg, salt, SALT);
    for (size_t i = 0; i < SALT; i++)
        salt[i] = letters[(uint8_t)salt[i] % (sizeof letters - 1)];
    buf_init(&head, MARKED_MAX);
    buf_init(&whole, MARKED_MAX);
    buf_init(&hash, MARKED_MAX);
    buf_format(&head, "%s;%lld;%s;", login, (long long)(t->in->now.wall / SECOND), salt);
    buf_format(&whole, "%s%s;%s;", buf_str(&head), talk_setting(t, "password", ""), path);
    add_sha1(&whole, marked_str(&r->body), r->body.text.len);
    add_sha1(&hash, buf_str(&whole), whole.len);
    talk_header(r, "X-NFSN-Authentication", buf_str(&head), buf_str(&hash), true);
    talk_header(r, "Content-Type", "", "application/x-www-form-urlencoded", false);
    buf_wipe(&whole);
    buf_free(&hash);
    buf_free(&head);
}

static void add_pair(struct request *r, const char *name, const char *value)
{
    struct buf escaped;

    buf_init(&escaped, MARKED_MAX);
    text_add_percent(&escaped, value, strlen(value), "@*");
    marked_text(&r->body, r->body.text.len > 0 ? "&" : "");
    marked_text(&r->body, name);
    marked_text(&r->body, "=");
    marked_text(&r->body, buf_str(&escaped));
    buf_free(&escaped);
}

static void call(struct talk *t, unsigned at, const char *what, const char *name, const char *data,
                 const char *ttl)
{
    char *path = mem_format("/dns/%s/%s", talk_setting(t, "zone", ""), what);
    struct request *r = talk_request(t, at, at != LISTED, "POST", server, path, false);

    add_pair(r, "name", name);
    add_pair(r, "type", t->type);
    if (data != NULL)
        add_pair(r, "data", data);
    if (ttl != NULL)
        add_pair(r, "ttl", ttl);
    r->has_body = true;
    sign(t, r, path);
    mem_free(path);
}

static void add(struct talk *t, const char *name)
{
    struct mine *mine = t->mine;

    if (!talk_json(t))
        return;
    mem_free(mine->old);
    mine->old = talk_scalar(t->json, "/0/data");
    for (size_t i = 0; i < json_array_size(t->json); i++)
        if (text_equal(talk_text(json_array_get(t->json, i), "/data"), t->ip)) {
            talk_good(t, OUTCOME_NOCHG);
            return;
        }
    char *ttl = mem_format("%ld", talk_number(t, "ttl", TTL_DEFAULT));
    call(t, ADDED, "addRR", name, t->ip, ttl);
    mem_free(ttl);
}

static void record(struct talk *t)
{
    struct mine *mine = t->mine;
    char *name = talk_relative(t->hostname, talk_setting(t, "zone", ""));

    if (name == NULL)
        talk_fail(t, OUTCOME_NO_ZONE, "zone= must be the zone that %s is in.", t->hostname);
    else if (t->at == 0)
        call(t, LISTED, "listRRs", name, NULL, NULL);
    else if (t->cls != OUTCOME_GOOD && talk_text(t->json, "/error") != NULL)
        talk_refused(t, t->cls, talk_text(t->json, "/error"));
    else if (t->at == LISTED)
        add(t, name);
    else if (!talk_answered(t))
        ;
    else if (t->at == ADDED && mine->old != NULL)
        call(t, REMOVED, "removeRR", name, mine->old, NULL);
    else
        talk_good(t, OUTCOME_GOOD);
    mem_free(name);
}

static void fini(void *p)
{
    struct mine *mine = p;
    mem_free(mine->old);
}

static const struct talk_script script = {
    .one_family = true, .size = sizeof(struct mine), .record = record, .fini = fini};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_nfsn = {"compat-nfsn", start, talk_go, talk_end,
                                              REQUEST_HTTP};
