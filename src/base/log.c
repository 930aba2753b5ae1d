/*
 * SPDX-License-Identifier: ISC
 */
#include "base/log.h"

#include "base/buf.h"

#include <stdio.h>

enum { LINE_MAX_BYTES = 8192 };

static struct {
    log_sink_fn *fn;
    void *arg;
    enum log_level most;
    void (*flush)(void *arg); /* NULL: it keeps nothing back */
} sinks[LOG_SINKS_MAX];

static _Thread_local uint64_t exchange;
static _Thread_local unsigned gathering; /* how deep */

void log_exchange(uint64_t id)
{
    exchange = id;
}

int log_add_sink(log_sink_fn *fn, void *arg, enum log_level most)
{
    for (int i = 0; i < LOG_SINKS_MAX; i++) {
        if (sinks[i].fn == NULL) {
            sinks[i].fn = fn;
            sinks[i].arg = arg;
            sinks[i].most = most;
            sinks[i].flush = NULL;
            return i;
        }
    }
    return -1;
}

void log_remove_sink(int handle)
{
    if (handle < 0 || handle >= LOG_SINKS_MAX)
        return;
    log_flush();
    sinks[handle].fn = NULL;
}

void log_may_keep(int handle, void (*flush)(void *arg))
{
    if (handle >= 0 && handle < LOG_SINKS_MAX)
        sinks[handle].flush = flush;
}

void log_gather(void)
{
    gathering++;
}

bool log_gathering(void)
{
    return gathering > 0;
}

void log_flush(void)
{
    for (int i = 0; i < LOG_SINKS_MAX && gathering > 0; i++)
        if (sinks[i].fn != NULL && sinks[i].flush != NULL)
            sinks[i].flush(sinks[i].arg);
}

void log_release(void)
{
    if (gathering == 1)
        log_flush();
    gathering--;
}

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    return (unsigned)level < sizeof names / sizeof names[0] ? names[level] : "unknown";
}

bool log_heard(enum log_level level)
{
    bool wanted = false;

    for (int i = 0; i < LOG_SINKS_MAX; i++)
        wanted = wanted || (sinks[i].fn != NULL && level <= sinks[i].most);
    return wanted;
}

void log_vwrite(enum log_level level, const char *about, const char *format, va_list args)
{
    if (!log_heard(level))
        return;

    char text[LINE_MAX_BYTES];
    vsnprintf(text, sizeof text, format, args);
    struct log_line line = {level, about, text, exchange};
    for (int i = 0; i < LOG_SINKS_MAX; i++)
        if (sinks[i].fn != NULL && level <= sinks[i].most)
            sinks[i].fn(sinks[i].arg, &line);
    if (level == LOG_LEVEL_ERROR)
        log_flush();
}

void log_write(enum log_level level, const char *about, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_vwrite(level, about, format, args);
    va_end(args);
}

static void add_visible(struct buf *out, const char *s)
{
    while (*s != '\0') {
        size_t n = 0;
        while ((unsigned char)s[n] >= 0x20 && s[n] != 0x7f)
            n++;
        buf_add(out, s, n);
        s += n;
        if (*s != '\0')
            buf_format(out, "\\x%02x", (unsigned char)*s++);
    }
}

void log_line_text(const struct log_line *line, struct buf *out)
{
    buf_text(out, log_level_name(line->level));
    buf_text(out, ": ");
    if (line->about != NULL) {
        add_visible(out, line->about);
        buf_text(out, ": ");
    }
    add_visible(out, line->text);
    buf_char(out, '\n');
}

void log_to_file(void *arg, const struct log_line *line)
{
    struct buf out;

    buf_init(&out, 8 * LINE_MAX_BYTES);
    log_line_text(line, &out);
    fwrite(buf_str(&out), 1, out.len, arg);
    fflush(arg);
    buf_free(&out);
}
