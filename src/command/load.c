/*
 * SPDX-License-Identifier: ISC
 */
#include "command/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

static struct registry *registry_of(const void *self)
{
    return (struct registry *)(uintptr_t)self; /* its own: it parses data when first asked */
}

static const struct provider *named(const void *self, const char *provider, const char *protocol)
{
    return provider != NULL ? registry_about(registry_of(self), provider)
                            : registry_about_protocol(registry_of(self), protocol);
}

static bool provider_known(const void *self, const char *id)
{
    return registry_about(registry_of(self), id) != NULL;
}

static bool protocol_known(const void *self, const char *word)
{
    return registry_about_protocol(registry_of(self), word) != NULL;
}

static const char *provider_next(const void *self, const char *after)
{
    return registry_next_provider(registry_of(self), after);
}

static const char *protocol_next(const void *self, const char *after)
{
    return registry_next_protocol(registry_of(self), after);
}

static const char *field(const void *self, const char *provider, const char *protocol, size_t n,
                         bool *secret)
{
    const struct provider *p = named(self, provider, protocol);
    const struct provider_info *info = p != NULL ? provider_info(p) : NULL;

    if (info == NULL || n >= info->field_count)
        return NULL;
    *secret = info->fields[n].secret;
    return info->fields[n].name;
}

static const char *default_of(const void *self, const char *provider, const char *protocol,
                              const char *setting)
{
    const struct provider *p = named(self, provider, protocol);
    return p != NULL ? provider_default(p, setting) : NULL;
}

static const char *needs(const void *self, const char *provider, size_t n)
{
    const struct provider *p = named(self, provider, NULL);
    const struct provider_info *info = p != NULL ? provider_info(p) : NULL;

    for (size_t i = 0; info != NULL && i < info->field_count; i++)
        if (info->fields[i].required && info->fields[i].fallback == NULL && n-- == 0)
            return info->fields[i].name;
    return NULL;
}

static bool many(const void *self, const char *provider, const char *protocol)
{
    const struct provider *p = named(self, provider, protocol);
    return p != NULL && provider_info(p)->many;
}

static const char *unusable(const void *self, const char *provider)
{
    const struct provider *p = named(self, provider, NULL);
    const struct provider_info *info = p != NULL ? provider_info(p) : NULL;

    if (info == NULL ||
        (!text_equal(info->status, "closed") && !text_equal(info->status, "unsupported")))
        return NULL;
    return info->note != NULL ? info->note : "its service has closed.";
}

/* Services that are no data file: where mail and programs take the place of HTTP. */
static const struct own_kind {
    const char *name;
    struct {
        const char *name;
        bool required;
    } fields[9];
} own_kinds[] = {
    {"command", {{"command", true}}},
    {"mail",
     {{"to", true},
      {"mail-from", false},
      {"mail-server", false},
      {"login", false},
      {"password", false},
      {"sendmail", false}}},
};
enum { OWN_KINDS = sizeof own_kinds / sizeof own_kinds[0] };

static const struct own_kind *own_kind(const char *kind)
{
    for (size_t i = 0; i < OWN_KINDS; i++)
        if (text_equal(own_kinds[i].name, kind))
            return &own_kinds[i];
    return NULL;
}

static bool notify_known(const void *self, const char *kind)
{
    return own_kind(kind) != NULL || registry_notify(registry_of(self), kind) != NULL;
}

static const char *notify_next(const void *self, const char *after)
{
    const char *best = registry_next_notify(registry_of(self), after);

    for (size_t i = OWN_KINDS; i-- > 0;)
        if ((after == NULL || text_case_compare(own_kinds[i].name, after) > 0) &&
            (best == NULL || text_case_compare(own_kinds[i].name, best) < 0))
            best = own_kinds[i].name;
    return best;
}

static const char *notify_field(const void *self, const char *kind, size_t n, bool *secret,
                                bool *required)
{
    const struct own_kind *own = own_kind(kind);
    const struct provider *p = registry_notify(registry_of(self), kind);
    const struct provider_info *info = p != NULL ? provider_info(p) : NULL;

    if (own != NULL && n < sizeof own->fields / sizeof own->fields[0]) {
        *secret = text_equal(own->fields[n].name, "password");
        *required = own->fields[n].required;
        return own->fields[n].name;
    }
    if (info == NULL || n >= info->field_count)
        return NULL;
    *secret = info->fields[n].secret;
    *required = info->fields[n].required && info->fields[n].fallback == NULL;
    return info->fields[n].name;
}

