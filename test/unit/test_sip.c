/*
 * SPDX-License-Identifier: ISC
 */
/* The hash under a key, against its authors' numbers, however the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <endian.h>
#include <string.h>

#include "base/sip.h"

/* The key is 00 01 ... 0f, the bytes are 00 01 ..., as many as the length. */
static const struct {
    size_t length;
    uint64_t hash;
} rows[] = {
    {0, 0x726fdb47dd0e0e31}, {1, 0x74f839c593dc67fd}, {7, 0xab0200f58b01d137},
    {8, 0x93f5f5799a932462}, {9, 0x9e0082df0ba9e4b0}, {15, 0xa129ca6149be45e5},
};

static uint64_t hash_in_pieces(size_t length, size_t piece)
{
    unsigned char bytes[16];
    uint64_t key[2];
    struct sip s;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    memcpy(key, bytes, sizeof key);
    key[0] = le64toh(key[0]);
    key[1] = le64toh(key[1]);
    sip_init(&s, key);
    for (size_t at = 0; at < length; at += piece)
        sip_add(&s, bytes + at, length - at < piece ? length - at : piece);
    return sip_end(&s);
}

static void the_numbers_of_its_authors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t piece = 1; piece <= 16; piece++)
            if (hash_in_pieces(rows[i].length, piece) != rows[i].hash)
                fail_msg("%zu bytes in pieces of %zu", rows[i].length, piece);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_of_its_authors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
