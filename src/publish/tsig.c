/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/tsig.h"

#include "base/mem.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

enum { MAC_LEAST = 10 }; /* RFC 8945, section 5.2.2.1: not below 10 bytes nor half the hash */

struct tsig_algorithm {
    const char *name; /* as key files write it */
    const char *wire; /* RFC 8945, section 6 */
    unsigned dst;     /* number in dnssec-keygen's files */
    size_t size;      /* bytes of the hash */
    const EVP_MD *(*hash)(void);
};

static const struct tsig_algorithm algorithms[] = {
    {"hmac-md5", "hmac-md5.sig-alg.reg.int", 157, 16, EVP_md5},
    {"hmac-sha1", "hmac-sha1", 161, 20, EVP_sha1},
    {"hmac-sha224", "hmac-sha224", 162, 28, EVP_sha224},
    {"hmac-sha256", "hmac-sha256", 163, 32, EVP_sha256},
    {"hmac-sha384", "hmac-sha384", 164, 48, EVP_sha384},
    {"hmac-sha512", "hmac-sha512", 165, 64, EVP_sha512},
};
enum { ALGORITHMS = sizeof algorithms / sizeof algorithms[0] };

/* "hmac-sha256", "HMAC-SHA256.", "hmac-sha256-128" (bits that travel), "hmac-md5.sig-alg.reg.int".
 */
static bool find_algorithm(const char *name, size_t n, struct tsig_key *out)
{
    if (n > 0 && name[n - 1] == '.')
        n--;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const struct tsig_algorithm *a = &algorithms[i];
        size_t len = strlen(a->name);
        if (n == strlen(a->wire) && strncasecmp(name, a->wire, n) == 0)
            len = n;
        else if (n < len || strncasecmp(name, a->name, len) != 0)
            continue;
        out->algorithm = a;
        out->mac_len = a->size;
        if (n == len)
            return true;
        char bits[8] = "";
        uint64_t number;
        if (name[len] != '-' || n - len - 1 >= sizeof bits)
            continue;
        memcpy(bits, name + len + 1, n - len - 1);
        if (!text_number(bits, &number) || number % 8 != 0 || number / 8 > a->size ||
            number / 8 < MAC_LEAST || number / 8 < a->size / 2)
            return false;
        out->mac_len = number / 8;
        return true;
    }
    return false;
}

void tsig_key_wipe(struct tsig_key *key)
{
    mem_wipe(key, sizeof *key);
}

static enum err set_name(const char *name, size_t n, struct tsig_key *out, struct cause *c)
{
    char *text = mem_text_n(name, n);
    bool fine = dns_name_parse(text, &out->name);

    mem_free(text);
    dns_name_lower(&out->name);
    return fine ? OK : cause_set(c, ERR_SYNTAX, "The name of the TSIG key is no DNS name.");
}

static enum err set_algorithm(const char *name, size_t n, struct tsig_key *out, struct cause *c)
{
    if (find_algorithm(name, n, out))
        return OK;
    return cause_set(c, ERR_UNSUPPORTED,
                     "The TSIG key's algorithm is none of hmac-md5, hmac-sha1, hmac-sha224, "
                     "hmac-sha256, hmac-sha384, hmac-sha512.");
}

/* Base64, blanks inside allowed as in zone files. */
static enum err set_secret(const char *text, size_t n, struct tsig_key *out, struct cause *c)
{
    char *packed = mem_alloc(n + 1);
    size_t to = 0;

    for (size_t i = 0; i < n; i++)
        if (!text_is_space(text[i]))
            packed[to++] = text[i];
    long len = text_from_base64(packed, out->secret, sizeof out->secret);
    mem_free_secret(packed);
    if (len <= 0)
        return cause_set(c, ERR_SYNTAX, "The secret of the TSIG key is not base64 text.");
    out->secret_len = (size_t)len;
    return OK;
}

