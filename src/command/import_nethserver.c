/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/*
 * NethServer's database "dyndns" (/var/lib/nethserver/db/dyndns): a line a record,
 * "hostname=dyndns|Property|value|Property|value...". A "|" of a value is written "\|".
 */

/* The value of a property, owned; NULL when absent or empty. */
static char *property(const char *s, const char *end, const char *name)
{
    struct buf word;
    char *found = NULL;
    bool is_name = true, wanted = false;

    buf_init(&word, 64 * 1024);
    for (;; s++) {
        if (s < end && *s == '\\' && s + 1 < end && (s[1] == '|' || s[1] == '\\')) {
            buf_char(&word, *++s);
            continue;
        }
        if (s < end && *s != '|') {
            buf_char(&word, *s);
            continue;
        }
        if (!is_name && wanted && found == NULL && word.len > 0)
            found = mem_text(buf_str(&word));
        wanted = is_name && text_case_equal(buf_str(&word), name);
        is_name = !is_name;
        buf_clear(&word);
        if (s >= end)
            break;
    }
    buf_wipe(&word);
    return found;
}

struct record {
    char *preset, *custom, *server, *login, *password, *mx, *description, *status;
};

static bool add_target(struct import *im, const struct record *r, unsigned line, const char *host)
{
    if (text_equal(r->custom, "enabled")) {
        char *protocol = mem_text(r->preset);
        text_lower_all(protocol);
        import_set(im, "protocol", protocol);
        if (r->server != NULL)
            import_set(im, "server", r->server);
        mem_free(protocol);
        return true;
    }
    if (import_provider(im, "nethserver", r->preset))
        return true;
    import_no_provider(im, line, host, r->preset);
    return false;
}

static void add_record(struct import *im, const struct record *r, unsigned line, const char *host)
{
    import_begin(im, line);
    if (r->preset == NULL) {
        import_note(im, line, IMPORT_LEFT, host, "it names no hostname, or no provider");
        return;
    }
    if (!add_target(im, r, line, host))
        return;
    if (r->login != NULL && !import_field(im, "login", r->login))
        import_note(im, line, IMPORT_LEFT, "login", "this provider has no login");
    if (r->password != NULL && !import_field(im, "password", r->password))
        import_note(im, line, IMPORT_LEFT, "password", "this provider has no password");
    if (im->provider != NULL && text_starts(im->provider->id, "dyndns"))
        import_set(im, "wildcard", "yes");
    if (r->mx != NULL)
        import_set(im, "mx", r->mx);
    if (r->description != NULL)
        import_set(im, "description", r->description);
    if (text_equal(r->status, "disabled"))
        import_set(im, "enabled", "no");
    import_set(im, "usev4", "auto");
    import_host(im, host);
    import_end(im);
    import_note(im, line, IMPORT_TAKEN, host, NULL);
}

static void read_line(struct import *im, const char *s, const char *end, unsigned line)
{
    const char *equal = memchr(s, '=', (size_t)(end - s));

    if (equal == NULL || equal == s || *s == '#')
        return;
    char *host = mem_text_n(s, (size_t)(equal - s));
    const char *type = equal + 1;
    const char *bar = memchr(type, '|', (size_t)(end - type));
    if (bar != NULL && bar - type == 6 && memcmp(type, "dyndns", 6) == 0) {
        static const char *const names[] = {"DynDns",      "CustomService", "DynServer",
                                            "login",       "password",      "mx",
                                            "Description", "status"};
        struct record r = {0};
        char **slots[] = {&r.preset,   &r.custom, &r.server,      &r.login,
                          &r.password, &r.mx,     &r.description, &r.status};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            *slots[i] = property(bar + 1, end, names[i]);
        add_record(im, &r, line, host);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            mem_free_secret(*slots[i]);
    } else {
        import_note(im, line, IMPORT_LEFT, host, "this record is of another kind");
    }
    mem_free(host);
}

static enum err read_nethserver(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    const char *end = bytes + n;
    unsigned line = 0;

    (void)cause;
    for (const char *s = bytes; s < end;) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline != NULL ? newline : end;
        read_line(im, s, stop, ++line);
        s = stop + 1;
    }
    return OK;
}

static bool looks_nethserver(const char *bytes, size_t n)
{
    return memmem(bytes, n, "=dyndns|", 8) != NULL;
}

const struct import_format import_nethserver = {
    .name = "nethserver",
    .about = "NethServer's dyndns database",
    .looks = looks_nethserver,
    .read = read_nethserver,
};
