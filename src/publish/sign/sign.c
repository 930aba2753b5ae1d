/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/expand.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct signer *const signers[] = {
    &signer_acs3,   &signer_aws4,    &signer_bce,  &signer_dns51, &signer_dnsme,
    &signer_google, &signer_huawei,  &signer_nfsn, &signer_ovh,   &signer_rpc1,
    &signer_tc3,    &signer_transip, &signer_volc,
};

const struct signer *sign_find(const char *name)
{
    for (size_t i = 0; i < sizeof signers / sizeof signers[0]; i++)
        if (text_equal(signers[i]->name, name))
            return signers[i];
    return NULL;
}

/* Signers put keys into headers as they are. */
static bool headers_hold(const struct request *r)
{
    for (size_t i = 0; i < r->header_count; i++)
        for (const char *c = marked_str(&r->headers[i].value); *c != '\0'; c++)
            if (*c < 0x20 || *c > 0x7e)
                return false;
    return true;
}

static char *member_text(const json_t *sign, const char *member, const struct vars *vars,
                         struct cause *c)
{
    const json_t *leaf = json_object_get(sign, member);
    struct expand e = {vars, NULL, c};
    struct marked text;
    char *out = NULL;

    if (leaf == NULL)
        return NULL;
    marked_init(&text);
    if (expand_leaf(&e, leaf, PLACE_PLAIN, &text) == EXPANDED)
        out = mem_text(marked_str(&text));
    marked_free(&text);
    return out;
}

/* The member "now" of the values, which a test may set. */
static long long time_of(const struct vars *vars)
{
    bool secret;
    json_t *now = vars_get(vars, "now", false, &secret);
    long long out = json_integer_value(now);

    json_decref(now);
    return out;
}

static size_t words_of(const struct signer *s)
{
    size_t n = 0;

    while (n < SIGN_WORDS && s->words[n] != NULL)
        n++;
    return n;
}

size_t sign_needs(const struct signer *s)
{
    return words_of(s) - s->may;
}

enum err sign_request(const json_t *sign, const struct vars *vars, struct request *r,
                      struct cause *c)
{
    const struct signer *s = sign_find(json_string_value(json_object_get(sign, "by")));
    char *words[SIGN_WORDS] = {NULL};
    enum err err = OK;

    if (s == NULL)
        return cause_set(c, ERR_UNSUPPORTED, "this signature is not known");
    for (size_t i = 0; i < words_of(s); i++) {
        words[i] = member_text(sign, s->words[i], vars, c);
        if (words[i] == NULL && i < sign_needs(s))
            err = ERR_NOT_FOUND;
    }
    if (err == OK)
        err = s->sign(&(struct signing){(const char *const *)words, time_of(vars), vars, c}, r);
    if (err == OK && !headers_hold(r))
        err = cause_set(c, ERR_RANGE, "a key has characters that no header may hold");
    for (size_t i = 0; i < SIGN_WORDS; i++)
        mem_free_secret(words[i]);
    return err;
}

void sign_time(long long now, const char *format, char *out, size_t room)
{
    time_t seconds = (time_t)now;
    struct tm tm;

    out[0] = '\0';
    if (gmtime_r(&seconds, &tm) != NULL) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        strftime(out, room, format, &tm);
#pragma GCC diagnostic pop
    }
}

void sign_hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void sign_hmac_hex(const char *key, const char *text, char out[SHA256_HEX])
{
    uint8_t mac[SHA256_BYTES];

    sign_hmac_sha256(key, strlen(key), text, mac);
    sign_hex(mac, sizeof mac, out);
}

void sign_sha256_hex(const void *bytes, size_t n, char out[SHA256_HEX])
{
    uint8_t digest[SHA256_BYTES];

    digest_of(EVP_sha256(), bytes, n, digest);
    sign_hex(digest, sizeof digest, out);
}

void sign_hmac_sha256(const void *key, size_t key_len, const char *text, uint8_t out[SHA256_BYTES])
{
    digest_mac(EVP_sha256(), key, key_len, text, strlen(text), out);
}

