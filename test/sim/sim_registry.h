/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SIM_REGISTRY_H
#define HOMING_SIM_REGISTRY_H

#include "publish/provider.h"

/*
 * The real registry with provider files of the shapes that matter to the schedule, in place of
 * those of the same words; the first ones are spoken by the real dyndns2.
 *
 *   dyndns2   A and AAAA together, hosts of equal settings and addresses in a request
 *   noip      one host a request, ten writes an hour
 *   easydns   one family a request, four at once
 *   changeip  one address a host: IPv4 while there is one
 *   porkbun   an API: the record is read, then set; carried out by the file protocol
 *   njalla    one that can delete, spoken by "tiny", which the test that wants it brings along
 */
struct registry *sim_registry(void);
const struct protocol *sim_dialogue(const char *name);
enum { SIM_LIMIT_N = 10 };

#endif
