/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_LEX_H
#define HOMING_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The tokenizer of the language: cuts bytes into statements, assignments and words, and knows for
 * each piece which bytes of the file it came from, so that it can be marked in a message or edited
 * in place. It knows quoting, comments and continuation lines; it does not know what settings mean,
 * but for two questions about a name (see lex_names).
 */

enum lex_name {
    LEX_UNKNOWN = 1,  /* no setting of that name */
    LEX_PASSWORD = 2, /* unquoted: # , ' " and \ are its own (reference of the language, 1.3) */
    LEX_TOKEN = 4,    /* another secret: unquoted # is its own */
    LEX_REAL = 8 /* the whole name is a setting, though it ends in _env, _file or _credential */
};

/* What a name is: a set of the bits above. Asked once an assignment. */
typedef unsigned lex_name_fn(const void *arg, const char *name);

enum lex_note {
    LEX_NOTE_BLANKS,       /* "login = x": blanks around the = */
    LEX_NOTE_COMMA,        /* a comma behind an unquoted password separates it from a setting */
    LEX_NOTE_COMMA_LAST,   /* the same, but no setting follows */
    LEX_NOTE_COMMENT,      /* a comment on a line of the statement */
    LEX_NOTE_COMMA_NAME,   /* "password=a,login=x": the comma is part of the password */
    LEX_NOTE_UNTERMINATED, /* a quote that is not closed on its line */
    LEX_NOTE_ESCAPE,       /* the value ends with a lone backslash (command line only) */
    LEX_NOTE_NUL,          /* a NUL byte */
    LEX_NOTE_PENDING,      /* the file ends while a line is to be continued */
    LEX_NOTE_TRAILING      /* blanks behind the backslash at the end of a line */
};

struct lex_assignment {
    const char *name, *value; /* in lex.text; valid until the next statement */
    size_t name_len, value_len;
    size_t at, name_end;        /* bytes of the name */
    size_t value_at, value_end; /* bytes of the value with its quotes */
    bool quoted;                /* the first piece is quoted */
    char quote;                 /* the first quote character, 0 for none */
};

struct lex_word {
    const char *text;
    size_t len;
    size_t at, end;
    unsigned group; /* 0: the hosts (one word each); 1, 2, ... the words behind them */
};

struct lex_statement {
    size_t at, end;  /* first byte of the first token, behind the last byte of the last token */
    size_t line_end; /* behind the line break that ends the statement */
    struct lex_assignment *set; /* owned by lex */
    size_t set_count;
    struct lex_word *words; /* owned by lex */
    size_t word_count;
    bool broken; /* an unterminated quote or a NUL: do not apply it */
};

struct lex {
    const char *src;
    size_t n, at;
    bool command_line;   /* the argument of --options: no comments, no continuation */
    bool keep_backslash; /* in quotes a backslash is itself but before a quote or a backslash */
    lex_name_fn *name_of;
    const void *name_arg;
    /* Told of each doubt; from, to: the bytes concerned. */
    void (*note)(void *arg, enum lex_note note, size_t from, size_t to);
    void *note_arg;

    /* inside */
    struct lex_statement st;
    size_t set_room, word_room;
    struct buf text;      /* texts of the current statement */
    size_t noted_comment; /* behind the last comment told */
    size_t noted_tail;    /* the last place told as LEX_NOTE_TRAILING or LEX_NOTE_PENDING */
};

enum { LEX_FILE_MAX = 256 * 1024 * 1024 };

void lex_init(struct lex *lx, const char *src, size_t n);
void lex_fini(struct lex *lx);
/* The next statement, or NULL at the end. */
const struct lex_statement *lex_next(struct lex *lx);

#endif
