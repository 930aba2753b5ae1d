/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/messages.h"

#include "base/buf.h"
#include "base/text.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

enum { TEXT_MAX = 4096 };

static const struct row {
    const char *code;
    const char *text;
    const char *one; /* when count is 1; NULL: the same */
} rows[] = {
    /* health of the parts */
    {"part_keeper", "Looks after homing.conf and starts its commands.", NULL},
    {"part_worker", "Speaks to providers, routers and this page.", NULL},
    {"part_keeper_bad", "Could not write homing.conf: {why}", NULL},
    {"part_worker_again",
     "Ended unasked and was started again, {count}x, last at {at} ({why}). \"homing report\" "
     "collects "
     "what its authors need to know.",
     NULL},
    {"part_worker_late", "Was {count} s late with its work at {at}: this machine is overloaded.",
     NULL},
    {"part_page_full", "Turned {count} connections away because too many were open, last at {at}.",
     "Turned 1 connection away because too many were open, at {at}."},
    {"part_memory", "Remembers what was sent and what came of it.", NULL},
    {"part_memory_bad", "Can not write: {why}. Nothing is sent meanwhile.", NULL},
    {"part_sources", "{done} of {count} sources tell an address.",
     "The one source tells an address."},
    {"part_sources_none", "No hostname asks for an address yet.", NULL},
    {"part_sources_silent", "{done} of {count} sources tell an address; the others are silent.",
     "The one source is silent."},
    {"part_dns", "Was asked about {count} records; {done} agree.",
     "Was asked about 1 record; {done} agrees."},
    {"part_dns_unknown", "{count} records could not be asked about, {done} agree.",
     "1 record could not be asked about, {done} agree."},
    {"part_dns_never", "Was not asked yet.", NULL},
    {"part_page", "Serves what you see.", NULL},
    /* the verdict */
    {"empty", "No hostnames yet.", NULL},
    {"service_off", "Updates are off. {count} hostnames keep the address they have.",
     "Updates are off. 1 hostname keeps the address it has."},
    {"wait_clock",
     "homing waits for the clock of this machine to be set. Nothing is sent meanwhile.", NULL},
    {"wait_memory", "homing can not write what it must remember: {why}. Nothing is sent meanwhile.",
     NULL},
    {"needs_auth", "{count} of {all} hostnames need you: {provider} refuses the password",
     "1 of {all} hostnames needs you: {provider} refuses the password of {hostname}"},
    {"needs_forbidden",
     "{count} of {all} hostnames need you: the credentials at {provider} lack a right",
     "1 of {all} hostnames needs you: the credentials at {provider} may not change {hostname}"},
    {"needs_feature", "{count} of {all} hostnames need you: the plan at {provider} lacks a feature",
     "1 of {all} hostnames needs you: the plan at {provider} does not include {hostname}"},
    {"needs_abuse", "{count} of {all} hostnames need you: {provider} has blocked updates",
     "1 of {all} hostnames needs you: {provider} has blocked updates of {hostname}"},
    {"needs_agent", "{count} of {all} hostnames need you: {provider} refuses homing itself",
     "1 of {all} hostnames needs you: {provider} refuses homing itself for {hostname}"},
    {"needs_no-zone", "{count} of {all} hostnames need you: {provider} has no zone for them",
     "1 of {all} hostnames needs you: the account at {provider} has no zone for {hostname}"},
    {"needs_no-host", "{count} of {all} hostnames need you: {provider} does not know them",
     "1 of {all} hostnames needs you: {provider} does not know {hostname}"},
    {"needs_conflict", "{count} of {all} hostnames need you: something else stands at their names",
     "1 of {all} hostnames needs you: something else stands at {hostname}"},
    {"needs_input", "{count} of {all} hostnames need you: {provider} does not accept a value",
     "1 of {all} hostnames needs you: {provider} does not accept a value of {hostname}"},
    {"needs_parked", "{count} of {all} hostnames need you: homing.conf has errors",
     "1 of {all} hostnames needs you: line {line} of homing.conf has an error ({hostname})"},
    {"needs_provider",
     "{count} of {all} hostnames need you: homing can not speak to their provider",
     "1 of {all} hostnames needs you: homing can not speak to the provider of {hostname}"},
    {"needs_closed", "{count} of {all} hostnames need you: {provider} has closed",
     "1 of {all} hostnames needs you: {provider} has closed ({hostname})"},
    {"needs_several", "{count} of {all} hostnames need you, for different reasons.", NULL},
    {"no_address",
     "homing can not tell your address: no source answers since {since}. Nothing is changed "
     "meanwhile.",
     NULL},
    {"no_address_yet", "homing is asking for your address. Nothing is changed meanwhile.", NULL},
    {"refused_address", "Your address {address} is {kind}. It was not published.", NULL},
    {"at_work_address",
     "Your address changed to {address} a moment ago. {done} of {all} hostnames follow already.",
     NULL},
    {"at_work", "{count} of {all} hostnames are being updated.",
     "1 of {all} hostnames is being updated: {hostname}"},
    {"waiting", "{done} of {all} hostnames are right; {count} wait.",
     "All hostnames are right but 1, {hostname}: {provider} is waited for until {at}."},
    {"unknown",
     "{count} of {all} hostnames keep the address they have: no source answers for them.",
     "1 of {all} hostnames keeps the address it has: no source answers for {hostname}."},
    {"all_right", "All {count} hostnames are right. Your address is {address}, since {since}.",
     "{hostname} is right. Your address is {address}, since {since}."},
    {"all_right_both",
     "All {count} hostnames are right. Your addresses are {address} and {other}, since {since}.",
     "{hostname} is right. Your addresses are {address} and {other}, since {since}."},
    {"all_right_many", "All {count} hostnames are right.", "{hostname} is right."},
    {"accepted",
     "All {count} hostnames were accepted by their providers; the DNS was not asked yet.",
     "{hostname} was accepted by its provider; the DNS was not asked yet."},
    {"accepted_some",
     "All {count} hostnames are right or accepted; the DNS was not asked about some.", NULL},
    {"all_paused", "All {count} hostnames are paused.", "{hostname} is paused."},
    {"conf_refused",
     "{why}. homing goes on with what was good before, until this is mended (homing check).", NULL},
    {"paused_some", "{count} hostnames are paused.", "1 hostname is paused: {hostname}"},

    /* why a record is as it is */
    {"dns_agrees", "The DNS agrees, {agree} of {servers}", NULL},
    {"taken", "{provider} took it", NULL},
    {"api_agrees", "{provider} shows it", NULL},
    {"api_differs", "{provider} shows something else, though it took it", NULL},
    {"dns_follows", "{agree} of {servers} name servers agree", NULL},
    {"dns_differs", "The DNS says something else, though {provider} took it", NULL},
    {"none_here", "There is no {family} address here", NULL},
    {"one_family", "The provider takes one address, and it has the IPv4 one", NULL},
    {"gone_kept", "There is no {family} address here any more; the record keeps {address}", NULL},
    {"sent", "Sent to {provider}", NULL},
    {"turn", "Waits for its turn at {provider}", NULL},
    {"server", "{provider} is in trouble", NULL},
    {"odd_answer", "{provider} gave an answer that homing does not understand", NULL},
    {"tls", "The server of {provider} could not prove who it is; nothing was sent", NULL},
    {"offline", "There is no way to {provider} right now", NULL},
    {"limit", "{provider} asks for fewer requests", NULL},
    {"budget", "{provider} allows only so many requests", NULL},
    {"busy", "The zone is locked at {provider} by another change", NULL},
    {"question", "Asks the DNS what stands there before anything is sent", NULL},
    {"min_interval", "Changed a moment ago; the next change waits a little", NULL},
    {"failed", "The last attempt failed", NULL},
    {"off", "Updates are off", NULL},
    {"clock", "The clock of this machine is not set", NULL},
    {"memory", "homing can not write what it must remember", NULL},
    {"auth", "{provider} refuses the login or the password", NULL},
    {"forbidden", "{provider} knows these credentials, but they may not do this", NULL},
    {"feature", "The plan at {provider} does not include this", NULL},
    {"abuse", "{provider} has blocked updates because of too many", NULL},
    {"agent", "{provider} refuses this version of homing", NULL},
    {"no-zone", "The account at {provider} has no zone for this name", NULL},
    {"no-host", "{provider} does not know this name: create it there first", NULL},
    {"conflict", "Something else stands at this name, and homing leaves it alone", NULL},
    {"input", "{provider} does not accept a value of the request", NULL},
    {"parked", "Line {line} of homing.conf has an error", NULL},
    {"no_provider", "homing does not know this provider", NULL},
    {"closed", "{provider} has closed", NULL},
    {"no_dialogue", "homing can not speak to {provider}", NULL},
    {"no_source", "No address is wanted for this name", NULL},
    {"silent", "{source} does not answer", NULL},
    {"asking", "{source} is being asked", NULL},
    {"refused", "{source} has only an address that is {kind}; it was not published", NULL},
    {"paused", "by you", NULL},
    {"watched", "Only watched: homing does not write it", NULL},

    /* what comes next */
    {"next_send", "Sends again", NULL},
    {"next_confirm", "Confirms it", NULL},
    {"next_event", "When the network is back", NULL},
    {"password", "Enter the password", NULL},
    {"resume", "Resume", NULL},
    {"modify", "Modify", NULL},
    {"show", "Show them", NULL},
    {"sources", "Look at the sources", NULL},
    {"on", "Turn on", NULL},

    /* an explanation, step by step */
    {"why_source", "{source} says {address}, since {since}.", NULL},
    {"why_source_none", "{source} says that there is no {family} address, since {since}.", NULL},
    {"why_source_unknown", "{source} has not told an {family} address: {why}", NULL},
    {"why_no_source", "No {family} address is wanted.", NULL},
    {"why_refused", "{address} is {kind}: it is not published unless allow-private=yes.", NULL},
    {"why_published", "{provider} took {address} at {at}.", NULL},
    {"why_unpublished", "What stands at {provider} for {family} is not known.", NULL},
    {"why_due", "It is due: {why}.", NULL},
    {"why_right", "Nothing is to be sent for {family}.", NULL},
    {"why_held", "It waits until {at}: {why}.", NULL},
    {"why_said", "{provider} said: {say}", NULL},
    {"why_account", "All hostnames of this account wait: {say}", NULL},
    {"why_endpoint", "All hostnames at {provider} wait until {at}: {say}", NULL},
    {"why_dns_nobody", "No name server of it could be found or asked at {at}.", NULL},
    {"why_dns", "{agree} of {servers} name servers say so, asked at {at}.", NULL},
    {"why_api", "{provider} showed it when it was asked at {at}.", NULL},
    {"why_api_differs", "{provider} showed something else when it was asked at {at}.", NULL},
    {"why_dns_elsewhere",
     "The DNS serves the zone {served}. When these are not the name servers of your account at "
     "{provider}, the zone there has no effect: enter its name servers at the registrar of the "
     "domain.",
     NULL},
    {"why_dns_ttl",
     "When the address changes, visitors may keep the former one for up to {count} seconds (the "
     "record's TTL).",
     NULL},
    {"why_dns_intercepted",
     "Somebody on the way answered in the name servers' place at {at}, so what the DNS says is not "
     "known: the router or the line redirects port 53.",
     NULL},
    {"why_dns_never", "The DNS was not asked about it yet.", NULL},
    {"why_dns_unasked", "The DNS is not asked about it ({why}).", NULL},

    /* this place */
    {"place_both", "Your addresses are {address} and {other}.", NULL},
    {"place_one", "Your {family} address is {address}.", NULL},
    {"place_refused",
     "The {family} address here is {address}, {kind}: from outside it leads nowhere.", NULL},
    {"place_unknown", "homing does not know your address at the moment.", NULL},
    {"place_unasked", "No hostname asks for an address yet.", NULL},
    {"place_no_way_at_all",
     "This machine has no way out to the Internet at present: there is no default route.", NULL},
    {"place_no_way", "This machine has no {family} way out at present.", NULL},
    {"place_six_only", "This machine has IPv6 only: over IPv4 nobody outside can reach it.", NULL},
    {"place_public",
     "This machine itself has the public address {address}: it can be reached from outside, as far "
     "as its firewall allows.",
     NULL},
    {"place_router",
     "This place is behind one router, whose address {address} is public: what the router forwards "
     "can be reached from outside.",
     NULL},
    {"place_routers",
     "This place is behind two routers in a row: the nearer one has the private address {address}, "
     "so both must forward what is to be reached from outside.",
     NULL},
    {"place_shared",
     "The router's own address {address} is private: before it stands a second router of yours, "
     "which must forward as well, or your provider's (carrier-grade NAT), which never does.",
     NULL},
    {"place_cgnat",
     "This place is behind carrier-grade NAT: {address} is an address that the provider shares "
     "among customers, so over IPv4 nobody outside can reach it.",
     NULL},
    {"place_empty",
     "The router has no IPv4 address of its own: another router or the provider's address sharing "
     "stands before it, so over IPv4 this place can probably not be reached from outside.",
     NULL},
    {"place_dslite",
     "IPv4 travels inside IPv6 here (DS-Lite or 464XLAT, {address}): over IPv4 nobody outside can "
     "reach this place, over IPv6 it can be reached.",
     NULL},
    {"place_dslite_odd",
     "The router has no IPv4 address of its own, but there is IPv6 (probably DS-Lite): over IPv4 "
     "nobody outside can reach this place, over IPv6 it can be reached.",
     NULL},
    {"place_nat",
     "This machine has the private address {address}, and no router tells its own: it is behind at "
     "least one, and only what that forwards can be reached from outside.",
     NULL},
    {"place_local",
     "This machine has only the {family} address {address}: from outside it leads nowhere.", NULL},
    {"place_vpn",
     "Everything leaves by the tunnel {source} (a VPN): what is seen from outside is the address "
     "of "
     "its other end, and this place is reached there only if the VPN forwards to it.",
     NULL},
    {"place_vpn_public",
     "The tunnel {source} gives this machine the public address {address}: it can be reached there "
     "as long as the tunnel stands.",
     NULL},
    {"place_via",
     "The public address here is {address}, but from outside {other} is seen: a VPN, a proxy or "
     "another line is in between, and what is sent to {other} may not arrive here.",
     NULL},
    {"place6_none", "There is no IPv6 way out here.", NULL},
    {"place6_new",
     "Over IPv6 it has the public address {address}; whether its prefix lasts, the next days will "
     "show.",
     NULL},
    {"place6_stable",
     "Over IPv6 it has the public address {address}, with the same prefix since {since}.", NULL},
    {"place6_changing",
     "Over IPv6 it has the public address {address}; its prefix changed {count} times within 30 "
     "days.",
     "Over IPv6 it has the public address {address}; its prefix changed once within 30 days."},
    {"place6_local", "Its IPv6 address {address} leads nowhere from outside.", NULL},
    {"place6_vpn", "IPv6 leaves by the tunnel {source}.", NULL},
    {"place6_via",
     "Its IPv6 address is {address}, but from outside {other} is seen: a VPN or a proxy is in "
     "between.",
     NULL},

    /* plans */
    {"plan_sends", "This would be sent; nothing has been changed.", NULL},
    {"plan_nothing", "The provider has this already: nothing would be sent.", NULL},
    {"plan_no_address", "No address to publish is known, so nothing would be sent.", NULL},
    {"plan_refused", "It would not work: {say}", NULL},
};

