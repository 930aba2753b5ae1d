/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/spec.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/text.h"
#include "conf/conf.h"
#include "sense/devices.h"
#include "sense/extract.h"
#include "sense/inside.h"
#include "sense/webask.h"

enum {
    QUORUM_DEFAULT = 2,          /* where homing chose whom to ask */
    PREFIX_LENGTH = 64,          /* RFC 4291, section 2.5.1: interface identifiers have 64 bits */
    OUTSIDE_LIMIT = 10 * SECOND, /* for an answer by DNS */
    OBJECT_NAME_MAX = 128
};

/* One setting's word being turned into a spec. */
struct making {
    const struct view *settings;
    const struct sense_options *options;
    const char *word;
    enum family family;
    bool neutral; /* of use=: either family */
};

static const char *get(const struct making *m, const char *name)
{
    return view_get(m->settings, name);
}

/* "use", "usev4", "usev6": which of three settings of a kind counts. */
static const char *pick(const struct making *m, const char *neutral, const char *v4, const char *v6)
{
    return m->neutral ? neutral : m->family == V4 ? v4 : v6;
}

static void begin(struct spec *spec, const struct making *m, const struct source_kind *kind)
{
    *spec = (struct spec){.kind = kind,
                          .families =
                              m->neutral ? FAMILY_BIT(V4) | FAMILY_BIT(V6) : FAMILY_BIT(m->family),
                          .neutral = m->neutral};
}

/* A source that will never know: its one answer is what is wrong with the settings. */
static bool broken(struct spec *spec, const struct making *m, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool broken(struct spec *spec, const struct making *m, const char *format, ...)
{
    va_list args;
    struct buf b;

    spec_free(spec);
    begin(spec, m, &source_broken);
    spec->name = mem_format("%s", m->word);
    buf_init(&b, 256);
    va_start(args, format);
    buf_vformat(&b, format, args);
    va_end(args);
    spec->arg = buf_take(&b);
    return true;
}

static bool check_skip(struct spec *spec, const struct making *m)
{
    struct cause c;
    struct pattern *p = extract_pattern(spec->skip, &c);

    bool fine = p != NULL || c.text[0] == '\0';
    pattern_free(p);
    return fine || broken(spec, m, "%s", c.text);
}

static bool object(const struct making *m, const char *kind, const char *name, struct view *out)
{
    return m->options->object != NULL && name != NULL &&
           m->options->object(m->options->object_arg, kind, name, out);
}

/* The uplink of the entry, of several the first; false when it has none. */
static bool uplink(const struct making *m, struct view *out)
{
    const char *list = get(m, "uplink");
    char name[OBJECT_NAME_MAX];

    if (list == NULL)
        return false;
    list += strspn(list, ", ");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(list, ", "), list);
    return object(m, "uplink", name, out);
}

static void take_uplink(struct spec *spec, const struct making *m)
{
    struct view way;

    if (!uplink(m, &way))
        return;
    spec->interface = mem_text(view_get(&way, "interface"));
    spec->source_address = mem_text(view_get(&way, "source-address"));
    spec->mark = (uint32_t)conf_number(&way, "mark");
    spec->metered = conf_bool(&way, "metered");
}

static void take_transport(struct spec *spec, const struct making *m, bool proxied)
{
    if (proxied)
        spec->proxy = mem_text(get(m, "proxy"));
    spec->ca_file = mem_text(get(m, "ssl_ca_file"));
    spec->ca_dir = mem_text(get(m, "ssl_ca_dir"));
    spec->timeout = conf_length(m->settings, "timeout");
    spec->redirects = (unsigned)conf_number(m->settings, "redirect");
    take_uplink(spec, m);
}

static bool has_scheme(const char *url)
{
    return text_starts(url, "http:") || text_starts(url, "https:");
}

/* --- fixed --- */

