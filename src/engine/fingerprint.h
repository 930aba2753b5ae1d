/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_FINGERPRINT_H
#define HOMING_ENGINE_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

/*
 * Fingerprints of settings: 64 bits of HMAC-SHA-256 over names and values, keyed by the state
 * folder, so that a change is noticed across a restart while no value can be guessed from them.
 */
enum fingerprint_of {
    FINGERPRINT_CONTENT,     /* what the record holds beside addresses: mx, wildcard, ttl ... */
    FINGERPRINT_SETTINGS,    /* everything about publishing: a change ends the record's stop */
    FINGERPRINT_CREDENTIALS, /* what the account is judged by: a change ends its stop */
    FINGERPRINT_SECRETS      /* only the secrets: what tells accounts of one name apart */
};

/* "fields": names of the provider's own fields, ended by NULL, with a parallel array of secrecy. */
uint64_t fingerprint(enum fingerprint_of of, const struct view *v, const char *const *fields,
                     const bool *secret, const uint8_t *key, size_t key_size);

#endif
