/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_MEM_H
#define HOMING_BASE_MEM_H

#include <stddef.h>

/*
 * Memory for small internal objects. These never return NULL: out of memory ends the program,
 * as nothing sensible can be done without it. What comes from outside is bounded before it is
 * copied (see buf.h), so no peer can cause that.
 */

void *mem_alloc(size_t size);               /* zeroed; free with mem_free() */
void *mem_array(size_t count, size_t size); /* zeroed; overflow of the product is checked */
void *mem_resize(void *p, size_t count, size_t size); /* the new part is not zeroed */
/* Room for one more behind the count that an array has. It doubles, and where count is a power of
 * two it is full: nobody needs to keep how much room there is. NULL and 0 for the first. */
void *mem_more(void *p, size_t count, size_t size);
void mem_free(void *p); /* NULL is fine */
/* What a library made, where NULL can only mean that it had no memory: that ends the program. */
void *mem_given(void *p);

char *mem_text(const char *s);             /* owned copy; NULL gives NULL */
char *mem_text_n(const char *s, size_t n); /* owned copy of n bytes, ended by NUL */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What was freed goes back to the system, as far as the C library can give it: for the end of what
 * took much at once. A few milliseconds for each 10 MiB. */
void mem_trim(void);

/* Overwrites in a way that the compiler keeps. */
void mem_wipe(void *p, size_t size);
/* What functions that have returned left on the stack, libraries' too: a hash keeps the last bytes
 * it was given. For the end of whoever dealt with many secrets. */
void mem_wipe_stack(void);
/* Wipes a text up to its NUL, then frees it. For everything that held a secret. */
void mem_free_secret(char *s);

/* Torture: the nth allocation from now fails; 0 switches it off. Only for tests. */
void mem_torture(unsigned long nth);

#endif
