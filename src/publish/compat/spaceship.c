/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=spaceship as ddclient speaks it, in a safe order: the wanted record is put first, and
 * only then those with other addresses are deleted; nothing is written when it stands there alone.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static const char server[] = "spaceship.dev";
enum { TTL_DEFAULT = 300 };
enum { LISTED = 1, PUT, DELETED };

struct mine {
    json_t *old; /* owned; other addresses of the name and type */
    size_t at;
};

/* The zone and the name in it (owned). Without zone= the hostname is cut at its first dot. */
static const char *domain_of(const struct talk *t, char **name)
{
    const char *zone = talk_setting(t, "zone", NULL);
    const char *dot = strchr(t->hostname, '.');

    *name = NULL;
    if (zone != NULL) {
        *name = talk_relative(t->hostname, zone);
        if (*name != NULL && (*name)[0] == '\0') {
            mem_free(*name);
            *name = mem_text("@");
        }
        return *name != NULL ? zone : NULL;
    }
    if (dot == NULL)
        return NULL;
    *name = mem_text_n(t->hostname, (size_t)(dot - t->hostname));
    return dot + 1;
}

static struct request *ask(struct talk *t, unsigned at, const char *method, const char *domain)
{
    struct request *r =
        talk_request(t, at, at != LISTED, method, server, "/api/v1/dns/records", true);

    talk_segment(r, domain);
    talk_header(r, "Content-Type", "", "application/json", false);
    talk_header(r, "Accept", "", "application/json", false);
    talk_header(r, "X-Api-Key", "", talk_setting(t, "login", ""), true);
    talk_header(r, "X-Api-Secret", "", talk_setting(t, "password", ""), true);
    return r;
}

static bool fine(struct talk *t)
{
    if (t->cls != OUTCOME_GOOD && talk_text(t->json, "/detail") != NULL) {
        talk_refused(t, t->cls == OUTCOME_NONE ? OUTCOME_NO_ZONE : t->cls,
                     talk_text(t->json, "/detail"));
        return false;
    }
    return t->cls == OUTCOME_GOOD && talk_blank(t) ? true : talk_json(t);
}

static void put(struct talk *t, const char *domain, const char *name)
{
    struct mine *mine = t->mine;
    const json_t *items = talk_at(t->json, "/items");
    bool there = false;

    json_decref(mine->old);
    mine->old = json_array();
    mine->at = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        const char *address = talk_text(one, "/address");
        if (!text_equal(talk_text(one, "/type"), t->type) ||
            !text_equal(talk_text(one, "/name"), name) || address == NULL)
            continue;
        if (text_equal(address, t->ip))
            there = true;
        else
            json_array_append_new(mine->old, json_string(address));
    }
    if (there && json_array_size(mine->old) == 0) {
        talk_good(t, OUTCOME_NOCHG);
        return;
    }
    struct request *r = ask(t, PUT, "PUT", domain);
    talk_body(r,
              json_pack("{s:b,s:[{s:s,s:s,s:s,s:i}]}", "force", 1, "items", "type", t->type, "name",
                        name, "address", t->ip, "ttl", (int)talk_number(t, "ttl", TTL_DEFAULT)),
              false);
}

static void record(struct talk *t)
{
    struct mine *mine = t->mine;
    char *name;
    const char *domain = domain_of(t, &name);

    if (domain == NULL) {
        talk_fail(t, OUTCOME_NO_ZONE, "zone= must be the zone that %s is in.", t->hostname);
    } else if (t->at == 0) {
        struct request *r = ask(t, LISTED, "GET", domain);
        web_query(&r->url, "take", "500", false);
        web_query(&r->url, "skip", "0", false);
    } else if (!fine(t)) {
        ; /* told */
    } else if (t->at == LISTED) {
        put(t, domain, name);
    } else if (mine->at < json_array_size(mine->old)) {
        struct request *r = ask(t, DELETED, "DELETE", domain);
        talk_body(r,
                  json_pack("[{s:s,s:s,s:O}]", "type", t->type, "name", name, "address",
                            json_array_get(mine->old, mine->at)),
                  false);
        mine->at++;
    } else {
        talk_good(t, OUTCOME_GOOD);
    }
    mem_free(name);
}

static void fini(void *p)
{
    struct mine *mine = p;
    json_decref(mine->old);
}

static const struct talk_script script = {
    .size = sizeof(struct mine), .record = record, .fini = fini};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_spaceship = {"compat-spaceship", start, talk_go, talk_end,
                                                   REQUEST_HTTP};
