/*
 * SPDX-License-Identifier: ISC
 */
/*
 * Preloaded by tests: a program's wall clock is off by as many milliseconds as stand in the first 8
 * bytes of the file $WALLCLOCK, which may change while it runs. Nothing else moves: no other clock,
 * no timer. While the next 8 bytes are not 0, every clock stands still.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { CLOCKS = 16 };

static const volatile int64_t *offset; /* and whether clocks stand still */
static int (*real_clock)(clockid_t id, struct timespec *t);

static __attribute__((constructor)) void open_file(void)
{
    const char *name = getenv("WALLCLOCK");
    int fd = name != NULL ? open(name, O_RDONLY | O_CLOEXEC) : -1;

    *(void **)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
    if (fd < 0)
        return;
    void *found = mmap(NULL, 2 * sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
    offset = found != MAP_FAILED ? found : NULL;
    close(fd);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    static _Thread_local struct timespec last[CLOCKS];
    int result = real_clock(id, t);

    if (result == 0 && offset != NULL && id >= 0 && id < CLOCKS) {
        if (offset[1] == 0 || last[id].tv_sec == 0)
            last[id] = *t;
        *t = last[id];
    }

    if (result == 0 && offset != NULL && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        int64_t ms = (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000 + *offset;
        t->tv_sec = (time_t)(ms / 1000);
        t->tv_nsec = (long)(ms % 1000) * 1000000 + t->tv_nsec % 1000000;
    }
    return result;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec t = {0};

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_REALTIME, &t);
    if (out != NULL)
        *out = t.tv_sec;
    return t.tv_sec;
}