void sign_chain(const char *prefix, const char *secret, const char *const *links,
                char out[SHA256_HEX])
{
    uint8_t key[SHA256_BYTES];
    char *first = mem_format("%s%s", prefix, secret);

    sign_hmac_sha256(first, strlen(first), *links, key);
    while (*++links != NULL)
        sign_hmac_sha256(key, sizeof key, *links, key);
    sign_hex(key, sizeof key, out);
    mem_wipe(key, sizeof key);
    mem_free_secret(first);
}

void sign_url_split(const struct request *r, struct sign_url *out)
{
    const char *url = marked_str(&r->url);
    const char *host = strstr(url, "://");

    host = host != NULL ? host + 3 : url;
    const char *path = host + strcspn(host, "/?#");
    const char *query = path + strcspn(path, "?#");
    out->host = mem_text_n(host, (size_t)(path - host));
    out->path = query > path ? mem_text_n(path, (size_t)(query - path)) : mem_text("/");
    out->query = mem_text(*query == '?' ? query + 1 : "");
}

void sign_url_free(struct sign_url *u)
{
    mem_free(u->host);
    mem_free_secret(u->path);
    mem_free_secret(u->query);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *sign_sorted_query(const char *query)
{
    size_t count = 0;
    char **pairs = NULL;
    struct buf out;

    for (const char *at = query; *at != '\0';) {
        size_t n = strcspn(at, "&");
        pairs = mem_more(pairs, count, sizeof pairs[0]);
        char *pair = mem_text_n(at, n);
        if (strchr(pair, '=') == NULL) {
            char *with = mem_format("%s=", pair);
            mem_free(pair);
            pair = with;
        }
        /* "=" sorts after the characters "-" and "." of a longer name: compare names alone. */
        *strchr(pair, '=') = '\x01';
        pairs[count++] = pair;
        at += n + (at[n] == '&');
    }
    if (count > 0)
        qsort(pairs, count, sizeof pairs[0], by_text);
    buf_init(&out, MARKED_MAX);
    for (size_t i = 0; i < count; i++) {
        *strchr(pairs[i], '\x01') = '=';
        if (i > 0)
            buf_char(&out, '&');
        buf_text(&out, pairs[i]);
        mem_free_secret(pairs[i]);
    }
    mem_free(pairs);
    return buf_take(&out);
}

/* Trimmed, inner runs of blanks as one. */
static void add_trimmed(struct buf *out, const char *s)
{
    while (text_is_space(*s))
        s++;
    for (; *s != '\0'; s++) {
        if (!text_is_space(*s))
            buf_char(out, *s);
        else if (!text_is_space(s[1]) && s[1] != '\0')
            buf_char(out, ' ');
    }
}

void sign_canonical_headers(const struct request *r, const struct sign_url *u, const char *names,
                            struct buf *out)
{
    for (const char *at = names; *at != '\0';) {
        size_t n = strcspn(at, ";");
        char *name = mem_text_n(at, n);
        struct marked *value = request_find_header((struct request *)r, name);
        buf_format(out, "%s:", name);
        add_trimmed(out, text_equal(name, "host") ? u->host
                         : value != NULL          ? marked_str(value)
                                                  : "");
        buf_char(out, '\n');
        mem_free(name);
        at += n + (at[n] == ';');
    }
}

char *sign_canonical(const struct request *r, const struct sign_url *u, const char *path,
                     const char *names, const char *body_hash)
{
    struct buf out;
    char *query = sign_sorted_query(u->query);

    buf_init(&out, MARKED_MAX);
    buf_format(&out, "%s\n%s\n%s\n", r->method, path != NULL ? path : u->path, query);
    sign_canonical_headers(r, u, names, &out);
    buf_format(&out, "\n%s\n%s", names, body_hash);
    mem_free_secret(query);
    return buf_take(&out);
}

void sign_header(struct request *r, const char *name, const char *prefix, const char *signature)
{
    struct marked *header = request_header(r, name);

    marked_text(header, prefix);
    marked_secret(header, signature);
}
