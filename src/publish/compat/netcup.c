/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=netcup (CCP) as ddclient speaks it: log in, for each family find the record's id and
 * write it with that id or without, log out whatever happened.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"

static const char server[] = "ccp.netcup.net";

struct mine {
    char *session; /* owned; NULL when not logged in */
};

/* Every call is a POST of {"action":..., "param":{...}}; "more" is taken over. */
static struct request *call(struct talk *t, unsigned at, bool writes, const char *action,
                            json_t *more)
{
    const struct mine *mine = t->mine;
    struct request *r =
        talk_request(t, at, writes, "POST", server, "/run/webservice/servers/endpoint.php", true);
    json_t *param = json_pack("{s:s,s:s}", "customernumber", talk_setting(t, "login", ""), "apikey",
                              talk_setting(t, "apikey", ""));

    if (mine->session != NULL)
        json_object_set_new(param, "apisessionid", json_string(mine->session));
    if (more != NULL)
        json_object_update(param, more);
    json_decref(more);
    talk_header(r, "Content-Type", "", "application/json", false);
    talk_header(r, "Accept", "", "application/json", false);
    talk_body(r, json_pack("{s:s,s:o}", "action", action, "param", param), true);
    return r;
}

static bool succeeded(struct talk *t)
{
    const char *say = talk_text(t->json, "/longmessage");

    if (!talk_json(t))
        return false;
    if (text_equal(talk_text(t->json, "/status"), "success"))
        return true;
    /* The interface has one status for all: what is refused at the login are the credentials. */
    talk_refused(t, t->phase == TALK_HOST ? OUTCOME_AUTH : OUTCOME_UNKNOWN,
                 say != NULL ? say : talk_text(t->json, "/shortmessage"));
    return false;
}

static const char *name_of(struct talk *t, char **relative)
{
    *relative = talk_relative(t->hostname, talk_setting(t, "zone", ""));
    return *relative != NULL && (*relative)[0] == '\0' ? "@" : *relative;
}

static void log_in(struct talk *t)
{
    struct mine *mine = t->mine;
    char *relative;

    if (name_of(t, &relative) == NULL) {
        talk_fail(t, OUTCOME_NO_ZONE, "zone= must be the zone that %s is in.", t->hostname);
    } else if (t->at == 0) {
        struct request *r =
            call(t, 1, false, "login",
                 json_pack("{s:s}", "apipassword", talk_setting(t, "password", "")));
        r->session = true;
    } else if (succeeded(t)) {
        if (talk_says(t->json, "/responsedata/apisessionid"))
            mine->session = talk_scalar(t->json, "/responsedata/apisessionid");
        if (mine->session != NULL)
            talk_ready(t);
        else
            talk_refused(t, OUTCOME_UNKNOWN, NULL);
    }
    mem_free(relative);
}

static char *id_of(const struct talk *t, const char *name)
{
    const json_t *list = talk_at(t->json, "/responsedata/dnsrecords");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (text_equal(talk_text(one, "/hostname"), name) &&
            text_equal(talk_text(one, "/type"), t->type))
            return talk_scalar(one, "/id");
    }
    return NULL;
}

static void write_record(struct talk *t, const char *name)
{
    char *id = id_of(t, name);
    json_t *one = json_object();

    if (id != NULL)
        json_object_set_new(one, "id", json_string(id));
    json_object_set_new(one, "hostname", json_string(name));
    json_object_set_new(one, "type", json_string(t->type));
    json_object_set_new(one, "destination", json_string(t->ip));
    json_object_set_new(one, "deleterecord", json_false());
    json_object_set_new(one, "state", json_string("yes"));
    call(t, 2, true, "updateDnsRecords",
         json_pack("{s:s,s:{s:[o]}}", "domainname", talk_setting(t, "zone", ""), "dnsrecordset",
                   "dnsrecords", one));
    mem_free(id);
}

static void record(struct talk *t)
{
    char *relative;
    const char *name = name_of(t, &relative);

    if (t->at == 0)
        call(t, 1, false, "infoDnsRecords",
             json_pack("{s:s}", "domainname", talk_setting(t, "zone", "")));
    else if (succeeded(t) && t->at == 1)
        write_record(t, name);
    else if (!t->moved)
        talk_good(t, OUTCOME_GOOD);
    mem_free(relative);
}

static void log_out(struct talk *t)
{
    struct mine *mine = t->mine;

    if (t->at > 0 || mine->session == NULL) {
        talk_ready(t);
        return;
    }
    call(t, 1, false, "logout", NULL)->session = true;
    mem_free_secret(mine->session);
    mine->session = NULL;
}

static void fini(void *p)
{
    struct mine *mine = p;
    mem_free_secret(mine->session);
}

static const struct talk_script script = {
    .size = sizeof(struct mine), .host = log_in, .record = record, .leave = log_out, .fini = fini};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_netcup = {"compat-netcup", start, talk_go, talk_end,
                                                REQUEST_HTTP};
