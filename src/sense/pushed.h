/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_PUSHED_H
#define HOMING_SENSE_PUSHED_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/clock.h"

/*
 * What devices have told about themselves: of each its latest IPv4 address, IPv6 address and IPv6
 * prefix, with their ages. A table and its text form for the memory; who may tell, and who is told,
 * is not decided here.
 */
struct pushed;

/* The first two are those of enum family. */
enum pushed_what { PUSHED_V4, PUSHED_V6, PUSHED_PREFIX, PUSHED_WHATS };

struct pushed_value {
    bool known;
    struct addr addr; /* of a prefix: its first address */
    unsigned length;  /* bits of a prefix; 0 for an address */
    msec since;       /* wall: when it became this */
    msec told;        /* wall: when it was last told, changed or not */
    msec kept;        /* wall: "told" as the memory has it; for whoever keeps the table */
    /* What was told last and not taken. */
    bool refused;
    struct addr refused_addr;
    msec refused_at;
};

struct pushed *pushed_new(void);
void pushed_free(struct pushed *p); /* NULL is fine */

/* Of a device that never told anything: nothing known. Valid until the device is forgotten. */
const struct pushed_value *pushed_get(const struct pushed *p, const char *device,
                                      enum pushed_what what);
/* True when it is another address than before. A prefix is cut to its length. */
bool pushed_set(struct pushed *p, const char *device, enum pushed_what what, const struct addr *a,
                unsigned length, msec wall);
/* It told something that can not be its address: shown, not taken. */
void pushed_refuse(struct pushed *p, const char *device, enum pushed_what what,
                   const struct addr *a, msec wall);
/* The memory has everything that is known of the device. */
void pushed_kept(struct pushed *p, const char *device);
/* Has it told again so long after what the memory knows? */
bool pushed_to_keep(const struct pushed *p, const char *device, msec age);
void pushed_forget(struct pushed *p, const char *device);
/* Walks in the order in which they first told. Start with *at = 0; NULL at the end. */
const char *pushed_next(const struct pushed *p, size_t *at);

/* "v4", "v6", "prefix". */
const char *pushed_what_name(enum pushed_what what);
/* "81.2.3.4", "2a02:3100::/64". The buffer has PUSHED_ADDRESS_MAX bytes; returns it. */
enum { PUSHED_ADDRESS_MAX = ADDR_TEXT_MAX + 12, PUSHED_TEXT_MAX = PUSHED_ADDRESS_MAX + 48 };
const char *pushed_address(const struct pushed_value *v, char *out);
/* "81.2.3.4 1764150000000 1764151000000": for the memory. PUSHED_TEXT_MAX bytes; returns it. */
const char *pushed_text(const struct pushed_value *v, char *out);
/* Back, under the name of pushed_what_name(); false when it makes no sense. */
bool pushed_restore(struct pushed *p, const char *device, const char *what, const char *text);

#endif
