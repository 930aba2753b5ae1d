/*
 * SPDX-License-Identifier: ISC
 */
#include "base/sip.h"

#include <endian.h>
#include <string.h>

void sip_init(struct sip *s, const uint64_t key[2])
{
    *s = (struct sip){.v = {key[0] ^ 0x736f6d6570736575ULL, key[1] ^ 0x646f72616e646f6dULL,
                            key[0] ^ 0x6c7967656e657261ULL, key[1] ^ 0x7465646279746573ULL}};
}

static inline uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

/* Up to eight bytes; the first is the least. */
static inline uint64_t load(const unsigned char *at, size_t n)
{
    uint64_t word = 0;
    uint32_t first, last;

    if (n == 8) {
        memcpy(&word, at, 8);
        return le64toh(word);
    }
    if (n < 4) {
        for (size_t i = 0; i < n; i++)
            word |= (uint64_t)at[i] << (8 * i);
        return word;
    }
    memcpy(&first, at, 4); /* what both hold is the same */
    memcpy(&last, at + n - 4, 4);
    return le32toh(first) | (uint64_t)le32toh(last) << (8 * (n - 4));
}

void sip_add(struct sip *s, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    struct sip now = *s;

    for (size_t took; n > 0; at += took, n -= took) {
        size_t held = now.length % 8;
        took = n < 8 ? n : 8;
        uint64_t next = load(at, took);
        now.word |= next << (8 * held);
        now.length += took;
        if (held + took >= 8) {
            sip_word(now.v, now.word);
            now.word = held > 0 ? next >> (8 * (8 - held)) : 0;
        }
    }
    *s = now;
}

uint64_t sip_end(struct sip *s)
{
    sip_word(s->v, s->word | s->length << 56);
    s->v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(s->v);
    return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}
