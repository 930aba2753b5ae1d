/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/services.h"

#include "base/addr.h"
#include "base/text.h"

enum { A = FAMILY_BIT(V4), AAAA = FAMILY_BIT(V6), BOTH = A | AAAA };

/* ddclient's names and addresses (the language's reference, section 3.11), in the order of its
 * list. Which of them "auto" asks, and who runs them, is ours. */
const struct web_service web_services[] = {
    {"desec-ipv4", "https://checkipv4.dedyn.io/", NULL, "deSEC", A, true, NULL},
    {"desec-ipv6", "https://checkipv6.dedyn.io/", NULL, "deSEC", AAAA, true, NULL},
    {"dyndns", "http://checkip.dyndns.org/", "Current IP Address:", "Dyn", A, false, NULL},
    {"dynu", "https://checkip.dynu.com/", NULL, "Dynu", BOTH, false, NULL},
    {"freedns", "https://freedns.afraid.org/dynamic/check.php", NULL, "FreeDNS", BOTH, false, NULL},
    {"he", "https://checkip.dns.he.net/", NULL, "Hurricane Electric", BOTH, false, "he.net"},
    {"he.net", "https://checkip.dns.he.net/", NULL, "Hurricane Electric", BOTH, false, NULL},
    {"ip4only.me", "https://ip4only.me/api/", NULL, "Dupps", A, true, NULL},
    {"ip6only.me", "https://ip6only.me/api/", NULL, "Dupps", AAAA, true, NULL},
    {"ipify-ipv4", "https://api.ipify.org/", NULL, "ipify", A, true, NULL},
    {"ipify-ipv6", "https://api6.ipify.org/", NULL, "ipify", AAAA, true, NULL},
    {"joker-ipv4", "https://ipv4.svc.joker.com/nic/checkip", NULL, "Joker", A, true, NULL},
    {"joker-ipv6", "https://ipv6.svc.joker.com/nic/checkip", NULL, "Joker", AAAA, true, NULL},
    {"loopia", "https://dns.loopia.se/checkip/checkip.php", "Current IP Address:", "Loopia", BOTH,
     false, NULL},
    {"myonlineportal", "https://myonlineportal.net/checkip", NULL, "MyOnlinePortal", BOTH, false,
     NULL},
    {"noip-ipv4", "http://ip1.dynupdate.no-ip.com/", NULL, "No-IP", A, false, NULL},
    {"noip-ipv6", "http://ip1.dynupdate6.no-ip.com/", NULL, "No-IP", AAAA, false, NULL},
    {"nsupdate.info-ipv4", "https://ipv4.nsupdate.info/myip", NULL, "nsupdate.info", A, true, NULL},
    {"nsupdate.info-ipv6", "https://ipv6.nsupdate.info/myip", NULL, "nsupdate.info", AAAA, true,
     NULL},
    {"updatedip", "https://checkip.updatedip.com", NULL, "updatedIP", BOTH, false, NULL},
    {"zoneedit", "https://dynamic.zoneedit.com/checkip.html", NULL, "Zoneedit", BOTH, false, NULL},
};
const size_t web_service_count = sizeof web_services / sizeof web_services[0];

/* By their operators' public documentation or general knowledge; none of them was asked here. */
const struct web_service other_services[] = {
    {"akamai-dns", "dns://ns1-1.akamaitech.net/whoami.akamai.net", NULL, "Akamai", A, true, NULL},
    {"cloudflare-dns", "dns://one.one.one.one/whoami.cloudflare?class=CH;type=TXT", NULL,
     "Cloudflare", BOTH, true, NULL},
    {"google-dns", "dns://ns1.google.com/o-o.myaddr.l.google.com?type=TXT", NULL, "Google", BOTH,
     true, NULL},
    {"opendns-dns", "dns://resolver1.opendns.com/myip.opendns.com", NULL, "Cisco", BOTH, true,
     NULL},
    {"cloudflare-stun", "stun:stun.cloudflare.com:3478", NULL, "Cloudflare", BOTH, true, NULL},
    {"google-stun", "stun:stun.l.google.com:19302", NULL, "Google", BOTH, true, NULL},
    {"nextcloud-stun", "stun:stun.nextcloud.com:3478", NULL, "Nextcloud", BOTH, true, NULL},
    {"sipgate-stun", "stun:stun.sipgate.net:3478", NULL, "sipgate", A, true, NULL},
    {"telekom-stun", "stun:stun.t-online.de:3478", NULL, "Deutsche Telekom", A, true, NULL},
};
const size_t other_service_count = sizeof other_services / sizeof other_services[0];

const struct web_service *web_service_find(const char *name)
{
    for (size_t i = 0; i < web_service_count; i++)
        if (text_equal(web_services[i].name, name))
            return &web_services[i];
    return NULL;
}
