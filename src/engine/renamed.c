/*
 * SPDX-License-Identifier: ISC
 */
/* A hostname that got another name keeps its history: where one left a line of the configuration
 * and another one with the same account came there, it was renamed. What stands at the provider
 * under the former name is another matter. */
#include "engine/renamed.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/inside.h"

enum { RENAMED_MOST = 100 /* names at once: more are another configuration */ };

const char renamed_class[] = "renamed";

static bool came(const struct entry *entry)
{
    return entry->fresh && entry->account != NULL;
}

/* The nth of those that came there; NULL when there are fewer. */
static struct entry *newcomer(const struct engine *e, const struct entry *gone, size_t n)
{
    for (size_t i = 0; i < e->entry_count; i++) {
        struct entry *entry = e->order[i];
        if (came(entry) && entry->account == gone->account &&
            conf_entry_line(entry->conf) == conf_entry_line(gone->conf) && n-- == 0)
            return entry;
    }
    return NULL;
}

void renamed_note(struct state_batch *batch, msec at, const char *id, const char *former,
                  const char *former_name)
{
    char *say = mem_format("It was called %s before.", former_name);
    const struct state_event event = {.at = at,
                                      .entry = id,
                                      .family = -1,
                                      .kind = "notice",
                                      .old_set = former,
                                      .cls = renamed_class,
                                      .say = say};

    state_batch_event(batch, &event);
    mem_free(say);
}

static void note(struct engine *e, const struct entry *gone, struct entry *entry)
{
    char *id = entry_make_id(entry), *former = entry_make_id(gone);

    renamed_note(e->batch, e->now.wall, id, former, entry_name(gone));
    mem_free(id);
    mem_free(former);
    log_notice(entry_name(entry),
               "It was called %s before, and its history goes on. What the provider has under the "
               "former name stays there.",
               entry_name(gone));
}

/* Before those that are not seen any more are dropped. */
void renamed_look(struct engine *e, struct entry *const *former, size_t former_count)
{
    size_t count = 0;

    if (!e->loaded_from_state) /* the first load: nothing was there to be renamed */
        return;
    for (size_t i = 0; i < former_count; i++)
        count += !former[i]->seen;
    if (count > RENAMED_MOST)
        return;
    for (size_t i = 0; i < former_count; i++) {
        const struct entry *gone = former[i];
        size_t before = 0;
        if (gone->seen || gone->account == NULL)
            continue;
        /* How many left the same place before it? */
        for (size_t k = 0; k < i; k++) {
            const struct entry *o = former[k];
            before += !o->seen && o->account == gone->account &&
                      conf_entry_line(o->conf) == conf_entry_line(gone->conf);
        }
        struct entry *entry = newcomer(e, gone, before);
        if (entry != NULL && !text_equal(entry_name(entry), entry_name(gone)))
            note(e, gone, entry);
    }
}
