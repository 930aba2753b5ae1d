/*
 * SPDX-License-Identifier: ISC
 */
#include "command/forms.h"
#include "engine/messages.h"

#include <fnmatch.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "conf/settings.h"
#include "sense/real.h"

static json_t *text_or_null(const char *s)
{
    json_t *j = s != NULL ? json_string(s) : NULL;
    return j != NULL ? j : json_null();
}

static json_t *text_list(const char *const *list)
{
    json_t *out = json_array();

    for (; list != NULL && *list != NULL; list++)
        json_array_append_new(out, json_string(*list));
    return out;
}

/* ---- fields ---- */

/* What the language's own names are called on a form; the rest go by their names. */
static const struct {
    const char *name, *label;
} labels[] = {
    {"login", "Login"},
    {"password", "Password"},
    {"apikey", "API key"},
    {"secretapikey", "Secret API key"},
    {"mx", "Mail exchanger hostname"},
    {"backupmx", "This mail exchanger is only a backup"},
    {"wildcard", "Also every name below it (wildcard)"},
    {"ttl", "TTL"},
    {"zone", "Zone"},
    {"proxied", "Visitors come through the provider's proxy"},
    {"key-name", "Name of the TSIG key"},
    {"key-algorithm", "Algorithm of the TSIG key"},
    {"script", "Path of the update page"},
    {"on-root-domain", "The hostname is the root of its zone"},
    {"tcp", "Always by TCP"},
};

static const char *label_of(const char *name, const char *given)
{
    if (given != NULL && given[0] != '\0')
        return given;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (text_equal(labels[i].name, name))
            return labels[i].label;
    return name;
}

static const char *type_of(const struct setting *s)
{
    return s == NULL                   ? "text"
           : s->type == SETTING_BOOL   ? "bool"
           : s->type == SETTING_NUMBER ? "number"
           : s->class == SETTING_RUNS  ? "command"
           : s->class == SETTING_FILE  ? "file"
                                       : "text";
}

/* given: of the provider file, or NULL for a row of the table that stands for itself. */
static json_t *field_doc(const char *name, const struct provider_field *given, bool more)
{
    const struct setting *s = setting_find(name);
    const char *help = given != NULL && given->help != NULL ? given->help
                       : s != NULL                          ? s->help
                                                            : "";
    const char *fallback = given != NULL ? given->fallback : s != NULL ? s->fallback : NULL;
    bool secret = (given != NULL && given->secret) || (s != NULL && s->class == SETTING_SECRET);
    const char *const *choices = given != NULL && given->choices != NULL ? given->choices
                                 : s != NULL                             ? s->choices
                                                                         : NULL;

    /* The table's own sentence, which a page may have in its language. */
    bool of_table = s != NULL && help == s->help;

    return json_pack("{s:s,s:s,s:s,s:s?,s:s,s:b,s:b,s:b,s:o,s:o}", "name", name, "label",
                     label_of(name, given != NULL ? given->label : NULL), "help", help, "help_code",
                     of_table ? name : NULL, "type", type_of(s), "secret", secret, "required",
                     given != NULL && given->required, "more", more, "default",
                     text_or_null(fallback), "choices", text_list(choices));
}

static bool has_field(const struct provider_info *info, const char *name)
{
    for (size_t i = 0; i < info->field_count; i++)
        if (text_equal(info->fields[i].name, name))
            return true;
    return false;
}

static void add_row(json_t *fields, const struct provider_info *info, const char *name)
{
    if (!has_field(info, name))
        json_array_append_new(fields, field_doc(name, NULL, true));
}

static bool names_command_or_file(const char *name)
{
    const struct setting *s = setting_find(name);

    return s != NULL && (s->class == SETTING_RUNS || s->class == SETTING_FILE);
}

/* What runs something of this machine is chosen in homing.conf alone. */
static bool runs_something(const struct provider_info *info)
{
    for (size_t i = 0; i < info->field_count; i++)
        if (info->fields[i].required && names_command_or_file(info->fields[i].name))
            return true;
    return false;
}

