/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"
#include "base/text.h"
#include "conf/inside.h"

#include <stdio.h>
#include <string.h>

/* What can only be judged when the whole file was read: names of objects, providers, their fields.
 */

static unsigned row_id(const char *name)
{
    return (unsigned)setting_index(setting_find(name));
}

static bool outside(const struct statement *st)
{
    return (st->flags & STATEMENT_OUTSIDE) != 0;
}

static void tell(struct conf *c, enum conf_severity severity, const char *code,
                 const struct statement *st, const struct assignment *a, char *text, char *hint)
{
    bool away = outside(st);
    size_t from = in_file(st, (a->flags & ASSIGNED_BARE) != 0 ? a->value_at : a->at);
    problem_add(c, severity, code, away ? SIZE_MAX : from,
                away ? SIZE_MAX : in_file(st, a->value_end), text, hint);
}

static void tell_value(struct conf *c, enum conf_severity severity, const char *code,
                       const struct statement *st, const struct assignment *a, char *text,
                       char *hint)
{
    bool away = outside(st);
    problem_add(c, severity, code, away ? SIZE_MAX : in_file(st, a->value_at),
                away ? SIZE_MAX : in_file(st, a->value_end), text, hint);
}

/* --- references to objects --- */

static bool object_there(const struct conf *c, const char *kind, const char *name, size_t n)
{
    char key[100];
    snprintf(key, sizeof key, "%s:%.*s", kind, (int)(n < 70 ? n : 70), name);
    return map_get(c->object_index, key) != NULL;
}

/* The objects of that kind and, behind them, words; ended by NULL. Owned array of borrowed texts.
 */
static const char **candidates(const struct conf *c, const char *kind, const char *const *words,
                               const char *const *more)
{
    size_t n = c->object_count + 1, at = 0;
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        n++;
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        n++;
    const char **list = mem_array(n, sizeof list[0]);
    for (size_t i = 0; i < c->object_count; i++)
        if (strcmp(c->objects[i]->kind, kind) == 0)
            list[at++] = c->objects[i]->name;
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        list[at++] = words[i];
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        list[at++] = more[i];
    return list;
}

/* The first name of the list that no object has, or NULL; *n its length. */
static const char *missing(const struct conf *c, const char *kind, const char *list, size_t *n)
{
    for (const char *p = list; *p != '\0';) {
        p += strspn(p, ", ");
        size_t m = strcspn(p, ", ");
        if (m > 0 && !object_there(c, kind, p, m)) {
            *n = m;
            return p;
        }
        p += m;
    }
    return NULL;
}

static void check_reference(struct conf *c, struct reference *r)
{
    const struct setting *row = c->names[r->a->id].row;
    const char *value = value_in(r->st, r->a);

    if (strcmp(row->name, "notify") == 0 && strcmp(value, "no") == 0)
        return; /* nobody is told */
    bool source =
        row->type == SETTING_USE || row->type == SETTING_USE4 || row->type == SETTING_USE6;
    const char *kind = row->refers != NULL ? row->refers : source ? "source" : row->name;
    size_t n = 0;
    const char *name = missing(c, kind, value, &n);

    if (name == NULL)
        return;
    enum conf_severity severity = source ? problem_fault(c) : CONF_ERROR;
    r->a->flags |= ASSIGNED_BAD | ASSIGNED_TOLD | (severity == CONF_ERROR ? ASSIGNED_ERROR : 0);
    if (severity == CONF_ERROR)
        r->st->flags |= STATEMENT_PARKED;
    if (problem_full(c)) {
        problem_add(c, severity, "", 0, 0, NULL, NULL);
        return;
    }
    char *wanted = mem_text_n(name, n);
    const char **words = candidates(c, kind, source ? setting_strategies(row->type) : NULL,
                                    source && row->type != SETTING_USE6 ? setting_devices() : NULL);
    const char *near = setting_nearest(wanted, words);
    char *hint = near != NULL ? mem_format("did you mean %s?", near)
                 : source ? mem_format("see homing.conf(5) for the sources, or define=source:NAME")
                          : mem_format("add a line with define=%s:%s", kind, wanted);
    tell_value(c, severity, source ? "unknown-source" : "unknown-object", r->st, r->a,
               source ? mem_format("%s: there is no such source of an address", row->name)
                      : mem_format("there is no %s of that name", kind),
               hint);
    mem_free(wanted);
    mem_free(words);
}

