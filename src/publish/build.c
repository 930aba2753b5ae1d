/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/build.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/expand.h"
#include "publish/judge.h"
#include "publish/sign/sign.h"

#include <string.h>
#include <strings.h>

/* Lays b over a: objects member by member, the rest replaced. */
static void lay_over(json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)b, key, value)
    {
        json_t *under = json_object_get(a, key);
        if (json_is_object(under) && json_is_object(value)) {
            json_t *copy = json_copy(under);
            lay_over(copy, value);
            json_object_set_new(a, key, copy);
        } else {
            json_object_set(a, key, value);
        }
    }
}

json_t *build_merge(const struct provider *p, const json_t *step, const json_t *over,
                    const struct vars *vars)
{
    const json_t *common = json_object_get(p->root, "common");
    json_t *out = NULL;

    if (json_is_object(common))
        out = json_copy((json_t *)common);
    for (size_t i = 0; json_is_array(common) && i < json_array_size(common) && out == NULL; i++) {
        json_t *one = json_array_get(common, i);
        const json_t *condition = json_object_get(one, "if");
        if (condition == NULL || judge_if(condition, vars))
            out = json_copy(one);
    }
    if (out == NULL)
        out = json_object();
    json_object_del(out, "if");
    /* Of the bodies only the step's own kind counts. */
    static const char *const bodies[] = {"json", "form", "xml", "text"};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            if (i != j && json_object_get(step, bodies[i]) != NULL)
                json_object_del(out, bodies[j]);
    lay_over(out, step);
    if (over != NULL)
        lay_over(out, over);
    return out;
}

/* What may stand for "{server}" or an address of the user's: no way to change what follows. */
static bool is_url_piece(const char *s, bool whole)
{
    for (const char *c = s; *c != '\0'; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || strchr("\"<>\\^`{|}#@", *c))
            return false;
    return whole ? strncasecmp(s, "https://", 8) == 0 || strncasecmp(s, "http://", 7) == 0
                 : strpbrk(s, "?&=") == NULL && s[0] != '\0';
}

static bool says_no(const struct vars *vars, const char *name)
{
    static const char *const no[] = {"no", "n", "false", "f", "0"};
    char *text = vars_text(vars, name, NULL);
    bool found = false;

    for (size_t i = 0; text != NULL && i < sizeof no / sizeof no[0]; i++)
        found = found || text_case_equal(text, no[i]);
    mem_free(text);
    return found;
}

/* Behind the server only a path may follow, never more of a host's name. */
static bool is_path_setting(const char *base, const struct vars *vars)
{
    static const char *const names[] = {"script", "path"};
    bool fine = true;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *hole = mem_format("{%s}", names[i]);
        char *value = strstr(base, hole) != NULL ? vars_text(vars, names[i], NULL) : NULL;
        fine = fine && (value == NULL || value[0] == '/');
        mem_free(value);
        mem_free(hole);
    }
    return fine;
}

/*
 * The prefix of every path. A base that begins with a placeholder may bring its own scheme in it;
 * without one it is https, or http when "ssl" says no. Before "https://{server}" the scheme of
 * {server} counts, too, where it has one.
 */
static enum err base_url(const struct provider *p, const json_t *merged, const struct vars *vars,
                         struct marked *url, struct cause *c)
{
    const char *base = json_string_value(json_object_get(merged, "base"));
    struct expand e = {vars, NULL, c};
    struct marked text;

    if (base == NULL)
        base = provider_text(p, "base", NULL);
    if (base == NULL)
        return cause_set(c, ERR_SYNTAX, "the provider file has no base");
    char *server = vars_text(vars, "server", NULL);
    if (strstr(base, "{server}") != NULL && (server == NULL || !is_url_piece(server, false))) {
        mem_free(server);
        return cause_set(c, ERR_RANGE, "\"server\" is not the name of a server");
    }
    if (!is_path_setting(base, vars)) {
        mem_free(server);
        return cause_set(c, ERR_RANGE, "\"script\" and \"path\" begin with a slash");
    }
    bool own = server != NULL && strstr(server, "://") != NULL;
    const char *rest = own && text_starts(base, "https://{server}") ? base + 8 : base;
    mem_free(server);
    marked_init(&text);
    enum expanded r = expand_text(&e, rest, PLACE_PLAIN, &text);
    if (r == EXPANDED && strncasecmp(marked_str(&text), "http://", 7) != 0 &&
        strncasecmp(marked_str(&text), "https://", 8) != 0)
        marked_text(url, says_no(vars, "ssl") ? "http://" : "https://");
    bool ok = r == EXPANDED && marked_join(url, &text) && is_url_piece(marked_str(url), true);
    marked_free(&text);
    /* The path brings the slash between them. */
    while (ok && json_object_get(merged, "path") != NULL && url->text.len > 0 &&
           url->text.data[url->text.len - 1] == '/')
        url->text.data[--url->text.len] = '\0';
    if (ok)
        return OK;
    return r == EXPAND_FAILED ? ERR_NOT_FOUND
                              : cause_set(c, ERR_RANGE, "the address of the server is not usable");
}

