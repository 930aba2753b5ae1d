/*
 * SPDX-License-Identifier: ISC
 */
#include "command/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

static enum err read_all(const char *path, struct buf *out, struct cause *cause)
{
    char chunk[16384];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err result = OK;

    if (fd < 0)
        return cause_set(cause, err_from_errno(errno), "%s cannot be read: %s", path,
                         strerror(errno));
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            result = cause_set(cause, err_from_errno(errno), "%s cannot be read: %s", path,
                               strerror(errno));
        else if (n > 0 && !buf_add(out, chunk, (size_t)n))
            result = cause_set(cause, ERR_TOO_BIG, "%s is longer than a cache can be", path);
        if (n <= 0 || result != OK)
            break;
    }
    close(fd);
    return result;
}

enum err cache_load(struct cache *c, const char *path, struct cause *cause)
{
    struct buf bytes;
    struct stat st;

    if (stat(path, &st) != 0 && errno == ENOENT)
        return OK;
    buf_init(&bytes, CACHE_FILE_MAX);
    enum err e = read_all(path, &bytes, cause);
    if (e == OK)
        e = cache_parse(c, buf_str(&bytes), bytes.len, cause);
    buf_free(&bytes);
    return e;
}

/* Makes the directories above path that are missing. */
static enum err make_folders(const char *path, struct cause *cause)
{
    char *copy = mem_text(path);
    enum err e = OK;

    for (char *slash = strchr(copy + 1, '/'); slash != NULL && e == OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            e = cause_set(cause, err_from_errno(errno),
                          "Failed to create cache file directory: %s: %s", copy, strerror(errno));
        *slash = '/';
    }
    mem_free(copy);
    return e;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_text(".");
    return slash == path ? mem_text("/") : mem_text_n(path, (size_t)(slash - path));
}

static bool write_all(int fd, const char *s, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, s, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return false;
        s += w;
        n -= (size_t)w;
    }
    return true;
}

/* Beside, fsync, rename, fsync the folder. */
static enum err replace(const char *path, int folder, const struct buf *text, bool durable,
                        struct cause *cause)
{
    char *beside = mem_format("%s.new", path);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write_all(fd, buf_str(text), text->len) && (!durable || fsync(fd) == 0);
    int error = errno;

    if (fd >= 0 && close(fd) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good && rename(beside, path) != 0) {
        good = false;
        error = errno;
    }
    if (good && durable && folder >= 0)
        fsync(folder);
    if (!good && fd >= 0)
        unlink(beside);
    mem_free(beside);
    return good ? OK
                : cause_set(cause, err_from_errno(error), "Failed to create cache file %s: %s",
                            path, strerror(error));
}

static void copy_entry(struct cache *to, const struct cache_entry *from)
{
    struct cache_entry *e = cache_entry(to, from->host);

    for (int f = 0; f < FAMILIES; f++) {
        e->of[f].known = from->of[f].known;
        e->of[f].addr = from->of[f].addr;
        cache_set(&e->of[f].status, from->of[f].status);
    }
    e->mtime = from->mtime;
    e->atime = from->atime;
    e->wtime = from->wtime;
    e->warned_min = from->warned_min;
    e->warned_error = from->warned_error;
    cache_set(&e->backupmx, from->backupmx);
    cache_set(&e->mx, from->mx);
    cache_set(&e->wildcard, from->wildcard);
    cache_set(&e->is_static, from->is_static);
    cache_set(&e->settings, from->settings);
    e->failures = from->failures;
}

enum err cache_save(const struct cache *c, const char *path, msec now, bool durable,
                    struct cause *cause)
{
    bool touched = false;

    for (size_t i = 0; i < c->count; i++)
        touched = touched || c->entries[i]->touched;
    if (!touched)
        return OK;
    enum err e = make_folders(path, cause);
    if (e != OK)
        return e;
    /* The folder is what both processes can lock: the file itself is replaced by each. */
    char *name = folder_of(path);
    int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mem_free(name);
    if (folder >= 0)
        flock(folder, LOCK_EX);

    struct cache fresh;
    struct buf text;
    cache_init(&fresh);
    buf_init(&text, CACHE_FILE_MAX);
    cache_load(&fresh, path, NULL); /* what cannot be read is replaced */
    for (size_t i = 0; i < c->count; i++)
        if (c->entries[i]->touched)
            copy_entry(&fresh, c->entries[i]);
    cache_text(&fresh, now, &text);
    e = text.overflow ? cause_set(cause, ERR_TOO_BIG, "the cache %s would be too long", path)
                      : replace(path, folder, &text, durable, cause);
    buf_free(&text);
    cache_free(&fresh);
    if (folder >= 0)
        close(folder);
    return e;
}
