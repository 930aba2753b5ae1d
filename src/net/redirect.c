/*
 * SPDX-License-Identifier: ISC
 */
#include "net/redirect.h"

#include "net/curl.h"

#include "base/text.h"

struct place {
    char *scheme, *host, *port; /* owned by curl */
};

static bool place_read(struct place *p, const char *url)
{
    CURLU *u = curl_url();
    bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_SCHEME, &p->scheme, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_HOST, &p->host, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    curl_url_cleanup(u);
    return ok;
}

static void place_free(struct place *p)
{
    curl_free(p->scheme);
    curl_free(p->host);
    curl_free(p->port);
}

static bool same_place(const struct place *from, const struct place *to)
{
    bool was_https = text_equal(from->scheme, "https");
    bool is_https = text_equal(to->scheme, "https");

    if (!text_case_equal(from->host, to->host))
        return false;
    if (!is_https && (was_https || !text_equal(to->scheme, "http")))
        return false;
    return text_equal(from->port, to->port) || (is_https && !was_https);
}

bool redirect_allowed(const char *from, const char *to)
{
    struct place a = {0}, b = {0};
    bool allowed = place_read(&a, from) && place_read(&b, to) && same_place(&a, &b);

    place_free(&a);
    place_free(&b);
    return allowed;
}

bool redirect_becomes_get(int status, const char *method)
{
    if (status == 303)
        return !text_equal(method, "HEAD");
    return (status == 301 || status == 302) && text_equal(method, "POST");
}
