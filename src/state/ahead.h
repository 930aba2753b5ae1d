/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_AHEAD_H
#define HOMING_STATE_AHEAD_H

/*
 * A thread that begins before its work is known. The C library lets no thread begin while another
 * loads a library (pthread_create() waits for dlopen()), so who loads one beside other work begins
 * the threads of that work first. It knows nothing of the work.
 */
struct ahead;

struct ahead *ahead_new(void);                                    /* NULL: no thread can be begun */
void ahead_go(struct ahead *a, void (*fn)(void *arg), void *arg); /* once */
/* Waits for the end of the work, or ends the thread that was given none. NULL is fine. */
void ahead_end(struct ahead *a);

#endif
