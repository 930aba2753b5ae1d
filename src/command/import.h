/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_IMPORT_H
#define HOMING_COMMAND_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "publish/provider.h"

/*
 * Moving in: other programs' configurations become statements of homing.conf, and for each line of
 * theirs it is told what became of it. The readers (import_*.c, one a program) are pure: bytes in,
 * statements and notes out. They never guess a provider: what is not known is left out, and said.
 */

enum import_fate {
    IMPORT_TAKEN, /* it stands in a statement */
    IMPORT_OTHER, /* homing does it in another way, or by itself */
    IMPORT_LEFT   /* it could not be carried over */
};
enum { IMPORT_ARGS = 3 };
struct import_note {
    unsigned line; /* in their file; 0: none in particular */
    enum import_fate fate;
    char *what;              /* owned: theirs, without secrets: "provider dyndns.org" */
    char *why;               /* owned: what became of it; may be NULL */
    const char *code;        /* of that sentence; NULL: it only quotes */
    char *args[IMPORT_ARGS]; /* owned: its first values */
};

struct import_value {
    char *name, *value; /* owned; wiped */
    bool secret;
};
/* One statement as data, for who edits a configuration instead of writing text. */
struct import_statement {
    unsigned line;               /* in their file; 0: none in particular */
    struct import_value *values; /* owned */
    size_t count;
    char *hosts; /* owned: "a.example.org,b.example.org"; "": it is for all hostnames */
};

struct import {
    struct registry *registry; /* of providers; NULL in tests that need none */
    struct buf text;           /* statements of homing.conf */
    struct buf shown;          /* the same with dots for secrets, for people */
    struct import_note *notes; /* owned */
    size_t note_count;
    struct import_statement *statements; /* owned: the same as "text" */
    size_t statement_count;
    size_t hostnames;
    /* Long work: called after each statement, where it is set. */
    void (*tell)(void *arg, const struct import *im);
    void *tell_arg;
    /* the statement under way */
    struct import_statement now; /* its values */
    struct buf settings, settings_shown, hosts, comment;
    unsigned line;
    bool about_hosts; /* it names a provider or protocol: without hosts it is dropped */
    const struct provider_info *provider; /* of the statement; NULL: none known */
    const struct provider_info *closed;   /* the one that was meant and is no more */
};

enum { IMPORT_MAX = 4 << 20 };
void import_init(struct import *im, struct registry *registry);
void import_free(struct import *im); /* wipes */

void import_note(struct import *im, unsigned line, enum import_fate fate, const char *what,
                 const char *why, ...) __attribute__((format(printf, 5, 6)));

/* A statement: begin, what stands in it, end. A statement without hosts is a global line. */
void import_begin(struct import *im, unsigned line);
/* A comment line before the statement. */
void import_comment(struct import *im, const char *text);
void import_set(struct import *im, const char *setting, const char *value);
/* Whether a setting of the statement's provider is a secret. */
bool import_is_secret(const struct import *im, const char *setting);
/* provider=: the first of the names that is known, as theirs of that program or as ours. False,
 * with nothing set, when none is. */
bool import_provider(struct import *im, const char *program, const char *theirs);
/* The note for a statement whose provider is not known, or closed. */
void import_no_provider(struct import *im, unsigned line, const char *what, const char *theirs);
/*
 * A credential or other field under their name ("token", "zone_identifier"): goes to the setting
 * of the provider that it means. False when the provider has none like it.
 */
bool import_field(struct import *im, const char *theirs, const char *value);
void import_host(struct import *im, const char *hostname);
void import_end(struct import *im);
void import_drop(struct import *im); /* the statement is not wanted after all */

struct import_format {
    const char *name;  /* as for --format: "inadyn" */
    const char *about; /* "inadyn.conf" */
    bool (*looks)(const char *bytes, size_t n);
    enum err (*read)(struct import *im, const char *bytes, size_t n, struct cause *cause);
};
extern const struct import_format import_ddclient, import_ddclient_cache, import_inadyn,
    import_openwrt, import_nethserver, import_updater, import_go;
/* All of them; NULL after the last. */
const struct import_format *import_format_at(size_t i);
/* The one of that name, or without a name the one that the bytes look like; NULL: none. */
const struct import_format *import_format_of(const char *name, const char *bytes, size_t n);

/* Our provider's id for the name that a program ("inadyn", "openwrt", "ddns-updater", "ddns-go",
 * "nethserver") uses, or NULL. */
const char *import_name(const char *program, const char *theirs);

/* Puts dots into the notes where a secret of a statement stands: what is wrong with a line may
 * quote it. After the reading. */
void import_mask(struct import *im);

/* A value as the language wants it: in quotes where it needs them. */
void import_quote(const char *value, struct buf *out);

#endif
