/*
 * SPDX-License-Identifier: ISC
 */
/* The words of messages: one table of titles, a line for each hostname, a mail's headers. */
#include "engine/post_inside.h"

#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/show.h"

enum { LINES_MOST = 20, ID_BYTES = 8 };

struct words {
    const char *level;
    const char *one, *many; /* {host}, {count}, {since}, {now} */
    const char *end;        /* behind the lines; NULL: nothing */
};

static const struct words words[NOTICE_EVENTS] = {
    [NOTICE_CHANGED] = {"plain", "{host} is now {now}", "{count} hostnames are now {now}", NULL},
    [NOTICE_FAILING] = {"bad", "{host} can not be updated, since {since}",
                        "{count} hostnames can not be updated, since {since}",
                        "homing keeps trying."},
    [NOTICE_RECOVERED] = {"good", "{host} is right again", "{count} hostnames are right again",
                          NULL},
    [NOTICE_BLOCKED] = {"urgent", "{host} needs you", "{count} hostnames need you",
                        "Nothing is sent for this until you act."},
    [NOTICE_LOST] = {"bad", "{host} has lost an address, since {since}",
                     "{count} hostnames have lost an address, since {since}",
                     "What is published stays as it is."},
    [NOTICE_BACK] = {"good", "{host} has its address again",
                     "{count} hostnames have their address again", NULL},
    [NOTICE_EXPIRING] = {"bad", "The credentials for {host} end: {since}",
                         "The credentials of {count} accounts end, the first: {since}",
                         "Make new ones at the provider, and enter them."},
};

/* Of those that fail although all was sent, or nothing is to be sent; and of both sorts. */
static const struct words in_vain = {"bad", "The DNS says something else for {host}, since {since}",
                                     "The DNS says something else for {count} hostnames, since "
                                     "{since}",
                                     NULL},
                          mixed = {"bad", "{host} is not right, since {since}",
                                   "{count} hostnames are not right, since {since}",
                                   "homing keeps trying where there is something to send."};

/* Of those that have ended. */
static const struct words ended = {"urgent", "The credentials for {host} have ended, {since}",
                                   "The credentials of {count} accounts have ended",
                                   "Make new ones at the provider, and enter them."};

/* ---- facts ---- */

static const struct entry *entry_of(const struct post *p, const struct notice_item *item)
{
    return engine_entry(p->seams.engine, item->entry);
}

/* The hostname, or of what is not an entry (any more) what stands before the first "@". */
static char *host_of(const struct post *p, const struct notice_item *item)
{
    const struct entry *entry = entry_of(p, item);

    return entry != NULL ? mem_text(entry_name(entry))
                         : mem_text_n(item->entry, strcspn(item->entry, "@"));
}

char *text_reason(const struct engine *e, const struct entry *entry, enum family f)
{
    struct shown shown;

    if (entry->bar == BAR_WATCH)
        return mem_text("The DNS says something else; homing only watches it");
    show_record(e, entry, f, &shown);
    json_t *message = message_new(shown.reason, &shown.values);
    const char *text = json_string_value(json_object_get(message, "text"));
    const char *say = shown.values.say;
    char *out = say != NULL && say[0] != '\0' ? mem_format("%s: %s", text, say) : mem_text(text);

    json_decref(message);
    return out;
}

static bool have_ended(const struct notice_message *m, msec wall)
{
    bool all = m->count == m->item_count;

    for (size_t i = 0; i < m->item_count; i++)
        all = all && m->items[i].since <= wall;
    return all;
}

static const struct words *words_of(const struct post *p, const struct notice_message *m)
{
    size_t vain = 0;

    if (m->event == NOTICE_EXPIRING && have_ended(m, post_now(p).wall))
        return &ended;

    for (size_t i = 0; m->event == NOTICE_FAILING && i < m->item_count; i++) {
        const struct entry *entry = entry_of(p, &m->items[i]);
        vain += entry != NULL && post_in_vain(p->seams.engine, entry);
    }
    return vain == 0 ? &words[m->event] : vain == m->count ? &in_vain : &mixed;
}

/* How many different hostnames it tells of. Items of one hostname stand together. */
static size_t host_count(const struct notice_message *m)
{
    size_t count = m->count - m->item_count;

    for (size_t i = 0; i < m->item_count; i++)
        count += i == 0 || !text_equal(m->items[i].entry, m->items[i - 1].entry);
    return count;
}

