/*
 * SPDX-License-Identifier: ISC
 */
#include "net/rtnl.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static bool family_of(unsigned char af, enum family *out)
{
    *out = af == AF_INET ? V4 : V6;
    return af == AF_INET || af == AF_INET6;
}

static bool read_addr(const struct nlattr *a, enum family family, struct addr *out)
{
    *out = (struct addr){.family = family};
    if (mnl_attr_get_payload_len(a) != addr_len(family))
        return false;
    memcpy(out->bytes, mnl_attr_get_payload(a), addr_len(family));
    return true;
}

/* By its kind, as "ip link add type" calls it, or its hardware type. A PPP line is none: it is how
 * many a home is connected at all; nor is every link without a hardware address, as modems have. */
static bool is_tunnel(const char *kind, unsigned type)
{
    static const char *const kinds[] = {"tun",    "wireguard", "gre",   "gretap", "ip6gre",
                                        "ipip",   "sit",       "vti",   "vti6",   "ip6gretap",
                                        "ip6tnl", "xfrm",      "vxlan", "l2tp",   "ovpn"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return type == ARPHRD_TUNNEL || type == ARPHRD_TUNNEL6 || type == ARPHRD_SIT ||
           type == ARPHRD_IPGRE;
}

static void read_text(const struct nlattr *a, char *out, size_t room)
{
    const char *text = mnl_attr_get_payload(a);
    size_t n = strnlen(text, mnl_attr_get_payload_len(a));

    if (n < room)
        memcpy(out, text, n);
}

/* IFLA_INFO_KIND inside IFLA_LINKINFO. */
static void read_kind(const struct nlattr *info, char *out, size_t room)
{
    const struct nlattr *a;

    mnl_attr_for_each_nested(a, info)
    {
        if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
            read_text(a, out, room);
    }
}

static bool apply_link(struct iftable *t, const struct nlmsghdr *h)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
    struct if_link link = {.index = info->ifi_index,
                           .up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING),
                           .loopback = info->ifi_flags & IFF_LOOPBACK};
    const struct nlattr *a;
    char kind[24] = "";

    if (h->nlmsg_type == RTM_DELLINK)
        return iftable_drop_link(t, link.index);
    mnl_attr_for_each(a, h, sizeof *info)
    {
        if (mnl_attr_get_type(a) == IFLA_IFNAME)
            read_text(a, link.name, sizeof link.name);
        else if (mnl_attr_get_type(a) == IFLA_LINKINFO)
            read_kind(a, kind, sizeof kind);
    }
    link.tunnel = is_tunnel(kind, info->ifi_type);
    return link.name[0] != '\0' && iftable_link(t, &link);
}

static unsigned flags_of(uint32_t kernel, unsigned char scope, enum family family)
{
    unsigned flags = 0;

    if (kernel & IFA_F_TENTATIVE && !(kernel & IFA_F_OPTIMISTIC))
        flags |= IF_TENTATIVE;
    if (kernel & IFA_F_DADFAILED)
        flags |= IF_DUPLICATE;
    if (kernel & IFA_F_DEPRECATED)
        flags |= IF_DEPRECATED;
    if (family == V6 && (kernel & IFA_F_TEMPORARY)) /* for IPv4 this bit says "secondary" */
        flags |= IF_TEMPORARY;
    if (kernel & IFA_F_PERMANENT)
        flags |= IF_PERMANENT;
    if (scope == RT_SCOPE_UNIVERSE)
        flags |= IF_GLOBAL;
    return flags;
}

