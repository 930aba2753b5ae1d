/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/edit.h"
#include "conf/settings.h"

/*
 * The reader and the editor. The first byte says how to read and what to edit, the rest is the
 * file. Beyond not crashing: every hostname has an identity and can be found by it, no message
 * holds the canary that stands in secrets, and what an edit gives reads again.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CANARY "c4n4ry-7f"

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

static const struct conf_providers providers = {
    .provider_known = known, .protocol_known = known, .field = field};

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* Walks all that a configuration tells. */
static void walk(const struct conf *c, bool canary_in_text)
{
    struct buf out;
    buf_init(&out, 8 << 20);
    for (size_t i = 0; i < conf_problem_count(c); i++) {
        buf_clear(&out);
        conf_problem_show(c, conf_problem_at(c, i), &out);
        require(canary_in_text || strstr(buf_str(&out), CANARY) == NULL);
    }
    for (size_t i = 0; i < conf_entry_count(c) && i < 200; i++) {
        const struct conf_entry *e = conf_entry_at(c, i), *found = NULL;
        struct view v = conf_entry_view(e);
        struct cause cause;
        bool own;
        for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
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

static void edit(const char *text, size_t n, const struct conf_options *o, unsigned how,
                 const char *target)
{
    static const char *const names[] = {"description", "password", "server", "ttl"};
    static const char *const values[] = {"x", "a b", "it's \\", "7"};
    struct edit_setting s = {names[how & 3], values[how & 3]};
    struct edit e = {.what = (enum edit_what)(how % 6),
                     .target = target,
                     .settings = &s,
                     .count = 1,
                     .share = (enum edit_share)(how % 3),
                     .owner = (how & 8) != 0};
    struct edit_answer answer;
    struct cause cause;
    struct buf out;

    buf_init(&out, 8 << 20);
    if (edit_apply(text, n, &e, o, &out, &answer, &cause) == OK) {
        struct conf *c = conf_parse(buf_str(&out), out.len, o);
        walk(c, true);
        conf_unref(c);
    } else {
        require(out.len == 0);
    }
    buf_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 16384)
        return 0;
    const char *text = (const char *)data + 1;
    struct conf_options o = {.dialect = (data[0] & 1) != 0 ? CONF_DDCLIENT : CONF_HOMING,
                             .name = "fuzz.conf",
                             .getenv = environment,
                             .read_file = files,
                             .providers = (data[0] & 2) != 0 ? &providers : NULL};
    /* The text without NUL as the command line's. */
    char *line = mem_text_n(text, size - 1);
    if ((data[0] & 4) != 0)
        o.assignments = line;
    struct conf *c =
        (data[0] & 4) != 0 ? conf_parse("a.org\n", 6, &o) : conf_parse(text, size - 1, &o);
    walk(c, strstr(line, CANARY) != NULL || strlen(line) < size - 1);
    if ((data[0] & 4) == 0 && conf_entry_count(c) > 0)
        edit(text, size - 1, &o, data[0] >> 3,
             conf_entry_id(conf_entry_at(c, (data[0] >> 3) % conf_entry_count(c))));
    conf_unref(c);
    mem_free(line);
    return 0;
}
