/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=ns1 as ddclient speaks it: the record is asked for, then changed (POST) or made (PUT).
 * The zone is zone=, else guessed from the hostname.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static const char server[] = "api.nsone.net/v1";
enum { TTL_DEFAULT = 300 };

/* zone=, or the hostname when it has two labels, or what is right of its first label; NULL when the
 * hostname is not inside. */
static const char *zone_of(const struct talk *t)
{
    const char *zone = talk_setting(t, "zone", NULL);
    const char *dot = strchr(t->hostname, '.');

    if (zone != NULL) {
        char *inside = talk_relative(t->hostname, zone);
        bool is = inside != NULL;
        mem_free(inside);
        return is ? zone : NULL;
    }
    if (dot == NULL)
        return NULL;
    return strchr(dot + 1, '.') == NULL ? t->hostname : dot + 1;
}

static struct request *ask(struct talk *t, unsigned at, const char *method, const char *zone)
{
    struct request *r = talk_request(t, at, at == 2, method, server, "/zones", true);

    talk_segment(r, zone);
    talk_segment(r, t->hostname);
    talk_segment(r, t->type);
    talk_header(r, "Content-Type", "", "application/json", false);
    talk_header(r, "Accept", "", "application/json", false);
    talk_header(r, "X-NSONE-Key", "", talk_setting(t, "login", ""), true);
    return r;
}

/* 2xx with JSON or nothing in it. */
static bool fine(struct talk *t)
{
    if (t->cls != OUTCOME_GOOD && talk_text(t->json, "/message") != NULL) {
        talk_refused(t, t->cls == OUTCOME_NONE ? OUTCOME_NO_ZONE : t->cls,
                     talk_text(t->json, "/message"));
        return false;
    }
    return t->cls == OUTCOME_GOOD && talk_blank(t) ? true : talk_json(t);
}

static void record(struct talk *t)
{
    const char *zone = zone_of(t);

    if (zone == NULL) {
        talk_fail(t, OUTCOME_NO_ZONE, "zone= must be the zone that %s is in.", t->hostname);
    } else if (t->at == 0) {
        ask(t, 1, "GET", zone);
    } else if (t->at == 1) {
        bool none = t->reply->error == NET_OK && t->reply->status == 404;
        if (!none && !fine(t))
            return;
        bool exists = !none && talk_text(t->json, "/type") != NULL;
        struct request *r = ask(t, 2, exists ? "POST" : "PUT", zone);
        talk_body(r,
                  json_pack("{s:[{s:[s]}],s:i}", "answers", "answer", t->ip, "ttl",
                            (int)talk_number(t, "ttl", TTL_DEFAULT)),
                  false);
    } else if (fine(t)) {
        talk_good(t, OUTCOME_GOOD);
    }
}

static const struct talk_script script = {.record = record};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_ns1 = {"compat-ns1", start, talk_go, talk_end, REQUEST_HTTP};
