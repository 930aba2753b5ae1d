/*
 * SPDX-License-Identifier: ISC
 *
 * 51DNS: https://www.51dns.com/document/api/index.html
 * The pairs of the form, sorted and not encoded, then the secret: MD5, as one more pair "hash".
 * Values that would need escaping are not met with here.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/digest.h"

#include <string.h>

static void add(const char *key, const char *secret, const struct vars *vars, struct request *r)
{
    uint8_t digest[MD5_BYTES];
    char hex[2 * MD5_BYTES + 1];
    char *common = mem_format("&apiKey=%s&timestamp=%lld", key, sign_now(vars));

    marked_text(&r->body, r->body.text.len > 0 ? common : common + 1);
    char *sorted = sign_sorted_query(marked_str(&r->body));
    char *text = mem_format("%s%s", sorted, secret);
    digest_of(EVP_md5(), text, strlen(text), digest);
    sign_hex(digest, sizeof digest, hex);
    marked_text(&r->body, "&hash=");
    marked_secret(&r->body, hex);
    mem_free_secret(text);
    mem_free_secret(sorted);
    mem_free(common);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    static const char word[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    char *id = sign_text(sign, "key", vars, c);
    char *secret = sign_text(sign, "secret", vars, c);
    enum err err = id != NULL && secret != NULL ? OK : ERR_NOT_FOUND;

    if (err == OK && id[strspn(id, word)] != '\0')
        err = cause_set(c, ERR_RANGE, "the key has characters that are not letters or digits");
    if (err == OK)
        add(id, secret, vars, r);
    mem_free(id);
    mem_free_secret(secret);
    return err;
}

static const char *const needs[] = {"key", "secret", NULL};
const struct signer signer_dns51 = {"dns51", needs, sign};
