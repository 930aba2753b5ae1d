/*
 * SPDX-License-Identifier: ISC
 *
 * The planner as a table, then over random sets: whatever stands there, foreign values survive the
 * policy "keep", the other family is never named, and what is written leads to what was wanted.
 */
#include "publish/plan.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
    BY_ID = PLAN_CAN(PLAN_CREATE) | PLAN_CAN(PLAN_REPLACE) | PLAN_CAN(PLAN_DELETE),
    NO_EDIT = PLAN_CAN(PLAN_CREATE) | PLAN_CAN(PLAN_DELETE),
    BY_VALUE = PLAN_CAN(PLAN_ADD) | PLAN_CAN(PLAN_REMOVE),
    SETS = PLAN_CAN(PLAN_SET) | PLAN_CAN(PLAN_DELETE),
    SETS_AND_VALUES = SETS | BY_VALUE,
};

/* Addresses are written as letters: a is 192.0.2.1, b .2 and so on. */
struct row {
    const char *name;
    enum step_policy policy;
    unsigned can;
    const char *existing, *published, *wanted; /* published NULL: not known */
    const char
        *plan; /* "=b>a" replace b by a, "+a" create or add, "-b" delete or remove, "!ab" set */
    enum outcome_class cls;
};

static const struct row rows[] = {
    {"create", POLICY_KEEP, BY_ID, "", NULL, "a", "+a", OUTCOME_GOOD},
    {"as it should be", POLICY_KEEP, BY_ID, "a", NULL, "a", "", OUTCOME_NOCHG},
    {"the only one is adopted", POLICY_KEEP, BY_ID, "b", NULL, "a", "=b>a", OUTCOME_GOOD},
    {"the only one, though we wrote another", POLICY_KEEP, BY_ID, "b", "c", "a", "=b>a",
     OUTCOME_GOOD},
    {"ours among foreign ones", POLICY_KEEP, BY_ID, "xby", "b", "a", "=b>a", OUTCOME_GOOD},
    {"several foreign ones", POLICY_KEEP, BY_ID, "xy", NULL, "a", "", OUTCOME_CONFLICT},
    {"several, none of them what we wrote", POLICY_KEEP, BY_ID, "xy", "b", "a", "",
     OUTCOME_CONFLICT},
    {"keep was chosen: beside several", POLICY_BESIDE, BY_ID, "xy", NULL, "a", "+a", OUTCOME_GOOD},
    {"keep was chosen: ours moves", POLICY_BESIDE, BY_ID, "xyb", "b", "a", "=b>a", OUTCOME_GOOD},
    {"keep was chosen: the only one", POLICY_BESIDE, BY_ID, "b", NULL, "a", "=b>a", OUTCOME_GOOD},
    {"keep was chosen: by value", POLICY_BESIDE, BY_VALUE, "xy", NULL, "a", "+a", OUTCOME_GOOD},
    {"keep was chosen: a set", POLICY_BESIDE, SETS, "xy", NULL, "a", "!xya", OUTCOME_GOOD},
    {"it stands beside foreign ones", POLICY_KEEP, BY_ID, "xa", NULL, "a", "", OUTCOME_NOCHG},
    {"ours is there, the old one too", POLICY_KEEP, BY_ID, "xab", "b", "a", "-b", OUTCOME_GOOD},
    {"two wanted, one is there", POLICY_KEEP, BY_ID, "a", "a", "ab", "+b", OUTCOME_GOOD},
    {"delete ours, keep theirs", POLICY_KEEP, BY_ID, "xb", "b", "", "-b", OUTCOME_GOOD},
    {"delete where nothing is ours", POLICY_KEEP, BY_ID, "xy", NULL, "", "", OUTCOME_NOCHG},
    {"delete where nothing is", POLICY_KEEP, BY_ID, "", NULL, "", "", OUTCOME_NOCHG},
    {"replace all", POLICY_REPLACE, BY_ID, "xyb", NULL, "a", "=x>a-y-b", OUTCOME_GOOD},
    {"replace: it is among them", POLICY_REPLACE, BY_ID, "xa", NULL, "a", "-x", OUTCOME_GOOD},
    {"replace: the same twice", POLICY_REPLACE, BY_ID, "aa", NULL, "a", "-a", OUTCOME_GOOD},
    {"no edit: new before old", POLICY_KEEP, NO_EDIT, "b", NULL, "a", "+a-b", OUTCOME_GOOD},
    {"can not be created", POLICY_KEEP, PLAN_CAN(PLAN_REPLACE), "", NULL, "a", "", OUTCOME_NO_HOST},
    {"can not be deleted", POLICY_KEEP, PLAN_CAN(PLAN_CREATE) | PLAN_CAN(PLAN_REPLACE), "b", "b",
     "", "", OUTCOME_INPUT},
    {"by value: new before old", POLICY_KEEP, BY_VALUE, "b", NULL, "a", "+a-b", OUTCOME_GOOD},
    {"by value, foreign stays", POLICY_KEEP, BY_VALUE, "xb", "b", "a", "+a-b", OUTCOME_GOOD},
    {"by value, replace", POLICY_REPLACE, BY_VALUE, "xb", NULL, "a", "+a-x-b", OUTCOME_GOOD},
    {"set", POLICY_KEEP, SETS, "b", NULL, "a", "!a", OUTCOME_GOOD},
    {"set, foreign put back", POLICY_KEEP, SETS, "xb", "b", "a", "!xa", OUTCOME_GOOD},
    {"set, several foreign", POLICY_KEEP, SETS, "xy", NULL, "a", "", OUTCOME_CONFLICT},
    {"set, delete all", POLICY_KEEP, SETS, "b", "b", "", "-*", OUTCOME_GOOD},
    {"set, delete ours", POLICY_KEEP, SETS, "xb", "b", "", "!x", OUTCOME_GOOD},
    {"set rather than values where all is ours", POLICY_KEEP, SETS_AND_VALUES, "b", NULL, "a", "!a",
     OUTCOME_GOOD},
    {"values rather than set where foreign ones stand", POLICY_KEEP, SETS_AND_VALUES, "xb", "b",
     "a", "+a-b", OUTCOME_GOOD},
    {"first: the first found", POLICY_FIRST, BY_ID, "xy", NULL, "a", "=x>a", OUTCOME_GOOD},
    {"first: right already", POLICY_FIRST, BY_ID, "ax", NULL, "a", "", OUTCOME_NOCHG},
    {"first: created", POLICY_FIRST, BY_ID, "", NULL, "a", "+a", OUTCOME_GOOD},
    {"first: what is asked for is deleted", POLICY_FIRST, BY_ID, "xb", "b", "", "-b", OUTCOME_GOOD},
    {"first: what can not be deleted", POLICY_FIRST, PLAN_CAN(PLAN_CREATE), "b", "b", "", "",
     OUTCOME_INPUT},
    {"first: not created", POLICY_FIRST, PLAN_CAN(PLAN_REPLACE), "", NULL, "a", "",
     OUTCOME_NO_HOST},
};

