/*
 * SPDX-License-Identifier: ISC
 */
#include "command/manual.h"

#include <jansson.h>

#include "base/text.h"
#include "command/command.h"
#include "conf/settings.h"
#include "publish/provider.h"
#include "sense/outside.h"
#include "sense/services.h"
#include "web/files.h"

/* scdoc gives *, _, # and \ a meaning. */
static void add_plain(const char *s, struct buf *out)
{
    for (; *s != '\0'; s++) {
        if (*s == '*' || *s == '_' || *s == '#' || *s == '\\' || *s == '[' || *s == '|')
            buf_char(out, '\\');
        buf_char(out, *s);
    }
}

static void add_words(const char *const *words, struct buf *out)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        buf_text(out, i > 0 ? ", *" : "*");
        add_plain(words[i], out);
        buf_char(out, '*');
    }
}

/* "number, 1 to 8; 2 by default; changes at the next start" */
static void add_facts(const struct setting *s, struct buf *out)
{
    if (s->type == SETTING_CHOICE && s->choices != NULL)
        add_words(s->choices, out);
    else
        add_plain(setting_type_name(s->type), out);
    if (s->min != 0 || s->max != 0) {
        buf_format(out, ", at least %ld", s->min);
        if (s->max != 0)
            buf_format(out, " and at most %ld", s->max);
        if (s->unit != NULL)
            buf_format(out, " %s", s->unit);
    }
    if (s->fallback != NULL) {
        buf_text(out, "; *");
        add_plain(s->fallback, out);
        buf_text(out, "* by default");
    }
    if (s->class == SETTING_SECRET)
        buf_text(out, "; secret");
    else if (s->class != SETTING_PLAIN)
        buf_text(out, "; only in the file, never through the page");
    if ((s->flags & SETTING_RESTART) != 0)
        buf_text(out, "; takes effect at the next start");
    if ((s->flags & SETTING_DDCLIENT) == 0)
        buf_text(out, "; not in ddclient");
}

static void add_setting(const struct setting *s, struct buf *out)
{
    buf_char(out, '*');
    add_plain(s->name, out);
    buf_text(out, "*=\n\t");
    add_plain(s->help, out);
    if (s->instead != NULL) {
        buf_text(out, " Better: ");
        add_plain(s->instead, out);
        buf_char(out, '.');
    }
    buf_text(out, "\n\t(");
    add_facts(s, out);
    buf_text(out, ")\n\n");
}

/* Those of the scope that are in none of the others. */
static void settings_in(unsigned scope, unsigned others, struct buf *out)
{
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s))
        if ((s->scope & scope) != 0 && (s->scope & others) == 0)
            add_setting(s, out);
}

static void part_settings(struct buf *out)
{
    buf_text(out, "## FOR A HOSTNAME\n\n");
    settings_in(SCOPE_HOST, 0, out);
    buf_text(out, "## FOR THE PROGRAM\n\n");
    settings_in(SCOPE_GLOBAL, SCOPE_HOST, out);
    buf_text(out, "## FOR NAMED OBJECTS ALONE\n\n");
    settings_in(SCOPE_OBJECTS, SCOPE_BOTH, out);
}

static void part_objects(struct buf *out)
{
    const char *const *kinds = setting_kinds();

    for (size_t i = 0; kinds[i] != NULL; i++) {
        unsigned scope = setting_kind_scope(kinds[i]);
        buf_format(out, "*define=%s:*NAME\n\t", kinds[i]);
        bool first = true;
        for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
            if ((s->scope & scope) == 0 || (s->flags & SETTING_META) != 0)
                continue;
            buf_text(out, first ? "takes *" : ", *");
            add_plain(s->name, out);
            buf_char(out, '*');
            first = false;
        }
        buf_text(out, "\n\n");
    }
}

static void part_sources(struct buf *out)
{
    buf_text(out, "*usev4*=\n\t");
    add_words(setting_strategies(SETTING_USE4), out);
    buf_text(out, "\n\n*usev6*=\n\t");
    add_words(setting_strategies(SETTING_USE6), out);
    buf_text(out, "\n\n*use*=\n\t");
    add_words(setting_strategies(SETTING_USE), out);
    buf_text(out, "\n\nRouter models: ");
    add_words(setting_devices(), out);
    buf_text(out,
             ". Page and pattern of each are ddclient's; none was tried with the device itself. "
             "*homing ddclient --geturl* shows the page, *fw-skip*= replaces the pattern.\n");
}

static void add_field(const struct provider_field *f, struct buf *out)
{
    buf_text(out, "\t*");
    add_plain(f->name, out);
    buf_text(out, "*=\n\t\t");
    add_plain(f->label != NULL ? f->label : f->name, out);
    buf_text(out, f->required ? " (needed" : " (optional");
    if (f->secret)
        buf_text(out, ", secret");
    if (f->fallback != NULL) {
        buf_text(out, ", *");
        add_plain(f->fallback, out);
        buf_text(out, "* by default");
    }
    buf_text(out, ")");
    for (size_t i = 0; f->choices != NULL && f->choices[i] != NULL; i++) {
        buf_text(out, i > 0 ? ", *" : ", one of *");
        add_plain(f->choices[i], out);
        buf_char(out, '*');
    }
    if (f->help != NULL) {
        buf_text(out, ". ");
        add_plain(f->help, out);
    }
    buf_text(out, "\n\n");
}

