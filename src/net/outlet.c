/*
 * SPDX-License-Identifier: ISC
 */
#include "net/outlet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/sockaddr.h"

bool outlet_init(struct outlet *o, const struct transport *t, const char **why)
{
    *o = (struct outlet){.mark = t->mark};
    if (t->interface != NULL) {
        size_t n = strlen(t->interface);
        if (n == 0 || n >= sizeof o->interface) {
            *why = "the name of the interface has a length that no interface has";
            return false;
        }
        memcpy(o->interface, t->interface, n + 1);
    }
    if (t->source_address != NULL) {
        if (!addr_parse(t->source_address, &o->source)) {
            *why = "the source address is not an address";
            return false;
        }
        o->has_source = true;
    }
    return true;
}

bool outlet_equal(const struct outlet *a, const struct outlet *b)
{
    return strcmp(a->interface, b->interface) == 0 && a->mark == b->mark &&
           a->has_source == b->has_source && (!a->has_source || addr_equal(&a->source, &b->source));
}

const char *outlet_error(const struct outlet *o, int error)
{
    if (error == EPERM && o->mark != 0)
        return "this program may not set the uplink's routing mark (capability CAP_NET_ADMIN)";
    if (error == EPERM)
        return "this program may not be tied to the uplink's interface (capability CAP_NET_RAW)";
    if (error == ENODEV)
        return "the uplink's interface is not there";
    if (error == EADDRNOTAVAIL)
        return "no interface has the uplink's source address";
    if (error == EAFNOSUPPORT)
        return "the uplink's source address is of the other family";
    return strerror(error);
}

int outlet_apply(const struct outlet *o, int fd, enum family family)
{
    if (o->interface[0] != '\0' && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->interface,
                                              (socklen_t)strlen(o->interface)) != 0)
        return errno;
    if (o->mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &o->mark, sizeof o->mark) != 0)
        return errno;
    if (!o->has_source)
        return 0;
    if (o->source.family != family)
        return EAFNOSUPPORT;

    struct sockaddr_storage ss;
    socklen_t len = sockaddr_from_addr(&ss, &o->source, 0);
    return bind(fd, (struct sockaddr *)&ss, len) == 0 ? 0 : errno;
}
