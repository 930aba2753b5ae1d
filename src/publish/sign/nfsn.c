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

static enum err sign(const struct signing *s, struct request *r)
{
    const char *login = s->words[0], *key = s->words[1];
    struct sign_url url;
    char body[2 * SHA1_BYTES + 1], hash[2 * SHA1_BYTES + 1];
    char *nonce = vars_text(s->vars, "nonce", NULL);
    char *salt = mem_text_n(nonce, strnlen(nonce, SALT));

    sign_url_split(r, &url);
    sha1_hex(marked_str(&r->body), r->body.text.len, body);
    char *text = mem_format("%s;%lld;%s;%s;%s%s%s;%s", login, s->now, salt, key, url.path,
                            url.query[0] != '\0' ? "?" : "", url.query, body);
    sha1_hex(text, strlen(text), hash);
    char *start = mem_format("%s;%lld;%s;", login, s->now, salt);
    sign_header(r, "X-NFSN-Authentication", start, hash);
    mem_free(start);
    mem_free_secret(text);
    mem_free(salt);
    mem_free(nonce);
    sign_url_free(&url);
    return OK;
}

const struct signer signer_nfsn = {"nfsn", {"login", "key"}, 0, sign};
