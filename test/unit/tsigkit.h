/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_TSIGKIT_H
#define HOMING_TEST_TSIGKIT_H

#include <openssl/hmac.h>
#include <string.h>

#include "base/exchange.h"
#include "publish/tsig.h"

/* Answers that are signed as a server signs them, with the key "homing-key". */

/* TSIG as a server makes it, written apart from the tested code; always hmac-sha256. */
static inline void append_tsig(struct buf *answer, const char *secret,
                               const struct tsig_mac *request_mac, unsigned error,
                               uint64_t server_time)
{
    static const uint8_t key_name[] = "\12homing-key", algorithm[] = "\13hmac-sha256";
    static const uint8_t before_algorithm[] = {0, 255, 0, 0, 0, 0}, /* ANY, TTL */
        before_data[] = {0, 250, 0, 255, 0, 0, 0, 0};               /* TSIG, ANY, TTL */
    struct buf digested, data;
    uint8_t mac[64];
    unsigned mac_len;
    bool clock = error == DNS_BADTIME;

    buf_init(&digested, DNS_MESSAGE_MAX);
    dns_put_u16(&digested, (unsigned)request_mac->len);
    buf_add(&digested, request_mac->bytes, request_mac->len);
    buf_add(&digested, answer->data, answer->len);
    buf_add(&digested, key_name, sizeof key_name);
    buf_add(&digested, before_algorithm, sizeof before_algorithm);
    buf_add(&digested, algorithm, sizeof algorithm);
    dns_put_u48(&digested, 1700000000);
    dns_put_u16(&digested, 300);
    dns_put_u16(&digested, error);
    dns_put_u16(&digested, clock ? 6 : 0);
    if (clock)
        dns_put_u48(&digested, server_time);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)digested.data, digested.len,
         mac, &mac_len);
    buf_init(&data, DNS_MESSAGE_MAX);
    buf_add(&data, algorithm, sizeof algorithm);
    dns_put_u48(&data, 1700000000);
    dns_put_u16(&data, 300);
    dns_put_u16(&data, mac_len);
    buf_add(&data, mac, mac_len);
    buf_add(&data, answer->data, 2);
    dns_put_u16(&data, error);
    dns_put_u16(&data, clock ? 6 : 0);
    if (clock)
        dns_put_u48(&data, server_time);
    buf_add(answer, key_name, sizeof key_name);
    buf_add(answer, before_data, sizeof before_data);
    dns_put_u16(answer, (unsigned)data.len);
    buf_add(answer, data.data, data.len);
    answer->data[11] = 1;
    buf_free(&data);
    buf_free(&digested);
}

/* A signed answer: the request's MAC first (RFC 8945, section 5.3.1). */
static inline void sign_answer(struct buf *answer, const struct request *r, const char *secret,
                               unsigned error, uint64_t server_time)
{
    struct dns_reader reader = {r->wire, r->wire_len, 0};
    struct dns_record rr = {0};
    struct dns_header h;
    struct dns_name name;
    uint16_t type, cls;
    uint64_t ignored, mac_len;

    dns_read_header(&reader, &h);
    dns_read_question(&reader, &name, &type, &cls);
    for (unsigned i = 0; i < (unsigned)h.counts[1] + h.counts[2] + h.counts[3]; i++)
        dns_read_record(&reader, &rr);
    reader.at = rr.data_at;
    dns_read_name(&reader, &name);
    dns_get(&reader, 8, &ignored);
    dns_get(&reader, 2, &mac_len);
    struct tsig_mac request_mac = {.len = mac_len};
    memcpy(request_mac.bytes, r->wire + reader.at, mac_len);
    append_tsig(answer, secret, &request_mac, error, server_time);
}

#endif
