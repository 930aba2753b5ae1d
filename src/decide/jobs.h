/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_JOBS_H
#define HOMING_DECIDE_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "decide/set.h"

/*
 * Who travels together: the due records of one account are grouped into jobs by what the provider
 * can carry in one write. It sends nothing and knows no provider.
 */
enum jobs_of { JOBS_ALONE, JOBS_ZONE, JOBS_ACCOUNT, JOBS_ADDRESSES };

struct jobs_rules {
    bool families;  /* A and AAAA of a host in one job */
    unsigned hosts; /* at most so many hosts a job; 0: the schedule's number */
    size_t bytes;   /* at most so many bytes of hostnames a job (a URL has its bound); 0: any */
    enum jobs_of of;
};

struct jobs_candidate {
    const char *zone; /* known zone, or NULL: with JOBS_ZONE it then travels alone */
    const char *same; /* the values that must be equal in a job, joined; or NULL */
    const struct set *wanted[FAMILIES]; /* borrowed */
    size_t bytes;                       /* of the hostname */
    unsigned due; /* FAMILY_BIT()s; with families=false one of them is chosen */
    size_t order; /* set by jobs_group() */
    void *owner;
};

/* One job: candidates with their due bits as they go. Called in the order in which the first
 * candidate of each came. */
typedef void jobs_fn(void *arg, const struct jobs_candidate *const *members, size_t count);

/* "most": hosts a job at most (the schedule's, or less after too-long). Changes due and order. */
void jobs_group(struct jobs_candidate *candidates, size_t count, const struct jobs_rules *rules,
                unsigned most, jobs_fn *fn, void *arg);

#endif