static bool same_address(const struct notice_message *m)
{
    for (size_t i = 1; i < m->item_count; i++)
        if (!addrset_equal(&m->items[i].now, &m->items[0].now))
            return false;
    return m->count == m->item_count && m->items[0].now.count > 0;
}

static bool all_gone(const struct notice_message *m)
{
    bool gone = m->count == m->item_count;

    for (size_t i = 0; i < m->item_count; i++)
        gone = gone && m->items[i].now.count == 0;
    return gone;
}

/* ---- the title ---- */

static void fill(const struct post *p, const char *form, const struct notice_message *m,
                 struct buf *out)
{
    char set[ADDRSET_TEXT_MAX];

    while (*form != '\0') {
        size_t n = strcspn(form, "{");
        buf_add(out, form, n);
        form += n;
        if (text_starts(form, "{host}")) {
            char *host = host_of(p, &m->items[0]);
            buf_text(out, host);
            mem_free(host);
        } else if (text_starts(form, "{count}")) {
            buf_format(out, "%zu", host_count(m));
        } else if (text_starts(form, "{since}")) {
            message_time(out, m->at);
        } else if (text_starts(form, "{now}")) {
            buf_text(out, addrset_text(&m->items[0].now, set));
        }
        n = strcspn(form, "}");
        form += form[n] == '}' ? n + 1 : n;
    }
}

static char *title_of(const struct post *p, const struct notice_message *m)
{
    const char *one = words_of(p, m)->one, *many = words_of(p, m)->many;
    struct buf out;

    if (m->event == NOTICE_CHANGED && all_gone(m)) {
        one = m->count == 1 ? "{host} has no such address any more"
                            : "{host} has no address any more";
        many = "{count} hostnames have no such address any more";
    } else if (m->event == NOTICE_CHANGED && !same_address(m)) {
        one = "{host} has new addresses";
        many = "{count} hostnames have new addresses";
    }
    buf_init(&out, POST_TITLE);
    fill(p, host_count(m) == 1 ? one : many, m, &out);
    return buf_take(&out);
}

/* ---- the lines ---- */

static void changed_line(const struct notice_item *item, struct buf *line)
{
    char old[ADDRSET_TEXT_MAX], now[ADDRSET_TEXT_MAX];

    buf_format(line, ": %s %s, was %s", family_name(item->family), addrset_text(&item->now, now),
               addrset_text(&item->old, old));
    if (item->times > 1)
        buf_format(line, ", changed %u times meanwhile", item->times);
}

static void state_line(const struct notice_message *m, const struct notice_item *item,
                       struct buf *line)
{
    if (m->event == NOTICE_RECOVERED || m->event == NOTICE_BACK) {
        buf_text(line, ", in trouble since ");
        message_time(line, item->since);
    }
    if (item->reason != NULL)
        buf_format(line, ": %s", item->reason);
}

static char *line_of(const struct post *p, const struct notice_message *m,
                     const struct notice_item *item)
{
    const struct entry *entry = entry_of(p, item);
    char *host = host_of(p, item);
    struct buf line;

    buf_init(&line, POST_TEXT);
    buf_text(&line, host);
    if (entry != NULL)
        buf_format(&line, " (%s)", show_provider(p->seams.engine, entry));
    if (m->event == NOTICE_CHANGED)
        changed_line(item, &line);
    else if (m->event == NOTICE_EXPIRING) {
        buf_text(&line, ": ");
        message_time(&line, item->since);
    } else
        state_line(m, item, &line);
    mem_free(host);
    return buf_take(&line);
}

static char *lines_of(const struct post *p, const struct notice_message *m)
{
    const char *end = words_of(p, m)->end;
    size_t reserve = 60 + (end != NULL ? strlen(end) : 0), told = 0;
    struct buf out;

    buf_init(&out, POST_TEXT);
    for (; told < m->item_count && told < LINES_MOST; told++) {
        char *line = line_of(p, m, &m->items[told]);
        bool fits = out.len + strlen(line) + 1 + reserve < POST_TEXT;
        if (fits)
            buf_format(&out, "%s%s", out.len > 0 ? "\n" : "", line);
        mem_free(line);
        if (!fits)
            break;
    }
    if (told < m->count)
        buf_format(&out, "\n... and %zu more.", m->count - told);
    if (end != NULL)
        buf_format(&out, "\n%s", end);
    return buf_take(&out);
}

/* ---- for programs ---- */

