/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_MEASURE_H
#define HOMING_ENGINE_MEASURE_H

#include "base/exposition.h"
#include "engine/engine.h"

/*
 * What the engine knows, as measurements: hostnames by state, single records, outcomes and requests
 * by provider, accounts and their budgets, sources, memory. It changes nothing and holds no secret.
 *
 * However many hostnames there are, the number of series is bounded: single records are listed up
 * to MEASURE_RECORDS, accounts up to MEASURE_ACCOUNTS, sources up to MEASURE_SOURCES, those first
 * that are not as they should be. The totals count all.
 */
enum { MEASURE_RECORDS = 2000, MEASURE_ACCOUNTS = 500, MEASURE_SOURCES = 500 };

/* Appends whole families. */
void measure_engine(struct engine *e, struct exposition *x);

#endif
