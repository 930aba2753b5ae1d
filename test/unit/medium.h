/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_UNIT_MEDIUM_H
#define HOMING_TEST_UNIT_MEDIUM_H

/*
 * A disk that fails once. What a program calls to change a disk comes here first, its own calls and
 * those of its libraries: writes, syncs, cuts, and making, renaming and removing files.
 */

/* The nth of them from now fails with this error; 0: none. Starts counting. */
void medium_fails(unsigned long nth, int error);
unsigned long medium_calls(void); /* since then */

#endif
