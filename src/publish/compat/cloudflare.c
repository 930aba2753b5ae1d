/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=cloudflare as ddclient speaks it: the zone by its name, the first record of the name and
 * type, its content changed. Records are never made.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

static const char server[] = "api.cloudflare.com/client/v4";

struct mine {
    char *zone_id, *record_id; /* owned */
};

static struct request *ask(struct talk *t, unsigned at, bool writes, const char *path)
{
    struct request *r = talk_request(t, at, writes, writes ? "PATCH" : "GET", server, path, true);
    const char *login = talk_setting(t, "login", "token");
    const char *password = talk_setting(t, "password", "");

    talk_header(r, "Content-Type", "", "application/json", false);
    if (text_equal(login, "token")) {
        talk_header(r, "Authorization", "Bearer ", password, true);
    } else {
        talk_header(r, "X-Auth-Email", "", login, false);
        talk_header(r, "X-Auth-Key", "", password, true);
    }
    return r;
}

/* Cloudflare tells its errors in the body, whatever the status. */
static bool has_result(struct talk *t)
{
    if (t->cls != OUTCOME_GOOD && t->json != NULL &&
        talk_text(t->json, "/errors/0/message") != NULL) {
        talk_refused(t, t->cls, talk_text(t->json, "/errors/0/message"));
        return false;
    }
    if (!talk_json(t))
        return false;
    if (talk_says(t->json, "/result"))
        return true;
    talk_refused(t, OUTCOME_UNKNOWN, talk_text(t->json, "/errors/0/message"));
    return false;
}

/* The id of the first element of /result that has that name; owned. */
static char *id_of(const struct talk *t, const char *name)
{
    const json_t *list = talk_at(t->json, "/result");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *own = talk_text(one, "/name");
        if (own != NULL && talk_same_name(own, name) && talk_says(one, "/id"))
            return talk_scalar(one, "/id");
    }
    return NULL;
}

static void find_zone(struct talk *t)
{
    struct mine *mine = t->mine;
    const char *zone = talk_setting(t, "zone", NULL);

    if (zone == NULL) {
        talk_fail(t, OUTCOME_NO_ZONE, "zone= is missing: the name of the zone that %s is in.",
                  t->hostname);
    } else if (t->at == 0) {
        struct request *r = ask(t, 1, false, "/zones/");
        web_query(&r->url, "name", zone, false);
    } else if (has_result(t)) {
        mem_free(mine->zone_id);
        mine->zone_id = id_of(t, zone);
        if (mine->zone_id == NULL)
            talk_fail(t, OUTCOME_NO_ZONE, "Cloudflare has no zone %s in this account.", zone);
        else
            talk_ready(t);
    }
}

static void find_record(struct talk *t)
{
    struct mine *mine = t->mine;
    struct request *r = ask(t, 1, false, "/zones");

    talk_segment(r, mine->zone_id);
    marked_text(&r->url, "/dns_records");
    web_query(&r->url, "type", t->type, false);
    web_query(&r->url, "name", t->hostname, false);
}

static void change_record(struct talk *t)
{
    struct mine *mine = t->mine;

    if (!has_result(t))
        return;
    mem_free(mine->record_id);
    mine->record_id = id_of(t, t->hostname);
    if (mine->record_id == NULL) {
        talk_fail(t, OUTCOME_NO_HOST, "Cloudflare has no %s record for %s; make one there first.",
                  t->type, t->hostname);
        return;
    }
    struct request *r = ask(t, 2, true, "/zones");
    talk_segment(r, mine->zone_id);
    marked_text(&r->url, "/dns_records");
    talk_segment(r, mine->record_id);
    talk_body(r, json_pack("{s:s}", "content", t->ip), false);
}

static void record(struct talk *t)
{
    if (t->at == 0)
        find_record(t);
    else if (t->at == 1)
        change_record(t);
    else if (has_result(t))
        talk_good(t, OUTCOME_GOOD);
}

static void fini(void *p)
{
    struct mine *mine = p;
    mem_free(mine->zone_id);
    mem_free(mine->record_id);
}

static const struct talk_script script = {
    .size = sizeof(struct mine), .host = find_zone, .record = record, .fini = fini};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_cloudflare = {"compat-cloudflare", start, talk_go, talk_end,
                                                    REQUEST_HTTP};
