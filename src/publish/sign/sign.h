/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_SIGN_SIGN_H
#define HOMING_PUBLISH_SIGN_SIGN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/exchange.h"
#include "publish/digest.h"
#include "publish/vars.h"

enum { SIGN_WORDS = 5 };

/* What a signer works with. */
struct signing {
    const char *const *words; /* as the signer names them; NULL for one that may be missing */
    long long now;            /* Unix seconds */
    const struct vars *vars;  /* {nonce} and {uuid} */
    struct cause *cause;
};

/*
 * Signers run last, on the finished request: each adds the headers (or parameters) that prove who
 * sent it. One file a signer, one row in the table of sign.c.
 */
struct signer {
    const char *name;
    const char *words[SIGN_WORDS]; /* members of "sign"; expanded before, wiped after */
    size_t may;                    /* so many of them, the last ones, may be missing */
    enum err (*sign)(const struct signing *s, struct request *r);
};

const struct signer *sign_find(const char *name);
/* How many of the words "sign" must have, the first ones. */
size_t sign_needs(const struct signer *s);
enum err sign_request(const json_t *sign, const struct vars *vars, struct request *r,
                      struct cause *c);

/* For signers. */

/* "%Y%m%dT%H%M%SZ" and the like, in UTC. */
void sign_time(long long now, const char *format, char *out, size_t room);

enum { SHA256_HEX = 2 * SHA256_BYTES + 1 };
void sign_sha256_hex(const void *bytes, size_t n, char out[SHA256_HEX]);
void sign_hmac_sha256(const void *key, size_t key_len, const char *text, uint8_t out[SHA256_BYTES]);
void sign_hex(const uint8_t *bytes, size_t n, char *out); /* room for 2n + 1 */
/* HMAC-SHA256 of the text as hex digits. */
void sign_hmac_hex(const char *key, const char *text, char out[SHA256_HEX]);
/* HMAC-SHA256 along a chain: the first link under prefix and secret, each next one under the last
 * result. "links" ends with NULL; the end as hex digits. */
void sign_chain(const char *prefix, const char *secret, const char *const *links,
                char out[SHA256_HEX]);

/* The URL's parts: host, path ("/" when empty), query ("" when none). Owned by the caller. */
struct sign_url {
    char *host, *path, *query;
};
void sign_url_split(const struct request *r, struct sign_url *out);
void sign_url_free(struct sign_url *u);
/* The query's pairs sorted by name, then value, as they are encoded; "name" becomes "name=". Owned.
 */
char *sign_sorted_query(const char *query);
/* Canonical headers "name:value\n" of all headers whose names are in the list (lower case, sorted,
 * separated by ";"); "host" is taken from the URL. Appends to out. */
void sign_canonical_headers(const struct request *r, const struct sign_url *u, const char *names,
                            struct buf *out);

/* The text that most of them hash: method, path, sorted query, headers, their names, hash of the
 * body. "path" NULL: that of the URL. Owned. */
char *sign_canonical(const struct request *r, const struct sign_url *u, const char *path,
                     const char *names, const char *body_hash);
/* Adds a header whose end is secret: prefix, then the signature. */
void sign_header(struct request *r, const char *name, const char *prefix, const char *signature);
/* RSASSA-PKCS1-v1_5 of the bytes; "pem" may have its line ends written as backslash and n. The
 * signature is owned, its length in *out_len; NULL with the cause when the key is none. */
uint8_t *sign_rsa(const char *pem, const char *digest, const void *bytes, size_t n, size_t *out_len,
                  struct cause *c);

extern const struct signer signer_acs3;    /* Alibaba Cloud, ACS3-HMAC-SHA256 */
extern const struct signer signer_aws4;    /* Amazon, Signature Version 4 */
extern const struct signer signer_bce;     /* Baidu AI Cloud */
extern const struct signer signer_dns51;   /* 51DNS */
extern const struct signer signer_dnsme;   /* DNS Made Easy */
extern const struct signer signer_google;  /* a service account's JWT */
extern const struct signer signer_huawei;  /* Huawei Cloud, SDK-HMAC-SHA256 */
extern const struct signer signer_nfsn;    /* NearlyFreeSpeech.NET */
extern const struct signer signer_ovh;     /* OVHcloud */
extern const struct signer signer_rpc1;    /* Alibaba's RPC signature 1.0 and its relatives */
extern const struct signer signer_tc3;     /* Tencent Cloud, TC3-HMAC-SHA256 */
extern const struct signer signer_transip; /* TransIP's login */
extern const struct signer signer_volc;    /* Volcengine */

#endif
