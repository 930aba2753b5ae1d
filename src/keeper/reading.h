/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_READING_H
#define HOMING_KEEPER_READING_H

#include "conf/conf.h"
#include "conf/edit.h"
#include "keeper/message.h"

/*
 * One reading of the configuration, with all that it names outside itself (environment variables,
 * files with secrets): the keeper looks these up once and hands them over, so that the worker needs
 * neither the environment nor the files. Both sides read the same and come to the same result.
 */
struct reading {
    char *path;        /* owned */
    const char *bytes; /* the configuration's own */
    size_t len;
    char version[33];           /* of the bytes: hex */
    struct message_texts given; /* kind ("env", "file"), name, value; all owned, wiped */
    struct conf *conf;          /* counted */
};

enum { READING_MAX = MESSAGE_CONF_MAX / 2 };

/* Reads and parses the file. ERR_NOT_FOUND and kin leave *out NULL; errors inside the file do not.
 */
enum err reading_of_file(const char *path, const struct conf_providers *providers,
                         struct reading **out, struct cause *c);
/* The same for bytes that are not in a file yet. */
struct reading *reading_of_bytes(const char *path, const char *bytes, size_t n,
                                 const struct conf_providers *providers);
void reading_free(struct reading *r); /* NULL is fine */

/* Where the last good copy of a file is: beside it, where the worker can not write, since commands
 * may be run from it. Owned. */
char *reading_last_good(const char *path);

/* A message of it; borrowed from r. */
void reading_message(const struct reading *r, enum message_how how, const char *why,
                     struct message *m);
/* The other side: parses what a message gave, and nothing else. Counted; NULL when it gave none. */
struct conf *reading_parse(const struct message *m, const struct conf_providers *providers);

/* Its first error, for people: "homing.conf has an error on line 5: ...". */
enum err reading_error(const struct conf *conf, const char *path, struct cause *c);

/*
 * The folders of the files that the worker itself must read because the configuration names them
 * (watched address files, certificates): each once, ended by NULL; owned, see reading_free_list().
 * Secrets' files are not among them, they come with the reading.
 */
char **reading_folders(const struct reading *r);
void reading_free_list(char **list);

/* What a configuration would be after an edit, from what a message gave: nothing is written. In
 * edit->settings a value NULL unsets; with edit->name the hostname is renamed as well. On OK *out
 * is counted. */
enum err reading_try(const struct message *m, const struct edit *edit,
                     const struct conf_providers *providers, struct conf **out,
                     struct edit_answer *answer, struct cause *c);

/* What would become of several hostnames that are added at once: each on its own, in its row of
 * "tried". In use is the configuration that they would be added to. */
struct reading_tried {
    enum err error;               /* ERR_EXISTS: it is there already, or comes twice */
    char setting[64], entry[512]; /* as in struct edit_answer */
    struct cause cause;
};
void reading_try_many(const struct conf *in_use, const struct edit *edits, size_t count,
                      const struct conf_providers *providers, struct reading_tried *tried);

#endif
