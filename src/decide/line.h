/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_LINE_H
#define HOMING_DECIDE_LINE_H

#include <stdbool.h>

#include "base/clock.h"

/*
 * Does anything come back by this way out? A line may be dead while its interface is up: the modem
 * lost its provider, a router forwards no more. Judged from what is known anyway: which requests
 * were answered and which met silence, and whether the gateway is there. It sends nothing.
 *
 * Silence alone proves nothing: the servers may be in trouble. Two silences by one line and an
 * answer by another in the meantime do. Any answer proves the opposite. The silence to our own
 * questions ("probes") counts only where one of them was answered before: where such questions are
 * filtered they say nothing.
 */
struct line {
    bool dead;
    bool gateway_gone; /* as the kernel told last, and nothing came back since */
    bool answers;      /* to probes */
    bool contrast;     /* an answer came by another line since the first silence */
    unsigned silences; /* since something came back */
    msec heard;        /* mono: when something came back last; LONG_AGO */
    msec silent;       /* mono: of the last silence; LONG_AGO */
    msec asked;        /* mono: of the last probe; LONG_AGO */
    msec gone;         /* mono: when the gateway went; LONG_AGO */
};

enum { LINE_SILENCES = 2 /* that count */ };

void line_init(struct line *l);
/* Each returns true when it works from then on and did not before, or the other way round. */
bool line_heard(struct line *l, bool probe, msec now);
bool line_silent(struct line *l, bool probe, msec now);
bool line_contrast(struct line *l, msec now); /* something came back by another line */
bool line_gateway(struct line *l, bool gone, msec now);
/* A line that nobody asks is believed in again after an hour. */
bool line_works(const struct line *l, msec now);
/* Enough silence, and nobody knows whether that is the line's fault. */
bool line_in_doubt(const struct line *l);
/* When to ask by it, "every": how long it may have been silent. A doubt is cleared up sooner, if it
 * can be. */
msec line_probe_at(const struct line *l, msec every);

#endif
