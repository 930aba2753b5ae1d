/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/identity.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

enum { TEXT_MOST = 1 << 20 };

static struct conf *conf_of(const struct conf_entry *e)
{
    return e->seat->kind->conf;
}

static const char *text_of(const struct conf_entry *e, const char *name)
{
    return layers_value(conf_of(e), e, (unsigned)setting_index(setting_find(name)));
}

static const char *word_of(const struct kind *k)
{
    return k->provider != NULL ? k->provider : k->protocol;
}

static const char *login_of(const struct conf_entry *e)
{
    const struct kind *k = e->seat->kind;

    return k->secret_login ? NULL : layers_value(k->conf, e, k->conf->login);
}

/* --- of entries --- */

/* "home.example.org@cloudflare/token" */
static char *short_id(const struct conf_entry *e)
{
    const char *word = word_of(e->seat->kind), *login = login_of(e);
    size_t host = strlen(e->hostname), n = strlen(word);
    size_t more = login != NULL ? strlen(login) + 1 : 0;
    char *id = mem_alloc(host + 1 + n + more + 1);

    memcpy(id, e->hostname, host);
    id[host] = '@';
    memcpy(id + host + 1, word, n);
    if (login != NULL) {
        id[host + 1 + n] = '/';
        memcpy(id + host + 1 + n + 1, login, more - 1);
    }
    return id;
}

char *conf_entry_make_id(const struct conf_entry *e)
{
    const char *known = e->aside != NULL ? e->aside->id : NULL;

    return known != NULL ? mem_text(known) : short_id(e);
}

bool conf_entry_is(const struct conf_entry *e, const char *id)
{
    if (e->aside != NULL && e->aside->id != NULL)
        return strcmp(e->aside->id, id) == 0;
    const char *word = word_of(e->seat->kind), *login = login_of(e);
    size_t host = strlen(e->hostname), n = strlen(word);
    const char *rest = id + host + 1;

    if (strncmp(id, e->hostname, host) != 0 || id[host] != '@' || strncmp(rest, word, n) != 0)
        return false;
    return login == NULL ? rest[n] == '\0' : rest[n] == '/' && strcmp(rest + n + 1, login) == 0;
}

/* Only those before it have one yet. */
static bool taken(const struct conf *c, const struct conf_entry *e, const char *id)
{
    for (uint32_t i = entries_first(c, e->hostname); &c->entries[i] != e;
         i = entry_next(&c->entries[i]))
        if (conf_entry_is(&c->entries[i], id))
            return true;
    return false;
}

/* With the server, and a number if need be. */
static char *long_id(const struct conf *c, const struct conf_entry *e)
{
    const char *server = text_of(e, "server"), *login = login_of(e);
    char *id = mem_format("%s@%s/%s/%s", e->hostname, word_of(e->seat->kind),
                          login != NULL ? login : "", server != NULL ? server : "");

    for (unsigned n = 2; taken(c, e, id); n++) {
        char *longer = mem_format("%.*s#%u", (int)strcspn(id, "#"), id, n);
        mem_free(id);
        id = longer;
    }
    return id;
}

static const char *keep(struct conf *c, char *made)
{
    size_t n = strlen(made) + 1;
    const char *kept = memcpy(arena_chars(&c->arena, n), made, n);

    mem_free(made);
    return kept;
}

void identity_settle(struct conf *c, struct conf_entry *e)
{
    if ((e->flags & ENTRY_BEHIND) == 0)
        return;
    char *id = short_id(e);
    if (taken(c, e, id))
        entries_aside(c, e)->id = keep(c, long_id(c, e));
    mem_free(id);
}

/* The entry, to be added to by the configuration that it is of. */
static struct aside *own_aside(const struct conf_entry *e)
{
    struct conf *c = conf_of(e);

    return entries_aside(c, &c->entries[conf_entry_number(e)]);
}

const char *conf_entry_id(const struct conf_entry *e)
{
    struct aside *aside = own_aside(e);

    if (aside->id == NULL)
        aside->id = keep(conf_of(e), short_id(e));
    return aside->id;
}

/* --- of accounts --- */

void identity_add_account(struct buf *text, const struct kind *k, const char *server,
                          const char *login)
{
    buf_text(text, word_of(k));
    buf_char(text, '/');
    buf_text(text, server != NULL ? server : "");
    buf_char(text, '/');
    buf_text(text, login != NULL ? login : "");
}

char *conf_entry_make_account(const struct conf_entry *e)
{
    struct buf text;

    if (e->seat->whole)
        return mem_text(e->seat->object->name);
    buf_init(&text, TEXT_MOST);
    identity_add_account(&text, e->seat->kind, text_of(e, "server"), login_of(e));
    if (e->seat->nth > 1)
        buf_format(&text, "#%u", (unsigned)e->seat->nth);
    return buf_take(&text);
}

const char *conf_entry_account(const struct conf_entry *e)
{
    struct aside *aside = own_aside(e);

    if (aside->account == NULL)
        aside->account = keep(conf_of(e), conf_entry_make_account(e));
    return aside->account;
}
