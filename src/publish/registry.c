/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/registry.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/builtin.h"
#include "publish/compat/compat.h"
#include "publish/dyndns2.h"
#include "publish/nsupdate.h"
#include "publish/program.h"
#include "publish/provider_data.h"
#include "publish/step.h"

/* The wire dialogues. Adding one is a row here. */
static const struct protocol *const dialogues[] = {
    &protocol_file,
    &protocol_dyndns2,
    &protocol_noip,
    &protocol_inwx,
    &protocol_nsupdate,
    &protocol_program,
    &protocol_compat_cloudflare,
    &protocol_compat_digitalocean,
    &protocol_compat_emailonly,
    &protocol_compat_freedns,
    &protocol_compat_gandi,
    &protocol_compat_hetzner,
    &protocol_compat_ionos,
    &protocol_compat_netcup,
    &protocol_compat_nfsn,
    &protocol_compat_ns1,
    &protocol_compat_porkbun,
    &protocol_compat_spaceship,
    &protocol_compat_yandex,
    &protocol_compat_zoneedit1,
};

const struct protocol *registry_dialogue(const char *name)
{
    for (size_t i = 0; i < sizeof dialogues / sizeof dialogues[0]; i++)
        if (text_equal(dialogues[i]->name, name))
            return dialogues[i];
    return NULL;
}

/* One side of the registry: providers, ddclient's words, or services that tell people. */
struct side {
    enum builtin_sort sort;
    struct map *parsed; /* id to owned struct provider */
    struct map *heads;  /* likewise, of built-in ones that were only asked about */
};

struct registry {
    struct side sides[BUILTIN_SORTS];
};

struct registry *registry_new(void)
{
    struct registry *r = mem_alloc(sizeof *r);
    for (int i = 0; i < BUILTIN_SORTS; i++)
        r->sides[i] = (struct side){(enum builtin_sort)i, map_new(), map_new()};
    return r;
}

static void free_one(void *p)
{
    provider_free(p);
}

void registry_free(struct registry *r)
{
    if (r == NULL)
        return;
    for (int i = 0; i < BUILTIN_SORTS; i++) {
        map_free(r->sides[i].parsed, free_one);
        map_free(r->sides[i].heads, free_one);
    }
    mem_free(r);
}

void registry_add(struct registry *r, struct provider *p)
{
    enum builtin_sort sort = p->info.notify   ? BUILTIN_NOTIFY
                             : p->info.compat ? BUILTIN_WORD
                                              : BUILTIN_PROVIDER;
    provider_free(map_set(r->sides[sort].parsed, p->info.id, p));
}

static const struct builtin *builtin_find(const char *id, enum builtin_sort sort)
{
    for (size_t i = 0; i < builtin_count; i++)
        if (builtin_files[i].sort == sort && text_equal(builtin_files[i].id, id))
            return &builtin_files[i];
    return NULL;
}

static const struct provider *find(struct side *s, const char *id, bool whole)
{
    struct provider *p = map_get(s->parsed, id), *head = map_get(s->heads, id);

    if (p == NULL && !whole)
        p = head;
    if (p != NULL)
        return p;
    const struct builtin *b = builtin_find(id, s->sort);
    if (b == NULL)
        return NULL;
    p = whole ? provider_builtin(b, head) : provider_builtin_head(b);
    map_set(whole ? s->parsed : s->heads, id, p);
    return p;
}

static const struct provider *find_provider(struct registry *r, const char *id, bool whole)
{
    const struct provider *p = find(&r->sides[BUILTIN_PROVIDER], id, whole);
    return p != NULL && p->alias != NULL ? find(&r->sides[BUILTIN_PROVIDER], p->alias, whole) : p;
}

static const struct provider *find_word(struct registry *r, const char *word, bool whole)
{
    const struct provider *p = find(&r->sides[BUILTIN_WORD], word, whole);
    return p != NULL && p->alias != NULL ? find_provider(r, p->alias, whole) : p;
}

const struct provider *registry_provider(struct registry *r, const char *id)
{
    return find_provider(r, id, true);
}

const struct provider *registry_protocol(struct registry *r, const char *word)
{
    return find_word(r, word, true);
}

const struct provider *registry_notify(struct registry *r, const char *id)
{
    return find(&r->sides[BUILTIN_NOTIFY], id, true);
}

const struct provider *registry_about(struct registry *r, const char *id)
{
    return find_provider(r, id, false);
}

const struct provider *registry_about_protocol(struct registry *r, const char *word)
{
    return find_word(r, word, false);
}

/* The smallest id after "after", of what is built in and what was added. */
static const char *next(const struct side *s, const char *after)
{
    const char *best = NULL, *id;
    size_t at = 0;

    for (size_t i = 0; i < builtin_count; i++) {
        const struct builtin *b = &builtin_files[i];
        if (b->sort == s->sort && (s->sort != BUILTIN_PROVIDER || !b->alias) &&
            (after == NULL || text_case_compare(b->id, after) > 0) &&
            (best == NULL || text_case_compare(b->id, best) < 0))
            best = b->id;
    }
    while (map_next(s->parsed, &at, &id, NULL))
        if ((after == NULL || text_case_compare(id, after) > 0) &&
            (best == NULL || text_case_compare(id, best) < 0))
            best = id;
    return best;
}

const char *registry_next_provider(struct registry *r, const char *after)
{
    return next(&r->sides[BUILTIN_PROVIDER], after);
}

const char *registry_next_protocol(struct registry *r, const char *after)
{
    return next(&r->sides[BUILTIN_WORD], after);
}

const char *registry_next_notify(struct registry *r, const char *after)
{
    return next(&r->sides[BUILTIN_NOTIFY], after);
}