static struct addr letter(char c)
{
    return (struct addr){.family = V4, .bytes = {192, 0, 2, (uint8_t)(c - 'a' + 1)}};
}

static char letter_of(const struct addr *a)
{
    return (char)('a' + a->bytes[3] - 1);
}

static void set_of(const char *letters, struct addrset *out)
{
    *out = (struct addrset){0};
    for (; *letters != '\0'; letters++) {
        struct addr a = letter(*letters);
        addrset_add(out, &a);
    }
}

static void show(const struct plan *p, const struct addr *existing, char *out)
{
    for (size_t i = 0; i < p->op_count; i++) {
        const struct plan_op *op = &p->ops[i];
        switch (op->kind) {
        case PLAN_CREATE:
        case PLAN_ADD:
            *out++ = '+';
            *out++ = letter_of(&op->value);
            break;
        case PLAN_REPLACE:
            *out++ = '=';
            *out++ = letter_of(&existing[op->element]);
            *out++ = '>';
            *out++ = letter_of(&op->value);
            break;
        case PLAN_DELETE:
        case PLAN_REMOVE:
            *out++ = '-';
            *out++ = op->element < 0 ? '*' : letter_of(&existing[op->element]);
            break;
        case PLAN_SET:
            *out++ = '!';
            for (size_t j = 0; j < op->value_count; j++)
                *out++ = letter_of(&op->values[j]);
            break;
        case PLAN_KINDS:
            break;
        }
    }
    *out = '\0';
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct addr existing[8];
        struct addrset wanted, published;
        struct plan plan;
        char text[128];
        size_t n = strlen(row->existing);

        for (size_t j = 0; j < n; j++)
            existing[j] = letter(row->existing[j]);
        set_of(row->wanted, &wanted);
        set_of(row->published != NULL ? row->published : "", &published);
        struct plan_in in = {.policy = row->policy,
                             .can = row->can,
                             .wanted = &wanted,
                             .published = row->published != NULL ? &published : NULL,
                             .existing = existing,
                             .existing_count = n};
        plan_make(&in, &plan);
        show(&plan, existing, text);
        if (plan.cls != row->cls || strcmp(text, row->plan) != 0)
            fail_msg("%s: have \"%s\" (class %d), want \"%s\" (class %d)", row->name, text,
                     plan.cls, row->plan, row->cls);
        plan_free(&plan);
    }
}