static void add_provider(const struct provider_info *p, struct buf *out)
{
    buf_text(out, p->notify ? "*kind*=*" : "*provider*=*");
    add_plain(p->id, out);
    buf_text(out, "*: ");
    add_plain(p->name, out);
    buf_text(out, "\n\t");
    if (p->website != NULL) {
        buf_char(out, '_');
        add_plain(p->website, out);
        buf_text(out, "_. ");
    }
    if (p->help != NULL) {
        add_plain(p->help, out);
        buf_char(out, ' ');
    }
    if (p->note != NULL)
        add_plain(p->note, out);
    buf_text(out, "\n\t(");
    add_plain(p->status, out);
    buf_text(out, "; evidence: ");
    add_plain(p->evidence, out);
    if (p->checked != NULL)
        buf_format(out, ", %s", p->checked);
    buf_text(out, ")\n\n");
    for (size_t i = 0; i < p->field_count; i++)
        add_field(&p->fields[i], out);
}

/* Those that are built in: the manual is the same on every machine. */
static void part_providers(struct buf *out)
{
    struct registry *registry = registry_new();

    for (const char *id = registry_next_provider(registry, NULL); id != NULL;
         id = registry_next_provider(registry, id)) {
        const struct provider *p = registry_about(registry, id);
        if (p != NULL)
            add_provider(provider_info(p), out);
    }
    registry_free(registry);
}

static void part_notify(struct buf *out)
{
    struct registry *registry = registry_new();

    for (const char *id = registry_next_notify(registry, NULL); id != NULL;
         id = registry_next_notify(registry, id)) {
        const struct provider *p = registry_notify(registry, id);
        if (p != NULL)
            add_provider(provider_info(p), out);
    }
    registry_free(registry);
}

/* The operations of the interface, from the description that is served. */
static void part_operations(struct buf *out)
{
    const struct web_file *file = files_find("openapi.json");
    json_t *root = json_loadb((const char *)file->plain, file->plain_len, 0, NULL);
    const char *path, *method;
    json_t *operations, *operation;

    json_object_foreach(json_object_get(root, "paths"), path, operations)
    {
        json_object_foreach(operations, method, operation)
        {
            const char *access = json_string_value(json_object_get(operation, "x-access"));
            const char *summary = json_string_value(json_object_get(operation, "summary"));
            if (summary == NULL)
                continue;
            buf_char(out, '*');
            for (const char *s = method; *s != '\0'; s++)
                buf_char(out, *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s);
            buf_char(out, ' ');
            add_plain(path, out);
            buf_text(out, "*\n\t");
            add_plain(summary, out);
            if (access != NULL)
                buf_format(out, " (access: %s)", access);
            buf_text(out, "\n\n");
        }
    }
    json_decref(root);
}

/* The services that homing asks by itself: of auto, and of stun and dns. */
static void add_services(const struct web_service *list, size_t n, enum outside_way way,
                         struct buf *out)
{
    const char *comma = "";

    for (size_t i = 0; i < n; i++) {
        struct outside_place place;
        char host[128];
        if (!list[i].automatic || outside_way(list[i].url) != way)
            continue;
        bool page = way == OUTSIDE_WEB || !outside_place(list[i].url, &place);
        buf_format(out, "%s%s (%s)", comma,
                   page ? webask_host(list[i].url, host, sizeof host) : place.server,
                   list[i].operator);
        comma = ", ";
    }
    buf_text(out, "\n\n");
}

static void part_outside(struct buf *out)
{
    buf_text(out, "*auto*\n\t");
    add_services(web_services, web_service_count, OUTSIDE_WEB, out);
    buf_text(out, "*stun*\n\t");
    add_services(other_services, other_service_count, OUTSIDE_STUN, out);
    buf_text(out, "*dns*\n\t");
    add_services(other_services, other_service_count, OUTSIDE_DNS, out);
    buf_text(out, "*webv4*, *webv6*\n\tapi.ipify.org and api6.ipify.org, where no page is named\n");
}

static const struct {
    const char *name;
    void (*fn)(struct buf *out);
} parts[] = {
    {"commands", command_manual},    {"settings", part_settings}, {"objects", part_objects},
    {"sources", part_sources},       {"outside", part_outside},   {"providers", part_providers},
    {"operations", part_operations}, {"notify", part_notify},
};

bool manual_part(const char *part, struct buf *out)
{
    if (text_equal(part, "protocols")) {
        add_words(setting_protocols(), out);
        buf_char(out, '\n');
        return true;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (text_equal(parts[i].name, part)) {
            parts[i].fn(out);
            return true;
        }
    }
    return false;
}
