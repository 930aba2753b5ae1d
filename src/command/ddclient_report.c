/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_report.h"

#include <stdarg.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/text.h"

enum { MAIL_MAX = 1 << 20, TEXT_MAX = 16384 };

static const struct {
    const char *name;
    int level; /* of the system log; -1: the configured one, -2: not there */
} labels[] = {
    [REPORT_DEBUG] = {"DEBUG", -2},
    [REPORT_INFO] = {"INFO", -1},
    [REPORT_SUCCESS] = {"SUCCESS", -1},
    [REPORT_WARNING] = {"WARNING", LOG_WARNING},
    [REPORT_RAW] = {NULL, -1},
    [REPORT_FAILED] = {"FAILED", LOG_ERR},
    [REPORT_FATAL] = {"FATAL", LOG_CRIT},
};

static void from_log(void *arg, const struct log_line *line)
{
    static const enum report_label of[] = {
        [LOG_LEVEL_ERROR] = REPORT_WARNING, [LOG_LEVEL_WARNING] = REPORT_WARNING,
        [LOG_LEVEL_NOTICE] = REPORT_INFO,   [LOG_LEVEL_INFO] = REPORT_INFO,
        [LOG_LEVEL_DEBUG] = REPORT_DEBUG,
    };
    char *context = line->about != NULL ? mem_format("[%s]", line->about) : NULL;
    report_say(arg, of[line->level], context != NULL ? context : "", "%s", line->text);
    mem_free(context);
}

void report_init(struct report *r, FILE *err)
{
    *r = (struct report){.err = err, .priority = LOG_NOTICE};
    buf_init(&r->mail, MAIL_MAX);
    buf_init(&r->early, MAIL_MAX);
    r->sink = log_add_sink(from_log, r, LOG_LEVEL_DEBUG);
}

void report_fini(struct report *r)
{
    log_remove_sink(r->sink);
    report_close_syslog(r);
    buf_free(&r->mail);
    buf_free(&r->early);
    mem_free(r->former);
}

static int code_of(const char *name, const char *const *names, const int *codes, size_t count,
                   int otherwise)
{
    for (size_t i = 0; name != NULL && i < count; i++)
        if (text_case_equal(names[i], name))
            return codes[i];
    return otherwise;
}

/* n bytes of a message's line. */
static void log_line(const struct report *r, enum report_label label, const char *line, size_t n)
{
    int level = labels[label].level;

    if (level != -2)
        syslog(level == -1 ? r->priority : level, "%.*s", (int)n, line);
}

static void log_lines(struct report *r, enum report_label label, const char *lines)
{
    for (size_t n; *lines != '\0'; lines += n + (lines[n] == '\n')) {
        n = strcspn(lines, "\n");
        if (r->syslog)
            log_line(r, label, lines, n);
        else if (!r->settled)
            buf_format(&r->early, "%c%.*s\n", 'A' + (int)label, (int)n, lines);
    }
}

static void log_early(struct report *r)
{
    for (const char *s = buf_str(&r->early); *s != '\0';) {
        size_t n = strcspn(s, "\n");
        log_line(r, (enum report_label)(*s - 'A'), s + 1, n - 1);
        s += n + (s[n] == '\n');
    }
    buf_clear(&r->early);
}

void report_close_syslog(struct report *r)
{
    if (r->syslog)
        closelog();
    r->syslog = false;
    r->settled = true;
    buf_clear(&r->early);
}

void report_open_syslog(struct report *r, const char *program, const char *facility,
                        const char *priority)
{
    static const char *const facilities[] = {
        "auth", "authpriv", "cron",   "daemon", "kern",   "lpr",    "mail",   "news",   "user",
        "uucp", "local0",   "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
    static const int facility_codes[] = {
        LOG_AUTH,   LOG_AUTHPRIV, LOG_CRON,   LOG_DAEMON, LOG_KERN,   LOG_LPR,
        LOG_MAIL,   LOG_NEWS,     LOG_USER,   LOG_UUCP,   LOG_LOCAL0, LOG_LOCAL1,
        LOG_LOCAL2, LOG_LOCAL3,   LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7};
    static const char *const priorities[] = {"emerg",   "panic", "alert",  "crit", "err",  "error",
                                             "warning", "warn",  "notice", "info", "debug"};
    static const int priority_codes[] = {LOG_EMERG,  LOG_EMERG, LOG_ALERT,   LOG_CRIT,
                                         LOG_ERR,    LOG_ERR,   LOG_WARNING, LOG_WARNING,
                                         LOG_NOTICE, LOG_INFO,  LOG_DEBUG};

    r->priority = code_of(priority, priorities, priority_codes,
                          sizeof priorities / sizeof priorities[0], LOG_NOTICE);
    openlog(program, LOG_PID,
            code_of(facility, facilities, facility_codes, sizeof facilities / sizeof facilities[0],
                    LOG_DAEMON));
    r->syslog = r->settled = true;
    log_early(r);
}

/* Is the label told, given debug, verbose and quiet? */
static bool is_told(const struct report *r, enum report_label label)
{
    if (label == REPORT_DEBUG)
        return r->debug;
    if (label == REPORT_INFO)
        return r->verbose;
    if (label == REPORT_SUCCESS)
        return !r->quiet || r->verbose;
    return true;
}

/* "WARNING: [h][x]> text"; further lines repeat the prefix with two blanks. What a peer said must
 * not forge a line. */
static void add_lines(struct buf *out, const char *label, const char *context, const char *text)
{
    char *named = mem_format("%s:", label != NULL ? label : "");
    char *prefix = label != NULL ? mem_format("%-8s %s", named, context) : mem_text("");
    const char *mark = label != NULL ? "> " : "";
    const char *more = label != NULL ? "  " : "";

    for (const char *s = text;;) {
        const char *end = strchrnul(s, '\n');
        buf_text(out, prefix);
        buf_text(out, mark);
        for (const char *p = s; p < end; p++) {
            if ((unsigned char)*p < 0x20 || *p == 0x7f)
                buf_format(out, "\\x%02x", (unsigned char)*p);
            else
                buf_char(out, *p);
        }
        buf_char(out, '\n');
        mark = more;
        if (*end == '\0' || end[1] == '\0')
            break;
        s = end + 1;
    }
    mem_free(named);
    mem_free(prefix);
}

void report_say(struct report *r, enum report_label label, const char *context, const char *format,
                ...)
{
    char text[TEXT_MAX];
    struct buf lines;
    va_list args;

    if (!is_told(r, label))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (label == REPORT_FAILED || label == REPORT_FATAL)
        r->failed = true;
    buf_init(&lines, 8 * TEXT_MAX);
    add_lines(&lines, labels[label].name, context, text);
    fwrite(buf_str(&lines), 1, lines.len, r->err);
    fflush(r->err);
    if (label != REPORT_DEBUG)
        buf_text(&r->mail, buf_str(&lines));
    log_lines(r, label, buf_str(&lines));
    buf_free(&lines);
}

bool report_news(const struct report *r)
{
    return r->mail.len > 0 && !text_equal(r->former, buf_str(&r->mail));
}

void report_next(struct report *r)
{
    mem_free(r->former);
    r->former = buf_take(&r->mail);
    r->failed = false;
}
