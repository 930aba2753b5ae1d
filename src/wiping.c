/*
 * SPDX-License-Identifier: ISC
 */
/*
 * What is given back is overwritten first, whoever gives it back: libraries free requests, headers
 * and bodies with the secrets in them as they free anything else, and most can not be told another
 * way (libnghttp2 under libcurl, libjansson's texts, libmicrohttpd's bodies). The program's own
 * free() and realloc() stand before the C library's, for libraries that are loaded later, too.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED
#endif

#if defined __GLIBC__ && !defined SANITIZED

/* The C library's, or that of another allocator that was preloaded. */
static void give_back(void *p)
{
    static void (*next)(void *p);

    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "free");
    next(p);
}

void free(void *p)
{
    if (p == NULL)
        return;
    memset(p, 0, malloc_usable_size(p));
    __asm__ volatile("" ::"r"(p) : "memory"); /* as if somebody read it: else nothing is written */
    give_back(p);
}

/* Never in place to another size: what the C library leaves behind on the way it does not wipe. */
void *realloc(void *p, size_t size)
{
    size_t had = p != NULL ? malloc_usable_size(p) : 0;

    if (p != NULL && size <= had && size >= had / 2)
        return p;
    void *other = malloc(size > 0 ? size : 1);
    if (other != NULL && p != NULL) {
        memcpy(other, p, had < size ? had : size);
        free(p);
    }
    return other;
}

#endif
