/*
 * SPDX-License-Identifier: ISC
 */
#include "verify/servers.h"

#include "base/addr.h"
#include "base/text.h"

#include <string.h>

enum { DNS_PORT = 53 };

static bool add(struct servers *s, const char *name, size_t n, uint16_t port)
{
    if (n == 0 || n >= SERVER_NAME_MAX)
        return false;
    if (s->count == SERVERS_MAX)
        return true;
    memcpy(s->items[s->count].name, name, n);
    s->items[s->count].name[n] = '\0';
    s->items[s->count++].port = port;
    return true;
}

static bool parse_port(const char *text, size_t n, uint16_t *port)
{
    char copy[6];
    uint64_t value;

    if (n == 0 || n >= sizeof copy)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    if (!text_number(copy, &value) || value == 0 || value > UINT16_MAX)
        return false;
    *port = (uint16_t)value;
    return true;
}

static bool parse_one(const char *text, size_t n, struct servers *s)
{
    struct addr address;
    uint16_t port = DNS_PORT;

    if (addr_parse_n(text, n, &address))
        return add(s, text, n, port);
    if (text[0] == '[') {
        const char *end = memchr(text, ']', n);
        if (end == NULL)
            return false;
        size_t after = n - (size_t)(end + 1 - text);
        if (after > 0 && (end[1] != ':' || !parse_port(end + 2, after - 1, &port)))
            return false;
        return addr_parse_n(text + 1, (size_t)(end - text - 1), &address) &&
               add(s, text + 1, (size_t)(end - text - 1), port);
    }
    const char *colon = memchr(text, ':', n);
    if (colon != NULL) {
        if (!parse_port(colon + 1, n - (size_t)(colon + 1 - text), &port))
            return false;
        n = (size_t)(colon - text);
    }
    return add(s, text, n, port);
}

bool servers_parse(const char *text, struct servers *s)
{
    *s = (struct servers){0};
    for (;;) {
        text += strspn(text, ", \t");
        size_t n = strcspn(text, ", \t");
        if (n == 0)
            return s->count > 0;
        if (!parse_one(text, n, s))
            return false;
        text += n;
    }
}

void servers_parse_resolv_conf(const char *text, struct servers *s)
{
    static const char word[] = "nameserver";

    *s = (struct servers){0};
    while (*text != '\0') {
        size_t line = strcspn(text, "\n");
        if (line > sizeof word && memcmp(text, word, sizeof word - 1) == 0 &&
            text_is_space(text[sizeof word - 1])) {
            const char *value = text + sizeof word - 1;
            value += strspn(value, " \t");
            size_t n = strcspn(value, " \t\r\n#;");
            struct addr address;
            /* fe80::1%eth0 is legal there; the zone is dropped, and the server then fails by
             * itself. */
            if (addr_parse_n(value, n, &address))
                add(s, value, n, DNS_PORT);
        }
        text += line + (text[line] == '\n');
    }
}
