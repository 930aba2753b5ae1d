/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"

#include "base/log.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long torture_countdown;

static void *checked(void *p)
{
    if (p == NULL || (torture_countdown > 0 && --torture_countdown == 0)) {
        log_flush();
        fputs("homing: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_alloc(size_t size)
{
    return checked(calloc(1, size > 0 ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return mem_alloc(1);
    return checked(calloc(count, size));
}

void *mem_resize(void *p, size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return checked(reallocarray(p, count, size));
}

void *mem_more(void *p, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0) /* 3, 5, 6, 7, 9 ...: some of what was doubled is left */
        return p;
    return mem_resize(p, count > 0 ? 2 * count : 1, size);
}

void *mem_given(void *p)
{
    return checked(p);
}

void mem_free(void *p)
{
    free(p);
}

void mem_trim(void)
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

char *mem_text(const char *s)
{
    return s == NULL ? NULL : checked(strdup(s));
}

char *mem_text_n(const char *s, size_t n)
{
    char *copy = checked(malloc(n + 1));
    if (n > 0)
        memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *mem_format(const char *format, ...)
{
    va_list args;
    char *out = NULL;

    va_start(args, format);
    int n = vasprintf(&out, format, args);
    va_end(args);
    return checked(n < 0 ? NULL : out);
}

void mem_wipe(void *p, size_t size)
{
    if (p != NULL)
        explicit_bzero(p, size);
}

/* A handshake with all its certificates goes deepest, 23 KiB; a configuration is read within 20. */
__attribute__((noinline)) void mem_wipe_stack(void)
{
    char below[64 * 1024];

    mem_wipe(below, sizeof below);
    /* The registers of the last copy: the dynamic linker saves them there when it looks a name up.
     */
    memmove(below, below + sizeof below / 2, 512);
    __asm__ volatile("" ::"r"(below) : "memory");
}

void mem_free_secret(char *s)
{
    if (s != NULL)
        mem_wipe(s, strlen(s));
    free(s);
}

void mem_torture(unsigned long nth)
{
    torture_countdown = nth;
}
