/*
 * SPDX-License-Identifier: ISC
 *
 * OVHcloud's API signature: https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api
 * "$1$" and the SHA-1 of secret+consumer+METHOD+URL+body+time, joined by plus signs.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "publish/digest.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    const char *key = s->words[0], *secret = s->words[1], *consumer = s->words[2];
    uint8_t digest[SHA1_BYTES];
    char hex[2 * SHA1_BYTES + 1];
    char *time = mem_format("%lld", s->now);
    char *text = mem_format("%s+%s+%s+%s+%s+%s", secret, consumer, r->method, marked_str(&r->url),
                            marked_str(&r->body), time);

    digest_of(EVP_sha1(), text, strlen(text), digest);
    sign_hex(digest, sizeof digest, hex);
    marked_text(request_header(r, "X-Ovh-Application"), key);
    marked_secret(request_header(r, "X-Ovh-Consumer"), consumer);
    marked_text(request_header(r, "X-Ovh-Timestamp"), time);
    sign_header(r, "X-Ovh-Signature", "$1$", hex);
    mem_free_secret(text);
    mem_free(time);
    return OK;
}

const struct signer signer_ovh = {"ovh", {"key", "secret", "consumer"}, 0, sign};
