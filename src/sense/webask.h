/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_WEBASK_H
#define HOMING_SENSE_WEBASK_H

#include <stdbool.h>

#include "base/addr.h"
#include "net/net.h"
#include "sense/extract.h"

/*
 * One question to one page: what is the address that you see, or show? Used by every source that
 * reads pages. Always a connection of its own, since a kept one would answer for the past.
 */
struct webask_question {
    const char *url;
    const char *skip; /* pattern or NULL */
    int family;       /* -1: connect over any, take IPv4 or else IPv6 */
    bool family_free; /* connect over any, but take "family" only */
    enum extract_reading reading;
    const char *login, *password; /* both or none: HTTP Basic (RFC 7617) */
    struct transport transport;   /* copied by net */
};

struct webask_answer {
    bool found;
    struct addr addr;
    bool has_local;
    struct addr local; /* our end of the connection */
    enum net_error error;
    char words[240]; /* when not found: what went wrong, without the page's path; else a doubt */
};
typedef void webask_fn(void *arg, const struct webask_answer *answer);

struct webask;

/* The answer comes once, later. All texts are copied. */
struct webask *webask_start(struct net *net, const struct webask_question *q, webask_fn *fn,
                            void *arg);
/* No answer comes any more. NULL is fine. */
void webask_stop(struct webask *a);

/* The host of a URL, for people: "checkip.example" of "https://u:p@checkip.example/x?key=1". */
const char *webask_host(const char *url, char *out, size_t room);

#endif
