/*
 * SPDX-License-Identifier: ISC
 *
 * The page's wishes for the configuration: from JSON to a typed edit, and what came of it.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/forms.h"
#include "command/model_inside.h"
#include "engine/report.h"

/* Until a configuration that was written must be in use; and the longest that somebody waits who
 * wrote the file. */
enum { EDIT_TIME = 10 * SECOND, RELOAD_TIME = 3 * SECOND };

/* ---- from the body to settings ---- */

/* A field of the provider that the entry has, or will have. */
static bool provider_field(const struct model *m, const char *provider, const char *protocol,
                           const char *name)
{
    const struct conf_providers *p = m->rooms.providers;
    bool secret;

    if (p == NULL || p->field == NULL)
        return false;
    if (provider == NULL && protocol == NULL)
        protocol = "dyndns2"; /* the table's default */
    for (size_t n = 0;; n++) {
        const char *field = p->field(p->self, provider, protocol, n, &secret);
        if (field == NULL)
            return false;
        if (text_equal(field, name))
            return true;
    }
}

static enum err check_name(const struct model *m, const struct changes *ch, const char *name,
                           bool globals, struct cause *c)
{
    bool field = !globals && provider_field(m, ch->provider, ch->protocol, name);

    return field ? OK : forms_may_set(name, globals, c);
}

static enum err read_value(const char *name, const json_t *v, struct edit_setting *out,
                           struct cause *c)
{
    *out = (struct edit_setting){.name = name};
    if (json_is_null(v))
        return OK;
    if (!json_is_string(v))
        return cause_set(c, ERR_SYNTAX, "%s needs a text, or null to unset it.", name);
    out->value = json_string_value(v);
    for (const char *s = out->value; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return cause_set(c, ERR_RANGE, "%s holds a control character, such as a line break.",
                             name);
    if (strlen(out->value) != json_string_length(v))
        return cause_set(c, ERR_RANGE, "%s holds a NUL.", name);
    return OK;
}

void changes_free(struct changes *ch)
{
    mem_free(ch->settings);
    ch->settings = NULL;
}

static const char *text_of(const json_t *settings, const char *name, const char *fallback)
{
    const json_t *v = json_object_get(settings, name);
    return json_is_string(v) ? json_string_value(v) : json_is_null(v) ? NULL : fallback;
}

enum err changes_read(const struct model *m, const json_t *body, const struct conf_entry *entry,
                      bool globals, struct changes *out, struct cause *c)
{
    json_t *settings = json_object_get(body, "settings"), *v;
    const char *name;
    enum err e = OK;

    *out = (struct changes){0};
    if (!json_is_object(settings))
        return cause_set(c, ERR_SYNTAX, "The body needs an object \"settings\".");
    out->provider =
        text_of(settings, "provider", entry != NULL ? conf_entry_provider(entry) : NULL);
    out->protocol =
        text_of(settings, "protocol", entry != NULL ? conf_entry_protocol(entry) : NULL);
    out->settings = mem_array(json_object_size(settings) + CHANGES_MORE, sizeof *out->settings);
    json_object_foreach(settings, name, v)
    {
        snprintf(out->field, sizeof out->field, "%s", name);
        e = check_name(m, out, name, globals, c);
        if (e == OK)
            e = read_value(name, v, &out->settings[out->count++], c);
        if (e != OK)
            break;
    }
    if (e == OK)
        out->field[0] = '\0';
    return e;
}

/* What the other entry's account consists of, copied: the person never sees it. */
static const char *const account_settings[] = {"account",  "server",       "login",
                                               "password", "apikey",       "secretapikey",
                                               "key-name", "key-algorithm"};

static bool given(const struct changes *ch, const char *name)
{
    for (size_t i = 0; i < ch->count; i++)
        if (text_equal(ch->settings[i].name, name))
            return true;
    return false;
}

/* The object that define=account:NAME makes; an empty view where there is none. */
static struct view account_view(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf_object_count(conf); i++)
        if (text_equal(conf_object_kind(conf, i), "account") &&
            text_equal(conf_object_name(conf, i), name))
            return conf_object_view(conf, i);
    return (struct view){0};
}

