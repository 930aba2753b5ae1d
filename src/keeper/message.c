/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/message.h"

#include <string.h>

#include "base/mem.h"

/*
 * On the wire, all numbers big-endian: length of what follows the head (4), type (1), zeros (3),
 * id (4), then the fields. A number is 4 bytes; bytes are a length and so many bytes; a text
 * likewise, without NUL inside and with one after it that its length does not count, so that it can
 * be used in place; a list is a count and so many texts.
 */
enum { HEAD = 12 };

enum field_kind { FIELD_END, FIELD_NUMBER, FIELD_TEXT, FIELD_BYTES, FIELD_TEXTS };
struct field {
    enum field_kind kind;
    size_t offset;
    uint32_t below; /* of a number: the first that is too large; 0: all are fine */
};
enum { FIELDS_MAX = 12 };
struct shape {
    const char *name;
    enum message_side from;
    size_t max; /* of the length */
    struct field fields[FIELDS_MAX];
};

#define AT(member) offsetof(struct message, of.member)
#define NUMBER(member, below)                                                                      \
    {                                                                                              \
        FIELD_NUMBER, AT(member), below                                                            \
    }
#define TEXT(member)                                                                               \
    {                                                                                              \
        FIELD_TEXT, AT(member), 0                                                                  \
    }
#define BYTES(member)                                                                              \
    {                                                                                              \
        FIELD_BYTES, AT(member), 0                                                                 \
    }
#define TEXTS(member)                                                                              \
    {                                                                                              \
        FIELD_TEXTS, AT(member), 0                                                                 \
    }

/* clang-format off */
static const struct shape shapes[MESSAGE_TYPES] = {
    [MESSAGE_CONF] = {"conf", SIDE_KEEPER, MESSAGE_CONF_MAX,
        {TEXT(conf.version), TEXT(conf.path), TEXT(conf.why), NUMBER(conf.how, CONF_HOWS),
         BYTES(conf.bytes), TEXTS(conf.given)}},
    [MESSAGE_WISH] = {"wish", SIDE_KEEPER, 64, {NUMBER(wish.wish, WISHES)}},
    [MESSAGE_EDITED] = {"edited", SIDE_KEEPER, 8 << 10,
        {NUMBER(edited.error, ERR_COUNT), TEXT(edited.version), TEXT(edited.why),
         NUMBER(edited.shared, 4), NUMBER(edited.hostnames, 0), NUMBER(edited.line, 0),
         NUMBER(edited.stale, 2), NUMBER(edited.system, 2), NUMBER(edited.secrets_cleared, 2),
         NUMBER(edited.restart, 2), TEXT(edited.setting), TEXT(edited.entry)}},
    [MESSAGE_RAN] = {"ran", SIDE_KEEPER, 80 << 10,
        {NUMBER(ran.error, ERR_COUNT), NUMBER(ran.status, 0), BYTES(ran.output), TEXT(ran.why)}},
    [MESSAGE_READY] = {"ready", SIDE_WORKER, 64, {{FIELD_END, 0, 0}}},
    [MESSAGE_STATUS] = {"status", SIDE_WORKER, 4 << 10, {TEXT(status.text)}},
    [MESSAGE_VERDICT] = {"verdict", SIDE_WORKER, 4 << 10,
        {TEXT(verdict.version), NUMBER(verdict.good, 2)}},
    [MESSAGE_EDIT] = {"edit", SIDE_WORKER, 4 << 20,
        {NUMBER(edit.what, MESSAGE_EDITS), NUMBER(edit.of, 3), NUMBER(edit.share, 3),
         TEXT(edit.target), TEXT(edit.version), TEXTS(edit.changes)}},
    [MESSAGE_AGAIN] = {"again", SIDE_KEEPER, 256,
        {NUMBER(again.count, 0), NUMBER(again.seconds, 0), TEXT(again.why)}},
    [MESSAGE_RUN] = {"run", SIDE_WORKER, 64 << 10,
        {TEXT(run.entry), TEXT(run.setting), NUMBER(run.limit, 0), TEXTS(run.args),
         TEXTS(run.env), BYTES(run.input)}},
};
/* clang-format on */

const char *message_name(enum message_type type)
{
    return type > 0 && type < MESSAGE_TYPES ? shapes[type].name : "unknown";
}

static void *member(struct message *m, const struct field *f)
{
    return (char *)m + f->offset;
}

static const void *const_member(const struct message *m, const struct field *f)
{
    return (const char *)m + f->offset;
}

/* ---- Writing ---- */

static bool write_number(struct buf *out, uint32_t n)
{
    const uint8_t bytes[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                              (uint8_t)n};
    return buf_add(out, bytes, sizeof bytes);
}

static bool write_text(struct buf *out, const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;
    return n <= MESSAGE_CONF_MAX && write_number(out, (uint32_t)n) && buf_add(out, s, n) &&
           buf_char(out, '\0');
}

static bool write_field(const struct message *m, const struct field *f, struct buf *out)
{
    const void *p = const_member(m, f);
    const struct message_bytes *bytes = p;
    const struct message_texts *texts = p;

    switch (f->kind) {
    case FIELD_NUMBER:
        return write_number(out, *(const uint32_t *)p);
    case FIELD_TEXT:
        return write_text(out, *(const char *const *)p);
    case FIELD_BYTES:
        return bytes->len <= MESSAGE_CONF_MAX && write_number(out, (uint32_t)bytes->len) &&
               buf_add(out, bytes->data, bytes->len);
    case FIELD_TEXTS:
        if (texts->count > MESSAGE_TEXTS_MAX || !write_number(out, (uint32_t)texts->count))
            return false;
        for (size_t i = 0; i < texts->count; i++)
            if (!write_text(out, texts->items[i]))
                return false;
        return true;
    case FIELD_END:
        break;
    }
    return true;
}

