/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/client.h"
#include "command/command.h"
#include "command/hidden.h"
#include "state/folder.h"
#include "web/access.h"

/* Where the page is when no service can be asked. */
static const char default_url[] = "http://127.0.0.1:8245/";

/* ---- without a service: the file itself ---- */

static void on_done(void *arg, enum err e)
{
    *(enum err *)arg = e;
}

/* password NULL: a link, whose secret goes to link. */
static enum err change_file(const struct places *p, const char *password, char *link,
                            struct cause *c)
{
    uv_loop_t loop;
    enum err e = folder_make(p->state, c); /* nothing may have run yet */

    if (e != OK)
        return e;
    uv_loop_init(&loop);
    struct access *a = access_new(&loop, p->access, c);
    if (a == NULL) {
        uv_loop_close(&loop);
        return ERR_IO;
    }
    if (password != NULL)
        access_set_password(a, password, NULL, on_done, &e);
    else
        access_link(a, link);
    uv_run(&loop, UV_RUN_DEFAULT); /* until it is hashed and written */
    access_free(a);
    uv_loop_close(&loop);
    if (access(p->access, F_OK) != 0)
        return cause_set(c, ERR_IO, "%s could not be written.", p->access);
    return e;
}

/* The service must be able to read it: its folder's owner owns the file too. */
static void give_to_folder_owner(const struct places *p)
{
    struct stat folder;

    if (geteuid() == 0 && stat(p->state, &folder) == 0 &&
        chown(p->access, folder.st_uid, folder.st_gid) != 0)
        log_warning(NULL, "%s could not be given to the owner of its folder.", p->access);
}

/* ---- the two ways ---- */

static int fail(const struct command_call *call, const struct cause *c)
{
    fprintf(call->err, "homing: %s\n", c->text);
    return STATUS_FAILED;
}

static int give_link(const struct command_call *call, const struct places *p)
{
    char link[ACCESS_SECRET_MAX];
    json_t *reply = NULL;
    bool reached;
    struct cause c;
    enum err e = client_call(p->socket, "POST", "/link", NULL, &reply, &reached, &c);

    if (reached && e != OK)
        return fail(call, &c);
    if (reached) {
        fprintf(call->out, "%s\n", json_string_value(json_object_get(reply, "url")));
        json_decref(reply);
    } else {
        if (change_file(p, NULL, link, &c) != OK)
            return fail(call, &c);
        give_to_folder_owner(p);
        fprintf(call->out, "%s#claim=%s\n", default_url, link);
        fputs("homing does not run now: start it first.\n", call->err);
    }
    fputs("Open it in a browser. It works once, for 15 minutes; whoever has it chooses the "
          "password.\n",
          call->err);
    return STATUS_RIGHT;
}

static enum err send_password(const struct places *p, const char *password, struct cause *c)
{
    json_t *body = json_pack("{s:s}", "password", password), *reply = NULL;
    bool reached;

    if (body == NULL)
        return cause_set(c, ERR_SYNTAX, "The password is not text in UTF-8.");
    enum err e = client_call(p->socket, "POST", "/password", body, &reply, &reached, c);
    json_decref(body);
    json_decref(reply);
    if (!reached) {
        e = change_file(p, password, NULL, c);
        if (e == OK)
            give_to_folder_owner(p);
    }
    return e;
}

static int set_password(const struct command_call *call, const struct places *p)
{
    char first[ACCESS_PASSWORD_MOST + 2] = "", again[ACCESS_PASSWORD_MOST + 2] = "";
    int status = STATUS_FAILED;
    struct cause c;

    if (!hidden_ask(call->out, "New password for the page:", first, sizeof first)) {
        fputs("homing: nothing was changed.\n", call->err);
    } else if (access_password_fits(first, &c) != OK) {
        fprintf(call->err, "homing: %s\n", c.text);
    } else if (!hidden_ask(call->out, "Once more:", again, sizeof again) ||
               !text_equal(first, again)) {
        fputs("homing: the two are not the same; nothing was changed.\n", call->err);
    } else if (send_password(p, first, &c) != OK) {
        fail(call, &c);
    } else {
        fputs("The page has a new password. Whoever was signed in is not any more.\n", call->out);
        status = STATUS_RIGHT;
    }
    mem_wipe(first, sizeof first);
    mem_wipe(again, sizeof again);
    return status;
}

static int run(const struct command_call *call)
{
    struct places places;

    /* A link in a log or a pipe would be a key for whoever reads it later. */
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        fputs("homing: passwd works on a terminal only.\n", call->err);
        return STATUS_FAILED;
    }
    command_places(call, &places);
    int status =
        command_given(call, "set") ? set_password(call, &places) : give_link(call, &places);
    places_free(&places);
    return status;
}

static const struct command_option options[] = {
    {"set", NULL, "ask for the new password here instead of giving a link"},
    {NULL, NULL, NULL},
};

const struct command command_passwd = {
    .name = "passwd",
    .summary = "Give the page an owner: a one-time link, or a new password",
    .arguments = "",
    .help =
        "Prints a link that works once, for 15 minutes: whoever opens it chooses the page's "
        "password, also when the former one was forgotten. With --set the password is asked "
        "for here. All who were signed in are signed out by a new password. Works on a terminal "
        "only, for the service's owner, root and the group homing.",
    .options = options,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE,
    .run = run,
};
