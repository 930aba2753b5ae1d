/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_GUARD_H
#define HOMING_WEB_GUARD_H

#include <stdbool.h>

/*
 * The checks that need nothing but the request's headers: may a page of this name, from this
 * origin, speak to us? Pure. Keeps out DNS rebinding (a stranger's name that resolves to this
 * machine) and requests that another site's page makes its visitor send.
 */

/* Is this Host one of ours: an address, localhost, or one of "hosts" (ended by NULL; may be NULL)?
 * An address is safe: rebinding needs a name. */
bool guard_host(const char *host, const char *const *hosts);

struct guard_headers {
    const char *host, *origin, *fetch_site, *content_type, *mark; /* NULL when absent */
    bool unsafe; /* the method may change something */
    bool cookie; /* the right to do so comes from a cookie */
    bool body;
};
/* NULL when all is well, else the code of what is wrong: "cross-site", "content-type". */
const char *guard_request(const struct guard_headers *h);

/* Sent with every reply. Pairs of name and value, ended by NULL. */
extern const char *const guard_reply_headers[];

#endif
