/*
 * SPDX-License-Identifier: ISC
 */
#include "web/origin.h"

#include <stdio.h>
#include <string.h>

bool origin_trust_set(struct origin_trust *t, const char *proxies, char *bad, size_t room)
{
    const char *at = proxies != NULL ? proxies : "";
    bool good = true;

    t->count = 0;
    t->named = false;
    while (*(at += strspn(at, ", ")) != '\0') {
        size_t n = strcspn(at, ", ");
        t->named = true;
        if (t->count < ORIGIN_PROXIES && addr_parse_n(at, n, &t->proxies[t->count])) {
            t->count++;
        } else if (good) {
            snprintf(bad, room, "%.*s", (int)n, at);
            good = false;
        }
        at += n;
    }
    return good;
}

static bool trusted(const struct origin_trust *t, const struct addr *address)
{
    for (size_t i = 0; i < t->count; i++)
        if (addr_equal(&t->proxies[i], address))
            return true;
    return false;
}

/* Each proxy adds the address that it saw itself at the end: read from there, for as long as the
 * one who wrote it is trusted. */
bool origin_of(const struct origin_trust *t, const struct http_call *call, struct addr *out)
{
    const struct http_peer *p = http_peer(call);
    struct addr before;
    struct buf list;

    if (p->where == HTTP_UNIX)
        return false;
    *out = p->addr;
    bool believed = t->named ? trusted(t, out) : p->where == HTTP_LOOPBACK;
    if (!believed)
        return true;
    buf_init(&list, HTTP_HEADER_MAX);
    http_header_list(call, "X-Forwarded-For", &list);
    const char *forwarded = buf_str(&list);
    size_t left = list.len;
    while (believed && left > 0) {
        while (left > 0 && strchr(", \t", forwarded[left - 1]) != NULL)
            left--;
        size_t end = left;
        while (left > 0 && strchr(", \t", forwarded[left - 1]) == NULL)
            left--;
        if (!addr_parse_n(forwarded + left, end - left, &before))
            break;
        *out = before;
        believed = trusted(t, out);
    }
    buf_free(&list);
    return true;
}
