/*
 * SPDX-License-Identifier: ISC
 *
 * AWS Signature Version 4:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html For services other
 * than S3, whose paths here hold nothing that would be encoded twice.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static const char *const needs[] = {"id", "secret", "region", "service", NULL};

struct scope {
    char *id, *secret, *token, *region, *service;
    char time[24], day[12];
};

static void signature(const struct scope *s, const char *to_sign, char out[SHA256_HEX])
{
    uint8_t key[SHA256_BYTES];
    char *first = mem_format("AWS4%s", s->secret);

    sign_hmac_sha256(first, strlen(first), s->day, key);
    mem_free_secret(first);
    sign_hmac_sha256(key, sizeof key, s->region, key);
    sign_hmac_sha256(key, sizeof key, s->service, key);
    sign_hmac_sha256(key, sizeof key, "aws4_request", key);
    sign_hmac_sha256(key, sizeof key, to_sign, key);
    sign_hex(key, sizeof key, out);
    mem_wipe(key, sizeof key);
}

static void add_authorization(const struct scope *s, struct request *r)
{
    struct sign_url url;
    char hash[SHA256_HEX], sig[SHA256_HEX];
    char *names = mem_format("%shost;x-amz-date%s",
                             request_find_header(r, "Content-Type") != NULL ? "content-type;" : "",
                             s->token != NULL ? ";x-amz-security-token" : "");

    sign_url_split(r, &url);
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    char *canonical = sign_canonical(r, &url, NULL, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *where = mem_format("%s/%s/%s/aws4_request", s->day, s->region, s->service);
    char *to_sign = mem_format("AWS4-HMAC-SHA256\n%s\n%s\n%s", s->time, where, hash);
    signature(s, to_sign, sig);
    char *start = mem_format(
        "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=", s->id, where, names);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free(where);
    mem_free_secret(canonical);
    mem_free(names);
    sign_url_free(&url);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    struct scope s = {
        .id = sign_text(sign, "id", vars, c),
        .secret = sign_text(sign, "secret", vars, c),
        .token = sign_text(sign, "token", vars, c),
        .region = sign_text(sign, "region", vars, c),
        .service = sign_text(sign, "service", vars, c),
    };
    enum err err = OK;

    if (s.id == NULL || s.secret == NULL || s.region == NULL || s.service == NULL) {
        err = ERR_NOT_FOUND;
    } else {
        sign_time(sign_now(vars), "%Y%m%dT%H%M%SZ", s.time, sizeof s.time);
        sign_time(sign_now(vars), "%Y%m%d", s.day, sizeof s.day);
        marked_text(request_header(r, "X-Amz-Date"), s.time);
        if (s.token != NULL)
            marked_secret(request_header(r, "X-Amz-Security-Token"), s.token);
        add_authorization(&s, r);
    }
    mem_free(s.id);
    mem_free_secret(s.secret);
    mem_free_secret(s.token);
    mem_free(s.region);
    mem_free(s.service);
    return err;
}

const struct signer signer_aws4 = {"aws4", needs, sign};
