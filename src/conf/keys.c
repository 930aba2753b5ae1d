/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/inside.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

/*
 * TSIG key files, read with the configuration: whoever speaks RFC 2136 finds the text as the
 * setting "key-text" and opens nothing. The file is named by key-file=, or by password= where the
 * protocol is ddclient's nsupdate.
 */

static const char *setting_of(const struct conf *c, const struct conf_entry *e, const char *name)
{
    struct found f;
    unsigned id;

    return layers_id(c, name, &id) && layers_find(c, e, id, &f) ? f.value : NULL;
}

static bool speaks_nsupdate(const struct conf_entry *e)
{
    const struct kind *k = e->seat->kind;

    return k != NULL &&
           (text_equal(k->provider, "nsupdate") || text_equal(k->protocol, "nsupdate"));
}

static const char *path_of(const struct conf *c, const struct conf_entry *e)
{
    const char *path = setting_of(c, e, "key-file");

    if (path != NULL || !speaks_nsupdate(e))
        return path;
    /* login= is the path of ddclient's program, else the key's name: then password= is its secret,
     * which may begin with a slash, too. */
    const char *login = setting_of(c, e, "login");
    if (login != NULL && login[0] != '/' && !text_equal(login, "nsupdate"))
        return NULL;
    path = setting_of(c, e, "password");
    return path != NULL && path[0] == '/' && setting_of(c, e, "key-name") == NULL ? path : NULL;
}

const char *keys_text(const struct conf *c, const struct conf_entry *e)
{
    const char *path = path_of(c, e);

    return path != NULL ? map_get(c->key_texts, path) : NULL;
}

void keys_read(struct conf *c)
{
    for (size_t i = 0; i < c->entry_count; i++) {
        struct conf_entry *e = &c->entries[i];
        const char *path = path_of(c, e);
        struct cause cause;
        if (path == NULL || map_get(c->key_texts, path) != NULL || (e->flags & ENTRY_PARKED) != 0)
            continue;
        char *text = c->options.read_file(path, &cause);
        if (text != NULL) {
            map_set(c->key_texts, path, text);
            continue;
        }
        problem_add(c, CONF_ERROR, "no-file", e->at, entry_end(e),
                    mem_format("the key file %s of %s can not be read: %s", path, entry_written(e),
                               cause.text),
                    mem_text("make it readable for the service, and for nobody else"));
        e->flags |= ENTRY_PARKED;
    }
}
