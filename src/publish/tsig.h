/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_TSIG_H
#define HOMING_PUBLISH_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "publish/dnswire.h"

/*
 * TSIG (RFC 8945): keys as people have them, signing a message, verifying its answer. All HMACs
 * that BIND's key files can name, and their truncated forms. Owns no key store and no clock.
 */
enum { TSIG_SECRET_MAX = 512, TSIG_MAC_MAX = 64, TSIG_FUDGE_S = 300 /* RFC 8945, section 10 */ };

struct tsig_algorithm;

struct tsig_key {
    struct dns_name name; /* lower case */
    const struct tsig_algorithm *algorithm;
    size_t mac_len; /* bytes of the MAC that travel: fewer than the hash has when truncated */
    uint8_t secret[TSIG_SECRET_MAX];
    size_t secret_len;
};

/*
 * Reads a key from the text of a file or setting, in any of the usual forms:
 *   key "name" { algorithm hmac-sha256; secret "base64"; };      BIND; comments allowed
 *   [algorithm:]name:base64                                     nsupdate -y
 *   Private-key-format: ... Algorithm: 163 ... Key: base64      dnssec-keygen K*.private
 *   name. IN KEY 512 3 163 base64                               dnssec-keygen K*.key
 * Without an algorithm: hmac-sha256, as current nsupdate takes it.
 * file_name gives the key's name to a K*.private file; may be NULL.
 * On ERR_SYNTAX the cause says what is missing, without any part of the key.
 */
enum err tsig_key_parse(const char *text, const char *file_name, struct tsig_key *out,
                        struct cause *c);
/* From its three parts; algorithm NULL: hmac-sha256. */
enum err tsig_key_make(const char *name, const char *algorithm, const char *base64,
                       struct tsig_key *out, struct cause *c);
void tsig_key_wipe(struct tsig_key *key);

/* Loads what libcrypto needs to sign (its configuration and algorithms: about a millisecond, once),
 * so that the first message need not wait for it. Without it all works the same. */
void tsig_prepare(void);

/* The MAC of a message that was sent, needed to verify its answer. */
struct tsig_mac {
    uint8_t bytes[TSIG_MAC_MAX];
    size_t len;
};

/* Appends the TSIG record to a whole message. now_s: Unix time. False when libcrypto refuses the
 * hash (a policy of the machine). */
bool tsig_sign(struct buf *message, const struct tsig_key *key, uint64_t now_s,
               struct tsig_mac *mac);

enum tsig_verdict {
    TSIG_GOOD,
    TSIG_MISSING,   /* the answer is not signed */
    TSIG_MALFORMED, /* not the last record, of another key or algorithm, or cut */
    TSIG_WRONG,     /* the MAC does not fit: not from who has the key, or altered */
    TSIG_LATE,      /* signed outside the time window */
    TSIG_ERROR,     /* the server tells a TSIG error: see "error" */
};
struct tsig_answer {
    enum tsig_verdict verdict;
    unsigned error;         /* DNS_BADSIG, DNS_BADKEY, DNS_BADTIME, DNS_BADTRUNC */
    bool error_signed;      /* the error itself is signed and its MAC fits */
    uint64_t server_time_s; /* with a signed BADTIME: the server's clock */
};
/* mac: of the request. */
struct tsig_answer tsig_verify(const uint8_t *message, size_t n, const struct tsig_key *key,
                               const struct tsig_mac *mac, uint64_t now_s);

#endif
