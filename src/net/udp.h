/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_UDP_H
#define HOMING_NET_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/exchange.h"
#include "net/outlet.h"

/*
 * A question by UDP and its answer, for small protocols (STUN, NAT-PMP, PCP): a connected socket,
 * so that only who was asked can answer; sent again with waits that double; what is not accepted as
 * the answer is ignored.
 */
struct udp_ask;

enum { UDP_QUESTION_MAX = 1100, UDP_ANSWER_MAX = 2048 };

struct udp_question {
    const char *server; /* name or address */
    uint16_t port;
    int family; /* -1: any */
    struct outlet outlet;
    uint8_t bytes[UDP_QUESTION_MAX];
    size_t len;
    msec first_wait; /* then twice as long, and so on */
    unsigned tries;
    /* Called when the socket is connected, before the first sending: protocols that name their own
     * address in the question fill it in. May be NULL. */
    void (*prepare)(void *arg, uint8_t *bytes, size_t len, const struct addr *local,
                    uint16_t local_port);
    bool (*accept)(void *arg, const uint8_t *bytes, size_t n); /* is this the answer? */
};

struct udp_answer {
    enum net_error error;
    const uint8_t *bytes;
    size_t len;
    bool has_local;
    struct addr local;
};

/* The question is copied. fn comes once, later. */
struct udp_ask *udp_ask_start(uv_loop_t *loop, const struct udp_question *q,
                              void (*fn)(void *arg, const struct udp_answer *answer), void *arg);
/* fn does not come any more. NULL is fine. */
void udp_ask_stop(struct udp_ask *a);

/*
 * Listens to announcements that routers send to a multicast group of this network (NAT-PMP and PCP:
 * 224.0.0.1 port 5350). fn may come often; the sender is not to be trusted.
 */
struct udp_listen;
struct udp_listen *udp_listen_new(uv_loop_t *loop, const char *group, uint16_t port,
                                  void (*fn)(void *arg, const struct addr *from,
                                             const uint8_t *bytes, size_t n),
                                  void *arg); /* NULL: it cannot be */
void udp_listen_free(struct udp_listen *l);   /* NULL is fine */

/*
 * A search: datagrams to a multicast group of this network, and what anybody answers to the socket
 * that they left by, for as long as it lasts. fn may come often; the sender is not to be trusted.
 */
struct udp_search;
struct udp_search_at {
    const char *group; /* an IPv4 address */
    uint16_t port;
    int hops;
    struct outlet outlet;
    bool has_local;
    struct addr local; /* ours on the link that it leaves by; without it the kernel chooses */
};
struct udp_search *udp_search_new(uv_loop_t *loop, const struct udp_search_at *at,
                                  void (*fn)(void *arg, const struct addr *from,
                                             const uint8_t *bytes, size_t n),
                                  void *arg); /* NULL: it cannot be */
bool udp_search_send(struct udp_search *s, const void *bytes, size_t n);
void udp_search_free(struct udp_search *s); /* NULL is fine */

#endif
