/*
 * SPDX-License-Identifier: ISC
 */
#include "command/show.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/command.h"
#include "command/terminal.h"

const char *show_text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL ? value : "";
}

const char *show_message(const json_t *message)
{
    return show_text(message, "text");
}

const char *show_time(const json_t *ms, char *out)
{
    time_t seconds = (time_t)(json_number_value(ms) / 1000);
    struct tm tm;

    if (seconds == 0 || localtime_r(&seconds, &tm) == NULL ||
        strftime(out, SHOW_TIME_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        snprintf(out, SHOW_TIME_MAX, "never");
    return out;
}

char *show_set(const json_t *addresses)
{
    struct buf out;
    size_t i;
    const json_t *a;

    if (!json_is_array(addresses))
        return mem_text("unknown");
    if (json_array_size(addresses) == 0)
        return mem_text("none");
    buf_init(&out, 4096);
    json_array_foreach(addresses, i, a) buf_format(
        &out, "%s%s", i > 0 ? ", " : "", json_string_value(a) ? json_string_value(a) : "?");
    char *text = mem_text(buf_str(&out));
    buf_free(&out);
    return text;
}

/* Control characters of what providers said must not reach the terminal. */
static void print(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f)
            fprintf(out, "\\x%02x", (unsigned char)*text);
        else
            fputc(*text, out);
    }
}

static void print_line(FILE *out, const char *indent, const char *text)
{
    if (text[0] == '\0')
        return;
    fputs(indent, out);
    print(out, text);
    fputc('\n', out);
}

/* The word alone where there are no colours: they repeat what it says. */
static void print_state(FILE *out, const char *state)
{
    static const struct {
        const char *state, *colour; /* ECMA-48: SGR */
    } colours[] = {{"right", "32"},
                   {"changing", "36"},
                   {"waiting", "33"},
                   {"unknown", "33"},
                   {"needs-you", "31"}};

    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        if (text_equal(state, colours[i].state) && terminal_has_colours(out)) {
            fprintf(out, "\033[%sm%s\033[0m", colours[i].colour, state);
            return;
        }
    }
    print(out, state);
}

void show_verdict(const json_t *verdict, FILE *out)
{
    print_line(out, "", show_message(json_object_get(verdict, "message")));
    print_line(out, "", show_message(json_object_get(verdict, "detail")));
    if (text_equal(show_text(verdict, "service"), "off"))
        print_line(out, "", "Updates are switched off.");
}

enum { STATE = 2, COLUMNS = 5, CELL_MAX = 60 };
struct row {
    char *cells[COLUMNS]; /* owned */
};

static char *published_of(const json_t *host)
{
    struct buf out;
    size_t i;
    const json_t *record;

    buf_init(&out, 4096);
    json_array_foreach(json_object_get(host, "records"), i, record)
    {
        const json_t *set = json_object_get(record, "published");
        if (json_array_size(set) > 0) {
            char *text = show_set(set);
            buf_format(&out, "%s%s", out.len > 0 ? ", " : "", text);
            mem_free(text);
        }
    }
    char *text = mem_text(buf_str(&out));
    buf_free(&out);
    return text;
}

static const char *name_of(const json_t *host)
{
    const char *unicode = show_text(host, "unicode");
    return unicode[0] != '\0' ? unicode : show_text(host, "hostname");
}

static void fill_row(const json_t *host, struct row *row)
{
    const json_t *provider = json_object_get(host, "provider");
    const char *id = show_text(provider, "id");

    row->cells[0] = mem_text(name_of(host));
    row->cells[1] = mem_text(id[0] != '\0' ? id : show_text(provider, "protocol"));
    row->cells[STATE] =
        mem_text(text_equal(show_text(host, "enabled"), "no") ? "off" : show_text(host, "state"));
    row->cells[3] = published_of(host);
    row->cells[4] = mem_text(show_text(host, "description"));
}

/* Width on the terminal: UTF-8 characters, not bytes. */
static size_t width_of(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

void show_hosts(const json_t *items, FILE *out)
{
    static const char *const titles[COLUMNS] = {"HOSTNAME", "PROVIDER", "STATE", "PUBLISHED",
                                                "DESCRIPTION"};
    size_t count = json_array_size(items);
    struct row *rows = mem_array(count + 1, sizeof *rows);
    size_t widths[COLUMNS] = {0};

    for (size_t c = 0; c < COLUMNS; c++)
        rows[0].cells[c] = mem_text(titles[c]);
    for (size_t i = 0; i < count; i++)
        fill_row(json_array_get(items, i), &rows[i + 1]);
    for (size_t i = 0; i <= count; i++)
        for (size_t c = 0; c < COLUMNS; c++) {
            size_t w = width_of(rows[i].cells[c]);
            if (w > widths[c] && w <= CELL_MAX)
                widths[c] = w;
        }
    for (size_t i = 0; i <= count; i++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            size_t w = width_of(rows[i].cells[c]);
            (c == STATE ? print_state : print)(out, rows[i].cells[c]);
            if (c + 1 < COLUMNS)
                fprintf(out, "%*s", (int)(w < widths[c] ? widths[c] - w + 2 : 2), "");
            mem_free(rows[i].cells[c]);
        }
        fputc('\n', out);
    }
    mem_free(rows);
}

