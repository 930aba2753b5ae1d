/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/choose.h"

#include "base/mem.h"

const char *choice_text(enum choice c)
{
    static const char *const texts[CHOICES] = {
        [CHOICE_TAKEN] = "this one is published",
        [CHOICE_ELSEWHERE] = "it is on another interface",
        [CHOICE_TENTATIVE] = "the kernel still checks that nobody else has it",
        [CHOICE_DUPLICATE] = "somebody else on the network has it",
        [CHOICE_DEPRECATED] = "it is deprecated and will go",
        [CHOICE_TEMPORARY] = "it is a temporary (privacy) address",
        [CHOICE_SCOPE] = "it does not lead here from outside",
        [CHOICE_ULA] = "it is a unique local address (RFC 4193)",
        [CHOICE_PRIVATE] = "another one is public",
        [CHOICE_LIFETIME] = "another one was set by hand",
        [CHOICE_PREFIX] = "another one has a longer prefix",
        [CHOICE_TEXT] = "another one is shorter",
        [CHOICE_SOONER] = "another one is valid for longer",
        [CHOICE_LATER] = "another one comes first",
    };
    return (unsigned)c < CHOICES ? texts[c] : "";
}

uint32_t lifetime_left(uint32_t told_s, msec told, msec mono)
{
    msec gone = (mono - told) / SECOND;

    if (told_s == IF_FOREVER)
        return IF_FOREVER;
    return gone >= (msec)told_s ? 0 : told_s - (uint32_t)(gone > 0 ? gone : 0);
}

/* Global in the sense of the language's reference, section 3.2: by the first 16 bits. */
static bool is_global_v6(const struct addr *a)
{
    unsigned first = (unsigned)a->bytes[0] << 8 | a->bytes[1];

    return first != 0 && (first & 0xfe00) != 0xfc00 && (first & 0xffc0) != 0xfe80 &&
           (first & 0xff00) != 0xff00;
}

static bool is_ula(const struct addr *a)
{
    return (a->bytes[0] & 0xfe) == 0xfc;
}

/* Whether an address may be taken at all. */
static enum choice first_look(const struct if_addr *a, int link, enum family family)
{
    if (a->index != link || a->addr.family != family)
        return CHOICE_ELSEWHERE;
    if (a->flags & IF_TENTATIVE)
        return CHOICE_TENTATIVE;
    if (a->flags & IF_DUPLICATE)
        return CHOICE_DUPLICATE;
    if (family == V4)
        return a->flags & IF_GLOBAL ? CHOICE_TAKEN : CHOICE_SCOPE;
    if (is_ula(&a->addr))
        return CHOICE_ULA;
    if (!(a->flags & IF_GLOBAL) || !is_global_v6(&a->addr))
        return CHOICE_SCOPE;
    if (a->flags & IF_DEPRECATED)
        return CHOICE_DEPRECATED;
    return a->flags & IF_TEMPORARY ? CHOICE_TEMPORARY : CHOICE_TAKEN;
}

/* --- the steps: each gives a rank, the highest stays --- */

static uint64_t rank_public(const struct if_addr *a, msec mono)
{
    return a->addr.family == V4 && addr_kind(&a->addr) == ADDR_PUBLIC;
}

static uint64_t rank_static(const struct if_addr *a, msec mono)
{
    return a->addr.family == V6 && a->valid_s == IF_FOREVER;
}

static uint64_t rank_prefix(const struct if_addr *a, msec mono)
{
    return a->addr.family == V6 ? a->length : 0;
}

static uint64_t rank_text(const struct if_addr *a, msec mono)
{
    char text[ADDR_TEXT_MAX];
    unsigned groups = 0;

    if (a->addr.family == V4)
        return 0;
    addr_text(&a->addr, text);
    for (const char *c = text; *c != '\0'; c++)
        if (*c != ':' && (c == text || c[-1] == ':'))
            groups++;
    return 8 - groups;
}

static uint64_t rank_valid(const struct if_addr *a, msec mono)
{
    return a->addr.family == V6 ? lifetime_left(a->valid_s, a->told, mono) : 0;
}

static const struct {
    uint64_t (*rank)(const struct if_addr *a, msec mono);
    enum choice lost;
} steps[] = {
    {rank_public, CHOICE_PRIVATE}, {rank_static, CHOICE_LIFETIME}, {rank_prefix, CHOICE_PREFIX},
    {rank_text, CHOICE_TEXT},      {rank_valid, CHOICE_SOONER},
};

static void keep_best(const struct iftable *t, size_t step, msec mono, enum choice *why)
{
    uint64_t best = 0;

    for (size_t i = 0; i < t->addr_count; i++)
        if (why[i] == CHOICE_TAKEN && steps[step].rank(&t->addrs[i], mono) > best)
            best = steps[step].rank(&t->addrs[i], mono);
    for (size_t i = 0; i < t->addr_count; i++)
        if (why[i] == CHOICE_TAKEN && steps[step].rank(&t->addrs[i], mono) < best)
            why[i] = steps[step].lost;
}

static bool any(const enum choice *why, size_t n, enum choice wanted)
{
    for (size_t i = 0; i < n; i++)
        if (why[i] == wanted)
            return true;
    return false;
}

/* Unique local addresses that are otherwise fine. */
static void admit_ula(const struct iftable *t, enum choice *why)
{
    for (size_t i = 0; i < t->addr_count; i++)
        if (why[i] == CHOICE_ULA) {
            unsigned flags = t->addrs[i].flags;
            why[i] = flags & IF_DEPRECATED  ? CHOICE_DEPRECATED
                     : flags & IF_TEMPORARY ? CHOICE_TEMPORARY
                                            : CHOICE_TAKEN;
        }
}

int choose_address(const struct iftable *t, int link, enum family family, bool private_too,
                   msec mono, enum choice *why)
{
    enum choice *own = NULL;
    int taken = -1;

    if (t->addr_count == 0)
        return -1;
    if (why == NULL)
        why = own = mem_array(t->addr_count, sizeof *why);
    for (size_t i = 0; i < t->addr_count; i++)
        why[i] = first_look(&t->addrs[i], link, family);
    if (private_too && !any(why, t->addr_count, CHOICE_TAKEN))
        admit_ula(t, why);
    for (size_t step = 0; step < sizeof steps / sizeof steps[0]; step++)
        keep_best(t, step, mono, why);
    for (size_t i = 0; i < t->addr_count; i++) {
        if (why[i] != CHOICE_TAKEN)
            continue;
        if (taken >= 0)
            why[i] = CHOICE_LATER;
        else
            taken = (int)i;
    }
    mem_free(own);
    return taken;
}

int choose_prefix(const struct iftable *t, int link, unsigned longest, bool private_too, msec mono)
{
    uint32_t best = 0;
    int taken = -1;

    for (size_t i = 0; i < t->addr_count; i++) {
        const struct if_addr *a = &t->addrs[i];
        enum choice c = first_look(a, link, V6);
        uint32_t preferred = lifetime_left(a->preferred_s, a->told, mono);
        bool fits = c == CHOICE_TAKEN || (c == CHOICE_ULA && private_too &&
                                          !(a->flags & (IF_DEPRECATED | IF_TEMPORARY)));
        if (fits && a->length <= longest && preferred > best) {
            best = preferred;
            taken = (int)i;
        }
    }
    return taken;
}