static bool make_fixed(struct spec *spec, const struct making *m, const char **why)
{
    const char *setting = pick(m, "ip", "ipv4", "ipv6");
    const char *value = get(m, setting);
    struct addr a;

    if (value == NULL && !m->neutral && m->family == V6) /* ddclient's usev6=ip */
        value = get(m, "ip");
    if (value == NULL || !addr_parse(value, &a))
        return broken(spec, m, "%s= %s", setting,
                      value == NULL ? "is not set" : "is not an address");
    if (m->neutral && a.family != m->family) {
        *why = m->family == V4 ? "ip= is an IPv6 address" : "ip= is an IPv4 address";
        return false;
    }
    if (a.family != m->family)
        return broken(spec, m, "%s= is not an %s address", setting, family_name(m->family));
    begin(spec, m, &source_fixed);
    spec->neutral = false;
    spec->families = FAMILY_BIT(m->family);
    spec->arg = mem_text(value);
    spec->name = mem_format("fixed %s", value);
    return true;
}

/* --- interface --- */

/* ddclient's old words take the new setting where it was set, else the old one; both have defaults,
 * so "was set" means "is another". */
static const char *interface_name(const struct making *m)
{
    const char *old = get(m, "if"), *new = get(m, pick(m, "if", "ifv4", "ifv6"));

    if (m->neutral)
        return old != NULL ? old : "ppp0";
    if (text_equal(m->word, "if") && (new == NULL || text_equal(new, "default")) && old != NULL &&
        !text_equal(old, "ppp0"))
        return old;
    return new != NULL ? new : "default";
}

static bool make_interface(struct spec *spec, const struct making *m, const char **why)
{
    const char *name = interface_name(m);
    struct view way;

    bool of_uplink = text_case_equal(name, "default") && uplink(m, &way);
    if (of_uplink && view_get(&way, "interface") != NULL) /* the way out of this entry */
        name = view_get(&way, "interface");
    else if (of_uplink && view_get(&way, "source-address") == NULL)
        return broken(spec, m,
                      "the uplink has neither interface= nor source-address=: a routing mark alone "
                      "does not tell which addresses belong to it");
    if (m->neutral && m->family != V4) {
        *why = "use=if looks for IPv4 only";
        return false;
    }
    begin(spec, m, &source_interface);
    spec->neutral = false;
    spec->families = FAMILY_BIT(m->family);
    if (of_uplink && view_get(&way, "interface") == NULL)
        spec->source_address = mem_text(name = view_get(&way, "source-address"));
    spec->arg = mem_text(text_case_equal(name, "default") ? "default" : name);
    spec->private_too = conf_bool(m->settings, "allow-private");
    spec->name = mem_format("interface %s", spec->arg);
    return true;
}

/* --- web --- */

static const struct web_service *service_of(const struct sense_options *o, const char *name)
{
    if (o->services == NULL)
        return web_service_find(name);
    for (size_t i = 0; i < o->service_count; i++)
        if (text_equal(o->services[i].name, name))
            return &o->services[i];
    return NULL;
}

static const char *web_argument(const struct making *m)
{
    static const char *const defaults[] = {"ipify-ipv4", "ipify-ipv6"};
    const char *setting = pick(m, "web", "webv4", "webv6");
    const char *value = get(m, setting), *old = get(m, "web");

    if (m->neutral)
        return value != NULL ? value : "dyndns";
    if (text_equal(m->word, "web") && old != NULL && !text_equal(old, "dyndns") &&
        (value == NULL || text_equal(value, defaults[m->family])))
        return old;
    return value != NULL ? value : defaults[m->family];
}

static void set_page(struct spec *spec, const char *url, bool tls)
{
    char host[128];

    spec->arg =
        has_scheme(url) ? mem_text(url) : mem_format("%s://%s", tls ? "https" : "http", url);
    if (spec->name == NULL)
        spec->name =
            mem_format("%s %s", spec->kind->name, webask_host(spec->arg, host, sizeof host));
}

static bool make_web(struct spec *spec, const struct making *m, const char **why)
{
    const char *value = web_argument(m);
    const char *skip = get(m, pick(m, "web-skip", "webv4-skip", "webv6-skip"));
    const struct web_service *service = service_of(m->options, value);

    begin(spec, m, &source_web);
    if (service != NULL)
        spec->name = mem_format("web %s", service->name);
    set_page(spec, service != NULL ? service->url : value, conf_bool(m->settings, "ssl"));
    if (skip == NULL && service != NULL)
        skip = service->skip;
    spec->skip = mem_text(skip);
    take_transport(spec, m, true);
    spec->tls_unchecked = !conf_bool(m->settings, "web-ssl-validate");
    return check_skip(spec, m);
}

