/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_ACCESS_H
#define HOMING_WEB_ACCESS_H

#include <jansson.h>
#include <uv.h>

#include "base/error.h"
#include "web/device.h"
#include "web/secret.h"
#include "web/server.h"

/*
 * Who may use the page and the API: the owner's password, one-time links, sessions, tokens; and
 * which devices may push their address. All of it stands in one small text file (0600) that only
 * this module writes, beside the database and not in it. Passwords are kept as argon2id (RFC 9106:
 * 19 MiB, two passes), everything that we generated ourselves as SHA-256; nothing of it ever
 * leaves. Hashing runs in the thread pool.
 */
struct access;

enum access_level { ACCESS_NOTHING, ACCESS_READ, ACCESS_FULL };

enum {
    ACCESS_NAME_MAX = DEVICE_NAME_MAX,
    ACCESS_SECRET_MAX = SECRET_MAX, /* the text of a link, token or session id, with its NUL */
    ACCESS_PASSWORD_LEAST = 12,     /* characters */
    ACCESS_PASSWORD_MOST = 512,     /* bytes */
    ACCESS_TOKENS = 64,
    ACCESS_SESSIONS = 64,     /* the one unused for longest ends when another begins */
    ACCESS_CHECKS_AT_ONCE = 4 /* password checks under way */
};
#define ACCESS_LINK_TIME    ((msec)15 * MINUTE)
#define ACCESS_SESSION_IDLE ((msec)12 * HOUR)
#define ACCESS_SESSION_MOST ((msec)30 * DAY)

/* Who asks, and what they may do. */
struct access_who {
    enum access_level level;
    bool by_cookie;
    bool local;                     /* the unix socket's owner: needs no password to change one */
    char session[2 * 32 + 1];       /* hash of the session, "" when none */
    char name[ACCESS_NAME_MAX + 8]; /* "the page", "token laptop", "uid 1000" */
};

/* Reads the file; a missing one means that nobody owns the page yet. */
struct access *access_new(uv_loop_t *loop, const char *file, struct cause *c);
/* What is being written is still written by the loop; checks under way are answered ERR_BUSY. */
void access_free(struct access *a);

/* Addresses of reverse proxies, separated by commas, whose word about a visitor's address
 * (X-Forwarded-For) is believed; NULL or "": those of loopback. May be called again. What is no
 * address is left out: false, and "bad" is the first such text (copied, cut to fit). */
bool access_trust(struct access *a, const char *proxies, char *bad, size_t room);
/* Where a call came from, with the word of trusted proxies; false for the unix socket. */
bool access_origin(const struct access *a, const struct http_call *call, struct addr *out);

/* Who made this call. Never fails: nobody in particular may nothing. a may be NULL: then those of
 * this machine may read. */
void access_identify(struct access *a, struct http_call *call, struct access_who *out);
/* {"level":"none|read|full","accounts":bool,"owned":bool,"name":TEXT} */
json_t *access_describe(const struct access *a, const struct access_who *who);
bool access_owned(const struct access *a);

/* A one-time link's secret (ACCESS_SECRET_MAX bytes at out); an older link ends. Returns when it
 * ends by itself (wall). */
msec access_link(struct access *a, char *out);
/* Is this the link that is open? 0 when not, else when it ends. */
msec access_link_open(const struct access *a, const char *secret);

/* ERR_RANGE with a sentence when it is too short or too long. */
enum err access_password_fits(const char *password, struct cause *c);
/* Once, later. e: OK, or ERR_DENIED, ERR_BUSY (too many at once), ERR_NOT_FOUND (the link). */
typedef void access_done_fn(void *arg, enum err e);
/* Sets the password; all sessions end. link: must be open, and is used up by it; NULL: the caller
 * has the right already. */
void access_set_password(struct access *a, const char *password, const char *link,
                         access_done_fn *fn, void *arg);
/* How long this peer must wait before it may try (ms); 0: now. */
msec access_wait(const struct access *a, struct http_call *call);
/* Checks the password; counts failures for the account and for where the call came from. */
void access_check(struct access *a, struct http_call *call, const char *password,
                  access_done_fn *fn, void *arg);

/* A new session's id (ACCESS_SECRET_MAX bytes at out). */
void access_begin(struct access *a, char *out);
void access_end(struct access *a, const char *session_hash);
void access_end_all(struct access *a);

/* ERR_EXISTS, ERR_RANGE (name), ERR_FULL. The token is told this once. */
enum err access_token_add(struct access *a, const char *name, bool full, char *out,
                          struct cause *c);
enum err access_token_remove(struct access *a, const char *name);
json_t *access_tokens(const struct access *a); /* [{"name","level","created_at"}] */

/*
 * Devices. hosts: count names that it may push, in lower case; none: those that use it.
 * ERR_EXISTS, ERR_RANGE (a name), ERR_FULL. The password is told this once.
 */
enum err access_device_add(struct access *a, const char *name, const char *const *hosts,
                           size_t count, char *out, struct cause *c);
/* Another password for it; the former one ends. */
enum err access_device_renew(struct access *a, const char *name, char *out);
enum err access_device_remove(struct access *a, const char *name);
const struct device *access_device(const struct access *a, const char *name);
const struct device *access_device_next(const struct access *a, size_t *at);
/* Is this the device's password? False also when there is no such device. */
bool access_device_is(const struct access *a, const char *name, const char *password);

#endif
