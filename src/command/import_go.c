/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/libyaml.h"

/* ddns-go's .ddns_go_config.yaml: a list "dnsconf" of {ipv4, ipv6, dns, ttl}. */

struct doc {
    yaml_document_t yaml;
};

static yaml_node_t *member(struct doc *d, yaml_node_t *map, const char *name)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        yaml_node_t *key = yaml_document_get_node(&d->yaml, p->key);
        if (key != NULL && key->type == YAML_SCALAR_NODE &&
            text_case_equal((const char *)key->data.scalar.value, name))
            return yaml_document_get_node(&d->yaml, p->value);
    }
    return NULL;
}

/* The text of a member; NULL when absent or empty. Valid as long as the document. */
static const char *text_of(struct doc *d, yaml_node_t *map, const char *name)
{
    yaml_node_t *node = member(d, map, name);
    if (node == NULL || node->type != YAML_SCALAR_NODE || node->data.scalar.length == 0)
        return NULL;
    return (const char *)node->data.scalar.value;
}

/* "www:example.org?Line=x" names record and zone; "www.example.org" the hostname. */
static void add_host(struct import *im, const char *written, unsigned line)
{
    char *plain = mem_text_n(written, strcspn(written, "?"));
    char *colon = strchr(plain, ':');

    if (strchr(written, '?') != NULL)
        import_note(im, line, IMPORT_LEFT, written, "parameters after \"?\" are not carried over");
    if (colon == NULL) {
        import_host(im, plain);
    } else {
        *colon = '\0';
        char *full = plain[0] != '\0' && !text_equal(plain, "@")
                         ? mem_format("%s.%s", plain, colon + 1)
                         : mem_text(colon + 1);
        import_host(im, full);
        mem_free(full);
    }
    mem_free(plain);
}

static void add_source(struct import *im, struct doc *d, yaml_node_t *family, bool six,
                       unsigned line)
{
    const char *kind = text_of(d, family, "gettype");
    const char *interface = text_of(d, family, "netinterface"),
               *command = text_of(d, family, "cmd");
    const char *use = six ? "usev6" : "usev4";

    if (text_case_equal(kind, "netInterface") && interface != NULL) {
        import_set(im, use, six ? "ifv6" : "ifv4");
        import_set(im, six ? "ifv6" : "ifv4", interface);
    } else if (text_case_equal(kind, "cmd") && command != NULL) {
        import_set(im, use, six ? "cmdv6" : "cmdv4");
        import_set(im, six ? "cmdv6" : "cmdv4", command);
    } else {
        import_set(im, use, "auto");
        import_note(im, line, IMPORT_OTHER, six ? "ipv6 url" : "ipv4 url",
                    "%s=auto asks the interface, the router or several services instead", use);
    }
    if (six && text_of(d, family, "ipv6reg") != NULL)
        import_note(im, line, IMPORT_LEFT, "ipv6reg", "use suffix= or another source instead");
}

static bool add_fields(struct import *im, struct doc *d, yaml_node_t *entry, unsigned line,
                       const char *what)
{
    yaml_node_t *dns = member(d, entry, "dns");
    const char *name = text_of(d, dns, "name"), *id = text_of(d, dns, "id"),
               *secret = text_of(d, dns, "secret"), *ttl = text_of(d, entry, "ttl");

    if (name == NULL || !import_provider(im, "ddns-go", name)) {
        import_no_provider(im, line, what, name != NULL ? name : "");
        return false;
    }
    if (id != NULL && secret != NULL && text_equal(im->provider->id, "dnspod")) {
        char *token = mem_format("%s,%s", id, secret); /* its token is "ID,TOKEN" */
        import_set(im, "password", token);
        mem_free_secret(token);
        id = secret = NULL;
    }
    if (id != NULL && !import_field(im, "id", id))
        import_note(im, line, IMPORT_LEFT, "id", "this provider has no login");
    if (secret != NULL && !import_field(im, "secret", secret))
        import_note(im, line, IMPORT_LEFT, "secret", "this provider has no password");
    if (text_of(d, dns, "extparam") != NULL)
        import_note(im, line, IMPORT_LEFT, "extparam", "this provider has no such field here");
    if (text_of(d, entry, "httpinterface") != NULL)
        import_note(im, line, IMPORT_LEFT, "httpinterface",
                    "homing has no such setting for a hostname");
    if (ttl != NULL)
        import_set(im, "ttl", ttl);
    return true;
}

