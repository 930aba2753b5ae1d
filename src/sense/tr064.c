/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/tr064.h"

#include <string.h>

#include "base/text.h"

#define SERVICE "urn:schemas-upnp-org:service:WANIPConnection:1"
#define ENVELOPE(action)                                                                           \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"                                               \
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "                           \
    "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"                       \
    "<u:" action " xmlns:u=\"" SERVICE "\"/></s:Body></s:Envelope>\r\n"

/* What each family is asked by, and the element of the answer that holds it. */
static const struct {
    const char *action, *body, *element;
} words[FAMILIES] = {
    [V4] = {"\"" SERVICE "#GetExternalIPAddress\"", ENVELOPE("GetExternalIPAddress"),
            "NewExternalIPAddress"},
    [V6] = {"\"" SERVICE "#X_AVM_DE_GetExternalIPv6Address\"",
            ENVELOPE("X_AVM_DE_GetExternalIPv6Address"), "NewExternalIPv6Address"},
};

bool tr064_url(const char *where, struct buf *out)
{
    bool v6 = where[0] != '[' && strchr(where, ':') != NULL &&
              strchr(strchr(where, ':') + 1, ':') != NULL;
    bool has_port = !v6 && strrchr(where, ':') != NULL && strchr(strrchr(where, ':'), ']') == NULL;

    if (where[0] == '\0')
        return false;
    if (strchr(where, '/') != NULL)
        return (strstr(where, "://") != NULL || buf_text(out, "http://")) && buf_text(out, where);
    return buf_format(out, "http://%s%s%s%s/igdupnp/control/WANIPConn1", v6 ? "[" : "", where,
                      v6 ? "]" : "", has_port ? "" : ":49000");
}

const char *tr064_action(enum family family)
{
    return words[family].action;
}

const char *tr064_body(enum family family)
{
    return words[family].body;
}

bool tr064_read(const char *text, size_t n, enum family family, struct addr *out)
{
    static const uint8_t zero[16];
    const char *element = words[family].element;
    size_t len = strlen(element);

    for (const char *at = text; n > len && (at = memchr(at, '<', n - (size_t)(at - text))) != NULL;
         at++) {
        const char *value = at + 1 + len + 1;
        if (value > text + n || memcmp(at + 1, element, len) != 0 || value[-1] != '>')
            continue;
        const char *end = memchr(value, '<', n - (size_t)(value - text));
        while (value < text + n && text_is_space(*value))
            value++;
        while (end != NULL && end > value && text_is_space(end[-1]))
            end--;
        return end != NULL && end > value && addr_parse_n(value, (size_t)(end - value), out) &&
               out->family == family && memcmp(out->bytes, zero, sizeof zero) != 0;
    }
    return false;
}
