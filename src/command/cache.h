/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_CACHE_H
#define HOMING_COMMAND_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

/*
 * ddclient's cache: what was last sent for each host, in ddclient's own text form, so that moving
 * here and going back both keep what is known. Read are the forms of ddclient 3.x and 4.x; written
 * is the form of the file that was read. Entries of hosts that nobody asks about are kept. This
 * module decides nothing and knows no configuration.
 */

struct cache_family {
    bool known;       /* addr is what was last stored at the service */
    struct addr addr; /* its family is that of the index */
    char *status;     /* owned: outcome of the last attempt; "good" is success; NULL when none */
};

/* Times are Unix seconds; 0 means never. Owned texts are NULL when the key is absent. */
struct cache_entry {
    char *host;
    struct cache_family of[FAMILIES];
    int64_t mtime; /* last success */
    int64_t atime; /* last attempt */
    int64_t wtime; /* no attempt before */
    int64_t warned_min, warned_error;
    char *backupmx, *mx, *wildcard, *is_static; /* the options of the dyndns family, as last sent */
    /* What ddclient has no key for; in a comment line that it skips. */
    char *settings;    /* what else the last attempt depended on, as a hash */
    unsigned failures; /* in a row; 0 when not known */
    bool touched;      /* changed since it was read */
};

struct cache {
    char *stamp;                  /* owned: "ddclient-3.11.2", as found; NULL in a new one */
    struct cache_entry **entries; /* owned; sorted by host */
    size_t count;
};

enum { CACHE_FILE_MAX = 16 << 20 };
extern const char cache_default_stamp[]; /* whose form a new file has */

void cache_init(struct cache *c);
void cache_free(struct cache *c);

/* Adds what the text says. ERR_SYNTAX when its first line is no stamp ("## word-version"): then
 * nothing was read. An empty text is an empty cache. Unknown keys and bad values are skipped. */
enum err cache_parse(struct cache *c, const char *bytes, size_t n, struct cause *cause);
/* The whole file. now: wall time for its second line. */
void cache_text(const struct cache *c, msec now, struct buf *out);

struct cache_entry *cache_find(const struct cache *c, const char *host); /* or NULL */
struct cache_entry *cache_entry(struct cache *c, const char *host);      /* made when absent */
/* Sets an owned text; NULL removes it. */
void cache_set(char **field, const char *value);

/* A missing file is an empty cache and OK. */
enum err cache_load(struct cache *c, const char *path, struct cause *cause);
/*
 * Stores the touched entries: locks, reads what another process may have stored since, replaces the
 * entries touched here, writes beside and renames. Missing directories are made (0700). Nothing is
 * written when nothing was touched. "durable": it must outlive the machine, not this process only.
 */
enum err cache_save(const struct cache *c, const char *path, msec now, bool durable,
                    struct cause *cause);

/* ctime's layout in local time without the newline: "Mon Nov 23 01:40:49 2026"; "<never>" for 0.
 * The buffer has CACHE_DATE_MAX bytes; returns it. */
enum { CACHE_DATE_MAX = 32 };
const char *cache_date(int64_t when, char *out);

#endif
