/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/settings.h"

#include "base/text.h"
#include "conf/settings_table.h"

#include <string.h>

struct gone {
    const char *name, *say;
};
/* Reference of the language, 2.8, last paragraph. */
static const struct gone gone_settings[] = {
    {"retry", "it has no effect since ddclient 3.8; failures are retried by themselves"},
    {"geturl", "it was a test option; homing plan shows what would be sent"},
    {"curl", "homing speaks HTTP itself"},
    {"custom", "it belonged to dyndns1; use protocol=dyndns2"},
    {"mxpri", "it belonged to dyndns1, which is closed"},
    {"client", "homing tells its own name to servers"},
    {"raw", "it never was a setting"},
    {"if-skip", "it does nothing"},
    {"fw-banlocal",
     "it does nothing; private addresses are not published unless allow-private=yes"},
};
static const struct gone gone_protocols[] = {
    {"concont", "the service has closed"},
    {"dnspark", "the service closed in 2016"},
    {"dnsexit", "its old interface has closed; use protocol=dnsexit2"},
    {"dtdns", "the service closed in 2018"},
    {"googledomains", "the service moved to Squarespace, which has no dynamic DNS"},
    {"hammernode1", "the service has closed"},
    {"hetznercloud", "it never was in a release; use protocol=hetzner"},
    {"woima", "the service has closed"},
};

static const char *const kinds[] = {"account", "uplink", "prefix", "source", "notify", NULL};
static const unsigned kind_scopes[] = {SCOPE_ACCOUNT, SCOPE_UPLINK, SCOPE_PREFIX, SCOPE_SOURCE,
                                       SCOPE_NOTIFY};

static const char *const protocols[] = {
    "1984",        "changeip",     "cloudflare",  "cloudns",     "ddns.fm",
    "ddnss",       "digitalocean", "dinahosting", "directnic",   "dnsexit2",
    "dnsmadeeasy", "domeneshop",   "dondominio",  "dslreports1", "duckdns",
    "dynadot",     "dyndns1",      "dyndns2",     "dynu",        "easydns",
    "emailonly",   "enom",         "freedns",     "freemyip",    "gandi",
    "godaddy",     "he.net",       "hetzner",     "infomaniak",  "inwx",
    "ionos",       "keysystems",   "mythicdyn",   "namecheap",   "netcup",
    "nfsn",        "njalla",       "noip",        "ns1",         "nsupdate",
    "ovh",         "porkbun",      "regfishde",   "simply.com",  "sitelutions",
    "spaceship",   "yandex",       "zoneedit1",   NULL};

/* Reference of the language, 3.12. */
static const char *const devices[] = {"2wire",
                                      "3com-3c886a",
                                      "3com-oc-remote812",
                                      "alcatel-510",
                                      "alcatel-530",
                                      "alcatel-stp",
                                      "allnet-1298",
                                      "cayman-3220h",
                                      "cisco",
                                      "cisco-asa",
                                      "dlink-524",
                                      "dlink-604",
                                      "dlink-614",
                                      "e-tech",
                                      "elsa-lancom-dsl10",
                                      "elsa-lancom-dsl10-ch01",
                                      "elsa-lancom-dsl10-ch02",
                                      "linksys",
                                      "linksys-rv042-wan1",
                                      "linksys-rv042-wan2",
                                      "linksys-ver2",
                                      "linksys-ver3",
                                      "linksys-wcg200",
                                      "linksys-wrt854g",
                                      "maxgate-ugate3x00",
                                      "netcomm-nb3",
                                      "netgear-dg834g",
                                      "netgear-rp614",
                                      "netgear-rt3xx",
                                      "netgear-wgt624",
                                      "netgear-wpn824",
                                      "netopia-r910",
                                      "olitec-SX200",
                                      "rtp300",
                                      "siemens-ss4200",
                                      "sitecom-dc202",
                                      "smc-barricade",
                                      "smc-barricade-7004vbr",
                                      "smc-barricade-7401bra",
                                      "smc-barricade-alt",
                                      "sohoware-nbg800",
                                      "sveasoft",
                                      "thomson-st536v6",
                                      "thomson-tg782",
                                      "vigor-2200usb",
                                      "watchguard-edge-x",
                                      "watchguard-soho",
                                      "westell-6100",
                                      "xsense-aero",
                                      NULL};

