/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include <jansson.h>

#include "base/text.h"
#include "publish/notice.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "s3cr3t-passw0rd";
enum { TEXT_MOST = 64 };

struct settings {
    const struct provider_info *info;
    char hostile[TEXT_MOST]; /* what settings that are no secret hold; "" for something harmless */
    bool by_token;           /* of several ways to sign in, this one */
};

static const char *get(const void *self, const char *name)
{
    const struct settings *s = self;

    for (size_t i = 0; i < s->info->field_count; i++) {
        const struct provider_field *f = &s->info->fields[i];
        if (!text_equal(f->name, name))
            continue;
        if (text_equal(name, "url"))
            return s->by_token ? "https://x.example/hook" : NULL;
        if (text_equal(name, "webhook"))
            return s->by_token ? NULL : "https://x.example/s3cr3t-passw0rd";
        if (f->choices != NULL)
            return f->choices[0];
        if (f->secret)
            return secret;
        return s->hostile[0] != '\0' ? s->hostile : "harmless";
    }
    return NULL;
}

static bool is_secret(const void *self, const char *name)
{
    const struct settings *s = self;

    for (size_t i = 0; i < s->info->field_count; i++)
        if (text_equal(s->info->fields[i].name, name))
            return s->info->fields[i].secret;
    return false;
}

static void text(struct steps_input *in, char out[TEXT_MOST])
{
    size_t n = steps_byte(in) % TEXT_MOST;

    for (size_t i = 0; i < n; i++)
        out[i] = (char)steps_byte(in);
    out[n] = '\0';
    if (strstr(out, secret) != NULL) /* who says it, tells it */
        out[0] = '\0';
}

/* The request as it leaves: no text of a notice or a setting breaks out of its place, and what is
 * shown of it has no secret. */
static void look_at_request(const struct provider *p, struct notice_job *job,
                            struct steps_input *in)
{
    struct step_in start = {STEP_START, NULL, {0, 1700000000000}, steps_random, in};
    struct step_out out;
    struct buf shown;

    void *step = protocol_notice.start(&job->job, p);
    step_out_init(&out);
    protocol_notice.go(step, &start, &out);
    for (size_t i = 0; i < out.request_count; i++) {
        const struct request *r = &out.requests[i];
        const char *url = marked_str(&r->url);
        steps_must(strpbrk(url, " \r\n") == NULL);
        steps_must(strncmp(url, "http", 4) == 0);
        for (size_t h = 0; h < r->header_count; h++)
            steps_must(strpbrk(marked_str(&r->headers[h].value), "\r\n") == NULL);
        buf_init(&shown, 1 << 20);
        request_show(r, true, &shown);
        steps_must(strstr(buf_str(&shown), secret) == NULL);
        buf_free(&shown);
    }
    step_out_free(&out);
    protocol_notice.end(step);
}

/*
 * Hostile texts, settings and replies for every service that tells people. Input: options, the
 * service's number, texts as (length, bytes): setting, event, title, text, hostname; replies.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct registry *registry;
    static const char *ids[64];
    static size_t count;
    struct steps_input in = {data, size, 0, 1};
    struct settings settings = {0};
    char event[TEXT_MOST], title[TEXT_MOST], body[TEXT_MOST], host[TEXT_MOST];
    struct notice_job job;

    if (registry == NULL) {
        registry = registry_new();
        for (const char *id = NULL;
             (id = registry_next_notify(registry, id)) != NULL && count < 64;)
            ids[count++] = id;
    }
    uint8_t options = steps_byte(&in);
    const struct provider *p = registry_notify(registry, ids[steps_byte(&in) % count]);
    settings.info = provider_info(p);
    settings.by_token = options & 1;
    text(&in, settings.hostile);
    text(&in, event);
    text(&in, title);
    text(&in, body);
    text(&in, host);
    json_t *hosts = json_pack("[{s:s%,s:s,s:s}]", "hostname", host, strlen(host), "family", "IPv4",
                              "new", "198.51.100.7");
    const struct notice notice = {.id = "n-1",
                                  .event = event,
                                  .level = options & 2 ? "bad" : "good",
                                  .title = title,
                                  .text = body,
                                  .machine = options & 4 ? host : NULL,
                                  .at = 1700000000000,
                                  .hosts = hosts};
    const struct view view = {&settings, get, is_secret};
    bool beats = options & 8;

    for (int turn = 0; turn < 2; turn++) {
        notice_job_init(&job, beats ? "beat" : "tell", &view, beats ? NULL : &notice, "x/1");
        if (turn == 0)
            look_at_request(p, &job, &in);
        struct memory *memory = job.memory;
        if (turn == 1)
            steps_run(&protocol_notice, p, &job.job, &in, secret);
        job.memory = memory;
        notice_job_fini(&job);
    }
    json_decref(hosts);
    return 0;
}
