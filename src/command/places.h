/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_PLACES_H
#define HOMING_COMMAND_PLACES_H

#include <stdbool.h>

/*
 * Where things are: the configuration, the state folder, the socket of the running service. The
 * service of the machine (root, or one whose configuration is in /etc) has /etc/homing,
 * /var/lib/homing and /run/homing; a person's own (no root needed) lives under the XDG folders.
 * This module opens nothing.
 */
struct places {
    char *config;    /* owned, all of them */
    char *state;     /* folder */
    char *socket;    /* unix socket of the API */
    char *access;    /* the file of the page's accounts, in the state folder: the worker
                       writes it, and may write nowhere else */
    char *providers; /* folder of provider files beside the configuration */
    char *versions;  /* folder of former versions beside it, for undo: out of the worker's reach */
    bool personal;   /* a person's own, not the machine's */
    bool usual;      /* nobody named the configuration: it is where it always is */
};

struct places_given {
    const char *config, *state, *socket; /* from the command line; NULL: not given */
};

/* Order for the configuration: given, $HOMING_CONFIG, the person's own where it exists,
 * /etc/homing/homing.conf. systemd's $STATE_DIRECTORY and $RUNTIME_DIRECTORY are respected. */
void places_find(struct places *p, const struct places_given *given);
/* state-dir= of the configuration: the state folder, where the command line names no other. */
void places_state(struct places *p, const char *folder);
/* Makes the folder of the configuration where the usual one is not there yet (0700 for a person, as
 * the XDG folders are; the machine's is for its service to read). What is wrong with it, who opens
 * it tells. */
void places_make(const struct places *p);
void places_free(struct places *p);

#endif