void check_references(struct conf *c)
{
    for (size_t i = 0; i < c->reference_count; i++)
        check_reference(c, &c->references[i]);
    mem_free(c->references);
    c->references = NULL;
    c->reference_count = c->reference_room = 0;
}

/* --- providers and their fields --- */

static void park(struct conf_entry *e)
{
    e->flags |= ENTRY_PARKED;
}

/* The provider or protocol that was probably meant; the answer lives as long as its table. */
static const char *near_service(const struct conf *c, const char *word, bool provider)
{
    const struct conf_providers *p = c->options.providers;
    const char *(*next)(const void *, const char *) = p == NULL  ? NULL
                                                      : provider ? p->provider_next
                                                                 : p->protocol_next;
    if (next == NULL)
        return setting_nearest(word, setting_protocols());
    size_t n = 0, room = 64;
    const char **words = mem_array(room, sizeof words[0]);
    for (const char *at = NULL; (at = next(p->self, at)) != NULL;) {
        if (n + 2 > room)
            words = mem_resize(words, room *= 2, sizeof words[0]);
        words[n++] = at;
    }
    words[n] = NULL;
    const char *near = setting_nearest(word, words);
    mem_free(words);
    return near;
}

/* A provider or protocol that nobody knows: never a guess, since credentials would go elsewhere. */
static void check_kind(struct conf *c, struct conf_entry *e)
{
    struct found f;
    const struct kind *k = e->seat->kind;
    const char *name = k->provider != NULL ? "provider" : "protocol";

    if (k->known)
        return;
    park(e);
    if (!layers_written(c, e, row_id(name), &f) || f.a == NULL)
        return;
    struct assignment *a = (struct assignment *)f.a;
    if ((a->flags & ASSIGNED_TOLD) != 0)
        return;
    a->flags |= ASSIGNED_TOLD;
    if (problem_full(c)) {
        problem_add(c, CONF_ERROR, "", 0, 0, NULL, NULL);
        return;
    }
    const char *word = k->provider != NULL ? k->provider : k->protocol;
    const char *gone = setting_protocol_gone(word);
    const char *near = near_service(c, word, k->provider != NULL);
    bool away = outside(f.st);
    problem_add(c, CONF_ERROR, gone != NULL ? "gone-protocol" : "unknown-provider",
                away ? SIZE_MAX : in_file(f.st, a->value_at),
                away ? SIZE_MAX : in_file(f.st, a->value_end),
                gone != NULL ? mem_format("%s: %s", word, gone)
                             : mem_format("there is no %s of that name", name),
                gone != NULL   ? NULL
                : near != NULL ? mem_format("did you mean %s?", near)
                               : mem_text("homing providers lists all of them"));
}

static bool field_known(const struct kind *k, const char *name)
{
    return k->fields != NULL && map_get(k->fields, name) != NULL;
}

