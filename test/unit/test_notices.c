/*
 * SPDX-License-Identifier: ISC
 *
 * From transitions to messages: each row is what happened, second by second, and the messages that
 * leave.
 */
#include "decide/notices.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WALL_AT_0 (1700000000 * (msec)SECOND)
enum { ALL_EVENTS = (1u << NOTICE_EVENTS) - 1, GATHER = 30 * SECOND };

static struct moment at(msec mono)
{
    return (struct moment){mono, WALL_AT_0 + mono};
}

static void show(const struct notice_message *m, msec now, struct buf *out)
{
    char old[ADDRSET_TEXT_MAX], set[ADDRSET_TEXT_MAX];

    buf_format(out, "%lld %s %zu since %lld:", (long long)(now / SECOND),
               notice_event_name(m->event), m->count, (long long)((m->at - WALL_AT_0) / SECOND));
    for (size_t i = 0; i < m->item_count && i < 3; i++) {
        const struct notice_item *it = &m->items[i];
        buf_format(out, " %s", it->entry);
        if (m->event == NOTICE_CHANGED)
            buf_format(out, " %s->%s x%u", addrset_text(&it->old, old), addrset_text(&it->now, set),
                       it->times);
        if (it->reason != NULL)
            buf_format(out, " (%s)", it->reason);
    }
    buf_text(out, "\n");
}

/* Lets time pass until "end" and writes down what leaves. */
static void pass(struct notices *n, msec *now, msec end, struct buf *out)
{
    struct notice_message m;

    for (;;) {
        msec next = notices_next(n, at(*now));
        if (next == NEVER || next > end)
            break;
        *now = next > *now ? next : *now;
        if (!notices_take(n, false, at(*now), &m)) {
            /* Something ripened; it waits for others. It must not ask again for nothing. */
            assert_true(notices_next(n, at(*now)) > *now);
            continue;
        }
        show(&m, *now, out);
        notice_message_free(&m);
    }
    *now = end;
}

static struct addrset set_of(const char *text)
{
    struct addrset s = {0};
    struct addr a;

    if (addr_parse(text, &a))
        addrset_add(&s, &a);
    return s;
}

/* "SECONDS WORD HOST [REST]" a line. */
static void play(struct notices *n, const char *script, struct buf *out)
{
    msec now = 0;

    while (*script != '\0') {
        char word[16], host[32], rest[64] = "";
        int seconds, used = 0;
        const char *end = strchr(script, '\n');
        char *line = mem_text_n(script, end != NULL ? (size_t)(end - script) : strlen(script));
        assert_true(sscanf(line, "%d %15s %31s %n", &seconds, word, host, &used) >= 2);
        if (used > 0)
            snprintf(rest, sizeof rest, "%s", line + used);
        pass(n, &now, seconds * (msec)SECOND, out);
        if (text_equal(word, "changed")) {
            char old[32], fresh[32];
            assert_int_equal(sscanf(rest, "%31s %31s", old, fresh), 2);
            struct addrset a = set_of(old), b = set_of(fresh);
            notices_changed(n, host, a.count > 0 ? (enum family)a.items[0].family : V4, &a, &b,
                            at(now));
        } else if (text_equal(word, "expires")) {
            notices_expires(n, host, rest[0] == '-' ? 0 : WALL_AT_0 + atoi(rest) * DAY, at(now));
        } else if (text_equal(word, "wavers")) {
            notices_expires(n, host, WALL_AT_0 + atoi(rest) * DAY + 2 * SECOND, at(now));
        } else if (!text_equal(word, "end")) {
            enum notice_state s = text_equal(word, "works")   ? NOTICE_AT_WORK
                                  : text_equal(word, "right") ? NOTICE_RIGHT
                                  : text_equal(word, "gone")  ? NOTICE_GONE
                                  : text_equal(word, "fails") ? NOTICE_FAILS
                                  : text_equal(word, "stops") ? NOTICE_STOPPED
                                                              : NOTICE_OFF;
            notices_look(n, host, s, rest[0] != '\0' ? rest : NULL, at(now));
        }
        mem_free(line);
        script += strcspn(script, "\n");
        script += *script == '\n';
    }
}