enum err tsig_key_make(const char *name, const char *algorithm, const char *base64,
                       struct tsig_key *out, struct cause *c)
{
    *out = (struct tsig_key){0};
    if (algorithm == NULL)
        algorithm = "hmac-sha256";
    enum err e = set_name(name, strlen(name), out, c);
    if (e == OK)
        e = set_algorithm(algorithm, strlen(algorithm), out, c);
    if (e == OK)
        e = set_secret(base64, strlen(base64), out, c);
    if (e != OK)
        tsig_key_wipe(out);
    return e;
}

/* Tokens of BIND's configuration language: words, quoted texts, and { } ; each alone. */
struct token {
    const char *text;
    size_t len;
};

static const char *skip_blanks(const char *s)
{
    for (;;) {
        while (text_is_space(*s))
            s++;
        if (*s == '#' || (s[0] == '/' && s[1] == '/')) {
            s += strcspn(s, "\n");
        } else if (s[0] == '/' && s[1] == '*') {
            const char *end = strstr(s + 2, "*/");
            s = end != NULL ? end + 2 : s + strlen(s);
        } else {
            return s;
        }
    }
}

static bool next_token(const char **s, struct token *t)
{
    const char *p = skip_blanks(*s);

    if (*p == '\0')
        return false;
    if (*p == '"') {
        t->text = p + 1;
        t->len = strcspn(p + 1, "\"");
        p += 1 + t->len + (p[1 + t->len] == '"');
    } else {
        t->text = p;
        t->len = strchr("{};", *p) != NULL ? 1 : strcspn(p, " \t\r\n\"{};");
        p += t->len;
    }
    *s = p;
    return true;
}

static bool token_is(const struct token *t, const char *word)
{
    return t->len == strlen(word) && strncasecmp(t->text, word, t->len) == 0;
}

/* What stands between { and } of the key statement. */
static enum err parse_statement(const char *s, struct tsig_key *out, struct cause *c)
{
    struct token word, value;
    enum err e = OK;

    while (e == OK && next_token(&s, &word) && !token_is(&word, "}")) {
        if (token_is(&word, ";"))
            continue;
        if (!next_token(&s, &value))
            break;
        if (token_is(&word, "algorithm"))
            e = set_algorithm(value.text, value.len, out, c);
        else if (token_is(&word, "secret"))
            e = set_secret(value.text, value.len, out, c);
    }
    if (e == OK && (out->algorithm == NULL || out->secret_len == 0))
        e = cause_set(c, ERR_SYNTAX, "The TSIG key has no %s.",
                      out->algorithm == NULL ? "algorithm" : "secret");
    return e;
}

static enum err parse_bind(const char *s, struct tsig_key *out, struct cause *c)
{
    struct token word, name, brace;

    while (next_token(&s, &word)) {
        const char *here = s;
        if (!token_is(&word, "key") || !next_token(&here, &name) || !next_token(&here, &brace) ||
            !token_is(&brace, "{"))
            continue;
        enum err e = set_name(name.text, name.len, out, c);
        return e == OK ? parse_statement(here, out, c) : e;
    }
    return cause_set(c, ERR_SYNTAX, "The key file has no statement key \"NAME\" { ... };.");
}

static enum err set_number(const char *text, struct tsig_key *out, struct cause *c)
{
    unsigned number = 0;

    while (text_is_digit(*text) && number < 1000)
        number = number * 10 + (unsigned)(*text++ - '0');
    for (size_t i = 0; i < ALGORITHMS; i++)
        if (algorithms[i].dst == number)
            return set_algorithm(algorithms[i].name, strlen(algorithms[i].name), out, c);
    return set_algorithm("?", 1, out, c);
}

/* A line "Word: value" of dnssec-keygen's private file; the value's length, 0 when absent. */
static size_t private_value(const char *text, const char *word, const char **value)
{
    const char *line = strstr(text, word);

    if (line == NULL)
        return 0;
    line += strlen(word);
    line += strspn(line, " \t");
    *value = line;
    return strcspn(line, "\r\n");
}

