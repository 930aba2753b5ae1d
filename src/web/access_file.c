/*
 * SPDX-License-Identifier: ISC
 */
#include "web/access_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

enum { WORDS = 6, WORD_MAX = 300 };

bool access_name_good(const char *name)
{
    size_t n = strlen(name);

    return n > 0 && n <= ACCESS_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == n;
}

void access_data_text(const struct access_data *d, struct buf *out)
{
    struct throttle_item item;
    const struct device *device;
    size_t at = 0;

    buf_text(out, "# Who may use homing's page and API. Written by homing: change it with \"homing "
                  "passwd\".\n");
    if (d->owner[0] != '\0')
        buf_format(out, "owner %s\n", d->owner);
    if (d->link[0] != '\0')
        buf_format(out, "link %s %lld\n", d->link, (long long)d->link_end);
    for (size_t i = 0; i < d->token_count; i++) {
        const struct access_token *t = &d->tokens[i];
        buf_format(out, "token %s %s %s %lld\n", t->name, t->full ? "full" : "read", t->hash,
                   (long long)t->created);
    }
    for (size_t i = 0; i < ACCESS_SESSIONS; i++) {
        const struct access_session *s = &d->sessions[i];
        if (s->hash[0] != '\0')
            buf_format(out, "session %s %lld %lld\n", s->hash, (long long)s->created,
                       (long long)s->seen);
    }
    while ((device = devices_next(d->devices, &at)) != NULL) {
        buf_format(out, "device %s %s %lld\n", device->name, device->hash,
                   (long long)device->created);
        for (size_t i = 0; i < device->host_count; i++)
            buf_format(out, "device-host %s %s\n", device->name, device->hosts[i]);
    }
    at = 0;
    while (throttle_next(d->throttle, &at, &item))
        buf_format(out, "wait %s %u %lld %lld\n", item.key, item.failures, (long long)item.end,
                   (long long)item.length);
}

/* ---- reading: one function a kind of line; false when it is not of its form ---- */

static bool time_of(const char *word, msec *out)
{
    uint64_t n;

    if (!text_number(word, &n) || n > (uint64_t)INT64_MAX / 2)
        return false;
    *out = (msec)n;
    return true;
}

static bool hash_of(const char *word, char *out)
{
    if (strlen(word) != SECRET_HASH_TEXT - 1 ||
        strspn(word, "0123456789abcdef") != SECRET_HASH_TEXT - 1)
        return false;
    memcpy(out, word, SECRET_HASH_TEXT);
    return true;
}

typedef bool line_fn(struct access_data *d, char words[WORDS][WORD_MAX]);

static bool read_owner(struct access_data *d, char words[WORDS][WORD_MAX])
{
    if (!text_starts(words[1], "$argon2id$") || strlen(words[1]) >= OWNER_TEXT)
        return false;
    memcpy(d->owner, words[1], strlen(words[1]) + 1);
    return true;
}

static bool read_link(struct access_data *d, char words[WORDS][WORD_MAX])
{
    return hash_of(words[1], d->link) && time_of(words[2], &d->link_end);
}

static bool read_token(struct access_data *d, char words[WORDS][WORD_MAX])
{
    if (d->token_count == ACCESS_TOKENS || !access_name_good(words[1]))
        return false;
    struct access_token *t = &d->tokens[d->token_count];
    memcpy(t->name, words[1], strlen(words[1]) + 1);
    t->full = text_equal(words[2], "full");
    if ((!t->full && !text_equal(words[2], "read")) || !hash_of(words[3], t->hash) ||
        !time_of(words[4], &t->created))
        return false;
    d->token_count++;
    return true;
}

static bool read_device(struct access_data *d, char words[WORDS][WORD_MAX])
{
    char hash[SECRET_HASH_TEXT];
    msec created;

    return access_name_good(words[1]) && hash_of(words[2], hash) && time_of(words[3], &created) &&
           devices_add(d->devices, words[1], hash, created, NULL) == OK;
}

static bool read_device_host(struct access_data *d, char words[WORDS][WORD_MAX])
{
    return devices_add_host(d->devices, words[1], words[2], NULL) == OK;
}

