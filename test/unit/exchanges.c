/*
 * SPDX-License-Identifier: ISC
 */
#include "exchanges.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/names.h"
#include "publish/provider_data.h"
#include "publish/xml.h"

#include <string.h>

enum { CLOCK_DEFAULT = 1700000000 };

static const char *setting_get(const void *self, const char *name)
{
    return json_string_value(json_object_get(self, name));
}

static bool setting_secret(const void *self, const char *name)
{
    return text_equal(name, "password");
}

/* Always the same bytes. */
static void not_random(void *arg, void *bytes, size_t n)
{
    (void)arg;
    memset(bytes, 0x11, n);
}

static void read_set(const json_t *list, enum family family, struct addrset *out)
{
    struct addr a;

    for (size_t i = 0; i < json_array_size(list); i++)
        if (addr_parse(json_string_value(json_array_get(list, i)), &a) && a.family == family)
            addrset_add(out, &a);
}

/* "wanted": {"A": ["192.0.2.1"]}; an empty list means delete. "due": which are to be sent (all). */
static void read_wants(struct member *m, const json_t *host)
{
    const json_t *wanted = json_object_get(host, "wanted");
    const json_t *published = json_object_get(host, "published");
    const json_t *due = json_object_get(host, "due");

    for (int f = V4; f <= V6; f++) {
        const char *type = family_type((enum family)f);
        const json_t *list = json_object_get(wanted, type);
        const json_t *is_due = json_object_get(due, type);
        m->want[f].known = list != NULL;
        m->want[f].due = list != NULL && !json_is_false(is_due);
        read_set(list, (enum family)f, &m->want[f].wanted);
        m->want[f].published_known = json_object_get(published, type) != NULL;
        read_set(json_object_get(published, type), (enum family)f, &m->want[f].published);
    }
}

static enum step_policy policy_of(const json_t *given, const struct provider *p)
{
    const char *word = json_string_value(json_object_get(given, "policy"));

    if (word == NULL)
        return p->info.compat ? POLICY_FIRST : POLICY_KEEP;
    return text_equal(word, "replace") ? POLICY_REPLACE
           : text_equal(word, "first") ? POLICY_FIRST
                                       : POLICY_BESIDE;
}

void replay_begin(struct replay *r, const struct provider *p, const json_t *given)
{
    const json_t *hosts = json_object_get(given, "hosts");
    const char *key;
    json_t *value;

    *r = (struct replay){.provider = p, .given = given, .memory = memory_new()};
    r->member_count = hosts != NULL ? json_array_size(hosts) : 1;
    r->members = mem_array(r->member_count, sizeof r->members[0]);
    r->settings = mem_array(r->member_count, sizeof(json_t *));
    for (size_t i = 0; i < r->member_count; i++) {
        const json_t *host = hosts != NULL ? json_array_get(hosts, i) : given;
        json_t *all = json_object();
        json_object_update(all, json_object_get(given, "settings"));
        json_object_update(all, json_object_get(host, "settings"));
        r->settings[i] = all;
        r->members[i].hostname = json_string_value(json_object_get(host, "host"));
        r->members[i].settings = (struct view){all, setting_get, setting_secret};
        read_wants(&r->members[i], host);
    }
    json_object_foreach(json_object_get(given, "memory"), key, value)
        memory_put(r->memory, key, json_string_value(value), NEVER, false);
    r->job = (struct job){.members = r->members,
                          .member_count = r->member_count,
                          .memory = r->memory,
                          .policy = policy_of(given, p),
                          .dry = false,
                          .agent = "homing/test"};
    r->outcomes = json_array();
    r->mono = HOUR;
    step_out_init(&r->out);
    const struct protocol *dialogue = registry_dialogue(p->info.speaks);
    r->step = dialogue->start(&r->job, p);
}

void replay_end(struct replay *r)
{
    registry_dialogue(r->provider->info.speaks)->end(r->step);
    step_out_free(&r->out);
    memory_free(r->memory);
    for (size_t i = 0; i < r->member_count; i++)
        json_decref(r->settings[i]);
    mem_free(r->settings);
    mem_free(r->members);
    json_decref(r->outcomes);
}

