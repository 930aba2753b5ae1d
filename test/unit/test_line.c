/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide/line.h"
#include "decide/schedule.h"

/*
 * A story in words: "12s" is at 12 s a request met silence, "p" a probe, "h" a request was
 * answered, "H" a probe, "c" something came back by another line, "g" the gateway is gone, "G" it
 * is back, "." just looks. What changed is noted: "20:dead 30:works".
 */
static const struct {
    const char *told, *expected;
} stories[] = {
    {"0h 10s 20s 30s 40s 50s", ""},                  /* silence alone proves nothing */
    {"0h 10s 15c 20s", "20:dead"},                   /* two, and an answer elsewhere meanwhile */
    {"0h 10s 20s 25c", "25:dead"},                   /* ... or afterwards */
    {"0h 5c 10s 20s", ""},                           /* ... but not before */
    {"0h 10s 15c 16h 20s", ""},                      /* it was one server's silence */
    {"0h 10s 15c 20s 30s 40h", "20:dead 40:works"},  /* any answer proves the opposite */
    {"0h 10s 15c 900s", ""},                         /* these have nothing to do with each other */
    {"0h 10p 15c 20p 30p", ""},                      /* nobody answers probes here */
    {"0H 10p 15c 20p", "20:dead"},                   /* somebody did */
    {"0H 10p 15c 20p 2000p 3000p 5000.", "20:dead"}, /* asked, and still silent */
    {"0h 10s 15c 20s 3000. 3700.", "20:dead 3700:works"}, /* nobody asks: believed in again */
    {"0g 9G", "0:dead 9:works"},                          /* no gateway, no way out */
    {"0h 10s 15c 20s 30g 40h", "20:dead 40:works"},       /* what comes back counts more */
    {"0g 3000. 3700.", "0:dead 3700:works"},
};

static void tells_stories(void **state)
{
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        char out[200] = "", what;
        bool works = true;
        struct line l;
        int at, n;

        line_init(&l);
        for (const char *p = stories[i].told; sscanf(p, " %d%c%n", &at, &what, &n) == 2; p += n) {
            msec now = at * (msec)SECOND;
            bool changed = what == 's'   ? line_silent(&l, false, now)
                           : what == 'p' ? line_silent(&l, true, now)
                           : what == 'h' ? line_heard(&l, false, now)
                           : what == 'H' ? line_heard(&l, true, now)
                           : what == 'c' ? line_contrast(&l, now)
                           : what == '.' ? false
                                         : line_gateway(&l, what == 'g', now);
            size_t len = strlen(out);
            if (line_works(&l, now) != works) {
                works = !works;
                snprintf(out + len, sizeof out - len, "%s%d:%s", len > 0 ? " " : "", at,
                         works ? "works" : "dead");
                if (!changed && what != '.')
                    fail_msg("%s: %d was not told", stories[i].told, at);
            }
        }
        if (strcmp(out, stories[i].expected) != 0)
            fail_msg("%s: expected \"%s\", got \"%s\"", stories[i].told, stories[i].expected, out);
    }
}

static void asks_when_it_was_silent(void **state)
{
    struct line l;
    msec now = HOUR;

    line_init(&l);
    assert_true(line_probe_at(&l, MINUTE) <= now);
    line_heard(&l, true, now);
    assert_int_equal(line_probe_at(&l, MINUTE), now + MINUTE);
    l.asked = now += MINUTE;
    line_silent(&l, true, now += SECOND);
    assert_int_equal(line_probe_at(&l, MINUTE), l.asked + 5 * SECOND); /* a doubt */
    assert_int_equal(line_probe_at(&l, 4 * SECOND), l.asked + SECOND);
    assert_false(line_in_doubt(&l));
    line_silent(&l, true, now += SECOND);
    assert_true(line_in_doubt(&l));
    line_contrast(&l, now);
    assert_false(line_in_doubt(&l));
    assert_int_equal(line_probe_at(&l, MINUTE), l.asked + MINUTE); /* is it back? */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_stories),
        cmocka_unit_test(asks_when_it_was_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
