/*
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "command/command.h"
#include "command/service.h"
#include "keeper/keeper.h"

int main(int argc, char **argv)
{
    /* The other half of "homing run", which the keeper starts; no command of a person. */
    if (argc > 1 && strcmp(argv[1], KEEPER_WORKER_WORD) == 0)
        return service_main(argc, argv);
    return command_main(argc, argv);
}
