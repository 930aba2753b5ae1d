/*
 * SPDX-License-Identifier: ISC
 */
#include "net/origin.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { ORIGIN_MAX = 300 /* a name of 255, the scheme and the port */ };

/* How many bytes are scheme, host and port; 0: not these alone. */
static size_t origin_length(const char *address)
{
    size_t n = text_starts(address, "https://") ? 8 : text_starts(address, "http://") ? 7 : 0;
    size_t scheme = n;

    while (text_is_alpha(address[n]) || text_is_digit(address[n]) ||
           (address[n] != '\0' && strchr("-._:[]", address[n]) != NULL))
        n++;
    return scheme > 0 && n > scheme && address[n] == '/' ? n : 0;
}

/* What curl would send as it is: no space or control sign, and nothing that ends the target. */
static bool is_target(const char *s)
{
    for (; *s != '\0'; s++)
        if (*s <= ' ' || *s >= 0x7f || *s == '#')
            return false;
    return true;
}

static struct origin *origin_new(struct map *all, const char *text)
{
    CURLU *url = mem_given(curl_url());
    bool ok = curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK;
    char *key = ok ? origin_key(url) : NULL;

    if (key == NULL) {
        curl_url_cleanup(url);
        return NULL;
    }
    struct origin *o = mem_alloc(sizeof *o);
    *o = (struct origin){.all = all, .text = mem_text(text), .key = key, .url = url};
    map_set(all, o->text, o);
    return o;
}

struct origin *origin_take(struct map *all, const char *address, const char **target)
{
    char text[ORIGIN_MAX];
    size_t n = origin_length(address);

    if (n == 0 || n + 2 > sizeof text || !is_target(address + n))
        return NULL;
    memcpy(text, address, n);
    memcpy(text + n, "/", 2);
    struct origin *o = map_get(all, text);
    if (o == NULL)
        o = origin_new(all, text);
    if (o == NULL)
        return NULL;
    o->uses++;
    *target = address + n;
    return o;
}

void origin_drop(struct origin *o)
{
    if (o == NULL || --o->uses > 0)
        return;
    map_remove(o->all, o->text);
    curl_url_cleanup(o->url);
    mem_free(o->text);
    mem_free(o->key);
    mem_free(o);
}

char *origin_key(CURLU *url)
{
    char *scheme = NULL, *host = NULL, *port = NULL, *key = NULL;

    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        key = mem_format("%s://%s:%s", scheme, host, port);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return key;
}
