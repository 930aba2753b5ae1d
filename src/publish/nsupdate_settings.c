/*
 * SPDX-License-Identifier: ISC
 *
 * Where the name server is, and the key.
 */
#include "publish/nsupdate_inside.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/web.h"

#include <stdlib.h>
#include <string.h>

enum { DNS_PORT = 53, TTL_DEFAULT = 600 /* ddclient's */ };
const char nsupdate_clock_key[] = "tsig/clock-offset";

const struct view *nsupdate_view(const struct step *s)
{
    return &s->job->members[0].settings;
}

/* "host", "host:port", "[v6]:port", a bare IPv6 address. */
static bool parse_server(struct step *s, const char *text)
{
    const char *colon = strrchr(text, ':');
    const char *end = text + strlen(text);
    uint64_t port = DNS_PORT;
    struct addr a;

    if (text[0] == '[') {
        const char *close = strchr(text, ']');
        if (close == NULL || (close[1] != '\0' && close[1] != ':'))
            return false;
        colon = close[1] == ':' ? close + 1 : NULL;
        text++;
        end = close;
    } else if (colon != NULL && !addr_parse(text, &a)) {
        end = colon;
    } else {
        colon = NULL;
    }
    if (end == text ||
        (colon != NULL && (!text_number(colon + 1, &port) || port == 0 || port > 65535)))
        return false;
    s->host = mem_text_n(text, (size_t)(end - text));
    s->port = (uint16_t)port;
    return true;
}

/* login= is ddclient's path of the nsupdate program, or here [algorithm:]name of the key. */
static enum err key_of_login(const char *login, const char *secret, struct tsig_key *out,
                             struct cause *c)
{
    const char *colon = strchr(login, ':');
    char *algorithm = colon != NULL ? mem_text_n(login, (size_t)(colon - login)) : NULL;
    enum err e = tsig_key_make(colon != NULL ? colon + 1 : login, algorithm, secret, out, c);

    mem_free(algorithm);
    return e;
}

static bool is_path(const char *text)
{
    return text != NULL && (text[0] == '/' || text[0] == '~');
}

static enum err read_key(struct step *s, struct cause *c)
{
    const char *text = web_setting(nsupdate_view(s), "key-text", NULL);
    const char *name = web_setting(nsupdate_view(s), "key-name", NULL);
    const char *login = web_setting(nsupdate_view(s), "login", NULL);
    const char *password = web_setting(nsupdate_view(s), "password", NULL);

    s->is_signed = true;
    if (text != NULL)
        return tsig_key_parse(text, web_setting(nsupdate_view(s), "key-file", password), &s->key,
                              c);
    if (name != NULL && password != NULL)
        return tsig_key_make(name, web_setting(nsupdate_view(s), "key-algorithm", NULL), password,
                             &s->key, c);
    if (login != NULL && !is_path(login) && !text_equal(login, "nsupdate") && password != NULL)
        return key_of_login(login, password, &s->key, c);
    if (is_path(password))
        return cause_set(c, ERR_NOT_FOUND, "The TSIG key file could not be read.");
    if (password != NULL)
        return tsig_key_parse(password, NULL, &s->key, c);
    s->is_signed = false;
    return OK;
}

bool nsupdate_settings(struct step *s)
{
    const char *server = web_setting(nsupdate_view(s), "server", NULL);
    const char *ttl = web_setting(nsupdate_view(s), "ttl", NULL);
    const char *offset = memory_get(s->job->memory, nsupdate_clock_key, s->in->now.wall);
    struct cause cause;
    uint64_t number;

    s->tcp = web_flag(nsupdate_view(s), "tcp");
    s->ttl_set = ttl != NULL && text_number(ttl, &number) && number <= INT32_MAX;
    s->ttl = s->ttl_set ? (uint32_t)number : TTL_DEFAULT;
    s->clock_offset_s = offset != NULL ? strtoll(offset, NULL, 10) : 0;
    /* ddclient's default for all protocols is no name server: it counts as unset. */
    if (server == NULL || text_equal(server, "members.dyndns.org") || !parse_server(s, server)) {
        nsupdate_report_everything(
            s, OUTCOME_INPUT,
            "server= must be the zone's primary name server: NAME or ADDRESS, with "
            ":PORT when it is not 53.");
        return false;
    }
    if (read_key(s, &cause) != OK) {
        nsupdate_report_everything(s, OUTCOME_AUTH, cause.text);
        return false;
    }
    return true;
}
