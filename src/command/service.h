/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_SERVICE_H
#define HOMING_COMMAND_SERVICE_H

/*
 * The worker of "homing run": everything but the configuration file and the commands in it. It
 * narrows itself first, then wires the rooms on one loop and serves until the keeper says stop or
 * is gone.
 */

/* The worker's main(): called by the keeper as "homing --worker STATE-FOLDER SOCKET [--WORD...]".
 */
int service_main(int argc, char **argv);

#endif