static const struct {
    const char *name;
    const char *script;
    const char *leaves;
    unsigned events; /* 0: all */
} rows[] = {
    {"one change", "0 changed a 192.0.2.1 192.0.2.2\n9999 end -",
     "30 changed 1 since 0: a 192.0.2.1->192.0.2.2 x1\n", 0},
    {"many change together: one message",
     "0 changed a 192.0.2.1 192.0.2.2\n2 changed a 2001:db8::1 2001:db8::2\n"
     "29 changed b 192.0.2.1 192.0.2.2\n9999 end -",
     "30 changed 3 since 0: a 192.0.2.1->192.0.2.2 x1 a 2001:db8::1->2001:db8::2 x1 "
     "b 192.0.2.1->192.0.2.2 x1\n",
     0},
    {"a change that changes again is one",
     "0 changed a 192.0.2.1 192.0.2.2\n"
     "10 changed a 192.0.2.2 192.0.2.3\n9999 end -",
     "30 changed 1 since 10: a 192.0.2.1->192.0.2.3 x2\n", 0},
    {"a change that is taken back is none",
     "0 changed a 192.0.2.1 192.0.2.2\n10 changed a 192.0.2.2 192.0.2.1\n9999 end -", "", 0},
    {"the address is withdrawn", "0 changed a 192.0.2.1 -\n9999 end -",
     "30 changed 1 since 0: a 192.0.2.1->none x1\n", 0},
    {"failing for less than ten minutes is not told", "0 fails a 503\n599 right a\n9999 end -", "",
     0},
    {"failing and recovered", "0 fails a 503\n4000 right a\n9999 end -",
     "630 failing 1 since 0: a (503)\n4150 recovered 1 since 0: a (503)\n", 0},
    {"attempts between do not begin it anew",
     "0 fails a one\n300 works a\n301 fails a two\n9999 end -", "630 failing 1 since 0: a (two)\n",
     0},
    {"flapping is told once",
     "0 fails a x\n700 right a\n760 fails a x\n800 right a\n860 fails a x\n"
     "900 right a\n9999 end -",
     "630 failing 1 since 0: a (x)\n1050 recovered 1 since 0: a (x)\n", 0},
    {"those that fail a little later go along",
     "0 fails a x\n100 fails b x\n290 fails c x\n500 fails d x\n2000 end -",
     "630 failing 3 since 0: a (x) b (x) c (x)\n1130 failing 1 since 500: d (x)\n", 0},
    {"blocked at once, and again only when something changed",
     "0 stops a password\n1 works a\n2 stops a password\n3 stops b password\n9000 end -",
     "30 blocked 2 since 0: a (password) b (password)\n", 0},
    {"failing, then blocked", "0 fails a 503\n1000 stops a password\n9999 end -",
     "630 failing 1 since 0: a (503)\n1030 blocked 1 since 1000: a (password)\n", 0},
    {"blocked, then tried without success: nothing new",
     "0 stops a password\n1000 fails a 503\n9000 right a\n9999 end -",
     "30 blocked 1 since 0: a (password)\n9150 recovered 1 since 0: a (503)\n", 0},
    {"lost and back", "0 gone a eth0 is silent\n3600 right a\n9999 end -",
     "630 lost 1 since 0: a (eth0 is silent)\n3750 back 1 since 0: a (eth0 is silent)\n", 0},
    {"paused: no word about it", "0 fails a x\n1000 off a\n1500 right a\n9999 end -",
     "630 failing 1 since 0: a (x)\n", 0},
    {"paused before it was told", "0 stops a x\n10 off a\n9999 end -", "", 0},
    {"only what is asked for",
     "0 fails a x\n100 changed a 192.0.2.1 192.0.2.2\n4000 right a\n"
     "9999 end -",
     "4150 recovered 1 since 0: a (x)\n", 1u << NOTICE_RECOVERED},
    {"a credential ends in twenty days", "0 expires acc 20\n2592000 end -",
     "518400 expiring 1 since 1728000: acc\n1468800 expiring 1 since 1728000: acc\n"
     "1728000 expiring 1 since 1728000: acc\n",
     0},
    {"a credential that ends tomorrow is told once, and when it has ended",
     "0 expires acc 1\n2592000 end -",
     "0 expiring 1 since 86400: acc\n86400 expiring 1 since 86400: acc\n", 0},
    {"an end that wavers by seconds",
     "0 expires acc 10\n0 expires acc 10\n600 wavers acc 10\n345600 wavers acc 10\n2592000 end -",
     "0 expiring 1 since 864000: acc\n604800 expiring 1 since 864000: acc\n"
     "864000 expiring 1 since 864000: acc\n",
     0},
    {"renewed in time", "0 expires acc 10\n100 expires acc 400\n2592000 end -",
     "0 expiring 1 since 864000: acc\n", 0},
    {"it has no end any more", "0 expires acc 20\n10 expires acc -\n2592000 end -", "", 0},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct notices_rules rules = {rows[i].events != 0 ? rows[i].events : ALL_EVENTS,
                                            10 * MINUTE, GATHER, false};
        struct notices *n = notices_new(&rules, at(0));
        struct buf out;
        buf_init(&out, 1 << 16);
        play(n, rows[i].script, &out);
        if (!text_equal(buf_str(&out), rows[i].leaves))
            fail_msg("%s:\n%s\nwanted:\n%s", rows[i].name, buf_str(&out), rows[i].leaves);
        buf_free(&out);
        notices_free(n);
    }
}