/* The provider's own fields, and those rows of the table that its way of speaking reads. */
static json_t *fields_of(const struct provider_info *info, bool own_server)
{
    static const char *const of_mx[] = {"mx", "backupmx", "wildcard"};
    json_t *fields = json_array();

    for (size_t i = 0; i < info->field_count; i++) {
        const struct provider_field *f = &info->fields[i];
        if (!names_command_or_file(f->name))
            json_array_append_new(
                fields,
                field_doc(f->name, f, !f->required && !text_equal(f->name, "login") && !f->secret));
    }
    for (size_t i = 0; info->mx_ok && i < sizeof of_mx / sizeof of_mx[0]; i++)
        add_row(fields, info, of_mx[i]);
    if ((text_equal(info->speaks, "file") && info->can_read) ||
        text_equal(info->speaks, "nsupdate")) {
        add_row(fields, info, "zone");
        add_row(fields, info, "ttl");
    }
    if (text_equal(info->speaks, "dyndns2") && own_server)
        add_row(fields, info, "script");
    return fields;
}

static json_t *families_of(const struct provider_info *info)
{
    json_t *list = json_array();

    for (int f = 0; f < FAMILIES; f++)
        if (info->family_ok[f])
            json_array_append_new(list, json_string(family_name((enum family)f)));
    return list;
}

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

static json_t *provider_doc(const struct provider_info *i)
{
    json_t *doc = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id", i->id, "name",
                            i->name != NULL ? i->name : i->id, "website", or_empty(i->website),
                            "help", or_empty(i->help), "status",
                            i->status != NULL ? i->status : "alive", "note", or_empty(i->note),
                            "evidence", or_empty(i->evidence), "checked", or_empty(i->checked));

    json_object_set_new(doc, "domains", text_list(i->domains));
    json_object_set_new(doc, "formerly", text_list(i->formerly));
    json_object_set_new(doc, "families", families_of(i));
    json_object_set_new(doc, "mx", json_boolean(i->mx_ok));
    json_object_set_new(doc, "wildcard", json_boolean(i->wildcard_ok));
    json_object_set_new(doc, "apex", json_boolean(i->apex_ok));
    json_object_set_new(doc, "can_delete", json_boolean(i->can_delete));
    json_object_set_new(doc, "fields", fields_of(i, false));
    return doc;
}

json_t *forms_providers(struct registry *r)
{
    json_t *items = json_array();

    for (const char *id = registry_next_provider(r, NULL); id != NULL;
         id = registry_next_provider(r, id)) {
        const struct provider *p = registry_about(r, id);
        if (p != NULL)
            json_array_append_new(items, provider_doc(provider_info(p)));
    }
    return json_pack("{s:o}", "items", items);
}

json_t *forms_protocols(struct registry *r)
{
    json_t *items = json_array();

    for (const char *word = registry_next_protocol(r, NULL); word != NULL;
         word = registry_next_protocol(r, word)) {
        const struct provider *p = registry_about_protocol(r, word);
        const struct provider_info *i = p != NULL ? provider_info(p) : NULL;
        if (i == NULL || text_equal(i->status, "closed") || runs_something(i))
            continue;
        json_array_append_new(items, json_pack("{s:s,s:s,s:b,s:b,s:s,s:o}", "id", word, "name",
                                               word, "http", !text_equal(i->speaks, "nsupdate"),
                                               "can_delete", i->can_delete, "help",
                                               or_empty(i->help), "fields", fields_of(i, true)));
    }
    return json_pack("{s:o}", "items", items);
}

/* ---- settings ---- */

