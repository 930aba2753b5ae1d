/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_POST_H
#define HOMING_ENGINE_POST_H

#include <jansson.h>

#include "engine/engine.h"
#include "net/smtp.h"

/*
 * The post: tells people what decide/notices finds worth telling, by the notify objects of the
 * configuration. It watches the engine as any observer does, keeps what could not be delivered in
 * the state until there is a way again, and sends signs of life while all is well. Nothing of the
 * engine's waits for it.
 *
 * A message waits at most 7 days and among at most 50 of its receiver; the oldest goes first. It is
 * delivered at least once: after a lost answer it may come twice.
 */
struct post;

/* Carries one mail; NULL fn: mails are refused. As mailer_send(). */
typedef void post_mailed_fn(void *arg, enum err result, const char *why);
struct post_seams {
    struct engine *engine; /* with its net, state, registry and runner; outlives the post */
    void *mailer;
    void (*mail)(void *mailer, const struct smtp_mail *mail, post_mailed_fn *fn, void *arg);
    const char *machine; /* the name of this machine, for people; copied */
    bool once;           /* one pass, which ends with post_flush() */
};

/* What waits is read from the state, once there is a notify object. */
struct post *post_new(const struct post_seams *seams);
/* What was only gathered becomes a message; what waits stays in the state. NULL is fine. */
void post_free(struct post *p);
/* At the end of a pass: all that is to be told is told, with a sign of life when all is well. fn is
 * called once, later, when nothing more can be delivered now; what could not waits for the next
 * start. */
void post_flush(struct post *p, void (*fn)(void *arg), void *arg);
/* After engine_load(): the notify objects are others, perhaps. */
void post_load(struct post *p);
/* There is another way out: what waits for one is tried. */
void post_network_changed(struct post *p);

/*
 * {"items":[{"name","kind","service","on":[event],"tells","beats","every","waiting","oldest",
 * "next_at","last":{"at","good","event","title","say"}|null,"lost"}]}: a new reference. Nothing of
 * what is secret or may be.
 */
json_t *post_report(const struct post *p);

/* Delivers a test to one receiver now. fn comes once, later; text: what became of it, for people.
 * ERR_NOT_FOUND at once. */
typedef void post_test_fn(void *arg, enum err result, const char *text);
enum err post_test(struct post *p, const char *name, post_test_fn *fn, void *arg, struct cause *c);

#endif