/* What the account says already is not written beside it: it is the account's own way, with which
 * its secret goes. */
static void leave_to_account(struct changes *ch, const struct view *account)
{
    size_t kept = 0;

    for (size_t i = 0; i < ch->count; i++) {
        const struct edit_setting *s = &ch->settings[i];
        bool who = text_equal(s->name, "provider") || text_equal(s->name, "protocol");
        if (!who || !text_equal(view_get(account, s->name), s->value))
            ch->settings[kept++] = *s;
    }
    ch->count = kept;
}

enum err changes_same_as(struct model *m, const json_t *body, struct changes *ch, struct cause *c)
{
    const char *twin = json_string_value(json_object_get(body, "same_as"));
    const struct conf_entry *e;

    if (twin == NULL)
        return OK;
    enum err error = conf_entry_find(m->conf, twin, &e, c);
    if (error != OK)
        return error;
    if (!text_equal(conf_entry_provider(e), ch->provider) ||
        !text_equal(conf_entry_protocol(e), ch->protocol))
        return cause_set(c, ERR_RANGE, "%s is at another provider.", conf_entry_written(e));
    /* The secrets go where they went, and nowhere else. */
    if (given(ch, "server") || given(ch, "proxy") || given(ch, "ssl"))
        return cause_set(c, ERR_DENIED,
                         "Another server or proxy gets the password only when it is typed again.");
    struct view v = conf_entry_view(e);
    bool own;
    for (size_t i = 0; i < sizeof account_settings / sizeof account_settings[0]; i++) {
        const char *name = account_settings[i], *value = view_get(&v, name);
        if (value != NULL && conf_entry_origin(e, name, &own) != 0 && !given(ch, name))
            ch->settings[ch->count++] = (struct edit_setting){name, value};
        if (value != NULL && text_equal(name, "account")) { /* the object holds the rest */
            const struct view account = account_view(m->conf, value);
            leave_to_account(ch, &account);
            break;
        }
    }
    return OK;
}

/* ---- what came of it ---- */

struct pending {
    struct pending *next;
    struct model *model;
    web_answer_fn *fn;
    void *arg;
    enum web_action what;
    char *entry;      /* owned: which one it was about; may be NULL */
    json_t *more;     /* counted: what the answer tells besides; NULL for none */
    char version[40]; /* written, and waited for; "" while the keeper works */
    char after[512];  /* identity afterwards */
    bool secrets_cleared, restart;
    bool unused; /* written, but the file has an error somewhere else */
    bool stale;  /* refused: waits for the file's newer version, to show it */
    uv_timer_t timer;
};

static void pending_closed(uv_handle_t *h)
{
    struct pending *p = h->data;

    json_decref(p->more);
    mem_free(p->entry);
    mem_free(p);
}

