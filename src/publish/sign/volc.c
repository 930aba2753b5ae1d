/*
 * SPDX-License-Identifier: ISC
 *
 * Volcengine: https://www.volcengine.com/docs/6369/67269
 * Much as AWS Signature Version 4, with other names and no prefix to the key.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static const char *const needs[] = {"id", "secret", "region", "service", NULL};

struct scope {
    char *id, *secret, *region, *service;
    char time[24], day[12];
};

static void signature(const struct scope *s, const char *to_sign, char out[SHA256_HEX])
{
    uint8_t key[SHA256_BYTES];

    sign_hmac_sha256(s->secret, strlen(s->secret), s->day, key);
    sign_hmac_sha256(key, sizeof key, s->region, key);
    sign_hmac_sha256(key, sizeof key, s->service, key);
    sign_hmac_sha256(key, sizeof key, "request", key);
    sign_hmac_sha256(key, sizeof key, to_sign, key);
    sign_hex(key, sizeof key, out);
    mem_wipe(key, sizeof key);
}

static void add(const struct scope *s, struct request *r)
{
    static const char names[] = "content-type;host;x-content-sha256;x-date";
    struct sign_url url;
    char hash[SHA256_HEX], sig[SHA256_HEX];

    if (request_find_header(r, "Content-Type") == NULL)
        marked_text(request_header(r, "Content-Type"), "application/json");
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    marked_text(request_header(r, "X-Date"), s->time);
    marked_text(request_header(r, "X-Content-Sha256"), hash);
    sign_url_split(r, &url);
    char *canonical = sign_canonical(r, &url, NULL, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *where = mem_format("%s/%s/%s/request", s->day, s->region, s->service);
    char *to_sign = mem_format("HMAC-SHA256\n%s\n%s\n%s", s->time, where, hash);
    signature(s, to_sign, sig);
    char *start = mem_format("HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=", s->id,
                             where, names);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free(where);
    mem_free_secret(canonical);
    sign_url_free(&url);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    struct scope s = {
        .id = sign_text(sign, "id", vars, c),
        .secret = sign_text(sign, "secret", vars, c),
        .region = sign_text(sign, "region", vars, c),
        .service = sign_text(sign, "service", vars, c),
    };
    bool whole = s.id != NULL && s.secret != NULL && s.region != NULL && s.service != NULL;

    if (whole) {
        sign_time(sign_now(vars), "%Y%m%dT%H%M%SZ", s.time, sizeof s.time);
        sign_time(sign_now(vars), "%Y%m%d", s.day, sizeof s.day);
        add(&s, r);
    }
    mem_free(s.id);
    mem_free_secret(s.secret);
    mem_free(s.region);
    mem_free(s.service);
    return whole ? OK : ERR_NOT_FOUND;
}

const struct signer signer_volc = {"volc", needs, sign};