static json_t *host_doc(const struct post *p, const struct notice_message *m,
                        const struct notice_item *item)
{
    const struct entry *entry = entry_of(p, item);
    char set[ADDRSET_TEXT_MAX], *host = host_of(p, item);
    json_t *doc = json_pack("{s:s}", "hostname", host);

    mem_free(host);
    if (entry != NULL)
        json_object_set_new(doc, "provider", message_text(show_provider(p->seams.engine, entry)));
    if (m->event == NOTICE_CHANGED) {
        json_object_set_new(doc, "family", json_string(family_name(item->family)));
        json_object_set_new(doc, "new", json_string(addrset_text(&item->now, set)));
        json_object_set_new(doc, "old", json_string(addrset_text(&item->old, set)));
    } else {
        json_object_set_new(doc, "since", json_integer(item->since / SECOND));
        if (item->reason != NULL)
            json_object_set_new(doc, "reason", message_text(item->reason));
    }
    return doc;
}

static struct letter *new_letter(const struct post *p, const char *event, const char *level)
{
    struct net *net = p->seams.engine->seams.net;
    struct letter *l = mem_alloc(sizeof *l);
    uint8_t bytes[ID_BYTES];
    struct buf id;

    net->ops->random(net, bytes, sizeof bytes);
    buf_init(&id, 2 * ID_BYTES);
    text_add_hex(&id, bytes, sizeof bytes);
    l->id = buf_take(&id);
    l->made = post_now(p).wall;
    l->event = mem_text(event);
    l->level = mem_text(level);
    l->hosts = json_array();
    return l;
}

struct letter *text_letter(const struct post *p, const struct notice_message *m)
{
    struct letter *l = new_letter(p, notice_event_name(m->event), words_of(p, m)->level);

    l->title = title_of(p, m);
    l->text = lines_of(p, m);
    l->at = m->event == NOTICE_CHANGED ? m->at : l->made;
    for (size_t i = 0; i < m->item_count; i++)
        json_array_append_new(l->hosts, host_doc(p, m, &m->items[i]));
    return l;
}

struct letter *text_test(const struct post *p)
{
    struct letter *l = new_letter(p, "test", "plain");

    l->title = mem_text("A test of homing");
    l->text = p->seams.machine != NULL
                  ? mem_format("What homing on %s has to tell arrives here.", p->seams.machine)
                  : mem_text("What homing has to tell arrives here.");
    l->at = l->made;
    return l;
}

char *text_now(const struct receiver *r, const struct letter *l, msec wall)
{
    struct buf out;

    buf_init(&out, 2 * POST_TEXT);
    buf_text(&out, l->text);
    if (wall - l->made > POST_HELD) {
        char length[24];
        buf_format(&out, "\nThis is %s old: there was no way to tell you before.",
                   clock_length_text(wall - l->made, length));
    }
    if (r->lost > 0)
        buf_format(&out, "\n%u older message%s could not be kept.", r->lost,
                   r->lost == 1 ? "" : "s");
    return buf_take(&out);
}

/* ---- mail ---- */

/* A header's value stays on its line, and is ASCII. */
static void add_header(struct buf *out, const char *name, const char *value)
{
    buf_format(out, "%s: ", name);
    for (; *value != '\0'; value++)
        buf_char(out, (unsigned char)*value >= 0x20 && (unsigned char)*value < 0x7f ? *value : '?');
    buf_char(out, '\n');
}

char *text_mail(const struct receiver *r, const struct letter *l, const char *text, msec wall)
{
    const char *machine = r->post->seams.machine != NULL ? r->post->seams.machine : "localhost";
    const char *from = conf_text(&r->view, "mail-from");
    const char *to = conf_text(&r->view, "to");
    char date[64] = "", *sender, *id = mem_format("<%s@%s>", l->id, machine);
    time_t seconds = (time_t)(wall / SECOND);
    struct tm tm;
    struct buf out;

    sender = from != NULL && from[0] != '\0' ? mem_text(from) : mem_format("homing@%s", machine);
    buf_init(&out, 16 * POST_TEXT);
    add_header(&out, "To", to != NULL ? to : "");
    add_header(&out, "From", sender);
    add_header(&out, "Subject", l->title);
    /* RFC 5322, 3.3; names are English, as the C locale is never left. */
    if (localtime_r(&seconds, &tm) != NULL &&
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S %z", &tm) > 0)
        add_header(&out, "Date", date);
    add_header(&out, "Message-ID", id);
    buf_text(&out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                   "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n");
    buf_format(&out, "%s\n\n-- \nhoming on %s\n", text, machine);
    mem_free(id);
    mem_free(sender);
    return buf_take(&out);
}
