/*
 * SPDX-License-Identifier: ISC
 */
#include "command/journal.h"

/* Its LOG_DEBUG and kin are priorities; ours are called LOG_LEVEL_DEBUG. */
#define SYSLOG_NAMES
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/conf.h"
#include "engine/messages.h"

/* A write of whole lines that is not longer does not mix with those of others (pipe(7)). */
enum { KEPT_MOST = PIPE_BUF, LINE_MOST = 64 * 1024 };

static struct {
    int to_error, to_syslog;    /* sinks, or -1 */
    enum log_level least_asked; /* of the command line */
    bool syslog_open, json;
    void (*around)(void *arg, bool over);
    void *around_arg;
    char kept[KEPT_MOST]; /* lines of the thread that gathers them; see base/log.h */
    size_t kept_len;
} journal = {.to_error = -1, .to_syslog = -1};

static const int priorities[] = {
    [LOG_LEVEL_ERROR] = LOG_ERR, [LOG_LEVEL_WARNING] = LOG_WARNING, [LOG_LEVEL_NOTICE] = LOG_NOTICE,
    [LOG_LEVEL_INFO] = LOG_INFO, [LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

static void write_lines(const char *text, size_t n)
{
    if (journal.around != NULL)
        journal.around(journal.around_arg, false);
    fwrite(text, 1, n, stderr);
    fflush(stderr);
    if (journal.around != NULL)
        journal.around(journal.around_arg, true);
}

static void write_kept(void *arg)
{
    size_t n = journal.kept_len;

    (void)arg;
    journal.kept_len = 0;
    if (n > 0)
        write_lines(journal.kept, n);
}

static void put_line(const struct buf *line)
{
    if (log_gathering() && line->len > KEPT_MOST - journal.kept_len)
        write_kept(NULL);
    if (!log_gathering() || line->len > KEPT_MOST) {
        write_lines(buf_str(line), line->len);
        return;
    }
    memcpy(journal.kept + journal.kept_len, line->data, line->len);
    journal.kept_len += line->len;
}

static void to_journal(void *arg, const struct log_line *line)
{
    struct buf text;

    (void)arg;
    buf_init(&text, LINE_MOST);
    buf_format(&text, "<%d>", priorities[line->level]);
    log_line_text(line, &text);
    put_line(&text);
    buf_free(&text);
}

static void to_error(void *arg, const struct log_line *line)
{
    struct buf text;

    (void)arg;
    buf_init(&text, LINE_MOST);
    log_line_text(line, &text);
    put_line(&text);
    buf_free(&text);
}

static int add_bytes(const char *bytes, size_t n, void *text)
{
    return buf_add(text, bytes, n) ? 0 : -1;
}

static void to_json(void *arg, const struct log_line *line)
{
    json_t *doc = json_pack("{s:{s:s,s:o,s:o}}", "log", "level", log_level_name(line->level),
                            "about", line->about != NULL ? message_text(line->about) : json_null(),
                            "text", message_text(line->text));
    struct buf text;

    (void)arg;
    buf_init(&text, LINE_MOST);
    json_dump_callback(doc, add_bytes, &text, JSON_COMPACT);
    buf_char(&text, '\n');
    put_line(&text);
    buf_free(&text);
    json_decref(doc);
}

static void to_syslog(void *arg, const struct log_line *line)
{
    struct buf text;

    buf_init(&text, 8192);
    if (line->about != NULL)
        buf_format(&text, "%s: ", line->about);
    buf_text(&text, line->text);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            text.data[i] = '?'; /* no peer forges a line */
    syslog(priorities[line->level], "%s", buf_str(&text));
    buf_free(&text);
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

static void use(enum log_level least, bool syslog_too)
{
    static bool begun;

    if (!begun)
        atexit(log_flush); /* in the middle of a turn */
    begun = true;
    if (journal.to_error >= 0)
        log_remove_sink(journal.to_error);
    if (journal.to_syslog >= 0)
        log_remove_sink(journal.to_syslog);
    journal.to_error = log_add_sink(journal.json   ? to_json
                                    : is_journal() ? to_journal
                                                   : to_error,
                                    NULL, least);
    log_may_keep(journal.to_error, write_kept);
    journal.to_syslog = syslog_too && !is_journal() ? log_add_sink(to_syslog, NULL, least) : -1;
}

void journal_start(char *const *words)
{
    journal.least_asked = LOG_LEVEL_NOTICE;
    for (; words != NULL && *words != NULL; words++) {
        if (text_equal(*words, "--debug"))
            journal.least_asked = LOG_LEVEL_DEBUG;
        else if (text_equal(*words, "--verbose") && journal.least_asked < LOG_LEVEL_INFO)
            journal.least_asked = LOG_LEVEL_INFO;
        else if (text_equal(*words, "--quiet"))
            journal.least_asked = LOG_LEVEL_WARNING;
        else if (text_equal(*words, "--json"))
            journal.json = true;
    }
    use(journal.least_asked, false);
}

void journal_around(void (*fn)(void *arg, bool over), void *arg)
{
    journal.around = fn;
    journal.around_arg = arg;
}

static enum log_level level_of(const struct view *globals)
{
    const char *word = conf_text(globals, "log-level");
    enum log_level least = LOG_LEVEL_NOTICE;

    for (int l = LOG_LEVEL_ERROR; l <= LOG_LEVEL_DEBUG; l++)
        if (text_equal(word, log_level_name((enum log_level)l)))
            least = (enum log_level)l;
    if (conf_bool(globals, "quiet"))
        least = LOG_LEVEL_WARNING;
    if (conf_bool(globals, "verbose") && least < LOG_LEVEL_INFO)
        least = LOG_LEVEL_INFO;
    return conf_bool(globals, "debug") ? LOG_LEVEL_DEBUG : least;
}

static int facility_of(const struct view *globals)
{
    const char *word = conf_text(globals, "facility");

    for (const CODE *f = facilitynames; f->c_name != NULL; f++)
        if (text_case_equal(word, f->c_name))
            return f->c_val;
    return LOG_DAEMON;
}

void journal_follow(const struct view *globals)
{
    enum log_level least = level_of(globals);
    bool syslog_too = conf_bool(globals, "syslog");

    if (journal.syslog_open)
        closelog();
    journal.syslog_open = syslog_too;
    if (syslog_too)
        openlog("homing", LOG_PID, facility_of(globals));
    use(least > journal.least_asked ? least : journal.least_asked, syslog_too);
}
