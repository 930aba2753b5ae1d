/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=digitalocean as ddclient speaks it: the one record of the name and type is compared, and
 * changed where it differs. Records are never made.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

static const char server[] = "api.digitalocean.com";

static struct request *ask(struct talk *t, unsigned at, bool writes)
{
    struct request *r =
        talk_request(t, at, writes, writes ? "PATCH" : "GET", server, "/v2/domains", false);

    talk_segment(r, talk_setting(t, "zone", ""));
    marked_text(&r->url, "/records");
    talk_header(r, "Content-Type", "", "application/json", false);
    talk_header(r, "Authorization", "Bearer ", talk_setting(t, "password", ""), true);
    return r;
}

static void change(struct talk *t)
{
    if (!talk_json(t))
        return;
    const json_t *list = talk_at(t->json, "/domain_records");
    if (json_array_size(list) != 1 || !json_is_object(json_array_get(list, 0))) {
        talk_fail(t, OUTCOME_NO_HOST, "DigitalOcean has %zu %s records for %s; there must be one.",
                  json_array_size(list), t->type, t->hostname);
        return;
    }
    const char *data = talk_text(list, "/0/data");
    char *id = talk_scalar(list, "/0/id");
    if (text_equal(data, t->ip)) {
        talk_good(t, OUTCOME_NOCHG);
    } else if (id == NULL) {
        talk_refused(t, OUTCOME_UNKNOWN, NULL);
    } else {
        struct request *r = ask(t, 2, true);
        talk_segment(r, id);
        talk_body(r, json_pack("{s:s,s:s}", "type", t->type, "data", t->ip), false);
    }
    mem_free(id);
}

static void record(struct talk *t)
{
    if (talk_setting(t, "zone", NULL) == NULL) {
        talk_fail(t, OUTCOME_NO_ZONE, "zone= is missing: the name of the zone that %s is in.",
                  t->hostname);
    } else if (t->at == 0) {
        struct request *r = ask(t, 1, false);
        web_query(&r->url, "name", t->hostname, false);
        web_query(&r->url, "type", t->type, false);
    } else if (t->at == 1) {
        change(t);
    } else if (talk_answered(t)) {
        talk_good(t, OUTCOME_GOOD);
    }
}

static const struct talk_script script = {.record = record};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_digitalocean = {"compat-digitalocean", start, talk_go,
                                                      talk_end, REQUEST_HTTP};