/*
 * What stands inside of other sentences, in the very words of addr_kind_name(), due_why_name(),
 * due_hold_name() and choice_text(). As a value such a word is a message itself.
 */
static const struct phrase {
    const char *code;
    const char *text;
} phrases[] = {
    {"kind_unspecified", "the unspecified address"},
    {"kind_private", "a private address (RFC 1918)"},
    {"kind_ula", "a unique local address (RFC 4193)"},
    {"kind_cgnat", "an address that the provider shares among customers (RFC 6598)"},
    {"kind_loopback", "a loopback address"},
    {"kind_link_local", "a link-local address"},
    {"kind_multicast", "a multicast address"},
    {"kind_documentation", "an address reserved for documentation"},
    {"kind_benchmark", "an address reserved for benchmarks"},
    {"kind_nat64", "a NAT64 address (RFC 6052)"},
    {"kind_6to4", "a 6to4 address (RFC 3056)"},
    {"kind_teredo", "a Teredo address (RFC 4380)"},
    {"kind_mapped", "an IPv4 address written as IPv6"},
    {"kind_dslite", "an address inside a DS-Lite or 464XLAT line (RFC 7335)"},
    {"kind_reserved", "a reserved address"},
    {"kind_unknown", "an unknown kind of address"},
    {"due_forced", "forced"},
    {"due_new", "not yet known"},
    {"due_changed", "address changed"},
    {"due_settings", "settings changed"},
    {"due_differs", "the DNS differs"},
    {"due_asked", "asked for"},
    {"due_doubt", "another may have arrived"},
    {"hold_word", "the provider's word"},
    {"hold_backoff", "back-off"},
    {"hold_question", "the question what stands there"},
    {"no_answer_yet", "no answer yet"},
    /* choice_text() and others of sense/: why an address is not the one */
    {"choice_tentative", "the kernel still checks that nobody else has it"},
    {"choice_duplicate", "somebody else on the network has it"},
    {"choice_deprecated", "it is deprecated and will go"},
    {"choice_temporary", "it is a temporary (privacy) address"},
    {"choice_scope", "it does not lead here from outside"},
    {"choice_ula", "it is a unique local address (RFC 4193)"},
    {"choice_private", "another one is public"},
    {"choice_lifetime", "another one was set by hand"},
    {"choice_prefix", "another one has a longer prefix"},
    {"choice_text", "another one is shorter"},
    {"choice_sooner", "another one is valid for longer"},
    {"choice_later", "another one comes first"},
    {"choice_loop", "it is this machine's own loop"},
    {"choice_route", "the default route goes elsewhere"},
    {"choice_own", "this machine has a public address itself"},
    {"choice_own_way", "this machine has a public address itself: a proxy or VPN on the way"},
};

