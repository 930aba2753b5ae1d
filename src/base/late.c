/*
 * SPDX-License-Identifier: ISC
 */
#include "base/late.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/log.h"

struct late late_curl = {.file = "libcurl.so.4", .first = CURL_BRINGS};
struct late late_expat = {.file = "libexpat.so.1"};
struct late late_idn2 = {.file = "libidn2.so.0"};
struct late late_ldns = {.file = "libldns.so.3"};
struct late late_mhd = {.file = "libmicrohttpd.so.12"};
struct late late_seccomp = {.file = "libseccomp.so.2"};
struct late late_sodium = {.file = "libsodium.so.23"};
struct late late_yaml = {.file = "libyaml-0.so.2"};
struct late late_z = {.file = "libz.so.1"};

void *late_find(struct late *library, const char *name)
{
    const int how = RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE;

    if (library->handle == NULL && library->first != NULL)
        dlopen(library->first, how);
    if (library->handle == NULL)
        library->handle = dlopen(library->file, how);
    void *found = library->handle != NULL ? dlsym(library->handle, name) : NULL;
    if (found == NULL) {
        log_error(NULL, "a library that homing needs can not be used: %s", dlerror());
        exit(127);
    }
    return found;
}
