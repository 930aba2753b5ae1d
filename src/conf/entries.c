/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"
#include "base/text.h"
#include "conf/accounts.h"
#include "conf/identity.h"
#include "conf/inside.h"
#include "conf/libidn2.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Hostnames: which statements speak of the same entry, who publishes it, what it is called. */

enum { NONE_LEFT = UINT32_MAX };

/* --- names --- */

static char *to_a_labels(const char *name)
{
    char *out = NULL;
    bool wild = name[0] == '*' && name[1] == '.';
    /* Never with the STD3 rules: they drop underscores. */
    if (idn2_to_ascii_8z(wild ? name + 2 : name, &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) !=
        IDN2_OK)
        return NULL;
    /* Characters that mean nothing in a name can be all of it. */
    char *result = *out != '\0' ? mem_format("%s%s", wild ? "*." : "", out) : NULL;
    idn2_free(out);
    return result;
}

char *entries_hostname(const char *written, size_t n)
{
    bool ascii = true;
    while (n > 1 && written[n - 1] == '.')
        n--;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)written[i] >= 128)
            ascii = false;
    char *name = mem_text_n(written, n);
    if (ascii) {
        text_lower_all(name);
        return name;
    }
    char *out = text_is_utf8(name, n) ? to_a_labels(name) : NULL;
    mem_free(name);
    return out;
}