static bool read_session(struct access_data *d, char words[WORDS][WORD_MAX])
{
    for (size_t i = 0; i < ACCESS_SESSIONS; i++) {
        struct access_session *s = &d->sessions[i];
        if (s->hash[0] == '\0')
            return time_of(words[2], &s->created) && time_of(words[3], &s->seen) &&
                   hash_of(words[1], s->hash);
    }
    return false;
}

static bool read_wait(struct access_data *d, char words[WORDS][WORD_MAX])
{
    struct throttle_item item = {.key = words[1]};
    uint64_t failures;

    if (strlen(words[1]) >= THROTTLE_KEY_MAX || !text_number(words[2], &failures) ||
        failures > 1000 || !time_of(words[3], &item.end) || !time_of(words[4], &item.length))
        return false;
    item.failures = (unsigned)failures;
    throttle_restore(d->throttle, &item);
    return true;
}

static const struct {
    const char *word;
    size_t words; /* on the line */
    line_fn *fn;
} kinds[] = {
    {"owner", 2, read_owner},
    {"link", 3, read_link},
    {"token", 5, read_token},
    {"device", 4, read_device},
    {"device-host", 3, read_device_host},
    {"session", 4, read_session},
    {"wait", 5, read_wait},
};

static bool read_line(struct access_data *d, const char *line, size_t n)
{
    char words[WORDS][WORD_MAX] = {{0}};
    size_t count = 0;

    for (const char *at = line, *end = line + n; at < end && count < WORDS; count++) {
        size_t len = 0;
        while (at + len < end && at[len] != ' ')
            len++;
        if (len == 0 || len >= WORD_MAX)
            return false;
        memcpy(words[count], at, len);
        at += len + 1;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (text_equal(words[0], kinds[i].word))
            return count == kinds[i].words && kinds[i].fn(d, words);
    return false;
}

enum err access_data_parse(struct access_data *d, const char *text, struct cause *c)
{
    unsigned number = 1;

    for (const char *at = text; *at != '\0'; number++) {
        size_t n = strcspn(at, "\n");
        if (n > 0 && at[0] != '#' && !read_line(d, at, n))
            return cause_set(
                c, ERR_SYNTAX,
                "Line %u of the access file is not of its form. Mend it, or remove the "
                "file and make the page yours again with \"homing passwd\".",
                number);
        at += n + (at[n] == '\n');
    }
    return OK;
}

/* ---- the file ---- */

enum err access_file_read(const char *file, struct buf *out, struct cause *c)
{
    struct stat st;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char block[4096];
    ssize_t n;

    if (fd < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (fd < 0)
        return cause_set(c, err_from_errno(errno), "Can not read %s: %s.", file, strerror(errno));
    if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0) {
        log_warning(NULL, "%s could be read by others; now it is its owner's alone.", file);
        if (fchmod(fd, 0600) != 0)
            log_warning(NULL, "Its mode could not be changed: %s.", strerror(errno));
    }
    buf_init(out, ACCESS_FILE_MAX);
    while ((n = read(fd, block, sizeof block)) > 0)
        buf_add(out, block, (size_t)n);
    int error = errno;
    close(fd);
    mem_wipe(block, sizeof block);
    if (n < 0 || out->overflow) {
        buf_wipe(out);
        return cause_set(c, n < 0 ? err_from_errno(error) : ERR_TOO_BIG, "Can not read %s: %s.",
                         file, n < 0 ? strerror(error) : "it is too large");
    }
    return OK;
}

static bool write_all(int fd, const char *text, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t w = write(fd, text + done, n - done);
        if (w < 0 && errno != EINTR)
            return false;
        done += w > 0 ? (size_t)w : 0;
    }
    return fsync(fd) == 0;
}

static void sync_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *folder = slash != NULL ? mem_text_n(file, (size_t)(slash - file) + 1) : mem_text(".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    mem_free(folder);
}

enum err access_file_write(const char *file, const char *text, size_t n, struct cause *c)
{
    char *beside = mem_format("%s.new", file);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && fchmod(fd, 0600) == 0 && write_all(fd, text, n);
    int error = errno;

    if (fd >= 0)
        close(fd);
    if (good && rename(beside, file) != 0) {
        good = false;
        error = errno;
    }
    if (good)
        sync_folder(file);
    else if (fd >= 0)
        unlink(beside);
    mem_free(beside);
    return good ? OK
                : cause_set(c, err_from_errno(error), "Can not write %s: %s.", file,
                            strerror(error));
}
