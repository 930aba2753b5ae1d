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

static const char *const needs[] = {"key", "secret", "consumer", NULL};

static void add_signature(const char *secret, const char *consumer, long long now,
                          struct request *r)
{
    uint8_t digest[SHA1_BYTES];
    char hex[2 * SHA1_BYTES + 1];
    char *text = mem_format("%s+%s+%s+%s+%s+%lld", secret, consumer, r->method, marked_str(&r->url),
                            marked_str(&r->body), now);

    digest_of(EVP_sha1(), text, strlen(text), digest);
    sign_hex(digest, sizeof digest, hex);
    struct marked *header = request_header(r, "X-Ovh-Signature");
    marked_text(header, "$1$");
    marked_secret(header, hex);
    mem_free_secret(text);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    char *key = sign_text(sign, "key", vars, c);
    char *secret = sign_text(sign, "secret", vars, c);
    char *consumer = sign_text(sign, "consumer", vars, c);
    enum err err = key != NULL && secret != NULL && consumer != NULL ? OK : ERR_NOT_FOUND;

    if (err == OK) {
        char *time = mem_format("%lld", sign_now(vars));
        marked_text(request_header(r, "X-Ovh-Application"), key);
        marked_secret(request_header(r, "X-Ovh-Consumer"), consumer);
        marked_text(request_header(r, "X-Ovh-Timestamp"), time);
        mem_free(time);
        add_signature(secret, consumer, sign_now(vars), r);
    }
    mem_free(key);
    mem_free_secret(secret);
    mem_free_secret(consumer);
    return err;
}

const struct signer signer_ovh = {"ovh", needs, sign};