static void unknown_name(struct conf *c, const struct statement *st, struct assignment *a,
                         const struct kind *k)
{
    const char *name = c->names[a->id].name;
    const struct setting *row = c->names[a->id].row;
    const char *word = k == NULL             ? NULL
                       : k->notify != NULL   ? k->notify
                       : k->provider != NULL ? k->provider
                                             : k->protocol;

    a->flags |= ASSIGNED_TOLD;
    if (problem_full(c)) {
        problem_add(c, CONF_WARNING, "", 0, 0, NULL, NULL);
        return;
    }
    const char *near = row == NULL ? setting_guess(name) : NULL;
    bool away = outside(st);
    const char *end = away ? "" : "; it is ignored"; /* a command line makes sense, or is refused */
    problem_add(c, CONF_WARNING, "unknown-setting", away ? SIZE_MAX : in_file(st, a->at),
                away ? SIZE_MAX : in_file(st, a->at) + strlen(name),
                row != NULL ? mem_format("%s is a setting of named objects only%s", name, end)
                : word != NULL
                    ? mem_format("%s is neither a setting nor a field of %s%s", name, word, end)
                    : mem_format("%s is no setting%s", name, end),
                near != NULL ? mem_format("did you mean %s?", near) : NULL);
}

/* Without a list of fields nothing can be said of what a provider takes; ddclient's words are all
 * in the table. */
static bool fields_told(const struct conf *c, const struct kind *k)
{
    return k->fields != NULL || k->provider == NULL;
}

static void check_names(struct conf *c, const struct statement *st, const struct kind *k)
{
    for (unsigned i = 0; i < form_of(st)->count; i++) {
        struct assignment *a = &form_of(st)->set[i];
        if ((a->flags & ASSIGNED_UNKNOWN) != 0 && (a->flags & ASSIGNED_TOLD) == 0 &&
            fields_told(c, k) && !field_known(k, c->names[a->id].name))
            unknown_name(c, st, a, k);
    }
}

static void check_pair(struct conf *c, struct conf_entry *e, const struct statement *st)
{
    const struct assignment *provider = layers_in(st, row_id("provider"));
    struct assignment *protocol = (struct assignment *)layers_in(st, row_id("protocol"));
    if (provider == NULL || protocol == NULL || value_in(st, provider) == NULL ||
        value_in(st, protocol) == NULL)
        return;
    park(e);
    if ((protocol->flags & ASSIGNED_TOLD) != 0)
        return;
    protocol->flags |= ASSIGNED_TOLD;
    tell(c, CONF_ERROR, "provider-and-protocol", st, protocol,
         mem_text("provider= and protocol= name the service twice"),
         mem_text("keep provider= where there is a provider file, else protocol= and server="));
}

/* Would the entry have inherited a global value that was refused by an error? */
static bool inherits_error(const struct conf *c, const struct conf_entry *e, unsigned id)
{
    struct found f;
    const struct name *n = &c->names[id];
    const struct assignment *last = NULL;

    if ((e->flags & ENTRY_ALONE) != 0)
        return false;
    if (layers_written(c, e, id, &f) && f.level < LEVEL_GLOBAL)
        return false;
    for (uint32_t i = 0; i < n->count; i++)
        if (n->globals[i].seq < e->first->seq || last == NULL)
            last = n->globals[i].a;
    return last != NULL && (last->flags & ASSIGNED_ERROR) != 0;
}

static void check_globals_of(struct conf *c, struct conf_entry *e)
{
    for (size_t i = 0; i < c->bad_global_count; i++)
        if (inherits_error(c, e, c->bad_globals[i]))
            park(e);
}

/* What the provider's file calls required and nothing gives. */
static void check_needs(struct conf *c, struct conf_entry *e)
{
    const struct conf_providers *p = c->options.providers;
    const char *name, *provider = e->seat->kind->provider;
    struct found f;
    unsigned id;

    if (p == NULL || p->needs == NULL || provider == NULL)
        return;
    for (size_t n = 0; (name = p->needs(p->self, provider, n)) != NULL; n++)
        if (layers_id(c, name, &id) ? !layers_find(c, e, id, &f)
                                    : layers_default(c, e->seat->kind, name) == NULL)
            problem_add(c, CONF_WARNING, "needs-field", e->at, entry_end(e),
                        mem_format("%s needs %s, and it is not set", provider, name),
                        mem_format("\"homing providers %s\" tells what it wants", provider));
}

