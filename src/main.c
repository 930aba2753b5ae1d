/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("homing " HOMING_VERSION);
    return 0;
}
