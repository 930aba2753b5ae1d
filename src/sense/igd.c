/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/igd.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sense/libminiupnpc.h"

static struct late late_upnp = {.file = LIBMINIUPNPC_FILE(MINIUPNPC_API_VERSION)};

#define SERVICES "urn:schemas-upnp-org:service:"

bool igd_search(unsigned n, struct buf *out)
{
    static const char *const types[] = {
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
        SERVICES "WANIPConnection:1",
        SERVICES "WANPPPConnection:1",
    };
    return n < sizeof types / sizeof types[0] &&
           buf_format(out,
                      "M-SEARCH * HTTP/1.1\r\nHOST: " IGD_GROUP ":%d\r\nMAN: \"ssdp:discover\"\r\n"
                      "MX: 1\r\nST: %s\r\n\r\n",
                      IGD_PORT, types[n]);
}

/* The host of "http://192.0.2.1:5000/path", in no other way of writing: what another reader of the
 * same text might take for the host must not exist. */
static bool host_of(const char *url, struct addr *out)
{
    if (!text_starts(url, "http://"))
        return false;
    const char *host = url + 7;
    size_t n = strspn(host, "0123456789.");
    for (const char *c = url; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~' || *c == '@' || *c == '\\')
            return false;
    return (host[n] == ':' || host[n] == '/' || host[n] == '\0') && addr_parse_n(host, n, out) &&
           out->family == V4;
}

bool igd_location(const uint8_t *bytes, size_t n, const struct addr *from, char out[IGD_URL_MAX])
{
    static const char name[] = "location:";
    const char *at = (const char *)bytes, *end = at + n;
    struct addr host;

    if (n < 12 || memcmp(at, "HTTP/1.", 7) != 0 || memcmp(at + 8, " 200", 4) != 0)
        return false;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        size_t i = 0;
        at++;
        while (i < sizeof name - 1 && at + i < end && text_lower(at[i]) == name[i])
            i++;
        if (i < sizeof name - 1)
            continue;
        at += i;
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        size_t len = 0;
        while (at + len < end && at[len] > ' ')
            len++;
        if (len == 0 || len >= IGD_URL_MAX || memchr(at, '\0', len) != NULL)
            return false;
        memcpy(out, at, len);
        out[len] = '\0';
        return host_of(out, &host) && addr_equal(&host, from);
    }
    return false;
}

/* The type that the description names, with its version, in our own words. */
static bool read_service(const char *type, char *out, size_t room)
{
    static const char *const kinds[] = {"WANIPConnection:", "WANPPPConnection:"};

    if (!text_starts(type, SERVICES))
        return false;
    type += sizeof SERVICES - 1;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (text_starts(type, kinds[i])) {
            char version = type[strlen(kinds[i])];
            snprintf(out, room, "%s%c", kinds[i], version == '2' ? '2' : '1');
            return true;
        }
    return false;
}

bool igd_describe(const char *xml, size_t n, const char *location, struct igd *out)
{
    struct UPNPUrls urls;
    struct IGDdatas data;
    struct addr there, host;

    memset(&urls, 0, sizeof urls);
    memset(&data, 0, sizeof data);
    parserootdesc(xml, (int)n, &data);
    if (data.first.controlurl[0] == '\0' ||
        !read_service(data.first.servicetype, out->service, sizeof out->service))
        return false;
    GetUPNPUrls(&urls, &data, location, 0);
    bool fits = urls.controlURL != NULL && strlen(urls.controlURL) < sizeof out->control;
    if (fits)
        snprintf(out->control, sizeof out->control, "%s", urls.controlURL);
    FreeUPNPUrls(&urls);
    return fits && host_of(location, &there) && host_of(out->control, &host) &&
           addr_equal(&there, &host);
}

void igd_question(const struct igd *igd, const char *action, struct buf *body, struct buf *header)
{
    buf_format(body,
               "<?xml version=\"1.0\"?>\r\n"
               "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
               "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
               "<u:%s xmlns:u=\"" SERVICES "%s\"></u:%s></s:Body></s:Envelope>\r\n",
               action, igd->service, action);
    buf_format(header, "\"" SERVICES "%s#%s\"", igd->service, action);
}

bool igd_value(const char *xml, size_t n, const char *name, char *out, size_t room)
{
    struct NameValueParserData data;

    memset(&data, 0, sizeof data);
    ParseNameValue(xml, (int)n, &data);
    const char *value = GetValueFromNameValueList(&data, name);
    bool found = value != NULL && strlen(value) < room;
    if (found)
        snprintf(out, room, "%s", value);
    ClearNameValueList(&data);
    return found;
}
