/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/save.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/lex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HASH_TEXT = 32, MARK = 16 };

void save_version(const char *bytes, size_t n, char out[SAVE_VERSION_MAX])
{
    static unsigned char key[32];
    static bool made;
    unsigned char digest[32] = {0}; /* what stays of it when the library has no memory */
    struct buf text;

    if (!made)
        made = getrandom(key, sizeof key, 0) == (ssize_t)sizeof key;
    HMAC(EVP_sha256(), key, sizeof key, (const unsigned char *)bytes, n, digest, NULL);
    buf_init(&text, HASH_TEXT);
    text_add_hex(&text, digest, HASH_TEXT / 2);
    memcpy(out, buf_str(&text), HASH_TEXT + 1);
    buf_free(&text);
}

/* Half of the plain hash: it stands beside the whole text in the same closed folder. */
static void mark_of(const char *bytes, size_t n, char out[MARK + 1])
{
    unsigned char digest[32] = {0};
    struct buf text;
    EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL);
    buf_init(&text, MARK);
    text_add_hex(&text, digest, MARK / 2);
    memcpy(out, buf_str(&text), MARK + 1);
    buf_free(&text);
}

static enum err failed(struct cause *cause, const char *what, const char *path)
{
    int error = errno;
    return cause_set(cause, err_from_errno(error), "%s %s: %s", what, path, strerror(error));
}

static enum err read_fd(int fd, const char *path, struct buf *out, struct cause *cause)
{
    char part[16 * 1024];
    ssize_t got;
    struct stat st;

    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return failed(cause, "can not read", path);
    }
    while ((got = read(fd, part, sizeof part)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(cause, "can not read", path);
        if (!buf_add(out, part, (size_t)got))
            return cause_set(cause, ERR_TOO_BIG, "%s is too big for a configuration", path);
    }
    mem_wipe(part, sizeof part);
    return OK;
}

enum err save_read(const char *path, struct buf *out, char version[SAVE_VERSION_MAX],
                   struct cause *cause)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return failed(cause, "can not read", path);
    enum err e = read_fd(fd, path, out, cause);
    close(fd);
    if (e == OK && version != NULL)
        save_version(buf_str(out), out->len, version);
    return e;
}

static enum err write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, bytes, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return ERR_IO;
        bytes += put;
        n -= (size_t)put;
    }
    return fsync(fd) == 0 ? OK : ERR_IO;
}

static enum err sync_folder(int folder)
{
    /* Some file systems have no fsync for folders; the rename is then as safe as it gets. */
    return fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP ? OK : ERR_IO;
}

/* A folder that is held for the time of a change. */
struct held {
    int folder;      /* of the file; locked */
    char *path;      /* owned; the real file */
    char *name;      /* in path */
    char *temporary; /* owned; name in the folder */
};

static void let_go(struct held *h)
{
    if (h->folder >= 0)
        close(h->folder);
    mem_free(h->path);
    mem_free(h->temporary);
}

static enum err hold(struct held *h, const char *path, struct cause *cause)
{
    *h = (struct held){.folder = -1};
    char *real = realpath(path, NULL);
    h->path = real != NULL ? real : mem_text(path);
    char *slash = strrchr(h->path, '/');
    h->name = slash != NULL ? slash + 1 : h->path;
    char *folder = slash == NULL      ? mem_text(".")
                   : slash == h->path ? mem_text("/")
                                      : mem_text_n(h->path, (size_t)(slash - h->path));
    h->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    h->temporary = mem_format(".%s.%ld.new", h->name, (long)getpid());
    enum err e = OK;
    if (h->folder < 0)
        e = failed(cause, "can not open", folder);
    while (e == OK && flock(h->folder, LOCK_EX) != 0)
        if (errno != EINTR)
            e = failed(cause, "can not lock", folder);
    mem_free(folder);
    return e;
}

/*
 * 0600; but root:homing 0640 is a layout of its own, in which the group goes on reading. The owner
 * stays when root edits a file of the service.
 */
static enum err dress(int fd, const struct stat *former)
{
    mode_t group = former != NULL && (former->st_mode & 0007) == 0 ? former->st_mode & 0040 : 0;
    if (former != NULL && (former->st_uid != geteuid() || former->st_gid != getegid()) &&
        fchown(fd, former->st_uid, former->st_gid) != 0 &&
        fchown(fd, (uid_t)-1, former->st_gid) != 0)
        group = 0; /* another group shall not read it */
    return fchmod(fd, 0600 | group) == 0 ? OK : ERR_IO;
}