static bool apply_addr(struct iftable *t, const struct nlmsghdr *h, msec mono)
{
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(h);
    struct if_addr out = {.index = (int)info->ifa_index,
                          .length = info->ifa_prefixlen,
                          .preferred_s = IF_FOREVER,
                          .valid_s = IF_FOREVER,
                          .told = mono};
    uint32_t kernel = info->ifa_flags;
    bool has_addr = false, has_local = false;
    enum family family;
    const struct nlattr *a;

    if (!family_of(info->ifa_family, &family))
        return false;
    mnl_attr_for_each(a, h, sizeof *info)
    {
        switch (mnl_attr_get_type(a)) {
        case IFA_LOCAL: /* our end of a point-to-point link */
            has_local = read_addr(a, family, &out.addr) || has_local;
            break;
        case IFA_ADDRESS:
            if (!has_local)
                has_addr = read_addr(a, family, &out.addr) || has_addr;
            break;
        case IFA_FLAGS:
            if (mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                kernel = mnl_attr_get_u32(a);
            break;
        case IFA_CACHEINFO:
            if (mnl_attr_get_payload_len(a) >= sizeof(struct ifa_cacheinfo)) {
                struct ifa_cacheinfo life;
                memcpy(&life, mnl_attr_get_payload(a), sizeof life);
                out.preferred_s = life.ifa_prefered;
                out.valid_s = life.ifa_valid;
            }
            break;
        default:
            break;
        }
    }
    if (!has_addr && !has_local)
        return false;
    out.flags = flags_of(kernel, info->ifa_scope, family);
    return h->nlmsg_type == RTM_DELADDR ? iftable_drop_addr(t, out.index, &out.addr)
                                        : iftable_addr(t, &out);
}

static bool put_route(struct iftable *t, const struct if_route *r, bool gone)
{
    if (r->index == 0)
        return false;
    return gone ? iftable_drop_route(t, r) : iftable_route(t, r);
}

static bool put_multipath(struct iftable *t, const struct nlattr *a, struct if_route r, bool gone)
{
    size_t left = mnl_attr_get_payload_len(a);
    const char *at = mnl_attr_get_payload(a);
    bool changed = false;
    struct rtnexthop hop;

    while (left >= sizeof hop) {
        memcpy(&hop, at, sizeof hop);
        size_t len = ((size_t)hop.rtnh_len + RTNH_ALIGNTO - 1) & ~(size_t)(RTNH_ALIGNTO - 1);
        if (hop.rtnh_len < sizeof hop || len > left)
            break;
        r.index = hop.rtnh_ifindex;
        changed = put_route(t, &r, gone) || changed;
        at += len;
        left -= len;
    }
    return changed;
}

static bool apply_route(struct iftable *t, const struct nlmsghdr *h)
{
    const struct rtmsg *info = mnl_nlmsg_get_payload(h);
    bool gone = h->nlmsg_type == RTM_DELROUTE;
    uint32_t table = info->rtm_table;
    const struct nlattr *a, *multipath = NULL;
    struct if_route r = {0};

    if (!family_of(info->rtm_family, &r.family) || info->rtm_dst_len != 0 ||
        info->rtm_type != RTN_UNICAST || (info->rtm_flags & RTM_F_CLONED))
        return false;
    mnl_attr_for_each(a, h, sizeof *info)
    {
        bool number = mnl_attr_get_payload_len(a) == sizeof(uint32_t);
        switch (mnl_attr_get_type(a)) {
        case RTA_OIF:
            r.index = number ? (int)mnl_attr_get_u32(a) : 0;
            break;
        case RTA_PRIORITY:
            r.metric = number ? mnl_attr_get_u32(a) : 0;
            break;
        case RTA_TABLE:
            table = number ? mnl_attr_get_u32(a) : table;
            break;
        case RTA_GATEWAY:
            r.has_gateway = read_addr(a, r.family, &r.gateway);
            break;
        case RTA_MULTIPATH:
            multipath = a;
            break;
        default:
            break;
        }
    }
    if (table != RT_TABLE_MAIN)
        return false;
    /* "ip route replace": the kernel tells the new one alone. */
    bool replaced =
        !gone && (h->nlmsg_flags & NLM_F_REPLACE) && iftable_drop_metric(t, r.family, r.metric);
    bool changed =
        multipath != NULL ? put_multipath(t, multipath, r, gone) : put_route(t, &r, gone);
    return changed || replaced;
}

static bool is_route(const struct nlmsghdr *h)
{
    const struct rtmsg *info = mnl_nlmsg_get_payload(h);

    return (h->nlmsg_type == RTM_NEWROUTE || h->nlmsg_type == RTM_DELROUTE) &&
           mnl_nlmsg_get_payload_len(h) >= sizeof *info && info->rtm_table != RT_TABLE_LOCAL &&
           !(info->rtm_flags & RTM_F_CLONED);
}

/* Of all neighbours those that are gateways matter. What the kernel is still looking for, or looks
 * for again, is neither there nor gone; nor is one that it merely forgot (RTM_DELNEIGH). */
static bool apply_neighbour(struct iftable *t, const struct nlmsghdr *h)
{
    enum { THERE = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PERMANENT | NUD_NOARP };
    const struct ndmsg *info = mnl_nlmsg_get_payload(h);
    const struct nlattr *a;
    struct addr addr;
    enum family family;
    bool found = false;

    if (!family_of(info->ndm_family, &family) || !(info->ndm_state & (THERE | NUD_FAILED)))
        return false;
    mnl_attr_for_each(a, h, sizeof *info)
    {
        if (mnl_attr_get_type(a) == NDA_DST)
            found = read_addr(a, family, &addr);
    }
    return found && iftable_gateway(t, info->ndm_ifindex, &addr, info->ndm_state & NUD_FAILED);
}

/* The least payload of each kind of message. */
static size_t least_payload(unsigned type)
{
    switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return sizeof(struct ifinfomsg);
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return sizeof(struct ifaddrmsg);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return sizeof(struct rtmsg);
    case RTM_NEWNEIGH:
        return sizeof(struct ndmsg);
    default:
        return 0;
    }
}

