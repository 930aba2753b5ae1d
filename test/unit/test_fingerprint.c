/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "engine/fingerprint.h"

static const uint8_t key[16] = "a key of a test";
static const struct fingerprint_field fields[] = {{"widget", false}, {"password", true}};

static struct conf *parse(const char *text)
{
    return conf_parse(text, strlen(text), &(struct conf_options){.dialect = CONF_HOMING});
}

static void print(const struct conf *c, size_t i, struct fingerprint_known *known, uint64_t *out)
{
    struct view v = conf_entry_view(conf_entry_at(c, i));

    fingerprints(&v, fields, 2, key, known, out);
}

/* What is known of the neighbour gives the same as asking for everything. */
static void takes_over_from_a_neighbour(void **state)
{
    static const char text[] = "ttl=300, mx=m.example.org, widget=w\n"
                               "protocol=dyndns2, login=a, password=p a.example.org\n"
                               "protocol=dyndns2, login=b, password=p b.example.org\n"
                               "protocol=dyndns2, login=b, password=q c.example.org\n"
                               "protocol=dyndns2, login=b, password=q d.example.org\n";
    struct conf *c = parse(text);
    struct fingerprint_known known, none;
    uint64_t with[FINGERPRINTS], fresh[FINGERPRINTS], former[FINGERPRINTS];

    (void)state;
    fingerprint_known_init(&known);
    fingerprint_known_init(&none);
    assert_int_equal(conf_entry_count(c), 4);
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            assert_true(conf_entry_near(conf_entry_at(c, i - 1), conf_entry_at(c, i)));
        known.near = i > 0;
        print(c, i, &known, with);
        print(c, i, &none, fresh);
        assert_memory_equal(with, fresh, sizeof with);
        if (i > 0) {
            assert_int_equal(with[FINGERPRINT_CONTENT], former[FINGERPRINT_CONTENT]);
            assert_int_equal(with[FINGERPRINT_SECRETS] == former[FINGERPRINT_SECRETS], i != 2);
            assert_int_equal(with[FINGERPRINT_SETTINGS] == former[FINGERPRINT_SETTINGS], i == 3);
        }
        memcpy(former, with, sizeof former);
    }
    fingerprint_known_fini(&known);
    fingerprint_known_fini(&none);
    conf_unref(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_over_from_a_neighbour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
