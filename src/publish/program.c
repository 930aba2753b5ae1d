/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/program.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "publish/dyndns2.h"
#include "publish/provider.h"
#include "publish/step.h"

/* Of what it says for people, at most this much is kept. */
enum { MESSAGE_MOST = 300 };

static const char setting[] = "program";

struct step {
    const struct job *job;
    const struct provider_info *info;
    size_t open; /* requests without a reply yet */
};

static void *start(const struct job *job, const struct provider *provider)
{
    struct step *s = mem_alloc(sizeof *s);

    *s = (struct step){.job = job, .info = provider_info(provider)};
    return s;
}

/* ---- What it is told ---- */

static void add_value(struct marked *out, const json_t *value, bool secret)
{
    char *text = mem_given(json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY));

    marked_add(out, text, strlen(text), secret);
    free(text);
}

/* Nothing that the program is told is missing for want of memory. */
static void append(json_t *list, json_t *item)
{
    if (json_array_append_new(mem_given(list), mem_given(item)) != 0)
        mem_given(NULL);
}

static json_t *addresses(const struct addrset *set)
{
    json_t *list = json_array();
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < set->count; i++)
        append(list, json_string(addr_text(&set->items[i], text)));
    return list;
}

/* What is not known is left out: it must stay as it is. */
static json_t *records_of(const struct member *m)
{
    json_t *records = json_array();

    for (int f = 0; f < FAMILIES; f++) {
        const struct want *w = &m->want[f];
        if (!w->known)
            continue;
        append(records, json_pack("{s:s, s:b, s:o, s:o}", "type", family_type((enum family)f),
                                  "due", w->due, "addresses", addresses(&w->wanted), "published",
                                  w->published_known ? addresses(&w->published) : json_null()));
    }
    return records;
}

/* The settings of this hostname that the provider's file lists, and no other's. Bytes that are no
 * UTF-8 can not stand in JSON: such a value is left out. */
static void add_settings(const struct step *s, const struct member *m, struct marked *out)
{
    bool first = true;

    marked_text(out, "{");
    for (size_t i = 0; i < s->info->field_count; i++) {
        const struct provider_field *f = &s->info->fields[i];
        const char *value = view_get(&m->settings, f->name);
        json_t *text = value != NULL && !text_equal(f->name, setting) ? json_string(value) : NULL;
        if (text == NULL)
            continue;
        marked_text(out, first ? "\"" : ",\"");
        marked_text(out, f->name);
        marked_text(out, "\":");
        add_value(out, text, f->secret);
        json_decref(text);
        first = false;
    }
    marked_text(out, "}");
}

static void ask(struct step *s, size_t member, struct step_out *out)
{
    const struct member *m = &s->job->members[member];
    struct request *r = step_request(out, REQUEST_RUN);
    json_t *host = json_string(m->hostname), *records = records_of(m);

    r->tag = (uint32_t)member;
    r->writes = true;
    r->about = mem_text("publish the addresses");
    r->entry = mem_text(view_get(&m->settings, "@id"));
    r->setting = mem_text(setting);
    r->has_body = true;
    marked_text(&r->body, "{\"version\":1,\"host\":");
    add_value(&r->body, host, false);
    marked_text(&r->body, ",\"records\":");
    add_value(&r->body, records, false);
    marked_text(&r->body, ",\"settings\":");
    add_settings(s, m, &r->body);
    marked_text(&r->body, "}\n");
    json_decref(host);
    json_decref(records);
    s->open++;
}

/* ---- What it answers ---- */

static bool may_say(enum outcome_class cls)
{
    switch (cls) {
    case OUTCOME_EXISTS: /* these are between us and an API */
    case OUTCOME_NONE:
    case OUTCOME_NO_RECORD:
    case OUTCOME_SESSION:
    case OUTCOME_CLOCK:
    case OUTCOME_TOO_LONG:
    case OUTCOME_AGENT:
        return false;
    default:
        return true;
    }
}

/* A word of the list of outcomes, or one of dyndns2's. */
static bool word_class(const char *word, size_t n, enum outcome_class *cls, msec *wait)
{
    char *name = mem_text_n(word, n);
    bool known = outcome_class_parse(name, cls);

    mem_free(name);
    *wait = 0;
    if (!known) {
        *cls = dyndns2_word(word, n, wait);
        known = *cls != OUTCOME_UNKNOWN;
    }
    return known && may_say(*cls);
}

static size_t word_at(const char **text, const char *end)
{
    while (*text < end && text_is_space(**text))
        ++*text;
    const char *to = *text;
    while (to < end && !text_is_space(*to))
        to++;
    return (size_t)(to - *text);
}

