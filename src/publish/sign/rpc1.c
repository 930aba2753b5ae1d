/*
 * SPDX-License-Identifier: ISC
 *
 * The RPC signature 1.0 of Alibaba Cloud:
 * https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism
 * and of Eranet, Now.cn and tnet.hk, which sign "/" whatever the path is. The common parameters
 * stand in the query already; this adds the last one.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/digest.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    const char *secret = s->words[1];
    struct sign_url url;
    struct buf text, sig;
    uint8_t mac[SHA1_BYTES];

    sign_url_split(r, &url);
    char *query = sign_sorted_query(url.query);
    char *key = mem_format("%s&", secret);
    buf_init(&text, MARKED_MAX);
    buf_init(&sig, 4 * SHA1_BYTES);
    buf_format(&text, "%s&%%2F&", r->method);
    text_add_percent(&text, query, strlen(query), NULL);
    digest_mac(EVP_sha1(), key, strlen(key), buf_str(&text), text.len, mac);
    text_add_base64(&sig, mac, sizeof mac);
    buf_clear(&text);
    text_add_percent(&text, buf_str(&sig), sig.len, NULL);
    marked_text(&r->url, url.query[0] != '\0' ? "&Signature=" : "?Signature=");
    marked_secret(&r->url, buf_str(&text));
    buf_wipe(&text);
    buf_wipe(&sig);
    mem_free_secret(key);
    mem_free_secret(query);
    sign_url_free(&url);
    return OK;
}

const struct signer signer_rpc1 = {"rpc1", {"id", "secret"}, 0, sign};