void loaded_init(struct loaded *l)
{
    l->registry = registry_new();
    l->conf = NULL;
    l->providers = (struct conf_providers){.self = l->registry,
                                           .provider_known = provider_known,
                                           .protocol_known = protocol_known,
                                           .provider_next = provider_next,
                                           .protocol_next = protocol_next,
                                           .field = field,
                                           .default_of = default_of,
                                           .needs = needs,
                                           .unusable = unusable,
                                           .many = many,
                                           .notify_known = notify_known,
                                           .notify_next = notify_next,
                                           .notify_field = notify_field};
}

void loaded_free(struct loaded *l)
{
    conf_unref(l->conf);
    registry_free(l->registry);
    *l = (struct loaded){0};
}

enum err load_file(const char *path, struct buf *out, struct cause *cause)
{
    char chunk[65536];
    size_t used = 0; /* of it: what was never written need not be wiped */
    struct stat st;
    enum err e = OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return cause_set(cause, err_from_errno(errno), "%s", strerror(errno));
    bool known = fstat(fd, &st) == 0;
    if (known && S_ISDIR(st.st_mode))
        e = cause_set(cause, ERR_IO, "it is a folder");
    else if (known && S_ISREG(st.st_mode) && (uint64_t)st.st_size < out->max - out->len)
        buf_reserve(out, (size_t)st.st_size);
    while (e == OK) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n > (ssize_t)used)
            used = (size_t)n;
        if (n < 0)
            e = cause_set(cause, err_from_errno(errno), "%s", strerror(errno));
        else if (n > 0 && !buf_add(out, chunk, (size_t)n))
            e = cause_set(cause, ERR_TOO_BIG, "it is longer than %zu MiB", out->max >> 20);
        else if (n == 0)
            break;
    }
    mem_wipe(chunk, used);
    close(fd);
    return e;
}

static void load_provider(struct loaded *l, const char *folder, const char *name)
{
    char *path = mem_format("%s/%s", folder, name);
    struct buf bytes;
    struct cause cause;
    struct provider *p = NULL;

    buf_init(&bytes, 1 << 20);
    enum err e = load_file(path, &bytes, &cause);
    if (e == OK)
        e = provider_parse(buf_str(&bytes), bytes.len, path, &p, &cause);
    if (e == OK)
        registry_add(l->registry, p);
    else
        log_warning(NULL, "%s is left out: %s", path, cause.text);
    buf_free(&bytes);
    mem_free(path);
}

static int is_provider_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends(entry->d_name, ".json");
}

void load_providers(struct loaded *l, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_provider_file, alphasort);

    for (int i = 0; i < count; i++) {
        load_provider(l, folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

void load_conf_bytes(struct loaded *l, const char *bytes, size_t n,
                     const struct conf_options *options)
{
    struct conf_options all = *options;

    all.providers = &l->providers;
    conf_unref(l->conf);
    l->conf = conf_parse(bytes, n, &all);
}

enum err load_conf(struct loaded *l, const char *path, const struct conf_options *options,
                   struct cause *cause)
{
    struct buf bytes;

    buf_init(&bytes, LOAD_MAX);
    enum err e = load_file(path, &bytes, cause);
    if (e == OK)
        load_conf_bytes(l, buf_str(&bytes), bytes.len, options);
    buf_wipe(&bytes);
    return e;
}

const struct provider *load_provider_of(struct registry *r, const struct conf_entry *e)
{
    const char *id = conf_entry_provider(e);
    return id != NULL ? registry_provider(r, id) : registry_protocol(r, conf_entry_protocol(e));
}

bool load_no_outside(const struct conf *conf)
{
    struct view globals = conf_globals(conf);
    return text_equal(conf_text(&globals, "outside"), "no");
}

char *load_state_dir(const char *path)
{
    const struct conf_options options = {.dialect = CONF_HOMING, .name = path};
    struct buf bytes;
    char *folder = NULL;

    buf_init(&bytes, LOAD_MAX);
    if (load_file(path, &bytes, NULL) == OK && strstr(buf_str(&bytes), "state-dir") != NULL) {
        struct conf *conf = conf_parse(buf_str(&bytes), bytes.len, &options);
        struct view globals = conf_globals(conf);
        folder = mem_text(view_get(&globals, "state-dir"));
        conf_unref(conf);
    }
    buf_wipe(&bytes);
    return folder;
}
