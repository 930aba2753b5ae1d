/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/notice.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int replay_missing(void);

static const char secret[] = "s3cr3t-passw0rd";

static const char *get(const void *self, const char *name)
{
    const struct provider_info *info = self;

    for (size_t i = 0; i < info->field_count; i++) {
        const struct provider_field *f = &info->fields[i];
        if (!text_equal(f->name, name))
            continue;
        if (text_equal(name, "url"))
            return "https://x.example/hook";
        return f->choices != NULL    ? f->choices[0]
               : f->secret           ? secret
               : f->fallback != NULL ? f->fallback
                                     : "harmless";
    }
    return NULL;
}

static bool has_secret(const struct provider_info *info)
{
    for (size_t i = 0; i < info->field_count; i++)
        if (info->fields[i].secret && !text_equal(info->fields[i].name, "url"))
            return true;
    return false;
}

static const char *ids[64];
static unsigned replies[64];
static size_t count;

/* Every service that tells people gets replies when it is named. */
int replay_missing(void)
{
    uint8_t input[128];
    int missing = 0;

    for (size_t i = 0; i < count; i++) {
        LLVMFuzzerTestOneInput(input, steps_name(ids[i], input, sizeof input));
        printf("%s: %u replies\n", ids[i], replies[i]);
        missing += replies[i] == 0;
    }
    return missing;
}

/* Replies to messages and signs of life. Input: options, the service's id on a line, replies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct registry *registry;
    static const struct notice notice = {.id = "7",
                                         .event = "failing",
                                         .level = "bad",
                                         .title = "a.example.org is not published",
                                         .text = "one line\nand another",
                                         .machine = "router",
                                         .at = 1700000000000};
    struct steps_input in = {data, size, 0, 1};

    if (registry == NULL) {
        registry = registry_new();
        for (const char *id = NULL;
             (id = registry_next_notify(registry, id)) != NULL && count < 64;)
            ids[count++] = id;
    }
    uint8_t options = steps_byte(&in);
    size_t number = steps_choose(&in, ids, count);
    const struct provider *p = registry_notify(registry, ids[number]);
    const struct provider_info *info = provider_info(p);
    bool beat = info->can_beat && (!info->can_tell || (options & 1) != 0);
    struct view settings = {.self = info, .get = get};
    struct notice_job job;

    notice_job_init(&job, beat ? "beat" : "tell", &settings, beat ? NULL : &notice, "x");
    struct memory *own = job.memory;
    replies[number] +=
        steps_run(&protocol_notice, p, &job.job, &in, has_secret(info) ? secret : NULL);
    job.memory = own;
    notice_job_fini(&job);
    return 0;
}