/* protocol=command without its program. */
static void check_program(struct conf *c, struct conf_entry *e)
{
    const struct map *fields = e->seat->kind->fields;
    struct found f;

    if (fields != NULL && map_get(fields, "program") != NULL &&
        !layers_find(c, e, row_id("program"), &f)) {
        problem_add(c, CONF_ERROR, "needs-program", e->at, entry_end(e),
                    mem_format("%s has protocol=%s, and no program= says what to run",
                               entry_written(e), e->seat->kind->protocol),
                    mem_text("program=/the/whole/path"));
        park(e);
    }
}

/* usev4=pushed, and nobody is named who pushes. */
static void check_pushed(struct conf *c, struct conf_entry *e)
{
    static const char *const names[] = {"usev4", "usev6"};
    struct found f;

    for (size_t i = 0; i < 2; i++)
        if (layers_written(c, e, row_id(names[i]), &f) && f.a != NULL &&
            strcmp(f.value, "pushed") == 0 && !layers_written(c, e, row_id("pushed"), &f)) {
            problem_add(
                c, CONF_WARNING, "no-device", e->at, entry_end(e),
                mem_format("%s=pushed, and no pushed= says which device tells it", names[i]),
                mem_text("write pushed=NAME; homing devices shows them"));
            return;
        }
}

static void check_usable(struct conf *c, struct conf_entry *e)
{
    const struct conf_providers *p = c->options.providers;
    const char *provider = e->seat->kind->provider;
    const char *why = p != NULL && p->unusable != NULL && provider != NULL
                          ? p->unusable(p->self, provider)
                          : NULL;

    if (why != NULL)
        problem_add(c, CONF_WARNING, "unusable-provider", e->at, entry_end(e),
                    mem_format("%s can not be used: %s", provider, why),
                    mem_text("\"homing providers\" lists those that can"));
}

/* Doubts about a statement as a whole are told of the first of its hostnames. */
static bool speaks_for_all(const struct conf *c, const struct conf_entry *e)
{
    struct statement *st = (struct statement *)e->first;
    bool first = c->options.dialect == CONF_HOMING && (st->flags & STATEMENT_SAID) == 0 &&
                 (e->flags & ENTRY_PARKED) == 0;

    if (first)
        st->flags |= STATEMENT_SAID;
    return first;
}

static void check_assumed(struct conf *c, struct conf_entry *e)
{
    struct found f;

    if (!speaks_for_all(c, e))
        return;
    check_needs(c, e);
    check_usable(c, e);
    check_pushed(c, e);
    if (e->seat->kind->provider == NULL && !layers_written(c, e, row_id("protocol"), &f))
        problem_add(c, CONF_WARNING, "no-provider", e->at, entry_end(e),
                    mem_text("there is neither provider= nor protocol=; dyndns2 is assumed, as in "
                             "ddclient"),
                    mem_text("say who publishes this hostname, as in provider=duckdns"));
    if (e->seat->kind->provider == NULL && !layers_written(c, e, row_id("use"), &f) &&
        !layers_written(c, e, row_id("usev4"), &f) && !layers_written(c, e, row_id("usev6"), &f))
        problem_add(c, CONF_WARNING, "no-source", e->at, entry_end(e),
                    mem_text("nothing says where the address comes from, so there is none"),
                    mem_text("write usev4=auto, usev6=auto or both"));
}

static bool lists_several(const char *list)
{
    list += strspn(list, ", ");
    list += strcspn(list, ", ");
    return list[strspn(list, ", ")] != '\0';
}