/* Letters of a hostname as most are written: looked at first, since there are many. */
static bool usual(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A fully qualified name, as every provider file wants it. */
static const char *name_trouble(const char *s)
{
    size_t label = 0, total = strlen(s);
    bool dot = false;
    if (total > 253)
        return "the name is longer than 253 characters";
    for (const char *p = s; *p != '\0'; p++) {
        if (*p == '.') {
            if (label == 0)
                return "there is an empty label in the name";
            dot = true;
            label = 0;
            continue;
        }
        if (++label > 63)
            return "a label of the name is longer than 63 characters";
        if (*p == '*' && (p != s || p[1] != '.'))
            return "a * can only be the whole first label";
        if (!usual(*p) && !text_is_alpha(*p) && strchr("-_*", *p) == NULL)
            return "a hostname has letters, digits and hyphens only";
        if (*p == '-' && (label == 1 || p[1] == '.' || p[1] == '\0'))
            return "a label neither begins nor ends with a hyphen";
    }
    return !dot ? "this is not a fully qualified name; the domain is missing" : NULL;
}

/* What no protocol of ddclient can mean by a host: it allows record numbers, @ and bare labels. */
static const char *word_trouble(const char *s)
{
    if (strchr(s, '=') != NULL)
        return "a hostname with a = in it: this looks like a setting";
    for (; *s != '\0'; s++)
        if (!usual(*s) && ((unsigned char)*s <= ' ' || strchr("\"'\\`<>(){}|;$", *s) != NULL))
            return "this can not be a hostname";
    return NULL;
}

/* --- the index --- */

static uint32_t hash_of(const struct conf *c, const char *hostname)
{
    return arena_hash(&c->arena, hostname, strlen(hostname));
}

static void index_grow(struct conf *c)
{
    size_t mask = c->index == NULL ? 255 : c->index_mask * 2 + 1;
    uint32_t *fresh = mem_array(mask + 1, sizeof fresh[0]);
    for (size_t i = 0; c->index != NULL && i <= c->index_mask; i++) {
        if (c->index[i] == 0)
            continue;
        size_t at = hash_of(c, c->entries[c->index[i] - 1].hostname) & mask;
        while (fresh[at] != 0)
            at = (at + 1) & mask;
        fresh[at] = c->index[i];
    }
    mem_free(c->index);
    c->index = fresh;
    c->index_mask = mask;
}

static size_t index_place(const struct conf *c, uint32_t hash, const char *hostname, size_t n)
{
    size_t at = hash & c->index_mask;
    for (; c->index[at] != 0; at = (at + 1) & c->index_mask) {
        const char *known = c->entries[c->index[at] - 1].hostname;
        if (known == hostname || (strncmp(known, hostname, n) == 0 && known[n] == '\0'))
            break;
    }
    return at;
}

static uint32_t first_of(const struct conf *c, uint32_t hash, const char *hostname, size_t n)
{
    uint32_t found = c->index != NULL ? c->index[index_place(c, hash, hostname, n)] : 0;
    return found == 0 ? NONE_LEFT : found - 1;
}

uint32_t entries_first_n(const struct conf *c, const char *hostname, size_t n)
{
    return first_of(c, arena_hash(&c->arena, hostname, n), hostname, n);
}

uint32_t entries_first(const struct conf *c, const char *hostname)
{
    return entries_first_n(c, hostname, strlen(hostname));
}

/* --- which entry a statement means --- */

static void finds_word(const struct conf *c, const struct conf_entry *e, struct found *provider,
                       struct found *protocol)
{
    if (!layers_written(c, e, (unsigned)setting_index(setting_find("provider")), provider))
        provider->value = NULL;
    if (!layers_written(c, e, (unsigned)setting_index(setting_find("protocol")), protocol))
        protocol->value = NULL;
}

/* The nearer one counts; on global lines the later one. */
static bool provider_wins(const struct found *provider, const struct found *protocol)
{
    if (provider->value == NULL || protocol->value == NULL)
        return provider->value != NULL;
    if (provider->level != protocol->level)
        return provider->level < protocol->level;
    return in_file(provider->st, provider->a->at) > in_file(protocol->st, protocol->a->at) ||
           provider->level == LEVEL_OWN;
}

/* The account object that the entry names, once it is defined. */
static void settle_object(struct conf *c, const struct conf_entry *e, struct seat *seat)
{
    struct found f;
    char key[100];
    if (!layers_written(c, e, (unsigned)setting_index(setting_find("account")), &f) ||
        f.value == NULL)
        return;
    snprintf(key, sizeof key, "account:%.64s", f.value);
    seat->object = map_get(c->object_index, key);
}

/* Does the statement name another provider, protocol, server, login or account than the entry has?
 */
static bool names_another(struct conf *c, const struct conf_entry *e, const struct statement *st)
{
    struct found f, g;
    struct conf_entry so_far = *e; /* with its account, which may hold the provider */
    struct seat seat = *e->seat;
    settle_object(c, e, &seat);
    so_far.seat = &seat;
    bool later = seat.object == NULL && /* defined further down: what it holds is not known yet */
                 layers_written(c, e, (unsigned)setting_index(setting_find("account")), &f);
    e = &so_far;
    for (unsigned i = 0; i < form_of(st)->count; i++) {
        const struct assignment *a = &form_of(st)->set[i];
        const struct setting *row = c->names[a->id].row;
        const char *value = value_in(st, a);
        if (row == NULL || (row->flags & SETTING_IDENTITY) == 0 || value == NULL ||
            layers_in(st, a->id) != a)
            continue;
        if (row->type == SETTING_PROVIDER || row->type == SETTING_PROTOCOL) {
            finds_word(c, e, &f, &g);
            bool by_provider = provider_wins(&f, &g);
            const char *word = by_provider ? f.value : g.value;
            if (later || (word != NULL && (by_provider != (row->type == SETTING_PROVIDER) ||
                                           strcmp(word, value) != 0)))
                return true;
        } else if (layers_written(c, e, a->id, &f) && f.level <= LEVEL_GLOBAL) {
            if (strcmp(f.value, value) != 0)
                return true;
        } else if (row->type == SETTING_REF) {
            finds_word(c, e, &f, &g);
            if ((f.value != NULL && f.level == LEVEL_OWN) ||
                (g.value != NULL && g.level == LEVEL_OWN))
                return true;
        }
    }
    return false;
}

static bool names_any(const struct conf *c, const struct statement *st)
{
    for (unsigned i = 0; i < form_of(st)->count; i++) {
        const struct setting *row = c->names[form_of(st)->set[i].id].row;
        if (row != NULL && (row->flags & SETTING_IDENTITY) != 0 &&
            value_in(st, &form_of(st)->set[i]) != NULL)
            return true;
    }
    return false;
}

/* The first value stays (1.7); say so when the second is another. */
static void tell_ignored(struct conf *c, const struct conf_entry *e, const struct statement *st)
{
    struct found f;
    for (unsigned i = 0; i < form_of(st)->count; i++) {
        const struct assignment *a = &form_of(st)->set[i];
        const struct setting *row = c->names[a->id].row;
        if ((a->flags & ASSIGNED_BAD) != 0 || (row != NULL && (row->flags & SETTING_META) != 0) ||
            !layers_written(c, e, a->id, &f) || f.a == NULL || f.value == value_in(st, a))
            continue;
        if (f.level == LEVEL_OWN ||
            (f.level == LEVEL_GLOBAL && c->options.dialect == CONF_DDCLIENT))
            problem_add(c, CONF_WARNING, "first-wins", in_file(st, a->at),
                        in_file(st, a->value_end),
                        mem_format("%s of %s is set on line %u already, and the first value counts",
                                   c->names[a->id].name, entry_written(e),
                                   problem_line(c, in_file(f.st, f.a->at))),
                        mem_text("remove one of the two"));
    }
}

struct aside *entries_aside(struct conf *c, struct conf_entry *e)
{
    if (e->aside == NULL) {
        e->aside = arena_alloc(&c->arena, sizeof *e->aside);
        e->aside->next = NONE_LEFT;
    }
    return e->aside;
}

static void join(struct conf *c, struct conf_entry *e, const struct statement *st)
{
    if (e->first == st)
        return;
    for (const struct more *m = entry_more(e); m != NULL; m = m->next)
        if (m->st == st)
            return;
    tell_ignored(c, e, st);
    struct more *m = arena_alloc(&c->arena, sizeof *m);
    m->st = st;
    struct more **at = &entries_aside(c, e)->more;
    while (*at != NULL)
        at = &(*at)->next;
    *at = m;
    if ((st->flags & STATEMENT_PARKED) != 0)
        e->flags |= ENTRY_PARKED;
    if ((st->flags & STATEMENT_ALONE) != 0)
        e->flags |= ENTRY_ALONE;
}

static const struct seat not_settled;

static uint32_t last_of(const struct conf *c, uint32_t i)
{
    while (entry_next(&c->entries[i]) != NONE_LEFT)
        i = entry_next(&c->entries[i]);
    return i;
}

static struct conf_entry *new_entry(struct conf *c, const char *hostname, uint32_t hash)
{
    if (c->entry_count == c->entry_room) {
        c->entry_room = c->entry_room == 0 ? 64 : c->entry_room * 2;
        c->entries = mem_resize(c->entries, c->entry_room, sizeof c->entries[0]);
    }
    if (c->index == NULL || (c->entry_count + 1) * 4 > (c->index_mask + 1) * 3)
        index_grow(c);
    struct conf_entry *e = &c->entries[c->entry_count++];
    memset(e, 0, sizeof *e);
    e->hostname = hostname;
    e->seat = &not_settled;
    size_t place = index_place(c, hash, hostname, strlen(hostname));
    if (c->index[place] == 0) {
        c->index[place] = (uint32_t)c->entry_count;
    } else {
        e->flags = ENTRY_BEHIND;
        struct conf_entry *last = &c->entries[last_of(c, c->index[place] - 1)];
        entries_aside(c, last)->next = (uint32_t)c->entry_count - 1;
    }
    return e;
}

/* Finds the entry of that hostname that the statement speaks of; NONE_LEFT: a new one. */
static uint32_t meant(struct conf *c, uint32_t first, struct statement *st, uint32_t at,
                      uint32_t end)
{
    if (first == NONE_LEFT || c->options.dialect == CONF_DDCLIENT)
        return first;
    if (!names_any(c, st)) {
        if (entry_next(&c->entries[first]) != NONE_LEFT && (st->flags & STATEMENT_PARKED) == 0) {
            problem_add(c, CONF_ERROR, "which-entry", at, end,
                        mem_format("%s is kept at several providers; it is not clear which one is "
                                   "meant",
                                   entry_written(&c->entries[first])),
                        mem_text("name the provider, protocol, server or login here too"));
            c->entries[first].flags |= ENTRY_PARKED;
        }
        return first;
    }
    for (uint32_t i = first; i != NONE_LEFT; i = entry_next(&c->entries[i]))
        if (!names_another(c, &c->entries[i], st))
            return i;
    return NONE_LEFT;
}

/* Is it its own form, as most are? */
static bool has_form(const char *written, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)written[i] >= 128 || (written[i] >= 'A' && written[i] <= 'Z'))
            return false;
    return n > 0 && written[n - 1] != '.';
}

