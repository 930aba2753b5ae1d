/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_IMPORT_CACHE_H
#define HOMING_COMMAND_IMPORT_CACHE_H

#include <stddef.h>

#include "base/error.h"
#include "conf/conf.h"

/*
 * Puts what a ddclient.cache knows to be published into the state folder, for the hostnames of the
 * configuration, so that the first pass sends nothing that stands there already. ERR_BUSY: a
 * service runs and has the folder. *count: records that were taken.
 */
enum err import_cache_write(const char *bytes, size_t n, const struct conf *conf,
                            const char *state_folder, size_t *count, struct cause *cause);

#endif
