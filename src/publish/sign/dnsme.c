/*
 * SPDX-License-Identifier: ISC
 *
 * DNS Made Easy: https://api-docs.dnsmadeeasy.com/ (authentication)
 */
#include "publish/sign/sign.h"

#include "publish/digest.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    const char *key = s->words[0], *secret = s->words[1];
    char time[40], hex[2 * SHA1_BYTES + 1];
    uint8_t mac[SHA1_BYTES];

    sign_time(s->now, "%a, %d %b %Y %H:%M:%S GMT", time, sizeof time);
    digest_mac(EVP_sha1(), secret, strlen(secret), time, strlen(time), mac);
    sign_hex(mac, sizeof mac, hex);
    marked_text(request_header(r, "x-dnsme-apiKey"), key);
    marked_text(request_header(r, "x-dnsme-requestDate"), time);
    sign_header(r, "x-dnsme-hmac", "", hex);
    return OK;
}

const struct signer signer_dnsme = {"dnsme", {"key", "secret"}, 0, sign};
