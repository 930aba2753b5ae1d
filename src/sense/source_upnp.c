/*
 * SPDX-License-Identifier: ISC
 */
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sense/inside.h"
#include "sense/webask.h"

/*
 * The router's outside address by UPnP (Internet Gateway Device 1 and 2). miniupnpc blocks, so each
 * question is a job of the thread pool. The device's address is kept: looking for it takes two
 * seconds, asking it none.
 *
 * Anybody on the network can answer a search; of several devices the one on the gateway counts.
 */
enum { SEARCH_MS = 2000, TTL = 2 };

struct upnp_job {
    uv_work_t work;
    struct source *source;       /* NULL: nobody waits any more. Not touched by the thread */
    char gateway[ADDR_TEXT_MAX]; /* "" when not known */
    char interface[ADDR_TEXT_MAX];
    char *device; /* owned: its description's URL, or NULL: to be found */
    char address[64];
    char status[64];
    bool reached;
};

struct upnp {
    struct upnp_job *job;
    char *device; /* owned; NULL when not found yet */
};

/* --- in the thread --- */

static bool ask_device(struct upnp_job *j, const char *description)
{
    struct UPNPUrls urls;
    struct IGDdatas data;
    char lan[64] = "", error[64];
    unsigned uptime;

    memset(&urls, 0, sizeof urls);
    memset(&data, 0, sizeof data);
    if (UPNP_GetIGDFromUrl(description, &urls, &data, lan, sizeof lan) != 1)
        return false;
    bool has_service = urls.controlURL != NULL && data.first.servicetype[0] != '\0';
    if (has_service) {
        j->reached = UPNP_GetExternalIPAddress(urls.controlURL, data.first.servicetype,
                                               j->address) == UPNPCOMMAND_SUCCESS;
        UPNP_GetStatusInfo(urls.controlURL, data.first.servicetype, j->status, &uptime, error);
    }
    FreeUPNPUrls(&urls);
    return has_service;
}

static bool is_gateway(const struct upnp_job *j, const struct UPNPDev *device)
{
    char host[128];
    size_t n = strlen(j->gateway);

    webask_host(device->descURL, host, sizeof host);
    return n > 0 && strncmp(host, j->gateway, n) == 0 && (host[n] == '\0' || host[n] == ':');
}

static void search(struct upnp_job *j)
{
    static const char *const types[] = {
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
        "urn:schemas-upnp-org:service:WANPPPConnection:1",
        NULL,
    };
    enum { ALL_AT_ONCE = 1 }; /* else it waits for each type in turn */
    int error = 0;
    struct UPNPDev *list =
        upnpDiscoverDevices(types, SEARCH_MS, j->interface[0] != '\0' ? j->interface : NULL, NULL,
                            UPNP_LOCAL_PORT_ANY, 0, TTL, &error, ALL_AT_ONCE);

    for (int pass = 0; pass < 2 && j->device == NULL; pass++)
        for (struct UPNPDev *d = list; d != NULL && j->device == NULL; d = d->pNext)
            if ((pass == 0) == is_gateway(j, d) && ask_device(j, d->descURL))
                j->device = mem_text(d->descURL);
    freeUPNPDevlist(list);
}

static void work(uv_work_t *req)
{
    struct upnp_job *j = req->data;

    if (j->device != NULL && !ask_device(j, j->device)) {
        mem_free(j->device);
        j->device = NULL;
    }
    if (j->device == NULL)
        search(j);
}

/* --- in the loop --- */

static void say(struct source *s, const struct upnp_job *j)
{
    char words[200] = "", host[128];
    struct addr a;

    if (j->device == NULL)
        snprintf(words, sizeof words, "no router on this network speaks UPnP");
    else if (!j->reached || !addr_parse(j->address, &a) || a.family != V4)
        snprintf(words, sizeof words, "the router %.60s tells no address by UPnP",
                 webask_host(j->device, host, sizeof host));
    else if (text_equal(j->address, "0.0.0.0")) /* while it reconnects: unknown, not none */
        snprintf(words, sizeof words, "the router says it has no address now (%.30s)",
                 j->status[0] != '\0' ? j->status : "0.0.0.0");
    if (words[0] != '\0' && j->device != NULL)
        source_empty(s, V4, words);
    else if (words[0] != '\0')
        source_unknown_all(s, words);
    else
        source_known(s, &a, NULL);
    source_answered(s, words[0] == '\0');
}

static void on_worked(uv_work_t *req, int status)
{
    struct upnp_job *j = req->data;
    struct source *s = j->source;

    if (s != NULL) {
        struct upnp *u = s->data;
        u->job = NULL;
        mem_free(u->device);
        u->device = mem_text(j->device);
        say(s, j);
    }
    mem_free(j->device);
    mem_free(j);
}

/* Our own address on the way to the gateway: from there the search leaves. */
static void note_places(const struct source *s, struct upnp_job *j)
{
    const struct iftable *t = real_table(s->real);
    const struct if_route *route = real_route(s, V4);

    if (route == NULL)
        return;
    if (route->has_gateway)
        addr_text(&route->gateway, j->gateway);
    for (size_t i = 0; i < t->addr_count; i++)
        if (t->addrs[i].index == route->index && t->addrs[i].addr.family == V4 &&
            route->has_gateway && addr_in(&route->gateway, &t->addrs[i].addr, t->addrs[i].length)) {
            addr_text(&t->addrs[i].addr, j->interface);
            break;
        }
}

static void ask_upnp(struct source *s)
{
    struct upnp *u = s->data;
    struct upnp_job *j = mem_alloc(sizeof *j);

    j->source = s;
    j->work.data = j;
    j->device = mem_text(u->device);
    note_places(s, j);
    if (uv_queue_work(s->real->options.loop, &j->work, work, on_worked) == 0) {
        u->job = j;
        return;
    }
    mem_free(j->device);
    mem_free(j);
    source_unknown_all(s, "there is no thread to ask the router");
    source_answered(s, false);
}

static void close_upnp(struct source *s)
{
    struct upnp *u = s->data;

    if (u->job != NULL)
        u->job->source = NULL;
    mem_free(u->device);
}

const struct source_kind source_upnp = {.name = "upnp",
                                        .polls = true,
                                        .every = MINUTE,
                                        .size = sizeof(struct upnp),
                                        .ask = ask_upnp,
                                        .close = close_upnp};
