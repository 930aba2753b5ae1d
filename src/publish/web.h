/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_WEB_H
#define HOMING_PUBLISH_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/exchange.h"
#include "base/marked.h"
#include "base/outcome.h"
#include "base/view.h"
#include "publish/step.h"

/*
 * What protocols written in C need to speak HTTP: URLs out of settings, escaping, Basic
 * authentication, the judgement of a reply that is no answer, words out of an answer. Owns no state
 * and sends nothing.
 */

/* A setting, or "fallback" when it is unset or empty. */
const char *web_setting(const struct view *settings, const char *name, const char *fallback);
/* yes, true, 1 and their kin (y, t, any case); all else is false. */
bool web_flag(const struct view *settings, const char *name);

/*
 * Starts an absolute URL from server= and a path. server= may carry a scheme in any case, a port
 * and a path. Without a scheme: https, unless "auto" and the setting ssl= says no. An empty path
 * gives the server's own, or "/".
 */
void web_url(struct marked *url, const struct view *settings, const char *server, const char *path,
             bool automatic);
/*
 * Appends "?name=value" or "&name=value". The value is escaped by RFC 3986 but for the characters
 * that may stand in a query and separate nothing there, so that addresses and lists keep the bytes
 * ddclient sends. value NULL: the bare name.
 */
void web_query(struct marked *url, const char *name, const char *value, bool secret);
/* Appends text escaped as above. */
void web_escaped(struct marked *out, const char *text, bool secret);

/* Authorization: Basic (RFC 7617). Nothing when both are NULL; a NULL login counts as empty. */
void web_basic(struct request *r, const char *login, const char *password);

/* "host[:port]" of a URL, owned: for sentences. */
char *web_host(const char *url);

/*
 * Judges a reply whose status is not 2xx or that never came. OUTCOME_GOOD: it is an answer (2xx),
 * read on. Else the class, with *say (owned) and *wait filled in. host: as web_host() gives it.
 */
enum outcome_class web_judge(const char *host, const struct reply *reply, bool writes,
                             msec wall_now, char **say, msec *wait);

/* A few words of an answer for a sentence: printable ASCII only, in quotes, at most 80 bytes; the
 * account's secrets never. Owned. */
char *web_excerpt(const struct view *settings, const char *text, size_t n);

/* The next line of text from *at on, without its CR and LF; false at the end. */
bool web_line(const char *text, size_t n, size_t *at, const char **line, size_t *line_len);
/* The first white-space separated word of a line. */
size_t web_word(const char *line, size_t n, const char **word);

/* The address texts of a set, joined by commas, appended to out. */
void web_add_set(struct buf *out, const struct addrset *set);

#endif
