/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

void background_init(struct background *b)
{
    *b = (struct background){-1, -1, NULL};
}

/* The parent's whole further life. */
static _Noreturn void wait_for_child(pid_t pid, int fd)
{
    char word;
    ssize_t n;
    int status;

    do
        n = read(fd, &word, 1);
    while (n < 0 && errno == EINTR);
    if (n == 1)
        _exit(0);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

enum err background_enter(struct background *b, struct cause *cause)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return cause_set(cause, err_from_errno(errno), "unable to fork (%s)", strerror(errno));
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return cause_set(cause, err_from_errno(error), "unable to fork (%s)", strerror(error));
    }
    if (pid > 0) {
        close(ends[1]);
        wait_for_child(pid, ends[0]);
    }
    close(ends[0]);
    b->ready_fd = ends[1];
    return OK;
}

void background_ready(struct background *b)
{
    if (b->ready_fd < 0)
        return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    if (null > STDERR_FILENO)
        close(null);
    ssize_t n = write(b->ready_fd, "r", 1);
    (void)n; /* a parent that is gone needs no answer */
    close(b->ready_fd);
    b->ready_fd = -1;
}

enum err background_pid_file(struct background *b, const char *path, struct cause *cause)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);

    if (fd < 0)
        return cause_set(cause, err_from_errno(errno), "Cannot create file '%s'. (%s)", path,
                         strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return cause_set(cause, ERR_BUSY, "another process runs already with the pid file %s",
                         path);
    }
    if (ftruncate(fd, 0) != 0 || write(fd, text, (size_t)n) != n) {
        int error = errno;
        close(fd);
        return cause_set(cause, err_from_errno(error), "Cannot create file '%s'. (%s)", path,
                         strerror(error));
    }
    b->pid_fd = fd;
    b->pid_path = mem_text(path);
    return OK;
}

void background_leave(struct background *b)
{
    struct stat mine, there;

    if (b->pid_fd < 0)
        return;
    if (fstat(b->pid_fd, &mine) == 0 && lstat(b->pid_path, &there) == 0 &&
        mine.st_dev == there.st_dev && mine.st_ino == there.st_ino)
        unlink(b->pid_path);
    close(b->pid_fd);
    mem_free(b->pid_path);
    background_init(b);
}
