/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_ACCESS_FILE_H
#define HOMING_WEB_ACCESS_FILE_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "web/access.h"
#include "web/device.h"
#include "web/secret.h"
#include "web/throttle.h"

/*
 * The form of the access file: what is kept, as text and back, and how the file is read and
 * replaced. It checks no password and knows no request.
 */
enum {
    OWNER_TEXT = 128,
    ACCESS_FILE_MAX = 4 << 20, /* above what the bounds of all that is in it lead to */
};

struct access_token {
    char name[ACCESS_NAME_MAX + 1];
    bool full;
    char hash[SECRET_HASH_TEXT];
    msec created;
};
struct access_session {
    char hash[SECRET_HASH_TEXT]; /* "" : a free place */
    msec created, seen;
};
struct access_data {
    char owner[OWNER_TEXT];      /* argon2id, "" when nobody owns the page yet */
    char link[SECRET_HASH_TEXT]; /* "" when none is open */
    msec link_end;
    struct access_token tokens[ACCESS_TOKENS];
    size_t token_count;
    struct access_session sessions[ACCESS_SESSIONS];
    struct devices *devices;
    struct throttle *throttle;
};

bool access_name_good(const char *name); /* letters, digits, "-", "_", "."; 1 to ACCESS_NAME_MAX */
void access_data_text(const struct access_data *d, struct buf *out);
/* Lines that are not known are an error: a file that would be lost in part is not written over. */
enum err access_data_parse(struct access_data *d, const char *text, struct cause *c);
/* ERR_NOT_FOUND when there is no file. */
enum err access_file_read(const char *file, struct buf *out, struct cause *c);
/* Beside, fsync, rename, fsync of the folder; 0600. For a worker thread. */
enum err access_file_write(const char *file, const char *text, size_t n, struct cause *c);

#endif