const char *message_phrase(const char *text)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (text_equal(phrases[i].text, text))
            return phrases[i].code;
    return NULL;
}

json_t *message_phrase_doc(const char *text)
{
    const char *code = message_phrase(text);
    return code != NULL ? json_string(code) : json_null();
}

const char *message_code(size_t n)
{
    return n < sizeof rows / sizeof rows[0] ? rows[n].code : NULL;
}

static const struct row *find(const char *code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal(rows[i].code, code))
            return &rows[i];
    return NULL;
}

json_t *message_text(const char *text)
{
    struct buf clean;

    if (text == NULL)
        return json_null();
    json_t *json = json_string(text);
    if (json != NULL)
        return json;
    buf_init(&clean, TEXT_MAX);
    for (; *text != '\0'; text++)
        buf_char(&clean, (unsigned char)*text < 0x80 ? *text : '?');
    json = json_string(buf_str(&clean));
    buf_free(&clean);
    return json;
}

enum type { NUMBER, TIME, TEXT };
static const struct {
    const char *name;
    enum type type;
    size_t at;
} fields[] = {
    {"count", NUMBER, offsetof(struct message_values, count)},
    {"all", NUMBER, offsetof(struct message_values, all)},
    {"done", NUMBER, offsetof(struct message_values, done)},
    {"line", NUMBER, offsetof(struct message_values, line)},
    {"agree", NUMBER, offsetof(struct message_values, agree)},
    {"servers", NUMBER, offsetof(struct message_values, servers)},
    {"at", TIME, offsetof(struct message_values, at)},
    {"since", TIME, offsetof(struct message_values, since)},
    {"provider", TEXT, offsetof(struct message_values, provider)},
    {"hostname", TEXT, offsetof(struct message_values, hostname)},
    {"family", TEXT, offsetof(struct message_values, family)},
    {"address", TEXT, offsetof(struct message_values, address)},
    {"other", TEXT, offsetof(struct message_values, other)},
    {"say", TEXT, offsetof(struct message_values, say)},
    {"source", TEXT, offsetof(struct message_values, source)},
    {"kind", TEXT, offsetof(struct message_values, kind)},
    {"why", TEXT, offsetof(struct message_values, why)},
    {"served", TEXT, offsetof(struct message_values, served)},
};

