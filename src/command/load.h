/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_LOAD_H
#define HOMING_COMMAND_LOAD_H

#include "base/buf.h"
#include "conf/conf.h"
#include "publish/provider.h"

/*
 * Reads a configuration file with everything that is known about providers: the built-in ones and
 * those of providers.d beside the configuration. It changes no file.
 */
struct loaded {
    struct registry *registry; /* owned */
    struct conf *conf;         /* owned; NULL before load_conf() */
    struct conf_providers providers;
};

enum { LOAD_MAX = 64 << 20 };

void loaded_init(struct loaded *l);
void loaded_free(struct loaded *l);
/* Adds the provider files of a folder (providers.d); a missing folder is fine. What is wrong with a
 * file goes to the log, and the file is left out. */
void load_providers(struct loaded *l, const char *folder);
/* Reads the file; options->providers is filled in here. Problems of its content are in the
 * configuration, not errors. */
enum err load_conf(struct loaded *l, const char *path, const struct conf_options *options,
                   struct cause *cause);
/* The same from bytes. */
void load_conf_bytes(struct loaded *l, const char *bytes, size_t n,
                     const struct conf_options *options);
/* A whole file, at most "out" can hold; a folder or a device is refused. */
enum err load_file(const char *path, struct buf *out, struct cause *cause);

/* state-dir= of a configuration file, or NULL; owned. */
char *load_state_dir(const char *path);

/* outside=no: is no outside host asked? */
bool load_no_outside(const struct conf *conf);

/* The provider file of an entry, or NULL when there is none. */
const struct provider *load_provider_of(struct registry *r, const struct conf_entry *e);

#endif
