/*
 * SPDX-License-Identifier: ISC
 *
 * DNS Made Easy: https://api-docs.dnsmadeeasy.com/ (authentication)
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/digest.h"

#include <string.h>

static void add(const char *key, const char *secret, const struct vars *vars, struct request *r)
{
    char time[40], hex[2 * SHA1_BYTES + 1];
    uint8_t mac[SHA1_BYTES];

    sign_time(sign_now(vars), "%a, %d %b %Y %H:%M:%S GMT", time, sizeof time);
    digest_mac(EVP_sha1(), secret, strlen(secret), time, strlen(time), mac);
    sign_hex(mac, sizeof mac, hex);
    marked_text(request_header(r, "x-dnsme-apiKey"), key);
    marked_text(request_header(r, "x-dnsme-requestDate"), time);
    sign_header(r, "x-dnsme-hmac", "", hex);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    char *id = sign_text(sign, "key", vars, c);
    char *secret = sign_text(sign, "secret", vars, c);
    enum err err = id != NULL && secret != NULL ? OK : ERR_NOT_FOUND;

    if (err == OK)
        add(id, secret, vars, r);
    mem_free(id);
    mem_free_secret(secret);
    return err;
}

static const char *const needs[] = {"key", "secret", NULL};
const struct signer signer_dnsme = {"dnsme", needs, sign};