static size_t origin_length(const char *url)
{
    const char *host = strstr(url, "://");
    return host != NULL ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

/* "url": a whole address out of a reply or a setting; it must stay at the base's scheme and host.
 */
static enum err own_url(const json_t *merged, const struct marked *base, const struct expand *e,
                        struct marked *url)
{
    enum expanded r =
        expand_text(e, json_string_value(json_object_get(merged, "url")), PLACE_PLAIN, url);
    size_t n = origin_length(marked_str(base));

    if (r != EXPANDED)
        return r == EXPAND_FAILED ? ERR_NOT_FOUND
                                  : cause_set(e->cause, ERR_NOT_FOUND, "the address is not known");
    if (!is_url_piece(marked_str(url), true) || origin_length(marked_str(url)) != n ||
        strncmp(marked_str(url), marked_str(base), n) != 0)
        return cause_set(e->cause, ERR_DENIED, "the provider sent us to another server");
    return OK;
}

static enum err add_query(const json_t *merged, const struct expand *e, struct marked *url)
{
    const json_t *query = json_object_get(merged, "query");
    struct marked pairs;

    if (query == NULL)
        return OK;
    marked_init(&pairs);
    enum expanded r = expand_pairs(e, query, PLACE_QUERY, &pairs);
    if (r == EXPANDED && pairs.text.len > 0) {
        marked_text(url, strchr(marked_str(url), '?') != NULL ? "&" : "?");
        if (!marked_join(url, &pairs))
            r = EXPAND_FAILED;
    }
    marked_free(&pairs);
    return r == EXPANDED ? OK : ERR_NOT_FOUND;
}

static enum err make_url(const struct provider *p, const json_t *merged, const struct expand *e,
                         struct request *r)
{
    const char *path = json_string_value(json_object_get(merged, "path"));
    struct marked base;
    enum err err;

    marked_init(&base);
    err = base_url(p, merged, e->vars, &base, e->cause);
    if (err == OK && json_object_get(merged, "url") != NULL) {
        err = own_url(merged, &base, e, &r->url);
    } else if (err == OK) {
        marked_join(&r->url, &base);
        if (path != NULL && expand_path(e, path, &r->url) != EXPANDED)
            err = ERR_NOT_FOUND;
        const char *host_end = marked_str(&r->url) + origin_length(marked_str(&r->url));
        if (err == OK && *host_end == '\0')
            marked_text(&r->url, "/");
    }
    marked_free(&base);
    return err == OK ? add_query(merged, e, &r->url) : err;
}

static enum err add_headers(const json_t *merged, const struct expand *e, struct request *r)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(merged, "headers"), name, value)
    {
        struct marked text;
        marked_init(&text);
        enum expanded x = expand_leaf(e, value, PLACE_HEADER, &text);
        if (x == EXPANDED)
            marked_join(request_header(r, name), &text);
        marked_free(&text);
        if (x == EXPAND_FAILED)
            return ERR_RANGE;
    }
    return OK;
}

/* A colon ends the login (RFC 7617, 2); ddclient's words send it all the same, as ddclient does. */
static enum err add_basic(const struct provider *p, const json_t *merged, const struct expand *e,
                          struct request *r)
{
    const json_t *pair = json_object_get(merged, "basic");
    struct marked login, text;
    struct buf out;

