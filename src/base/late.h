/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_LATE_H
#define HOMING_BASE_LATE_H

/*
 * Libraries that are loaded when they are first called. libcurl, libmicrohttpd and ldns bring 25
 * others with them, which is most of the time and memory that a small command or the keeper would
 * need; the others are for what few configurations or commands ask for, and each library that is
 * there makes every look-up of the dynamic linker longer. A header of ours stands before each
 * library's own (net/curl.h, web/mhd.h, publish/libexpat.h ...) and gives the functions that homing
 * calls another meaning under the same name; the linker is not told of the library, so a call that
 * a header forgot does not link. This module knows no library.
 */
struct late {
    const char *file; /* with the version of its interface: "libcurl.so.4" */
    /* One that it brings along, to be loaded before it. A name is looked for in the library that
     * was asked for and in all that came with it, in their order; what stands at the end and has
     * thousands of names is ready sooner when it is asked for by itself. Or NULL. */
    const char *first;
    void *handle; /* NULL before the first call */
};
extern struct late late_curl, late_expat, late_idn2, late_ldns, late_mhd, late_seccomp, late_sodium,
    late_yaml, late_z;

/* A function of the library; ends the program when there is none, as the dynamic linker would. */
void *late_find(struct late *library, const char *name);

/* What "#define name LATE(library, name)" makes of a call; each place looks its function up once.
 */
#define LATE(library, name)                                                                        \
    (*__extension__({                                                                              \
        static __typeof__(&name) late_real;                                                        \
        if (late_real == 0)                                                                        \
            *(void **)&late_real = late_find(&late_##library, #name);                              \
        late_real;                                                                                 \
    }))

#endif
