/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_COMMAND_H
#define HOMING_COMMAND_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "command/places.h"

/*
 * The program's subcommands: one record each, in a file of its own, and one table of them in
 * command.c. Reading the words of the command line, help, completion and the manual's synopsis
 * come from the records; a command's run() never looks at argv. This module owns no state and
 * never sends anything.
 */

/* Exit statuses of every command. */
enum command_status {
    STATUS_RIGHT = 0,
    STATUS_FAILED = 1,  /* some of what was asked for failed */
    STATUS_USAGE = 2,   /* the command line makes no sense */
    STATUS_CONF = 3,    /* the configuration has errors */
    STATUS_ADDRESS = 4, /* no address could be learned */
    STATUS_BLOCKED = 5, /* waits until a person acts */
    STATUS_RUNNING = 75 /* another instance runs already (EX_TEMPFAIL) */
};

struct command_option {
    const char *name;  /* without dashes: "offline" */
    const char *value; /* what its value is called: "FILE"; NULL for a flag */
    const char *help;  /* one sentence without a full stop */
};

struct command_call;

struct command {
    const char *name;
    const char *summary;   /* one line for "homing help": what it does, no full stop */
    const char *arguments; /* "[HOST]"; "" for none */
    const char *help;      /* a paragraph or two */
    const struct command_option *options; /* ended by a NULL name; may be NULL */
    unsigned least, most;                 /* how many arguments; most may be COMMAND_ANY */
    char letter;                          /* a short form of one flag, 'f' for -f; '\0': none */
    const char *letter_of;                /* that flag's name */
    bool json;                            /* it can answer as JSON: gets --json */
    bool configured;                      /* it gets --config, --state-dir and --socket */
    bool raw;              /* it reads its words itself: ddclient's command line has other rules */
    unsigned statuses;     /* bits of STATUS_RIGHT ... STATUS_BLOCKED that it can end with */
    bool may_find_running; /* it can end with STATUS_RUNNING */
    int (*run)(const struct command_call *call);
};
enum { COMMAND_ANY = 1000 };

/* What run() gets. Everything is borrowed for the length of the call. */
struct command_call {
    const struct command *command;
    const char *program; /* "homing" */
    char *const *words;  /* raw commands: all words after the name; else the arguments */
    size_t count;
    const char *const *values; /* one for each row of the options that apply; see command_value() */
    bool json;
    FILE *out, *err;
};

/* The value of an option as given, "" for a flag that was given, or NULL. Asking for an option that
 * the record does not have is a programming error. */
const char *command_value(const struct command_call *call, const char *option);
bool command_given(const struct command_call *call, const char *option);
/* Where things are for a command that is configured; to be freed by places_free(). */
void command_places(const struct command_call *call, struct places *p);
/* Writes the document to call->out and drops it. */

void command_json(const struct command_call *call, json_t *doc);
/* Says what is wrong with the usage on call->err, and where help is; returns STATUS_USAGE. */
int command_usage(const struct command_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* All records in the order of help; NULL after the last. */
const struct command *command_at(size_t i);
const struct command *command_find(const char *name);
/* The nth option that applies to a command, its own first, then --config and kin; NULL after the
 * last. */
const struct command_option *command_option_at(const struct command *c, size_t i);

/* Texts made from the records. */
void command_overview(struct buf *out);                      /* "homing help" */
void command_page(const struct command *c, struct buf *out); /* "homing help CMD" */
void command_manual(struct buf *out);                        /* scdoc source of homing(1)'s list */
bool command_completion(const char *shell, struct buf *out); /* bash, zsh, fish; false: unknown */

/* main(): finds the command by argv[0] (ddclient) or the first word, reads its words, runs it. */
int command_main(int argc, char **argv);

/* The records. Adding a command is one file with one of these and a row in command.c. */
extern const struct command command_run, command_once, command_plan, command_check, command_add,
    command_set, command_rename, command_remove, command_enable, command_disable, command_undo,
    command_list, command_status, command_why, command_log, command_address, command_sources,
    command_devices, command_update, command_notify, command_providers, command_import,
    command_export, command_report, command_passwd, command_ddclient, command_help;

#endif
