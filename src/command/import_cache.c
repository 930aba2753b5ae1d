/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import_cache.h"

#include <uv.h>

#include "base/text.h"
#include "command/cache.h"
#include "state/batch.h"
#include "state/folder.h"
#include "state/store.h"

static void add_record(struct state_batch *batch, const struct conf_entry *e,
                       const struct cache_entry *c, enum family f)
{
    struct state_record r = {.entry = conf_entry_id(e), .family = f, .last = OUTCOME_NONE};

    r.published_known = true;
    addrset_add(&r.published, &c->of[f].addr);
    addrset_add(&r.tried, &c->of[f].addr);
    r.published_at = r.changed_at = c->mtime * SECOND;
    r.attempt_at = c->atime * SECOND;
    if (text_equal(c->of[f].status, "good"))
        r.last = OUTCOME_GOOD;
    state_batch_record(batch, &r);
}

/* Every entry of the configuration whose hostname the cache knows. */
static size_t collect(struct state_batch *batch, const struct conf *conf, const struct cache *cache)
{
    size_t count = 0;

    for (size_t i = 0; i < conf_entry_count(conf); i++) {
        const struct conf_entry *e = conf_entry_at(conf, i);
        const struct cache_entry *c = cache_find(cache, conf_entry_written(e));
        for (int f = 0; c != NULL && f < FAMILIES; f++) {
            if (c->of[f].known && c->mtime > 0) {
                add_record(batch, e, c, (enum family)f);
                count++;
            }
        }
    }
    return count;
}

enum err import_cache_write(const char *bytes, size_t n, const struct conf *conf,
                            const char *state_folder, size_t *count, struct cause *cause)
{
    struct cache cache;
    struct state_batch *batch = state_batch_new();

    cache_init(&cache);
    *count = 0;
    enum err e = cache_parse(&cache, bytes, n, cause);
    if (e == OK)
        *count = collect(batch, conf, &cache);
    if (e == OK && *count > 0)
        e = store_write(state_folder, batch, cause);
    else
        state_batch_free(batch);
    cache_free(&cache);
    return e;
}
