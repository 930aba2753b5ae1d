/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_MARKED_H
#define HOMING_BASE_MARKED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Text that knows which of its bytes came from a secret. Requests are made of it, so that logs, dry
 * runs and errors can show dots in place of the secret bytes without searching for them: a secret
 * stays marked through base64, a signer or a body. Freeing wipes the bytes.
 */
struct marked_span {
    size_t from, to;
};
struct marked {
    struct buf text;
    struct marked_span *spans; /* owned; ascending, not touching each other */
    size_t span_count;
};

enum { MARKED_MAX = 1 << 20 }; /* the longest piece of a request */

void marked_init(struct marked *m);
void marked_free(struct marked *m);
bool marked_add(struct marked *m, const char *s, size_t n, bool secret);
bool marked_text(struct marked *m, const char *s); /* plain */
bool marked_secret(struct marked *m, const char *s);
/* A secret as it is, within base64, which Basic has it in, and line by line when it has several (of
 * at least 16 bytes, which no other text has by chance); a span each. For marked_hide(). */
bool marked_encoded(struct marked *m, const char *secret);
/* Percent-encoded; see text_add_percent(). */
bool marked_percent(struct marked *m, const char *s, size_t n, const char *keep, bool secret);
bool marked_join(struct marked *m, const struct marked *other); /* appends with its marks */
void marked_copy(struct marked *to, const struct marked *from); /* to is initialised by it */
bool marked_any_secret(const struct marked *m);
const char *marked_str(const struct marked *m); /* the real text, "" if empty */
/* Appends the text with every secret span as three dots, whatever its length. */
bool marked_show(const struct marked *m, struct buf *out);
/*
 * Appends a text of somebody else (a reply) with every secret span of m, wherever it occurs there
 * (as it is, percent-encoded, as a form's value, escaped in JSON or HTML), as dots; spans of fewer
 * than MARKED_SHORTEST bytes are no secrets that could be told from words.
 */
enum { MARKED_SHORTEST = 4 };
bool marked_hide(const struct marked *m, const char *text, size_t n, struct buf *out);

#endif
