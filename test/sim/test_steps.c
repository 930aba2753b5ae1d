/*
 * SPDX-License-Identifier: ISC
 */
/* What an event costs in a fleet, counted in steps instead of time: it must not go through those
 * whom it does not concern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/inside.h"
#include "scene.h"

/* One hostname at s1, which stands alone, and so many on an account each at s0. */
static void start_fleet(struct scene *s, unsigned count)
{
    struct buf text;

    scene_prepare(s);
    buf_init(&text, 1 << 20);
    scene_names(&text, 1, 0, 1, "");
    for (unsigned i = 1; i <= count; i++)
        buf_format(&text,
                   "protocol=dyndns2, server=s0.example.net, login=u%u, password=p, usev4=ifv4, "
                   "ifv4=eth0 f%u.example.org\n",
                   i, i);
    scene_load(s, buf_str(&text));
    buf_free(&text);
    scene_address(s, "5.1.1.1");
    engine_start(s->engine);
    scene_pass(s, HOUR);
    assert_int_equal(s->requests, count + 1);
}

/* Steps from here to an hour later. */
static uint64_t steps_of_an_hour(struct scene *s)
{
    uint64_t before = s->engine->walked;

    scene_pass(s, HOUR);
    return s->engine->walked - before;
}

/* The password of one account is refused, and then it is right again. */
static uint64_t one_account(unsigned count)
{
    struct scene s;
    struct cause cause;

    start_fleet(&s, count);
    s.answers[1] = "badauth";
    assert_int_equal(engine_update(s.engine, scene_id(&s, 0), false, &cause), OK);
    uint64_t steps = steps_of_an_hour(&s);
    scene_host(&s, 0, "needs-you", "auth");
    s.answers[1] = "good";
    assert_int_equal(engine_update(s.engine, scene_id(&s, 0), false, &cause), OK);
    steps += steps_of_an_hour(&s);
    scene_finish(&s);
    return steps;
}

static void test_an_account_concerns_its_own_hostnames(void **state)
{
    (void)state;
    uint64_t few = one_account(20);
    assert_true(few > 0);
    assert_int_equal(one_account(400), few);
}

/* A person asks for all of them. */
static uint64_t all_by_a_person(unsigned count)
{
    struct scene s;
    struct cause cause;

    start_fleet(&s, count);
    uint64_t before = s.engine->walked;
    assert_int_equal(engine_update(s.engine, NULL, true, &cause), OK);
    uint64_t steps = s.engine->walked - before + steps_of_an_hour(&s);
    assert_int_equal(s.requests, 2 * (count + 1));
    scene_finish(&s);
    return steps;
}

static void test_a_wish_for_all_is_a_few_steps_for_each(void **state)
{
    (void)state;
    uint64_t few = all_by_a_person(20);
    assert_in_range(all_by_a_person(400), 400, 25 * few);
}

/* The provider refuses this client: that stops all accounts there, and each is told once or twice,
 * however many of them were refused. */
static uint64_t whole_provider(unsigned count)
{
    struct scene s;
    struct cause cause;

    start_fleet(&s, count);
    s.answers[0] = "badagent";
    uint64_t before = s.engine->walked;
    assert_int_equal(engine_update(s.engine, NULL, true, &cause), OK);
    uint64_t steps = s.engine->walked - before + steps_of_an_hour(&s);
    scene_host(&s, 1, "needs-you", "agent");
    scene_finish(&s);
    return steps;
}

static void test_a_provider_concerns_its_accounts_once(void **state)
{
    (void)state;
    uint64_t few = whole_provider(20);
    assert_in_range(whole_provider(400), 400, 25 * few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_account_concerns_its_own_hostnames),
        cmocka_unit_test(test_a_wish_for_all_is_a_few_steps_for_each),
        cmocka_unit_test(test_a_provider_concerns_its_accounts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
