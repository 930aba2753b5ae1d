/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the side; the rest comes in pieces of many sizes. What was understood is
 * written again and must be the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message_reader r;
    struct message m;
    struct buf again;
    enum err e = ERR_NOT_FOUND;
    size_t at = 1, piece = 1;

    if (size < 1)
        return 0;
    message_reader_init(&r, data[0] & 1 ? SIDE_WORKER : SIDE_KEEPER);
    buf_init(&again, size);
    while (at < size && e != ERR_SYNTAX) {
        size_t n = piece < size - at ? piece : size - at;
        message_reader_add(&r, data + at, n);
        at += n;
        piece = piece * 3 % 101;
        while ((e = message_next(&r, &m)) == OK) {
            if (!message_write(&m, &again))
                abort();
            message_done(&m);
        }
    }
    if (again.len > 0 && memcmp(again.data, data + 1, again.len) != 0)
        abort();
    buf_free(&again);
    message_reader_fini(&r);
    return 0;
}
