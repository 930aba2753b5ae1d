/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/settings.h"

#include "base/text.h"

#include <string.h>

static const char *const words_enabled[] = {"yes", "no", "watch", NULL};
static const char *const words_policy[] = {"keep", "first", "replace", NULL};
static const char *const words_verify[] = {"auth", "api", "resolver", "no", NULL};
static const char *const words_yes_no[] = {"yes", "no", NULL};
static const char *const words_sync[] = {"full", "process", NULL};
static const char *const words_level[] = {"debug", "info", "notice", "warning", "error", NULL};
static const char *const words_uplinks[] = {"first", "all", NULL};
static const char *const words_algorithm[] = {
    "hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512", NULL};
static const char *const words_trust[] = {"list", "any", NULL};

#define D  SETTING_DDCLIENT
#define GL SCOPE_GLOBAL
#define HO SCOPE_HOST
#define BO SCOPE_BOTH
#define AC SCOPE_ACCOUNT
#define UP SCOPE_UPLINK
#define PR SCOPE_PREFIX
#define SO SCOPE_SOURCE
#define NO SCOPE_NOTIFY

/* Numbers and defaults of ddclient's settings: reference of the language, chapter 2. */
static const struct setting table[] = {
    /* the language itself */
    {.name = "define",
     .type = SETTING_DEFINE,
     .scope = SCOPE_OBJECTS,
     .flags = SETTING_META,
     .help = "Names an object that hostnames refer to: define=account:cf, define=uplink:fiber."},
    {.name = "inherit",
     .type = SETTING_BOOL,
     .scope = HO,
     .flags = SETTING_META,
     .fallback = "yes",
     .help = "no: the global lines do not hold for the hostnames of this statement."},
    {.name = "host",
     .type = SETTING_HOSTS,
     .scope = HO,
     .flags = D | SETTING_META,
     .option = '=',
     .help = "Hostnames separated by commas, as an alternative to writing them last."},

    /* who publishes it */
    {.name = "provider",
     .type = SETTING_PROVIDER,
     .scope = HO | AC,
     .flags = SETTING_IDENTITY,
     .help = "The provider that publishes the hostname, by the name of its provider file."},
    {.name = "protocol",
     .type = SETTING_PROTOCOL,
     .scope = HO | AC,
     .flags = D | SETTING_IDENTITY,
     .option = '=',
     .fallback = "dyndns2",
     .help =
         "ddclient's word for how to speak to the server; prefer provider= where there is one."},
    {.name = "server",
     .type = SETTING_SERVER,
     .scope = HO | AC,
     .flags = D | SETTING_IDENTITY,
     .option = '=',
     .fallback = "members.dyndns.org",
     .help = "The server to speak to, with a port or path where the protocol has one."},
    {.name = "login",
     .type = SETTING_NONEMPTY,
     .scope = HO | AC | SO | NO,
     .flags = D | SETTING_IDENTITY,
     .option = '=',
     .help = "The account's name at the provider."},
    {.name = "password",
     .type = SETTING_TEXT,
     .class = SETTING_SECRET,
     .scope = HO | AC | SO | NO,
     .flags = D,
     .option = '=',
     .help = "The account's password, token or key."},
    {.name = "account",
     .type = SETTING_REF,
     .scope = HO,
     .flags = SETTING_IDENTITY,
     .refers = "account",
     .help = "The account object (define=account:NAME) whose settings hold for the hostname."},
    {.name = "description",
     .type = SETTING_TEXT,
     .scope = HO | SCOPE_OBJECTS,
     .help = "A note for people; homing does not read it."},
    {.name = "enabled",
     .type = SETTING_CHOICE,
     .scope = HO,
     .fallback = "yes",
     .choices = words_enabled,
     .help = "no: leave the hostname alone; watch: check what the DNS says and tell, never write."},
    {.name = "policy",
     .type = SETTING_CHOICE,
     .scope = HO | AC,
     .choices = words_policy,
     .help = "What happens to other values of the record: keep them, first replaces one, replace "
             "makes the set exactly ours."},
    {.name = "on-loss",
     .type = SETTING_ON_LOSS,
     .scope = HO | AC,
     .fallback = "keep",
     .help = "What to do when an address is known to be gone: keep, delete, or an address to "
             "publish instead."},
    {.name = "verify",
     .type = SETTING_CHOICE,
     .scope = HO | AC,
     .fallback = "auth",
     .choices = words_verify,
     .help = "Where to check that the DNS says it: the zone's own servers, the provider's API, a "
             "resolver, or nowhere."},
    {.name = "verify-server",
     .type = SETTING_SERVER,
     .scope = BO | AC,
     .help = "The name server to ask when checking, in place of the zone's own."},
    {.name = "lag",
     .type = SETTING_LENGTH,
     .scope = HO | AC,
     .unit = "s",
     .max = 604800,
     .help = "How long the provider may take until the DNS shows a change."},

    /* fields of providers that several have */
    {.name = "zone",
     .type = SETTING_NAME,
     .scope = HO | AC,
     .flags = D | SETTING_OPTIONAL,
     .help = "The zone that holds the record; found at the provider where it can be."},
    {.name = "ttl",
     .type = SETTING_SECONDS,
     .scope = HO | AC,
     .flags = D,
     .max = 2147483647,
     .unit = "s",
     .help = "How long resolvers may keep the record (dnsexit2 counts it in minutes)."},
    {.name = "proxied",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .help = "Whether visitors reach the hostname through the provider's proxy (Cloudflare)."},
    {.name = "record-id",
     .type = SETTING_TEXT,
     .scope = HO,
     .help = "The record's number at the provider, where it can not be found by name."},
    {.name = "key-name",
     .type = SETTING_NONEMPTY,
     .scope = HO | AC,
     .help = "Name of the TSIG key for RFC 2136 updates."},
    {.name = "key-algorithm",
     .type = SETTING_CHOICE,
     .scope = HO | AC,
     .fallback = "hmac-sha256",
     .choices = words_algorithm,
     .help = "Algorithm of the TSIG key."},
    {.name = "key-file",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = HO | AC,
     .help = "A key file as tsig-keygen or dnssec-keygen writes it."},
    {.name = "apikey",
     .type = SETTING_TEXT,
     .class = SETTING_SECRET,
     .scope = HO | AC,
     .flags = D,
     .help = "The API key, for providers that have one beside the password."},
    {.name = "secretapikey",
     .type = SETTING_TEXT,
     .class = SETTING_SECRET,
     .scope = HO | AC,
     .flags = D,
     .help = "The secret half of the API key (Porkbun)."},
    {.name = "dynurl",
     .type = SETTING_TEXT,
     .class = SETTING_SECRET,
     .scope = HO | AC,
     .flags = D,
     .help = "The update address that ClouDNS gives for a hostname; it holds the credentials."},
    {.name = "urlv4",
     .type = SETTING_URL,
     .class = SETTING_SECRET,
     .scope = HO | AC,
     .flags = D,
     .help = "The update address for IPv4 that Directnic gives; it holds the credentials."},
    {.name = "urlv6",
     .type = SETTING_URL,
     .class = SETTING_SECRET,
     .scope = HO | AC,
     .flags = D,
     .help = "The update address for IPv6 that Directnic gives; it holds the credentials."},
    {.name = "wildcard",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .flags = D,
     .fallback = "no",
     .help = "Whether all names below the hostname point to it too."},
    {.name = "mx",
     .type = SETTING_NAME,
     .scope = HO | AC,
     .flags = D | SETTING_OPTIONAL,
     .help = "The mail exchanger of the hostname."},
    {.name = "backupmx",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .flags = D,
     .fallback = "no",
     .help = "Whether that mail exchanger is only a backup."},
    {.name = "static",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .flags = D,
     .fallback = "no",
     .help = "Whether the hostname is of the static DNS system (dyndns1)."},
    {.name = "on-root-domain",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .flags = D,
     .fallback = "no",
     .help = "Whether the hostname is the root of its zone (Dynadot, Porkbun)."},
    {.name = "root-domain",
     .type = SETTING_NAME,
     .scope = HO | AC,
     .flags = D | SETTING_OPTIONAL,
     .help = "The registered domain of the hostname (Porkbun)."},
    {.name = "path",
     .type = SETTING_TEXT,
     .scope = HO | AC,
     .flags = D,
     .help = "The path of the update page (DNSExit)."},
    {.name = "script",
     .type = SETTING_TEXT,
     .scope = HO | AC,
     .flags = D,
     .help = "The path of the update page."},
    {.name = "quietreply",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .flags = D,
     .fallback = "no",
     .help = "Ask for an answer without a body (Njalla)."},
    {.name = "tcp",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .flags = D,
     .fallback = "no",
     .help = "Send RFC 2136 updates by TCP."},
    {.name = "use-personal-access-token",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .flags = D,
     .fallback = "no",
     .help = "Whether the password is a personal access token rather than an API key (Gandi)."},

    /* where the address comes from */
    {.name = "use",
     .type = SETTING_USE,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .instead = "usev4= and usev6=",
     .help = "Source of the address whatever its family; usev4= and usev6= say it better."},
    {.name = "usev4",
     .type = SETTING_USE4,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "Source of the IPv4 address: auto, ifv4, webv4, cmdv4, fwv4, ipv4, disabled, a router "
             "model or a source object."},
    {.name = "usev6",
     .type = SETTING_USE6,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help =
         "Source of the IPv6 address: auto, ifv6, webv6, cmdv6, fwv6, ipv6, prefix, disabled or a "
         "source object."},
    {.name = "ip",
     .type = SETTING_IP,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .instead = "ipv4= or ipv6=",
     .help = "The address of use=ip."},
    {.name = "ipv4",
     .type = SETTING_IPV4,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "The address of usev4=ipv4."},
    {.name = "ipv6",
     .type = SETTING_IPV6,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "The address of usev6=ipv6."},
    {.name = "if",
     .type = SETTING_INTERFACE,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .fallback = "ppp0",
     .instead = "ifv4= or ifv6=",
     .help = "The interface of use=if."},
    {.name = "ifv4",
     .type = SETTING_INTERFACE,
     .scope = HO,
     .flags = D,
     .option = '=',
     .fallback = "default",
     .help = "The interface of usev4=ifv4; default is that of the default route."},
    {.name = "ifv6",
     .type = SETTING_INTERFACE,
     .scope = HO,
     .flags = D,
     .option = '=',
     .fallback = "default",
     .help = "The interface of usev6=ifv6; default is that of the default route."},
    {.name = "web",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .fallback = "dyndns",
     .instead = "webv4= or webv6=",
     .help = "The service or address of use=web."},
    {.name = "web-skip",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .instead = "webv4-skip= or webv6-skip=",
     .help = "A pattern; what stands before it on the page of use=web is ignored."},
    {.name = "web-ssl-validate",
     .type = SETTING_BOOL,
     .scope = HO,
     .flags = D,
     .option = '!',
     .fallback = "yes",
     .help = "Whether the certificate of the web service is checked."},
    {.name = "webv4",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .fallback = "ipify-ipv4",
     .help = "The service or address of usev4=webv4."},
    {.name = "webv4-skip",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "A pattern; what stands before it on the page of usev4=webv4 is ignored."},
    {.name = "webv6",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .fallback = "ipify-ipv6",
     .help = "The service or address of usev6=webv6."},
    {.name = "webv6-skip",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "A pattern; what stands before it on the page of usev6=webv6 is ignored."},
    {.name = "fw",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .instead = "fwv4= or fwv6=",
     .help = "The router's address or status page for use=fw."},
    {.name = "fw-skip",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .instead = "fwv4-skip= or fwv6-skip=",
     .help = "A pattern; what stands before it on the router's page is ignored."},
    {.name = "fw-login",
     .type = SETTING_NONEMPTY,
     .scope = HO | SO,
     .flags = D,
     .option = '=',
     .help = "The login for the router's status page."},
    {.name = "fw-password",
     .type = SETTING_TEXT,
     .class = SETTING_SECRET,
     .scope = HO | SO,
     .flags = D,
     .option = '=',
     .help = "The password for the router's status page."},
    {.name = "fw-ssl-validate",
     .type = SETTING_BOOL,
     .scope = HO,
     .flags = D,
     .option = '!',
     .fallback = "yes",
     .help = "Whether the router's certificate is checked."},
    {.name = "fwv4",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "The router's address or status page for usev4=fwv4 and router models."},
    {.name = "fwv4-skip",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "A pattern; what stands before it on the router's page is ignored."},
    {.name = "fwv6",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "The router's address or status page for usev6=fwv6."},
    {.name = "fwv6-skip",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "A pattern; what stands before it on the router's page is ignored."},
    {.name = "cmd",
     .type = SETTING_COMMAND,
     .class = SETTING_RUNS,
     .scope = HO | SO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .instead = "cmdv4= or cmdv6=",
     .help = "The command of use=cmd; what it prints holds the address."},
    {.name = "cmd-skip",
     .type = SETTING_TEXT,
     .scope = HO,
     .flags = D | SETTING_OLD,
     .option = '=',
     .instead = "a filter in the command",
     .help = "A pattern; what stands before it in the output of cmd= is ignored."},
    {.name = "cmdv4",
     .type = SETTING_COMMAND,
     .class = SETTING_RUNS,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "The command of usev4=cmdv4; what it prints holds the address."},
    {.name = "cmdv6",
     .type = SETTING_COMMAND,
     .class = SETTING_RUNS,
     .scope = HO,
     .flags = D,
     .option = '=',
     .help = "The command of usev6=cmdv6; what it prints holds the address."},
    {.name = "filev4",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = HO,
     .help = "A file whose first IPv4 address counts; homing sees at once when it changes."},
    {.name = "filev6",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = HO,
     .help = "A file whose first IPv6 address counts; homing sees at once when it changes."},
    {.name = "suffix",
     .type = SETTING_SUFFIX,
     .scope = HO,
     .help = "The host part to put behind the prefix: ::1:2:3:4, a MAC address, or dns for the one "
             "published now."},
    {.name = "prefix",
     .type = SETTING_REF,
     .scope = HO,
     .refers = "prefix",
     .help = "The prefix object (define=prefix:NAME) that the IPv6 address is made of."},
    {.name = "uplink",
     .type = SETTING_HOSTS,
     .scope = HO | SO | PR | AC,
     .help = "The uplink objects (define=uplink:NAME) to use, in order of preference."},
    {.name = "uplink-mode",
     .type = SETTING_CHOICE,
     .scope = HO,
     .fallback = "first",
     .choices = words_uplinks,
     .help = "first: the address of the first uplink that works; all: those of all of them."},
    {.name = "allow-private",
     .type = SETTING_BOOL,
     .scope = HO | AC,
     .fallback = "no",
     .help = "Whether a private, shared or otherwise not public address may be published."},
    {.name = "quorum",
     .type = SETTING_NUMBER,
     .scope = HO | SO,
     .min = 1,
     .max = 8,
     .help = "How many independent outside services must agree on an address."},

    /* when it is sent */
    {.name = "min-interval",
     .type = SETTING_LENGTH,
     .scope = HO | AC,
     .flags = D,
     .unit = "s",
     .fallback = "30s",
     .help = "The shortest time between a good update and the next change."},
    {.name = "max-interval",
     .type = SETTING_LENGTH,
     .scope = HO | AC,
     .flags = D,
     .unit = "s",
     .fallback = "25d",
     .help = "Send again after this time although nothing changed; inf never does."},
    {.name = "min-error-interval",
     .type = SETTING_LENGTH,
     .scope = HO | AC,
     .flags = D,
     .unit = "s",
     .fallback = "5m",
     .help = "The shortest time between a failure and the next try."},
    {.name = "force",
     .type = SETTING_BOOL,
     .scope = BO,
     .flags = D,
     .option = '!',
     .fallback = "no",
     .help = "Send at the next pass although nothing changed."},
    {.name = "daemon",
     .type = SETTING_LENGTH,
     .scope = GL,
     .flags = D | SETTING_ZERO_OK,
     .option = '=',
     .min = 60,
     .unit = "s",
     .help = "How often sources that can only be asked are asked; 0 runs once."},
    {.name = "jitter",
     .type = SETTING_LENGTH,
     .scope = GL,
     .flags = D,
     .option = '=',
     .unit = "s",
     .help = "Upper bound of the random time added to daemon=; a fifth of it when unset."},
    {.name = "settle",
     .type = SETTING_LENGTH,
     .scope = GL,
     .unit = "ms",
     .max = 60000,
     .fallback = "200ms",
     .help = "How long to wait after an address event for others to follow."},

    /* how to speak */
    {.name = "ssl",
     .type = SETTING_BOOL,
     .scope = HO | AC | SO | NO,
     .flags = D,
     .option = '!',
     .fallback = "yes",
     .help = "Whether servers given without a scheme are spoken to by https."},
    {.name = "ssl_ca_dir",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = HO | AC | NO,
     .flags = D,
     .option = '=',
     .help = "A folder of certificates to trust in place of the system's."},
    {.name = "ssl_ca_file",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = HO | AC | NO,
     .flags = D,
     .option = '=',
     .help = "A file of certificates to trust in place of the system's."},
    {.name = "proxy",
     .type = SETTING_SERVER,
     .scope = HO | AC | NO,
     .flags = D | SETTING_OPTIONAL,
     .option = '=',
     .help = "The HTTP proxy for requests to providers and web services."},
    {.name = "timeout",
     .type = SETTING_LENGTH,
     .scope = HO | AC | SO | NO,
     .flags = D,
     .option = 'i',
     .min = 1,
     .unit = "s",
     .fallback = "120s",
     .help = "The longest that a request may take."},
    {.name = "redirect",
     .type = SETTING_NUMBER,
     .scope = HO | AC | SO | NO,
     .flags = D,
     .option = 'i',
     .max = 20,
     .fallback = "0",
     .help = "How many redirections are followed."},

    /* telling people */
    {.name = "postscript",
     .type = SETTING_COMMAND,
     .class = SETTING_RUNS,
     .scope = HO,
     .flags = D,
     .option = 'f',
     .help = "A command to run after updates."},
    {.name = "hook",
     .type = SETTING_COMMAND,
     .class = SETTING_RUNS,
     .scope = HO,
     .help = "A command to run once a change, with host, family, old, new and outcome in its "
             "environment."},
    {.name = "mail",
     .type = SETTING_TEXT,
     .scope = GL | NO,
     .flags = D,
     .option = '=',
     .help = "Who gets the report of a pass."},
    {.name = "mail-failure",
     .type = SETTING_TEXT,
     .scope = GL,
     .flags = D,
     .option = '=',
     .help = "Who gets the report of a pass that failed."},
    {.name = "mail-from",
     .type = SETTING_TEXT,
     .scope = GL | NO,
     .flags = D,
     .option = '=',
     .help = "The sender of reports."},
    {.name = "mail-server",
     .type = SETTING_SERVER,
     .scope = GL | NO,
     .help = "The SMTP server for reports; without it the sendmail program is used."},
    {.name = "notify",
     .type = SETTING_HOSTS,
     .scope = BO,
     .help = "The notify objects (define=notify:NAME) that are told of changes and failures."},
    {.name = "syslog",
     .type = SETTING_BOOL,
     .scope = GL,
     .flags = D,
     .option = '!',
     .fallback = "no",
     .help = "Whether messages go to the system log too."},
    {.name = "facility",
     .type = SETTING_NONEMPTY,
     .scope = GL,
     .flags = D,
     .option = '=',
     .fallback = "daemon",
     .help = "The facility of the system log."},
    {.name = "priority",
     .type = SETTING_NONEMPTY,
     .scope = GL,
     .flags = D,
     .option = '=',
     .fallback = "notice",
     .help = "The level of ordinary messages in the system log."},
    {.name = "log-level",
     .type = SETTING_CHOICE,
     .scope = GL,
     .fallback = "info",
     .choices = words_level,
     .help = "The least severe messages that are logged."},
    {.name = "verbose",
     .type = SETTING_BOOL,
     .scope = GL,
     .flags = D,
     .option = '!',
     .fallback = "no",
     .help = "Whether to say more."},
    {.name = "debug",
     .type = SETTING_BOOL,
     .scope = GL,
     .flags = D,
     .option = '!',
     .fallback = "no",
     .help = "Whether to say everything; secrets stay hidden."},
    {.name = "quiet",
     .type = SETTING_BOOL,
     .scope = GL,
     .flags = D,
     .option = '!',
     .fallback = "no",
     .help = "Whether to leave out what went well."},
    {.name = "max-warn",
     .type = SETTING_NUMBER,
     .scope = GL,
     .flags = D,
     .option = 'i',
     .fallback = "1",
     .help = "How often the same warning is repeated."},

    /* the program */
    {.name = "exec",
     .type = SETTING_BOOL,
     .scope = GL,
     .flags = D,
     .option = '!',
     .fallback = "yes",
     .help = "no: a dry run; nothing is sent, run or written."},
    {.name = "test",
     .type = SETTING_BOOL,
     .scope = GL,
     .flags = D,
     .fallback = "no",
     .help = "yes: a dry run, as exec=no."},
    {.name = "foreground",
     .type = SETTING_BOOL,
     .scope = GL,
     .flags = D | SETTING_RESTART,
     .option = '!',
     .fallback = "no",
     .help = "Whether homing ddclient stays in the foreground."},
    {.name = "file",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = GL,
     .flags = D | SETTING_RESTART,
     .option = '=',
     .help = "The configuration file to read."},
    {.name = "cache",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = GL,
     .flags = D | SETTING_RESTART,
     .option = '=',
     .help = "ddclient's cache file."},
    {.name = "pid",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = GL,
     .flags = D | SETTING_RESTART,
     .option = '=',
     .help = "The file for the number of the background process."},
    {.name = "state-dir",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = GL,
     .flags = SETTING_RESTART,
     .help = "The folder of homing's memory."},
    {.name = "state-sync",
     .type = SETTING_CHOICE,
     .scope = GL,
     .flags = SETTING_RESTART,
     .fallback = "full",
     .choices = words_sync,
     .help = "process: do not wait for slow media; a power cut may cost checks."},
    {.name = "history",
     .type = SETTING_LENGTH,
     .scope = GL,
     .min = 86400,
     .unit = "s",
     .fallback = "400d",
     .help = "How long the history is kept."},
    {.name = "listen",
     .type = SETTING_SOCKET,
     .scope = GL,
     .flags = SETTING_RESTART,
     .fallback = "127.0.0.1:8245",
     .help = "Where the page and the API are served; no: nowhere."},
    {.name = "listen-push",
     .type = SETTING_SOCKET,
     .scope = GL,
     .flags = SETTING_RESTART,
     .fallback = "no",
     .help = "Where routers may push their address; no: nowhere."},
    {.name = "listen-cert",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = GL,
     .flags = SETTING_RESTART,
     .help = "The certificate of the page, with its chain."},
    {.name = "listen-key",
     .type = SETTING_PATH,
     .class = SETTING_FILE,
     .scope = GL,
     .flags = SETTING_RESTART,
     .help = "The key of the page's certificate."},
    {.name = "page-path",
     .type = SETTING_TEXT,
     .scope = GL,
     .flags = SETTING_RESTART,
     .fallback = "/",
     .help = "The path of the page behind a reverse proxy."},
    {.name = "page-hosts",
     .type = SETTING_HOSTS,
     .scope = GL,
     .flags = SETTING_RESTART,
     .help = "Names the page may be called by, besides localhost and addresses."},
    {.name = "trusted-proxy",
     .type = SETTING_HOSTS,
     .scope = GL,
     .help = "Addresses of reverse proxies whose word about a visitor's address is believed."},
    {.name = "push-hosts",
     .type = SETTING_CHOICE,
     .scope = GL,
     .fallback = "list",
     .choices = words_trust,
     .help = "Whether the hostname of a push must be in the device's list, or is ignored."},
    {.name = "outside",
     .type = SETTING_CHOICE,
     .scope = GL,
     .fallback = "yes",
     .choices = words_yes_no,
     .help = "no: never ask an outside host for the address."},

    /* named objects */
    {.name = "kind",
     .type = SETTING_NONEMPTY,
     .scope = SO | NO,
     .help = "What sort of source or notification this object is."},
    {.name = "interface",
     .type = SETTING_INTERFACE,
     .scope = UP | SO | PR,
     .help = "The network interface of the uplink, source or prefix."},
    {.name = "from",
     .type = SETTING_NONEMPTY,
     .scope = PR,
     .help = "Where the prefix is learned: an interface, a source object, or a prefix itself."},
    {.name = "length",
     .type = SETTING_NUMBER,
     .scope = PR,
     .min = 1,
     .max = 128,
     .fallback = "64",
     .help = "How many bits of the address are the prefix."},
    {.name = "mark",
     .type = SETTING_NUMBER,
     .scope = UP,
     .max = 2147483647,
     .help = "The routing mark of the uplink."},
    {.name = "source-address",
     .type = SETTING_IP,
     .scope = UP,
     .help = "The local address that binds to the uplink."},
    {.name = "metered",
     .type = SETTING_BOOL,
     .scope = UP,
     .fallback = "no",
     .help = "yes: the uplink is not probed."},
    {.name = "url",
     .type = SETTING_URL,
     .scope = SO | NO,
     .help = "The address to ask or to tell."},
    {.name = "token",
     .type = SETTING_TEXT,
     .class = SETTING_SECRET,
     .scope = NO | SO,
     .help = "The token of the notification service."},
    {.name = "skip",
     .type = SETTING_TEXT,
     .scope = SO,
     .help = "A pattern; what stands before it in the answer is ignored."},
    {.name = "to", .type = SETTING_TEXT, .scope = NO, .help = "Who is told."},
    {.name = "topic", .type = SETTING_TEXT, .scope = NO, .help = "The topic or room to write to."},
    {.name = "events",
     .type = SETTING_HOSTS,
     .scope = NO,
     .help = "What is told: changed, failing, recovered, blocked, lost, expiring."},
};
enum { ROWS = sizeof table / sizeof table[0] };

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
static const unsigned kind_scopes[] = {AC, UP, PR, SO, NO};

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
static const char *const use4_words[] = {"disabled", "auto",   "ipv4", "ifv4", "webv4",
                                         "cmdv4",    "filev4", "fwv4", "upnp", "natpmp",
                                         "pcp",      "tr064",  "stun", "dns",  NULL};