bool message_write(const struct message *m, struct buf *out)
{
    const struct shape *shape = &shapes[m->type];
    const uint8_t type[4] = {(uint8_t)m->type, 0, 0, 0};
    struct buf body;
    bool fits = true;

    buf_init(&body, shape->max);
    for (int i = 0; i < FIELDS_MAX && shape->fields[i].kind != FIELD_END && fits; i++)
        fits = write_field(m, &shape->fields[i], &body);
    fits = fits && body.len + HEAD <= out->max - out->len &&
           write_number(out, (uint32_t)body.len) && buf_add(out, type, sizeof type) &&
           write_number(out, m->id) && buf_add(out, body.data, body.len);
    buf_wipe(&body);
    return fits;
}

/* ---- Reading ---- */

struct cursor {
    const char *p, *end;
};

static bool read_number(struct cursor *c, uint32_t *out)
{
    if (c->end - c->p < 4)
        return false;
    const uint8_t *b = (const uint8_t *)c->p;
    *out = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    c->p += 4;
    return true;
}

static bool read_text(struct cursor *c, const char **out)
{
    uint32_t n;

    if (!read_number(c, &n) || (size_t)(c->end - c->p) < (size_t)n + 1)
        return false;
    if (c->p[n] != '\0' || memchr(c->p, '\0', n) != NULL)
        return false;
    *out = c->p;
    c->p += n + 1;
    return true;
}

static bool read_bytes(struct cursor *c, struct message_bytes *out)
{
    uint32_t n;

    if (!read_number(c, &n) || (size_t)(c->end - c->p) < n)
        return false;
    *out = (struct message_bytes){c->p, n};
    c->p += n;
    return true;
}

static bool read_texts(struct cursor *c, struct message_texts *out)
{
    uint32_t count;

    /* Each takes five bytes at least, so a lie about the count allocates nothing. */
    if (!read_number(c, &count) || count > MESSAGE_TEXTS_MAX || (size_t)(c->end - c->p) / 5 < count)
        return false;
    out->items = mem_array(count + 1, sizeof *out->items);
    out->count = count;
    for (uint32_t i = 0; i < count; i++)
        if (!read_text(c, &out->items[i]))
            return false;
    return true;
}

static bool read_field(struct cursor *c, struct message *m, const struct field *f)
{
    void *p = member(m, f);

    switch (f->kind) {
    case FIELD_NUMBER:
        return read_number(c, p) && (f->below == 0 || *(uint32_t *)p < f->below);
    case FIELD_TEXT:
        return read_text(c, p);
    case FIELD_BYTES:
        return read_bytes(c, p);
    case FIELD_TEXTS:
        return read_texts(c, p);
    case FIELD_END:
        break;
    }
    return true;
}

void message_reader_init(struct message_reader *r, enum message_side from)
{
    *r = (struct message_reader){.from = from};
    buf_init(&r->bytes, MESSAGE_CONF_MAX + 2 * HEAD + (64 << 10));
}

void message_reader_fini(struct message_reader *r)
{
    buf_wipe(&r->bytes);
}

/* Forgets what was consumed. */
static void compact(struct message_reader *r)
{
    if (r->at == 0)
        return;
    size_t left = r->bytes.len - r->at;
    memmove(r->bytes.data, r->bytes.data + r->at, left);
    mem_wipe(r->bytes.data + left, r->at);
    r->bytes.len = left;
    r->at = 0;
}

bool message_reader_add(struct message_reader *r, const void *bytes, size_t n)
{
    compact(r);
    return buf_add(&r->bytes, bytes, n);
}

enum err message_next(struct message_reader *r, struct message *m)
{
    size_t have = r->bytes.len - r->at;
    uint32_t length;

    *m = (struct message){0};
    if (have < HEAD) {
        compact(r);
        return ERR_NOT_FOUND;
    }
    const char *head = r->bytes.data + r->at;
    struct cursor c = {head, head + HEAD};
    read_number(&c, &length);
    uint8_t type = (uint8_t)head[4];
    if (type == 0 || type >= MESSAGE_TYPES || head[5] != 0 || head[6] != 0 || head[7] != 0)
        return ERR_SYNTAX;
    const struct shape *shape = &shapes[type];
    if (shape->from != r->from || length > shape->max)
        return ERR_SYNTAX;
    if (have - HEAD < length) {
        compact(r);
        return ERR_NOT_FOUND;
    }
    m->type = type;
    c = (struct cursor){head + 8, head + HEAD};
    read_number(&c, &m->id);
    c.end = head + HEAD + length;
    for (int i = 0; i < FIELDS_MAX && shape->fields[i].kind != FIELD_END; i++) {
        if (!read_field(&c, m, &shape->fields[i])) {
            message_done(m);
            return ERR_SYNTAX;
        }
    }
    if (c.p != c.end) {
        message_done(m);
        return ERR_SYNTAX;
    }
    r->at += HEAD + length;
    return OK;
}

void message_done(struct message *m)
{
    if (m->type > 0 && m->type < MESSAGE_TYPES) {
        for (int i = 0; i < FIELDS_MAX; i++) {
            const struct field *f = &shapes[m->type].fields[i];
            if (f->kind == FIELD_TEXTS)
                mem_free(((struct message_texts *)member(m, f))->items);
        }
    }
    *m = (struct message){0};
}