/* --- command --- */

static bool make_command(struct spec *spec, const struct making *m, const char **why)
{
    const char *setting = pick(m, "cmd", "cmdv4", "cmdv6");

    if (get(m, setting) == NULL && text_equal(m->word, "cmd"))
        setting = "cmd";
    if (get(m, setting) == NULL)
        return broken(spec, m, "%s= is not set", setting);
    begin(spec, m, &source_command);
    spec->arg = mem_text(get(m, setting));
    spec->setting = mem_text(setting);
    spec->entry = mem_text(get(m, "@id"));
    spec->timeout = conf_length(m->settings, "timeout");
    if (m->neutral)
        spec->skip = mem_text(get(m, "cmd-skip"));
    spec->name = mem_format("command %s", setting);
    return check_skip(spec, m);
}

/* --- file --- */

static bool make_file(struct spec *spec, const struct making *m, const char **why)
{
    const char *setting = m->family == V4 ? "filev4" : "filev6";

    if (get(m, setting) == NULL)
        return broken(spec, m, "%s= is not set", setting);
    begin(spec, m, &source_file);
    spec->arg = mem_text(get(m, setting));
    spec->name = mem_format("file %s", spec->arg);
    return true;
}

/* --- router pages --- */

static const char *router_argument(const struct making *m)
{
    const char *own = get(m, pick(m, "fw", "fwv4", "fwv6"));

    return own != NULL ? own : get(m, "fw");
}

static void take_router(struct spec *spec, const struct making *m, const char *builtin_skip)
{
    const char *skip = get(m, pick(m, "fw-skip", "fwv4-skip", "fwv6-skip"));

    if (skip == NULL)
        skip = get(m, "fw-skip");
    spec->skip = mem_text(skip != NULL ? skip : builtin_skip);
    if (get(m, "fw-login") != NULL && get(m, "fw-password") != NULL) {
        spec->login = mem_text(get(m, "fw-login"));
        spec->password = mem_text(get(m, "fw-password"));
    }
    take_transport(spec, m, false);
    spec->tls_unchecked = !conf_bool(m->settings, "fw-ssl-validate");
}

static bool make_router(struct spec *spec, const struct making *m, const char **why)
{
    const char *where = router_argument(m);

    if (where == NULL || where[0] == '\0')
        return broken(spec, m, "%s= is not set", pick(m, "fw", "fwv4", "fwv6"));
    begin(spec, m, &source_device);
    set_page(spec, where, false);
    take_router(spec, m, NULL);
    return check_skip(spec, m);
}

static bool make_device(struct spec *spec, const struct making *m, const struct device *d)
{
    const char *interface = m->neutral ? get(m, "if") : get(m, "ifv4");
    struct buf url;

    buf_init(&url, 2048);
    if (!device_url(d, router_argument(m), interface, &url)) {
        buf_free(&url);
        return broken(spec, m, "%s= is not set: where is the router?",
                      pick(m, "fw", "fwv4", "fwv6"));
    }
    begin(spec, m, &source_device);
    spec->name = mem_format("router %s", d->name);
    set_page(spec, buf_str(&url), false);
    buf_free(&url);
    take_router(spec, m, d->skip);
    if (d->path == NULL) { /* Cisco's pages are read as they are */
        spec->family_free = true;
        mem_free(spec->skip);
        spec->skip = NULL;
    }
    return check_skip(spec, m);
}

/* --- auto --- */

/* Sources that need no setting but whom to ask. */
static void make_simple(struct spec *spec, const struct making *m, const struct source_kind *kind)
{
    begin(spec, m, kind);
    spec->name = mem_text(kind->name);
    spec->quorum = (unsigned)conf_number(m->settings, "quorum");
    if (spec->quorum == 0)
        spec->quorum = QUORUM_DEFAULT;
}

/* A router tells its IPv4 address by whichever it speaks. */
static bool make_gateway(struct spec *spec, const struct making *m, const char **why)
{
    static const struct source_kind *const kinds[] = {&source_natpmp, &source_upnp, &source_pcp};

    begin(spec, m, &source_router);
    spec->name = mem_text("router");
    take_uplink(spec, m);
    spec->parts = mem_array(PARTS_MAX, sizeof *spec->parts);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct spec *part = &spec->parts[spec->part_count++];
        begin(part, m, kinds[i]);
        part->name = mem_text(kinds[i]->name);
        take_uplink(part, m);
        part->on_demand = true;
    }
    return true;
}

