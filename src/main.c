/*
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "command/command.h"
#include "command/service.h"
#include "keeper/keeper.h"

/* An answer of which only a part could be written is none: "homing export > FILE" on a full disk. A
 * reader that wanted no more has all it wants. */
static int with_all_told(int status)
{
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE)
        return status;
    fprintf(stderr, "homing: the answer could not be written%s%s. What was written of it is cut.\n",
            errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    return status == STATUS_RIGHT ? STATUS_FAILED : status;
}

/* One heap for all threads. A thread's own grows page by page, each a call to the kernel (three
 * hundred in a pass of a thousand hostnames), and what another thread gave back waits in it. */
static void share_heap(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
#endif
}

int main(int argc, char **argv)
{
    share_heap();
    /* jansson's reader goes on with what it did not get (2.14): it ends as we do, with a word. */
    json_set_alloc_funcs(mem_alloc, mem_free);
    /* The other half of "homing run", which the keeper starts; no command of a person. */
    if (argc > 1 && strcmp(argv[1], KEEPER_WORKER_WORD) == 0)
        return service_main(argc, argv);
    return with_all_told(command_main(argc, argv));
}
