/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_mail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/smtp.h"

enum { TEXT_MAX = 2 << 20, ADDRESSES_MAX = 100 };

/* A header's value stays on its line. */
static void add_header(struct buf *out, const char *name, const char *value)
{
    buf_format(out, "%s: ", name);
    for (; *value != '\0'; value++)
        if ((unsigned char)*value >= 0x20)
            buf_char(out, *value);
    buf_char(out, '\n');
}

void mail_text(const struct mail *m, struct buf *out)
{
    char date[64] = "";
    time_t seconds = (time_t)(m->now / SECOND);
    struct tm tm;
    char *subject = mem_format("status report from %s@%s", m->program, m->host);

    add_header(out, "To", m->to);
    if (m->from != NULL && m->from[0] != '\0')
        add_header(out, "From", m->from);
    add_header(out, "Subject", subject);
    /* RFC 5322, 3.3; month and day names are English, as the C locale is never left. */
    if (localtime_r(&seconds, &tm) != NULL &&
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S %z", &tm) > 0)
        add_header(out, "Date", date);
    buf_text(out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                  "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n");
    buf_text(out, m->body);
    buf_format(out, "\n\n-- \n   %s@%s (version " HOMING_VERSION ")\n", m->program, m->host);
    mem_free(subject);
}

/* Words that begin with a dash are left out: they would be options. */
static char *next_word(const char **at, const char *between)
{
    for (;;) {
        *at += strspn(*at, between);
        size_t n = strcspn(*at, between);
        if (n == 0)
            return NULL;
        const char *word = *at;
        *at += n;
        if (word[0] != '-')
            return mem_text_n(word, n);
    }
}

char *mail_next_address(const char **at)
{
    return next_word(at, " \t,");
}

/* Waits for the child until the end; kills it then. True when it ended well. */
static bool wait_for_child(pid_t pid, msec end)
{
    int status;

    for (;;) {
        pid_t done = waitpid(pid, &status, WNOHANG);
        if (done == pid)
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (done < 0 && errno != EINTR)
            return false;
        if (clock_now().mono >= end) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return false;
        }
        poll(NULL, 0, 20);
    }
}

/* Writes all to a pipe that its reader may leave unread. */
static bool feed(int fd, const struct buf *text, msec end)
{
    size_t at = 0;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (at < text->len) {
        ssize_t n = write(fd, text->data + at, text->len - at);
        if (n > 0) {
            at += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {fd, POLLOUT, 0};
            if (clock_now().mono >= end || poll(&p, 1, 1000) < 0)
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

extern char **environ;

static enum err start_sendmail(char **argv, int input, pid_t *pid, struct cause *cause)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, plain;

    sigemptyset(&none);
    sigemptyset(&plain);
    sigaddset(&plain, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &plain);
    int error = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error == 0
               ? OK
               : cause_set(cause, err_from_errno(error),
                           "the report was not mailed: the program sendmail can not be started: %s",
                           strerror(error));
}

enum err mail_by_sendmail(const struct mail *m, struct cause *cause)
{
    char *argv[ADDRESSES_MAX + 3] = {mem_text("sendmail"), mem_text("-oi")};
    size_t count = 2;
    const char *at = m->to;
    int ends[2];
    pid_t pid;
    msec end = clock_now().mono + MAIL_LIMIT;
    struct buf text;
    enum err e;

    /* As ddclient gives them to it: "a@x.org,b@x.org" stays one word. */
    while (count < ADDRESSES_MAX + 2 && (argv[count] = next_word(&at, " \t")) != NULL)
        count++;
    buf_init(&text, TEXT_MAX);
    mail_text(m, &text);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        e = cause_set(cause, err_from_errno(errno), "the report was not mailed: %s",
                      strerror(errno));
    } else {
        e = start_sendmail(argv, ends[0], &pid, cause);
        close(ends[0]);
        bool fed = e == OK && feed(ends[1], &text, end);
        close(ends[1]);
        if (e == OK && (!wait_for_child(pid, end) || !fed))
            e = cause_set(cause, ERR_IO, "the report was not mailed: sendmail refused it");
    }
    for (size_t i = 0; i < count; i++)
        mem_free(argv[i]);
    buf_free(&text);
    return e;
}

enum err mail_by_server(const struct mail *m, const char *server, const char *ca_file,
                        struct cause *cause)
{
    char *to[ADDRESSES_MAX + 1] = {NULL};
    size_t count = 0;
    const char *at = m->to;
    struct buf text;

    while (count < ADDRESSES_MAX && (to[count] = mail_next_address(&at)) != NULL)
        count++;
    char *sender = m->from != NULL && m->from[0] != '\0' ? mem_text(m->from)
                                                         : mem_format("%s@%s", m->program, m->host);
    buf_init(&text, TEXT_MAX);
    mail_text(m, &text);
    struct smtp_mail mail = {.server = server,
                             .ca_file = ca_file,
                             .from = sender,
                             .to = to,
                             .to_count = count,
                             .text = buf_str(&text),
                             .text_len = text.len,
                             .limit = MAIL_LIMIT};
    enum err e = smtp_send(&mail, cause);
    mem_free(sender);
    for (size_t i = 0; i < count; i++)
        mem_free(to[i]);
    buf_free(&text);
    return e;
}
