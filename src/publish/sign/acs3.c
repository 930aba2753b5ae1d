/*
 * SPDX-License-Identifier: ISC
 *
 * Alibaba Cloud, signature version 3:
 * https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 * The action and its version stand in the headers x-acs-action and x-acs-version of the request.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    const char *id = s->words[0], *secret = s->words[1];
    struct sign_url url;
    char time[32], hash[SHA256_HEX], sig[SHA256_HEX];
    char *nonce = vars_text(s->vars, "nonce", NULL);
    char *names = mem_format("%shost;x-acs-action;x-acs-content-sha256;x-acs-date;"
                             "x-acs-signature-nonce;x-acs-version",
                             request_find_header(r, "Content-Type") != NULL ? "content-type;" : "");

    sign_time(s->now, "%Y-%m-%dT%H:%M:%SZ", time, sizeof time);
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    marked_text(request_header(r, "x-acs-date"), time);
    marked_text(request_header(r, "x-acs-signature-nonce"), nonce);
    marked_text(request_header(r, "x-acs-content-sha256"), hash);
    sign_url_split(r, &url);
    char *canonical = sign_canonical(r, &url, NULL, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *to_sign = mem_format("ACS3-HMAC-SHA256\n%s", hash);
    sign_hmac_hex(secret, to_sign, sig);
    char *start =
        mem_format("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=", id, names);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free_secret(canonical);
    mem_free(names);
    mem_free(nonce);
    sign_url_free(&url);
    return OK;
}

const struct signer signer_acs3 = {"acs3", {"id", "secret"}, 0, sign};
