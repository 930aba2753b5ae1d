/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_PROVIDER_H
#define HOMING_PUBLISH_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * Provider files: read, checked, and asked about. The file's bytes are given by the caller
 * (compiled in, or read from providers.d by the program); this module opens nothing.
 */
struct provider;
struct protocol; /* step.h */

struct provider_field {
    const char *name, *label, *help;
    bool secret, required;
    const char *fallback;       /* default, or NULL */
    const char *const *choices; /* ended by NULL, or NULL */
};

/* What one write may carry: decides which records travel in one job (decide/). */
enum provider_batch_of { BATCH_NONE, BATCH_ZONE, BATCH_ACCOUNT, BATCH_ADDRESSES };
struct provider_batch {
    bool families;             /* A and AAAA of a host in one job */
    unsigned hosts;            /* at most this many hosts a job; 1 for one by one */
    enum provider_batch_of of; /* hosts that may travel together */
    /* Only hosts with equal values of these settings (BATCH_ADDRESSES: and equal wanted sets);
     * names ended by NULL */
    const char *const *same;
};

struct provider_limit {
    unsigned n;
    msec per;
    bool writes_only;  /* else all requests count */
    const char *scope; /* "account", "zone", "source", "record" */
};

/* Everything decide/ and people need to know. Texts live as long as the provider. */
struct provider_info {
    const char *id, *name, *website, *docs, *help, *note;
    const char *status; /* "alive", "legacy", "closed", "unsupported" */
    const char *evidence, *checked;
    const char
        *speaks; /* name of the protocol that carries it out: "file", "dyndns2", "nsupdate" */
    bool compat; /* one of ddclient's words (providers/ddclient/) */
    bool notify; /* tells people and publishes nothing (providers/notify/) */
    const struct provider_field *fields;
    size_t field_count;
    bool family_ok[2];
    bool one_family; /* carries one address a hostname: IPv4 where it is known, else IPv6; the other
                        family is not to be wanted then */
    bool wildcard_ok, apex_ok, mx_ok;
    bool can_read, can_delete; /* records can be read back; removed */
    bool many;                 /* a name can have several addresses of a family */
    bool can_tell, can_beat;   /* with notify: messages; a sign of life on an interval */
    struct provider_batch batch;
    const struct provider_limit *limits;
    size_t limit_count;
    unsigned parallel; /* requests at once an account */
    msec gap, lag;
    const char *const
        *domains; /* suffixes that tell this provider from a hostname; ended by NULL; may be NULL */
    const char *const *nameservers; /* patterns of its servers' names: "*.ns.cloudflare.com", a star
                                       for any characters; ended by NULL; may be NULL */
    const char *const *formerly;    /* other names people search for; ended by NULL; may be NULL */
};

/* Reads and checks one file. On error the cause says where in the file and what. Returns an owned
 * provider. */
enum err provider_parse(const char *bytes, size_t n, const char *file_name, struct provider **out,
                        struct cause *c);
void provider_free(struct provider *p);
const struct provider_info *provider_info(const struct provider *p);
/* A default the file gives for a setting: "server", "min-interval", "login", "script"; NULL for
 * none. */
const char *provider_default(const struct provider *p, const char *setting);

/*
 * The registry: all providers (built in, then those of providers.d, which add or replace by id) and
 * ddclient's words. Built-in data is parsed when first asked for.
 */
struct registry;
struct registry *registry_new(void);
void registry_free(struct registry *r);
/* Takes p over; replaces one with the same id (of the same sort: provider, word, notify). */
void registry_add(struct registry *r, struct provider *p);
/* provider=ID, or NULL. */
const struct provider *registry_provider(struct registry *r, const char *id);
/* The same for listing and checking: without what it takes to carry it out, at a tenth of the cost.
 */
const struct provider *registry_about(struct registry *r, const char *id);
const struct provider *registry_about_protocol(struct registry *r, const char *word);
/* ddclient's protocol=WORD: its compatibility file or alias, or NULL. */
const struct provider *registry_protocol(struct registry *r, const char *word);
/* kind=ID of a notify object, or NULL. */
const struct provider *registry_notify(struct registry *r, const char *id);
/* Walks the ids in alphabetical order, aliases of providers left out; NULL starts and ends. */
const char *registry_next_provider(struct registry *r, const char *after);
const char *registry_next_protocol(struct registry *r, const char *after);
const char *registry_next_notify(struct registry *r, const char *after);
/* The wire dialogue of that name (info->speaks), from the table of registry.c; NULL when there is
 * none. */
const struct protocol *registry_dialogue(const char *name);

#endif