/* "/path/Kname.+163+12345.private" names the key. */
static enum err parse_private(const char *text, const char *file_name, struct tsig_key *out,
                              struct cause *c)
{
    const char *value = NULL, *slash = file_name != NULL ? strrchr(file_name, '/') : NULL;
    const char *base = slash != NULL ? slash + 1 : file_name;
    const char *plus = base != NULL ? strstr(base, ".+") : NULL;

    if (plus == NULL || base[0] != 'K')
        return cause_set(c, ERR_SYNTAX,
                         "A private key file must keep its name (Kname.+163+12345.private), "
                         "for that tells the key's name.");
    enum err e = set_name(base + 1, (size_t)(plus - base - 1), out, c);
    if (e == OK)
        e = private_value(text, "Algorithm:", &value) > 0 ? set_number(value, out, c)
                                                          : set_algorithm("?", 1, out, c);
    size_t n = private_value(text, "\nKey:", &value);
    return e == OK ? set_secret(value, n, out, c) : e;
}

/* name [ttl] IN KEY flags protocol algorithm base64 */
static enum err parse_record(const char *s, struct tsig_key *out, struct cause *c)
{
    struct token t = {0}, name;
    enum err e;

    if (!next_token(&s, &name) || (e = set_name(name.text, name.len, out, c)) != OK)
        return cause_set(c, ERR_SYNTAX, "The key record has no name.");
    while (next_token(&s, &t) && !token_is(&t, "KEY"))
        ;
    if (!next_token(&s, &t) || !next_token(&s, &t) || !next_token(&s, &t))
        return cause_set(c, ERR_SYNTAX, "The key record is cut.");
    e = set_number(t.text, out, c);
    return e == OK ? set_secret(s, strcspn(s, ";\r\n"), out, c) : e;
}

static enum err parse_inline(const char *s, size_t n, struct tsig_key *out, struct cause *c)
{
    const char *first = memchr(s, ':', n);
    const char *last = memrchr(s, ':', n);

    if (first == NULL)
        return cause_set(c, ERR_SYNTAX,
                         "The TSIG key is neither a key file's text nor [algorithm:]name:secret.");
    enum err e = first != last ? set_algorithm(s, (size_t)(first - s), out, c)
                               : set_algorithm("hmac-sha256", 11, out, c);
    const char *name = first != last ? first + 1 : s;
    if (e == OK)
        e = set_name(name, (size_t)(last - name), out, c);
    return e == OK ? set_secret(last + 1, n - (size_t)(last + 1 - s), out, c) : e;
}

enum err tsig_key_parse(const char *text, const char *file_name, struct tsig_key *out,
                        struct cause *c)
{
    enum err e;

    *out = (struct tsig_key){0};
    while (text_is_space(*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && text_is_space(text[n - 1]))
        n--;
    if (text_starts(text, "Private-key-format"))
        e = parse_private(text, file_name, out, c);
    else if (strchr(text, '{') != NULL)
        e = parse_bind(text, out, c);
    else if (strstr(text, " KEY ") != NULL || strstr(text, "\tKEY") != NULL)
        e = parse_record(text, out, c);
    else
        e = parse_inline(text, n, out, c);
    if (e != OK)
        tsig_key_wipe(out);
    return e;
}

/* The variables of RFC 8945, section 4.3.3, that are digested with the message. */
struct variables {
    uint64_t time_s;
    unsigned fudge, error;
    const uint8_t *other;
    size_t other_len;
};

static void put_algorithm(struct buf *b, const struct tsig_key *key)
{
    struct dns_name name;
    dns_name_parse(key->algorithm->wire, &name);
    dns_put_name(b, &name);
}

/* Digests "before" (the request's MAC, for an answer), the message and the variables. */
static bool digest(const struct tsig_key *key, const struct tsig_mac *before,
                   const uint8_t *message, size_t n, const struct variables *v,
                   struct tsig_mac *out)
{
    struct buf data;
    unsigned len = 0;

