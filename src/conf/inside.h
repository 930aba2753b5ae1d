/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_INSIDE_H
#define HOMING_CONF_INSIDE_H

#include <assert.h>
#include <stdint.h>

#include "base/map.h"
#include "conf/arena.h"
#include "conf/conf.h"
#include "conf/lex.h"
#include "conf/settings.h"

/*
 * What the files of this room share: how a configuration lies in memory. Statements keep their own
 * assignments; hostnames refer to statements; nothing is copied from one to the other, so that a
 * hundred thousand hostnames cost what their text costs and little more. A lookup walks the layers.
 */

enum {
    ASSIGNED_BAD = 1,       /* refused: as if it were not there */
    ASSIGNED_UNSET = 2,     /* key=default */
    ASSIGNED_OLD = 4,       /* ddclient's older word (usev6=if) */
    ASSIGNED_BARE = 8,      /* a word behind the hostnames */
    ASSIGNED_INDIRECT = 16, /* by _env, _file or _credential */
    ASSIGNED_UNKNOWN = 32,  /* no row of the table holds here: perhaps a field of the provider */
    ASSIGNED_TOLD = 64,     /* a problem was told of it already */
    ASSIGNED_ERROR = 128,   /* refused by an error: hostnames that would inherit it are parked */
    ASSIGNED_PLAIN = 256, /* while reading: kept as written, and there was nothing to tell of it */
    ASSIGNED_OWN = 512    /* each statement of the form has its own value */
};

struct assignment {
    uint32_t at; /* the name's first byte, from the statement's on: see in_file() */
    uint32_t value_at, value_end;
    uint16_t id; /* row of the table, or behind the table a name of its own */
    uint16_t flags;
    union {                /* see value_in() */
        const char *value; /* in the arena; NULL when unset */
        size_t own;        /* ASSIGNED_OWN: its place among the statement's own values */
    };
};

/* What statements say: of equal names the last holds. */
struct form {
    uint16_t count;
    struct assignment set[];
};

/* Once all is read, statements for hostnames beside each other that say the same share one of
 * these, and those that differ in nothing but values share the form. */
struct said {
    struct form *form;
    const char *own[];
};

enum {
    STATEMENT_PARKED = 1,  /* it has an error */
    STATEMENT_ALONE = 2,   /* inherit=no */
    STATEMENT_OUTSIDE = 4, /* from the command line: its offsets mean nothing */
    STATEMENT_SAID = 8,    /* doubts about it as a whole were told */
    STATEMENT_HOSTS = 16,  /* it is for hostnames: its form may be shared */
    STATEMENT_END          /* above the last one */
};
enum { STATEMENT_BITS = 5 };
static_assert(STATEMENT_END <= 1 << STATEMENT_BITS, "a statement has room for its flags");

struct statement {
    struct said *said; /* in an arena */
    uint32_t seq;      /* place in the file among all statements */
    uint32_t at, end;
    uint32_t hosts : 32 - STATEMENT_BITS; /* how many stand in it: a file has room for no more */
    uint32_t flags : STATEMENT_BITS;
};

/* More statements than this for one hostname are an accident, and would make reading slow. */
enum { REPEATS_MAX = 200 };

struct more {
    const struct statement *st;
    struct more *next;
};

/* Provider or protocol of hostnames, shared by all that have it; or the kind of a notify object. */
struct kind {
    struct conf *conf;
    const char *provider, *protocol; /* one of them NULL, or both: */
    const char *notify;
    struct map *fields; /* owned; name -> itself (plain) or "secret"; NULL when not known */
    bool known;
    bool secret_login; /* login= is no name to show */
    /* In the arena, by row: what layers_default() found, layers_unasked before. A fleet asks for
     * the same few defaults a hundred thousand times. NULL for a notify object. */
    const char **defaults;
};

struct object {
    struct conf *conf;
    const char *kind, *name;
    const struct statement *st;
    struct kind *provider; /* of accounts and notify objects; NULL otherwise */
};

enum {
    ENTRY_PARKED = 1,
    ENTRY_ALONE = 2, /* no globals */
    ENTRY_ABOVE = 4, /* --options holds for it */
    ENTRY_ENABLED = 8,
    ENTRY_DROPPED = 16,
    ENTRY_BEHIND = 32 /* another entry of the same hostname stands before it */
};

/* Where an entry belongs, one for all that stand beside each other in the file. */
struct seat {
    struct kind *kind;
    const struct object *object; /* its account object */
    uint32_t nth;                /* of the accounts that would have one name */
    bool whole;                  /* the account object is all there is of the account */
};

