/*
 * SPDX-License-Identifier: ISC
 */
#include "web/access.h"

#include <stdio.h>

void access_identify(struct access *a, struct http_call *call, struct access_who *out)
{
    const struct http_peer *p = http_peer(call);

    *out = (struct access_who){.level = ACCESS_NOTHING};
    if (p->where == HTTP_UNIX && p->owner) {
        out->level = ACCESS_FULL;
        snprintf(out->name, sizeof out->name, "uid %u", (unsigned)p->uid);
    } else if (a == NULL && p->where == HTTP_LOOPBACK) {
        /* Without accounts this machine's own users may look. */
        out->level = ACCESS_READ;
        snprintf(out->name, sizeof out->name, "loopback");
    }
}

json_t *access_describe(const struct access *a, const struct access_who *who)
{
    static const char *const levels[] = {"none", "read", "full"};

    return json_pack("{s:s,s:b,s:s}", "level", levels[who->level], "accounts", a != NULL, "name",
                     who->name);
}