/* What the provider would hold after the writes. */
static void carry_out(const struct plan *p, const struct addr *existing, size_t count, int *after)
{
    memset(after, 0, 26 * sizeof after[0]);
    for (size_t i = 0; i < count; i++)
        after[letter_of(&existing[i]) - 'a']++;
    for (size_t i = 0; i < p->op_count; i++) {
        const struct plan_op *op = &p->ops[i];
        int before = 0;
        for (int j = 0; j < 26; j++)
            before += after[j];
        switch (op->kind) {
        case PLAN_CREATE:
            for (size_t j = 0; j < op->value_count; j++)
                after[letter_of(&op->values[j]) - 'a']++;
            break;
        case PLAN_ADD:
            after[letter_of(&op->value) - 'a']++;
            break;
        case PLAN_REPLACE:
            after[letter_of(&existing[op->element]) - 'a']--;
            after[letter_of(&op->value) - 'a']++;
            break;
        case PLAN_REMOVE:
            after[letter_of(&existing[op->element]) - 'a'] = 0;
            break;
        case PLAN_DELETE:
            if (op->element < 0)
                memset(after, 0, 26 * sizeof after[0]);
            else
                after[letter_of(&existing[op->element]) - 'a']--;
            break;
        case PLAN_SET:
            memset(after, 0, 26 * sizeof after[0]);
            for (size_t j = 0; j < op->value_count; j++)
                after[letter_of(&op->values[j]) - 'a']++;
            break;
        case PLAN_KINDS:
            break;
        }
    }
}

static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static void test_random(void **state)
{
    static const unsigned abilities[] = {BY_ID, NO_EDIT,         BY_VALUE,
                                         SETS,  SETS_AND_VALUES, SETS | PLAN_CAN(PLAN_CREATE)};
    unsigned seed = (unsigned)time(NULL);
    unsigned first = seed, conflicts = 0, written = 0;
    (void)state;

    static const enum step_policy policies[] = {POLICY_KEEP, POLICY_REPLACE, POLICY_BESIDE};

    for (unsigned run = 0; run < 200000; run++) {
        struct addr existing[6];
        struct addrset wanted = {0}, published = {0};
        struct plan plan;
        int after[26];
        size_t n = draw(&seed, 6);
        bool known = draw(&seed, 2) != 0;

        for (size_t i = 0; i < n; i++)
            existing[i] = letter((char)('a' + draw(&seed, 6)));
        for (unsigned i = draw(&seed, 4); i > 0; i--) {
            struct addr a = letter((char)('a' + draw(&seed, 6)));
            addrset_add(&wanted, &a);
        }
        for (unsigned i = draw(&seed, 3); i > 0; i--) {
            struct addr a = letter((char)('a' + draw(&seed, 6)));
            addrset_add(&published, &a);
        }
        struct plan_in in = {.policy = policies[draw(&seed, 3)],
                             .can = abilities[draw(&seed, 6)],
                             .wanted = &wanted,
                             .published = known ? &published : NULL,
                             .existing = existing,
                             .existing_count = n};
        plan_make(&in, &plan);
        carry_out(&plan, existing, n, after);
        bool fine = true;
        for (int c = 0; c < 26; c++) {
            struct addr a = letter((char)('a' + c));
            bool stood = false, is_wanted = addrset_has(&wanted, &a);
            for (size_t i = 0; i < n; i++)
                stood = stood || addr_equal(&existing[i], &a);
            bool ours = n == 1 || (known && addrset_has(&published, &a));
            if (plan.cls == OUTCOME_GOOD || plan.cls == OUTCOME_NOCHG) {
                if (is_wanted)
                    fine = fine && after[c] > 0;
                else if (in.policy == POLICY_REPLACE)
                    fine = fine && after[c] == 0;
                else if (stood && !ours)
                    fine = fine && after[c] > 0; /* a foreign value stays */
                else
                    fine = fine && after[c] == 0;
            } else {
                fine = fine && plan.op_count == 0;
            }
        }
        conflicts += plan.cls == OUTCOME_CONFLICT;
        written += plan.op_count > 0;
        plan_free(&plan);
        if (!fine)
            fail_msg("seed %u, run %u: policy %d, can %x, %zu existing, %u wanted, class %d", first,
                     run, in.policy, in.can, n, wanted.count, plan.cls);
    }
    assert_true(conflicts > 0 && written > 0);
    printf("seed %u: 200000 plans, %u with writes, %u conflicts\n", first, written, conflicts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
