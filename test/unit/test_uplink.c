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

#include "decide/uplink.h"

/*
 * A story is told in words: "12a+" is at 12 s, the first uplink works from then on; "-" is that it
 * does not. After each word and each time that the module itself asked for, what counts is noted
 * when it changed: "0:a 72:b".
 */
struct story {
    enum uplink_mode mode;
    unsigned count;
    const char *told;
    const char *expected;
};

static const struct story stories[] = {
    /* the first that works counts at once, when the better ones have spoken */
    {UPLINK_PREFER, 2, "0a+ 0b+", "0:a"},
    {UPLINK_PREFER, 2, "0b+ 1a+", "1:a"},
    {UPLINK_PREFER, 2, "0b+ 1a-", "1:b"},
    {UPLINK_PREFER, 2, "0b+", "60:b"}, /* silence is waited for, but not for ever */
    {UPLINK_PREFER, 2, "0a- 0b-", ""},
    {UPLINK_PREFER, 2, "0a- 0b- 9b+", "9:b"},
    {UPLINK_PREFER, 3, "0c+ 0b- 5a-", "5:c"},
    /* it is left after the hold-down, not before */
    {UPLINK_PREFER, 2, "0a+ 0b+ 100a-", "0:a 160:b"},
    {UPLINK_PREFER, 2, "0a+ 0b+ 100a- 159a+", "0:a"},
    {UPLINK_PREFER, 2, "0a+ 0b+ 100a- 130a+ 140a-", "0:a 200:b"},
    {UPLINK_PREFER, 2, "0a+ 0b- 100a-", "0:a"},             /* nothing else works: it stays */
    {UPLINK_PREFER, 2, "0a+ 0b- 100a- 300b+", "0:a 300:b"}, /* ... until something does */
    /* and gone back to after it */
    {UPLINK_PREFER, 2, "0a- 0b+ 100a+", "0:b 160:a"},
    {UPLINK_PREFER, 2, "0a- 0b+ 100a+ 150a- 155a+", "0:b 215:a"},
    {UPLINK_PREFER, 2, "0a- 0b+ 100a+ 110b-", "0:b 160:a"}, /* b's own hold-down ends later */
    /* a flapping line never counts, a resting one does */
    {UPLINK_PREFER, 2, "0a- 0b+ 10a+ 60a- 70a+ 120a- 130a+ 180a- 190a+", "0:b 250:a"},
    /* two better ones that come back one after the other: no two changes within a hold-down */
    {UPLINK_PREFER, 3, "0a- 0b- 0c+ 100b+ 101a+", "0:c 160:b 220:a"},
    {UPLINK_PREFER, 3, "0a+ 0b+ 0c+ 100a- 100b-", "0:a 160:c"},
    /* all: each by itself */
    {UPLINK_ALL, 2, "0a+ 3b+", "3:ab"},
    {UPLINK_ALL, 2, "0a+", "60:a"},
    {UPLINK_ALL, 2, "0a+ 3b-", "3:a"},
    {UPLINK_ALL, 2, "0a+ 0b+ 100a-", "0:ab 160:b"},
    {UPLINK_ALL, 2, "0a+ 0b+ 100a- 150a+", "0:ab"},
    {UPLINK_ALL, 2, "0a+ 0b- 100b+", "0:a 160:ab"},
    {UPLINK_ALL, 2, "0a+ 0b+ 100a- 100b- 200b+", "0:ab 160: 200:b"},
};

static void note(const struct uplink_choice *c, msec now, char *out, size_t room)
{
    size_t n = strlen(out);
    char who[UPLINKS_MAX + 1] = "";

    for (unsigned i = 0; i < c->count; i++)
        if (c->of[i].counts) {
            size_t k = strlen(who);
            who[k] = (char)('a' + i);
            who[k + 1] = '\0';
        }
    snprintf(out + n, room - n, "%s%lld:%s", n > 0 ? " " : "", (long long)(now / SECOND), who);
}

/* Decides now and then whenever it asked to, until "end". */
static void let_pass(struct uplink_choice *c, msec *now, msec end, msec *next, char *out,
                     size_t room)
{
    while (*next <= end) {
        *now = *next > *now ? *next : *now;
        if (uplink_decide(c, *now, next))
            note(c, *now, out, room);
    }
    *now = end;
}

