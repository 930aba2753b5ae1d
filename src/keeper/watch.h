/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_WATCH_H
#define HOMING_KEEPER_WATCH_H

#include <uv.h>

/*
 * Watches one file through its folder, so that editors which replace it are noticed, and its
 * target's folder when it is a symbolic link. A burst of events is told once. It reads nothing:
 * whoever is told looks whether anything really changed.
 */
struct watch;

struct watch *watch_new(uv_loop_t *loop, const char *path, void (*changed)(void *arg), void *arg);
/* Looks again at where the file is: after a change, and after the folder was made. */
void watch_follow(struct watch *w);
void watch_free(struct watch *w); /* NULL is fine */

enum { WATCH_SETTLE = 200 }; /* ms without an event */

#endif