/* The addresses of all uplinks, where the provider keeps one of a family at a name. */
static void check_uplinks(struct conf *c, struct conf_entry *e)
{
    const struct conf_providers *p = c->options.providers;
    const struct kind *k = e->seat->kind;
    struct found mode, list;

    if (p == NULL || p->many == NULL || !k->known || (e->flags & ENTRY_PARKED) != 0 ||
        !layers_written(c, e, row_id("uplink-mode"), &mode) || mode.a == NULL ||
        !text_equal(mode.value, "all") || !layers_written(c, e, row_id("uplink"), &list) ||
        list.value == NULL || !lists_several(list.value) ||
        p->many(p->self, k->provider, k->protocol))
        return;
    park(e);
    struct assignment *a = (struct assignment *)mode.a;
    if ((a->flags & ASSIGNED_TOLD) != 0)
        return;
    a->flags |= ASSIGNED_TOLD;
    tell(c, CONF_ERROR, "one-address", mode.st, a,
         mem_format("%s keeps one address of a family at a name, so it can not have those of all "
                    "uplinks",
                    k->provider != NULL ? k->provider : k->protocol),
         mem_text("uplink-mode=prefer takes the address of the first uplink that works"));
}

static bool is_router(const char *strategy)
{
    const char *const *model = setting_devices();

    if (text_starts(strategy, "fwv"))
        return true;
    while (*model != NULL && !text_case_equal(*model, strategy))
        model++;
    return *model != NULL;
}

/* Settings of use= that stand where usev4= and usev6= have their own (reference of the language,
 * 2.8): those of the router still count, the others never did. */
static void check_old_arguments(struct conf *c, struct conf_entry *e)
{
    static const struct {
        const char *use, *strategy, *old, *now; /* strategy NULL: a router's page */
    } rows[] = {
        {"usev4", NULL, "fw", "fwv4"},
        {"usev4", NULL, "fw-skip", "fwv4-skip"},
        {"usev6", NULL, "fw", "fwv6"},
        {"usev6", NULL, "fw-skip", "fwv6-skip"},
        {"usev4", "webv4", "web-skip", "webv4-skip"},
        {"usev6", "webv6", "web-skip", "webv6-skip"},
        {"usev4", "cmdv4", "cmd-skip", NULL},
        {"usev6", "cmdv6", "cmd-skip", NULL},
    };

    struct found neutral;
    bool by_use = layers_written(c, e, row_id("use"), &neutral) && neutral.value != NULL &&
                  !text_equal(neutral.value, "disabled");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !by_use; i++) {
        struct found use, old, now;
        const char *strategy = rows[i].strategy;
        if (!layers_written(c, e, row_id(rows[i].old), &old) || old.a == NULL ||
            !layers_written(c, e, row_id(rows[i].use), &use) || use.value == NULL ||
            (strategy != NULL ? !text_equal(use.value, strategy) : !is_router(use.value)) ||
            (rows[i].now != NULL && layers_written(c, e, row_id(rows[i].now), &now)))
            continue;
        struct assignment *a = (struct assignment *)old.a;
        if ((a->flags & ASSIGNED_TOLD) != 0)
            continue;
        a->flags |= ASSIGNED_TOLD;
        tell(c, CONF_WARNING, strategy == NULL ? "old-word" : "no-effect", old.st, a,
             strategy == NULL
                 ? mem_format("%s: this is ddclient's older word for %s", rows[i].old, rows[i].now)
                 : mem_format("%s has no effect on %s=%s", rows[i].old, rows[i].use, strategy),
             rows[i].now != NULL ? mem_format("write %s=", rows[i].now)
                                 : mem_text("let the command itself print the address alone"));
    }
}

void check_entry(struct conf *c, struct conf_entry *e)
{
    const struct more *m;

    if ((e->first->flags & STATEMENT_PARKED) != 0)
        park(e);
    for (m = entry_more(e); m != NULL; m = m->next)
        if ((m->st->flags & STATEMENT_PARKED) != 0)
            park(e);
    check_pair(c, e, e->first);
    check_kind(c, e);
    check_names(c, e->first, e->seat->kind);
    for (m = entry_more(e); m != NULL; m = m->next) {
        check_pair(c, e, m->st);
        check_names(c, m->st, e->seat->kind);
    }
    if (c->above != NULL && (e->flags & ENTRY_ABOVE) != 0)
        check_names(c, c->above, e->seat->kind);
    check_globals_of(c, e);
    check_program(c, e);
    check_uplinks(c, e);
    check_old_arguments(c, e);
    check_assumed(c, e);
}

