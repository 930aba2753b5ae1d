/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/line.h"

#include "decide/schedule.h"

/* Silences farther apart have nothing to do with each other. */
static const msec together = 10 * MINUTE;
/* So long after the last silence a line is believed in again. */
static const msec forget = HOUR;
/* Between the first probes while it is not sure; no more than this part of "every". */
static const msec doubt = 5 * SECOND;
enum { DOUBT_PARTS = 4, DOUBTS = LINE_SILENCES + 2 };

void line_init(struct line *l)
{
    *l = (struct line){.heard = LONG_AGO, .silent = LONG_AGO, .asked = LONG_AGO, .gone = LONG_AGO};
}

static void clear(struct line *l)
{
    l->dead = l->contrast = l->gateway_gone = false;
    l->silences = 0;
}

static bool past(msec then, msec length, msec now)
{
    return then == LONG_AGO || now - then > length;
}

bool line_heard(struct line *l, bool probe, msec now)
{
    bool before = line_works(l, now);

    clear(l);
    l->answers = l->answers || probe;
    l->heard = now;
    return line_works(l, now) != before;
}

bool line_silent(struct line *l, bool probe, msec now)
{
    bool before = line_works(l, now);

    if (probe && !l->answers)
        return false;
    if (!l->dead && past(l->silent, together, now))
        l->silences = 0, l->contrast = false;
    l->silences++;
    l->silent = now;
    l->dead = l->dead || (l->contrast && l->silences >= LINE_SILENCES);
    return line_works(l, now) != before;
}

bool line_contrast(struct line *l, msec now)
{
    bool before = line_works(l, now);

    if (l->silences == 0)
        return false;
    l->contrast = true;
    l->dead = l->dead || l->silences >= LINE_SILENCES;
    return line_works(l, now) != before;
}

bool line_gateway(struct line *l, bool gone, msec now)
{
    bool before = line_works(l, now);

    l->gateway_gone = gone;
    l->gone = now;
    return line_works(l, now) != before;
}

bool line_works(const struct line *l, msec now)
{
    return !(l->gateway_gone && !past(l->gone, forget, now)) &&
           !(l->dead && !past(l->silent, forget, now));
}

bool line_in_doubt(const struct line *l)
{
    return !l->dead && l->silences >= LINE_SILENCES;
}

msec line_probe_at(const struct line *l, msec every)
{
    msec last = l->asked > l->heard ? l->asked : l->heard;
    msec soon = every / DOUBT_PARTS < doubt ? every / DOUBT_PARTS : doubt;

    bool unsure = l->silences > 0 && l->silences < DOUBTS && !l->dead;

    return last == LONG_AGO ? LONG_AGO : last + (unsure ? soon : every);
}
