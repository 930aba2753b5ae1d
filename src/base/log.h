/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_LOG_H
#define HOMING_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The one log. A line is a level, the hostname (or account, source, part) it is about, and one
 * sentence that says what happened and what follows. Never a secret: requests are shown by
 * marked_show() only.
 *
 * Sinks get every line at or above their level: standard error, syslog, the page's live log.
 *
 * Between log_gather() and log_release() a sink may keep lines back, so that what is told of a
 * hundred hostnames leaves in a few writes. Who gathers waits for nothing meanwhile: lines leave
 * within the turn of the loop that they were made in, and before what they tell of is handed over
 * to be remembered, so that a crash takes no line without what it told. An error takes along what
 * stands before it, and so does all after which others may write or the program may end: a child
 * that starts, exit(), memory that is out. The thread that gathers alone keeps lines back.
 */
enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

struct log_line {
    enum log_level level;
    const char *about; /* hostname or other subject; NULL when about homing itself */
    const char *text;
    uint64_t exchange; /* the exchange with a provider that it is about; 0: none */
};
typedef void log_sink_fn(void *arg, const struct log_line *line);

enum { LOG_SINKS_MAX = 8 };
/* Returns a handle for log_remove_sink(), or -1 when there are too many. */
int log_add_sink(log_sink_fn *fn, void *arg, enum log_level most);
void log_remove_sink(int handle);
/* The sink keeps lines back while log_gathering(); flush writes them. */
void log_may_keep(int handle, void (*flush)(void *arg));
const char *log_level_name(enum log_level level); /* "error", "warning", ... */

/* Does any sink get lines of this level? For what is dear to say. */
bool log_heard(enum log_level level);
void log_write(enum log_level level, const char *about, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_vwrite(enum log_level level, const char *about, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
#define log_error(about, ...)   log_write(LOG_LEVEL_ERROR, about, __VA_ARGS__)
#define log_warning(about, ...) log_write(LOG_LEVEL_WARNING, about, __VA_ARGS__)
#define log_notice(about, ...)  log_write(LOG_LEVEL_NOTICE, about, __VA_ARGS__)
#define log_info(about, ...)    log_write(LOG_LEVEL_INFO, about, __VA_ARGS__)
#define log_debug(about, ...)   log_write(LOG_LEVEL_DEBUG, about, __VA_ARGS__)

/* The lines that follow are about this exchange (engine/exchanges.h), until it is called with 0. */
void log_exchange(uint64_t id);

void log_gather(void); /* may be nested */
void log_release(void);
bool log_gathering(void);
/* What this thread's sinks keep back is written now. */
void log_flush(void);

struct buf;
/* The line as log_to_file() writes it, with its end, behind what is there. */
void log_line_text(const struct log_line *line, struct buf *out);
/* A sink that writes "warning: host: text" lines to a FILE given as arg. Control characters of the
 * text are shown as \xNN, so that no peer can forge a line. */
log_sink_fn log_to_file;

#endif
