/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/pushed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"

struct device {
    struct pushed_value values[PUSHED_WHATS];
};

struct pushed {
    struct map *devices;
};

static const char *const names[PUSHED_WHATS] = {
    [PUSHED_V4] = "v4", [PUSHED_V6] = "v6", [PUSHED_PREFIX] = "prefix"};

struct pushed *pushed_new(void)
{
    struct pushed *p = mem_alloc(sizeof *p);

    p->devices = map_new();
    return p;
}

void pushed_free(struct pushed *p)
{
    if (p == NULL)
        return;
    map_free(p->devices, mem_free);
    mem_free(p);
}

const struct pushed_value *pushed_get(const struct pushed *p, const char *name,
                                      enum pushed_what what)
{
    static const struct pushed_value never;
    const struct device *d = p != NULL ? map_get(p->devices, name) : NULL;

    return d != NULL ? &d->values[what] : &never;
}

static struct pushed_value *place(struct pushed *p, const char *name, enum pushed_what what)
{
    struct device *d = map_get(p->devices, name);

    if (d == NULL) {
        d = mem_alloc(sizeof *d);
        map_set(p->devices, name, d);
    }
    return &d->values[what];
}

static struct addr cut(const struct addr *a, unsigned length)
{
    struct addr out = {.family = a->family};

    for (unsigned bit = 0; bit < length; bit++)
        out.bytes[bit / 8] |= a->bytes[bit / 8] & (uint8_t)(0x80 >> bit % 8);
    return out;
}

bool pushed_set(struct pushed *p, const char *name, enum pushed_what what, const struct addr *a,
                unsigned length, msec wall)
{
    struct pushed_value *v = place(p, name, what);
    struct addr whole = what == PUSHED_PREFIX ? cut(a, length) : *a;
    bool same = v->known && v->length == length && addr_equal(&v->addr, &whole);

    v->told = wall;
    v->refused = false;
    if (same)
        return false;
    v->known = true;
    v->addr = whole;
    v->length = length;
    v->since = wall;
    return true;
}

void pushed_refuse(struct pushed *p, const char *name, enum pushed_what what, const struct addr *a,
                   msec wall)
{
    struct pushed_value *v = place(p, name, what);

    v->refused = true;
    v->refused_addr = *a;
    v->refused_at = wall;
}

void pushed_kept(struct pushed *p, const char *name)
{
    struct device *d = map_get(p->devices, name);

    for (int i = 0; d != NULL && i < PUSHED_WHATS; i++)
        d->values[i].kept = d->values[i].told;
}

bool pushed_to_keep(const struct pushed *p, const char *name, msec age)
{
    const struct device *d = map_get(p->devices, name);

    for (int i = 0; d != NULL && i < PUSHED_WHATS; i++) {
        const struct pushed_value *v = &d->values[i];
        if (v->known && (v->since > v->kept || v->told - v->kept >= age || v->told < v->kept))
            return true;
    }
    return false;
}

void pushed_forget(struct pushed *p, const char *name)
{
    mem_free(map_remove(p->devices, name));
}

const char *pushed_next(const struct pushed *p, size_t *at)
{
    const char *name;
    void *value;

    return map_next(p->devices, at, &name, &value) ? name : NULL;
}

/* --- text --- */

const char *pushed_what_name(enum pushed_what what)
{
    return names[what];
}

const char *pushed_address(const struct pushed_value *v, char *out)
{
    char text[ADDR_TEXT_MAX];

    addr_text(&v->addr, text);
    if (v->length > 0)
        snprintf(out, PUSHED_ADDRESS_MAX, "%s/%u", text, v->length);
    else
        snprintf(out, PUSHED_ADDRESS_MAX, "%s", text);
    return out;
}

const char *pushed_text(const struct pushed_value *v, char *out)
{
    char address[PUSHED_ADDRESS_MAX];

    snprintf(out, PUSHED_TEXT_MAX, "%s %lld %lld", pushed_address(v, address), (long long)v->since,
             (long long)v->told);
    return out;
}

static bool read_time(const char **at, msec *out)
{
    size_t n = strcspn(*at, " ");
    char digits[24];
    uint64_t number;

    if (n == 0 || n >= sizeof digits)
        return false;
    memcpy(digits, *at, n);
    digits[n] = '\0';
    *at += n + ((*at)[n] == ' ');
    *out = text_number(digits, &number) && number <= INT64_MAX / 2 ? (msec)number : -1;
    return *out >= 0;
}

bool pushed_restore(struct pushed *p, const char *name, const char *what, const char *text)
{
    struct pushed_value v = {.known = true};
    size_t address = strcspn(text, "/ "), i = 0;
    const char *at = text + address;

    while (i < PUSHED_WHATS && !text_equal(names[i], what))
        i++;
    if (i == PUSHED_WHATS || !addr_parse_n(text, address, &v.addr))
        return false;
    if (*at == '/')
        v.length = (unsigned)strtoul(at + 1, (char **)(uintptr_t)&at, 10);
    bool is_prefix = i == PUSHED_PREFIX;
    if (*at++ != ' ' || is_prefix != (v.length != 0) || v.length > 128 ||
        v.addr.family != (i == PUSHED_V4 ? V4 : V6) || !read_time(&at, &v.since) ||
        !read_time(&at, &v.told) || *at != '\0')
        return false;
    v.kept = v.told;
    *place(p, name, (enum pushed_what)i) = v;
    return true;
}
