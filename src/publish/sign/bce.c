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

static enum err sign(const struct signing *s, struct request *r)
{
    const char *id = s->words[0], *secret = s->words[1];
    struct sign_url url;
    struct buf host;
    char time[32], key[SHA256_HEX], sig[SHA256_HEX];

    sign_time(s->now, "%Y-%m-%dT%H:%M:%SZ", time, sizeof time);
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
    return OK;
}

const struct signer signer_bce = {"bce", {"id", "secret"}, 0, sign};