static const struct {
    const char *name, *group;
} shown[] = {
    {"updates", "service"},
    {"daemon", "service"},
    {"settle", "service"},
    {"history", "service"},
    {"log-level", "service"},
    {"usev4", "addresses"},
    {"usev6", "addresses"},
    {"webv4", "addresses"},
    {"webv6", "addresses"},
    {"outside", "addresses"},
    {"allow-private", "addresses"},
    {"min-interval", "sending"},
    {"max-interval", "sending"},
    {"min-error-interval", "sending"},
    {"on-loss", "sending"},
    {"verify", "sending"},
    {"ssl", "sending"},
    {"timeout", "sending"},
    {"redirect", "sending"},
    {"proxy", "sending"},
    {"postscript", "sending"},
    {"hook", "sending"},
    {"notify", "notify"},
    {"mail", "notify"},
    {"mail-failure", "notify"},
    {"mail-from", "notify"},
    {"mail-server", "notify"},
    {"listen", "page"},
    {"listen-cert", "page"},
    {"listen-key", "page"},
    {"listen-push", "page"},
    {"push-cert", "page"},
    {"push-key", "page"},
    {"push-hosts", "page"},
    {"push-stale", "page"},
    {"page-path", "page"},
    {"page-hosts", "page"},
    {"trusted-proxy", "page"},
};

static json_t *setting_doc(const struct setting *s, const char *group, const struct view *globals)
{
    const char *value = view_get(globals, s->name);
    bool secret = s->class == SETTING_SECRET || (value != NULL && text_has_login(value));
    const char *fallback = s->fallback;

    if (value != NULL && fallback != NULL && text_equal(value, fallback))
        value = NULL;
    return json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:b,s:o,s:o,s:o}", "name", s->name, "group", group, "type",
        type_of(s), "class", setting_class_name(secret ? SETTING_SECRET : s->class), "help",
        s->help, "restart", (s->flags & SETTING_RESTART) != 0, "default", text_or_null(fallback),
        "value", secret && value != NULL ? json_pack("{s:b}", "set", 1) : text_or_null(value),
        "choices", text_list(s->choices));
}

json_t *forms_settings(const struct conf *c, const char *file, const char *version)
{
    struct view globals = conf_globals(c);
    json_t *items = json_array();

    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const struct setting *s = setting_find(shown[i].name);
        if (s != NULL)
            json_array_append_new(items, setting_doc(s, shown[i].group, &globals));
    }
    return json_pack("{s:s,s:s,s:o}", "file", file, "version", version, "items", items);
}

const char *forms_global(const struct conf *c, const char *name)
{
    const struct setting *row = setting_find(name);
    struct view globals = conf_globals(c);
    const char *value = view_get(&globals, name);

    return row != NULL && text_equal(value, row->fallback) ? NULL : value;
}

enum err forms_may_set(const char *name, bool globals, struct cause *c)
{
    const struct setting *s = setting_find(name);
    unsigned scope = globals ? SCOPE_BOTH : SCOPE_HOST;

    if (s == NULL)
        return cause_set(c, ERR_SYNTAX, "There is no setting of the name %.60s.", name);
    if (s->class == SETTING_RUNS || s->class == SETTING_FILE)
        return cause_set(c, ERR_DENIED,
                         "%s names a command or a file: it is set in homing.conf alone.", name);
    if ((s->flags & SETTING_META) != 0 || (s->scope & scope) == 0)
        return cause_set(c, ERR_DENIED, "%s can not be set here.", name);
    return OK;
}

/* ---- sources ---- */

enum { DEVICES_SHOWN = 50 }; /* a fleet's are written in the file */

static json_t *choice(enum family f, const char *name, const char *use, const char *key,
                      const char *value)
{
    json_t *settings = json_object();

    json_object_set_new(settings, f == V4 ? "usev4" : "usev6", json_string(use));
    if (key != NULL)
        json_object_set_new(settings, key, json_string(value));
    return json_pack("{s:s,s:s,s:o,s:o,s:b,s:s,s:o}", "family", family_name(f), "name", name,
                     "settings", settings, "addresses", json_array(), "default", 0, "note", "",
                     "code", json_null());
}

static void add_address(json_t *choice_doc, const struct addr *a)
{
    json_t *list = json_object_get(choice_doc, "addresses"), *had;
    char text[ADDR_TEXT_MAX];
    size_t i;

    addr_text(a, text);
    json_array_foreach(list, i, had)
    {
        if (text_equal(json_string_value(had), text))
            return;
    }
    json_array_append_new(list, json_string(text));
}

