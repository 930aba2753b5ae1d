/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_DEVICE_H
#define HOMING_WEB_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "web/secret.h"

/*
 * The devices that may push their address: each with the hash of its password and, if it was given
 * one, the list of hostnames that it may name. A table; it checks nothing.
 */
struct devices;

enum {
    DEVICE_NAME_MAX = 48,
    DEVICES_MOST = 4096,
    DEVICE_HOSTS_MOST = 64,
    DEVICES_HOSTS_MOST = 8192, /* of all devices: bounds the file */
};

struct device {
    char name[DEVICE_NAME_MAX + 1];
    char hash[SECRET_HASH_TEXT];
    msec created;
    char **hosts; /* owned; none: those that use it */
    size_t host_count;
};

struct devices *devices_new(void);
void devices_free(struct devices *d);
/* ERR_EXISTS, or ERR_FULL with a sentence. */
enum err devices_add(struct devices *d, const char *name, const char *hash, msec created,
                     struct cause *c);
enum err devices_add_host(struct devices *d, const char *name, const char *host, struct cause *c);
/* NULL when there is none. */
struct device *devices_find(const struct devices *d, const char *name);
bool devices_remove(struct devices *d, const char *name);
/* In the order in which they were added. Start with *at = 0; NULL at the end. */
const struct device *devices_next(const struct devices *d, size_t *at);

#endif
