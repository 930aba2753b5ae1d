/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_FUZZ_CONF_WALK_H
#define HOMING_TEST_FUZZ_CONF_WALK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/settings.h"

/*
 * What the targets of the reader and of the editor share: the world around a file, and what holds
 * for every configuration that was read. The first byte of an input says how to read, the rest is
 * the file.
 */
#define CANARY "c4n4ry-7f"

enum { WALKED = 200, WALKED_WHOLE = 8 };

static const char *environment(const char *name)
{
    return strlen(name) > 4 ? CANARY : NULL;
}

static char *files(const char *path, struct cause *c)
{
    if (strlen(path) > 8)
        return mem_text(CANARY);
    cause_set(c, ERR_NOT_FOUND, "none");
    return NULL;
}

static bool known(const void *self, const char *id)
{
    return id[0] != 'x';
}

static const char *field(const void *self, const char *provider, const char *protocol, size_t n,
                         bool *secret)
{
    static const char *const names[] = {"alpha", "beta"};
    *secret = n == 0;
    return n < 2 ? names[n] : NULL;
}

static const char *default_of(const void *self, const char *provider, const char *protocol,
                              const char *setting)
{
    return strcmp(setting, "server") == 0 ? "members.example" : NULL;
}

static const char *next_kind(const void *self, const char *after)
{
    return after == NULL ? "ntfy" : NULL;
}

static const char *kind_field(const void *self, const char *kind, size_t n, bool *secret,
                              bool *required)
{
    *required = n == 0;
    return field(self, kind, NULL, n, secret);
}

static const struct conf_providers providers = {.provider_known = known,
                                                .protocol_known = known,
                                                .field = field,
                                                .default_of = default_of,
                                                .notify_known = known,
                                                .notify_next = next_kind,
                                                .notify_field = kind_field};

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* Walks all that a configuration tells; every setting of the first hostnames. */
static inline void walk(const struct conf *c, bool canary_in_text)
{
    struct buf out;
    buf_init(&out, 8 << 20);
    for (size_t i = 0; i < conf_problem_count(c); i++) {
        buf_clear(&out);
        conf_problem_show(c, conf_problem_at(c, i), &out);
        require(canary_in_text || strstr(buf_str(&out), CANARY) == NULL);
    }
    for (size_t i = 0; i < conf_entry_count(c) && i < WALKED; i++) {
        const struct conf_entry *e = conf_entry_at(c, i), *found = NULL;
        struct view v = conf_entry_view(e);
        struct cause cause;
        bool own;
        for (const struct setting *s = setting_next(NULL); s != NULL && i < WALKED_WHOLE;
             s = setting_next(s)) {
            view_get(&v, s->name);
            conf_length(&v, s->name);
            conf_bool(&v, s->name);
            require(conf_entry_origin(e, s->name, &own) <= 1000000);
        }
        require(conf_entry_id(e) != NULL && conf_entry_account(e) != NULL);
        require((conf_entry_provider(e) == NULL) != (conf_entry_protocol(e) == NULL));
        if (conf_entry_find(c, conf_entry_id(e), &found, &cause) == OK)
            require(strcmp(conf_entry_hostname(found), conf_entry_hostname(e)) == 0);
    }
    for (size_t i = 0; i < conf_object_count(c); i++) {
        struct view v = conf_object_view(c, i);
        view_get(&v, "password");
    }
    buf_free(&out);
}

/* How the first byte wants the text read. */
static inline struct conf_options walk_options(uint8_t how)
{
    return (struct conf_options){.dialect = (how & 1) != 0 ? CONF_DDCLIENT : CONF_HOMING,
                                 .name = "fuzz.conf",
                                 .getenv = environment,
                                 .read_file = files,
                                 .providers = (how & 2) != 0 ? &providers : NULL};
}

#endif
