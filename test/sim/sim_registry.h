/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SIM_REGISTRY_H
#define HOMING_SIM_REGISTRY_H

#include "publish/provider.h"

/*
 * Providers of the simulation, in place of the registry: words with the shapes that matter to the
 * schedule, all spoken by the real dyndns2.
 *
 *   dyndns2   A and AAAA together, 20 hosts of equal settings and addresses in a request
 *   noip      one host a request, ten writes an hour
 *   easydns   one family a request, four at once
 *   njalla     one that can delete, spoken by "tiny", which the test that wants it brings along
 */
struct registry *sim_registry(void);
const struct protocol *sim_dialogue(const char *name);
enum { SIM_LIMIT_N = 10 };

#endif
