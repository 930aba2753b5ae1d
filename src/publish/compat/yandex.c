/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=yandex (mail for domains) as ddclient speaks it: the record's id out of the list of the
 * domain, then an edit. A record that tells another type than ours is passed over.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

static const char server[] = "pddimp.yandex.ru";

static struct request *ask(struct talk *t, unsigned at, const char *method, const char *path)
{
    struct request *r = talk_request(t, at, at == 2, method, server, path, false);
    talk_header(r, "PddToken", "", talk_setting(t, "password", ""), true);
    return r;
}

static bool succeeded(struct talk *t)
{
    if (!talk_json(t))
        return false;
    if (text_equal(talk_text(t->json, "/success"), "ok"))
        return true;
    talk_refused(t, OUTCOME_UNKNOWN, talk_text(t->json, "/error"));
    return false;
}

static void edit(struct talk *t)
{
    const json_t *list = talk_at(t->json, "/records");
    char *id = NULL;

    for (size_t i = 0; i < json_array_size(list) && id == NULL; i++) {
        const json_t *one = json_array_get(list, i);
        const char *name = talk_text(one, "/fqdn"), *type = talk_text(one, "/type");
        if (name != NULL && talk_same_name(name, t->hostname) &&
            (type == NULL || text_equal(type, t->type)))
            id = talk_scalar(one, "/record_id");
    }
    if (id == NULL) {
        talk_fail(t, OUTCOME_NO_HOST, "Yandex has no %s record for %s; make one there first.",
                  t->type, t->hostname);
        return;
    }
    struct request *r = ask(t, 2, "POST", "/api2/admin/dns/edit");
    talk_header(r, "Content-Type", "", "application/x-www-form-urlencoded", false);
    r->has_body = true;
    marked_text(&r->body, "domain=");
    web_escaped(&r->body, talk_setting(t, "login", ""), false);
    marked_text(&r->body, "&record_id=");
    web_escaped(&r->body, id, false);
    marked_text(&r->body, "&content=");
    web_escaped(&r->body, t->ip, false);
    mem_free(id);
}

static void record(struct talk *t)
{
    if (t->at == 0) {
        struct request *r = ask(t, 1, "GET", "/api2/admin/dns/list");
        web_query(&r->url, "domain", talk_setting(t, "login", ""), false);
    } else if (succeeded(t)) {
        if (t->at == 1)
            edit(t);
        else
            talk_good(t, OUTCOME_GOOD);
    }
}

static const struct talk_script script = {.one_family = true, .record = record};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_yandex = {"compat-yandex", start, talk_go, talk_end,
                                                REQUEST_HTTP};
