/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/accounts.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/identity.h"

#include <string.h>

/*
 * A key is a row of pointers, since equal texts are equal pointers here: the account's name, what
 * kind of word leads to the provider, and the value of each secret. The row with COUNTS in the
 * second place tells how many accounts have the name.
 */
static const char BY_PROVIDER[] = "provider", BY_PROTOCOL[] = "protocol", COUNTS[] = "";
enum { KEY_NAME, KEY_WORD, KEY_LOGIN, KEY_SECRETS };

struct account_row {
    uint32_t nth; /* of the accounts of its name */
    uint32_t count;
};

static unsigned row_id(const char *name)
{
    return (unsigned)setting_index(setting_find(name));
}

static void find_secrets(struct accounts *as)
{
    struct conf *c = as->conf;
    bool *used = mem_array(c->name_count, sizeof used[0]);

    as->secret_ids = mem_array(c->name_count, sizeof as->secret_ids[0]);
    for (size_t i = 0; i < c->statement_count; i++)
        for (unsigned k = 0; k < form_of(statement_at(c, i))->count; k++)
            used[form_of(statement_at(c, i))->set[k].id] = true;
    for (unsigned id = 0; id < c->name_count; id++) {
        const struct setting *row = c->names[id].row;
        /* A name of its own may be a secret field of the provider; see holds_secret(). */
        bool secret = row == NULL || row->class == SETTING_SECRET || row->class == SETTING_FILE ||
                      row->type == SETTING_PROGRAM;
        if (used[id] && secret && (row == NULL || row->scope != SCOPE_GLOBAL))
            as->secret_ids[as->secret_count++] = id;
    }
    mem_free(used);
}

void accounts_init(struct accounts *as, struct conf *c)
{
    memset(as, 0, sizeof *as);
    as->conf = c;
    find_secrets(as);
    as->width = KEY_SECRETS + as->secret_count;
    as->key = mem_array(as->width, sizeof as->key[0]);
    buf_init(&as->text, 1 << 20);
    arena_init(&as->names);
}

void accounts_fini(struct accounts *as)
{
    mem_free(as->secret_ids);
    mem_free(as->key);
    mem_free(as->keys);
    mem_free(as->rows);
    mem_free(as->index);
    buf_free(&as->text);
    arena_fini(&as->names);
}

/* --- rows by their keys --- */

static size_t key_hash(const struct accounts *as, const void *const *key)
{
    uint64_t h = as->conf->arena.seed;

    for (size_t i = 0; i < as->width; i++) {
        h = (h ^ (uintptr_t)key[i]) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    return (size_t)h;
}

static size_t place_of(const struct accounts *as, const void *const *key)
{
    size_t at = key_hash(as, key) & as->mask;

    while (as->index[at] != 0 &&
           memcmp(&as->keys[(as->index[at] - 1) * as->width], key, as->width * sizeof key[0]) != 0)
        at = (at + 1) & as->mask;
    return at;
}

static void grow(struct accounts *as)
{
    as->room = as->room == 0 ? 64 : as->room * 2;
    as->keys = mem_resize(as->keys, as->room * as->width, sizeof as->keys[0]);
    as->rows = mem_resize(as->rows, as->room, sizeof as->rows[0]);
    mem_free(as->index);
    as->mask = as->room * 2 - 1;
    as->index = mem_array(as->mask + 1, sizeof as->index[0]);
    for (size_t i = 0; i < as->count; i++)
        as->index[place_of(as, &as->keys[i * as->width])] = (uint32_t)i + 1;
}

/* The row of as->key; a new one is zero. */
static struct account_row *row_of(struct accounts *as)
{
    if (as->count == as->room)
        grow(as);
    size_t at = place_of(as, as->key);
    if (as->index[at] == 0) {
        memcpy(&as->keys[as->count * as->width], as->key, as->width * sizeof as->key[0]);
        as->rows[as->count] = (struct account_row){0};
        as->index[at] = (uint32_t)++as->count;
    }
    return &as->rows[as->index[at] - 1];
}

/* --- what an entry's account is called --- */

static bool holds_secret(const struct conf *c, const struct kind *k, unsigned id)
{
    if (c->names[id].row != NULL)
        return true;
    const char *field = k->fields != NULL ? map_get(k->fields, c->names[id].name) : NULL;
    return field != NULL ? *field != '\0' : setting_name_is_secret(c->names[id].name);
}

/* Are the object's own words the whole of the account? */
static bool object_alone(const struct accounts *as, const struct conf_entry *e)
{
    static const char *const names[] = {"provider", "protocol", "server", "login"};
    const struct conf *c = as->conf;
    struct found f;

    for (size_t i = 0; i < 4; i++)
        if (layers_written(c, e, row_id(names[i]), &f) && f.level < LEVEL_ACCOUNT)
            return false;
    for (size_t i = 0; i < as->secret_count; i++)
        if (holds_secret(c, e->seat->kind, as->secret_ids[i]) &&
            layers_written(c, e, as->secret_ids[i], &f) && f.level < LEVEL_ACCOUNT)
            return false;
    return true;
}

/* Equal names are one text. */
static const char *name_of(struct accounts *as, const struct kind *k, const char *server,
                           const char *login)
{
    buf_clear(&as->text);
    identity_add_account(&as->text, k, server, login);
    return arena_text(&as->names, buf_str(&as->text), as->text.len);
}

static void make_key(struct accounts *as, const struct conf_entry *e, const char *name,
                     const char *secret_login)
{
    const struct kind *k = e->seat->kind;
    struct found f;

    as->key[KEY_NAME] = name;
    as->key[KEY_WORD] = k->provider != NULL ? BY_PROVIDER : BY_PROTOCOL;
    as->key[KEY_LOGIN] = secret_login;
    for (size_t i = 0; i < as->secret_count; i++)
        as->key[KEY_SECRETS + i] = holds_secret(as->conf, k, as->secret_ids[i]) &&
                                           layers_written(as->conf, e, as->secret_ids[i], &f)
                                       ? f.value
                                       : NULL;
}

static uint32_t count_name(struct accounts *as, const char *name)
{
    memset(as->key, 0, as->width * sizeof as->key[0]);
    as->key[KEY_NAME] = name;
    as->key[KEY_WORD] = COUNTS;
    return ++row_of(as)->count;
}

void accounts_settle(struct accounts *as, const struct conf_entry *e, struct seat *seat)
{
    struct conf *c = as->conf;
    bool secret = seat->kind->secret_login;

    seat->whole = seat->object != NULL && object_alone(as, e);
    seat->nth = 0;
    if (seat->whole)
        return;
    const char *server = layers_value(c, e, row_id("server"));
    const char *login = layers_value(c, e, row_id("login"));
    const char *name = name_of(as, seat->kind, server, secret ? NULL : login);
    make_key(as, e, name, secret ? login : NULL);
    struct account_row *row = row_of(as);
    size_t place = (size_t)(row - as->rows);
    if (row->nth == 0) {
        uint32_t nth = count_name(as, name);
        as->rows[place].nth = nth;
    }
    seat->nth = as->rows[place].nth;
}