/* A line that changes every second for a day: ten messages an hour at most, and the last one is
 * true. */
static void test_no_storm(void **state)
{
    const struct notices_rules rules = {ALL_EVENTS, 10 * MINUTE, GATHER, false};
    struct notices *n = notices_new(&rules, at(0));
    struct addrset former = set_of("192.0.2.1"), told = former, set;
    struct notice_message m;
    unsigned hour[25] = {0}, changes = 0;

    (void)state;
    for (msec now = 0; now < DAY + HOUR; now += SECOND) {
        if (now < DAY) {
            char text[32];
            snprintf(text, sizeof text, "198.51.%u.%u", (changes / 250) % 250, changes % 250);
            changes++;
            set = set_of(text);
            notices_changed(n, "a", V4, &former, &set, at(now));
            former = set;
        }
        while (notices_take(n, false, at(now), &m)) {
            assert_true(m.count == 1 && m.event == NOTICE_CHANGED);
            assert_true(addrset_equal(&m.items[0].old, &told));
            told = m.items[0].now;
            hour[now / HOUR]++;
            notice_message_free(&m);
        }
    }
    for (size_t i = 0; i < 25; i++)
        assert_true(hour[i] <= NOTICE_HOURLY + 1); /* the window is any hour, not the clock's */
    assert_true(addrset_equal(&told, &former));
    assert_true(notices_next(n, at(2 * DAY)) == NEVER);
    notices_free(n);
}

/* A hundred thousand that fail together are one message, which names some and counts all. */
static void test_fleet(void **state)
{
    const struct notices_rules rules = {ALL_EVENTS, 10 * MINUTE, GATHER, false};
    struct notices *n = notices_new(&rules, at(0));
    struct notice_message m;
    char host[32];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        snprintf(host, sizeof host, "h%d", i);
        notices_look(n, host, NOTICE_STOPPED, "the password is refused", at(i / 100));
    }
    assert_true(notices_well(n));
    assert_false(notices_take(n, false, at(GATHER - 1), &m));
    assert_true(notices_take(n, false, at(GATHER + SECOND), &m));
    assert_int_equal(m.count, 100000);
    assert_int_equal(m.item_count, NOTICE_ITEMS);
    notice_message_free(&m);
    assert_false(notices_take(n, true, at(HOUR), &m));
    assert_false(notices_well(n));
    notices_free(n);
}

/* What was told is known after a restart: told once, and its end is told. */
static void test_restart(void **state)
{
    const struct notices_rules rules = {ALL_EVENTS, 10 * MINUTE, GATHER, false};
    struct notices *n = notices_new(&rules, at(0)), *later;
    struct notice_message m;
    struct notice_told told;
    struct buf out;
    size_t at_item = 0, count = 0;

    (void)state;
    buf_init(&out, 1 << 16);
    play(n, "0 fails a 503\n0 stops b password\n0 expires acc 10\n1000 fails c 503\n1300 end -",
         &out);
    later = notices_new(&rules, at(0));
    while (notices_walk(n, &at_item, &told)) {
        notices_restore(later, &told, at(0));
        count++;
    }
    assert_int_equal(count, 4); /* c was not told yet, but fails since */
    assert_false(notices_well(later));
    notices_free(n);
    buf_clear(&out);
    play(later,
         "5 fails a 503\n5 stops b password\n5 right c\n5 expires acc 10\n1000 right a\n1000 right "
         "b\n"
         "5000 end -",
         &out);
    assert_string_equal(buf_str(&out), "1150 recovered 2 since 0: a (503) b (password)\n");
    assert_true(notices_well(later));
    /* At the end of the program what was gathered leaves at once. */
    struct addrset one = set_of("192.0.2.1"), two = set_of("192.0.2.2");
    notices_changed(later, "a", V4, &one, &two, at(6000 * (msec)SECOND));
    assert_false(notices_take(later, false, at(6000 * (msec)SECOND), &m));
    assert_true(notices_take(later, true, at(6000 * (msec)SECOND), &m));
    notice_message_free(&m);
    notices_free(later);
    buf_free(&out);
}

static void test_names(void **state)
{
    enum notice_event e;

    (void)state;
    for (int i = 0; i < NOTICE_EVENTS; i++) {
        const char *name = notice_event_name((enum notice_event)i);
        assert_true(notice_event_parse(name, strlen(name), &e) && (int)e == i);
    }
    assert_false(notice_event_parse("changes", 7, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),  cmocka_unit_test(test_no_storm),
        cmocka_unit_test(test_fleet), cmocka_unit_test(test_restart),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
