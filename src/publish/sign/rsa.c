/*
 * SPDX-License-Identifier: ISC
 *
 * The two providers that log in with an RSA key.
 * Google: https://developers.google.com/identity/protocols/oauth2/service-account (RFC 7523)
 * TransIP: https://api.transip.nl/rest/docs.html#header-authentication
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* A key that went through a configuration file may have its line ends as backslash and n. */
static char *real_lines(const char *pem)
{
    char *out = mem_text(pem);
    char *to = out;

    for (const char *from = pem; *from != '\0'; from++) {
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return out;
}

uint8_t *sign_rsa(const char *pem, const char *digest, const void *bytes, size_t n, size_t *out_len,
                  struct cause *c)
{
    char *text = real_lines(pem);
    BIO *bio = BIO_new_mem_buf(text, -1);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t *out = NULL;

    *out_len = 0;
    if (key != NULL && EVP_PKEY_is_a(key, "RSA") &&
        EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1 &&
        EVP_DigestSign(context, NULL, out_len, bytes, n) == 1) {
        out = mem_alloc(*out_len);
        if (EVP_DigestSign(context, out, out_len, bytes, n) != 1) {
            mem_free(out);
            out = NULL;
        }
    }
    if (out == NULL)
        cause_set(c, ERR_SYNTAX, "the private key is not a usable RSA key in PEM form");
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(bio);
    mem_free_secret(text);
    return out;
}

/* RFC 4648, section 5, without padding. */
static void add_base64url(struct buf *out, const void *bytes, size_t n)
{
    struct buf plain;

    buf_init(&plain, MARKED_MAX);
    text_add_base64(&plain, bytes, n);
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.data[i];
        if (c != '=')
            buf_char(out, c == '+' ? '-' : c == '/' ? '_' : c);
    }
    buf_wipe(&plain);
}

/* The signed claim (RFC 7519); false when the key is none. */
static bool make_jwt(const char *email, const char *pem, const char *scope, long long now,
                     struct buf *jwt, struct cause *c)
{
    static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
    json_t *claims = json_pack("{s:s, s:s, s:s, s:I, s:I}", "iss", email, "scope", scope, "aud",
                               "https://oauth2.googleapis.com/token", "iat", (json_int_t)now, "exp",
                               (json_int_t)(now + 3600));
    char *text = json_dumps(claims, JSON_COMPACT);
    size_t size = 0;

    add_base64url(jwt, header, sizeof header - 1);
    buf_char(jwt, '.');
    add_base64url(jwt, text, strlen(text));
    uint8_t *mac = sign_rsa(pem, "SHA256", buf_str(jwt), jwt->len, &size, c);
    if (mac != NULL) {
        buf_char(jwt, '.');
        add_base64url(jwt, mac, size);
    }
    free(text);
    json_decref(claims);
    bool made = mac != NULL;
    mem_free(mac);
    return made;
}

/* The form gets one more pair, "assertion". "account" is the text of the account's key file. */
static enum err google(const struct signing *s, struct request *r)
{
    json_t *file = json_loads(s->words[0], 0, NULL);
    const char *email = json_string_value(json_object_get(file, "client_email"));
    const char *pem = json_string_value(json_object_get(file, "private_key"));
    enum err err = ERR_SYNTAX;
    struct buf jwt;

    buf_init(&jwt, MARKED_MAX);
    if (email == NULL || pem == NULL) {
        cause_set(s->cause, err,
                  "the key file of the service account is not JSON with client_email and "
                  "private_key");
    } else if (make_jwt(email, pem, s->words[1], s->now, &jwt, s->cause)) {
        marked_text(&r->body, "&assertion=");
        marked_secret(&r->body, buf_str(&jwt));
        err = OK;
    }
    buf_wipe(&jwt);
    json_decref(file);
    return err;
}

static enum err transip(const struct signing *s, struct request *r)
{
    size_t size = 0;
    uint8_t *mac =
        sign_rsa(s->words[0], "SHA512", marked_str(&r->body), r->body.text.len, &size, s->cause);
    struct buf text;

    if (mac == NULL)
        return ERR_SYNTAX;
    buf_init(&text, MARKED_MAX);
    text_add_base64(&text, mac, size);
    sign_header(r, "Signature", "", buf_str(&text));
    buf_wipe(&text);
    mem_free(mac);
    return OK;
}

const struct signer signer_google = {"google", {"account", "scope"}, 0, google};
const struct signer signer_transip = {"transip", {"key"}, 0, transip};
