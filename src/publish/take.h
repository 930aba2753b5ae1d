/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_TAKE_H
#define HOMING_PUBLISH_TAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/exchange.h"
#include "publish/vars.h"

/*
 * Takes out of a reply what a provider file points to. The reply is somebody else's: nothing found
 * is nothing taken, and what was taken is data for placeholders, never a template.
 */

/* The body as a tree by "reply": json (default), xml, text ({"text","lines"}), lines with "split"
 * (a list of lists), none. NULL when it is not of its form; an empty body gives JSON null. Owned.
 */
json_t *take_tree(const json_t *head, const struct buf *body);

/*
 * Appends to "out" one object for each chosen element: what "take" (from the element), "around"
 * (from the element that holds it, with "inner") and "also" (from the root) say, "item" as it was
 * read, and "refused" with a sentence when it must not be written.
 */
void take_elements(const json_t *head, const json_t *root, const struct vars *vars, json_t *out);

/* Takes by {name: pointer or {"at","header","match"}} into a new object; what is not there is left
 * out. A name "a.b" becomes the member b of the object a. */
json_t *take_vars(const json_t *spec, const json_t *from, const char *key,
                  const struct reply *reply);

/* Paging. */
enum { PAGES_MAX = 100 };
struct page {
    unsigned count;   /* pages read */
    long long number; /* of the next page, or the next offset */
};
enum page_next { PAGE_LAST, PAGE_MORE, PAGE_ENDLESS };
/* What the request of the next page needs: *set is a tree to lay over the request, *value what its
 * placeholder {page.value} stands for. Both are new references. */
enum page_next take_page(const json_t *head, const json_t *root, struct page *page, json_t **set,
                         json_t **value);
/* The same for the first page, when its request needs a number: NULL when not. */
json_t *take_first_page(const json_t *head, struct page *page, json_t **value);

#endif
