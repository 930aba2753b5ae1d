/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/edits.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "conf/save.h"
#include "keeper/reading.h"

_Static_assert((int)EDIT_RENAME + 1 == (int)MESSAGE_EDIT_UNDO, "numbers of edits");
_Static_assert(EDIT_OBJECT == 2 && EDIT_ONE == 2 && EDIT_SHARED_OBJECT == 3, "bounds of message.c");

/* The part of the changes that sets, or that unsets. Texts are borrowed. */
static size_t pick(const struct message_texts *changes, bool sets, struct edit_setting *out)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < changes->count; i += 2)
        if ((changes->items[i + 1][0] == '=') == sets)
            out[count++] =
                (struct edit_setting){changes->items[i], sets ? changes->items[i + 1] + 1 : NULL};
    return count;
}

/* The entries behind "@"; the first of them ends the settings. Owned array of borrowed texts. */
static const char **each_target(const struct message_texts *changes, size_t *settings,
                                size_t *count)
{
    const char **targets = mem_array(changes->count / 2 + 1, sizeof targets[0]);

    *settings = changes->count;
    *count = 0;
    for (size_t i = 0; i + 1 < changes->count; i += 2) {
        if (!text_equal(changes->items[i], "@"))
            continue;
        *settings = *count == 0 ? i : *settings;
        targets[(*count)++] = changes->items[i + 1];
    }
    return targets;
}

/* Both parts of a change in one go: in memory, so that the file gets all of it or nothing. */
static enum err apply(const struct buf *before, const struct message *m,
                      const struct conf_options *options, struct buf *after,
                      struct edit_answer *answer, struct cause *c)
{
    const struct message_texts *changes = &m->of.edit.changes;
    struct edit_setting *settings = mem_array(changes->count / 2 + 1, sizeof *settings);
    struct edit edit = {
        .what = (enum edit_what)m->of.edit.what,
        .of = (enum edit_of)m->of.edit.of,
        .target = m->of.edit.target[0] != '\0' ? m->of.edit.target : NULL,
        .settings = settings,
        .count = pick(changes, true, settings),
        .share = (enum edit_share)m->of.edit.share,
        .owner = false,
    };
    if (edit.what == EDIT_RENAME) {
        edit.name = edit.count == 1 ? settings[0].value : NULL;
        edit.count = 0;
    }
    /* With nothing to set nor to unset the text comes out as it went in. */
    bool sets = edit.what != EDIT_SET || edit.count > 0 || changes->count < 2;
    enum err e = OK;

    if (sets)
        e = edit_apply(buf_str(before), before->len, &edit, options, after, answer, c);
    edit.count = pick(changes, false, settings);
    if (e == OK && edit.what == EDIT_SET && edit.count > 0) {
        struct edit_answer first = *answer;
        struct buf half = *after;
        buf_init(after, READING_MAX);
        edit.what = EDIT_UNSET;
        const struct buf *from = sets ? &half : before;
        e = edit_apply(buf_str(from), from->len, &edit, options, after, answer, c);
        answer->secrets_cleared = answer->secrets_cleared || first.secrets_cleared;
        answer->restart = answer->restart || first.restart;
        buf_wipe(&half);
    }
    mem_free(settings);
    return e;
}

static size_t count_errors(const struct conf *conf)
{
    size_t errors = 0;

    for (size_t i = 0; i < conf_problem_count(conf); i++)
        errors += conf_problem_at(conf, i)->severity == CONF_ERROR;
    return errors;
}

/* Are there so many hostnames more, and no error that was not there? */
static enum err prove_many(const struct buf *before, const struct buf *after, size_t added,
                           const struct conf_options *options, struct cause *c)
{
    struct conf *former = conf_parse(buf_str(before), before->len, options);
    struct conf *conf = conf_parse(buf_str(after), after->len, options);
    size_t more = conf_entry_count(conf) - conf_entry_count(former);
    enum err e = OK;

    if (more != added)
        e = cause_set(c, ERR_EXISTS, "%zu of the %zu hostnames are in the configuration already",
                      added - more, added);
    else if (count_errors(conf) > count_errors(former))
        e = cause_set(c, ERR_UNSUPPORTED, "the configuration would have an error then");
    conf_unref(former);
    conf_unref(conf);
    return e;
}

/* One hostname more. Behind the first, which finds the file's end, each is proved alone and
 * appended: proving each in the whole file would take the square of their number. */
static enum err add_one(struct buf *text, const struct message *one, bool first,
                        const struct conf_options *options, struct edit_answer *answer,
                        struct cause *c)
{
    struct buf nothing, piece;

    buf_init(&nothing, 1);
    buf_init(&piece, READING_MAX);
    enum err e = apply(first ? text : &nothing, one, options, &piece, answer, c);
    if (e == OK && first) {
        buf_wipe(text);
        *text = piece;
        return OK;
    }
    if (e == OK && !buf_add(text, piece.data, piece.len))
        e = cause_set(c, ERR_TOO_BIG, "the file would be too big");
    buf_wipe(&piece);
    return e;
}

/* The same change of each entry that the message names. */
static enum err apply_each(const struct buf *before, const struct message *m,
                           const struct conf_options *options, struct buf *after,
                           struct edit_answer *answer, struct cause *c)
{
    struct message_texts changes = m->of.edit.changes;
    size_t count, first;
    const char **targets = each_target(&changes, &first, &count);

