/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_PAGE_H
#define HOMING_COMMAND_PAGE_H

#include "command/model.h"
#include "command/pushing.h"

/*
 * The page in a running service: its model, its server, where it listens, and what is said at the
 * start. A page that can not be served is no reason not to update names: it is told and left out.
 */
struct page;

/* socket: of the API, for the machine's own users; always served. said: the configuration that is
 * in use, as the keeper gave it. */
struct page *page_new(const struct model_rooms *rooms, struct pushing *pushing, const char *socket,
                      const struct message *said, struct conf *conf);
void page_conf(struct page *p, const struct message *said, struct conf *conf);
/* It has errors and is not used. */
void page_refused(struct page *p, const char *version);
void page_free(struct page *p); /* before the rooms; NULL is fine */

#endif
