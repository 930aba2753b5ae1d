/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SIM_SENSE_H
#define HOMING_SIM_SENSE_H

#include "sense/sense.h"
#include "sim_net.h"

/*
 * Sources without a network: interfaces by name (usev4=ifv4, ifv4=NAME and the same for IPv6) whose
 * addresses the test sets; an uplink is the interface of its name. After a restart each is unknown
 * until it has answered.
 */
struct sim_sense;

struct sim_sense *sim_sense_new(struct sim_net *net);
void sim_sense_free(struct sim_sense *s);
struct sense *sim_sense_seam(struct sim_sense *s);
/* What the interface has from now on; set NULL: nobody knows. Tells those who use it. */
void sim_sense_set(struct sim_sense *s, const char *interface, enum family f,
                   const struct addrset *set);
/* Does anybody need news of it? (see sense.h, attend) */
bool sim_sense_needed(const struct sim_sense *s, const char *interface);
/* The process ended: all uses are gone, and every source must be asked again. */
void sim_sense_restart(struct sim_sense *s);

#endif
