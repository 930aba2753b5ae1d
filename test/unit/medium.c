/*
 * SPDX-License-Identifier: ISC
 */
/* The names are the linker's: headers may redirect them (pwrite to pwrite64). */
#include "medium.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

long syscall(long number, ...);

static atomic_ulong calls;
static unsigned long failing;
static int failing_with;

void medium_fails(unsigned long nth, int error)
{
    failing = nth;
    failing_with = error;
    calls = 0;
}

unsigned long medium_calls(void)
{
    return calls;
}

static bool fails(void)
{
    if (++calls != failing)
        return false;
    errno = failing_with;
    return true;
}

#define NAMED(name) __asm__(name)
#define FORWARDED(type, own, name, params, number, ...)                                            \
    type own params NAMED(name);                                                                   \
    type own params                                                                                \
    {                                                                                              \
        return fails() ? (type)-1 : (type)syscall(number, __VA_ARGS__);                            \
    }

FORWARDED(ssize_t, my_pwrite, "pwrite", (int fd, const void *p, size_t n, long at), SYS_pwrite64,
          fd, p, n, at)
FORWARDED(ssize_t, my_pwrite64, "pwrite64", (int fd, const void *p, size_t n, long at),
          SYS_pwrite64, fd, p, n, at)
FORWARDED(int, my_fsync, "fsync", (int fd), SYS_fsync, fd)
FORWARDED(int, my_fdatasync, "fdatasync", (int fd), SYS_fdatasync, fd)
FORWARDED(int, my_ftruncate, "ftruncate", (int fd, long n), SYS_ftruncate, fd, n)
FORWARDED(int, my_ftruncate64, "ftruncate64", (int fd, long n), SYS_ftruncate, fd, n)
FORWARDED(int, my_unlink, "unlink", (const char *path), SYS_unlinkat, AT_FDCWD, path, 0)
FORWARDED(int, my_rename, "rename", (const char *a, const char *b), SYS_renameat, AT_FDCWD, a,
          AT_FDCWD, b)
FORWARDED(int, my_renameat, "renameat", (int a, const char *b, int c, const char *d), SYS_renameat,
          a, b, c, d)
FORWARDED(int, my_fchmod, "fchmod", (int fd, unsigned mode), SYS_fchmod, fd, mode)

/* Of regular files alone: pipes and the test's own words are no disk. */
ssize_t my_write(int fd, const void *p, size_t n) NAMED("write");
ssize_t my_write(int fd, const void *p, size_t n)
{
    struct stat st;
    bool disk = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    return disk && fails() ? -1 : (ssize_t)syscall(SYS_write, fd, p, n);
}

static int open_it(int folder, const char *path, int flags, unsigned mode)
{
    return (flags & O_CREAT) != 0 && fails() ? -1
                                             : (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define OPENED(own, name)                                                                          \
    int own(const char *path, int flags, ...) NAMED(name);                                         \
    int own(const char *path, int flags, ...)                                                      \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        unsigned mode = (flags & O_CREAT) != 0 ? va_arg(args, unsigned) : 0;                       \
        va_end(args);                                                                              \
        return open_it(AT_FDCWD, path, flags, mode);                                               \
    }
#define OPENED_AT(own, name)                                                                       \
    int own(int folder, const char *path, int flags, ...) NAMED(name);                             \
    int own(int folder, const char *path, int flags, ...)                                          \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        unsigned mode = (flags & O_CREAT) != 0 ? va_arg(args, unsigned) : 0;                       \
        va_end(args);                                                                              \
        return open_it(folder, path, flags, mode);                                                 \
    }
OPENED(my_open, "open")
OPENED(my_open64, "open64")
OPENED_AT(my_openat, "openat")
OPENED_AT(my_openat64, "openat64")
