/*
 * SPDX-License-Identifier: ISC
 *
 * Huawei Cloud, SDK-HMAC-SHA256:
 * https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    const char *id = s->words[0], *secret = s->words[1];
    struct sign_url url;
    char time[24], hash[SHA256_HEX], sig[SHA256_HEX];
    const char *names = request_find_header(r, "Content-Type") != NULL
                            ? "content-type;host;x-sdk-date"
                            : "host;x-sdk-date";

    sign_time(s->now, "%Y%m%dT%H%M%SZ", time, sizeof time);
    marked_text(request_header(r, "X-Sdk-Date"), time);
    sign_url_split(r, &url);
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    /* The signed path ends in a slash, whatever the real one does. */
    char *path = mem_format("%s%s", url.path, text_ends(url.path, "/") ? "" : "/");
    char *canonical = sign_canonical(r, &url, path, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *to_sign = mem_format("SDK-HMAC-SHA256\n%s\n%s", time, hash);
    sign_hmac_hex(secret, to_sign, sig);
    char *start = mem_format("SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=", id, names);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free_secret(canonical);
    mem_free(path);
    sign_url_free(&url);
    return OK;
}

const struct signer signer_huawei = {"huawei", {"id", "secret"}, 0, sign};