static const char *const use_words[] = {"disabled", "ip", "if", "web", "cmd", "fw", NULL};
static const char *const use4_words[] = {"disabled", "auto", "ipv4",   "ifv4",   "webv4",  "cmdv4",
                                         "filev4",   "fwv4", "router", "upnp",   "natpmp", "pcp",
                                         "tr064",    "stun", "dns",    "pushed", NULL};
static const char *const use6_words[] = {"disabled", "auto",   "ipv6",  "ifv6",   "webv6",
                                         "cmdv6",    "filev6", "fwv6",  "pcp",    "prefix",
                                         "stun",     "dns",    "tr064", "pushed", NULL};

size_t setting_count(void)
{
    return settings_rows;
}

size_t setting_index(const struct setting *s)
{
    return (size_t)(s - settings_table);
}

const struct setting *setting_at(size_t index)
{
    return index < settings_rows ? &settings_table[index] : NULL;
}

/*
 * A small open-addressing index over the table, made at the first look: settings are looked up for
 * every assignment and every value that is asked for.
 */
enum { SLOTS = 512 };

static unsigned name_hash(const char *name)
{
    unsigned h = 2166136261u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return (h ^ h >> 15) & (SLOTS - 1);
}

static const struct setting *find(const char *name)
{
    static unsigned char slots[SLOTS]; /* row number + 1; filling it twice gives the same */
    static bool filled;

    if (!__atomic_load_n(&filled, __ATOMIC_ACQUIRE)) {
        static unsigned char fresh[SLOTS];
        for (unsigned i = 0; i < settings_rows; i++) {
            unsigned at = name_hash(settings_table[i].name);
            while (fresh[at] != 0 && fresh[at] != i + 1)
                at = (at + 1) & (SLOTS - 1);
            fresh[at] = (unsigned char)(i + 1);
        }
        memcpy(slots, fresh, sizeof slots);
        __atomic_store_n(&filled, true, __ATOMIC_RELEASE);
    }
    for (unsigned at = name_hash(name); slots[at] != 0; at = (at + 1) & (SLOTS - 1))
        if (strcmp(settings_table[slots[at] - 1].name, name) == 0)
            return &settings_table[slots[at] - 1];
    return NULL;
}

/* Who asks mostly does so by a literal. Where it lies in memory tells which row it was the last
 * time, and one comparison, whether it still is. */
const struct setting *setting_find(const char *name)
{
    enum { PLACES = 1024 };
    static unsigned char rows[PLACES]; /* row number + 1 */
    unsigned at = (unsigned)((uintptr_t)name / 4 % PLACES);

    if (name == NULL)
        return NULL;
    unsigned guess = __atomic_load_n(&rows[at], __ATOMIC_RELAXED);
    if (guess != 0 && strcmp(settings_table[guess - 1].name, name) == 0)
        return &settings_table[guess - 1];
    const struct setting *row = find(name);
    if (row != NULL)
        __atomic_store_n(&rows[at], (unsigned char)(row - settings_table + 1), __ATOMIC_RELAXED);
    return row;
}

const struct setting *setting_next(const struct setting *after)
{
    return after == NULL                                ? settings_table
           : after + 1 < settings_table + settings_rows ? after + 1
                                                        : NULL;
}

bool setting_for_provider(const struct setting *s)
{
    return (s->class == SETTING_SECRET && (s->scope & SCOPE_ACCOUNT) != 0) ||
           strcmp(s->name, "server") == 0 || strcmp(s->name, "login") == 0 ||
           strcmp(s->name, "zone") == 0;
}