    if (pair == NULL)
        return OK;
    marked_init(&login);
    marked_init(&text);
    enum err err = OK;
    enum expanded x =
        expand_text(e, json_string_value(json_array_get(pair, 0)), PLACE_PLAIN, &login);
    if (x == EXPANDED && !p->info.compat && strchr(marked_str(&login), ':') != NULL)
        err = cause_set(e->cause, ERR_RANGE,
                        "the login holds a colon, which Basic credentials can not");
    marked_join(&text, &login);
    marked_text(&text, ":");
    if (x != EXPAND_FAILED)
        x = expand_text(e, json_string_value(json_array_get(pair, 1)), PLACE_PLAIN, &text);
    if (x == EXPAND_FAILED)
        err = ERR_NOT_FOUND;
    if (err == OK && x == EXPANDED) {
        buf_init(&out, MARKED_MAX);
        text_add_base64(&out, marked_str(&text), text.text.len);
        struct marked *header = request_header(r, "Authorization");
        marked_text(header, "Basic ");
        marked_secret(header, buf_str(&out));
        buf_wipe(&out);
    }
    marked_free(&login);
    marked_free(&text);
    return err;
}

static void default_header(struct request *r, const char *name, const char *value)
{
    if (request_find_header(r, name) == NULL)
        marked_text(request_header(r, name), value);
}

static enum err add_body(const json_t *merged, const struct expand *e, struct request *r)
{
    const json_t *json = json_object_get(merged, "json");
    const json_t *form = json_object_get(merged, "form");
    const json_t *xml = json_object_get(merged, "xml");
    const json_t *text = json_object_get(merged, "text");
    enum expanded x = EXPANDED;

    r->has_body = json != NULL || form != NULL || xml != NULL || text != NULL;
    if (json != NULL) {
        default_header(r, "Content-Type", "application/json");
        x = expand_json(e, json, &r->body);
    } else if (form != NULL) {
        bool plus = json_is_true(json_object_get(merged, "plus"));
        struct expand plain = {e->vars, NULL, e->cause};
        default_header(r, "Content-Type", "application/x-www-form-urlencoded");
        x = expand_pairs(&plain, form, plus ? PLACE_PLUS : PLACE_QUERY, &r->body);
    } else if (xml != NULL) {
        default_header(r, "Content-Type", "application/xml");
        x = expand_xml(e, xml, &r->body);
    } else if (text != NULL) {
        x = expand_text(e, json_string_value(text), PLACE_PLAIN, &r->body);
    }
    return x == EXPAND_FAILED ? ERR_NOT_FOUND : OK;
}

enum err build_request(const struct provider *p, const json_t *merged, const struct vars *vars,
                       struct request *r, struct cause *c)
{
    const char *method = json_string_value(json_object_get(merged, "method"));
    const char *reply = json_string_value(json_object_get(merged, "reply"));
    const json_t *family = json_object_get(merged, "family");
    struct expand e = {vars, json_string_value(json_object_get(merged, "raw")), c};
    bool has_body = json_object_get(merged, "json") != NULL ||
                    json_object_get(merged, "form") != NULL ||
                    json_object_get(merged, "xml") != NULL;

    c->text[0] = '\0';
    request_method(r, method != NULL ? method : has_body ? "POST" : "GET");
    enum err err = make_url(p, merged, &e, r);
    if (err == OK)
        err = add_basic(p, merged, &e, r);
    if (err == OK)
        err = add_headers(merged, &e, r);
    if (err == OK)
        err = add_body(merged, &e, r);
    if (err != OK && c->text[0] == '\0')
        cause_set(c, err, "the request could not be made of its template");
    if (err != OK)
        return err;
    if (reply == NULL || text_equal(reply, "json"))
        default_header(r, "Accept", "application/json");
    if (family != NULL) {
        struct marked text;
        marked_init(&text);
        if (expand_text(&e, json_string_value(family), PLACE_PLAIN, &text) == EXPANDED)
            r->family = text_equal(marked_str(&text), "6") || text_equal(marked_str(&text), "AAAA")
                            ? V6
                            : V4;
        marked_free(&text);
    }
    r->reply_max = (size_t)provider_number(p, "reply_max", 0);
    return OK;
}

enum err build_sign(const struct provider *p, const json_t *merged, const struct vars *vars,
                    struct request *r, struct cause *c)
{
    const json_t *own = json_object_get(merged, "sign");
    const json_t *sign = own != NULL ? own : json_object_get(p->root, "sign");

    return json_is_object(sign) ? sign_request(sign, vars, r, c) : OK;
}