static void collect(struct replay *r)
{
    for (size_t i = 0; i < r->out.outcome_count; i++) {
        const struct outcome *o = &r->out.outcomes[i];
        const char *types = o->families == FAMILY_BIT(V4)   ? "A"
                            : o->families == FAMILY_BIT(V6) ? "AAAA"
                                                            : "all";
        json_t *one = json_pack("{s:s, s:s, s:s}", "host",
                                o->member < 0 ? "*" : r->members[o->member].hostname, "type", types,
                                "class", outcome_rule(o->cls)->name);
        if (o->wait > 0)
            json_object_set_new(one, "wait", json_integer(o->wait / SECOND));
        if (o->say != NULL)
            json_object_set_new(one, "say", json_string(o->say));
        json_array_append_new(r->outcomes, one);
    }
}

void replay_go(struct replay *r, enum step_event event, const struct reply *reply)
{
    const json_t *clock = json_object_get(r->given, "clock");
    msec wall = (json_is_integer(clock) ? json_integer_value(clock) : CLOCK_DEFAULT) * SECOND;
    struct step_in in = {.event = event,
                         .reply = reply,
                         .now = {r->mono, wall + (r->mono - HOUR)},
                         .random = not_random};

    step_out_free(&r->out);
    registry_dialogue(r->provider->info.speaks)->go(r->step, &in, &r->out);
    collect(r);
    r->done = r->done || r->out.done;
}

void replay_settle(struct replay *r)
{
    while (!r->done && r->out.request_count == 0 && r->out.wait >= 0 && r->timers++ < 1000) {
        r->mono += r->out.wait;
        replay_go(r, STEP_TIMER, NULL);
    }
}

json_t *replay_request(const struct request *r)
{
    json_t *headers = json_object();
    json_t *out = json_pack("{s:s, s:s, s:o}", "method", r->method, "url", marked_str(&r->url),
                            "headers", headers);

    for (size_t i = 0; i < r->header_count; i++)
        json_object_set_new(headers, r->headers[i].name,
                            json_string(marked_str(&r->headers[i].value)));
    if (r->has_body) {
        json_t *body = json_loads(marked_str(&r->body), 0, NULL);
        json_object_set_new(out, "body", body != NULL ? body : json_string(marked_str(&r->body)));
    }
    if (r->family >= 0)
        json_object_set_new(out, "family", json_string(family_type((enum family)r->family)));
    return out;
}

static enum net_error error_of(const char *word)
{
    return text_equal(word, "timeout")   ? NET_TIMEOUT
           : text_equal(word, "reset")   ? NET_RESET
           : text_equal(word, "refused") ? NET_REFUSED
           : text_equal(word, "dry")     ? NET_DRY
                                         : NET_OK;
}

void replay_reply(const json_t *spec, struct reply *out)
{
    const json_t *body = json_object_get(spec, "body");
    const char *sent = json_string_value(json_object_get(spec, "sent"));
    const char *key;
    json_t *value;

    reply_init(out);
    out->error = error_of(json_string_value(json_object_get(spec, "error")));
    out->sent = text_equal(sent, "no")      ? SENT_NO
                : text_equal(sent, "maybe") ? SENT_MAYBE
                : out->error == NET_REFUSED ? SENT_NO
                : out->error != NET_OK      ? SENT_MAYBE
                                            : SENT_YES;
    out->status =
        out->error == NET_OK ? (int)json_integer_value(json_object_get(spec, "status")) : 0;
    if (out->error == NET_OK && out->status == 0)
        out->status = 200;
    json_object_foreach(json_object_get(spec, "headers"), key, value) reply_header_add(
        out, key, strlen(key), json_string_value(value), strlen(json_string_value(value)));
    if (json_is_string(body)) {
        buf_text(&out->body, json_string_value(body));
    } else if (body != NULL) {
        char *text = json_dumps(body, JSON_COMPACT);
        buf_text(&out->body, text);
        mem_free(text);
    }
}

