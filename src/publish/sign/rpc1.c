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

static void add(const char *id, const char *secret, const struct vars *vars, struct request *r)
{
    struct sign_url url;
    struct buf text, sig;
    uint8_t mac[SHA1_BYTES];
    (void)id, (void)vars;

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
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    char *id = sign_text(sign, "id", vars, c);
    char *secret = sign_text(sign, "secret", vars, c);
    enum err err = id != NULL && secret != NULL ? OK : ERR_NOT_FOUND;

    if (err == OK)
        add(id, secret, vars, r);
    mem_free(id);
    mem_free_secret(secret);
    return err;
}

static const char *const needs[] = {"id", "secret", NULL};
const struct signer signer_rpc1 = {"rpc1", needs, sign};
