/*
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * Gives inputs of a corpus to a reader of outside bytes while memory runs out: once for each
 * allocation, of ours or of a library, which fails. The reader may say so and go on, or end with
 * its word; it may not crash, hang, or lose what it had allocated.
 *
 * usage: torture_X FOLDER      A sample that is the same each time; all with HOMING_TORTURE=all.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUTS = 7, POINTS = 40, INPUT_MAX = 1 << 20, SECONDS = 20 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

/* Shared with the child that is tried. */
static struct tally {
    unsigned long asked; /* allocations */
    long live;           /* not given back */
    bool careless;       /* the one that failed was a careless library's */
    char whose[64];      /* the file whose code asked for the one that failed */
} * tally;
static unsigned long failing; /* the nth from now; 0: none */
static bool counting;

/* Libraries that can not do without, which we can not mend. ldns 1.8 looks at nothing that it gets;
 * a message has 64 KiB at most. Of the others some bytes are lost: a thread's list of errors, an
 * expression that is half made, a connection (libmicrohttpd 1.0). */
static const char *const demanding = "/libldns.so";
static const char *const careless[] = {"/libcrypto.so", "/libc.so", "/libmicrohttpd.so"};

static bool from(const void *caller, const char *library)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
           strstr(info.dli_fname, library) != NULL;
}

static bool fails(const void *caller)
{
    if (!counting)
        return false;
    unsigned long n = __atomic_add_fetch(&tally->asked, 1, __ATOMIC_RELAXED);
    if (n != failing || from(caller, demanding))
        return false;
    tally->careless = false;
    for (size_t i = 0; i < sizeof careless / sizeof careless[0]; i++)
        tally->careless = tally->careless || from(caller, careless[i]);
    Dl_info info;
    if (dladdr(caller, &info) != 0 && info.dli_fname != NULL)
        snprintf(tally->whose, sizeof tally->whose, "%s", info.dli_fname);
    return true;
}

static void *given(void *p, bool fresh)
{
    if (counting && p != NULL && fresh)
        __atomic_add_fetch(&tally->live, 1, __ATOMIC_RELAXED);
    return p;
}

static void *none(void)
{
    errno = ENOMEM;
    return NULL;
}

/* Of libjansson, where a reader has it. */
void json_set_alloc_funcs(void *(*give)(size_t size), void (*take)(void *p)) __attribute__((weak));

/* The C library's, for everybody in this program. */
void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? none() : given(__libc_malloc(size), true);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? none() : given(__libc_calloc(count, size), true);
}

void *realloc(void *p, size_t size)
{
    bool fresh = p == NULL;
    return fails(__builtin_return_address(0)) ? none() : given(__libc_realloc(p, size), fresh);
}

void free(void *p)
{
    if (counting && p != NULL)
        __atomic_sub_fetch(&tally->live, 1, __ATOMIC_RELAXED);
    __libc_free(p);
}

/* --- one try --- */

struct input {
    char *name;
    uint8_t *bytes;
    size_t len;
};

static int said; /* a file in memory: what the child says */

/* In a process of its own. */
static int status_of_child(const struct input *in, unsigned long nth)
{
    int status = -1;

    *tally = (struct tally){0};
    if (ftruncate(said, 0) != 0)
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        alarm(SECONDS);
        lseek(said, 0, SEEK_SET);
        dup2(said, 1);
        dup2(said, 2);
        failing = nth;
        counting = true;
        LLVMFuzzerTestOneInput(in->bytes, in->len);
        failing = 0;
        LLVMFuzzerTestOneInput(in->bytes, in->len); /* what is kept on purpose is there now */
        counting = false;
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        abort();
    return status;
}

static void show(const struct input *in, unsigned long nth, const char *what)
{
    char text[1024];
    ssize_t n = pread(said, text, sizeof text - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    printf("%s, allocation %lu, asked for by %s: %s\n%s\n", in->name, nth, tally->whose, what,
           text);
}

struct result {
    unsigned tried, ended, faults;
};

static void torture(const struct input *in, bool all, struct result *r)
{
    int status = status_of_child(in, 0);
    if (!WIFEXITED(status)) {
        show(in, 0, "the reader ends without any want");
        r->faults++;
        return;
    }
    unsigned long count = tally->asked / 2, tries = all || count < POINTS ? count : POINTS;
    long live = tally->live;
    for (unsigned long i = 0; i < tries; i++) {
        unsigned long nth = 1 + (tries > 1 ? i * (count - 1) / (tries - 1) : 0);
        status = status_of_child(in, nth);
        r->tried++;
        r->ended += !WIFEXITED(status);
        bool crash = WIFSIGNALED(status) && WTERMSIG(status) != SIGABRT;
        bool leak = WIFEXITED(status) && tally->live > live && !tally->careless;
        if (crash)
            show(in, nth, strsignal(WTERMSIG(status)));
        else if (leak)
            show(in, nth, "memory is lost");
        r->faults += crash || leak;
    }
}

/* --- the corpus --- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static bool load(const char *folder, const char *name, struct input *in)
{
    static uint8_t bytes[INPUT_MAX];
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    in->len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    in->name = strdup(name);
    in->bytes = malloc(in->len > 0 ? in->len : 1);
    memcpy(in->bytes, bytes, in->len);
    return true;
}

int main(int argc, char **argv)
{
    const char *wish = getenv("HOMING_TORTURE");
    bool all = wish != NULL && strcmp(wish, "all") == 0;
    struct dirent **names = NULL;
    struct result r = {0};
    int count = argc == 2 ? scandir(argv[1], &names, visible, by_name) : -1;

    if (count <= 0) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    said = memfd_create("said", MFD_CLOEXEC);
    int tries = all || count < INPUTS ? count : INPUTS;
    if (json_set_alloc_funcs != NULL)
        json_set_alloc_funcs(mem_alloc, mem_free); /* as the program does */
    for (int i = 0; i < tries; i++) {
        struct input in;
        if (!load(argv[1], names[tries > 1 ? i * (count - 1) / (tries - 1) : 0]->d_name, &in))
            return 2;
        LLVMFuzzerTestOneInput(in.bytes, in.len); /* what is made once is there, then */
        torture(&in, all, &r);
        free(in.name);
        free(in.bytes);
    }
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    printf("%d inputs; %u allocations failed, one a time; %u ended the program with its word; %u "
           "faults\n",
           tries, r.tried, r.ended, r.faults);
    return r.faults > 0 || r.tried == 0;
}