void check_entry_like(struct conf *c, struct conf_entry *e)
{
    speaks_for_all(c, e);
}

/* --- global lines and objects --- */

static bool any_kind_has(const struct conf *c, const char *name)
{
    size_t at = 0;
    void *value;
    while (map_next(c->kinds, &at, NULL, &value)) {
        const struct kind *k = value;
        if (!fields_told(c, k) || field_known(k, name))
            return true;
    }
    return false;
}

void check_globals(struct conf *c)
{
    for (unsigned id = 0; id < c->name_count; id++) {
        const struct name *n = &c->names[id];
        for (uint32_t i = 0; i < n->count; i++) {
            struct assignment *a = (struct assignment *)n->globals[i].a;
            if ((a->flags & ASSIGNED_UNKNOWN) != 0 && (a->flags & ASSIGNED_TOLD) == 0 &&
                !any_kind_has(c, n->name))
                unknown_name(c, statement_at(c, n->globals[i].seq), a, NULL);
        }
    }
}

static void check_account(struct conf *c, struct object *o)
{
    const struct assignment *provider = layers_in(o->st, row_id("provider"));
    const struct assignment *protocol = layers_in(o->st, row_id("protocol"));
    const char *word = provider != NULL ? value_in(o->st, provider) : NULL;
    const char *other = protocol != NULL ? value_in(o->st, protocol) : NULL;

    if (provider == NULL && other == NULL)
        return;
    o->provider = entries_kind(c, word, word != NULL ? NULL : other);
    check_names(c, o->st, o->provider);
    if (o->provider->known)
        return;
    struct assignment *a = (struct assignment *)(word != NULL ? provider : protocol);
    if ((a->flags & ASSIGNED_TOLD) != 0)
        return;
    a->flags |= ASSIGNED_TOLD;
    if (problem_full(c)) {
        problem_add(c, CONF_ERROR, "", 0, 0, NULL, NULL);
        return;
    }
    const char *near = near_service(c, word != NULL ? word : other, word != NULL);
    tell_value(c, CONF_ERROR, "unknown-provider", o->st, a,
               mem_format("there is no %s of that name", word != NULL ? "provider" : "protocol"),
               near != NULL ? mem_format("did you mean %s?", near)
                            : mem_text("homing providers lists all of them"));
}

static void check_uplink(struct conf *c, struct object *o)
{
    static const char *const ties[] = {"interface", "source-address", "mark"};

    for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++)
        if (layers_in(o->st, row_id(ties[i])) != NULL)
            return;
    const struct assignment *define = layers_in(o->st, row_id("define"));
    if (define != NULL)
        tell(c, CONF_WARNING, "untied-uplink", o->st, define,
             mem_format("nothing ties the uplink %s to a way out, so it is any way out", o->name),
             mem_text("say interface=, source-address= or mark="));
}

