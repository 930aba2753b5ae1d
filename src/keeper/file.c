/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static enum err failed(struct cause *c, const char *path)
{
    int error = errno;
    return cause_set(c, err_from_errno(error), "%s: %s", path, strerror(error));
}

enum err file_read(const char *path, struct buf *out, struct cause *c)
{
    char piece[16 * 1024];
    struct stat st;
    enum err e = OK;
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return failed(c, path);
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        e = cause_set(c, ERR_UNSUPPORTED, "%s is not a regular file", path);
    while (e == OK && n != 0) {
        n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            e = failed(c, path);
        else if (!buf_add(out, piece, (size_t)n))
            e = cause_set(c, ERR_TOO_BIG, "%s is too big", path);
        if (n < 0)
            break;
    }
    mem_wipe(piece, sizeof piece);
    close(fd);
    return e;
}

static enum err write_all(int fd, const char *bytes, size_t n, const char *path, struct cause *c)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return failed(c, path);
        bytes += done;
        n -= (size_t)done;
    }
    return fsync(fd) == 0 ? OK : failed(c, path);
}

/* The name in its folder becomes durable with the folder. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? mem_text(".")
                   : slash == path ? mem_text("/")
                                   : mem_text_n(path, (size_t)(slash - path));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(
            fd); /* what can not be done is not the writer's fault: the file is whole either way */
        close(fd);
    }
    mem_free(folder);
}

enum err file_write(const char *path, const char *bytes, size_t n, struct cause *c)
{
    char real[PATH_MAX];
    struct stat st;
    const char *target = realpath(path, real) != NULL ? real : path;
    char *beside = mem_format("%s.XXXXXX", target);
    int fd = mkostemp(beside, O_CLOEXEC); /* 0600 */
    enum err e = fd < 0 ? failed(c, beside) : OK;

    if (e == OK && stat(target, &st) == 0 && (st.st_uid != geteuid() || st.st_gid != getegid()) &&
        fchown(fd, st.st_uid, st.st_gid) != 0)
        errno = 0; /* another owner's file that we may replace becomes ours */
    if (e == OK)
        e = write_all(fd, bytes, n, beside, c);
    if (fd >= 0)
        close(fd);
    if (e == OK && rename(beside, target) != 0)
        e = failed(c, target);
    if (e == OK)
        sync_folder(target);
    else if (fd >= 0)
        unlink(beside);
    mem_free(beside);
    return e;
}
