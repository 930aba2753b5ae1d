/*
 * SPDX-License-Identifier: ISC
 *
 * 51DNS: https://www.51dns.com/document/api/index.html
 * The pairs of the form, sorted and not encoded, then the secret: MD5, as one more pair "hash".
 * Values that would need escaping are not met with here.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "publish/digest.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    static const char word[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    const char *key = s->words[0], *secret = s->words[1];
    uint8_t digest[MD5_BYTES];
    char hex[2 * MD5_BYTES + 1];

    if (key[strspn(key, word)] != '\0')
        return cause_set(s->cause, ERR_RANGE,
                         "the key has characters that are not letters or digits");
    char *common = mem_format("&apiKey=%s&timestamp=%lld", key, s->now);
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
    return OK;
}

const struct signer signer_dns51 = {"dns51", {"key", "secret"}, 0, sign};
