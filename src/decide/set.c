/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/set.h"

#include "base/map.h"
#include "base/mem.h"

struct set {
    struct sets *home;
    uint32_t count;
    struct addrset addresses;
};

struct sets {
    struct map *known; /* canonical text to struct set */
    struct set *last;  /* what was asked for last, which is often what is asked for next */
};

struct sets *sets_new(void)
{
    struct sets *s = mem_alloc(sizeof *s);
    s->known = map_new();
    return s;
}

void sets_free(struct sets *s)
{
    if (s != NULL) {
        map_free(s->known, mem_free);
        mem_free(s);
    }
}

const struct set *set_get(struct sets *s, const struct addrset *addresses)
{
    char text[ADDRSET_TEXT_MAX];
    struct set *set = s->last;

    if (set == NULL || !addrset_equal(&set->addresses, addresses))
        set = map_get(s->known, addrset_text(addresses, text));
    if (set == NULL) {
        set = mem_alloc(sizeof *set);
        set->home = s;
        set->addresses = *addresses;
        map_set(s->known, text, set);
    }
    s->last = set;
    set->count++;
    return set;
}

/* Counting is the one thing that changes in a set, and nobody but this file sees it. */
static struct set *changeable(const struct set *set)
{
    return (struct set *)(uintptr_t)set;
}

const struct set *set_keep(const struct set *set)
{
    if (set != NULL)
        changeable(set)->count++;
    return set;
}

void set_drop(const struct set *set)
{
    char text[ADDRSET_TEXT_MAX];
    if (set != NULL && --changeable(set)->count == 0) {
        if (set->home->last == set)
            set->home->last = NULL;
        map_remove(set->home->known, addrset_text(&set->addresses, text));
        mem_free(changeable(set));
    }
}

const struct addrset *set_addresses(const struct set *set)
{
    return &set->addresses;
}

bool set_assign(const struct set **slot, const struct set *set)
{
    if (*slot == set)
        return false;
    const struct set *former = *slot;
    *slot = set_keep(set);
    set_drop(former);
    return true;
}
