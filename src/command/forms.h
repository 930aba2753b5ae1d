/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_FORMS_H
#define HOMING_COMMAND_FORMS_H

#include <jansson.h>

#include "conf/conf.h"
#include "publish/provider.h"
#include "sense/pushed.h"
#include "sense/sense.h"

/*
 * What the page's forms need to know, made from the one table of settings and the provider files:
 * providers and their fields, protocols, settings with their values, choices of an address source.
 * Secrets are said to be set, never told. It changes nothing.
 */

/* {"items":[{"id","name","website","help","status","note","domains","formerly","families","mx",
 * "wildcard","apex","can_delete","fields":[FIELD]}]}; FIELD: {"name","label","help","type",
 * "secret","required","more","default","choices"} */
json_t *forms_providers(struct registry *r);
/* {"items":[{"id","name","help","fields":[FIELD]}]}: ddclient's words, for a server of one's own.
 */
json_t *forms_protocols(struct registry *r);

/* {"file","version","items":[{"name","group","type","class","help","default","value","choices"}]}
 */
json_t *forms_settings(const struct conf *c, const char *file, const char *version);

/* May the page set this row of the table, for a hostname or for all (globals)? Never what names a
 * command or a file. */
enum err forms_may_set(const char *name, bool globals, struct cause *c);

/* What homing.conf says for all hostnames, when it is not the default anyway; else NULL. Borrowed.
 */
const char *forms_global(const struct conf *c, const char *name);

/* {"items":[{"family","name","settings":{..},"addresses":[..],"default","note"}]}: what an address
 * can come from, with what it says now. The default is what stands for all hostnames, else auto. */
json_t *forms_sources(const struct conf *c, const struct sense *s, const struct pushed *pushed);
/* Every address in question, by its interface or by who tells it, with why it is not taken. */
json_t *forms_candidates(const struct sense *s);

/* Is it a name that can be kept: whole, of letters, digits and hyphens (or of another script, which
 * the reader of the configuration converts)? The cause says what is wrong with it. */
enum err forms_hostname(const char *hostname, struct cause *c);

/* The provider whose domain the hostname ends in, or the one that another entry of the same zone
 * uses; NULL when neither is. why: "name" or "used". */
const char *forms_guess(struct registry *r, const struct conf *c, const char *hostname,
                        const char **why);

/* The provider whose name servers are called so; NULL when none is. */
const char *forms_guess_by_server(struct registry *r, const char *server);

#endif
