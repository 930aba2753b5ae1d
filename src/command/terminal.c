/*
 * SPDX-License-Identifier: ISC
 */
#include "command/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

bool terminal_is(FILE *stream)
{
    const char *term = getenv("TERM");
    int fd = fileno(stream);

    return fd >= 0 && isatty(fd) && term != NULL && term[0] != '\0' && !text_equal(term, "dumb");
}

bool terminal_has_colours(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");

    return (no_color == NULL || no_color[0] == '\0') && terminal_is(stream);
}

size_t terminal_columns(FILE *stream)
{
    struct winsize size = {0};

    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