static bool apply_one(struct iftable *t, const struct nlmsghdr *h, msec mono)
{
    if (mnl_nlmsg_get_payload_len(h) < least_payload(h->nlmsg_type))
        return false;
    switch (h->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return apply_link(t, h);
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return apply_addr(t, h, mono);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return apply_route(t, h);
    case RTM_NEWNEIGH:
        return apply_neighbour(t, h);
    default:
        return false;
    }
}

static void apply_message(struct iftable *t, const struct nlmsghdr *h, unsigned dump_seq, msec mono,
                          struct rtnl_result *result)
{
    if (dump_seq != 0 && h->nlmsg_seq != dump_seq)
        return;
    if (h->nlmsg_flags & NLM_F_DUMP_INTR)
        result->failed = true;
    if (h->nlmsg_type != RTM_NEWNEIGH && h->nlmsg_type != RTM_DELNEIGH)
        result->tables = true;
    if (is_route(h))
        result->routes = true;
    if (h->nlmsg_type == NLMSG_DONE)
        result->done = true;
    else if (h->nlmsg_type == NLMSG_ERROR)
        result->failed = true;
    else if (apply_one(t, h, mono))
        result->changed = true;
}

struct rtnl_result rtnl_apply(struct iftable *t, const void *bytes, size_t n, unsigned dump_seq,
                              msec mono)
{
    struct rtnl_result result = {0};
    const char *at = bytes;

    /* mnl_nlmsg_ok() takes a length above INT_MAX for a small one, so the walk is our own. */
    while (n >= sizeof(struct nlmsghdr)) {
        const struct nlmsghdr *h = (const struct nlmsghdr *)at;
        if (h->nlmsg_len < sizeof *h || h->nlmsg_len > n)
            break;
        size_t step = ((size_t)h->nlmsg_len + 3) & ~(size_t)3; /* NLMSG_ALIGNTO */
        apply_message(t, h, dump_seq, mono, &result);
        step = step < n ? step : n;
        at += step;
        n -= step;
    }
    return result;
}
