/*
 * SPDX-License-Identifier: ISC
 */
#include "base/map.h"

#include "base/mem.h"
#include "base/sip.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

struct slot {
    const char *key; /* owned unless lent; NULL when removed */
    void *value;
    uint64_t hash;
};

/* Slots stand in the order of insertion; the index is an open-addressing table of their numbers. */
struct map {
    struct slot *slots;
    size_t used;  /* slots in use or removed */
    size_t count; /* live ones */
    size_t room;
    uint32_t *index; /* slot number + 1; 0 is empty. NULL before the first one */
    size_t mask;
    bool lent; /* keys belong to others */
};

static uint64_t seed[2];

static uint64_t hash_of(const char *key)
{
    struct sip s;

    sip_init(&s, seed);
    sip_add(&s, key, strlen(key));
    return sip_end(&s);
}

struct map *map_new(void)
{
    while (seed[0] == 0 && seed[1] == 0)
        if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
            seed[0] = 1;
    return mem_alloc(sizeof(struct map));
}

struct map *map_new_lent(void)
{
    struct map *m = map_new();
    m->lent = true;
    return m;
}

static void key_free(const struct map *m, struct slot *s)
{
    if (!m->lent)
        mem_free((char *)(uintptr_t)s->key);
    s->key = NULL;
}

void map_free(struct map *m, void (*free_value)(void *))
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->used; i++) {
        if (m->slots[i].key != NULL && free_value != NULL)
            free_value(m->slots[i].value);
        key_free(m, &m->slots[i]);
    }
    mem_free(m->slots);
    mem_free(m->index);
    mem_free(m);
}

size_t map_count(const struct map *m)
{
    return m->count;
}

/* The place in the index that holds the key, or the empty one where it would go. */
static size_t place_of(const struct map *m, const char *key, uint64_t hash)
{
    size_t at = hash & m->mask;
    while (m->index[at] != 0) {
        const struct slot *s = &m->slots[m->index[at] - 1];
        if (s->key != NULL && s->hash == hash && strcmp(s->key, key) == 0)
            return at;
        at = (at + 1) & m->mask;
    }
    return at;
}

static void rebuild(struct map *m, size_t mask)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->used; i++)
        if (m->slots[i].key != NULL)
            m->slots[kept++] = m->slots[i];
    m->used = kept;
    mem_free(m->index);
    m->mask = mask;
    m->index = mem_array(mask + 1, sizeof m->index[0]);
    for (size_t i = 0; i < m->used; i++) {
        size_t at = m->slots[i].hash & mask;
        while (m->index[at] != 0)
            at = (at + 1) & mask;
        m->index[at] = (uint32_t)i + 1;
    }
}

void *map_get(const struct map *m, const char *key)
{
    if (m->count == 0)
        return NULL;
    size_t at = place_of(m, key, hash_of(key));
    return m->index[at] != 0 ? m->slots[m->index[at] - 1].value : NULL;
}

/* The slot of the key; NULL when it was absent, and stands there now with the value. */
static struct slot *slot_of(struct map *m, const char *key, void *value)
{
    if (m->index == NULL)
        rebuild(m, 15);
    uint64_t hash = hash_of(key);
    size_t at = place_of(m, key, hash);

    if (m->index[at] != 0)
        return &m->slots[m->index[at] - 1];
    if ((m->used + 1) * 4 > (m->mask + 1) * 3) {
        rebuild(m, m->count * 2 > m->mask ? m->mask * 2 + 1 : m->mask);
        at = place_of(m, key, hash);
    }
    if (m->used == m->room) {
        m->room = m->room == 0 ? 8 : m->room * 2;
        m->slots = mem_resize(m->slots, m->room, sizeof m->slots[0]);
    }
    m->slots[m->used++] = (struct slot){m->lent ? key : mem_text(key), value, hash};
    m->index[at] = (uint32_t)m->used;
    m->count++;
    return NULL;
}

void *map_set(struct map *m, const char *key, void *value)
{
    struct slot *s = slot_of(m, key, value);

    if (s == NULL)
        return NULL;
    void *former = s->value;
    s->value = value;
    if (m->lent)
        s->key = key;
    return former;
}

void *map_first(struct map *m, const char *key, void *value)
{
    const struct slot *s = slot_of(m, key, value);
    return s != NULL ? s->value : value;
}

void *map_remove(struct map *m, const char *key)
{
    if (m->count == 0)
        return NULL;
    size_t at = place_of(m, key, hash_of(key));
    if (m->index[at] == 0)
        return NULL;
    /* The slot stays as a tombstone until the next rebuild. */
    struct slot *s = &m->slots[m->index[at] - 1];
    key_free(m, s);
    m->count--;
    return s->value;
}

bool map_next(const struct map *m, size_t *at, const char **key, void **value)
{
    while (*at < m->used) {
        const struct slot *s = &m->slots[(*at)++];
        if (s->key != NULL) {
            if (key != NULL)
                *key = s->key;
            if (value != NULL)
                *value = s->value;
            return true;
        }
    }
    return false;
}
