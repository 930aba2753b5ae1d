/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_PORTMAP_H
#define HOMING_SENSE_PORTMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* NAT-PMP (RFC 6886) and PCP (RFC 6887): what a router calls its outside address, as bytes. Pure.
 */

enum {
    PORTMAP_PORT = 5351,          /* the router's */
    PORTMAP_ANNOUNCE_PORT = 5350, /* where hosts hear it */
    NATPMP_REQUEST = 2,
    PCP_REQUEST = 60, /* a MAP request: header 24, body 36 */
    PCP_NONCE = 12,
};
#define PORTMAP_GROUP "224.0.0.1"

/* What an answer says. */
struct portmap_answer {
    bool ok;         /* it holds an address */
    unsigned result; /* the router's code; 0 is success */
    uint32_t epoch;  /* seconds since its state was lost */
    bool has_addr;   /* also with an error, PCP may tell it */
    struct addr addr;
};
const char *portmap_result_text(bool pcp, unsigned result); /* never NULL */

/* RFC 6886, section 3.2. */
void natpmp_request(uint8_t out[NATPMP_REQUEST]);
bool natpmp_read(const uint8_t *bytes, size_t n, struct portmap_answer *out);

/* RFC 6887, section 11.1: a mapping of the client's own UDP port, "lifetime" seconds long; 0 takes
 * it away. */
void pcp_request(uint8_t out[PCP_REQUEST], const struct addr *client, uint16_t port,
                 const uint8_t nonce[PCP_NONCE], uint32_t lifetime);
bool pcp_read(const uint8_t *bytes, size_t n, const uint8_t nonce[PCP_NONCE],
              struct portmap_answer *out);

/* An announcement that a router sent to all: of either protocol (RFC 6886, section 3.2.1; RFC 6887,
 * section 14.1.3). False when it is none. */
bool portmap_announcement(const uint8_t *bytes, size_t n, struct portmap_answer *out);

/*
 * Did the router lose its state between two answers (RFC 6887, section 8.5; RFC 6886, section 3.6)?
 * Times in seconds of our own clock.
 */
bool portmap_restarted(uint32_t old_epoch, uint32_t new_epoch, uint32_t elapsed_s);

#endif