/* What few entries have. */
struct aside {
    struct more *more;   /* later statements for the same entry, in their order */
    const char *written; /* where it is not the hostname's one form, or NULL */
    const char *id;      /* asked for, or a long one; or NULL */
    const char *account; /* asked for, or NULL */
    uint32_t next;       /* next entry of the same hostname, UINT32_MAX for none */
    uint16_t repeats;    /* of the hostname's first entry: later statements that name it */
};

/* Small: there may be a hundred thousand. */
struct conf_entry {
    const struct statement *first;
    struct aside *aside; /* in the arena; NULL: it has nothing of that */
    const char *hostname;
    const struct seat *seat; /* never NULL */
    uint32_t at;             /* where the hostname stands first ... */
    uint16_t length;         /* ... and the length of what stands there, as far as it is told */
    uint16_t flags;
};

struct global {
    uint32_t seq;
    const struct assignment *a;
};

/* A name that was used or is in the table. */
struct name {
    const char *name;
    const struct setting *row; /* NULL behind the table */
    const struct older *older; /* ddclient's older word for it; or NULL */
    unsigned bits;             /* what the tokenizer wants to know: lex.h */
    bool refers;               /* its value can be the name of an object */
    bool is_source;            /* use=, usev4=, usev6= */
    bool for_provider;      /* what it says is the provider's alone: nothing here depends on it */
    bool used;              /* some statement says something of it */
    struct global *globals; /* owned; ascending by seq */
    uint32_t count, room;
};

struct span {
    uint32_t from, to;
};

struct reference {
    struct assignment *a;
    struct statement *st;
    bool in_object;
};

struct conf {
    unsigned long refs;
    struct conf_options options;
    char *name;  /* owned; the file's, for messages */
    char *bytes; /* owned; wiped at the end */
    size_t n;
    struct arena arena;
    struct arena forms; /* of statements for hostnames */
    uint32_t *lines;    /* owned; where every LINES_APART-th line begins, from the first on */
    size_t line_count;  /* of the file */

    struct name *names; /* owned */
    size_t name_count, name_room;
    unsigned login;    /* the number of that name: identities ask for it again and again */
    struct map *extra; /* name behind the table -> its number + 1 */

    struct statement **statements; /* owned blocks of STATEMENT_BLOCK: see statement_at() */
    size_t statement_count;
    struct conf_entry *entries; /* owned */
    size_t entry_count, entry_room;
    uint32_t *index; /* owned; hostname -> entry number + 1, open addressing */
    size_t index_mask;
    struct object **objects; /* owned array */
    size_t object_count, object_room;
    struct map *object_index;     /* "kind:name" -> object */
    struct map *kinds;            /* owned kinds */
    struct map *key_texts;        /* path of a key file -> its text, owned and wiped */
    struct reference *references; /* owned; only while reading */
    size_t reference_count, reference_room;

    bool told_comma;                 /* the comma behind a password was told */
    const struct statement *command; /* options of the command line, or NULL */
    const struct statement *above;   /* --options with hostnames, or NULL */

    unsigned *bad_globals; /* owned; names with a global value that an error refused */
    size_t bad_global_count;

    struct conf_problem *problems; /* owned */
    size_t problem_count, problem_room, error_count, unkept;
    struct span *secrets; /* owned; bytes that no message shows */
    size_t secret_count, secret_room;
};

enum { STATEMENT_BLOCK = 64, LINES_APART = 16 };

static inline struct statement *statement_at(const struct conf *c, size_t i)
{
    return &c->statements[i / STATEMENT_BLOCK][i % STATEMENT_BLOCK];
}

static inline struct form *form_of(const struct statement *st)
{
    return st->said->form;
}

/* The value of one of its assignments; NULL when unset. */
static inline const char *value_in(const struct statement *st, const struct assignment *a)
{
    return (a->flags & ASSIGNED_OWN) != 0 ? st->said->own[a->own] : a->value;
}

/* Where something of a statement stands. */
static inline size_t in_file(const struct statement *st, uint32_t offset)
{
    return (size_t)st->at + offset;
}

static inline const struct more *entry_more(const struct conf_entry *e)
{
    return e->aside != NULL ? e->aside->more : NULL;
}

static inline const char *entry_written(const struct conf_entry *e)
{
    return e->aside != NULL && e->aside->written != NULL ? e->aside->written : e->hostname;
}

