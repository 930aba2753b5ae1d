/*
 * SPDX-License-Identifier: ISC
 *
 * "homing check FILE" as a whole, in this process: places, provider files, reader, checker and the
 * words for people. The first byte chooses the form of the answer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char program[] = "homing", check[] = "check", json[] = "--json", old[] = "--ddclient";
    static char path[40];
    static int file = -1;
    static FILE *nowhere;
    FILE *out = stdout, *err = stderr;
    char *argv[6] = {program, check};
    int argc = 2;

    if (file < 0) {
        file = memfd_create("homing.conf", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        nowhere = fopen("/dev/null", "w");
        if (nowhere == NULL)
            abort();
    }
    if (size < 1)
        return 0;
    if (ftruncate(file, 0) != 0 || pwrite(file, data + 1, size - 1, 0) != (ssize_t)size - 1)
        abort();
    if (data[0] & 1)
        argv[argc++] = json;
    if (data[0] & 2)
        argv[argc++] = old;
    argv[argc++] = path;
    stdout = stderr = nowhere;
    int status = command_main(argc, argv);
    stdout = out;
    stderr = err;
    if (status != STATUS_RIGHT && status != STATUS_CONF)
        abort();
    return 0;
}