static void show_verified(const json_t *v, FILE *out)
{
    char time[SHOW_TIME_MAX];
    const char *state = show_text(v, "state");

    if (!text_equal(state, "agrees") && !text_equal(state, "differs"))
        return;
    if (text_equal(show_text(v, "by"), "provider"))
        fprintf(out, "        the provider %s (%s)\n", state,
                show_time(json_object_get(v, "at"), time));
    else
        fprintf(out, "        the DNS %s (%d of %d servers, %s)\n", state,
                (int)json_integer_value(json_object_get(v, "agree")),
                (int)json_integer_value(json_object_get(v, "servers")),
                show_time(json_object_get(v, "at"), time));
}

static void show_record(const json_t *record, FILE *out)
{
    char *wanted = show_set(json_object_get(record, "wanted"));
    char *published = show_set(json_object_get(record, "published"));
    char time[SHOW_TIME_MAX];
    const char *source = show_text(record, "source");

    fprintf(out, "    %-5s ", show_text(record, "type"));
    print_state(out, show_text(record, "state"));
    fputc('\n', out);
    print_line(out, "        ", show_message(json_object_get(record, "reason")));
    fprintf(out, "        wanted    %s%s%s\n", wanted, source[0] != '\0' ? ", from " : "", source);
    fprintf(out, "        published %s", published);
    if (json_is_number(json_object_get(record, "published_at")))
        fprintf(out, ", %s", show_time(json_object_get(record, "published_at"), time));
    fputc('\n', out);
    show_verified(json_object_get(record, "verified"), out);
    mem_free(wanted);
    mem_free(published);
}

void show_host(const json_t *host, FILE *out)
{
    const json_t *provider = json_object_get(host, "provider");
    const char *name = show_text(provider, "name"), *account = show_text(host, "account");
    char time[SHOW_TIME_MAX];
    const json_t *record;
    size_t i;

    print(out, name_of(host));
    fputs(": ", out);
    print_state(out, show_text(host, "state"));
    fputc('\n', out);
    print_line(out, "    ", show_text(host, "description"));
    fprintf(out, "    at %s%s%s\n", name[0] != '\0' ? name : show_text(provider, "protocol"),
            account[0] != '\0' ? ", account " : "", account);
    if (json_array_size(json_object_get(host, "records")) != 1) /* else the record says it */
        print_line(out, "    ", show_message(json_object_get(host, "reason")));
    print_line(out, "    ", show_message(json_object_get(host, "next")));
    if (json_is_number(json_object_get(host, "next_at")))
        fprintf(out, "    next: %s\n", show_time(json_object_get(host, "next_at"), time));
    json_array_foreach(json_object_get(host, "records"), i, record) show_record(record, out);
}

void show_events(const json_t *events, FILE *out)
{
    size_t i;
    const json_t *e;

    json_array_foreach(events, i, e)
    {
        char time[SHOW_TIME_MAX];
        fprintf(out, "%s  ", show_time(json_object_get(e, "at"), time));
        const char *family = show_text(e, "family"), *text = show_text(e, "text");
        if (family[0] != '\0')
            fprintf(out, "%s ", family);
        if (text[0] != '\0') {
            print(out, text);
        } else {
            print(out, show_text(e, "kind"));
            const char *new = show_text(e, "new");
            fprintf(out, " %s%s%s", show_text(e, "old"), new[0] != '\0' ? " -> " : "", new);
        }
        fputc('\n', out);
    }
}

int show_status(const json_t *counts)
{
    static const struct {
        const char *state;
        int status;
    } worst[] = {
        {"needs-you", STATUS_BLOCKED}, {"waiting", STATUS_FAILED}, {"unknown", STATUS_ADDRESS}};

    for (size_t i = 0; i < sizeof worst / sizeof worst[0]; i++)
        if (json_integer_value(json_object_get(counts, worst[i].state)) > 0)
            return worst[i].status;
    return STATUS_RIGHT;
}
