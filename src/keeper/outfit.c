/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/outfit.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "state/folder.h"

static bool is_named(const struct reading *r, const char *variable, size_t n)
{
    for (size_t i = 0; i + 2 < r->given.count; i += 3)
        if (text_equal(r->given.items[i], "env") && strlen(r->given.items[i + 1]) == n &&
            strncmp(r->given.items[i + 1], variable, n) == 0)
            return true;
    return false;
}

/* Ours without what is not the worker's business: the service manager's socket, and the variables
 * that hold secrets of the configuration (they are handed over in messages). */
char **outfit_env(const struct reading *r)
{
    size_t count = 0, kept = 0;

    while (environ[count] != NULL)
        count++;
    char **env = mem_array(count + 1, sizeof *env);
    for (size_t i = 0; i < count; i++) {
        size_t n = strcspn(environ[i], "=");
        bool manager = text_starts(environ[i], "NOTIFY_SOCKET=") ||
                       text_starts(environ[i], "CREDENTIALS_DIRECTORY=");
        if (!manager && !is_named(r, environ[i], n))
            env[kept++] = mem_text(environ[i]);
    }
    return env;
}

char **outfit_args(const struct keeper_options *o, char *const *folders)
{
    size_t count = 0, more = 0, at = 0;

    while (o->worker_args != NULL && o->worker_args[count] != NULL)
        count++;
    while (folders[more] != NULL)
        more++;
    char **args = mem_array(count + more + 5, sizeof *args);
    args[at++] = mem_text("homing");
    args[at++] = mem_text(KEEPER_WORKER_WORD);
    args[at++] = mem_text(o->state_folder);
    args[at++] = mem_text(o->socket);
    for (size_t i = 0; i < count; i++)
        args[at++] = mem_text(o->worker_args[i]);
    for (size_t i = 0; i < more; i++)
        args[at++] = mem_format("%s%s", KEEPER_READ_WORD, folders[i]);
    return args;
}

/* What the worker will write belongs to the user it becomes. */
static void give(const char *path, const char *user)
{
    const struct passwd *to = user != NULL && geteuid() == 0 ? getpwnam(user) : NULL;

    if (to != NULL && lchown(path, to->pw_uid, to->pw_gid) != 0)
        log_warning(NULL, "%s can not be given to the user %s: %s", path, user, strerror(errno));
}

enum err outfit_folders(const struct keeper_options *o, int *lock, struct cause *c)
{
    static const char *const files[] = {"lock",           "memory.db",          "memory.db-wal",
                                        "memory-copy.db", "memory-copy.db-wal", "fingerprint-key",
                                        "access"};
    enum err e = folder_make(o->state_folder, c);

    if (e == OK)
        e = folder_lock(o->state_folder, lock, c);
    if (e != OK)
        return e;
    give(o->state_folder, o->user);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char *path = mem_format("%s/%s", o->state_folder, files[i]);
        if (access(path, F_OK) == 0)
            give(path, o->user);
        mem_free(path);
    }
    const char *slash = strrchr(o->socket, '/');
    char *folder = slash != NULL && slash != o->socket
                       ? mem_text_n(o->socket, (size_t)(slash - o->socket))
                       : NULL;
    struct cause why;
    /* Without it the service runs; the worker says what does not work. */
    if (folder != NULL && access(folder, F_OK) != 0 && mkdir(folder, 0750) == 0)
        give(folder, o->user);
    else if (folder != NULL && access(folder, F_OK) != 0 && folder_make(folder, &why) != OK)
        log_warning(NULL, "The socket can not be made: %s", why.text);
    mem_free(folder);
    return OK;
}