/* The hostname's one form, or NULL; in the arena, with its hash. The index knows those that are
 * there already. */
static const char *keep_hostname(struct conf *c, const char *text, size_t n, uint32_t *hash)
{
    char *form = NULL;

    if (c->options.dialect != CONF_DDCLIENT && !has_form(text, n)) {
        if ((form = entries_hostname(text, n)) == NULL)
            return NULL;
        text = form;
        n = strlen(form);
    }
    *hash = arena_hash(&c->arena, text, n);
    uint32_t known = first_of(c, *hash, text, n);
    const char *kept = known != NONE_LEFT ? c->entries[known].hostname
                                          : memcpy(arena_chars(&c->arena, n + 1), text, n);
    mem_free(form);
    return kept;
}

static void add_entry(struct conf *c, const struct statement *st, const char *hostname,
                      uint32_t hash, const struct word *w)
{
    struct conf_entry *e = new_entry(c, hostname, hash);
    bool as_written = strlen(hostname) == w->n && memcmp(hostname, w->text, w->n) == 0;

    e->first = st;
    if (!as_written)
        entries_aside(c, e)->written = arena_text(&c->arena, w->text, w->n);
    e->at = w->at;
    e->length = (uint16_t)(w->end - w->at < UINT16_MAX ? w->end - w->at : UINT16_MAX);
    if ((st->flags & STATEMENT_PARKED) != 0)
        e->flags |= ENTRY_PARKED;
    if ((st->flags & STATEMENT_ALONE) != 0)
        e->flags |= ENTRY_ALONE;
}

