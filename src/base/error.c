/*
 * SPDX-License-Identifier: ISC
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const names[ERR_COUNT] = {
    [OK] = "ok",
    [ERR_SYNTAX] = "syntax",
    [ERR_RANGE] = "out of range",
    [ERR_NOT_FOUND] = "not found",
    [ERR_EXISTS] = "exists already",
    [ERR_CONFLICT] = "conflict",
    [ERR_DENIED] = "denied",
    [ERR_TOO_BIG] = "too big",
    [ERR_IO] = "input or output",
    [ERR_FULL] = "no space left",
    [ERR_BUSY] = "busy",
    [ERR_TIMEOUT] = "time-out",
    [ERR_MEMORY] = "out of memory",
    [ERR_UNSUPPORTED] = "not supported",
};

const char *err_name(enum err e)
{
    return (unsigned)e < ERR_COUNT ? names[e] : "unknown";
}

enum err err_from_errno(int error)
{
    switch (error) {
    case 0:
        return OK;
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERR_DENIED;
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case ENOMEM:
        return ERR_MEMORY;
    case ETIMEDOUT:
        return ERR_TIMEOUT;
    case EBUSY:
    case EAGAIN:
        return ERR_BUSY;
    default:
        return ERR_IO;
    }
}

enum err cause_set(struct cause *c, enum err e, const char *format, ...)
{
    if (c != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(c->text, sizeof c->text, format, args);
        va_end(args);
    }
    return e;
}