json_t *exchanges_load(const char *folder, const char *file)
{
    char *path = mem_format("%s/%s", folder, file);
    json_t *out = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);

    mem_free(path);
    return out;
}

static void add_shape(const json_t *v, struct buf *out)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_object(v)) {
        buf_char(out, '{');
        json_object_foreach((json_t *)v, key, member)
        {
            buf_format(out, "%s:", key);
            add_shape(member, out);
            buf_char(out, ',');
        }
        buf_char(out, '}');
    } else if (json_is_array(v)) {
        buf_char(out, '[');
        json_array_foreach(v, i, member)
        {
            add_shape(member, out);
            buf_char(out, ',');
        }
        buf_char(out, ']');
    } else {
        buf_char(out, 'v');
    }
}

/* Is it this value, written with percents? */
static bool is_value(const char *s, size_t n, const char *value)
{
    for (size_t i = 0; i < n; value++) {
        unsigned c = (unsigned char)s[i];
        if (c == '%' && (n - i < 3 || sscanf(s + i + 1, "%2x", &c) != 1))
            return false;
        i += s[i] == '%' ? 3 : 1;
        if (c == 0 || c != (unsigned char)*value)
            return false;
    }
    return *value == '\0';
}

/* Names of "a=b&c=d"; a member that is the value alone has none. */
static void add_names(const char *pairs, const char *value, struct buf *out)
{
    while (*pairs != '\0') {
        size_t n = strcspn(pairs, "&");
        size_t name = strcspn(pairs, "=&");
        if (value != NULL && is_value(pairs, n, value))
            buf_char(out, '*');
        else
            buf_add(out, pairs, name);
        buf_char(out, ' ');
        pairs += n + (pairs[n] == '&');
    }
}

static bool add_url(const char *url, const char *value, struct buf *out)
{
    static const char allowed[] = "-._~:/?[]@!$'()*+,;=&%";
    const char *host = strstr(url, "://");

    for (const char *c = url; *c != '\0'; c++)
        if (!text_is_alpha(*c) && !text_is_digit(*c) && strchr(allowed, *c) == NULL)
            return false;
    if (host == NULL || strstr(url, "/../") != NULL || strstr(url, "/./") != NULL ||
        text_ends(url, "/.."))
        return false;
    const char *path = host + 3 + strcspn(host + 3, "/?");
    const char *query = path + strcspn(path, "?");
    unsigned segments = 0;
    for (const char *c = path; c < query; c++)
        segments += *c == '/';
    buf_add(out, url, (size_t)(path - url));
    buf_format(out, " %u ? ", segments);
    if (*query == '?')
        add_names(query + 1, value, out);
    return true;
}

static bool add_body(const struct request *r, struct buf *out)
{
    const struct marked *type = request_find_header((struct request *)r, "Content-Type");
    const char *body = marked_str(&r->body);
    json_t *tree;

    if (type != NULL && strstr(marked_str(type), "json") != NULL)
        tree = json_loads(body, JSON_DECODE_ANY, NULL);
    else if (type != NULL && strstr(marked_str(type), "xml") != NULL)
        tree = xml_parse(body, r->body.text.len);
    else {
        add_names(body, NULL, out);
        return true;
    }
    if (tree == NULL)
        return false;
    add_shape(tree, out);
    json_decref(tree);
    return true;
}

char *replay_structure(const struct request *r, const char *value)
{
    struct buf out;
    bool whole;

    buf_init(&out, 1 << 20);
    buf_format(&out, "%s ", r->method);
    whole = add_url(marked_str(&r->url), value, &out);
    for (size_t i = 0; i < r->header_count; i++) {
        const char *text = marked_str(&r->headers[i].value);
        buf_format(&out, "\n%s", r->headers[i].name);
        for (; *text != '\0'; text++)
            whole = whole && *text >= 0x20 && *text < 0x7f;
    }
    buf_text(&out, "\n\n");
    whole = (!r->has_body || add_body(r, &out)) && whole;
    if (!whole) {
        buf_clear(&out);
        buf_format(&out, "broken %s %s", marked_str(&r->url), marked_str(&r->body));
    }
    return buf_take(&out);
}
