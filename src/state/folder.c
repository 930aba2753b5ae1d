/*
 * SPDX-License-Identifier: ISC
 */
#include "state/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

enum { ASIDE_KEPT = 3 };

static enum err failed(struct cause *c, const char *what, const char *path)
{
    int error = errno;
    return cause_set(c, err_from_errno(error), "%s %s: %s", what, path, strerror(error));
}

static enum err make_parents(const char *folder, struct cause *c)
{
    char *path = mem_text(folder);
    enum err e = OK;

    for (char *slash = strchr(path + 1, '/'); slash != NULL && e == OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            e = failed(c, "can not make the folder", path);
        *slash = '/';
    }
    mem_free(path);
    return e;
}

enum err folder_make(const char *folder, struct cause *c)
{
    struct stat st;
    enum err e = make_parents(folder, c);

    if (e != OK)
        return e;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return failed(c, "can not make the folder", folder);
    if (stat(folder, &st) != 0)
        return failed(c, "can not use the folder", folder);
    if (!S_ISDIR(st.st_mode))
        return cause_set(c, ERR_EXISTS, "%s is not a folder", folder);
    if (st.st_uid == geteuid() && (st.st_mode & 077) != 0 && chmod(folder, 0700) != 0)
        return failed(c, "can not make private the folder", folder);
    if (access(folder, W_OK | X_OK) != 0)
        return failed(c, "can not write in the folder", folder);
    return OK;
}

static char *path_of(const char *folder, const char *name)
{
    return mem_format("%s/%s", folder, name);
}

/* Who wrote the lock; 0 when that can not be read. */
static long holder_of(int fd)
{
    char text[24];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    return strtol(text, NULL, 10);
}

/* The lock of an ended process is held by its other half, which ends too. */
static bool wait_for_lock(int fd)
{
    const struct timespec step = {0, 50 * 1000000L};

    for (int waited = 0; waited <= FOLDER_LOCK_WAIT; waited += 50) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        long holder = holder_of(fd);
        if (errno != EWOULDBLOCK || holder <= 0 || kill((pid_t)holder, 0) == 0 || errno != ESRCH)
            return false;
        nanosleep(&step, NULL);
    }
    errno = EWOULDBLOCK;
    return false;
}

/* For people, and for the message of the next one; on a full disk the lock holds without it. Always
 * of one length: to cut the former one off may wait for the disk. */
static void sign_lock(int fd)
{
    char pid[24];
    int n = snprintf(pid, sizeof pid, "%-10ld\n", (long)getpid());

    if (pwrite(fd, pid, (size_t)n, 0) != n)
        errno = 0;
}

enum err folder_lock(const char *folder, int *fd, struct cause *c)
{
    char *path = path_of(folder, "lock");
    enum err e = OK;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        e = failed(c, "can not open", path);
    else if (wait_for_lock(*fd))
        sign_lock(*fd);
    else
        e = cause_set(c, ERR_BUSY, "homing is already running here as process %ld (it uses %s)",
                      holder_of(*fd), folder);
    if (e != OK && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    mem_free(path);
    return e;
}

static enum err write_key(const char *path, uint8_t key[FOLDER_KEY_SIZE], int *written,
                          struct cause *c)
{
    char *beside = mem_format("%s.new", path);
    enum err e = OK;

    if (getrandom(key, FOLDER_KEY_SIZE, 0) != FOLDER_KEY_SIZE)
        e = cause_set(c, ERR_IO, "no random numbers: %s", strerror(errno));
    int fd =
        e == OK ? open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (e == OK && (fd < 0 || write(fd, key, FOLDER_KEY_SIZE) != FOLDER_KEY_SIZE))
        e = failed(c, "can not write", beside);
    if (e == OK && rename(beside, path) != 0)
        e = failed(c, "can not write", path);
    if (e != OK && fd >= 0)
        close(fd);
    *written = e == OK ? fd : -1;
    mem_free(beside);
    return e;
}

enum err folder_key(const char *folder, uint8_t key[FOLDER_KEY_SIZE], int *written, struct cause *c)
{
    char *path = path_of(folder, "fingerprint-key");
    uint8_t more;
    enum err e = OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    *written = -1;
    if (fd < 0 && errno != ENOENT) {
        e = failed(c, "can not read", path);
    } else if (fd < 0 || read(fd, key, FOLDER_KEY_SIZE) != FOLDER_KEY_SIZE ||
               read(fd, &more, 1) != 0) {
        e = write_key(path, key, written, c);
    }
    if (fd >= 0)
        close(fd);
    mem_free(path);
    return e;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names carry the time, so that their order is their age. */
static void forget_oldest(const char *folder, const char *name)
{
    char *start = mem_format("%s.damaged-", name);
    char **names = NULL;
    size_t count = 0;
    DIR *dir = opendir(folder);

    for (struct dirent *d = dir != NULL ? readdir(dir) : NULL; d != NULL; d = readdir(dir)) {
        if (text_starts(d->d_name, start) && !text_ends(d->d_name, "-wal")) {
            names = mem_more(names, count, sizeof *names);
            names[count++] = mem_text(d->d_name);
        }
    }
    if (count > 1)
        qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        if (i + ASIDE_KEPT < count) {
            char *wal = mem_format("%s-wal", names[i]);
            unlinkat(dirfd(dir), names[i], 0);
            unlinkat(dirfd(dir), wal, 0);
            mem_free(wal);
        }
        mem_free(names[i]);
    }
    if (dir != NULL)
        closedir(dir);
    mem_free(names);
    mem_free(start);
}

static void rename_companion(const char *path, const char *aside, const char *suffix)
{
    char *from = mem_format("%s%s", path, suffix), *to = mem_format("%s%s", aside, suffix);

    if (rename(from, to) != 0 && errno != ENOENT)
        unlink(from);
    mem_free(from);
    mem_free(to);
}

enum err folder_set_aside(const char *folder, const char *name, char aside[FOLDER_PATH_MAX],
                          struct cause *c)
{
    char *path = path_of(folder, name);
    char when[32];
    enum err e = OK;

    snprintf(aside, FOLDER_PATH_MAX, "%s.damaged-%s", path, clock_text(clock_now().wall, when));
    for (int n = 2; access(aside, F_OK) == 0 && n < 100; n++)
        snprintf(aside, FOLDER_PATH_MAX, "%s.damaged-%s.%02d", path, when, n);
    rename_companion(path, aside, "-wal");
    rename_companion(path, aside, "-shm");
    if (rename(path, aside) != 0)
        e = failed(c, "can not rename", path);
    else
        forget_oldest(folder, name);
    mem_free(path);
    return e;
}
