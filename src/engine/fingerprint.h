/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_FINGERPRINT_H
#define HOMING_ENGINE_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/view.h"

/*
 * Fingerprints of settings: SipHash-2-4 over names and values, keyed by the state folder, so that a
 * change is noticed across a restart while no value can be read from them.
 */
enum fingerprint_of {
    FINGERPRINT_CONTENT,     /* what the record holds beside addresses: mx, wildcard, ttl ... */
    FINGERPRINT_SETTINGS,    /* everything about publishing: a change ends the record's stop */
    FINGERPRINT_CREDENTIALS, /* what the account is judged by: a change ends its stop */
    FINGERPRINT_SECRETS,     /* only the secrets: what tells accounts of one name apart, and when
                                one was entered; 0 when there is none */
    FINGERPRINTS
};

/* A field of the provider file; those that are rows of the settings table too are left out. */
struct fingerprint_field {
    const char *name;
    bool secret;
};

/*
 * What an entry has in common with those beside it. "near": the next one has the same provider and
 * differs from the last only in settings that are for the provider, so that no other is asked for
 * again.
 */
enum { FINGERPRINT_NAMES = 128 }; /* at most, of the settings that count */
struct fingerprint_known {
    bool near;
    /* Owned: names and values in order, without the values of settings that are for the provider.
     */
    struct buf same[FINGERPRINTS];
    struct fingerprint_own {
        const char *name;
        unsigned in;                 /* a bit for each fingerprint it counts in */
        size_t places[FINGERPRINTS]; /* where in there its value belongs */
    } own[FINGERPRINT_NAMES];        /* those that say something; a neighbour has the same */
    size_t own_count;
};

void fingerprint_known_init(struct fingerprint_known *known);
void fingerprint_known_fini(struct fingerprint_known *known);

/* All four; none is 0, but that of the secrets where there are none. */
void fingerprints(const struct view *v, const struct fingerprint_field *fields, size_t field_count,
                  const uint8_t key[16], struct fingerprint_known *known,
                  uint64_t out[FINGERPRINTS]);

#endif
