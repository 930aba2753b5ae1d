/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "keeper/message.h"

static const char *const given[] = {"env", "CF_TOKEN", "s3cret", "file", "/etc/k", ""};
static const char *const changes[] = {"ttl", "=300", "mx", "-"};
static const char *const args[] = {"203.0.113.7"};

static const struct message samples[] = {
    {.type = MESSAGE_CONF,
     .of.conf = {.version = "abc",
                 .path = "/etc/homing/homing.conf",
                 .how = CONF_LAST_GOOD,
                 .bytes = {"a\0b\n", 4},
                 .given = {(const char **)given, 6}}},
    {.type = MESSAGE_WISH, .of.wish = {WISH_UPDATE}},
    {.type = MESSAGE_EDITED,
     .id = 7,
     .of.edited = {ERR_CONFLICT, "v2", "changed meanwhile", 2, 12, 3, 0, 1, 1, 0, "ttl", "h@p"}},
    {.type = MESSAGE_RAN, .id = 0xffffffff, .of.ran = {OK, 3, {"1.2.3.4\n", 8}, ""}},
    {.type = MESSAGE_READY},
    {.type = MESSAGE_STATUS, .of.status = {"All is right."}},
    {.type = MESSAGE_VERDICT, .of.verdict = {"abc", 1}},
    {.type = MESSAGE_EDIT,
     .id = 9,
     .of.edit = {1, 0, 2, "h@p", "abc", {(const char **)changes, 4}}},
    {.type = MESSAGE_RUN,
     .id = 1,
     .of.run = {"h@p", "cmdv4", 60000, {(const char **)args, 1}, {0}, {"{}\n", 3}}},
    {.type = MESSAGE_AGAIN, .of.again = {3, 1700000000, "signal 11"}},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static enum message_side side_of(const struct message *m)
{
    return m->type < MESSAGE_READY || m->type == MESSAGE_AGAIN ? SIDE_KEEPER : SIDE_WORKER;
}

static void goes_there_and_back(void **state)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buf wire, again;
        struct message_reader r;
        struct message m;

        buf_init(&wire, 100000);
        buf_init(&again, 100000);
        assert_true(message_write(&samples[i], &wire));
        message_reader_init(&r, side_of(&samples[i]));
        /* Byte by byte: nothing comes before the last one. */
        for (size_t n = 0; n < wire.len; n++) {
            assert_int_equal(message_next(&r, &m), ERR_NOT_FOUND);
            assert_true(message_reader_add(&r, wire.data + n, 1));
        }
        assert_int_equal(message_next(&r, &m), OK);
        assert_int_equal(m.type, samples[i].type);
        assert_int_equal(m.id, samples[i].id);
        assert_true(message_write(&m, &again));
        assert_int_equal(again.len, wire.len);
        assert_memory_equal(again.data, wire.data, wire.len);
        message_done(&m);
        assert_int_equal(message_next(&r, &m), ERR_NOT_FOUND);
        message_reader_fini(&r);
        buf_free(&wire);
        buf_free(&again);
    }
}

static void reads_fields(void **state)
{
    struct buf wire;
    struct message_reader r;
    struct message m;

    buf_init(&wire, 100000);
    message_write(&samples[0], &wire);
    message_write(&samples[3], &wire);
    message_reader_init(&r, SIDE_KEEPER);
    assert_true(message_reader_add(&r, wire.data, wire.len));
    assert_int_equal(message_next(&r, &m), OK);
    assert_string_equal(m.of.conf.path, "/etc/homing/homing.conf");
    assert_string_equal(m.of.conf.why, "");
    assert_int_equal(m.of.conf.bytes.len, 4);
    assert_memory_equal(m.of.conf.bytes.data, "a\0b\n", 4);
    assert_int_equal(m.of.conf.given.count, 6);
    assert_string_equal(m.of.conf.given.items[2], "s3cret");
    message_done(&m);
    assert_int_equal(message_next(&r, &m), OK);
    assert_int_equal(m.of.ran.status, 3);
    message_done(&m);
    message_reader_fini(&r);
    buf_free(&wire);
}

/* Every shortened length, every changed count: refused, never read past. */
static void refuses_lies(void **state)
{
    static const struct {
        const char *what;
        enum message_side from;
        uint8_t bytes[40];
        size_t n;
    } lies[] = {
        {"type 0", SIDE_KEEPER, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 12},
        {"type 10", SIDE_WORKER, {0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0}, 12},
        {"type of the other side",
         SIDE_WORKER,
         {0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
         16},
        {"bits that must be zero", SIDE_WORKER, {0, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, 0}, 12},
        {"length above the type's bound", SIDE_WORKER, {0, 1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0}, 12},
        {"length 4 GB", SIDE_KEEPER, {255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0}, 12},
        {"bytes left over", SIDE_WORKER, {0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 9}, 13},
        {"a wish that does not exist",
         SIDE_KEEPER,
         {0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2},
         16},
        {"a number cut short", SIDE_KEEPER, {0, 0, 0, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 15},
        {"a text longer than the message",
         SIDE_WORKER,
         {0, 0, 0, 6, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 'a', 0},
         18},
        {"a text without its end",
         SIDE_WORKER,
         {0, 0, 0, 6, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'a', 'b'},
         18},
        {"NUL inside a text",
         SIDE_WORKER,
         {0, 0, 0, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 'a', 0, 'b', 0},
         20},
        {"a length that wraps",
         SIDE_WORKER,
         {0, 0, 0, 6, 6, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 'a', 0},
         18},
        {"a list longer than the message",
         SIDE_WORKER,
         {0, 0, 0, 22, 9, 0, 0, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0,
          0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0},
         34},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct message_reader r;
        struct message m;
        message_reader_init(&r, lies[i].from);
        message_reader_add(&r, lies[i].bytes, lies[i].n);
        enum err e = message_next(&r, &m);
        if (e != ERR_SYNTAX)
            fail_msg("%s: %s", lies[i].what, err_name(e));
        message_reader_fini(&r);
    }
}

static void refuses_to_write_too_much(void **state)
{
    static char big[100000];
    struct buf wire;

    memset(big, 'x', sizeof big - 1);
    buf_init(&wire, 1 << 20);
    assert_false(message_write(
        &(struct message){.type = MESSAGE_RAN, .of.ran = {.output = {big, sizeof big}}}, &wire));
    assert_false(
        message_write(&(struct message){.type = MESSAGE_STATUS, .of.status = {big}}, &wire));
    assert_int_equal(wire.len, 0);
    buf_free(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_there_and_back),
        cmocka_unit_test(reads_fields),
        cmocka_unit_test(refuses_lies),
        cmocka_unit_test(refuses_to_write_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