struct interfaces {
    enum family family;
    json_t *list;        /* choices, one an interface */
    json_t *auto_choice; /* borrowed */
};

static void on_candidate(void *arg, const struct sense_candidate *k)
{
    struct interfaces *w = arg;
    size_t i;
    json_t *c, *mine = NULL;

    if (k->addr.family != w->family || addr_kind(&k->addr) == ADDR_LOOPBACK)
        return;
    json_array_foreach(w->list, i, c) if (text_equal(json_string_value(json_object_get(c, "name")),
                                                     k->interface)) mine = c;
    if (mine == NULL) {
        mine = choice(w->family, k->interface, w->family == V4 ? "ifv4" : "ifv6",
                      w->family == V4 ? "ifv4" : "ifv6", k->interface);
        json_array_append_new(w->list, mine);
    }
    bool wanted = k->chosen || addr_kind(&k->addr) == ADDR_PUBLIC;
    if (wanted || json_array_size(json_object_get(mine, "addresses")) == 0)
        add_address(mine, &k->addr);
    if (k->why != NULL && (!wanted || addr_kind(&k->addr) != ADDR_PUBLIC)) {
        json_object_set_new(mine, "note", json_string(k->why));
        json_object_set_new(mine, "code", message_phrase_doc(k->why));
    }
    if (k->chosen && w->auto_choice != NULL &&
        json_array_size(json_object_get(w->auto_choice, "addresses")) == 0)
        add_address(w->auto_choice, &k->addr);
}

/* What a source of that kind, already in use, says now. */
static void add_known(const struct sense *s, enum family f, const char *kind, json_t *choice_doc)
{
    for (struct source *src = s->ops->next(s, NULL); src != NULL; src = s->ops->next(s, src)) {
        const struct sensed *v = s->ops->value(src, f);
        if (!text_equal(s->ops->kind(src), kind) || v == NULL || v->state != SENSED_KNOWN)
            continue;
        for (size_t i = 0; i < v->set.count; i++)
            add_address(choice_doc, &v->set.items[i]);
        return;
    }
}

/* What the configuration says for all hostnames, as a choice of its own: usev4= and the settings
 * that belong to it. NULL when it says nothing, or what only the file may say. */
static json_t *shared_choice(const struct conf *c, enum family f)
{
    static const char *const kin[FAMILIES][11] = {{"ipv4", "ifv4", "webv4", "webv4-skip", "fwv4",
                                                   "fwv4-skip", "fw-login", "pushed", "uplink"},
                                                  {"ipv6", "ifv6", "webv6", "webv6-skip", "fwv6",
                                                   "fwv6-skip", "prefix", "suffix", "pushed",
                                                   "uplink"}};
    const char *key = f == V4 ? "usev4" : "usev6";
    struct view globals = conf_globals(c);
    const char *use = view_get(&globals, key);

    if (use == NULL || text_equal(use, "auto") || text_starts(use, "cmd") ||
        text_starts(use, "file"))
        return NULL;
    for (size_t i = 0; kin[f][i] != NULL; i++) {
        const char *value = view_get(&globals, kin[f][i]);
        if (value != NULL && text_has_login(value))
            return NULL; /* not to be shown, so it can not be sent back */
    }
    bool none = text_equal(use, "disabled") || text_equal(use, "no");
    json_t *doc = choice(f, none ? "none" : "shared", none ? "disabled" : use, NULL, NULL);
    const char *fixed = view_get(&globals, kin[f][0]);
    struct addr a;
    if (text_equal(use, kin[f][0]) && fixed != NULL && addr_parse(fixed, &a))
        add_address(doc, &a);
    for (size_t i = 0; kin[f][i] != NULL; i++) {
        const char *value = view_get(&globals, kin[f][i]);
        const struct setting *s = setting_find(kin[f][i]);
        if (value != NULL && (s->fallback == NULL || !text_equal(s->fallback, value)))
            json_object_set_new(json_object_get(doc, "settings"), kin[f][i], json_string(value));
    }
    json_object_set_new(doc, "note", json_string(use));
    json_object_set_new(doc, "default", json_true());
    return doc;
}

