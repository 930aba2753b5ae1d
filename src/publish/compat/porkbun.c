/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=porkbun as ddclient speaks it: the records of the name and type are read; where the
 * first differs they are edited by name, with TTL and notes as they were. Records are never made.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static const char server[] = "api.porkbun.com";

/* The registered domain and the name in it (owned); NULL when the hostname is outside. */
static const char *domain_of(const struct talk *t, char **name)
{
    const char *root = talk_setting(t, "root-domain", NULL);
    const char *dot = strchr(t->hostname, '.');

    *name = NULL;
    if (root != NULL) {
        *name = talk_relative(t->hostname, root);
        return *name != NULL ? root : NULL;
    }
    if (talk_flag(t, "on-root-domain")) {
        *name = mem_text("");
        return t->hostname;
    }
    if (dot == NULL)
        return NULL;
    *name = mem_text_n(t->hostname, (size_t)(dot - t->hostname));
    return dot + 1;
}

static void call(struct talk *t, unsigned at, const char *path, const char *domain,
                 const char *name, json_t *more)
{
    struct request *r = talk_request(t, at, at == 2, "POST", server, path, false);
    json_t *body = json_pack("{s:s,s:s}", "secretapikey", talk_setting(t, "secretapikey", ""),
                             "apikey", talk_setting(t, "apikey", ""));

    talk_segment(r, domain);
    talk_segment(r, t->type);
    talk_segment(r, name); /* empty at the apex: the path ends in a slash */
    talk_header(r, "Content-Type", "", "application/json", false);
    if (more != NULL)
        json_object_update(body, more);
    json_decref(more);
    talk_body(r, body, true);
}

static void edit(struct talk *t, const char *domain, const char *name)
{
    const json_t *first = talk_at(t->json, "/records/0");
    const json_t *ttl = talk_at(first, "/ttl"), *notes = talk_at(first, "/notes");
    json_t *more = json_pack("{s:s}", "content", t->ip);

    json_object_set_new(more, "ttl", ttl != NULL ? json_deep_copy(ttl) : json_null());
    json_object_set_new(more, "notes", notes != NULL ? json_deep_copy(notes) : json_null());
    call(t, 2, "/api/json/v3/dns/editByNameType", domain, name, more);
}

static void compare(struct talk *t, const char *domain, const char *name)
{
    char *id = talk_scalar(t->json, "/records/0/id");

    if (!talk_json(t))
        ;
    else if (!text_equal(talk_text(t->json, "/status"), "SUCCESS"))
        talk_refused(t, OUTCOME_UNKNOWN, talk_text(t->json, "/message"));
    else if (id == NULL)
        talk_fail(t, OUTCOME_NO_HOST, "Porkbun has no %s record for %s; make one there first.",
                  t->type, t->hostname);
    else if (text_equal(talk_text(t->json, "/records/0/content"), t->ip))
        talk_good(t, OUTCOME_NOCHG);
    else
        edit(t, domain, name);
    mem_free(id);
}

static void record(struct talk *t)
{
    char *name;
    const char *domain = domain_of(t, &name);

    if (domain == NULL)
        talk_fail(t, OUTCOME_NO_ZONE, "root-domain= must be the domain that %s is in.",
                  t->hostname);
    else if (t->at == 0)
        call(t, 1, "/api/json/v3/dns/retrieveByNameType", domain, name, NULL);
    else if (t->cls != OUTCOME_GOOD && talk_text(t->json, "/message") != NULL)
        talk_refused(t, t->cls, talk_text(t->json, "/message"));
    else if (t->at == 1)
        compare(t, domain, name);
    else if (talk_answered(t))
        talk_good(t, OUTCOME_GOOD);
    mem_free(name);
}

static const struct talk_script script = {.record = record};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_porkbun = {"compat-porkbun", start, talk_go, talk_end,
                                                 REQUEST_HTTP};
