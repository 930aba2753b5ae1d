/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=gandi (LiveDNS) as ddclient speaks it: the set is read, and put where its first value or
 * its TTL differs. The apex is "@", which ddclient gets wrong.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

static const char server[] = "api.gandi.net";

static struct request *ask(struct talk *t, unsigned at, bool writes, const char *name)
{
    char *path = mem_format("%s/livedns/domains", talk_setting(t, "script", "/v5"));
    struct request *r = talk_request(t, at, writes, writes ? "PUT" : "GET", server, path, false);

    mem_free(path);
    talk_segment(r, talk_setting(t, "zone", ""));
    marked_text(&r->url, "/records");
    talk_segment(r, name[0] != '\0' ? name : "@");
    talk_segment(r, t->type);
    talk_header(r, "Content-Type", "", "application/json", false);
    talk_header(r, "Authorization",
                talk_flag(t, "use-personal-access-token") ? "Bearer " : "Apikey ",
                talk_setting(t, "password", ""), true);
    return r;
}

static void compare(struct talk *t, const char *name)
{
    long ttl = talk_number(t, "ttl", -1);

    if (!talk_json(t))
        return;
    char *standing = talk_scalar(t->json, "/rrset_ttl");
    uint64_t number = 0;
    bool same_ttl =
        ttl < 0 || (standing != NULL && text_number(standing, &number) && number == (uint64_t)ttl);
    mem_free(standing);
    if (!json_is_object(t->json)) {
        talk_refused(t, OUTCOME_UNKNOWN, NULL);
    } else if (same_ttl && text_equal(talk_text(t->json, "/rrset_values/0"), t->ip)) {
        talk_good(t, OUTCOME_NOCHG);
    } else {
        struct request *r = ask(t, 2, true, name);
        json_t *body = json_object();
        if (ttl >= 0)
            json_object_set_new(body, "rrset_ttl", json_integer(ttl));
        json_object_set_new(body, "rrset_values", json_pack("[s]", t->ip));
        talk_body(r, body, false);
    }
}

static void record(struct talk *t)
{
    const char *zone = talk_setting(t, "zone", "");
    char *name = talk_in_zone(t->hostname, zone);

    if (name == NULL)
        talk_fail(t, OUTCOME_NO_ZONE, "zone= must be the zone that %s is in.", t->hostname);
    else if (t->at == 0)
        ask(t, 1, false, name);
    else if (t->at == 1)
        compare(t, name);
    else if (t->cls != OUTCOME_GOOD && talk_text(t->json, "/message") != NULL)
        talk_refused(t, t->cls, talk_text(t->json, "/message"));
    else if (talk_answered(t))
        talk_good(t, OUTCOME_GOOD);
    mem_free(name);
}

static const struct talk_script script = {.record = record};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_gandi = {"compat-gandi", start, talk_go, talk_end,
                                               REQUEST_HTTP};