/* The kind of source that a word of usev4= or usev6= leads to. */
static const char *kind_of(const char *use)
{
    return text_starts(use, "ipv")   ? "fixed"
           : text_starts(use, "ifv") ? "interface"
           : text_starts(use, "web") ? "web"
           : text_starts(use, "fwv") ? "device"
                                     : use;
}

/* Each device that has told an address of the family, as a choice of its own. */
static void add_devices(const struct pushed *pushed, enum family f, json_t *items)
{
    const char *device;
    size_t at = 0, count = 0;

    while (pushed != NULL && count < DEVICES_SHOWN && (device = pushed_next(pushed, &at)) != NULL) {
        const struct pushed_value *v = pushed_get(pushed, device, (enum pushed_what)f);
        if (!v->known)
            continue;
        json_t *doc = choice(f, device, "pushed", "pushed", device);
        json_object_set_new(doc, "note", json_string("pushed"));
        add_address(doc, &v->addr);
        json_array_append_new(items, doc);
        count++;
    }
}

static void on_outside(void *arg, const struct sense_outside *o)
{
    json_t *one =
        json_pack("{s:s,s:o,s:s,s:s}", "host", o->host, "operator", text_or_null(o->operator),
                  "family", family_name(o->family), "source", o->source);
    json_t *had;
    size_t i;

    json_array_foreach((json_t *)arg, i, had)
    {
        if (json_equal(had, one)) {
            json_decref(one);
            return;
        }
    }
    json_array_append_new(arg, one);
}

/* Whom the sources in use may ask, and whether they are let. */
static json_t *outside_hosts(const struct conf *c, const struct sense *s)
{
    struct view globals = conf_globals(c);
    json_t *hosts = json_array();

    sense_list_outside(s, on_outside, hosts);
    return json_pack("{s:b,s:o}", "allowed", !text_equal(conf_text(&globals, "outside"), "no"),
                     "hosts", hosts);
}

json_t *forms_sources(const struct conf *c, const struct sense *s, const struct pushed *pushed)
{
    json_t *items = json_array();

    for (int f = 0; f < FAMILIES; f++) {
        enum family family = (enum family)f;
        json_t *shared = shared_choice(c, family);
        json_t *automatic = choice(family, "auto", "auto", NULL, NULL);
        json_t *web = choice(family, "web", f == V4 ? "webv4" : "webv6", NULL, NULL);
        struct interfaces w = {family, json_array(), automatic};
        if (shared != NULL) {
            if (json_array_size(json_object_get(shared, "addresses")) == 0)
                add_known(s, family, kind_of(json_string_value(json_object_get(shared, "note"))),
                          shared);
            json_array_append_new(items, shared);
        } else {
            json_object_set_new(automatic, "default", json_true());
        }
        add_known(s, family, "auto", automatic);
        sense_list_candidates(s, on_candidate, &w);
        add_known(s, family, "web", web);
        json_array_append_new(items, automatic);
        json_array_extend(items, w.list);
        json_array_append_new(items, web);
        add_devices(pushed, family, items);
        json_decref(w.list);
    }
    return json_pack("{s:o,s:o}", "items", items, "outside", outside_hosts(c, s));
}

/* ---- addresses ---- */

static void add_candidate(void *arg, const struct sense_candidate *c)
{
    char text[ADDR_TEXT_MAX];

    if (addr_kind(&c->addr) == ADDR_LOOPBACK)
        return;
    json_array_append_new(
        arg, json_pack("{s:s,s:s?,s:s?,s:s,s:o,s:b,s:s,s:o}", "family",
                       family_name((enum family)c->addr.family), "interface", c->interface, "from",
                       c->from, "address", addr_text(&c->addr, text), "length",
                       c->length > 0 ? json_integer((json_int_t)c->length) : json_null(), "taken",
                       c->taken, "why", c->why != NULL ? c->why : "", "code",
                       message_phrase_doc(c->why)));
}