/* The next entry of the same hostname, UINT32_MAX for none. */
static inline uint32_t entry_next(const struct conf_entry *e)
{
    return e->aside != NULL ? e->aside->next : UINT32_MAX;
}

static inline uint32_t entry_end(const struct conf_entry *e)
{
    return e->at + e->length;
}

/* Where a value was found; the earlier ones win. */
enum level {
    LEVEL_ABOVE,
    LEVEL_OWN,
    LEVEL_COMMAND,
    LEVEL_ACCOUNT,
    LEVEL_GLOBAL, /* as it was when the statement was met */
    LEVEL_LATER,  /* a global line further down */
    LEVEL_DEFAULT,
    LEVEL_NONE
};
struct found {
    const char *value;
    const struct assignment *a;
    const struct statement *st; /* that has the assignment */
    enum level level;
};

/* Does what was found for an entry hold for the next one? */
enum likeness {
    LIKE_NONE,
    LIKE_NEAR, /* but for what only the provider is told: server, login, zone, secrets */
    LIKE_SAME
};

/* layers.c: looking values up. "defaults" false: only what somebody wrote. */
bool layers_find(const struct conf *c, const struct conf_entry *e, unsigned id, struct found *f);
bool layers_written(const struct conf *c, const struct conf_entry *e, unsigned id, struct found *f);
/* Of two entries with the same flags; the other one stands behind. */
enum likeness layers_likeness(const struct conf *c, const struct conf_entry *a,
                              const struct conf_entry *b);
const char *layers_value(const struct conf *c, const struct conf_entry *e, unsigned id);
const struct assignment *layers_in(const struct statement *st, unsigned id);
bool layers_global(const struct conf *c, unsigned id, uint32_t before, struct found *f);
/* The number of a name; false when it is neither in the table nor used in the file. */
bool layers_id(const struct conf *c, const char *name, unsigned *id);
const char *layers_default(const struct conf *c, const struct kind *kind, const char *name);
void layers_name(struct name *n); /* fills in what this file wants to know of a name */
/* How many of the global settings of that name stand before that place. */
uint32_t layers_globals_before(const struct name *n, uint32_t seq);
extern const char layers_unasked[];

/* read.c: one statement into memory. */
void read_file(struct conf *c);
void read_command_line(struct conf *c);
unsigned read_name_id(struct conf *c, const char *name);

/* keys.c: key files. */
void keys_read(struct conf *c);
const char *keys_text(const struct conf *c, const struct conf_entry *e); /* or NULL */

/* entries.c: hostnames and what they are. */
struct word {
    const char *text;
    size_t n;
    uint32_t at, end; /* where it stands */
};
void entries_add(struct conf *c, struct statement *st, const struct word *w);
uint32_t entries_first(const struct conf *c, const char *hostname); /* UINT32_MAX for none */
uint32_t entries_first_n(const struct conf *c, const char *hostname, size_t n);
void entries_finish(struct conf *c);
struct aside *entries_aside(struct conf *c, struct conf_entry *e); /* made when it has none */
struct kind *entries_kind(struct conf *c, const char *provider, const char *protocol);
struct kind *entries_notify(struct conf *c, const char *notify);
/* "Home.Example.org." -> "home.example.org"; international names to A-labels. NULL: it can be none.
 */
char *entries_hostname(const char *written, size_t n);
/* Is the name one of those between the commas? */
bool entries_in_list(const char *list, const char *name);

/* check.c: what can only be judged when the whole file was read. */
void check_references(struct conf *c);
void check_objects(struct conf *c);
void check_entry(struct conf *c, struct conf_entry *e);
/* Of an entry like the last one, where there was nothing to tell. */
void check_entry_like(struct conf *c, struct conf_entry *e);
void check_globals(struct conf *c);
/* --protocol must be one; settings are checked as they are read. */
void check_option_protocol(struct conf *c);

/* problem.c */
void problem_add(struct conf *c, enum conf_severity severity, const char *code, size_t from,
                 size_t to, char *text, char *hint);    /* takes text and hint over */
enum conf_severity problem_fault(const struct conf *c); /* ddclient only warned of it */
size_t problem_told(const struct conf *c);              /* how many there are so far, kept or not */
bool problem_full(const struct conf *c); /* no more will be kept: spare the work for them */
void problem_secret(struct conf *c, size_t from, size_t to);
void problem_finish(struct conf *c);
unsigned problem_line(const struct conf *c, size_t at);

#endif
