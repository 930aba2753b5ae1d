/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_SET_H
#define HOMING_DECIDE_SET_H

#include "base/addr.h"

/*
 * Sets of addresses, each kept once and counted: a hundred thousand records that want the same
 * address share eight bytes each, and two sets are equal when their pointers are. NULL is "not
 * known", which is another thing than the empty set.
 */
struct set;
struct sets;

struct sets *sets_new(void);
void sets_free(struct sets *s); /* after everything in it was let go */
/* The set with these addresses; the caller owns one count. */
const struct set *set_get(struct sets *s, const struct addrset *addresses);
const struct set *set_keep(const struct set *set); /* one count more; NULL stays NULL */
void set_drop(const struct set *set);              /* one count less; NULL is fine */
const struct addrset *set_addresses(const struct set *set);
/* *slot becomes one more count of set; the former one is dropped. True when it changed. */
bool set_assign(const struct set **slot, const struct set *set);

#endif