static void pending_end(struct pending *p)
{
    for (struct pending **at = &p->model->pending; *at != NULL; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    uv_close((uv_handle_t *)&p->timer, pending_closed);
}

static void answer_done(struct pending *p)
{
    json_t *doc = json_pack("{s:o,s:s,s:b,s:b,s:b}", "id",
                            p->after[0] != '\0' ? json_string(p->after) : json_null(), "version",
                            p->version, "secrets_cleared", p->secrets_cleared, "restart",
                            p->restart, "in_use", !p->unused);
    struct web_answer a = {.error = OK, .doc = doc};

    if (p->more != NULL)
        json_object_update_missing(doc, p->more);
    p->fn(p->arg, &a);
    json_decref(doc);
    pending_end(p);
}

/* The values as they are in the file now, for the form to show beside the person's own. */
static void answer_stale(struct pending *p)
{
    const struct model *m = p->model;
    json_t *theirs =
        p->entry != NULL ? report_entry(m->rooms.engine, p->entry, m->said.version) : NULL;
    json_t *extra = json_pack("{s:s}", "version", m->said.version);

    for (size_t i = 0; theirs != NULL && i < 2; i++) {
        static const char *const shown[] = {"settings", "origins"};
        json_object_set(extra, shown[i], json_object_get(theirs, shown[i]));
    }
    struct web_answer a = {.error = ERR_CONFLICT,
                           .code = "changed",
                           .text = "homing.conf was changed meanwhile. Nothing was overwritten.",
                           .extra = extra};
    p->fn(p->arg, &a);
    json_decref(theirs);
    json_decref(extra);
    pending_end(p);
}

static void answer_reloaded(struct pending *p)
{
    json_t *doc = json_pack("{s:s,s:s,s:b}", "file", p->model->said.path, "version", p->version,
                            "in_use", !p->unused);
    const struct web_answer a = {.error = OK, .doc = doc};

    p->fn(p->arg, &a);
    json_decref(doc);
    pending_end(p);
}

static void pending_ready(struct pending *p)
{
    if (p->stale)
        answer_stale(p);
    else if (p->what == WEB_RELOAD)
        answer_reloaded(p);
    else
        answer_done(p);
}

/* Written it is; the page sees by itself when it is in use. */
static void on_late(uv_timer_t *timer)
{
    struct pending *p = timer->data;
    const struct web_answer late = {
        .error = ERR_BUSY,
        .text = "the service has not taken the configuration over yet; it goes on by itself"};

    if (p->what != WEB_RELOAD) {
        pending_ready(p);
        return;
    }
    p->fn(p->arg, &late);
    pending_end(p);
}

static void pending_wait(struct pending *p, const char *version)
{
    snprintf(p->version, sizeof p->version, "%s", version);
    if (text_equal(p->model->said.version, version))
        pending_ready(p);
    else
        uv_timer_start(&p->timer, on_late, p->what == WEB_RELOAD ? RELOAD_TIME : EDIT_TIME, 0);
}

void pending_conf(struct model *m, const char *version)
{
    for (struct pending *p = m->pending, *next; p != NULL; p = next) {
        next = p->next;
        if (p->version[0] != '\0' && text_equal(p->version, version))
            pending_ready(p);
    }
}

void model_refused(struct model *m, const char *version)
{
    for (struct pending *p = m->pending, *next; p != NULL; p = next) {
        next = p->next;
        if (p->version[0] != '\0' && text_equal(p->version, version)) {
            p->unused = true;
            pending_ready(p);
        }
    }
}

void pending_end_all(struct model *m)
{
    while (m->pending != NULL) {
        struct pending *p = m->pending;
        struct web_answer a = {.error = ERR_BUSY, .text = "homing is being stopped."};
        p->fn(p->arg, &a);
        pending_end(p);
    }
}

static void answer_refused(struct pending *p, enum err error, const struct edit_answer *found,
                           const char *why)
{
    struct web_answer a = {.error = error, .text = why};
    struct buf sentence;

    buf_init(&sentence, 2 * CAUSE_MAX);
    if ((p->what == WEB_IMPORT || p->what == WEB_MANY) && found->entry[0] != '\0') {
        buf_format(&sentence, "%s: %s", found->entry, why);
        a.text = buf_str(&sentence);
    }
    if (found->setting[0] != '\0')
        a.field = found->setting;
    if (found->shared != EDIT_NOT_SHARED) {
        a.code = "shared";
        a.args = json_pack("{s:I,s:i,s:s}", "count", (json_int_t)found->hostnames, "line",
                           (int)found->line, "setting", found->setting);
        buf_format(&sentence,
                   "%s stands on line %u and is shared by %zu hostnames: say whether it "
                   "is changed for all of them or for this one.",
                   found->setting, found->line, found->hostnames);
        a.text = buf_str(&sentence);
    } else if (error == ERR_EXISTS && p->entry != NULL) {
        if (p->what != WEB_RENAME)
            a.extra = json_pack("{s:s}", "id", p->entry);
        a.field = "hostname";
    }
    p->fn(p->arg, &a);
    json_decref(a.args);
    json_decref(a.extra);
    buf_free(&sentence);
    pending_end(p);
}

static void on_edited(void *arg, enum err error, const struct edit_answer *found,
                      const char *version, const char *why)
{
    struct pending *p = arg;

    p->stale = error != OK && found->stale;
    if (error != OK && !p->stale) {
        answer_refused(p, error, found, why);
        return;
    }
    if (p->what != WEB_IMPORT && p->what != WEB_MANY)
        snprintf(p->after, sizeof p->after, "%s", found->entry);
    p->secrets_cleared = found->secrets_cleared;
    p->restart = found->restart;
    pending_wait(p, version);
}

static struct pending *pending_new(struct model *m, enum web_action what, const char *entry,
                                   web_answer_fn *fn, void *arg)
{
    struct pending *p = mem_alloc(sizeof *p);

    p->model = m;
    p->what = what;
    p->entry = mem_text(entry);
    p->fn = fn;
    p->arg = arg;
    uv_timer_init(m->rooms.loop, &p->timer);
    p->timer.data = p;
    p->next = m->pending;
    m->pending = p;
    return p;
}

/* ---- the wishes ---- */

void model_refuse(web_answer_fn *fn, void *arg, enum err e, const char *field,
                  const struct cause *c)
{
    struct web_answer a = {.error = e, .text = c->text};

    if (field != NULL && field[0] != '\0')
        a.field = field;
    fn(arg, &a);
}

static enum edit_share share_of(const json_t *body)
{
    const char *scope = json_string_value(json_object_get(body, "scope"));

    return text_equal(scope, "all") ? EDIT_ALL : text_equal(scope, "this") ? EDIT_ONE : EDIT_ASK;
}

static void start(struct model *m, enum web_action what, const struct edit *edit,
                  const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    struct pending *p = pending_new(m, what, edit->target, fn, arg);

    log_notice(edit->target, "%s asks for a change of homing.conf.", who->who);
    worker_edit(m->rooms.worker, edit, who->version, on_edited, p);
}

/* A new entry without what its provider needs would only fail. */
static enum err check_required(const struct model *m, struct changes *ch, struct cause *c)
{
    const struct provider *p =
        ch->provider != NULL ? registry_about(m->rooms.registry, ch->provider) : NULL;
    const struct provider_info *i = p != NULL ? provider_info(p) : NULL;

    for (size_t n = 0; i != NULL && n < i->field_count; n++) {
        const struct provider_field *f = &i->fields[n];
        if (!f->required || given(ch, f->name) || given(ch, "account"))
            continue;
        snprintf(ch->field, sizeof ch->field, "%s", f->name);
        return cause_set(c, ERR_RANGE, "%s needs this: %s.", i->name != NULL ? i->name : i->id,
                         f->label != NULL ? f->label : f->name);
    }
    return OK;
}

void model_create(struct model *m, const json_t *body, const struct web_edit *who,
                  web_answer_fn *fn, void *arg)
{
    const char *hostname = json_string_value(json_object_get(body, "hostname"));
    struct changes ch = {0};
    struct cause c;
    enum err e =
        hostname == NULL ? cause_set(&c, ERR_SYNTAX, "The body needs a \"hostname\".") : OK;

    if (e == OK)
        e = forms_hostname(hostname, &c);
    if (e == OK)
        e = changes_read(m, body, NULL, false, &ch, &c);
    else
        snprintf(ch.field, sizeof ch.field, "hostname");
    if (e == OK)
        e = changes_same_as(m, body, &ch, &c);
    if (e == OK)
        e = check_required(m, &ch, &c);
    if (e == OK) {
        struct edit edit = {.what = EDIT_ADD,
                            .of = EDIT_HOSTNAME,
                            .target = hostname,
                            .settings = ch.settings,
                            .count = ch.count,
                            .share = EDIT_ONE};
        start(m, WEB_CREATE, &edit, who, fn, arg);
    } else {
        model_refuse(fn, arg, e, ch.field, &c);
    }
    changes_free(&ch);
}

void model_change(struct model *m, const char *id, const json_t *body, const struct web_edit *who,
                  web_answer_fn *fn, void *arg)
{
    const struct conf_entry *entry;
    struct changes ch = {0};
    struct cause c;
    enum err e = conf_entry_find(m->conf, id, &entry, &c);

    if (e == OK)
        e = changes_read(m, body, entry, false, &ch, &c);
    if (e == OK)
        e = changes_same_as(m, body, &ch, &c);
    if (e == OK) {
        struct edit edit = {.what = EDIT_SET,
                            .of = EDIT_HOSTNAME,
                            .target = conf_entry_id(entry),
                            .settings = ch.settings,
                            .count = ch.count,
                            .share = share_of(body)};
        start(m, WEB_CHANGE, &edit, who, fn, arg);
    } else {
        model_refuse(fn, arg, e, ch.field, &c);
    }
    changes_free(&ch);
}

void model_set(struct model *m, const json_t *body, const struct web_edit *who, web_answer_fn *fn,
               void *arg)
{
    struct changes ch = {0};
    struct cause c;
    enum err e = changes_read(m, body, NULL, true, &ch, &c);

    if (e == OK) {
        struct edit edit = {.what = EDIT_SET,
                            .of = EDIT_GLOBALS,
                            .settings = ch.settings,
                            .count = ch.count,
                            .share = EDIT_ALL};
        start(m, WEB_SET, &edit, who, fn, arg);
    } else {
        model_refuse(fn, arg, e, ch.field, &c);
    }
    changes_free(&ch);
}

/* Those that name an entry and nothing else. */
void model_plain_edit(struct model *m, enum web_action what, const char *id,
                      const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    enum edit_what kind = what == WEB_REMOVE   ? EDIT_REMOVE
                          : what == WEB_ENABLE ? EDIT_ENABLE
                                               : EDIT_DISABLE;
    const struct conf_entry *entry;
    struct cause c;
    enum err e = conf_entry_find(m->conf, id, &entry, &c);

    if (e != OK) {
        model_refuse(fn, arg, e, NULL, &c);
        return;
    }
    struct edit edit = {
        .what = kind, .of = EDIT_HOSTNAME, .target = conf_entry_id(entry), .share = EDIT_ONE};
    start(m, what, &edit, who, fn, arg);
}

void model_rename(struct model *m, const char *id, const char *name, const struct web_edit *who,
                  web_answer_fn *fn, void *arg)
{
    const struct conf_entry *entry;
    struct cause c;
    enum err e = conf_entry_find(m->conf, id, &entry, &c);

    if (e == OK)
        e = forms_hostname(name, &c);
    if (e != OK) {
        model_refuse(fn, arg, e, "hostname", &c);
        return;
    }
    struct edit edit = {
        .what = EDIT_RENAME, .of = EDIT_HOSTNAME, .target = conf_entry_id(entry), .name = name};
    start(m, WEB_RENAME, &edit, who, fn, arg);
}

void model_undo(struct model *m, const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    struct pending *p = pending_new(m, WEB_UNDO, NULL, fn, arg);

    log_notice(NULL, "%s asks for the former homing.conf.", who->who);
    worker_undo(m->rooms.worker, who->version, on_edited, p);
}

void model_reload(struct model *m, web_answer_fn *fn, void *arg)
{
    worker_reload(m->rooms.worker, on_edited, pending_new(m, WEB_RELOAD, NULL, fn, arg));
}

void model_edit_many(struct model *m, const struct edit *edits, size_t count, json_t *doc,
                     const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    struct pending *p = pending_new(m, WEB_IMPORT, NULL, fn, arg);

    p->more = json_incref(doc);
    json_object_set_new(doc, "written", json_true());
    log_notice(NULL, "%s takes over another program's configuration into homing.conf.", who->who);
    worker_edit_many(m->rooms.worker, edits, count, who->version, on_edited, p);
}

void model_edit_each(struct model *m, const struct edit *edit, const char *const *ids, size_t count,
                     const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    struct pending *p = pending_new(m, WEB_MANY, NULL, fn, arg);

    p->more = json_pack("{s:I}", "count", (json_int_t)count);
    log_notice(NULL, "%s asks for a change of %zu hostnames in homing.conf.", who->who, count);
    worker_edit_each(m->rooms.worker, edit, ids, count, who->version, on_edited, p);
}