static const char *const use6_words[] = {"disabled", "auto",   "ipv6", "ifv6", "webv6",
                                         "cmdv6",    "filev6", "fwv6", "pcp",  "prefix",
                                         "stun",     "dns",    NULL};

size_t setting_count(void)
{
    return ROWS;
}

size_t setting_index(const struct setting *s)
{
    return (size_t)(s - table);
}

const struct setting *setting_at(size_t index)
{
    return index < ROWS ? &table[index] : NULL;
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

const struct setting *setting_find(const char *name)
{
    static unsigned char slots[SLOTS]; /* row number + 1; filling it twice gives the same */
    static bool filled;

    _Static_assert(ROWS < 255, "a row number fits into a byte");
    if (!__atomic_load_n(&filled, __ATOMIC_ACQUIRE)) {
        static unsigned char fresh[SLOTS];
        for (unsigned i = 0; i < ROWS; i++) {
            unsigned at = name_hash(table[i].name);
            while (fresh[at] != 0 && fresh[at] != i + 1)
                at = (at + 1) & (SLOTS - 1);
            fresh[at] = (unsigned char)(i + 1);
        }
        memcpy(slots, fresh, sizeof slots);
        __atomic_store_n(&filled, true, __ATOMIC_RELEASE);
    }
    if (name == NULL)
        return NULL;
    for (unsigned at = name_hash(name); slots[at] != 0; at = (at + 1) & (SLOTS - 1))
        if (strcmp(table[slots[at] - 1].name, name) == 0)
            return &table[slots[at] - 1];
    return NULL;
}

const struct setting *setting_next(const struct setting *after)
{
    return after == NULL ? table : after + 1 < table + ROWS ? after + 1 : NULL;
}

const char *setting_type_name(enum setting_type t)
{
    static const char *const names[] = {
        [SETTING_TEXT] = "text",
        [SETTING_NONEMPTY] = "text",
        [SETTING_PATH] = "file name",
        [SETTING_COMMAND] = "command",
        [SETTING_NUMBER] = "number",
        [SETTING_LENGTH] = "length of time",
        [SETTING_SECONDS] = "number of seconds",
        [SETTING_BOOL] = "yes or no",
        [SETTING_NAME] = "domain name",
        [SETTING_SERVER] = "server",
        [SETTING_URL] = "web address",
        [SETTING_PROTOCOL] = "protocol",
        [SETTING_PROVIDER] = "provider",
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
static bool near_enough(unsigned distance, size_t length)
{
    return distance <= (length < 3 ? 0 : length < 6 ? 1 : length < 10 ? 2 : 3);
}

const char *setting_nearest(const char *written, const char *const *words)
{
    const char *best = NULL;
    unsigned best_distance = 255;
    char low[65];
    size_t n = strlen(written);

    if (n > 64)
        return NULL;
    memcpy(low, written, n + 1);
    text_lower_all(low);
    for (; *words != NULL; words++) {
        unsigned d = text_distance(low, *words);
        if (d <= best_distance) {
            best_distance = d;
            best = *words;
        }
    }
    return best != NULL && near_enough(best_distance, n) ? best : NULL;
}

const char *setting_guess(const char *written)
{
    const char *names[ROWS + 1];
    for (size_t i = 0; i < ROWS; i++)
        names[i] = table[i].name;
    names[ROWS] = NULL;
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
