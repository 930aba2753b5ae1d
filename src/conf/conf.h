/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_CONF_H
#define HOMING_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/view.h"

/*
 * A configuration as it was read: entries (a hostname at a provider), named objects (define=), the
 * globals, and everything that was found wrong. It is read-only after reading and shared by count.
 * This module knows the language; it never opens a socket and never writes a file (see edit.h).
 */
struct conf;
struct conf_entry;

/* What is known about provider files when reading: their fields, defaults and domains. Filled by
 * publish/registry through the program; NULL members are allowed (then every name is accepted). */
struct conf_providers {
    const void *self;
    bool (*provider_known)(const void *self, const char *id);
    bool (*protocol_known)(const void *self, const char *name);
    /* Walk the names for "did you mean"; NULL starts and ends. Both may be NULL. */
    const char *(*provider_next)(const void *self, const char *after);
    const char *(*protocol_next)(const void *self, const char *after);
    /* The nth field name of a provider or protocol that is no row of the settings table; NULL at
     * the end. */
    const char *(*field)(const void *self, const char *provider, const char *protocol, size_t n,
                         bool *secret);
    /* A default that the provider or protocol gives for a setting ("server", "min-interval"); NULL
     * for none. */
    const char *(*default_of)(const void *self, const char *provider, const char *protocol,
                              const char *setting);
    /* The nth field without which a provider can not work, settings among them; NULL at the end. */
    const char *(*needs)(const void *self, const char *provider, size_t n);
    /* Why a provider can not be used (its service has closed, say), a sentence; NULL: it can. */
    const char *(*unusable)(const void *self, const char *provider);
    /* Can a name have several addresses of a family there? NULL: nobody knows. */
    bool (*many)(const void *self, const char *provider, const char *protocol);
    /* The same for kind= of define=notify:NAME. All three or none. */
    bool (*notify_known)(const void *self, const char *kind);
    const char *(*notify_next)(const void *self, const char *after);
    const char *(*notify_field)(const void *self, const char *kind, size_t n, bool *secret,
                                bool *required);
};

enum conf_dialect {
    CONF_HOMING,   /* the language as homing mends it */
    CONF_DDCLIENT, /* for "homing ddclient": the same, with ddclient's outcome where the two differ
                      (see doc/ddclient-differences.md) */
};

struct conf_options {
    enum conf_dialect dialect;
    const char *name;                        /* file name for messages */
    const struct conf_providers *providers;  /* may be NULL */
    const char *(*getenv)(const char *name); /* NULL: the process's environment */
    /* Reads the file of key_file= and systemd credentials; NULL: real files. Returns owned text or
     * NULL. */
    char *(*read_file)(const char *path, struct cause *c);

    /* What "homing ddclient" was told beside the file (reference of the language, 4.3); NULL for
     * none. In CONF_DDCLIENT the file beats command_line for what hostnames set, in CONF_HOMING it
     * does not. */
    const char *const *command_line; /* "name=value" ... NULL: options that are settings */
    const char *assignments;         /* the argument of --options */
    const char *hosts;               /* the argument of --host: only these are kept */
};

enum conf_severity { CONF_WARNING, CONF_ERROR };
struct conf_problem {
    enum conf_severity severity;
    unsigned line, column, length; /* 1-based; column in bytes; length of the marked text */
    char *code;                    /* owned: "unknown-setting": stable, for translation */
    char *text;                    /* owned: what is so */
    char *hint;                    /* owned: what was probably meant, what to do; may be NULL */
};

/* The real reader of files that hold a secret (password_file=, a credential): owned text, or NULL.
 */
char *conf_read_file(const char *path, struct cause *c);

/* Never fails for bad input: what is wrong is in the problems, and the statement concerned is
 * parked. Returns a counted configuration. */
struct conf *conf_parse(const char *bytes, size_t n, const struct conf_options *options);
/* The text that it was made of, for as long as it lives, so that nobody keeps another copy. */
const char *conf_bytes(const struct conf *conf, size_t *n);
struct conf *conf_ref(struct conf *c);
void conf_unref(struct conf *c);

