/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=ionos as ddclient speaks it: the zone out of the list of all, the records of the name,
 * then each family's is put or made. Of several zones the longest is taken, not the first.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static const char server[] = "api.hosting.ionos.com";
enum { TTL_DEFAULT = 300, TTL_LEAST = 300 };

struct mine {
    char *zone_id;   /* owned */
    json_t *records; /* owned; those of the hostname */
};

static struct request *ask(struct talk *t, unsigned at, const char *method)
{
    const struct mine *mine = t->mine;
    struct request *r =
        talk_request(t, at, !text_equal(method, "GET"), method, server, "/dns/v1/zones", true);

    if (mine->zone_id != NULL)
        talk_segment(r, mine->zone_id);
    talk_header(r, "Content-Type", "", "application/json", false);
    talk_header(r, "accept", "", "application/json", false);
    talk_header(r, "X-API-Key", "", talk_setting(t, "password", ""), true);
    return r;
}

static void choose_zone(struct talk *t)
{
    struct mine *mine = t->mine;
    size_t best = 0;

    if (!talk_json(t))
        return;
    for (size_t i = 0; i < json_array_size(t->json); i++) {
        const json_t *zone = json_array_get(t->json, i);
        const char *name = talk_text(zone, "/name");
        char *inside = name != NULL ? talk_relative(t->hostname, name) : NULL;
        if (inside != NULL && strlen(name) > best) {
            best = strlen(name);
            mem_free(mine->zone_id);
            mine->zone_id = talk_scalar(zone, "/id");
        }
        mem_free(inside);
    }
    if (mine->zone_id == NULL) {
        talk_fail(t, OUTCOME_NO_ZONE, "IONOS has no zone for %s in this account.", t->hostname);
        return;
    }
    struct request *r = ask(t, 2, "GET");
    web_query(&r->url, "suffix", t->hostname, false);
    marked_text(&r->url, "&recordType=A%2CAAAA");
}

static void host(struct talk *t)
{
    struct mine *mine = t->mine;

    if (t->at == 0) {
        mem_free(mine->zone_id);
        mine->zone_id = NULL;
        ask(t, 1, "GET");
    } else if (t->at == 1) {
        choose_zone(t);
    } else if (talk_json(t)) {
        if (!json_is_object(t->json)) {
            talk_refused(t, OUTCOME_UNKNOWN, NULL);
            return;
        }
        json_decref(mine->records);
        mine->records = json_incref(talk_at(t->json, "/records"));
        talk_ready(t);
    }
}

static const json_t *standing(const struct talk *t)
{
    const struct mine *mine = t->mine;

    for (size_t i = 0; i < json_array_size(mine->records); i++) {
        const json_t *one = json_array_get(mine->records, i);
        const char *name = talk_text(one, "/name");
        if (name != NULL && talk_same_name(name, t->hostname) &&
            text_equal(talk_text(one, "/type"), t->type))
            return one;
    }
    return NULL;
}

static void record(struct talk *t)
{
    if (t->at > 0) {
        if (t->cls != OUTCOME_GOOD && talk_text(t->json, "/0/message") != NULL)
            talk_refused(t, t->cls, talk_text(t->json, "/0/message"));
        else if (talk_answered(t))
            talk_good(t, OUTCOME_GOOD);
        return;
    }
    const json_t *stands = standing(t);
    char *id = talk_scalar(stands, "/id");
    if (stands != NULL && id == NULL) {
        talk_fail(t, OUTCOME_UNKNOWN,
                  "IONOS tells no id of the %s record of %s; a second one would "
                  "stand beside it.",
                  t->type, t->hostname);
        return;
    }
    long ttl = talk_number(t, "ttl", TTL_DEFAULT);
    json_t *rest = json_pack("{s:s,s:i,s:i,s:b}", "content", t->ip, "ttl",
                             (int)(ttl < TTL_LEAST ? TTL_LEAST : ttl), "prio", 0, "disabled", 0);
    struct request *r = ask(t, 1, id != NULL ? "PUT" : "POST");
    marked_text(&r->url, "/records");
    if (id != NULL) {
        talk_segment(r, id);
        talk_body(r, rest, false);
    } else {
        json_t *whole = json_pack("{s:s,s:s}", "name", t->hostname, "type", t->type);
        json_object_update(whole, rest);
        json_decref(rest);
        talk_body(r, json_pack("[o]", whole), false);
    }
    mem_free(id);
}

static void fini(void *p)
{
    struct mine *mine = p;
    mem_free(mine->zone_id);
    json_decref(mine->records);
}

static const struct talk_script script = {
    .size = sizeof(struct mine), .host = host, .record = record, .fini = fini};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_ionos = {"compat-ionos", start, talk_go, talk_end,
                                               REQUEST_HTTP};
