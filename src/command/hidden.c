/*
 * SPDX-License-Identifier: ISC
 */
#include "command/hidden.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool read_line(char *out, size_t room)
{
    if (fgets(out, (int)room, stdin) == NULL)
        return false;
    bool whole = strchr(out, '\n') != NULL || strlen(out) + 1 < room;
    out[strcspn(out, "\r\n")] = '\0';
    return whole;
}

bool hidden_ask(FILE *to, const char *question, char *out, size_t room)
{
    struct termios before, quiet;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return read_line(out, room);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet); /* before the question, which invites an answer */
    fprintf(to, "%s ", question);
    fflush(to);
    bool good = read_line(out, room);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', to);
    return good;
}