json_t *forms_candidates(const struct sense *s)
{
    json_t *list = json_array();

    sense_list_candidates(s, add_candidate, list);
    sense_list_told(s, add_candidate, list);
    return list;
}

/* ---- hostnames ---- */

static enum err check_label(const char *label, size_t n, struct cause *c)
{
    int most = (int)(n < 70 ? n : 70);

    if (n == 0)
        return cause_set(c, ERR_RANGE, "Two dots follow each other, or one stands at an end.");
    if (n > 63)
        return cause_set(c, ERR_RANGE, "A part has at most 63 characters; \"%.*s...\" is longer.",
                         most, label);
    if (label[0] == '-' || label[n - 1] == '-')
        return cause_set(c, ERR_RANGE,
                         "Each part begins and ends with a letter or digit; \"%.*s\" has a hyphen "
                         "there.",
                         most, label);
    for (size_t i = 0; i < n; i++) {
        char ch = label[i];
        if (!text_is_alpha(ch) && !text_is_digit(ch) && ch != '-' && ch != '_' &&
            (unsigned char)ch < 0x80)
            return cause_set(c, ERR_RANGE,
                             "A hostname has letters, digits and hyphens; \"%.*s\" holds something "
                             "else.",
                             most, label);
    }
    return OK;
}

enum err forms_hostname(const char *hostname, struct cause *c)
{
    const char *at = text_starts(hostname, "*.") ? hostname + 2 : hostname;
    enum err e = OK;

    if (strlen(hostname) > 253)
        return cause_set(c, ERR_RANGE, "A hostname has at most 253 characters.");
    if (strchr(at, '.') == NULL)
        return cause_set(c, ERR_RANGE,
                         "\"%.80s\" is only the first part. Write the whole name, such as "
                         "home.example.org.",
                         hostname);
    while (e == OK) {
        size_t n = strcspn(at, ".");
        e = check_label(at, n, c);
        if (at[n] == '\0')
            break;
        at += n + 1;
    }
    return e;
}

/* ---- guessing ---- */

/* Is the name in the domain, or the domain itself? */
static bool within(const char *name, const char *domain)
{
    size_t n = strlen(name), d = strlen(domain);

    return n >= d && text_case_equal(name + (n - d), domain) && (n == d || name[n - d - 1] == '.');
}

static const char *parent(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot != NULL && strchr(dot + 1, '.') != NULL ? dot + 1 : name;
}

const char *forms_guess(struct registry *r, const struct conf *c, const char *hostname,
                        const char **why)
{
    size_t best_len = 0;
    const char *best = NULL;

    for (const char *id = registry_next_provider(r, NULL); id != NULL;
         id = registry_next_provider(r, id)) {
        const struct provider *p = registry_about(r, id);
        const char *const *d = p != NULL ? provider_info(p)->domains : NULL;
        for (; d != NULL && *d != NULL; d++)
            if (strlen(*d) > best_len && within(hostname, *d)) {
                best = provider_info(p)->id;
                best_len = strlen(*d);
            }
    }
    *why = "name";
    if (best != NULL)
        return best;
    *why = "used";
    for (size_t i = 0; i < conf_entry_count(c); i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        const char *provider = conf_entry_provider(e);
        if (provider != NULL && within(hostname, parent(conf_entry_hostname(e))))
            return provider;
    }
    return NULL;
}

static bool serves(const struct provider_info *i, const char *server)
{
    for (const char *const *p = i->nameservers; p != NULL && *p != NULL; p++)
        if (fnmatch(*p, server, FNM_NOESCAPE | FNM_CASEFOLD) == 0)
            return true;
    return false;
}

const char *forms_guess_by_server(struct registry *r, const char *server)
{
    for (const char *id = registry_next_provider(r, NULL); id != NULL;
         id = registry_next_provider(r, id)) {
        const struct provider *p = registry_about(r, id);
        if (p != NULL && serves(provider_info(p), server))
            return provider_info(p)->id;
    }
    return NULL;
}
