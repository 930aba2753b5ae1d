/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_SETTINGS_H
#define HOMING_CONF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The one table of settings: what the reader, the checker, the editor, the page's forms, the API's
 * schema, completion and the manual know about a setting stands here and nowhere else. Fields that
 * only one provider has stand in its provider file; their names never equal a row of this table.
 */

enum setting_type {
    SETTING_TEXT,      /* anything */
    SETTING_NONEMPTY,  /* anything but "" */
    SETTING_PATH,      /* name of a file or folder, not empty */
    SETTING_COMMAND,   /* text for /bin/sh -c, or a program's name, not empty */
    SETTING_PROGRAM,   /* absolute path of a program, run without a shell or arguments */
    SETTING_NUMBER,    /* decimal digits within min and max */
    SETTING_LENGTH,    /* a length of time, in seconds; "5m", "1h30m", "inf" */
    SETTING_SECONDS,   /* a number of seconds, or a length with units; never "inf" (ttl) */
    SETTING_BOOL,      /* yes/no, true/false, on/off, 1/0 */
    SETTING_NAME,      /* a DNS name; "" where it is optional */
    SETTING_SERVER,    /* [scheme://]host[:port][/path] */
    SETTING_URL,       /* http(s) URL; the scheme may be missing */
    SETTING_PROTOCOL,  /* ddclient's word */
    SETTING_PROVIDER,  /* id of a provider file */
    SETTING_WEB,       /* a web service's name, or a URL */
    SETTING_USE,       /* ddclient's use= */
    SETTING_USE4,      /* usev4= */
    SETTING_USE6,      /* usev6= */
    SETTING_INTERFACE, /* name of a network interface; "default" is a value here */
    SETTING_IP,        /* a literal address of either family */
    SETTING_IPV4,
    SETTING_IPV6,
    SETTING_CHOICE,  /* one word of "choices" */
    SETTING_REF,     /* the name of a define=KIND:NAME, kind in "refers" */
    SETTING_SUFFIX,  /* the host part of an IPv6 address, a MAC address, or "dns" */
    SETTING_ON_LOSS, /* keep, delete or an address */
    SETTING_SOCKET,  /* [address:]port, unix:/path, or no */
    SETTING_HOSTS,   /* names separated by commas */
    SETTING_DEFINE,  /* KIND:NAME */
    SETTING_TYPES
};

enum setting_class {
    SETTING_PLAIN,
    SETTING_SECRET, /* never shown, never sent back */
    SETTING_RUNS,   /* names a command: edited in the file only, never through the page */
    SETTING_FILE    /* names a file that homing opens: likewise */
};

enum {
    SCOPE_GLOBAL = 1, /* read without a hostname: the program's own */
    SCOPE_HOST = 2,   /* read for a hostname; on a global line it holds for all that follow */
    SCOPE_BOTH = SCOPE_GLOBAL | SCOPE_HOST,
    /* settings of named objects */
    SCOPE_ACCOUNT = 4,
    SCOPE_UPLINK = 8,
    SCOPE_PREFIX = 16,
    SCOPE_SOURCE = 32,
    SCOPE_NOTIFY = 64,
    SCOPE_OBJECTS = SCOPE_ACCOUNT | SCOPE_UPLINK | SCOPE_PREFIX | SCOPE_SOURCE | SCOPE_NOTIFY
};

enum {
    SETTING_DDCLIENT = 1, /* ddclient has it */
    SETTING_RESTART = 2,  /* takes effect at the next start; all others are live */
    SETTING_ZERO_OK = 4,  /* 0 is allowed although it is below the minimum */
    SETTING_OPTIONAL = 8, /* the empty value is allowed */
    SETTING_OLD = 16,     /* ddclient's older way; homing has a better one, see "instead" */
    SETTING_IDENTITY =
        32, /* another value makes another entry (provider, protocol, server, login) */
    SETTING_DOTTED = 128, /* a domain name of two labels at least */
    SETTING_ONCE = 256,   /* ddclient knows one value of it, whatever lines stand where */
    SETTING_META = 64     /* part of the language itself (define, inherit, host) */
};

struct setting {
    const char *name;
    enum setting_type type;
    enum setting_class class;
    unsigned scope; /* SCOPE_ bits */
    unsigned flags; /* SETTING_ bits */
    /* ddclient's command line: '=' text, 'i' integer, '!' flag that --noX negates, 'f' plain flag,
     * 0 none */
    char option;
    long min, max;              /* of numbers, and of lengths in seconds; max 0: none */
    const char *unit;           /* "s", "min", "bytes"; NULL: none */
    const char *fallback;       /* the default, as it would be written; NULL: none */
    const char *const *choices; /* SETTING_CHOICE, and the words of a list: ended by NULL */
    const char *refers;         /* SETTING_REF: the kind */
    const char *instead;        /* SETTING_OLD: what to write */
    const char *help;           /* one sentence */
};

/* The row of that name, or NULL. */
const struct setting *setting_find(const char *name);
/* Walks the table in its order; NULL starts and ends. */
const struct setting *setting_next(const struct setting *after);
size_t setting_count(void);
/* A row's number, for arrays beside the table. */
size_t setting_index(const struct setting *s);
const struct setting *setting_at(size_t index);
const char *
setting_type_name(enum setting_type t); /* "length of time": what a person would call it */
const char *setting_class_name(enum setting_class c); /* "plain", "secret", "command", "file" */

/* Is what it says for the provider alone (server, login, zone, an account's secrets), so that no
 * check and no other setting depends on it? */
bool setting_for_provider(const struct setting *s);

/* The setting of the table that was probably meant, or NULL. */
const char *setting_guess(const char *written);
/* The nearest of words (ended by NULL) if it is near enough to be a typing error, else NULL. */
const char *setting_nearest(const char *written, const char *const *words);
/* Does this name look like a secret's? For names that no table knows: better dots too many than a
 * token in a log. */
bool setting_name_is_secret(const char *name);

/* Names that ddclient once had (reference of the language, 2.8): a sentence of what became of them,
 * or NULL. */
const char *setting_gone(const char *name);
/* The same for protocols whose service has closed. */
const char *setting_protocol_gone(const char *word);

/* Kinds of define=KIND:NAME and the scope bit of their settings; 0 for no such kind. */
unsigned setting_kind_scope(const char *kind);
const char *const *setting_kinds(void); /* ended by NULL */

/* ddclient's 48 protocols, sorted, ended by NULL. */
const char *const *setting_protocols(void);
/* ddclient's 49 router models, sorted by byte, ended by NULL. */
const char *const *setting_devices(void);
/* Values of use=, usev4=, usev6= (without the router models), ended by NULL. */
const char *const *setting_strategies(enum setting_type t);

#endif
