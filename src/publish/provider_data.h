/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_PROVIDER_DATA_H
#define HOMING_PUBLISH_PROVIDER_DATA_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "publish/provider.h"

/*
 * A provider file from the inside, for the modules of this room that carry it out. The tree is
 * checked when the file is read: whoever walks it later may trust its shape.
 */
enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_BOOL, FIELD_URL };

struct provider {
    struct provider_info info;
    json_t *root;  /* owned: the whole file */
    json_t *slots; /* borrowed from root; NULL for a file that another dialogue carries out */
    char *alias;   /* owned: the provider this word is another name of; else NULL */
    void **owned;  /* arrays of info */
    size_t owned_count;
};

/* One that is compiled in, as it can only be asked about, not carried out. Owned. */
struct builtin;
struct provider *provider_builtin_head(const struct builtin *b);
/* It, whole. "head": the same from above, which stays as it is, or NULL. Owned. */
struct provider *provider_builtin(const struct builtin *b, const struct provider *head);

/* A slot as a list of requests: an object counts as a list of one. NULL when it does not exist. */
const json_t *provider_slot(const struct provider *p, const char *slot);
/* Settings of the slot that stand beside its requests ("by", "each" ...): its first request. */
const json_t *provider_slot_head(const struct provider *p, const char *slot);
bool provider_has(const struct provider *p, const char *slot);
enum field_type provider_field_type(const struct provider *p, const char *name);
bool provider_field_secret(const struct provider *p, const char *name);
/* Text, number or truth of a member of the head; the fallback when it is absent. */
const char *provider_text(const struct provider *p, const char *key, const char *fallback);
long long provider_number(const struct provider *p, const char *key, long long fallback);
bool provider_flag(const struct provider *p, const char *key, bool fallback);

/* Checks the whole tree: shapes, words, placeholders. The cause tells the JSON pointer. */
enum err provider_check(const json_t *root, const char *file_name, struct cause *c);

#endif
