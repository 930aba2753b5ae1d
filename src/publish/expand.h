/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_EXPAND_H
#define HOMING_PUBLISH_EXPAND_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/marked.h"
#include "publish/vars.h"

/*
 * Expands the templates of a provider file. A template is a JSON tree that is walked: each value is
 * escaped for the place where it stands, so none can change the structure around it, and bytes that
 * came from a secret stay marked. Makes text only; what a request is, build.h knows.
 */
enum place {
    PLACE_PLAIN,   /* as it is */
    PLACE_PATH,    /* RFC 3986, "/" too */
    PLACE_QUERY,   /* RFC 3986 */
    PLACE_PLUS,    /* form encoding with "+" for a space */
    PLACE_JSON,    /* inside a JSON string */
    PLACE_XML,     /* character data or an attribute */
    PLACE_HEADER,  /* refused outside 0x20..0x7E */
    PLACE_PATTERN, /* literal inside a POSIX extended pattern */
};

enum expanded {
    EXPANDED,
    EXPAND_ABSENT, /* an optional placeholder is undefined: leave the member out */
    EXPAND_FAILED, /* the cause tells what is missing or refused */
};

struct expand {
    const struct vars *vars;
    const char *raw; /* characters left alone in path and query; NULL for none */
    struct cause *cause;
};

/* All leave "out" as it was unless they return EXPANDED. */

/* Text with placeholders. Literal text is escaped too, except in a path and a pattern. */
enum expanded expand_text(const struct expand *e, const char *text, enum place place,
                          struct marked *out);
/* A leaf where text stands (query, form, header): string, number, truth, or $json, $if, $md5 ... */
enum expanded expand_leaf(const struct expand *e, const json_t *leaf, enum place place,
                          struct marked *out);
/* JSON text of the whole tree. */
enum expanded expand_json(const struct expand *e, const json_t *tree, struct marked *out);
/* name=value&... ; a list repeats its name. */
enum expanded expand_pairs(const struct expand *e, const json_t *object, enum place place,
                           struct marked *out);
/* Elements in the written order, "@name" as attributes, "#" as text. */
enum expanded expand_xml(const struct expand *e, const json_t *object, struct marked *out);
/* Segments between slashes; "{x?}" undefined or empty leaves its segment out. */
enum expanded expand_path(const struct expand *e, const char *path, struct marked *out);

/* Calls fn with the name of each placeholder of a text; false when one is malformed. */
bool expand_names(const char *text, bool (*fn)(void *arg, const char *name), void *arg);

#endif
