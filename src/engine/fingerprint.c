/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/fingerprint.h"
#include "engine/setting_names.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/settings.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { TEXT_MAX = 256 * 1024 };

/* Settings that stand in the record or beside it, so that another value must be sent. */
static const char *const contents[] = {"mx",  "backupmx", "wildcard", "static",
                                       "ttl", "proxied",  NULL};
/* Of the account scope, but about the schedule or the checking, not about how it is sent. */
static const char *const aside[] = {"verify", "verify-server", "lag", "on-loss", NULL};
/* Beside the secrets. */
static const char *const credentials[] = {"provider", "protocol",
                                          "server",   "login",
                                          "key-name", "key-algorithm",
                                          "key-file", "script",
                                          "path",     "use-personal-access-token",
                                          NULL};

static bool listed(const char *const *list, const char *name)
{
    for (; *list != NULL; list++)
        if (text_equal(*list, name))
            return true;
    return false;
}

static bool counts(enum fingerprint_of of, const struct setting *s)
{
    switch (of) {
    case FINGERPRINT_CONTENT:
        return listed(contents, s->name);
    case FINGERPRINT_SETTINGS:
        return ((s->scope & SCOPE_ACCOUNT) != 0 || text_equal(s->name, "record-id")) &&
               !listed(aside, s->name);
    case FINGERPRINT_CREDENTIALS:
        return (s->scope & SCOPE_ACCOUNT) != 0 &&
               (s->class == SETTING_SECRET || listed(credentials, s->name));
    case FINGERPRINT_SECRETS:
        return (s->scope & SCOPE_ACCOUNT) != 0 && s->class == SETTING_SECRET;
    }
    return false;
}

static bool field_counts(enum fingerprint_of of, bool secret)
{
    return of == FINGERPRINT_SETTINGS || (of == FINGERPRINT_CONTENT ? !secret : secret);
}

static void add(struct buf *b, const struct view *v, const char *name)
{
    const char *value = view_get(v, name);

    if (value == NULL)
        return;
    /* Lengths, so that no two settings can be written as one. */
    buf_format(b, "%s=%zu:", name, strlen(value));
    buf_text(b, value);
    buf_char(b, ';');
}

uint64_t fingerprint(enum fingerprint_of of, const struct view *v, const char *const *fields,
                     const bool *secret, const uint8_t *key, size_t key_size)
{
    struct buf b;
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned size = sizeof hash;
    uint64_t result = 0;

    buf_init(&b, TEXT_MAX);
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s))
        if (counts(of, s))
            add(&b, v, s->name);
    for (size_t i = 0; fields != NULL && fields[i] != NULL; i++)
        if (setting_find(fields[i]) == NULL && field_counts(of, secret[i]))
            add(&b, v, fields[i]);
    HMAC(EVP_sha256(), key, (int)key_size, (const uint8_t *)buf_str(&b), b.len, hash, &size);
    memcpy(&result, hash, sizeof result);
    buf_wipe(&b);
    mem_wipe(hash, sizeof hash);
    return result != 0 ? result : 1; /* 0 means unknown */
}

const char *setting_name_at(size_t n)
{
    const struct setting *s = setting_at(n);
    return s != NULL ? s->name : NULL;
}