    changes.count = first;
    struct edit_setting *settings = mem_array(changes.count / 2 + 1, sizeof *settings);
    const struct edit edit = {
        .what = (enum edit_what)m->of.edit.what,
        .of = EDIT_HOSTNAME,
        .settings = settings,
        .count = pick(&changes, true, settings),
        .share = (enum edit_share)m->of.edit.share,
        .owner = false,
    };

    enum err e = edit_apply_each(buf_str(before), before->len, &edit, targets, count, options,
                                 after, answer, c);
    mem_free(settings);
    mem_free(targets);
    return e;
}

/* Many: what is for all hostnames, then one hostname after the other; the first that is refused
 * ends it, and nothing is written. */
static enum err apply_many(const struct buf *before, const struct message *m,
                           const struct conf_options *options, struct buf *after,
                           struct edit_answer *answer, struct cause *c)
{
    const struct message_texts *all = &m->of.edit.changes;
    struct message one = {
        .type = MESSAGE_EDIT,
        .of.edit = {.what = EDIT_SET, .of = EDIT_GLOBALS, .share = EDIT_ALL, .target = ""}};
    size_t added = 0;
    bool restart = false;
    enum err e = OK;

    buf_add(after, before->data, before->len);
    for (size_t i = 0; i + 1 < all->count && e == OK;) {
        bool hostname = text_equal(all->items[i], "+");
        if (hostname) {
            one.of.edit.what = EDIT_ADD;
            one.of.edit.of = EDIT_HOSTNAME;
            one.of.edit.target = all->items[i + 1];
            i += 2;
        }
        one.of.edit.changes = (struct message_texts){all->items + i, 0};
        for (; i + 1 < all->count && !text_equal(all->items[i], "+"); i += 2)
            one.of.edit.changes.count += 2;
        e = add_one(after, &one, !hostname || added == 0, options, answer, c);
        added += hostname;
        restart = restart || answer->restart;
    }
    snprintf(answer->entry, sizeof answer->entry, "%s", e != OK ? one.of.edit.target : "");
    answer->restart = restart;
    return e == OK ? prove_many(before, after, added, options, c) : e;
}

typedef enum err apply_fn(const struct buf *before, const struct message *m,
                          const struct conf_options *options, struct buf *after,
                          struct edit_answer *answer, struct cause *c);

static apply_fn *way_of(const struct message *m)
{
    const struct message_texts *changes = &m->of.edit.changes;

    if (m->of.edit.what == MESSAGE_EDIT_MANY)
        return apply_many;
    for (size_t i = 0; i + 1 < changes->count; i += 2)
        if (text_equal(changes->items[i], "@"))
            return apply_each;
    return apply;
}

static enum err change(const struct save_place *place, const struct message *m,
                       char version[SAVE_VERSION_MAX], struct edit_answer *answer, struct cause *c)
{
    struct buf before, after;

    buf_init(&before, READING_MAX);
    buf_init(&after, READING_MAX);
    enum err e = save_read(place->path, &before, version, c);
    if (e == ERR_NOT_FOUND && m->of.edit.what != MESSAGE_EDIT_NONE) {
        /* the first hostname makes the file */
        save_version("", 0, version);
        e = OK;
    }
    if (e == OK && m->of.edit.version[0] != '\0' && !text_equal(m->of.edit.version, version)) {
        answer->stale = true;
        e = cause_set(c, ERR_CONFLICT,
                      "the configuration was changed meanwhile; look at it and try again");
    }
    if (e == OK && m->of.edit.what == MESSAGE_EDIT_UNDO) {
        e = save_undo(place, false, version, c);
        answer->system = e != OK && e != ERR_NOT_FOUND && e != ERR_CONFLICT;
    } else if (e == OK && m->of.edit.what != MESSAGE_EDIT_NONE) {
        char seen[SAVE_VERSION_MAX];
        memcpy(seen, version, sizeof seen);
        e = way_of(m)(&before, m, place->options, &after, answer, c);
        bool differs = after.len != before.len ||
                       (after.len > 0 && memcmp(after.data, before.data, after.len) != 0);
        if (e == OK && differs) /* else there is nothing to go back from, either */
            e = save_write(place, seen, buf_str(&after), after.len, version, c);
        if (e != OK && after.len > 0)
            answer->system = e != ERR_CONFLICT;
    }
    buf_wipe(&before);
    buf_wipe(&after);
    return e;
}

bool edits_apply(const char *path, const char *versions, const struct message *asked,
                 const struct conf_providers *providers, struct message *answer)
{
    const struct conf_options options = {
        .dialect = CONF_HOMING, .name = path, .providers = providers};
    const struct save_place place = {path, versions, &options};
    static struct edit_answer found;
    static struct cause c;
    static char version[SAVE_VERSION_MAX];

    found = (struct edit_answer){0};
    c.text[0] = '\0';
    version[0] = '\0';
    enum err e = change(&place, asked, version, &found, &c);
    *answer = (struct message){
        .type = MESSAGE_EDITED,
        .id = asked->id,
        .of.edited = {.error = e,
                      .version = version,
                      .why = c.text,
                      .shared = found.shared,
                      .hostnames = (uint32_t)found.hostnames,
                      .line = found.line,
                      .stale = found.stale,
                      .system = found.system,
                      .secrets_cleared = found.secrets_cleared,
                      .restart = found.restart,
                      .setting = found.setting,
                      .entry = found.entry},
    };
    return e == OK;
}
