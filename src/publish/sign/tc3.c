/*
 * SPDX-License-Identifier: ISC
 *
 * Tencent Cloud, TC3-HMAC-SHA256:
 * https://www.tencentcloud.com/document/product/1278/46714
 * The action stands in the header X-TC-Action of the request.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    const char *id = s->words[0], *secret = s->words[1], *service = s->words[2];
    struct sign_url url;
    char day[16], now[24], hash[SHA256_HEX], sig[SHA256_HEX];
    const struct marked *action = request_find_header(r, "X-TC-Action");
    const struct marked *type = request_find_header(r, "Content-Type");
    char *word = mem_text(action != NULL ? marked_str(action) : "");

    text_lower_all(word);
    sign_time(s->now, "%Y-%m-%d", day, sizeof day);
    snprintf(now, sizeof now, "%lld", s->now);
    sign_url_split(r, &url);
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    const char *names = action != NULL ? "content-type;host;x-tc-action" : "content-type;host";
    char *last = action != NULL ? mem_format("x-tc-action:%s\n", word) : mem_text("");
    char *canonical =
        mem_format("%s\n%s\n%s\ncontent-type:%s\nhost:%s\n%s\n%s\n%s", r->method, url.path,
                   url.query, type != NULL ? marked_str(type) : "", url.host, last, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *where = mem_format("%s/%s/tc3_request", day, service);
    char *to_sign = mem_format("TC3-HMAC-SHA256\n%s\n%s\n%s", now, where, hash);
    sign_chain("TC3", secret, (const char *const[]){day, service, "tc3_request", to_sign, NULL},
               sig);
    char *start = mem_format("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=", id,
                             where, names);
    marked_text(request_header(r, "X-TC-Timestamp"), now);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free(where);
    mem_free_secret(canonical);
    mem_free(last);
    mem_free(word);
    sign_url_free(&url);
    return OK;
}

const struct signer signer_tc3 = {"tc3", {"id", "secret", "service"}, 0, sign};
