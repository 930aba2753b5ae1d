/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=hetzner (Cloud DNS) as ddclient speaks it: the record set is replaced, or made when
 * there is none, and the action that does it is asked for until it is over.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

static const char server[] = "api.hetzner.cloud/v1";
enum { TTL_DEFAULT = 60, TTL_LEAST = 60, LOOKS = 5 };
#define BETWEEN (10 * SECOND)

enum { READ = 1, WRITTEN, LOOKED, AGAIN };

struct mine {
    char *action; /* owned */
    unsigned looks;
};

static struct request *ask(struct talk *t, unsigned at, const char *method, const char *path)
{
    struct request *r = talk_request(t, at, at == WRITTEN, method, server, path, true);

    talk_header(r, "Authorization", "Bearer ", talk_setting(t, "password", ""), true);
    talk_header(r, "Content-Type", "", "application/json", false);
    return r;
}

static void add_set(struct talk *t, struct request *r, const char *name)
{
    talk_segment(r, talk_setting(t, "zone", ""));
    marked_text(&r->url, "/rrsets");
    if (name != NULL) {
        talk_segment(r, name);
        talk_segment(r, t->type);
    }
}

static void write_set(struct talk *t, const char *name)
{
    bool exists = t->reply->error == NET_OK && t->reply->status != 404;

    if (exists && !talk_answered(t))
        return;
    if (t->reply->error != NET_OK) {
        talk_answered(t);
        return;
    }
    json_t *records = json_pack("[{s:s}]", "value", t->ip);
    if (exists && json_is_object(talk_at(t->json, "/rrset"))) {
        struct request *r = ask(t, WRITTEN, "POST", "/zones");
        add_set(t, r, name);
        marked_text(&r->url, "/actions/set_records");
        talk_body(r, json_pack("{s:o}", "records", records), false);
    } else {
        long ttl = talk_number(t, "ttl", TTL_DEFAULT);
        struct request *r = ask(t, WRITTEN, "POST", "/zones");
        add_set(t, r, NULL);
        talk_body(r,
                  json_pack("{s:s,s:s,s:i,s:o}", "name", name, "type", t->type, "ttl",
                            (int)(ttl < TTL_LEAST ? TTL_LEAST : ttl), "records", records),
                  false);
    }
}

static void look(struct talk *t)
{
    struct mine *mine = t->mine;
    struct request *r = ask(t, LOOKED, "GET", "/actions");

    talk_segment(r, mine->action);
    mine->looks++;
}

static void begin_looking(struct talk *t)
{
    struct mine *mine = t->mine;

    if (t->cls != OUTCOME_GOOD && talk_text(t->json, "/error/message") != NULL) {
        talk_refused(t, t->cls, talk_text(t->json, "/error/message"));
        return;
    }
    if (!talk_json(t))
        return;
    mem_free(mine->action);
    mine->action = talk_scalar(t->json, "/action/id");
    mine->looks = 0;
    if (mine->action == NULL)
        talk_refused(t, OUTCOME_UNKNOWN, NULL);
    else
        look(t);
}

static void judge_action(struct talk *t)
{
    static const char *const words[] = {"/action/message", "/action/error/message",
                                        "/error/message"};
    struct mine *mine = t->mine;
    const char *status = talk_text(t->json, "/action/status");
    const char *say = NULL;

    if (text_equal(status, "success")) {
        talk_good(t, OUTCOME_GOOD);
    } else if (text_equal(status, "error")) {
        for (size_t i = 0; i < 3 && say == NULL; i++)
            say = talk_text(t->json, words[i]);
        talk_refused(t, OUTCOME_SERVER, say);
    } else if (mine->looks >= LOOKS) {
        talk_fail(t, OUTCOME_SERVER, "Hetzner did not finish the change in time.");
    } else {
        talk_wait(t, AGAIN, BETWEEN);
    }
}

static void record(struct talk *t)
{
    const char *zone = talk_setting(t, "zone", "");
    char *relative = talk_relative(text_equal(t->hostname, "@") ? zone : t->hostname, zone);
    const char *name = relative != NULL && relative[0] == '\0' ? "@" : relative;

    if (name == NULL) {
        talk_fail(t, OUTCOME_NO_ZONE, "zone= must be the zone that %s is in.", t->hostname);
    } else if (t->at == 0) {
        add_set(t, ask(t, READ, "GET", "/zones"), name);
    } else if (t->at == READ) {
        write_set(t, name);
    } else if (t->at == WRITTEN) {
        begin_looking(t);
    } else if (t->at == LOOKED) {
        judge_action(t);
    } else {
        look(t);
    }
    mem_free(relative);
}

static void fini(void *p)
{
    struct mine *mine = p;
    mem_free(mine->action);
}

static const struct talk_script script = {
    .size = sizeof(struct mine), .record = record, .fini = fini};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_hetzner = {"compat-hetzner", start, talk_go, talk_end,
                                                 REQUEST_HTTP};
