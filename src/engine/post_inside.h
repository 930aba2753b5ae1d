/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_POST_INSIDE_H
#define HOMING_ENGINE_POST_INSIDE_H

#include "decide/notices.h"
#include "engine/inside.h"
#include "engine/post.h"
#include "engine/run_job.h"
#include "publish/notice.h"

/*
 * What the files of the post share. Who does what:
 *   post.c        life, the objects of the configuration, from the engine's facts to messages
 *   post_queue.c  messages that wait, and their place in the state
 *   post_send.c   delivery: HTTP by a service's file, mail, command; signs of life
 *   post_terms.c  when credentials end
 *   post_text.c   the words
 */
enum {
    POST_QUEUE = 50,    /* messages that wait for one receiver */
    POST_TEXT = 1000,   /* bytes of a message's text: the least that a service takes (Pushover) */
    POST_TITLE = 200,   /* of its title (Discord takes 256) */
    POST_LIMIT = MINUTE /* a delivery takes no longer */
};
#define POST_KEPT    (7 * DAY)
#define POST_HELD    (5 * MINUTE) /* a message that is older says so */
#define POST_REFUSED HOUR         /* until a receiver that refuses is tried again */

struct letter {
    struct letter *next;
    char *id, *event, *level, *title, *text; /* owned */
    msec at;                                 /* wall: when what it tells of happened */
    msec made;                               /* wall: since when it waits to be delivered */
    json_t *hosts;                           /* owned list */
    post_test_fn *fn;                        /* of a test; NULL else */
    void *arg;
};

enum post_way { POST_NO_WAY, POST_HTTP, POST_MAIL, POST_COMMAND };

struct delivery;
struct asking;

struct receiver {
    struct post *post;
    struct receiver *next;
    char *name, *kind; /* owned */
    bool seen;         /* while loading */
    enum post_way way;
    const struct provider *service; /* of POST_HTTP */
    struct view view;               /* of post->conf */
    bool tells, beats;
    unsigned events; /* bits of enum notice_event */
    struct notices *notices;

    struct letter *first, *last; /* wait, in order */
    size_t waiting;
    unsigned lost;             /* dropped since the last delivery */
    struct delivery *delivery; /* under way */
    unsigned failures;
    msec wait;                  /* mono: nothing is sent before */
    bool word;                  /* that is the service's own word */
    enum outcome_class trouble; /* of the last delivery; OUTCOME_GOOD */
    msec beat_at;               /* mono; NEVER: it sends none */
    msec every;

    msec told_at; /* wall: of the last delivery, good or not; 0 never */
    bool told_good;
    char *told_event, *told_title, *told_say; /* owned */
    bool dirty;                               /* differs from what the state holds */
};

struct post {
    struct post_seams seams;
    struct conf *conf; /* counted: the views of the receivers */
    struct receiver *receivers;
    struct net_timer *timer;
    unsigned observer;
    bool loaded;                /* the state was read */
    void (*flushed)(void *arg); /* of post_flush(); NULL */
    void *flush_arg;
    struct map *terms; /* name to struct term, owned */
    struct heap terms_due;
    struct asking *asking; /* the one question under way; NULL */
};

static inline struct moment post_now(const struct post *p)
{
    return net_now(p->seams.engine->seams.net);
}
/* Looks at everything at the next turn of the loop. */
void post_wake(struct post *p);

/* What is wrong with the entry is that the DNS, or the provider, shows something else than what was
 * taken or, of one that is only watched, is wanted. */
bool post_in_vain(const struct engine *e, const struct entry *entry);

/* post_queue.c */
void letter_free(struct letter *l);
void queue_add(struct receiver *r, struct letter *l); /* takes it over */
struct letter *queue_take(struct receiver *r);        /* the first, out of the queue; or NULL */
void queue_put_back(struct receiver *r, struct letter *l);
void queue_expire(struct receiver *r, msec wall);
void queue_free(struct receiver *r);
void queue_load(struct post *p);
void queue_store(struct receiver *r); /* when it is dirty */

/* post_send.c: the next thing that is due, if nothing is under way. */
void send_next(struct receiver *r);
msec send_at(const struct receiver *r);       /* mono: when there may be something to send; NEVER */
bool send_has_more(const struct receiver *r); /* something is under way, or can leave now */
void send_test(struct receiver *r, post_test_fn *fn, void *arg);
void send_network_changed(struct receiver *r); /* another way out: what waited for one tries */
void send_line_works(struct receiver *r); /* something else got through: a wait of our own ends */
void send_abandon(struct receiver *r);    /* what is under way goes back into the queue */
const struct letter *send_letter(const struct receiver *r); /* under way, or NULL */
/* What the receiver's settings say of the ways: fills in way, service, tells, beats. */
void send_way(struct receiver *r);

/* post_terms.c */
msec terms_turn(struct post *p);                          /* mono: when to call it again; NEVER */
bool terms_known(const struct post *p, const char *name); /* an account of that name is there */
void terms_load(struct post *p); /* other accounts, perhaps, or other credentials */
void terms_free(struct post *p);

/* post_text.c */
struct letter *text_letter(const struct post *p, const struct notice_message *m);
struct letter *text_test(const struct post *p);
/* Why a record is as it is, in a sentence. Owned. */
char *text_reason(const struct engine *e, const struct entry *entry, enum family f);
/* The text as it leaves now: with its age, and what was lost before it. Owned. */
char *text_now(const struct receiver *r, const struct letter *l, msec wall);
/* Headers and body of a mail, plain newlines. Owned. */
char *text_mail(const struct receiver *r, const struct letter *l, const char *text, msec wall);

#endif
