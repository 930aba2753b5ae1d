/*
 * SPDX-License-Identifier: ISC
 */
#include "web/device.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"

struct devices {
    struct map *by_name;
    size_t hosts;
};

struct devices *devices_new(void)
{
    struct devices *d = mem_alloc(sizeof *d);

    d->by_name = map_new();
    return d;
}

static void device_free(void *value)
{
    struct device *device = value;

    for (size_t i = 0; i < device->host_count; i++)
        mem_free(device->hosts[i]);
    mem_free(device->hosts);
    mem_free(device);
}

void devices_free(struct devices *d)
{
    if (d == NULL)
        return;
    map_free(d->by_name, device_free);
    mem_free(d);
}

enum err devices_add(struct devices *d, const char *name, const char *hash, msec created,
                     struct cause *c)
{
    if (map_get(d->by_name, name) != NULL)
        return cause_set(c, ERR_EXISTS, "There is a device of the name %s already.", name);
    if (map_count(d->by_name) >= DEVICES_MOST)
        return cause_set(c, ERR_FULL, "There are %d devices already; remove one first.",
                         DEVICES_MOST);
    struct device *device = mem_alloc(sizeof *device);
    memcpy(device->name, name, strlen(name) + 1);
    memcpy(device->hash, hash, SECRET_HASH_TEXT);
    device->created = created;
    map_set(d->by_name, name, device);
    return OK;
}

enum err devices_add_host(struct devices *d, const char *name, const char *host, struct cause *c)
{
    struct device *device = map_get(d->by_name, name);

    if (device == NULL)
        return cause_set(c, ERR_NOT_FOUND, "There is no device of the name %s.", name);
    if (device->host_count >= DEVICE_HOSTS_MOST || d->hosts >= DEVICES_HOSTS_MOST)
        return cause_set(c, ERR_FULL, "A device has at most %d hostnames, and all together %d.",
                         DEVICE_HOSTS_MOST, DEVICES_HOSTS_MOST);
    device->hosts = mem_more(device->hosts, device->host_count, sizeof *device->hosts);
    device->hosts[device->host_count++] = mem_text(host);
    d->hosts++;
    return OK;
}

struct device *devices_find(const struct devices *d, const char *name)
{
    return map_get(d->by_name, name);
}

bool devices_remove(struct devices *d, const char *name)
{
    struct device *device = map_remove(d->by_name, name);

    if (device == NULL)
        return false;
    d->hosts -= device->host_count;
    device_free(device);
    return true;
}

const struct device *devices_next(const struct devices *d, size_t *at)
{
    const char *name;
    void *value;

    return map_next(d->by_name, at, &name, &value) ? value : NULL;
}
