/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/heap.h"
#include "decide/set.h"
#include "decide/wanted.h"

#include <stdlib.h>

/* heap, set and wanted: small parts of deciding, each with its own test. */

static void test_heap_gives_the_earliest(void **state)
{
    enum { ITEMS = 500 };
    static struct heap_item items[ITEMS];
    struct heap h = {0};
    (void)state;
    srand(5);
    assert_int_equal(heap_next(&h), NEVER);
    assert_null(heap_take(&h, NEVER));
    for (int i = 0; i < ITEMS; i++)
        heap_set(&h, &items[i], rand() % 1000);
    for (int i = 0; i < 3000; i++) /* moved, removed, added again */
        heap_set(&h, &items[rand() % ITEMS], rand() % 3 == 0 ? NEVER : rand() % 1000);
    heap_fit(&h);
    assert_int_equal(h.room, h.count);
    for (int i = 0; i < ITEMS; i++) /* and it goes on */
        heap_set(&h, &items[rand() % ITEMS], rand() % 3 == 0 ? NEVER : rand() % 1000);
    msec former = -1;
    size_t count = h.count;
    assert_null(heap_take(&h, heap_next(&h) - 1));
    for (size_t i = 0; i < count; i++) {
        msec next = heap_next(&h);
        struct heap_item *item = heap_take(&h, NEVER - 1);
        assert_int_equal(item->at, next);
        assert_int_equal(item->place, 0);
        assert_true(item->at >= former);
        former = item->at;
    }
    assert_int_equal(h.count, 0);
    heap_set(&h, &items[0], NEVER);
    assert_int_equal(h.count, 0);
    heap_set(&h, &items[0], 5);
    heap_set(&h, &items[0], 5);
    assert_int_equal(h.count, 1);
    heap_free(&h);
}

static struct addrset one(const char *text)
{
    struct addrset set = {0};
    struct addr a;
    if (addr_parse(text, &a))
        addrset_add(&set, &a);
    return set;
}

static void test_sets_are_kept_once(void **state)
{
    struct sets *sets = sets_new();
    struct addrset a = one("5.0.0.1"), b = one("2a00::1");
    const struct set *first = set_get(sets, &a), *same = set_get(sets, &a);
    const struct set *other = set_get(sets, &b), *slot = NULL;
    (void)state;
    assert_ptr_equal(first, same);
    assert_ptr_not_equal(first, other);
    assert_true(addrset_equal(set_addresses(first), &a));
    set_drop(same);
    assert_true(set_assign(&slot, first));
    assert_false(set_assign(&slot, first));
    set_drop(first);
    assert_true(addrset_equal(set_addresses(slot), &a)); /* one count is left */
    assert_true(set_assign(&slot, other));
    assert_ptr_equal(set_keep(other), other);
    set_drop(other);
    set_drop(other);
    assert_true(set_assign(&slot, NULL));
    assert_null(set_keep(NULL));
    set_drop(NULL);
    sets_free(sets);
    sets_free(NULL);
}

static void test_wanted(void **state)
{
    static const struct {
        const char *said; /* NULL: unknown, "": known to be none */
        enum family family;
        const char *loss;
        bool any_kind;
        const char *expected; /* NULL: leave it alone */
        enum wanted_lack lack;
        enum addr_kind refused;
    } rows[] = {
        {"5.0.0.1", V4, NULL, false, "5.0.0.1", LACK_NOTHING, ADDR_PUBLIC},
        {NULL, V4, "delete", false, NULL, LACK_UNKNOWN, ADDR_PUBLIC}, /* unknown is never none */
        {NULL, V4, "5.9.9.9", false, NULL, LACK_UNKNOWN, ADDR_PUBLIC},
        {"", V4, "keep", false, NULL, LACK_GONE, ADDR_PUBLIC},
        {"", V4, "delete", false, "", LACK_NOTHING, ADDR_PUBLIC},
        {"", V4, "5.9.9.9", false, "5.9.9.9", LACK_NOTHING, ADDR_PUBLIC},
        {"", V6, "5.9.9.9", false, NULL, LACK_GONE, ADDR_PUBLIC}, /* of the other family */
        {"192.168.1.2", V4, "delete", false, NULL, LACK_REFUSED, ADDR_PRIVATE},
        {"192.168.1.2", V4, NULL, true, "192.168.1.2", LACK_NOTHING, ADDR_PUBLIC},
        {"100.64.12.9", V4, NULL, false, NULL, LACK_REFUSED, ADDR_CGNAT},
        {"fd00::1", V6, NULL, false, NULL, LACK_REFUSED, ADDR_ULA},
        {"2002:102:304::1", V6, NULL, false, NULL, LACK_REFUSED, ADDR_6TO4},
        {"2001:0:53aa:64c::1", V6, NULL, false, NULL, LACK_REFUSED, ADDR_TEREDO},
        {"64:ff9b::1", V6, NULL, false, NULL, LACK_REFUSED, ADDR_NAT64},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wanted_rules rules = {.any_kind = rows[i].any_kind};
        struct addrset said = one(rows[i].said != NULL ? rows[i].said : "");
        assert_true(wanted_parse_loss(rows[i].loss, &rules));
        struct wanted w = wanted_of(rows[i].said != NULL ? &said : NULL, rows[i].family, &rules);
        struct addrset expected = one(rows[i].expected != NULL ? rows[i].expected : "");
        assert_int_equal(w.known, rows[i].expected != NULL);
        assert_true(addrset_equal(&w.set, &expected));
        assert_int_equal(w.lack, rows[i].lack);
        assert_int_equal(w.refused, rows[i].refused);
    }
}

static void test_mixed_addresses(void **state)
{
    struct addrset said = one("fd00::1"), public = one("2a00::1"), link = one("fe80::1");
    struct wanted_rules rules = {0};
    (void)state;
    addrset_add(&said, &public.items[0]);
    addrset_add(&said, &link.items[0]);
    struct wanted w = wanted_of(&said, V6, &rules);
    assert_true(w.known);
    assert_true(addrset_equal(&w.set, &public));
    assert_int_equal(w.lack, LACK_NOTHING);
    assert_false(wanted_parse_loss("sometimes", &rules));
    assert_true(wanted_parse_loss("", &rules));
    assert_int_equal(rules.loss, LOSS_KEEP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_gives_the_earliest),
        cmocka_unit_test(test_sets_are_kept_once),
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_mixed_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
