/*
 * SPDX-License-Identifier: ISC
 *
 * Signing in and out, making the page one's own, tokens.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "web/api.h"

enum { COOKIE_MAX = 256 };

/* A text member of the body that must be there; answers the error itself. */
static const char *member(struct request_ctx *rq, const char *name)
{
    const json_t *v = json_object_get(rq->body, name);

    if (json_is_string(v) && strlen(json_string_value(v)) == json_string_length(v))
        return json_string_value(v);
    reply_error(rq, 422, "member", json_pack("{s:s}", "name", name), name,
                "The body needs the text \"%s\".", name);
    return NULL;
}

/* Without accounts none of this exists. */
static bool accounts(struct request_ctx *rq)
{
    if (rq->web->access != NULL)
        return true;
    reply_error(rq, 404, "no-accounts", NULL, NULL, "This page has no accounts.");
    return false;
}

/* No Path: the cookie then belongs to the folder of the API, also below a proxy's sub-path. */
static void set_cookie(struct request_ctx *rq, const char *value, long long seconds)
{
    const char *proto = http_header(rq->call, "X-Forwarded-Proto");
    bool secure = http_peer(rq->call)->tls || (proto != NULL && text_equal(proto, "https"));
    char cookie[COOKIE_MAX];

    snprintf(cookie, sizeof cookie, "homing=%s; HttpOnly; SameSite=Strict; Max-Age=%lld%s", value,
             seconds, secure ? "; Secure" : "");
    http_reply_header(rq->call, "Set-Cookie", cookie);
    mem_wipe(cookie, sizeof cookie);
}

/* A session of its own for each sign-in: what the browser brought is never taken over. */
static void begin_session(struct request_ctx *rq)
{
    char id[ACCESS_SECRET_MAX];

    if (rq->who.session[0] != '\0')
        access_end(rq->web->access, rq->who.session);
    access_begin(rq->web->access, id);
    set_cookie(rq, id, ACCESS_SESSION_MOST / SECOND);
    mem_wipe(id, sizeof id);
    reply_doc(rq, 200, json_pack("{s:s}", "level", "full"));
}

static void reply_busy(struct request_ctx *rq)
{
    http_reply_header(rq->call, "Retry-After", "1");
    reply_error(rq, 429, "busy", NULL, NULL, "Too many at once. Try again in a second.");
}

static void on_checked(void *arg, enum err e)
{
    struct request_ctx *rq = arg;

    if (e == OK) {
        begin_session(rq);
    } else if (e == ERR_BUSY) {
        reply_busy(rq);
    } else {
        msec wait = access_wait(rq->web->access, rq->call);
        reply_error(rq, 403, wait > 0 ? "wrong-password-wait" : "wrong-password",
                    json_pack("{s:I}", "wait", (json_int_t)wait), "password",
                    wait > 0 ? "This is not the password. The next try is possible in %lld s."
                             : "This is not the password.",
                    (long long)((wait + SECOND - 1) / SECOND));
    }
}

/* True when this peer may try a password now; else it was told when. */
static bool may_try(struct request_ctx *rq)
{
    msec wait = access_wait(rq->web->access, rq->call);
    char seconds[24];

    if (wait <= 0)
        return true;
    long long s = (wait + SECOND - 1) / SECOND;
    snprintf(seconds, sizeof seconds, "%lld", s);
    http_reply_header(rq->call, "Retry-After", seconds);
    reply_error(rq, 429, "wait", json_pack("{s:I}", "wait", (json_int_t)wait), "password",
                "Too many wrong passwords. The next try is possible in %lld s.", s);
    return false;
}

void api_sign_in(struct request_ctx *rq)
{
    const char *password;

    if (accounts(rq) && (password = member(rq, "password")) != NULL && may_try(rq))
        access_check(rq->web->access, rq->call, password, on_checked, rq);
}

void api_sign_out(struct request_ctx *rq)
{
    if (!accounts(rq))
        return;
    if (rq->route->what != 0)
        access_end_all(rq->web->access);
    else if (rq->who.session[0] != '\0')
        access_end(rq->web->access, rq->who.session);
    events_end(rq->web->events);
    set_cookie(rq, "", 0);
    reply_doc(rq, 200, json_object());
}

static void on_claimed(void *arg, enum err e)
{
    struct request_ctx *rq = arg;

    if (e == OK)
        events_end(rq->web->events);
    if (e == OK)
        begin_session(rq);
    else if (e == ERR_BUSY)
        reply_busy(rq);
    else if (e == ERR_NOT_FOUND)
        reply_error(rq, 403, "link-used", NULL, NULL,
                    "This link was used already, or its 15 minutes are over.");
    else
        reply_error(rq, 500, "memory", NULL, NULL, "The password could not be stored.");
}

