/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/conf.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/identity.h"
#include "conf/inside.h"
#include "conf/value.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- reading --- */

enum { SECRET_FILE_MAX = 64 * 1024 };

char *conf_read_file(const char *path, struct cause *cause)
{
    char *text = mem_alloc(SECRET_FILE_MAX + 1);
    size_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    while (fd >= 0 && n < SECRET_FILE_MAX) {
        ssize_t got = read(fd, text + n, SECRET_FILE_MAX - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            if (got == 0)
                errno = 0;
            break;
        }
        n += (size_t)got;
    }
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (fd < 0 || error != 0 || n == SECRET_FILE_MAX || memchr(text, '\0', n) != NULL) {
        cause_set(cause, ERR_IO, "%s",
                  fd < 0 || error != 0   ? strerror(error)
                  : n == SECRET_FILE_MAX ? "it is too big"
                                         : "there is a NUL byte in it");
        mem_wipe(text, n);
        mem_free(text);
        return NULL;
    }
    return text;
}

static void find_lines(struct conf *c)
{
    const char *end = c->bytes + c->n;
    size_t count = 1;

    for (const char *at = c->bytes; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        count++;
    c->lines = mem_array(count / LINES_APART + 1, sizeof c->lines[0]);
    c->line_count = 1;
    for (const char *at = c->bytes; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        if (c->line_count++ % LINES_APART == 0)
            c->lines[(c->line_count - 1) / LINES_APART] = (uint32_t)(at + 1 - c->bytes);
}

/* Nothing more will be added. */
static void trim(struct conf *c)
{
    for (size_t i = 0; i < c->name_count; i++)
        if (c->names[i].count < c->names[i].room)
            c->names[i].globals =
                mem_resize(c->names[i].globals, c->names[i].room = c->names[i].count,
                           sizeof c->names[i].globals[0]);
    if (c->secret_count < c->secret_room)
        c->secrets = mem_resize(c->secrets, c->secret_room = c->secret_count, sizeof c->secrets[0]);
    arena_close(&c->arena);
}

static struct statement *next_for_hosts(const struct conf *c, size_t *at)
{
    for (; *at < c->statement_count; ++*at)
        if ((statement_at(c, *at)->flags & STATEMENT_HOSTS) != 0)
            return statement_at(c, *at);
    return NULL;
}

/* Do they differ in nothing but values? Marks in the form which those are. */
static bool formed_alike(struct form *form, const struct form *other)
{
    bool alike = form->count == other->count;

    for (unsigned i = 0; i < form->count && alike; i++) {
        const struct assignment *a = &form->set[i], *b = &other->set[i];
        alike = a->id == b->id && (a->flags & ~ASSIGNED_OWN) == b->flags && a->at == b->at &&
                a->value_at == b->value_at && a->value_end == b->value_end;
    }
    for (unsigned i = 0; i < form->count && alike; i++)
        if (form->set[i].value != other->set[i].value)
            form->set[i].flags |= ASSIGNED_OWN;
    return alike;
}

/* With a place for each value that is a statement's own: how many there are. */
static struct form *keep_form(struct arena *kept, const struct form *now, size_t *own)
{
    size_t size = sizeof *now + now->count * sizeof now->set[0];
    struct form *form = memcpy(arena_alloc(kept, size), now, size);

    *own = 0;
    for (unsigned i = 0; i < form->count; i++)
        if ((form->set[i].flags & ASSIGNED_OWN) != 0)
            form->set[i].own = (*own)++;
    return form;
}

/* What such a statement says, or what the one before it does where both agree. */
static struct said *keep_said(struct arena *kept, struct form *form, size_t own, struct said *last,
                              const struct form *now)
{
    bool same = last != NULL;

    for (unsigned i = 0; i < form->count && same; i++)
        same = (form->set[i].flags & ASSIGNED_OWN) == 0 ||
               last->own[form->set[i].own] == now->set[i].value;
    if (same)
        return last;
    struct said *said = arena_alloc(kept, sizeof *said + own * sizeof said->own[0]);
    said->form = form;
    for (unsigned i = 0; i < form->count; i++)
        if ((form->set[i].flags & ASSIGNED_OWN) != 0)
            said->own[form->set[i].own] = now->set[i].value;
    return said;
}

/* Generated files say the same a thousand times. What is kept leaves the memory it was read into.
 */
static void share_forms(struct conf *c)
{
    struct statement *st, *first;
    struct arena kept;
    size_t own;

    arena_init(&kept);
    for (size_t from = 0, to; (first = next_for_hosts(c, &from)) != NULL; from = to) {
        for (to = from + 1; (st = next_for_hosts(c, &to)) != NULL; to++)
            if (!formed_alike(form_of(first), form_of(st)))
                break;
        struct form *form = keep_form(&kept, form_of(first), &own);
        struct said *last = NULL;
        for (size_t i = from; i < to; i++)
            if ((statement_at(c, i)->flags & STATEMENT_HOSTS) != 0)
                last = statement_at(c, i)->said =
                    keep_said(&kept, form, own, last, form_of(statement_at(c, i)));
    }
    arena_fini(&c->forms);
    c->forms = kept;
}

struct conf *conf_parse(const char *bytes, size_t n, const struct conf_options *options)
{
    static const struct conf_options none = {0};
    struct conf *c = mem_alloc(sizeof *c);

    c->refs = 1;
    c->options = options != NULL ? *options : none;
    if (c->options.read_file == NULL)
        c->options.read_file = conf_read_file;
    c->name = mem_text(c->options.name != NULL ? c->options.name : "homing.conf");
    c->options.name = c->name;
    c->n = n <= LEX_FILE_MAX ? n : 0;
    c->bytes = mem_text_n(bytes, c->n);
    arena_init(&c->arena);
    arena_init(&c->forms);
    c->extra = map_new();
    c->object_index = map_new();
    c->kinds = map_new();
    c->key_texts = map_new();
    find_lines(c);
    if (n > LEX_FILE_MAX)
        problem_add(c, CONF_ERROR, "too-big", 0, 0, mem_text("the file is too big"), NULL);
    read_file(c);
    read_command_line(c);
    check_references(c);
    check_objects(c);
    entries_finish(c);
    keys_read(c);
    check_globals(c);
    problem_finish(c);
    share_forms(c);
    trim(c);
    /* What was only borrowed for reading. */
    c->options.command_line = NULL;
    c->options.assignments = c->options.hosts = NULL;
    return c;
}

const char *conf_bytes(const struct conf *c, size_t *n)
{
    *n = c->n;
    return c->bytes;
}

struct conf *conf_ref(struct conf *c)
{
    c->refs++;
    return c;
}

static void free_secret(void *p)
{
    mem_free_secret(p);
}

static void free_kind(void *p)
{
    struct kind *k = p;
    map_free(k->fields, NULL);
}

void conf_unref(struct conf *c)
{
    if (c == NULL || --c->refs > 0)
        return;
    for (size_t i = 0; i < c->name_count; i++)
        mem_free(c->names[i].globals);
    for (size_t i = 0; i < c->problem_count; i++) {
        mem_free(c->problems[i].code);
        mem_free(c->problems[i].text);
        mem_free(c->problems[i].hint);
    }
    mem_free(c->names);
    mem_free(c->problems);
    mem_free(c->secrets);
    for (size_t i = 0; i < c->statement_count; i += STATEMENT_BLOCK)
        mem_free(c->statements[i / STATEMENT_BLOCK]);
    mem_free(c->statements);
    mem_free(c->entries);
    mem_free(c->index);
    mem_free(c->objects);
    mem_free(c->references);
    mem_free(c->bad_globals);
    mem_free(c->lines);
    mem_free(c->name);
    map_free(c->extra, NULL);
    map_free(c->object_index, NULL);
    map_free(c->kinds, free_kind);
    map_free(c->key_texts, free_secret);
    mem_wipe(c->bytes, c->n);
    mem_free(c->bytes);
    arena_fini(&c->arena);
    arena_fini(&c->forms);
    mem_free(c);
}

/* --- entries --- */

size_t conf_entry_count(const struct conf *c)
{
    return c->entry_count;
}

const struct conf_entry *conf_entry_at(const struct conf *c, size_t i)
{
    return i < c->entry_count ? &c->entries[i] : NULL;
}

const char *conf_entry_hostname(const struct conf_entry *e)
{
    return e->hostname;
}

const char *conf_entry_written(const struct conf_entry *e)
{
    return entry_written(e);
}

const char *conf_entry_provider(const struct conf_entry *e)
{
    return e->seat->kind->provider;
}

const char *conf_entry_protocol(const struct conf_entry *e)
{
    return e->seat->kind->protocol;
}

bool conf_entry_enabled(const struct conf_entry *e)
{
    return (e->flags & ENTRY_ENABLED) != 0;
}

bool conf_entry_parked(const struct conf_entry *e)
{
    return (e->flags & ENTRY_PARKED) != 0;
}

unsigned conf_entry_line(const struct conf_entry *e)
{
    return (e->first->flags & STATEMENT_OUTSIDE) != 0 ? 0
                                                      : problem_line(e->seat->kind->conf, e->at);
}

size_t conf_entry_number(const struct conf_entry *e)
{
    return (size_t)(e - e->seat->kind->conf->entries);
}

bool conf_entry_alike(const struct conf_entry *a, const struct conf_entry *b)
{
    const struct statement *one = a->first, *other = b->first;
    uint32_t apart = one->seq < other->seq ? other->seq - one->seq : one->seq - other->seq;

    return a->seat == b->seat && ((a->flags ^ b->flags) & ~ENTRY_BEHIND) == 0 &&
           entry_more(a) == NULL && entry_more(b) == NULL && one->said == other->said &&
           apart <= 1 &&
           (one->flags & STATEMENT_HOSTS) != 0; /* so no global line is between them */
}

bool conf_entry_near(const struct conf_entry *a, const struct conf_entry *b)
{
    return a->seat->kind == b->seat->kind && a->seat->object == b->seat->object &&
           ((a->flags ^ b->flags) & ~ENTRY_BEHIND) == 0 &&
           layers_likeness(a->seat->kind->conf, a, b) != LIKE_NONE;
}

const struct conf_entry *conf_entry_by_id(const struct conf *c, const char *id)
{
    /* A login may hold an @, and so may what ddclient calls a host. */
    for (const char *at = *id != '\0' ? strchr(id + 1, '@') : NULL; at != NULL;
         at = strchr(at + 1, '@'))
        for (uint32_t i = entries_first_n(c, id, (size_t)(at - id)); i != UINT32_MAX;
             i = entry_next(&c->entries[i]))
            if (conf_entry_is(&c->entries[i], id))
                return &c->entries[i];
    return NULL;
}

/* "PROVIDER", "PROVIDER/LOGIN" or all that stands behind the @ of an identity. */
static bool id_fits(const struct conf_entry *e, const char *wanted)
{
    const char *have = conf_entry_id(e) + strlen(e->hostname) + 1;
    size_t n = strlen(wanted);
    return strncmp(have, wanted, n) == 0 && (have[n] == '\0' || have[n] == '/' || have[n] == '#');
}

static bool id_equal(const struct conf_entry *e, const char *wanted)
{
    return strcmp(conf_entry_id(e) + strlen(e->hostname) + 1, wanted) == 0;
}

static enum err several(const struct conf *c, uint32_t first, const char *rest, struct cause *cause)
{
    struct buf list;
    buf_init(&list, CAUSE_MAX);
    for (uint32_t i = first; i != UINT32_MAX; i = entry_next(&c->entries[i]))
        if (rest == NULL || id_fits(&c->entries[i], rest))
            buf_format(&list, "%s%s", list.len > 0 ? ", " : "", conf_entry_id(&c->entries[i]));
    cause_set(cause, ERR_CONFLICT, "%s is kept at several providers: say which of %s",
              entry_written(&c->entries[first]), buf_str(&list));
    buf_free(&list);
    return ERR_CONFLICT;
}

static enum err find_among(const struct conf *c, uint32_t first, const char *rest,
                           const struct conf_entry **out, struct cause *cause)
{
    const struct conf_entry *found = NULL;
    size_t count = 0;
    for (uint32_t i = first; i != UINT32_MAX; i = entry_next(&c->entries[i])) {
        const struct conf_entry *e = &c->entries[i];
        if (rest != NULL && id_equal(e, rest)) {
            *out = e;
            return OK;
        }
        if (rest == NULL || id_fits(e, rest)) {
            found = found != NULL ? found : e;
            count++;
        }
    }
    if (count > 1)
        return several(c, first, rest, cause);
    if (count == 0)
        return cause_set(cause, ERR_NOT_FOUND, "%s is not kept at %s",
                         entry_written(&c->entries[first]), rest);
    *out = found;
    return OK;
}

static uint32_t first_of(const struct conf *c, const char *wanted, size_t n)
{
    char *host = mem_text_n(wanted, n);
    uint32_t first = entries_first(c, host); /* as written: ddclient's hosts */
    mem_free(host);
    if (first != UINT32_MAX || n == 0)
        return first;
    host = entries_hostname(wanted, n);
    first = host != NULL ? entries_first(c, host) : UINT32_MAX;
    mem_free(host);
    return first;
}

enum err conf_entry_find(const struct conf *c, const char *wanted, const struct conf_entry **out,
                         struct cause *cause)
{
    enum err e;
    uint32_t first;

    *out = NULL;
    /* A login may hold an @, and so may what ddclient calls a host: an identity counts first. */
    for (const char *at = *wanted != '\0' ? strchr(wanted + 1, '@') : NULL; at != NULL;
         at = strchr(at + 1, '@')) {
        first = first_of(c, wanted, (size_t)(at - wanted));
        if (first == UINT32_MAX)
            continue;
        e = find_among(c, first, at + 1, out, cause);
        if (e != ERR_NOT_FOUND)
            return e;
    }
    first = first_of(c, wanted, strlen(wanted));
    if (first != UINT32_MAX)
        return find_among(c, first, NULL, out, cause);
    return cause_set(cause, ERR_NOT_FOUND, "there is no hostname %s in %s", wanted, c->name);
}

/* --- views --- */

static const struct conf *conf_of(const struct conf_entry *e)
{
    return e->seat->kind->conf;
}

static bool name_secret(const struct conf *c, const struct kind *k, const char *name)
{
    const struct setting *row = setting_find(name);
    if (k != NULL && k->fields != NULL) {
        /* A provider file can make more of them secret, never fewer. */
        const char *field = map_get(k->fields, name);
        if (field != NULL && (row == NULL || *field != '\0'))
            return *field != '\0';
    }
    if (row == NULL)
        return setting_name_is_secret(name);
    return row->class == SETTING_SECRET ||
           (k != NULL && strcmp(name, "login") == 0 && k->secret_login);
}

static const char *entry_get(const void *self, const char *name)
{
    const struct conf_entry *e = self;
    const struct conf *c = conf_of(e);
    struct found f;
    unsigned id;

    if (strcmp(name, "host") == 0)
        return e->hostname;
    if (layers_id(c, name, &id))
        return layers_find(c, e, id, &f) ? f.value : NULL;
    if (strcmp(name, "key-text") == 0)
        return keys_text(c, e);
    if (strcmp(name, "@id") == 0) /* for whoever names the entry to the keeper */
        return conf_entry_id(e);
    return layers_default(c, e->seat->kind, name);
}

static bool entry_secret(const void *self, const char *name)
{
    if (strcmp(name, "key-text") == 0)
        return true;
    const struct conf_entry *e = self;
    return name_secret(conf_of(e), e->seat->kind, name);
}

struct view conf_entry_view(const struct conf_entry *e)
{
    return (struct view){e, entry_get, entry_secret};
}

static const char *global_get(const void *self, const char *name)
{
    const struct conf *c = self;
    struct found f;
    unsigned id;

    if (!layers_id(c, name, &id))
        return NULL;
    const struct assignment *a = c->command != NULL ? layers_in(c->command, id) : NULL;
    const char *told = a != NULL ? value_in(c->command, a) : NULL;
    if (told != NULL)
        return told;
    if (layers_global(c, id, UINT32_MAX, &f))
        return f.value;
    return layers_default(c, NULL, name);
}

static bool global_secret(const void *self, const char *name)
{
    return name_secret(self, NULL, name);
}

struct view conf_globals(const struct conf *c)
{
    return (struct view){c, global_get, global_secret};
}

unsigned conf_entry_origin(const struct conf_entry *e, const char *setting, bool *own)
{
    const struct conf *c = conf_of(e);
    struct found f;
    unsigned id;

    *own = false;
    if (!layers_id(c, setting, &id) || !layers_find(c, e, id, &f) || f.a == NULL ||
        f.level == LEVEL_COMMAND || f.level == LEVEL_ABOVE)
        return 0;
    *own = f.level == LEVEL_OWN && f.st->hosts <= 1;
    return problem_line(c, in_file(f.st, f.a->at));
}

size_t conf_object_count(const struct conf *c)
{
    return c->object_count;
}

const char *conf_object_kind(const struct conf *c, size_t i)
{
    return c->objects[i]->kind;
}

const char *conf_object_name(const struct conf *c, size_t i)
{
    return c->objects[i]->name;
}

static const char *object_get(const void *self, const char *name)
{
    const struct object *o = self;
    unsigned id;

    if (!layers_id(o->conf, name, &id))
        return NULL;
    const struct assignment *a = layers_in(o->st, id);
    const char *value = a != NULL ? value_in(o->st, a) : NULL;
    if (value != NULL)
        return value;
    const struct setting *row = o->conf->names[id].row;
    unsigned scope = setting_kind_scope(o->kind);
    return row != NULL && (row->scope & scope) != 0 ? layers_default(o->conf, o->provider, name)
                                                    : NULL;
}

static bool object_secret(const void *self, const char *name)
{
    const struct object *o = self;
    return name_secret(o->conf, o->provider, name);
}

struct view conf_object_view(const struct conf *c, size_t i)
{
    return (struct view){c->objects[i], object_get, object_secret};
}

/* --- typed access --- */

static const char *with_default(const struct view *v, const char *setting)
{
    const char *value = view_get(v, setting);
    if (value == NULL) {
        const struct setting *row = setting_find(setting);
        /* ddclient's server and protocol are the default of nobody but a ddclient protocol's. */
        value = row != NULL && (row->flags & SETTING_IDENTITY) == 0 ? row->fallback : NULL;
    }
    return value;
}

bool conf_bool(const struct view *v, const char *setting)
{
    bool yes = false;
    const char *value = with_default(v, setting);
    return value != NULL && value_bool(value, &yes) && yes;
}

msec conf_length(const struct view *v, const char *setting)
{
    msec length = 0;
    const char *value = with_default(v, setting);
    return value != NULL && value_length(value, &length) ? length : 0;
}

long conf_number(const struct view *v, const char *setting)
{
    const char *value = with_default(v, setting);
    return value != NULL ? strtol(value, NULL, 10) : 0;
}

const char *conf_text(const struct view *v, const char *setting)
{
    return with_default(v, setting);
}
