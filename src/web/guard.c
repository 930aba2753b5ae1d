/*
 * SPDX-License-Identifier: ISC
 */
#include "web/guard.h"

#include <string.h>

#include "base/addr.h"
#include "base/text.h"

const char *const guard_reply_headers[] = {
    /* Scripts and styles come from us as files; nothing is inline, nothing comes from elsewhere,
     * nobody frames the page; text never becomes markup (trusted types). */
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options",
    "nosniff",
    "X-Frame-Options",
    "DENY",
    "Referrer-Policy",
    "no-referrer",
    "Cross-Origin-Opener-Policy",
    "same-origin",
    "Cross-Origin-Resource-Policy",
    "same-origin",
    "Permissions-Policy",
    "camera=(), geolocation=(), microphone=()",
    NULL,
};

/* The length of the name in "name:port", "[address]:port"; false when it is of no such form. */
static bool name_of(const char *host, const char **name, size_t *n)
{
    const char *rest;

    if (host[0] == '[') {
        const char *close = strchr(host, ']');
        if (close == NULL)
            return false;
        *name = host + 1;
        *n = (size_t)(close - host - 1);
        rest = close + 1;
    } else {
        *name = host;
        *n = strcspn(host, ":");
        rest = host + *n;
    }
    uint64_t port;
    return *n > 0 && (*rest == '\0' || (*rest == ':' && text_number(rest + 1, &port)));
}

static bool name_is(const char *name, size_t n, const char *other)
{
    size_t i = 0;

    if (n > 0 && name[n - 1] == '.')
        n--;
    while (i < n && other[i] != '\0' && text_lower(name[i]) == text_lower(other[i]))
        i++;
    return i == n && other[i] == '\0';
}

bool guard_host(const char *host, const char *const *hosts)
{
    const char *name;
    struct addr a;
    size_t n;

    if (host == NULL || !name_of(host, &name, &n))
        return false;
    if (addr_parse_n(name, n, &a) || name_is(name, n, "localhost"))
        return true;
    for (; hosts != NULL && *hosts != NULL; hosts++)
        if (name_is(name, n, *hosts))
            return true;
    return false;
}

/* "https://host:port" of the same host and port as Host says; the scheme may differ, for a proxy
 * that ends TLS. */
static bool same_origin(const char *origin, const char *host)
{
    const char *at = strstr(origin, "://");

    return at != NULL && host != NULL && text_case_equal(at + 3, host);
}

const char *guard_request(const struct guard_headers *h)
{
    const char *site = h->fetch_site;

    if (site != NULL && !text_equal(site, "same-origin") && !text_equal(site, "none"))
        return "cross-site";
    if (h->origin != NULL && !same_origin(h->origin, h->host))
        return "cross-site";
    if (!h->unsafe)
        return NULL;
    /* A header of our own: another site's page can not add it without asking us first. */
    if (h->cookie && h->mark == NULL)
        return "cross-site";
    if (h->body && (h->content_type == NULL || !text_starts(h->content_type, "application/json")))
        return "content-type";
    return NULL;
}
