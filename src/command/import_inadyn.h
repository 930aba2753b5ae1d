/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_IMPORT_INADYN_H
#define HOMING_COMMAND_IMPORT_INADYN_H

#include "command/import.h"

/*
 * What the readers of inadyn's two forms of configuration share: what was said of one account, and
 * how it becomes a statement. Neither of them opens a file.
 */
struct inadyn_section {
    char *name; /* owned, all of them */
    bool custom;
    unsigned line;
    char *username, *password, *iface, *command, *check_server, *check_path, *server, *path;
    bool wildcard, plain, check_plain, ipv6;
    char *ttl, *proxied, *proxy;
    char *forced, *ca_file; /* of the whole file: homing has them for each hostname */
    struct buf hosts;       /* between commas */
};

void inadyn_keep(char **slot, const char *value); /* in place of what was there */
void inadyn_add(struct import *im, const struct inadyn_section *s);
void inadyn_section_free(struct inadyn_section *s);

/* import_inadyn_old.c: 1.x, options of the command line in a file. */
bool inadyn_looks_old(const char *bytes, size_t n);
enum err inadyn_read_old(struct import *im, const char *bytes, size_t n, struct cause *cause);

#endif