void entries_add(struct conf *c, struct statement *st, const struct word *w)
{
    uint32_t hash;
    const char *hostname = keep_hostname(c, w->text, w->n, &hash);

    st->hosts++;
    if (hostname == NULL) {
        problem_add(c, CONF_ERROR, "bad-hostname", w->at, w->end,
                    mem_text("this is not a valid international name"),
                    mem_text("write it in UTF-8, or in its xn-- form"));
        return;
    }
    uint32_t first = first_of(c, hash, hostname, strlen(hostname));
    struct aside *known = first != NONE_LEFT ? entries_aside(c, &c->entries[first]) : NULL;
    bool full = known != NULL && known->repeats >= REPEATS_MAX;
    uint32_t i = full ? first : meant(c, first, st, w->at, w->end);
    if (known != NULL && known->repeats++ >= REPEATS_MAX) {
        known->repeats = REPEATS_MAX;
        problem_add(c, CONF_ERROR, "repeated", w->at, w->end,
                    mem_format("%s stands in more than %d statements",
                               entry_written(&c->entries[first]), REPEATS_MAX),
                    mem_text("one statement can hold all its settings"));
        c->entries[first].flags |= ENTRY_PARKED;
    } else if (i != NONE_LEFT) {
        join(c, &c->entries[i], st);
    } else {
        add_entry(c, st, hostname, hash, w);
    }
}

/* --- what they are, when the whole file is read --- */

static struct map *fields_of(const struct conf *c, const char *provider, const char *protocol)
{
    const struct conf_providers *p = c->options.providers;
    if (p == NULL || p->field == NULL)
        return NULL;
    struct map *fields = map_new();
    for (size_t n = 0;; n++) {
        bool secret = false;
        const char *name = p->field(p->self, provider, protocol, n, &secret);
        if (name == NULL)
            return fields;
        map_set(fields, name, secret ? (void *)"secret" : (void *)"");
    }
}

/* ns1 and spaceship take the API key as login=: it is no name to show (reference of the language,
 * 2.6). */
static bool login_is_secret(const struct kind *k)
{
    const char *field = k->fields != NULL ? map_get(k->fields, "login") : NULL;
    if (field != NULL && *field != '\0')
        return true;
    return k->protocol != NULL &&
           (strcmp(k->protocol, "ns1") == 0 || strcmp(k->protocol, "spaceship") == 0);
}

