/*
 * SPDX-License-Identifier: ISC
 *
 * Baidu AI Cloud: https://cloud.baidu.com/doc/Reference/s/Njwvz1wot
 * Only the host is signed; the signature is good for 1800 seconds.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static void add(const char *id, const char *secret, const struct vars *vars, struct request *r)
{
    struct sign_url url;
    struct buf host;
    char time[32], key[SHA256_HEX], sig[SHA256_HEX];

    sign_time(sign_now(vars), "%Y-%m-%dT%H:%M:%SZ", time, sizeof time);
    char *prefix = mem_format("bce-auth-v1/%s/%s/1800", id, time);
    sign_hmac_hex(secret, prefix, key);
    sign_url_split(r, &url);
    char *query = sign_sorted_query(url.query);
    buf_init(&host, MARKED_MAX);
    text_add_percent(&host, url.host, strlen(url.host), NULL);
    char *canonical = mem_format("%s\n%s\n%s\nhost:%s", r->method, url.path, query, buf_str(&host));
    sign_hmac_hex(key, canonical, sig);
    char *start = mem_format("%s/host/", prefix);
    sign_header(r, "Authorization", start, sig);
    mem_wipe(key, sizeof key);
    mem_free(start);
    mem_free_secret(canonical);
    buf_free(&host);
    mem_free_secret(query);
    mem_free(prefix);
    sign_url_free(&url);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    return sign_with_pair(sign, vars, r, c, add);
}

const struct signer signer_bce = {"bce", sign_needs_pair, sign};