    buf_init(&data, 2 * DNS_MESSAGE_MAX);
    if (before != NULL) {
        dns_put_u16(&data, (unsigned)before->len);
        buf_add(&data, before->bytes, before->len);
    }
    buf_add(&data, message, n);
    dns_put_name(&data, &key->name);
    dns_put_u16(&data, DNS_ANY);
    dns_put_u32(&data, 0);
    put_algorithm(&data, key);
    dns_put_u48(&data, v->time_s);
    dns_put_u16(&data, v->fudge);
    dns_put_u16(&data, v->error);
    dns_put_u16(&data, (unsigned)v->other_len);
    buf_add(&data, v->other, v->other_len);
    bool fine =
        !data.overflow && HMAC(key->algorithm->hash(), key->secret, (int)key->secret_len,
                               (const uint8_t *)data.data, data.len, out->bytes, &len) != NULL;
    out->len = len;
    buf_free(&data);
    return fine && len == key->algorithm->size;
}

void tsig_prepare(void)
{
    static bool prepared;
    uint8_t mac[TSIG_MAC_MAX];

    if (!prepared)
        HMAC(EVP_sha256(), "", 0, NULL, 0, mac, NULL);
    prepared = true;
}

bool tsig_sign(struct buf *message, const struct tsig_key *key, uint64_t now_s,
               struct tsig_mac *mac)
{
    struct variables v = {.time_s = now_s, .fudge = TSIG_FUDGE_S};
    const uint8_t *bytes = (const uint8_t *)buf_str(message);
    struct buf data;

    if (message->len < DNS_HEADER || !digest(key, NULL, bytes, message->len, &v, mac))
        return false;
    mac->len = key->mac_len;
    uint8_t id[2] = {bytes[0], bytes[1]};
    unsigned additional = (unsigned)bytes[10] << 8 | bytes[11];

