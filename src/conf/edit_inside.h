/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_EDIT_INSIDE_H
#define HOMING_CONF_EDIT_INSIDE_H

#include "conf/edit.h"
#include "conf/inside.h"
#include "conf/lex.h"
#include "conf/patch.h"

/* One edit on its way: the text and its reading, which every step replaces by new ones. */
struct editing {
    const struct edit *edit;
    struct conf_options options;
    struct buf text;
    struct conf *c;
    uint32_t target;     /* number of the entry, UINT32_MAX for none */
    const bool *members; /* NULL, or by number: the entries that a step of many is about */
    struct patches patches;
    struct edit_answer *answer;
    struct cause *cause;
    enum edit_share share;
};

/* What a step may change. */
enum proof {
    PROOF_SAME,    /* nothing at all */
    PROOF_ONE,     /* the named setting, of the target, the object, or the members */
    PROOF_ALL,     /* the named setting, of any hostname */
    PROOF_ADDED,   /* there is one entry more, the last; it becomes the target */
    PROOF_REMOVED, /* the target is gone, or the members are */
    PROOF_RENAMED  /* the target's hostname, and nothing else */
};

/* edit_check.c: reads the patched text and proves it against the former; then it counts. */
enum err edit_step(struct editing *ed, enum proof proof, const char *setting);

struct conf_entry *edit_target(const struct editing *ed);

/* edit.c: the frame of an edit, and the edit of one hostname, for edit_each.c. */
void edit_begin(struct editing *ed, const char *bytes, size_t n, const struct edit *edit,
                const struct conf_options *options, struct edit_answer *answer,
                struct cause *cause);
/* The new text goes to out when e is OK. Frees what ed holds, and returns e or what was wrong. */
enum err edit_finish(struct editing *ed, enum err e, struct buf *out);
enum err edit_run_hostname(struct editing *ed);
/* The entry's value is what was asked for, in its one form. */
bool edit_has_value(const struct editing *ed, uint32_t entry, const struct edit_setting *s);

/* edit_request.c: what may be edited, by whom. */
enum err edit_check_request(struct editing *ed);
enum err edit_check_value(struct editing *ed, const struct edit_setting *s);
/* The name without _env, _file or _credential; true when it had one. */
bool edit_base_name(const char *name, char *base, size_t room);
/* Where secrets go, and which settings and secrets belong to that way. */
enum edit_way { EDIT_WAY_NONE, EDIT_WAY_PROVIDER, EDIT_WAY_ROUTER, EDIT_WAYS };
enum edit_way edit_way(const char *name);
enum edit_way edit_way_of_secret(const char *name);
bool edit_leads_away(const struct setting *row);
bool edit_sets(const struct edit *edit, const char *name);
bool edit_is_secret(const struct editing *ed, const struct conf_entry *e, const char *name);
/* After the edit, unless the owner says so: no key file and no program is new; no secret of before
 * goes to another server because of the target. */
enum err edit_guard_all(struct editing *ed, const struct conf *former);
enum err edit_guard_target(struct editing *ed, const struct conf *former);

/* edit_text.c: tokens of statements, and the patches that change them. */
const struct lex_statement *edit_lex(struct editing *ed, struct lex *lx,
                                     const struct statement *st);
void edit_unlex(struct lex *lx);
bool edit_word_is(const struct editing *ed, const char *text, size_t n, const char *hostname);
/* How many other hostnames than the target's stand in the statement? */
size_t edit_others(struct editing *ed, const struct statement *st);
bool edit_replace(struct editing *ed, const struct statement *st, const struct assignment *a,
                  const char *name, const char *value);
bool edit_insert(struct editing *ed, const struct statement *st, const char *name,
                 const char *value);
void edit_delete(struct editing *ed, const struct statement *st, const struct assignment *a);
void edit_delete_statement(struct editing *ed, const struct statement *st);
bool edit_append(struct editing *ed, const char *statement);
/* Words behind the hostnames become assignments. */
bool edit_unbare(struct editing *ed, const struct statement *st);
bool edit_has_bare(const struct statement *st);
void edit_drop_host(struct editing *ed, const struct statement *st, const char *hostname);
/* Wherever the hostname stands in the statement, the name stands there instead. */
void edit_rename_host(struct editing *ed, const struct statement *st, const char *hostname,
                      const char *name);
bool edit_split(struct editing *ed, const struct statement *st, const char *hostname);
/* "name=value", or "name=default" for NULL; false when the value can not be written. */
bool edit_pair(struct buf *out, const char *name, const char *value, bool quoted);

#endif
