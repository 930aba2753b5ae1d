/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_REGISTRY_H
#define HOMING_PUBLISH_REGISTRY_H

/* The dialogues that registry.c lists: one declaration a file that has one. What others call is in
 * provider.h. */
struct protocol;
extern const struct protocol protocol_file; /* file.c: carries out provider files */

#endif