/* What root makes beside a file of the service belongs to the file's owner, or its folder's. */
static void give_to_owner(const struct held *h, int fd)
{
    struct stat owner;

    if (geteuid() != 0)
        return;
    if (fstatat(h->folder, h->name, &owner, 0) != 0 && fstat(h->folder, &owner) != 0)
        return;
    if ((owner.st_uid != 0 || owner.st_gid != 0) && fchown(fd, owner.st_uid, owner.st_gid) != 0)
        errno = 0; /* root's own, then: the service says so when it can not write there */
}

static enum err replace(struct held *h, const char *bytes, size_t n, struct cause *cause)
{
    struct stat former;
    bool there = fstatat(h->folder, h->name, &former, 0) == 0;

    unlinkat(h->folder, h->temporary, 0); /* what a crash left */
    int fd =
        openat(h->folder, h->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failed(cause, "can not write beside", h->path);
    if (!there)
        give_to_owner(h, fd);
    if (dress(fd, there ? &former : NULL) != OK || write_all(fd, bytes, n) != OK ||
        renameat(h->folder, h->temporary, h->folder, h->name) != 0) {
        enum err e = failed(cause, "can not write", h->path);
        close(fd);
        unlinkat(h->folder, h->temporary, 0);
        return e;
    }
    close(fd);
    if (sync_folder(h->folder) != OK)
        return failed(cause, "can not keep", h->path);
    return OK;
}

/* --- former versions: NUMBER.MARK, the mark being that of the text that replaced it --- */

struct version {
    unsigned long number;
    char name[64];
};

static int by_number(const void *a, const void *b)
{
    const struct version *p = a, *q = b;
    return p->number < q->number ? -1 : p->number > q->number;
}

/* All of them, oldest first. Owned array. */
static struct version *list_versions(int folder, size_t *count)
{
    struct version *list = NULL;
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *e;