const char *setting_type_name(enum setting_type t)
{
    static const char *const names[] = {
        [SETTING_TEXT] = "text",
        [SETTING_NONEMPTY] = "text",
        [SETTING_PATH] = "file name",
        [SETTING_COMMAND] = "command",
        [SETTING_PROGRAM] = "path of a program",
        [SETTING_NUMBER] = "number",
        [SETTING_LENGTH] = "length of time",
        [SETTING_SECONDS] = "number of seconds",
        [SETTING_BOOL] = "yes or no",
        [SETTING_NAME] = "domain name",
        [SETTING_SERVER] = "server",
        [SETTING_URL] = "web address",
        [SETTING_PROTOCOL] = "protocol",
        [SETTING_PROVIDER] = "provider",
        [SETTING_WEB] = "web service or address",
        [SETTING_USE] = "source of an address",
        [SETTING_USE4] = "source of an IPv4 address",
        [SETTING_USE6] = "source of an IPv6 address",
        [SETTING_INTERFACE] = "network interface",
        [SETTING_IP] = "IP address",
        [SETTING_IPV4] = "IPv4 address",
        [SETTING_IPV6] = "IPv6 address",
        [SETTING_CHOICE] = "word",
        [SETTING_REF] = "name of an object",
        [SETTING_SUFFIX] = "host part of an IPv6 address",
        [SETTING_ON_LOSS] = "keep, delete or an address",
        [SETTING_SOCKET] = "address to listen on",
        [SETTING_HOSTS] = "list of names",
        [SETTING_DEFINE] = "KIND:NAME",
    };
    return (unsigned)t < SETTING_TYPES ? names[t] : "text";
}

const char *setting_class_name(enum setting_class c)
{
    static const char *const names[] = {"plain", "secret", "command", "file"};
    return (unsigned)c < 4 ? names[c] : "plain";
}

/* A typing error changes at most a third of a word. */
static unsigned near_enough(size_t length)
{
    return length < 3 ? 0 : length < 6 ? 1 : length < 10 ? 2 : 3;
}

const char *setting_nearest(const char *written, const char *const *words)
{
    const char *best = NULL;
    char low[65];
    size_t n = strlen(written);
    unsigned near = near_enough(n);

    if (n > 64)
        return NULL;
    memcpy(low, written, n + 1);
    text_lower_all(low);
    for (; *words != NULL; words++) {
        /* A longer or shorter word is at least as far away as that: most are never compared. */
        size_t m = strlen(*words);
        if (m > n + near || n > m + near)
            continue;
        unsigned d = text_distance(low, *words);
        if (d <= near) {
            near = d;
            best = *words;
        }
    }
    return best;
}

const char *setting_guess(const char *written)
{
    const char *names[SETTINGS_MAX + 1];
    for (size_t i = 0; i < settings_rows; i++)
        names[i] = settings_table[i].name;
    names[settings_rows] = NULL;
    return setting_nearest(written, names);
}

bool setting_name_is_secret(const char *name)
{
    static const char *const parts[] = {"pass",  "passwd", "pwd",  "secret",
                                        "token", "apikey", "auth", "credential"};
    char low[65];
    size_t n = strlen(name);

    if (n > 64)
        return true;
    memcpy(low, name, n + 1);
    text_lower_all(low);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strstr(low, parts[i]) != NULL)
            return true;
    return text_ends(low, "key");
}

static const char *look_gone(const struct gone *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].say;
    return NULL;
}

const char *setting_gone(const char *name)
{
    return look_gone(gone_settings, sizeof gone_settings / sizeof gone_settings[0], name);
}

const char *setting_protocol_gone(const char *word)
{
    return look_gone(gone_protocols, sizeof gone_protocols / sizeof gone_protocols[0], word);
}

unsigned setting_kind_scope(const char *kind)
{
    for (size_t i = 0; kinds[i] != NULL; i++)
        if (strcmp(kinds[i], kind) == 0)
            return kind_scopes[i];
    return 0;
}

const char *const *setting_kinds(void)
{
    return kinds;
}

const char *const *setting_protocols(void)
{
    return protocols;
}

const char *const *setting_devices(void)
{
    return devices;
}

const char *const *setting_strategies(enum setting_type t)
{
    return t == SETTING_USE4 ? use4_words : t == SETTING_USE6 ? use6_words : use_words;
}
