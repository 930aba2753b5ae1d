/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_SPEC_H
#define HOMING_SENSE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/view.h"

struct source_kind;
struct sense_options;

/*
 * What the settings of an entry ask for one family, as a question that entries can share: equal
 * keys are one source. Pure: reads settings, opens nothing.
 */
struct spec {
    const struct source_kind *kind;
    unsigned families;      /* FAMILY_BIT()s it may answer */
    bool neutral;           /* either family: IPv4 if found, else IPv6 */
    char *name;             /* for people: "web ipify-ipv4" */
    char *arg;              /* URL, interface, command, literal ... by kind */
    char *skip;             /* pattern, or NULL */
    char *login, *password; /* password: secret */
    char *proxy, *ca_file, *ca_dir;
    bool tls_unchecked, family_free;
    msec timeout;
    unsigned redirects;
    char *interface, *source_address; /* of the uplink, with its mark; NULL: any way out */
    uint32_t mark;
    char *entry, *setting; /* for the runner; no part of the key */
    bool metered;          /* that way costs: asked once an hour at most */
    bool private_too;      /* unique local addresses will do */
    unsigned quorum;
    bool on_demand;     /* asked only when the source it is a part of wants to know */
    unsigned length;    /* of a prefix; 0: an address is meant */
    uint8_t suffix[16]; /* what is put behind it */
    struct spec *parts; /* owned array: of composite kinds */
    unsigned part_count;
};

/* What the settings mean for the family. False with *why (static) when nothing is wanted. */
bool spec_make(struct spec *spec, const struct view *settings, enum family family,
               const struct sense_options *options, const char **why);
/* The router on the default route, by whatever it speaks, asked on demand: for the verdict. */
void spec_router(struct spec *spec);
void spec_free(struct spec *spec);
/* Has it a way out of its own? */
bool spec_bound(const struct spec *spec);
/* Owned text without secrets; equal for equal questions. */
char *spec_key(const struct spec *spec);

/* "::1:2:3:4" or a MAC address (RFC 4291, appendix A: the modified EUI-64) as a host part; false
 * when it is neither. */
bool spec_suffix(const char *text, uint8_t out[16]);
/* The host's address: the first "length" bits of the prefix, then the suffix. */
struct addr spec_join(const struct addr *prefix, unsigned length, const uint8_t suffix[16]);

#endif