void message_time(struct buf *out, msec wall)
{
    time_t seconds = (time_t)(wall / SECOND), now = time(NULL);
    struct tm tm, today;
    char text[64];

    if (wall == NEVER || localtime_r(&seconds, &tm) == NULL || localtime_r(&now, &today) == NULL) {
        buf_text(out, "?");
        return;
    }
    bool same_day = tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday;
    strftime(text, sizeof text, same_day ? "%H:%M" : "%e %b %Y, %H:%M", &tm);
    buf_text(out, text[0] == ' ' ? text + 1 : text);
}

/* One value into the text and the arguments. */
static void put(const char *name, size_t n, const struct message_values *v, struct buf *out,
                json_t *args)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strlen(fields[i].name) != n || memcmp(fields[i].name, name, n) != 0)
            continue;
        const char *at = (const char *)v + fields[i].at;
        if (fields[i].type == NUMBER) {
            long number = *(const long *)(const void *)at;
            buf_format(out, "%ld", number);
            json_object_set_new(args, fields[i].name, json_integer(number));
        } else if (fields[i].type == TIME) {
            msec wall = *(const msec *)(const void *)at;
            message_time(out, wall);
            json_object_set_new(args, fields[i].name, json_integer(wall));
        } else {
            const char *text = *(const char *const *)(const void *)at;
            json_t *json = message_text(text != NULL ? text : "");
            const char *phrase = message_phrase(text);
            buf_text(out, json_string_value(json));
            if (phrase != NULL)
                json = json_pack("{s:s,s:{},s:o}", "code", phrase, "args", "text", json);
            json_object_set_new(args, fields[i].name, json);
        }
        return;
    }
}

json_t *message_new(const char *code, const struct message_values *values)
{
    const struct row *row = find(code);
    const struct message_values none = {0};
    const struct message_values *v = values != NULL ? values : &none;
    json_t *args = json_object(), *doc = json_object();
    struct buf out;

    buf_init(&out, TEXT_MAX);
    const char *at = row == NULL ? "" : row->one != NULL && v->count == 1 ? row->one : row->text;
    if (row != NULL && row->one != NULL) /* the form is the translator's to choose again */
        json_object_set_new(args, "count", json_integer(v->count));
    while (*at != '\0') {
        size_t n = strcspn(at, "{");
        buf_add(&out, at, n);
        at += n;
        if (*at == '{') {
            n = strcspn(at, "}");
            put(at + 1, n - 1, v, &out, args);
            at += at[n] == '}' ? n + 1 : n;
        }
    }
    json_object_set_new(doc, "code", json_string(code));
    json_object_set_new(doc, "args", args);
    json_object_set_new(doc, "text", json_stringn_nocheck(buf_str(&out), out.len));
    buf_free(&out);
    return doc;
}