/* One line for people, without the secrets that it was given. Owned. */
static char *clean(const struct step *s, const struct member *m, const char *text, size_t n)
{
    struct marked secrets;
    struct buf hidden, line;

    marked_init(&secrets);
    for (size_t i = 0; i < s->info->field_count; i++) {
        const char *value = view_get(&m->settings, s->info->fields[i].name);
        if (value == NULL || !s->info->fields[i].secret)
            continue;
        marked_encoded(&secrets, value);
    }
    buf_init(&hidden, 3 * n + 1); /* a secret has four bytes, its dots nine */
    buf_init(&line, 2 * MESSAGE_MOST);
    marked_hide(&secrets, text, n, &hidden);
    text_add_line(&line, buf_str(&hidden), hidden.len < MESSAGE_MOST ? hidden.len : MESSAGE_MOST);
    marked_free(&secrets);
    buf_wipe(&hidden);
    char *said = buf_take(&line);
    buf_free(&line);
    return said;
}

struct answer {
    const struct member *m;
    int member, status;
    unsigned families; /* that were due and have no word yet */
};

/* "[A|AAAA] WORD [message]". False: it is no such line. */
static bool take_line(const struct step *s, struct answer *a, const char *line, size_t n,
                      struct step_out *out)
{
    const char *end = line + n, *word = line;
    size_t length = word_at(&word, end);
    unsigned families = a->families;
    enum outcome_class cls;
    msec wait;

    for (unsigned f = 0; f < FAMILIES; f++) {
        const char *type = family_type((enum family)f);
        if (length != strlen(type) || memcmp(word, type, length) != 0)
            continue;
        families &= FAMILY_BIT(f);
        word += length;
        length = word_at(&word, end);
        break;
    }
    if (length == 0 || !word_class(word, length, &cls, &wait))
        return false;
    if (families == 0)
        return true; /* about a record that was not due, or the second word about one */
    const char *message = word + length;
    char *say = clean(s, a->m, message, (size_t)(end - message));
    a->families &= ~families;
    if (outcome_is_good(cls) && a->status != 0)
        step_outcome(out, a->member, families, OUTCOME_SERVER,
                     "The program said \"%.*s\", but ended with status %d.", (int)length, word,
                     a->status);
    else
        step_outcome(out, a->member, families, cls, say[0] != '\0' ? "%s" : NULL, say)->wait = wait;
    mem_free(say);
    return true;
}

static void take_output(const struct step *s, struct answer *a, const struct buf *body,
                        struct step_out *out)
{
    const char *text = buf_str(body), *end = text + body->len;

    while (text < end && a->families != 0) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop != NULL ? stop : end;
        const char *word = text;
        if (word_at(&word, stop) > 0 && !take_line(s, a, text, (size_t)(stop - text), out))
            break;
        text = stop + 1;
    }
    if (a->families == 0)
        return;
    char *rest = text < end ? clean(s, a->m, text, (size_t)(end - text)) : mem_text("");
    if (a->status != 0)
        step_outcome(out, a->member, a->families, OUTCOME_SERVER,
                     "The program ended with status %d%s%s%s", a->status,
                     rest[0] != '\0' ? " and said: " : ".", rest, "");
    else if (rest[0] != '\0')
        step_outcome(out, a->member, a->families, OUTCOME_UNKNOWN,
                     "The program answered without an outcome word: %s", rest);
    else
        step_outcome(out, a->member, a->families, OUTCOME_UNKNOWN, "The program said nothing.");
    mem_free(rest);
}

static unsigned due_of(const struct member *m)
{
    unsigned due = 0;

    for (unsigned f = 0; f < FAMILIES; f++)
        if (m->want[f].due)
            due |= FAMILY_BIT(f);
    return due;
}

static void take(struct step *s, const struct reply *reply, struct step_out *out)
{
    const struct member *m = &s->job->members[reply->tag];
    struct answer a = {m, (int)reply->tag, reply->status, due_of(m)};

    s->open--;
    if (reply->error == NET_OK) {
        take_output(s, &a, &reply->body, out);
        return;
    }
    enum outcome_class cls = step_class_of_error(NULL, reply, NULL);
    if (reply->error == NET_DRY)
        step_outcome(out, a.member, a.families, cls, NULL);
    else
        step_outcome(out, a.member, a.families, cls, "The program did not do it: %s.",
                     reply->detail != NULL ? reply->detail : net_error_text(reply->error));
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    struct step *s = step;

    for (size_t i = 0; in->event == STEP_START && i < s->job->member_count; i++)
        if (due_of(&s->job->members[i]) != 0)
            ask(s, i, out);
    if (in->event == STEP_REPLY)
        take(s, in->reply, out);
    out->done = s->open == 0; /* a program that runs is waited for, also after a cancel */
}

const struct protocol protocol_program = {"program", start, go, mem_free, REQUEST_RUN};
