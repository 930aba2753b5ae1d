/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_PROGRAM_H
#define HOMING_PUBLISH_PROGRAM_H

/*
 * protocol=command: a program of the user's own publishes the hostname. It gets one JSON document
 * on its standard input and answers with lines of an outcome word and a message; what both look
 * like stands in homing-providers(7). One hostname a run, with its own settings and nobody else's.
 * It asks for REQUEST_RUN only; whoever drives it starts the program.
 */
struct protocol;
extern const struct protocol protocol_program;

#endif
