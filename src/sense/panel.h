/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_PANEL_H
#define HOMING_SENSE_PANEL_H

#include "sense/inside.h"
#include "sense/outside.h"

/*
 * Several outside services of independent operators that must agree. As many are asked at once as
 * must agree; each failure or odd answer has one more asked.
 *
 * Agreement counts operators, not services. One that failed or disagreed is asked last from then
 * on. Only public addresses count: a captive portal's or a proxy's private answer is none.
 */
enum { PANEL_MOST = 16 };

struct panel_member {
    const struct web_service *service;
    struct panel *panel;
    unsigned bad; /* failures and lone answers since it was last right */
    bool tried;   /* in this round */
    bool answered;
    struct outside *ask;
    struct webask_answer answer;
};

struct panel {
    struct source *source;
    /* The round is over: a is what they agree on, or NULL; words: what the odd ones said. */
    void (*done)(struct source *s, const struct addr *a, const char *words);
    enum family family;
    enum outside_way way;
    struct panel_member members[PANEL_MOST];
    unsigned count;
    unsigned turn;    /* who begins, so that all are asked alike */
    unsigned running; /* questions without an answer yet */
};

/* The services of one way that tell the family. */
void panel_init(struct panel *p, struct source *s, enum family family, enum outside_way way,
                void (*done)(struct source *s, const struct addr *a, const char *words));
void panel_ask(struct panel *p);
void panel_stop(struct panel *p);
/* Fits source_kind.outside, for kinds whose data begin with a panel. */
void panel_outside(const struct source *s, sense_outside_fn *fn, void *arg);

#endif
