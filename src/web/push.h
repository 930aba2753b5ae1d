/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_PUSH_H
#define HOMING_WEB_PUSH_H

#include <jansson.h>
#include <uv.h>

#include "base/error.h"
#include "web/access.h"
#include "web/push_request.h"

/*
 * The socket where routers and other devices tell their addresses, in the way of DynDNS: nothing
 * but /nic/update, /v3/update and /update is answered there, and nothing of the page. It checks who
 * tells and what may be told; what the addresses are good for, the model knows.
 *
 * Who has no or a wrong password waits for each answer, and then is refused for longer and longer
 * times; it is counted for where it comes from (an IPv4 address, an IPv6 /64) and for the device it
 * named.
 *
 * Routers look the hostname up after "good": that answer waits until the provider has the address,
 * but not for long. Many tell an address once: what can not be remembered is answered by "911", so
 * that they come again.
 */
struct push;

enum {
    PUSH_WRONG_TIME = SECOND,    /* how long a wrong password is not answered */
    PUSH_GOOD_TIME = 5 * SECOND, /* at most, until the address is published */
    PUSH_HELD_MOST = 512,        /* answers that wait; more are given at once */
    PUSH_BURST = 120,            /* requests of one device at once */
    PUSH_EVERY = SECOND,         /* and then one in this time */
};

/* What stands behind it. */
enum push_kept { PUSH_KEEPING, PUSH_KEPT, PUSH_NOT_KEPT };
struct push_model;
struct push_model_ops {
    /* Does any hostname of that name take its address from the device? */
    bool (*keeps)(struct push_model *m, const char *device, const char *hostname);
    /* The device has told this. What can not be an address from outside is not taken: its "given"
     * becomes false. True when something is another than before. */
    bool (*take)(struct push_model *m, const char *device, struct push_value values[PUSH_WHATS]);
    /* Is it published, wherever the hostname (NULL: any) takes it from the device? True also when
     * the device has told something else since. */
    bool (*published)(struct push_model *m, const char *device, const char *hostname,
                      const struct push_value values[PUSH_WHATS]);
    /* Is what the device told remembered? */
    enum push_kept (*kept)(struct push_model *m, const char *device);
    /* {"addresses":[{"what","address","since","told"}],"hostnames":[...]} */
    json_t *(*describe)(struct push_model *m, const char *device);
    /* It may not tell any more: what it told is forgotten. */
    void (*removed)(struct push_model *m, const char *device);
};
struct push_model {
    const struct push_model_ops *ops;
};

struct push_options {
    uv_loop_t *loop;
    struct access *access;
    struct push_model *model;
    const char *where;      /* see http_server_listen() */
    const char *cert, *key; /* both, for TLS, or NULL */
};
struct push *push_new(const struct push_options *options, struct cause *c);
void push_any_host(struct push *p, bool any); /* push-hosts=any: hostname= is not looked at */
unsigned push_port(const struct push *p);
/* Something was published, or is remembered or is not: an answer may have waited for it. */
void push_published(struct push *p);
/* A person has changed the device's password: what was counted against it is forgotten. */
void push_device_changed(struct push *p, const char *device);
void push_free(struct push *p); /* before the loop's last turn; NULL is fine */

#endif