static void tells_stories(void **state)
{
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        const struct story *s = &stories[i];
        struct uplink_choice c;
        char out[200] = "", which, sign;
        msec now = 0, next = NEVER;
        int at, n;

        uplink_init(&c, s->mode, s->count, MINUTE, 0);
        for (const char *p = s->told; sscanf(p, " %d%c%c%n", &at, &which, &sign, &n) == 3; p += n) {
            let_pass(&c, &now, at * (msec)SECOND - 1, &next, out, sizeof out);
            now = at * (msec)SECOND;
            uplink_heard(&c, (unsigned)(which - 'a'), sign == '+', now);
            int more;
            if (sscanf(p + n, " %d", &more) == 1 && more == at)
                continue; /* in the same instant */
            if (uplink_decide(&c, now, &next))
                note(&c, now, out, sizeof out);
        }
        let_pass(&c, &now, 10000 * (msec)SECOND, &next, out, sizeof out);
        if (strcmp(out, s->expected) != 0)
            fail_msg("%s: expected \"%s\", got \"%s\"", s->told, s->expected, out);
    }
}

static void asks_a_standby_in_need_only(void **state)
{
    struct uplink_choice c;
    msec next;

    uplink_init(&c, UPLINK_PREFER, 2, MINUTE, 0);
    assert_true(uplink_needed(&c, 0));
    assert_false(uplink_needed(&c, 1)); /* the first has not spoken yet */
    uplink_heard(&c, 0, true, 0);
    uplink_decide(&c, 0, &next);
    assert_false(uplink_needed(&c, 1));
    uplink_heard(&c, 0, false, 10);
    assert_true(uplink_needed(&c, 1)); /* before the hold-down is over, so that it is ready */
    uplink_heard(&c, 1, true, 20);
    uplink_decide(&c, 10 + MINUTE, &next);
    assert_int_equal(uplink_first(&c), 1);
    uplink_heard(&c, 0, true, 2 * MINUTE);
    assert_true(uplink_needed(&c, 1)); /* it still counts */
    uplink_decide(&c, 3 * MINUTE, &next);
    assert_int_equal(uplink_first(&c), 0);
    assert_false(uplink_needed(&c, 1));
}

/* Whatever happens: no two changes within a hold-down, and once all rests the best counts. */
static void never_changes_twice_within_a_hold_down(void **state)
{
    uint32_t seed = 1;

    for (int run = 0; run < 300; run++) {
        struct uplink_choice c;
        msec now = 0, next = NEVER, last = -MINUTE;
        bool works[3] = {false};

        uplink_init(&c, UPLINK_PREFER, 3, MINUTE, 0);
        for (int i = 0; i < 300; i++) {
            seed = seed * 1664525u + 1013904223u;
            unsigned which = seed >> 16 & 1 ? seed >> 24 & 1 : 2;
            msec at = now + (msec)(seed >> 8 & 0xffff);
            for (; next <= at; now = next > now ? next : now) {
                now = next > now ? next : now;
                if (uplink_decide(&c, now, &next)) {
                    assert_true(now - last >= MINUTE);
                    last = now;
                }
            }
            now = at;
            works[which] = seed >> 30 & 1;
            uplink_heard(&c, which, works[which], now);
            if (uplink_decide(&c, now, &next)) {
                assert_true(now - last >= MINUTE);
                last = now;
            }
        }
        for (int i = 0; i < 8; i++)
            uplink_decide(&c, now += MINUTE, &next);
        int best = works[0] ? 0 : works[1] ? 1 : works[2] ? 2 : -1;
        if (best >= 0)
            assert_int_equal(uplink_first(&c), best);
    }
}

/* After a restart what counted before does so for the hold-down, whatever works. */
static void goes_on_after_a_restart(void **state)
{
    struct uplink_choice c;
    msec next;

    uplink_init(&c, UPLINK_PREFER, 2, MINUTE, 0);
    uplink_resume(&c, 1u << 1, 0);
    uplink_heard(&c, 0, true, SECOND);
    assert_false(uplink_decide(&c, SECOND, &next));
    assert_int_equal(uplink_first(&c), 1);
    uplink_heard(&c, 1, true, 2 * SECOND);
    assert_false(uplink_decide(&c, 2 * SECOND, &next));
    assert_true(uplink_decide(&c, next, &next)); /* gone back to */
    assert_int_equal(uplink_first(&c), 0);
    /* What it was is gone: the other, after the hold-down as ever. */
    uplink_init(&c, UPLINK_PREFER, 2, MINUTE, 0);
    uplink_resume(&c, 1u << 0, 0);
    uplink_heard(&c, 0, false, SECOND);
    uplink_heard(&c, 1, true, SECOND);
    assert_false(uplink_decide(&c, SECOND, &next));
    assert_int_equal(next, SECOND + MINUTE);
    assert_true(uplink_decide(&c, next, &next));
    assert_int_equal(uplink_first(&c), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_stories),
        cmocka_unit_test(asks_a_standby_in_need_only),
        cmocka_unit_test(never_changes_twice_within_a_hold_down),
        cmocka_unit_test(goes_on_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