void spec_router(struct spec *spec)
{
    const struct view nothing = {.self = NULL};
    const struct sense_options none = {.net = NULL};
    const struct making m = {.settings = &nothing, .options = &none, .family = V4};
    const char *why;

    make_gateway(spec, &m, &why);
    spec->on_demand = true;
}

static bool make_auto(struct spec *spec, const struct making *m, const char **why)
{
    struct making interface = *m;

    make_simple(spec, m, &source_auto);
    spec->private_too = conf_bool(m->settings, "allow-private");
    take_transport(spec, m, true);
    spec->parts = mem_array(PARTS_MAX, sizeof *spec->parts);
    interface.word = m->family == V4 ? "ifv4" : "ifv6";
    if (!make_interface(&spec->parts[spec->part_count++], &interface, why))
        return false;
    if (m->family == V4) {
        struct spec *router = &spec->parts[spec->part_count++];
        make_gateway(router, m, why);
        router->on_demand = true;
    }
    return true;
}

static bool make_tr064(struct spec *spec, const struct making *m, const char **why)
{
    make_simple(spec, m, &source_tr064);
    take_transport(spec, m, false);
    spec->arg = mem_text(router_argument(m));
    return true;
}

static bool make_word_alone(struct spec *spec, const struct making *m, const char **why)
{
    static const struct source_kind *const kinds[] = {&source_natpmp, &source_pcp, &source_upnp,
                                                      &source_stun, &source_dns};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (text_case_equal(kinds[i]->name, m->word))
            make_simple(spec, m, kinds[i]);
    take_uplink(spec, m);
    spec->timeout = OUTSIDE_LIMIT;
    return true;
}

static bool make_pushed(struct spec *spec, const struct making *m, const char **why)
{
    const char *device = get(m, "pushed");

    if (device == NULL)
        return broken(spec, m, "pushed= is not set: the device that tells the address");
    begin(spec, m, &source_pushed);
    spec->arg = mem_text(device);
    spec->name = mem_format("pushed %s", device);
    return true;
}

/* --- named objects --- */

static bool make_object(struct spec *spec, const struct making *m, const struct view *v,
                        const char *name)
{
    const char *kind = view_get(v, "kind");
    struct making by = *m; /* its own way out, else the entry's */

    if (view_get(v, "uplink") != NULL)
        by.settings = v;
    begin(spec, m, &source_pushed);
    if (text_equal(kind, "interface")) {
        spec->kind = &source_interface;
        spec->arg = mem_text(view_get(v, "interface"));
    } else if (text_equal(kind, "web") && view_get(v, "url") != NULL) {
        spec->kind = &source_web;
        set_page(spec, view_get(v, "url"), true);
        spec->timeout = conf_length(v, "timeout");
        take_uplink(spec, &by);
    } else if (text_equal(kind, "command") && view_get(v, "cmd") != NULL) {
        spec->kind = &source_command;
        spec->arg = mem_text(view_get(v, "cmd"));
        spec->setting = mem_text("cmd");
        spec->entry = mem_format("source:%s", name);
        spec->timeout = conf_length(v, "timeout");
    } else if (text_equal(kind, "pushed")) {
        const char *device = view_get(v, "pushed");
        spec->arg = mem_text(device != NULL ? device : name);
    } else {
        return broken(spec, m, "the source object %s has a kind that is not known", name);
    }
    if (spec->arg == NULL)
        spec->arg = mem_text("default");
    mem_free(spec->name);
    spec->name = mem_text(name);
    return true;
}