/* The names of a family that is enabled; NULL: none. */
static yaml_node_t *domains_of(struct doc *d, yaml_node_t *entry, bool six)
{
    yaml_node_t *family = member(d, entry, six ? "ipv6" : "ipv4");
    yaml_node_t *domains = member(d, family, "domains");

    return text_equal(text_of(d, family, "enable"), "true") && domains != NULL &&
                   domains->type == YAML_SEQUENCE_NODE
               ? domains
               : NULL;
}

/* Of the list from "at" on: the next name, which is valid as long as the document; NULL at the end.
 */
static const char *next_name(struct doc *d, yaml_node_t *list, size_t *at)
{
    yaml_node_item_t *items = list != NULL ? list->data.sequence.items.start : NULL;
    size_t count = list != NULL ? (size_t)(list->data.sequence.items.top - items) : 0;

    while (*at < count) {
        yaml_node_t *node = yaml_document_get_node(&d->yaml, items[(*at)++]);
        if (node != NULL && node->type == YAML_SCALAR_NODE && node->data.scalar.length > 0)
            return (const char *)node->data.scalar.value;
    }
    return NULL;
}

static bool has_name(struct doc *d, yaml_node_t *list, const char *name)
{
    const char *other;
    size_t at = 0;

    while ((other = next_name(d, list, &at)) != NULL)
        if (text_case_equal(other, name))
            return true;
    return false;
}

/* A statement for the names that have these families and no others: each family has a list of its
 * own, and a hostname that stands in both is one. */
static void add_statement(struct import *im, struct doc *d, yaml_node_t *entry, bool four, bool six)
{
    yaml_node_t *list = domains_of(d, entry, !four), *other = domains_of(d, entry, four);
    unsigned line = (unsigned)entry->start_mark.line + 1;
    const char *what = four && six ? "dnsconf ipv4 and ipv6"
                       : six       ? "dnsconf ipv6"
                                   : "dnsconf ipv4";
    bool both = four && six, any = false;
    const char *name;

    for (size_t at = 0; (name = next_name(d, list, &at)) != NULL;)
        any = any || has_name(d, other, name) == both;
    if (!any)
        return;
    import_begin(im, line);
    if (!add_fields(im, d, entry, line, what))
        return;
    if (four)
        add_source(im, d, member(d, entry, "ipv4"), false, line);
    if (six)
        add_source(im, d, member(d, entry, "ipv6"), true, line);
    for (size_t at = 0; (name = next_name(d, list, &at)) != NULL;)
        if (has_name(d, other, name) == both)
            add_host(im, name, line);
    if (im->hosts.len == 0) {
        import_drop(im);
        return;
    }
    import_note(im, line, IMPORT_TAKEN, what, "%s", buf_str(&im->hosts));
    import_end(im);
}

static void add_all(struct import *im, struct doc *d, yaml_node_t *list)
{
    for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top;
         i++) {
        yaml_node_t *entry = yaml_document_get_node(&d->yaml, *i);
        if (entry == NULL || entry->type != YAML_MAPPING_NODE)
            continue;
        add_statement(im, d, entry, true, true);
        add_statement(im, d, entry, true, false);
        add_statement(im, d, entry, false, true);
    }
}

static enum err read_go(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    yaml_parser_t parser;
    struct doc d;
    enum err e = OK;

    if (!yaml_parser_initialize(&parser))
        return cause_set(cause, ERR_MEMORY, "the YAML reader can not be set up");
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, n);
    if (!yaml_parser_load(&parser, &d.yaml)) {
        e = cause_set(cause, ERR_SYNTAX, "line %zu: %s", parser.problem_mark.line + 1,
                      parser.problem != NULL ? parser.problem : "this is not YAML");
    } else {
        yaml_node_t *root = yaml_document_get_root_node(&d.yaml);
        yaml_node_t *list = member(&d, root, "dnsconf");
        if (list == NULL || list->type != YAML_SEQUENCE_NODE)
            e = cause_set(cause, ERR_SYNTAX, "there is no list \"dnsconf\" in it");
        else
            add_all(im, &d, list);
        if (member(&d, root, "webhook") != NULL &&
            text_of(&d, member(&d, root, "webhook"), "webhookurl"))
            import_note(im, 0, IMPORT_OTHER, "webhook", "see define=notify: in homing.conf(5)");
        yaml_document_delete(&d.yaml);
    }
    yaml_parser_delete(&parser);
    return e;
}

static bool looks_go(const char *bytes, size_t n)
{
    return memmem(bytes, n, "dnsconf:", 8) != NULL;
}

const struct import_format import_go = {
    .name = "ddns-go",
    .about = ".ddns_go_config.yaml of ddns-go",
    .looks = looks_go,
    .read = read_go,
};
