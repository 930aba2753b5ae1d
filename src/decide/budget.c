/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/budget.h"

#include <string.h>

static msec slot_length(const struct budget *b)
{
    msec length = (b->per + BUDGET_SLOTS - 1) / BUDGET_SLOTS;
    return length > 0 ? length : 1;
}

void budget_init(struct budget *b, unsigned n, msec per, unsigned share, msec now)
{
    *b = (struct budget){.n = n, .per = per, .slot = now};
    b->reserve = share > 1 ? n / share : 0;
}

/* Moves on to the slot that now belongs to; what leaves the last slot is a whole period old. */
static void advance(struct budget *b, msec now)
{
    msec length = slot_length(b);
    msec steps = now > b->slot ? (now - b->slot) / length : 0;

    if (steps > BUDGET_SLOTS) {
        memset(b->spent, 0, sizeof b->spent);
        b->slot = now;
        return;
    }
    for (msec i = 0; i < steps; i++) {
        memmove(&b->spent[1], &b->spent[0], BUDGET_SLOTS * sizeof b->spent[0]);
        b->spent[0] = 0;
    }
    b->slot += steps * length;
}

static unsigned total(const struct budget *b)
{
    unsigned sum = 0;
    for (size_t i = 0; i <= BUDGET_SLOTS; i++)
        sum += b->spent[i];
    return sum;
}

unsigned budget_left(struct budget *b, bool person, msec now)
{
    advance(b, now);
    unsigned allowed = person ? b->n : b->n - b->reserve;
    unsigned used = total(b);
    return used < allowed ? allowed - used : 0;
}

void budget_spend(struct budget *b, unsigned count, msec now)
{
    advance(b, now);
    b->spent[0] += count;
}

void budget_return(struct budget *b, unsigned count)
{
    for (size_t i = 0; i <= BUDGET_SLOTS && count > 0; i++) {
        unsigned part = b->spent[i] < count ? b->spent[i] : count;
        b->spent[i] -= part;
        count -= part;
    }
}

msec budget_at(struct budget *b, bool person, unsigned need, msec now)
{
    struct budget then = *b;
    msec at = now;
    unsigned allowed = person ? b->n : b->n - b->reserve;

    if (b->n == 0)
        return NEVER;
    for (size_t i = 0; i <= BUDGET_SLOTS + 1; i++) {
        if (budget_left(&then, person, at) >= (need < allowed ? need : allowed))
            return at;
        at = then.slot + slot_length(&then);
    }
    return at;
}

void budget_restore(struct budget *b, double left, msec at, msec now)
{
    double spent = (double)b->n - (left < 0 ? 0 : left);

    memset(b->spent, 0, sizeof b->spent);
    b->slot = at > now ? now : at;
    if (spent > 0)
        b->spent[0] = spent < b->n ? (uint32_t)(spent + 0.5) : b->n;
    advance(b, now);
}