    *count = 0;
    while (d != NULL && (e = readdir(d)) != NULL) {
        char *end;
        unsigned long number = strtoul(e->d_name, &end, 10);
        if (!text_is_digit(e->d_name[0]) || *end != '.' || strlen(end) != MARK + 1 ||
            strlen(e->d_name) >= sizeof list->name)
            continue;
        list = mem_more(list, *count, sizeof list[0]);
        list[*count].number = number;
        memcpy(list[*count].name, e->d_name, strlen(e->d_name) + 1);
        (*count)++;
    }
    if (d != NULL)
        closedir(d);
    else if (copy >= 0)
        close(copy);
    if (*count > 0)
        qsort(list, *count, sizeof list[0], by_number);
    return list;
}

static int open_versions(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Keeps the text that is about to be replaced by "next". */
static enum err keep(const struct save_place *place, const struct held *h, const struct buf *text,
                     const struct buf *next, struct cause *cause)
{
    char mark[MARK + 1];
    size_t count;
    enum err e = OK;

    if (place->versions == NULL)
        return OK;
    int folder = open_versions(place->versions);
    if (folder < 0)
        return failed(cause, "can not keep the former version in", place->versions);
    give_to_owner(h, folder);
    struct version *list = list_versions(folder, &count);
    mark_of(buf_str(next), next->len, mark);
    char *name = mem_format("%010lu.%s", count > 0 ? list[count - 1].number + 1 : 1, mark);
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write_all(fd, buf_str(text), text->len) != OK) {
        e = failed(cause, "can not keep the former version in", place->versions);
        unlinkat(folder, name, 0);
    }
    if (fd >= 0) {
        give_to_owner(h, fd);
        close(fd);
    }
    for (size_t i = 0; e == OK && i + SAVE_KEPT <= count; i++)
        unlinkat(folder, list[i].name, 0);
    if (e == OK)
        sync_folder(folder);
    mem_free(name);
    mem_free(list);
    close(folder);
    return e;
}

static enum err put(const struct save_place *place, struct held *h, const struct buf *former,
                    const struct buf *next, char version[SAVE_VERSION_MAX], struct cause *cause)
{
    enum err e = OK;
    if (former->len != next->len || memcmp(buf_str(former), buf_str(next), next->len) != 0) {
        e = keep(place, h, former, next, cause);
        if (e == OK)
            e = replace(h, buf_str(next), next->len, cause);
    }
    if (e == OK && version != NULL)
        save_version(buf_str(next), next->len, version);
    return e;
}

/* Reads the held file; a missing one is empty. */
static enum err read_held(const struct held *h, struct buf *out, struct cause *cause)
{
    enum err e = save_read(h->path, out, NULL, cause);
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err check_version(const struct buf *text, const char *expected, bool *stale,
                              struct cause *cause)
{
    char now[SAVE_VERSION_MAX];
    save_version(buf_str(text), text->len, now);
    if (expected == NULL || strcmp(expected, now) == 0)
        return OK;
    *stale = true;
    return cause_set(cause, ERR_CONFLICT,
                     "the configuration was changed meanwhile: look at it again, then repeat this");
}

enum err save_edit(const struct save_place *place, const char *expected, const struct edit *edit,
                   char version[SAVE_VERSION_MAX], struct edit_answer *answer, struct cause *cause)
{
    struct held h;
    struct buf former, next;

    memset(answer, 0, sizeof *answer);
    buf_init(&former, LEX_FILE_MAX);
    buf_init(&next, LEX_FILE_MAX);
    enum err e = hold(&h, place->path, cause);
    if (e == OK)
        e = read_held(&h, &former, cause);
    bool stale = false;
    if (e == OK)
        e = check_version(&former, expected, &stale, cause);
    if (e == OK)
        e = edit_apply(buf_str(&former), former.len, edit, place->options, &next, answer, cause);
    answer->stale = stale;
    if (e == OK)
        e = put(place, &h, &former, &next, version, cause);
    let_go(&h);
    buf_wipe(&former);
    buf_wipe(&next);
    return e;
}

enum err save_write(const struct save_place *place, const char *expected, const char *bytes,
                    size_t n, char version[SAVE_VERSION_MAX], struct cause *cause)
{
    struct held h;
    struct buf former, next;
    bool stale = false;

    buf_init(&former, LEX_FILE_MAX);
    buf_init(&next, LEX_FILE_MAX);
    enum err e = hold(&h, place->path, cause);
    if (e == OK)
        e = read_held(&h, &former, cause);
    if (e == OK)
        e = check_version(&former, expected, &stale, cause);
    if (e == OK && !buf_add(&next, bytes, n))
        e = cause_set(cause, ERR_TOO_BIG, "the configuration is too big");
    if (e == OK)
        e = put(place, &h, &former, &next, version, cause);
    let_go(&h);
    buf_wipe(&former);
    buf_wipe(&next);
    return e;
}

static enum err take_back(const struct save_place *place, struct held *h, int folder,
                          const struct version *v, bool force, struct buf *kept,
                          struct cause *cause)
{
    struct buf now;
    char mark[MARK + 1];

    buf_init(&now, LEX_FILE_MAX);
    enum err e = read_held(h, &now, cause);
    mark_of(buf_str(&now), now.len, mark);
    buf_wipe(&now);
    if (e == OK && !force && strcmp(strchr(v->name, '.') + 1, mark) != 0)
        return cause_set(cause, ERR_CONFLICT,
                         "%s was changed by hand since homing wrote it; undo would lose that",
                         h->path);
    int fd = e == OK ? openat(folder, v->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (e == OK && fd < 0)
        e = failed(cause, "can not read the former version in", place->versions);
    if (e == OK)
        e = read_fd(fd, place->versions, kept, cause);
    if (fd >= 0)
        close(fd);
    if (e == OK)
        e = replace(h, buf_str(kept), kept->len, cause);
    if (e == OK) {
        unlinkat(folder, v->name, 0);
        sync_folder(folder);
    }
    return e;
}

enum err save_undo(const struct save_place *place, bool force, char version[SAVE_VERSION_MAX],
                   struct cause *cause)
{
    struct held h;
    struct buf kept;
    size_t count = 0;
    struct version *list = NULL;

    buf_init(&kept, LEX_FILE_MAX);
    enum err e = hold(&h, place->path, cause);
    int folder =
        place->versions != NULL ? open(place->versions, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder >= 0)
        list = list_versions(folder, &count);
    if (e == OK && count == 0)
        e = cause_set(cause, ERR_NOT_FOUND, "there is no former version to bring back");
    if (e == OK)
        e = take_back(place, &h, folder, &list[count - 1], force, &kept, cause);
    if (e == OK && version != NULL)
        save_version(buf_str(&kept), kept.len, version);
    if (folder >= 0)
        close(folder);
    let_go(&h);
    mem_free(list);
    buf_wipe(&kept);
    return e;
}