/* What does a notify object speak to? */
static void unknown_notify(struct conf *c, struct object *o, struct assignment *a)
{
    const struct conf_providers *p = c->options.providers;
    const char **words = mem_alloc(sizeof words[0]);
    size_t n = 0;

    for (const char *at = NULL; p->notify_next != NULL && (at = p->notify_next(p->self, at));) {
        words = mem_resize(words, n + 2, sizeof words[0]);
        words[n++] = at;
    }
    words[n] = NULL;
    const char *near = a != NULL ? setting_nearest(value_in(o->st, a), words) : NULL;
    struct buf list;
    buf_init(&list, CAUSE_MAX);
    for (size_t i = 0; i < n; i++)
        buf_format(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    char *hint = near != NULL ? mem_format("did you mean %s?", near)
                              : mem_format("kind= is one of %s", buf_str(&list));
    if (a != NULL)
        tell_value(c, CONF_ERROR, "unknown-kind", o->st, a,
                   mem_text("homing can tell nobody by a service of that name"), hint);
    else
        problem_add(c, CONF_ERROR, "no-kind", o->st->at, o->st->end,
                    mem_text("nothing says by which service people are told"), hint);
    buf_free(&list);
    mem_free(words);
}

/* on=: the words of its row. */
static void check_events(struct conf *c, struct object *o)
{
    const struct assignment *a = layers_in(o->st, row_id("on"));
    const char *const *words = setting_find("on")->choices;

    for (const char *at = a != NULL ? value_in(o->st, a) : NULL; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, ", "), i = 0;
        while (words[i] != NULL && (strlen(words[i]) != n || strncmp(words[i], at, n) != 0))
            i++;
        if (n > 0 && words[i] == NULL) {
            char *written = mem_text_n(at, n);
            const char *near = setting_nearest(written, words);
            tell_value(c, CONF_ERROR, "bad-choice", o->st, a,
                       mem_format("on: %s is nothing that is told", written),
                       near != NULL ? mem_format("did you mean %s?", near) : NULL);
            mem_free(written);
        }
        at += n;
        at += strspn(at, ", ");
    }
}

static void check_notify(struct conf *c, struct object *o)
{
    const struct conf_providers *p = c->options.providers;
    struct assignment *a = (struct assignment *)layers_in(o->st, row_id("kind"));
    const char *name;
    bool secret, required;
    unsigned id;

    check_events(c, o);
    if (p == NULL || p->notify_known == NULL)
        return;
    const char *kind = a != NULL ? value_in(o->st, a) : NULL;
    if (kind == NULL) {
        unknown_notify(c, o, NULL);
        return;
    }
    o->provider = entries_notify(c, kind);
    if (!o->provider->known) {
        unknown_notify(c, o, a);
        return;
    }
    check_names(c, o->st, o->provider);
    for (size_t n = 0; (name = p->notify_field(p->self, kind, n, &secret, &required)) != NULL;
         n++) {
        const struct assignment *set = layers_id(c, name, &id) ? layers_in(o->st, id) : NULL;
        if (required && (set == NULL || value_in(o->st, set) == NULL))
            problem_add(c, CONF_WARNING, "needs-field", o->st->at, o->st->end,
                        mem_format("%s needs %s, and it is not set", kind, name),
                        mem_format("\"homing notify --kinds\" tells what it wants"));
    }
}

void check_objects(struct conf *c)
{
    for (size_t i = 0; i < c->object_count; i++) {
        struct object *o = c->objects[i];
        if (strcmp(o->kind, "account") == 0)
            check_account(c, o);
        else if (strcmp(o->kind, "uplink") == 0)
            check_uplink(c, o);
        else if (strcmp(o->kind, "notify") == 0)
            check_notify(c, o);
    }
    /* Which global settings hold an error; asked once for each hostname. */
    for (unsigned id = 0; id < c->name_count; id++)
        for (uint32_t i = 0; i < c->names[id].count; i++)
            if ((c->names[id].globals[i].a->flags & ASSIGNED_ERROR) != 0) {
                c->bad_globals =
                    mem_more(c->bad_globals, c->bad_global_count, sizeof c->bad_globals[0]);
                c->bad_globals[c->bad_global_count++] = id;
                break;
            }
}

void check_option_protocol(struct conf *c)
{
    const struct conf_providers *p = c->options.providers;
    const struct assignment *a = layers_in(c->command, read_name_id(c, "protocol"));

    const char *name = a != NULL ? value_in(c->command, a) : NULL;

    if (name != NULL && p != NULL && p->protocol_known != NULL && !p->protocol_known(p->self, name))
        problem_add(c, CONF_WARNING, "bad-protocol", SIZE_MAX, SIZE_MAX,
                    mem_format("protocol: there is no protocol %s", name),
                    mem_text("see --list-protocols"));
}