static bool password_fits(struct request_ctx *rq, const char *password)
{
    struct cause c;

    if (access_password_fits(password, &c) == OK)
        return true;
    reply_error(rq, 422, "password-length",
                json_pack("{s:i,s:i}", "least", (int)ACCESS_PASSWORD_LEAST, "most",
                          (int)ACCESS_PASSWORD_MOST),
                "password", "%s", c.text);
    return false;
}

/* With the link alone: is it open? With a password: takes the page over. */
void api_claim(struct request_ctx *rq)
{
    const char *link, *password;

    if (!accounts(rq) || (link = member(rq, "link")) == NULL)
        return;
    if (json_object_get(rq->body, "password") == NULL) {
        msec until = access_link_open(rq->web->access, link);
        if (until == 0)
            on_claimed(rq, ERR_NOT_FOUND);
        else
            reply_doc(rq, 200, json_pack("{s:I}", "until", (json_int_t)until));
    } else if ((password = member(rq, "password")) != NULL && password_fits(rq, password)) {
        access_set_password(rq->web->access, password, link, on_claimed, rq);
    }
}

/* Only whoever is on the machine may have one: over the unix socket. */
void api_link(struct request_ctx *rq)
{
    char link[ACCESS_SECRET_MAX], base[80];

    if (!accounts(rq))
        return;
    if (!rq->who.local) {
        reply_error(rq, 403, "unix-only", NULL, NULL,
                    "Links are given on the machine itself: run \"homing passwd\" there.");
        return;
    }
    if (!http_server_url(rq->web->server, base)) {
        const char *why = rq->web->unserved;
        reply_error(rq, 422, "no-page", NULL, NULL, "The page is served nowhere: %s",
                    why != NULL ? why : "listen= says no.");
        return;
    }
    msec until = access_link(rq->web->access, link);
    json_t *where = json_sprintf("%s#claim=%s", base, link);
    reply_doc(rq, 200,
              json_pack("{s:o,s:s,s:I}", "url", where, "link", link, "until", (json_int_t)until));
    mem_wipe(link, sizeof link);
}

/* ---- changing the password ---- */

static void on_changed(void *arg, enum err e)
{
    struct request_ctx *rq = arg;

    if (e == OK && rq->who.local) {
        events_end(rq->web->events);
        reply_doc(rq, 200, json_object());
    } else {
        on_claimed(rq, e);
    }
}

static void on_old_checked(void *arg, enum err e)
{
    struct request_ctx *rq = arg;

    if (e == OK)
        access_set_password(rq->web->access,
                            json_string_value(json_object_get(rq->body, "password")), NULL,
                            on_changed, rq);
    else
        on_checked(rq, e);
}

void api_password(struct request_ctx *rq)
{
    const char *password, *old;

    if (!accounts(rq) || (password = member(rq, "password")) == NULL ||
        !password_fits(rq, password))
        return;
    if (rq->who.local)
        access_set_password(rq->web->access, password, NULL, on_changed, rq);
    else if ((old = member(rq, "old")) != NULL && may_try(rq))
        access_check(rq->web->access, rq->call, old, on_old_checked, rq);
}

/* ---- tokens ---- */

void api_tokens(struct request_ctx *rq)
{
    if (accounts(rq))
        reply_doc(rq, 200, json_pack("{s:o}", "items", access_tokens(rq->web->access)));
}

void api_token_add(struct request_ctx *rq)
{
    char token[ACCESS_SECRET_MAX];
    const char *name, *level;
    struct cause c;

    if (!accounts(rq) || (name = member(rq, "name")) == NULL ||
        (level = member(rq, "level")) == NULL)
        return;
    if (!text_equal(level, "read") && !text_equal(level, "full")) {
        reply_error(rq, 422, "level", NULL, "level", "The level is \"read\" or \"full\".");
        return;
    }
    enum err e = access_token_add(rq->web->access, name, text_equal(level, "full"), token, &c);
    if (e != OK)
        reply_error(rq, e == ERR_EXISTS ? 409 : 422, e == ERR_EXISTS ? "exists" : "token-name",
                    NULL, "name", "%s", c.text);
    else
        reply_doc(rq, 201,
                  json_pack("{s:s,s:s,s:s}", "name", name, "level", level, "token", token));
    mem_wipe(token, sizeof token);
}

void api_token_remove(struct request_ctx *rq)
{
    if (!accounts(rq))
        return;
    if (access_token_remove(rq->web->access, rq->params[0]) != OK) {
        reply_doc(rq, 404, NULL);
        return;
    }
    events_end(rq->web->events);
    reply_doc(rq, 200, json_object());
}
