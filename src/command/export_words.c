/*
 * SPDX-License-Identifier: ISC
 */
#include "command/export_words.h"

#include <stddef.h>

#include "base/text.h"

static const struct export_word words[] = {
    {"3322", "dyndns2", "members.3322.org", "/dyndns/update"},
    {"cloudns", NULL, NULL, NULL},
    {"cloudns-dyndns", "cloudns", NULL, NULL},
    {"ddnsfm", "ddns.fm", NULL, NULL},
    {"ddnss", "dyndns2", "ddnss.de", NULL},
    {"ddnss-key", "ddnss", NULL, NULL},
    {"desec", "dyndns2", "update.dedyn.io", NULL},
    {"desec-dyndns", "dyndns2", "update.dedyn.io", NULL},
    {"directnic", NULL, NULL, NULL},
    {"dnshome", "dyndns2", "www.dnshome.de", NULL},
    {"dnsmadeeasy-dyndns", "dnsmadeeasy", NULL, NULL},
    {"dnsomatic", "dyndns2", "updates.dnsomatic.com", NULL},
    {"domaindiscount24", "keysystems", NULL, NULL},
    {"domeneshop-dyndns", "domeneshop", NULL, NULL},
    {"dslreports", "dslreports1", NULL, NULL},
    {"dyfi", "dyndns2", "www.dy.fi", NULL},
    {"dyndns", "dyndns2", "members.dyndns.org", "/v3/update"},
    {"dyndns-custom", "dyndns2", "members.dyndns.org", NULL},
    {"dyndns-static", "dyndns2", "members.dyndns.org", NULL},
    {"dynu", NULL, NULL, NULL},
    {"dynu-dyndns", "dynu", NULL, NULL},
    {"dynv6-dyndns", "dyndns2", "dynv6.com", NULL},
    {"easydns-dyndns", "easydns", NULL, NULL},
    {"eurodyndns", "namecheap", NULL, NULL},
    {"henet", "he.net", NULL, NULL},
    {"infomaniak", NULL, NULL, NULL},
    {"infomaniak-dyndns", "infomaniak", NULL, NULL},
    {"inwx", NULL, NULL, NULL},
    {"inwx-dyndns", "inwx", NULL, NULL},
    {"joker", "dyndns2", "svc.joker.com", NULL},
    {"loopia-dyndns", "dyndns2", "dns.loopia.se", "/XDynDNSServer/XDynDNS.php"},
    {"luadns-dyndns", "dyndns2", "app.luadns.com", NULL},
    {"moniker", "keysystems", NULL, NULL},
    {"myonlineportal", "dyndns2", "myonlineportal.net", "/updateddns"},
    {"mythicbeasts-dyndns", "mythicdyn", NULL, NULL},
    {"nicru", "dyndns2", "api.nic.ru", "/dyndns/update"},
    {"njalla", NULL, NULL, NULL},
    {"njalla-dyndns", "njalla", NULL, NULL},
    {"nsupdate", NULL, NULL, NULL},
    {"nsupdateinfo", "dyndns2", "ipv4.nsupdate.info", NULL},
    {"opendns", "dyndns2", "updates.opendns.com", NULL},
    {"orgdns", "dyndns2", "www.orgdns.org", NULL},
    {"ovh", NULL, NULL, NULL},
    {"ovh-dynhost", "ovh", NULL, NULL},
    {"regfish", "regfishde", NULL, NULL},
    {"rrpproxy", "keysystems", NULL, NULL},
    {"selfhost", "dyndns2", "carol.selfhost.de", NULL},
    {"simply-dyndns", "simply.com", NULL, NULL},
    {"strato", "dyndns2", "dyndns.strato.com", NULL},
    {"tunnelbroker", "dyndns2", "ipv4.tunnelbroker.net", NULL},
    {"updatedip", "dyndns2", "updatedip.com", NULL},
    {"websupport", "dyndns2", "dyndns.websupport.sk", NULL},
};

const struct export_word *export_word_find(const char *provider)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal(words[i].ours, provider))
            return &words[i];
    return NULL;
}

const char *export_word_setting(const char *provider, const char *setting)
{
    static const struct {
        const char *ours, *setting, *theirs;
    } names[] = {
        {"dnsmadeeasy-dyndns", "record-id", "host"},
        {"dslreports", "record-id", "host"},
        {"enom", "zone", "login"},
        {"eurodyndns", "zone", "login"},
        {"namecheap", "zone", "login"},
        {"ns1", "password", "login"},
        {"porkbun", "zone", "root-domain"},
        {"sitelutions", "record-id", "host"},
        {"tunnelbroker", "record-id", "host"},
        {"yandex", "zone", "login"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(names[i].ours, provider) && text_equal(names[i].setting, setting))
            return names[i].theirs;
    return setting;
}

const char *export_word_login(const char *provider)
{
    static const struct {
        const char *ours, *login;
    } logins[] = {
        {"desec", ""},
        {"desec-dyndns", ""},
        {"dynv6-dyndns", "none"}, /* its own example for ddclient; the token alone counts */
    };

    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++)
        if (text_equal(logins[i].ours, provider))
            return logins[i].login;
    return NULL;
}