struct kind *entries_kind(struct conf *c, const char *provider, const char *protocol)
{
    char key[300];
    const struct conf_providers *p = c->options.providers;
    snprintf(key, sizeof key, "%s:%.280s", provider != NULL ? "p" : "d",
             provider != NULL ? provider : protocol);
    struct kind *k = map_get(c->kinds, key);
    if (k != NULL)
        return k;
    k = arena_alloc(&c->arena, sizeof *k);
    k->conf = c;
    k->provider = provider;
    k->protocol = provider != NULL ? NULL : protocol;
    k->known = true;
    if (provider != NULL && p != NULL && p->provider_known != NULL)
        k->known = p->provider_known(p->self, provider);
    if (provider == NULL && p != NULL && p->protocol_known != NULL)
        k->known = p->protocol_known(p->self, protocol);
    k->fields = k->known ? fields_of(c, k->provider, k->protocol) : NULL;
    k->secret_login = login_is_secret(k);
    k->defaults = arena_alloc(&c->arena, setting_count() * sizeof k->defaults[0]);
    for (size_t i = 0; i < setting_count(); i++)
        k->defaults[i] = layers_unasked;
    map_set(c->kinds, key, k);
    return k;
}

struct kind *entries_notify(struct conf *c, const char *notify)
{
    char *key = mem_format("n:%s", notify);
    const struct conf_providers *p = c->options.providers;
    struct kind *k = map_get(c->kinds, key);
    bool secret = false, required;
    const char *name;

    if (k == NULL) {
        k = arena_alloc(&c->arena, sizeof *k);
        k->conf = c;
        k->notify = notify;
        k->known = p == NULL || p->notify_known == NULL || p->notify_known(p->self, notify);
        k->fields = k->known && p != NULL && p->notify_field != NULL ? map_new() : NULL;
        for (size_t n = 0; k->fields != NULL &&
                           (name = p->notify_field(p->self, notify, n, &secret, &required)) != NULL;
             n++)
            map_set(k->fields, name, secret ? (void *)"secret" : (void *)"");
        k->secret_login = login_is_secret(k);
        map_set(c->kinds, key, k);
    }
    mem_free(key);
    return k;
}

static void settle_kind(struct conf *c, const struct conf_entry *e, struct seat *seat)
{
    struct found provider, protocol;
    finds_word(c, e, &provider, &protocol);
    bool by_provider = provider_wins(&provider, &protocol);
    const char *word = by_provider ? provider.value : protocol.value;
    seat->kind = entries_kind(c, by_provider ? word : NULL,
                              by_provider    ? NULL
                              : word != NULL ? word
                                             : "dyndns2");
}

static const char *text_of(const struct conf *c, const struct conf_entry *e, const char *name)
{
    return layers_value(c, e, (unsigned)setting_index(setting_find(name)));
}

/* Entries that --host left out disappear; the index is made anew. */
static void drop_entries(struct conf *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->entry_count; i++)
        if ((c->entries[i].flags & ENTRY_DROPPED) == 0)
            c->entries[kept++] = c->entries[i];
    if (kept == c->entry_count)
        return;
    c->entry_count = 0;
    mem_free(c->index);
    c->index = NULL;
    for (size_t i = 0; i < kept; i++) {
        struct conf_entry copy = c->entries[i];
        struct conf_entry *e = new_entry(c, copy.hostname, hash_of(c, copy.hostname));
        if (copy.aside != NULL)
            copy.aside->next = NONE_LEFT;
        copy.flags = (uint16_t)((copy.flags & ~ENTRY_BEHIND) | e->flags);
        *e = copy;
    }
}

static void check_hostname(struct conf *c, struct conf_entry *e)
{
    const char *trouble =
        e->seat->kind->provider != NULL ? name_trouble(e->hostname) : word_trouble(e->hostname);
    bool ours = e->seat->kind->provider != NULL;
    if (trouble != NULL) {
        enum conf_severity severity = ours ? CONF_ERROR : problem_fault(c);
        problem_add(c, severity, "bad-hostname", e->at, entry_end(e), mem_text(trouble), NULL);
        if (severity == CONF_ERROR)
            e->flags |= ENTRY_PARKED;
    } else if (!ours && setting_find(e->hostname) != NULL) {
        problem_add(c, CONF_WARNING, "setting-as-host", e->at, entry_end(e),
                    mem_format("%s is taken for a hostname", e->hostname),
                    mem_format("if the setting is meant, write %s=", e->hostname));
    }
}