/* The prefix that from= of the object names: an interface, a prefix itself or a source object. */
static bool make_prefix(struct spec *spec, const struct making *m, const struct view *v)
{
    const char *from = view_get(v, "from") != NULL ? view_get(v, "from") : view_get(v, "interface");
    const char *slash = from != NULL ? strchr(from, '/') : NULL;
    struct view source;
    struct addr a;

    if (from == NULL)
        return broken(spec, m, "the prefix object has no from=");
    if (slash != NULL && addr_parse_n(from, (size_t)(slash - from), &a) && a.family == V6) {
        char text[ADDR_TEXT_MAX];
        begin(spec, m, &source_fixed);
        spec->arg = mem_text(addr_text(&a, text));
        spec->name = mem_format("prefix %s", from);
        return true;
    }
    if (object(m, "source", from, &source)) {
        make_object(spec, m, &source, from);
        spec->length = spec->kind != &source_broken ? (unsigned)conf_number(v, "length") : 0;
        return true;
    }
    begin(spec, m, &source_prefix);
    spec->arg = mem_text(text_case_equal(from, "default") ? "default" : from);
    spec->length = (unsigned)conf_number(v, "length");
    spec->private_too = conf_bool(m->settings, "allow-private");
    spec->name = mem_format("prefix on %s", spec->arg);
    return true;
}

static bool make_named_prefix(struct spec *spec, const struct making *m, const char **why)
{
    const char *name = get(m, "prefix");
    struct view v;

    if (name == NULL)
        return broken(spec, m, "prefix= is not set: the name of a prefix object");
    if (!object(m, "prefix", name, &v))
        return broken(spec, m, "there is no define=prefix:%s", name);
    if (get(m, "suffix") == NULL)
        return broken(spec, m, "suffix= is not set: the host's part of the address");
    return make_prefix(spec, m, &v);
}

/* --- the words --- */

enum { IN_USE = 1, IN_4 = 2, IN_6 = 4, ANY = IN_USE | IN_4 | IN_6 };

/* ddclient's words (the language's reference, section 3.1) and homing's. Old words are understood
 * in each of the three settings. */
static const struct {
    const char *word;
    unsigned in;
    bool (*make)(struct spec *spec, const struct making *m, const char **why);
} words[] = {
    {"ip", ANY, make_fixed},
    {"ipv4", IN_4, make_fixed},
    {"ipv6", IN_6, make_fixed},
    {"if", ANY, make_interface},
    {"ifv4", IN_4, make_interface},
    {"ifv6", IN_6, make_interface},
    {"web", ANY, make_web},
    {"webv4", IN_4, make_web},
    {"webv6", IN_6, make_web},
    {"cmd", ANY, make_command},
    {"cmdv4", IN_4, make_command},
    {"cmdv6", IN_6, make_command},
    {"filev4", IN_4, make_file},
    {"filev6", IN_6, make_file},
    {"fw", ANY, make_router},
    {"fwv4", IN_4, make_router},
    {"fwv6", IN_6, make_router},
    {"auto", IN_4 | IN_6, make_auto},
    {"router", IN_4, make_gateway},
    {"natpmp", IN_4, make_word_alone},
    {"pcp", IN_4 | IN_6, make_word_alone},
    {"tr064", IN_4 | IN_6, make_tr064},
    {"upnp", IN_4, make_word_alone},
    {"stun", IN_4 | IN_6, make_word_alone},
    {"dns", IN_4 | IN_6, make_word_alone},
    {"pushed", IN_4 | IN_6, make_pushed},
    {"prefix", IN_6, make_named_prefix},
};

static bool make_word(struct spec *spec, const struct making *m, const char **why)
{
    unsigned in = m->neutral ? IN_USE : m->family == V4 ? IN_4 : IN_6;
    const struct device *d = device_find(m->word);
    struct view v;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_case_equal(words[i].word, m->word) && (words[i].in & in))
            return words[i].make(spec, m, why);
    if (object(m, "source", m->word, &v))
        return make_object(spec, m, &v, m->word);
    if (d != NULL)
        return make_device(spec, m, d);
    return broken(spec, m, "\"%s\" is not a source of %s addresses", m->word,
                  m->neutral ? "IPv4 or IPv6" : family_name(m->family));
}

static bool is_disabled(const char *word)
{
    return word == NULL || text_case_equal(word, "disabled") || text_case_equal(word, "no");
}

/* use= as it counts for an entry: without one, it is off as soon as one of the newer two is on. */
static const char *use_word(const struct view *settings)
{
    const char *use = view_get(settings, "use");

    if (use != NULL)
        return use;
    if (!is_disabled(view_get(settings, "usev4")) || !is_disabled(view_get(settings, "usev6")))
        return "disabled";
    return "ip";
}

