/*
 * SPDX-License-Identifier: ISC
 */
#include "command/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

/* Priorities of syslog(3) for our levels. */
static const char priorities[] = {'3', '4', '5', '6', '7'};

static void to_journal(void *arg, const struct log_line *line)
{
    fprintf(stderr, "<%c>", priorities[line->level]);
    log_to_file(arg, line);
}

/* systemd names the device and inode of the stream that is the journal (systemd.exec(5)). */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;

    return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void journal_start(char *const *words)
{
    enum log_level most = LOG_LEVEL_NOTICE;

    for (; words != NULL && *words != NULL; words++) {
        if (text_equal(*words, "--debug"))
            most = LOG_LEVEL_DEBUG;
        else if (text_equal(*words, "--verbose") && most < LOG_LEVEL_INFO)
            most = LOG_LEVEL_INFO;
    }
    log_add_sink(is_journal() ? to_journal : log_to_file, stderr, most);
}
