/*
 * SPDX-License-Identifier: ISC
 *
 * NearlyFreeSpeech.NET: https://members.nearlyfreespeech.net/wiki/API/Introduction
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/digest.h"

#include <string.h>

enum { SALT = 16 };

static void sha1_hex(const char *bytes, size_t n, char *out)
{
    uint8_t digest[SHA1_BYTES];

    digest_of(EVP_sha1(), bytes, n, digest);
    sign_hex(digest, sizeof digest, out);
}

static void add(const char *login, const char *key, const struct vars *vars, struct request *r)
{
    struct sign_url url;
    char body[2 * SHA1_BYTES + 1], hash[2 * SHA1_BYTES + 1];
    char *nonce = vars_text(vars, "nonce", NULL);
    char *salt = mem_text_n(nonce, strnlen(nonce, SALT));
    long long now = sign_now(vars);

    sign_url_split(r, &url);
    sha1_hex(marked_str(&r->body), r->body.text.len, body);
    char *text = mem_format("%s;%lld;%s;%s;%s%s%s;%s", login, now, salt, key, url.path,
                            url.query[0] != '\0' ? "?" : "", url.query, body);
    sha1_hex(text, strlen(text), hash);
    char *start = mem_format("%s;%lld;%s;", login, now, salt);
    sign_header(r, "X-NFSN-Authentication", start, hash);
    mem_free(start);
    mem_free_secret(text);
    mem_free(salt);
    mem_free(nonce);
    sign_url_free(&url);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    char *id = sign_text(sign, "login", vars, c);
    char *secret = sign_text(sign, "key", vars, c);
    enum err err = id != NULL && secret != NULL ? OK : ERR_NOT_FOUND;

    if (err == OK)
        add(id, secret, vars, r);
    mem_free(id);
    mem_free_secret(secret);
    return err;
}

static const char *const needs[] = {"login", "key", NULL};
const struct signer signer_nfsn = {"nfsn", needs, sign};
