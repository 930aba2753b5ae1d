/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_XML_H
#define HOMING_PUBLISH_XML_H

#include <jansson.h>
#include <stddef.h>

/*
 * Reads an XML reply into the same kind of tree as JSON: elements are members, repeated ones lists,
 * attributes "@name", text a string ("#" beside attributes or children). The root element is a
 * member of the result. Document types are refused, depth is bounded. NULL when it is not
 * well-formed.
 */
json_t *xml_parse(const char *bytes, size_t n);
/* An XML-RPC answer (http://xmlrpc.com/spec.md): {"params":[value ...]} or {"fault":value}, structs
 * as objects, arrays as lists, numbers as numbers. NULL when it is none. */
json_t *xml_parse_rpc(const char *bytes, size_t n);

#endif
