/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_ACCESS_H
#define HOMING_WEB_ACCESS_H

#include <jansson.h>

#include "web/server.h"

/* Who asks, and what they may do. */
enum access_level { ACCESS_NOTHING, ACCESS_READ, ACCESS_FULL };

struct access_who {
    enum access_level level;
    bool by_cookie;
    char name[64]; /* "the page", "token laptop", "uid 1000" */
};

struct access;

/* Who made this call. Never fails: nobody in particular may nothing. */
void access_identify(struct access *a, struct http_call *call, struct access_who *out);
/* For the page: {"level":"none|read|full","accounts":bool,"name":TEXT}. */
json_t *access_describe(const struct access *a, const struct access_who *who);

#endif