size_t conf_problem_count(const struct conf *c);
const struct conf_problem *conf_problem_at(const struct conf *c, size_t i);
bool conf_has_errors(const struct conf *c);
/* "file:line:column: error: text", the line, a caret, the hint: as a good compiler's. */
struct buf;
void conf_problem_show(const struct conf *c, const struct conf_problem *p, struct buf *out);

size_t conf_entry_count(const struct conf *c);
const struct conf_entry *conf_entry_at(const struct conf *c, size_t i);
/* By "HOST", "HOST@PROVIDER" or the whole identity; ambiguity is ERR_CONFLICT with all of them in
 * the cause. */
enum err conf_entry_find(const struct conf *c, const char *wanted, const struct conf_entry **out,
                         struct cause *cause);

/* By the whole identity and nothing less; NULL: there is none. */
const struct conf_entry *conf_entry_by_id(const struct conf *c, const char *id);
size_t conf_entry_number(const struct conf_entry *e); /* conf_entry_at() gives it back */
/* Do both have the same settings, all of them, as far as that shows without comparing any? For
 * fleets: what was found for one holds for the other. */
bool conf_entry_alike(const struct conf_entry *a, const struct conf_entry *b);
/* Does b, which follows a, have a's settings but for those that are for the provider alone
 * (setting_for_provider())? For fleets with an account each: true says so, false says nothing. */
bool conf_entry_near(const struct conf_entry *a, const struct conf_entry *b);

/* "home.example.org@cloudflare/token": stable identity. It is made at the first question and then
 * kept as long as the configuration is. */
const char *conf_entry_id(const struct conf_entry *e);
/* The same, owned by the caller: for whoever goes through a hundred thousand. */
char *conf_entry_make_id(const struct conf_entry *e);
bool conf_entry_is(const struct conf_entry *e, const char *id); /* without making it */
const char *
conf_entry_hostname(const struct conf_entry *e);            /* A-labels, lower case, no final dot */
const char *conf_entry_written(const struct conf_entry *e); /* as written in the file, for people */
const char *conf_entry_provider(
    const struct conf_entry *e); /* provider id, or NULL when only protocol= is given */
const char *conf_entry_protocol(
    const struct conf_entry *e); /* ddclient's word, or NULL when provider= decides */
bool conf_entry_enabled(const struct conf_entry *e);
bool conf_entry_parked(const struct conf_entry *e); /* its statement has an error: never sent */
unsigned conf_entry_line(const struct conf_entry *e);
/* "provider/server/login": entries of one account share credentials and budget. Kept likewise. */
const char *conf_entry_account(const struct conf_entry *e);
char *conf_entry_make_account(const struct conf_entry *e);

/* Beside the settings a view has "key-text", the text of the entry's TSIG key file (secret), and
 * "@id", its identity. Settings of an entry: host, its account object, globals, provider's and
 * common defaults, in that order. */
struct view conf_entry_view(const struct conf_entry *e);
struct view conf_globals(const struct conf *c);
/* Where a value came from: line number (0: a default), and true when it stands on this entry's own
 * statement only. */
unsigned conf_entry_origin(const struct conf_entry *e, const char *setting, bool *own);
/* How many entries have the setting from the very place that this one has it from, itself included;
 * 0: nobody wrote it. Looks at all of them, quickly. */
size_t conf_entry_sharers(const struct conf_entry *e, const char *setting);

/* Named objects: define=KIND:NAME. */
size_t conf_object_count(const struct conf *c);
const char *conf_object_kind(const struct conf *c, size_t i);
const char *conf_object_name(const struct conf *c, size_t i);
struct view conf_object_view(const struct conf *c, size_t i);

/* Typed access through a view, with the table's default when unset. A value in a view was checked
 * already. */
bool conf_bool(const struct view *v, const char *setting);
msec conf_length(const struct view *v, const char *setting); /* NEVER for "inf" */
long conf_number(const struct view *v, const char *setting);
const char *conf_text(const struct view *v,
                      const char *setting); /* NULL when unset and without default */

#endif
