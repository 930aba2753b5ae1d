/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_VERIFY_SERVERS_H
#define HOMING_VERIFY_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lists of DNS servers as people write them: names or addresses with an optional port, separated by
 * blanks or commas: "ns.example.net 192.0.2.53:5353 [2001:db8::53]:53 2001:db8::53". Pure.
 */
enum { SERVERS_MAX = 13, SERVER_NAME_MAX = 256 };

struct servers {
    size_t count;
    struct {
        char name[SERVER_NAME_MAX]; /* a name, or an address without brackets */
        uint16_t port;              /* 53 when none was written */
    } items[SERVERS_MAX];
};

/* False when a part is no server; *s then holds those before it. More than SERVERS_MAX are left
 * out. */
bool servers_parse(const char *text, struct servers *s);
/* The nameserver lines of a resolv.conf. */
void servers_parse_resolv_conf(const char *text, struct servers *s);

#endif