/* A login that is a key: no message shows it. Other fields that only the provider calls secret are
 * no rows of the table, and what is no row is never shown. */
static void hide_login(struct conf *c, const struct conf_entry *e)
{
    struct found f;
    if (!e->seat->kind->secret_login ||
        !layers_written(c, e, (unsigned)setting_index(setting_find("login")), &f) ||
        (f.st->flags & STATEMENT_OUTSIDE) != 0)
        return;
    const struct span *last = c->secret_count > 0 ? &c->secrets[c->secret_count - 1] : NULL;
    if (last == NULL || last->from != in_file(f.st, f.a->value_at))
        problem_secret(c, in_file(f.st, f.a->value_at), in_file(f.st, f.a->value_end));
}

/* That of the neighbour where both agree. */
static const struct seat *keep_seat(struct conf *c, const struct seat *former,
                                    const struct seat *found)
{
    if (former != NULL && former->kind == found->kind && former->object == found->object &&
        former->nth == found->nth && former->whole == found->whole)
        return former;
    struct seat *seat = arena_alloc(&c->arena, sizeof *seat);
    *seat = *found;
    return seat;
}

/* What is found for an entry mostly holds for the next one, too. */
struct finishing {
    struct conf *c;
    struct accounts accounts;
    const struct conf_entry *last; /* NULL before the first one */
    uint16_t last_flags;           /* as they were when nothing was checked yet */
    bool quiet; /* there was nothing to tell, nor will be of an entry that is like it */
};

static void check(struct finishing *f, struct conf_entry *e, enum likeness like)
{
    struct conf *c = f->c;
    size_t told = problem_told(c);
    uint16_t flags = e->flags;

    if (like != LIKE_NONE && f->quiet) {
        check_entry_like(c, e);
        return;
    }
    /* Of a parked one, or where its statement was spoken of before, not all was asked. */
    bool whole = (flags & ENTRY_PARKED) == 0 && (e->first->flags & STATEMENT_SAID) == 0;
    check_entry(c, e);
    f->quiet = whole && e->flags == flags && told == problem_told(c);
}

static void finish_entry(struct finishing *f, struct conf_entry *e)
{
    struct conf *c = f->c;
    const struct conf_entry *last = f->last;
    uint16_t flags = e->flags;
    bool beside = last != NULL && f->last_flags == flags;
    enum likeness like = beside ? layers_likeness(c, last, e) : LIKE_NONE;
    struct seat seat = {0};

    e->seat = &seat;
    if (like != LIKE_NONE) {
        seat = *last->seat;
    } else {
        settle_object(c, e, &seat);
        settle_kind(c, e, &seat);
    }
    hide_login(c, e);
    check_hostname(c, e);
    check(f, e, like);
    if (like != LIKE_SAME)
        accounts_settle(&f->accounts, e, &seat);
    e->seat = keep_seat(c, last != NULL ? last->seat : NULL, &seat);
    identity_settle(c, e);
    const char *enabled = like == LIKE_NONE ? text_of(c, e, "enabled") : NULL;
    if (like != LIKE_NONE ? (last->flags & ENTRY_ENABLED) != 0 : !text_equal(enabled, "no"))
        e->flags |= ENTRY_ENABLED;
    f->last = e;
    f->last_flags = flags;
}

void entries_finish(struct conf *c)
{
    struct finishing f = {.c = c};

    drop_entries(c);
    accounts_init(&f.accounts, c);
    for (size_t i = 0; i < c->entry_count; i++)
        finish_entry(&f, &c->entries[i]);
    accounts_fini(&f.accounts);
    if (c->entry_count < c->entry_room && c->entry_count > 0)
        c->entries = mem_resize(c->entries, c->entry_room = c->entry_count, sizeof c->entries[0]);
}

bool entries_in_list(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; p != NULL && *p != '\0';) {
        size_t m = strcspn(p, ",");
        if (m == n && strncmp(p, name, n) == 0)
            return true;
        p += p[m] == ',' ? m + 1 : m;
    }
    return false;
}