    buf_init(&data, DNS_MESSAGE_MAX);
    put_algorithm(&data, key);
    dns_put_u48(&data, now_s);
    dns_put_u16(&data, TSIG_FUDGE_S);
    dns_put_u16(&data, (unsigned)mac->len);
    buf_add(&data, mac->bytes, mac->len);
    buf_add(&data, id, sizeof id);
    dns_put_u16(&data, 0);
    dns_put_u16(&data, 0);
    dns_put_record(message, &key->name, DNS_TSIG, DNS_ANY, 0, data.data, data.len);
    buf_free(&data);
    if (message->overflow)
        return false;
    message->data[10] = (char)((additional + 1) >> 8);
    message->data[11] = (char)((additional + 1) & 0xff);
    return true;
}

/* The TSIG record of an answer, taken apart. */
struct signature {
    size_t start; /* of the record: the message without it ends here */
    struct variables v;
    const uint8_t *mac;
    size_t mac_len;
    uint16_t original_id;
};

static bool take(struct dns_reader *r, size_t n, const uint8_t **bytes)
{
    if (r->len - r->at < n)
        return false;
    *bytes = r->bytes + r->at;
    r->at += n;
    return true;
}

static bool read_signature(const uint8_t *message, const struct dns_record *rr,
                           const struct tsig_key *key, struct signature *out)
{
    struct dns_reader r = {message, rr->data_at + rr->data_len, rr->data_at};
    struct dns_name algorithm, wanted;
    uint64_t time_s, fudge, mac_len, id, error, other_len;

    dns_name_parse(key->algorithm->wire, &wanted);
    if (rr->cls != DNS_ANY || rr->ttl != 0 || !dns_name_equal(&rr->name, &key->name) ||
        !dns_read_name(&r, &algorithm) || !dns_name_equal(&algorithm, &wanted) ||
        !dns_get(&r, 6, &time_s) || !dns_get(&r, 2, &fudge) || !dns_get(&r, 2, &mac_len) ||
        !take(&r, mac_len, &out->mac) || !dns_get(&r, 2, &id) || !dns_get(&r, 2, &error) ||
        !dns_get(&r, 2, &other_len) || !take(&r, other_len, &out->v.other) || r.at != r.len)
        return false;
    out->start = rr->start;
    out->mac_len = mac_len;
    out->original_id = (uint16_t)id;
    out->v.time_s = time_s;
    out->v.fudge = (unsigned)fudge;
    out->v.error = (unsigned)error;
    out->v.other_len = other_len;
    return true;
}

/* Finds the TSIG record: it must be the last one of the message (RFC 8945, section 5.1). */
static enum tsig_verdict find_signature(const uint8_t *message, size_t n,
                                        const struct tsig_key *key, struct signature *out)
{
    struct dns_reader r = {message, n, 0};
    struct dns_header h;
    struct dns_name name;
    struct dns_record rr;
    uint16_t type, cls;
    enum tsig_verdict verdict = TSIG_MISSING;

    if (!dns_read_header(&r, &h))
        return TSIG_MALFORMED;
    for (unsigned i = 0; i < h.counts[0]; i++)
        if (!dns_read_question(&r, &name, &type, &cls))
            return TSIG_MALFORMED;
    unsigned records = (unsigned)h.counts[1] + h.counts[2] + h.counts[3];
    for (unsigned i = 0; i < records; i++) {
        if (!dns_read_record(&r, &rr))
            return TSIG_MALFORMED;
        if (rr.type != DNS_TSIG)
            continue;
        if (i + 1 != records || h.counts[3] == 0 || r.at != n ||
            !read_signature(message, &rr, key, out))
            return TSIG_MALFORMED;
        verdict = TSIG_GOOD;
    }
    return verdict;
}

static bool mac_fits(const uint8_t *message, const struct signature *s, const struct tsig_key *key,
                     const struct tsig_mac *request_mac)
{
    struct tsig_mac mac;
    struct buf stripped;
    size_t least = key->algorithm->size / 2 > MAC_LEAST ? key->algorithm->size / 2 : MAC_LEAST;

    if (s->mac_len > key->algorithm->size || s->mac_len < least || s->mac_len < key->mac_len)
        return false;
    buf_init(&stripped, DNS_MESSAGE_MAX);
    dns_put_u16(&stripped, s->original_id);
    buf_add(&stripped, message + 2, 8);
    dns_put_u16(&stripped, ((unsigned)message[10] << 8 | message[11]) - 1);
    buf_add(&stripped, message + DNS_HEADER, s->start - DNS_HEADER);
    bool fits =
        !stripped.overflow &&
        digest(key, request_mac, (const uint8_t *)stripped.data, stripped.len, &s->v, &mac) &&
        CRYPTO_memcmp(mac.bytes, s->mac, s->mac_len) == 0;
    buf_free(&stripped);
    return fits;
}

struct tsig_answer tsig_verify(const uint8_t *message, size_t n, const struct tsig_key *key,
                               const struct tsig_mac *mac, uint64_t now_s)
{
    struct signature s = {0};
    struct tsig_answer a = {.verdict = find_signature(message, n, key, &s)};

    if (a.verdict != TSIG_GOOD)
        return a;
    a.error = s.v.error;
    bool fits = mac_fits(message, &s, key, mac);
    if (a.error != 0) {
        a.verdict = TSIG_ERROR;
        a.error_signed = fits;
        if (fits && a.error == DNS_BADTIME && s.v.other_len == 6) {
            struct dns_reader r = {s.v.other, 6, 0};
            dns_get(&r, 6, &a.server_time_s);
        }
        return a;
    }
    uint64_t apart = s.v.time_s > now_s ? s.v.time_s - now_s : now_s - s.v.time_s;
    a.verdict = !fits ? TSIG_WRONG : apart > s.v.fudge ? TSIG_LATE : TSIG_GOOD;
    return a;
}
