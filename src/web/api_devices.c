/*
 * SPDX-License-Identifier: ISC
 *
 * The devices that may push their address, and what they told.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "web/api.h"

/* Without accounts none of this exists. */
static bool devices(struct request_ctx *rq)
{
    if (rq->web->access != NULL && rq->web->push_model != NULL)
        return true;
    reply_error(rq, 404, "no-accounts", NULL, NULL, "This page has no accounts.");
    return false;
}

static json_t *device_doc(const struct web *w, const struct device *d)
{
    json_t *doc = w->push_model->ops->describe(w->push_model, d->name);
    json_t *hosts = json_array();

    for (size_t i = 0; i < d->host_count; i++)
        json_array_append_new(hosts, json_string(d->hosts[i]));
    json_object_set_new(doc, "name", json_string(d->name));
    json_object_set_new(doc, "created_at", json_integer(d->created));
    json_object_set_new(doc, "may_name", hosts);
    return doc;
}

void api_devices(struct request_ctx *rq)
{
    const struct web *w = rq->web;
    const struct device *d;
    json_t *items = json_array();
    size_t at = 0;

    if (!devices(rq)) {
        json_decref(items);
        return;
    }
    while ((d = access_device_next(w->access, &at)) != NULL)
        json_array_append_new(items, device_doc(w, d));
    unsigned port = w->push != NULL ? push_port(w->push) : 0;
    json_t *listen = w->push == NULL
                         ? json_null()
                         : json_pack("{s:i,s:b}", "port", (int)port, "tls", w->push_tls);
    reply_doc(rq, 200, json_pack("{s:o,s:o}", "items", items, "listen", listen));
}

/* The names of "hosts", or NULL with the error told. Owned array of borrowed texts. */
static const char **read_hosts(struct request_ctx *rq, size_t *count)
{
    const json_t *list = json_object_get(rq->body, "hosts"), *item;
    size_t i;

    *count = json_array_size(list);
    const char **hosts = mem_array(*count + 1, sizeof *hosts);
    json_array_foreach(list, i, item)
    {
        hosts[i] = json_string_value(item);
        if (hosts[i] == NULL || strlen(hosts[i]) != json_string_length(item))
            break;
    }
    if ((list == NULL || json_is_array(list)) && i == *count)
        return hosts;
    mem_free(hosts);
    reply_error(rq, 422, "hosts", NULL, "hosts", "\"hosts\" is a list of hostnames.");
    return NULL;
}

static void reply_password(struct request_ctx *rq, unsigned status, const char *name,
                           const char *password)
{
    if (rq->web->push != NULL)
        push_device_changed(rq->web->push, name);
    reply_doc(rq, status, json_pack("{s:s,s:s}", "name", name, "password", password));
}

void api_device_add(struct request_ctx *rq)
{
    const json_t *name = json_object_get(rq->body, "name");
    char password[ACCESS_SECRET_MAX];
    struct cause c = {""};
    size_t count;

    if (!devices(rq))
        return;
    if (!json_is_string(name) || strlen(json_string_value(name)) != json_string_length(name)) {
        reply_error(rq, 422, "member", json_pack("{s:s}", "name", "name"), "name",
                    "The body needs the text \"name\".");
        return;
    }
    const char **hosts = read_hosts(rq, &count);
    if (hosts == NULL)
        return;
    enum err e =
        access_device_add(rq->web->access, json_string_value(name), hosts, count, password, &c);
    mem_free(hosts);
    if (e == OK)
        reply_password(rq, 201, json_string_value(name), password);
    else if (e == ERR_EXISTS)
        reply_error(rq, 409, "device-exists", json_pack("{s:O}", "name", name), "name", "%s",
                    c.text);
    else
        reply_error(rq, 422, e == ERR_FULL ? "device-full" : "device-name", NULL, "name", "%s",
                    c.text);
    mem_wipe(password, sizeof password);
}

void api_device_renew(struct request_ctx *rq)
{
    char password[ACCESS_SECRET_MAX];

    if (!devices(rq))
        return;
    if (access_device_renew(rq->web->access, rq->params[0], password) == OK)
        reply_password(rq, 200, rq->params[0], password);
    else
        reply_doc(rq, 404, NULL);
    mem_wipe(password, sizeof password);
}

void api_device_remove(struct request_ctx *rq)
{
    struct web *w = rq->web;

    if (!devices(rq))
        return;
    if (access_device_remove(w->access, rq->params[0]) != OK) {
        reply_doc(rq, 404, NULL);
        return;
    }
    w->push_model->ops->removed(w->push_model, rq->params[0]);
    if (w->push != NULL)
        push_device_changed(w->push, rq->params[0]);
    reply_doc(rq, 200, json_object());
}
