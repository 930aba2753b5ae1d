/*
 * SPDX-License-Identifier: ISC
 *
 * Volcengine: https://www.volcengine.com/docs/6369/67269
 * Much as AWS Signature Version 4, with other names and no prefix to the key.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    static const char names[] = "content-type;host;x-content-sha256;x-date";
    const char *id = s->words[0], *secret = s->words[1], *region = s->words[2];
    const char *service = s->words[3];
    struct sign_url url;
    char time[24], day[12], hash[SHA256_HEX], sig[SHA256_HEX];

    sign_time(s->now, "%Y%m%dT%H%M%SZ", time, sizeof time);
    sign_time(s->now, "%Y%m%d", day, sizeof day);
    if (request_find_header(r, "Content-Type") == NULL)
        marked_text(request_header(r, "Content-Type"), "application/json");
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    marked_text(request_header(r, "X-Date"), time);
    marked_text(request_header(r, "X-Content-Sha256"), hash);
    sign_url_split(r, &url);
    char *canonical = sign_canonical(r, &url, NULL, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *where = mem_format("%s/%s/%s/request", day, region, service);
    char *to_sign = mem_format("HMAC-SHA256\n%s\n%s\n%s", time, where, hash);
    sign_chain("", secret, (const char *const[]){day, region, service, "request", to_sign, NULL},
               sig);
    char *start =
        mem_format("HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=", id, where, names);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free(where);
    mem_free_secret(canonical);
    sign_url_free(&url);
    return OK;
}

const struct signer signer_volc = {"volc", {"id", "secret", "region", "service"}, 0, sign};