static bool make_use(struct spec *spec, const struct making *m, const char **why)
{
    if (view_get(m->settings, "use") == NULL && get(m, "ip") == NULL)
        return broken(spec, m, "no source of the address is configured; usev4=auto finds it");
    return make_word(spec, m, why);
}

/* Wraps: the host's part behind what *spec learns. */
static bool make_suffix(struct spec *spec, const struct making *m)
{
    const char *text = get(m, "suffix");
    struct spec inner = *spec;
    unsigned length = inner.length != 0 ? inner.length : PREFIX_LENGTH;
    uint8_t suffix[16];

    if (inner.kind == &source_pushed) /* a router's own address is not of its LAN's prefix */
        inner.length = length;
    if (inner.kind == &source_broken)
        return true;
    bool in_dns = text_case_equal(text, "dns");
    if (in_dns && get(m, "host") == NULL)
        return broken(spec, m, "suffix=dns needs a hostname");
    if (!in_dns && !spec_suffix(text, suffix))
        return broken(spec, m, "suffix= is none of ::1:2:3:4, a MAC address and dns");
    begin(spec, m, in_dns ? &source_suffix_dns : &source_suffix);
    spec->families = FAMILY_BIT(V6);
    spec->neutral = false;
    spec->length = length;
    spec->name = mem_format("%s, suffix %s", inner.name, text);
    if (in_dns)
        spec->arg = mem_text(get(m, "host"));
    else
        memcpy(spec->suffix, suffix, sizeof suffix);
    spec->parts = mem_array(1, sizeof inner);
    spec->parts[0] = inner;
    spec->part_count = 1;
    return true;
}

/* Both are wanted: the modern word's answer, failing that use='s (section 2.7). */
static void make_either(struct spec *spec, const struct making *m, const struct spec *second)
{
    struct spec first = *spec;

    begin(spec, m, &source_either);
    spec->neutral = false;
    spec->families = FAMILY_BIT(m->family);
    spec->name = mem_format("%s, else %s", first.name, second->name);
    spec->parts = mem_array(2, sizeof first);
    spec->parts[0] = first;
    spec->parts[1] = *second;
    spec->part_count = 2;
}

bool spec_make(struct spec *spec, const struct view *settings, enum family family,
               const struct sense_options *options, const char **why)
{
    struct making m = {.settings = settings, .options = options, .family = family};
    struct making neutral = m;
    const char *modern = view_get(settings, family == V4 ? "usev4" : "usev6");
    const char *ignored = NULL;
    struct spec second = {0};
    bool has_first = false, has_second = false;

    *spec = (struct spec){0};
    *why = "disabled";
    neutral.word = use_word(settings);
    neutral.neutral = true;
    if (family == V6 && view_get(settings, "prefix") != NULL && !text_case_equal(modern, "no") &&
        !text_case_equal(modern, "disabled"))
        modern = "prefix";
    if (!is_disabled(modern)) {
        m.word = modern;
        has_first = make_word(spec, &m, why);
        if (has_first && family == V6 && view_get(settings, "suffix") != NULL)
            make_suffix(spec, &m);
    }
    if (!is_disabled(neutral.word))
        has_second = make_use(&second, &neutral, has_first ? &ignored : why);
    if (has_first && has_second)
        make_either(spec, &m, &second);
    else if (has_second)
        *spec = second;
    return has_first || has_second;
}

void spec_free(struct spec *spec)
{
    for (unsigned i = 0; i < spec->part_count; i++)
        spec_free(&spec->parts[i]);
    mem_free(spec->parts);
    mem_free(spec->name);
    mem_free(spec->arg);
    mem_free(spec->skip);
    mem_free(spec->login);
    mem_free_secret(spec->password);
    mem_free(spec->proxy);
    mem_free(spec->ca_file);
    mem_free(spec->ca_dir);
    mem_free(spec->interface);
    mem_free(spec->source_address);
    mem_free(spec->entry);
    mem_free(spec->setting);
    *spec = (struct spec){0};
}

bool spec_bound(const struct spec *spec)
{
    return spec->interface != NULL || spec->source_address != NULL || spec->mark != 0;
}
