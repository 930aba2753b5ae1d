/*
 * SPDX-License-Identifier: ISC
 */
/* What is measured besides the engine: the program itself and its memory on disk. */
#include "command/model_inside.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "engine/measure.h"

static void one(struct exposition *x, const struct metric *metric, double value)
{
    exposition_family(x, metric);
    exposition_sample(x, value, NULL);
}

/* The names that Prometheus' own client libraries use. */
static void measure_process(const struct model *m, struct exposition *x)
{
    static const struct metric start = {"process_start_time_seconds", METRIC_GAUGE, "seconds",
                                        "When the service started, in Unix time."};
    static const struct metric cpu = {"process_cpu_seconds", METRIC_COUNTER, "seconds",
                                      "Processor time used by the worker."};
    static const struct metric memory = {"process_resident_memory_bytes", METRIC_GAUGE, "bytes",
                                         "Memory of the worker that is in RAM."};
    static const struct metric files = {"process_open_fds", METRIC_GAUGE, NULL,
                                        "Open file descriptors of the worker."};
    static const struct metric most = {"process_max_fds", METRIC_GAUGE, NULL,
                                       "How many file descriptors it may have."};
    struct rlimit limit;
    struct rusage used;
    size_t resident;

    one(x, &start, (double)m->started / SECOND);
    if (getrusage(RUSAGE_SELF, &used) == 0)
        one(x, &cpu,
            (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    if (uv_resident_set_memory(&resident) == 0)
        one(x, &memory, (double)resident);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1 << 20)
        return;
    long open = 0;
    for (int fd = 0; fd < (int)limit.rlim_cur; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    one(x, &files, (double)open);
    one(x, &most, (double)limit.rlim_cur);
}

static void measure_disk(const struct model *m, struct exposition *x)
{
    static const struct metric size = {"homing_state_bytes", METRIC_GAUGE, "bytes",
                                       "Size of the files of the memory."};
    static const char *const names[] = {"memory.db", "memory.db-wal", "memory-copy.db"};

    exposition_family(x, &size);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = mem_format("%s/%s", m->rooms.state_folder, names[i]);
        struct stat st;
        if (stat(path, &st) == 0)
            exposition_sample(x, (double)st.st_size, "file", names[i], NULL);
        mem_free(path);
    }
}

void model_measure(struct web_model *web_model, struct exposition *x)
{
    static const struct metric build = {"homing_build", METRIC_INFO, NULL, "The program."};
    const struct model *m = (struct model *)web_model;

    exposition_family(x, &build);
    exposition_sample(x, 1, "version", HOMING_VERSION, NULL);
    measure_engine(m->rooms.engine, x);
    measure_disk(m, x);
    measure_process(m, x);
}
