/*
 * SPDX-License-Identifier: ISC
 */
#include "sim_registry.h"

#include "base/text.h"
#include "publish/dyndns2.h"

struct provider {
    struct provider_info info;
};

static const char *const same[] = {"server", "login", "password", "wildcard", "mx", NULL};
static const struct provider_limit limits[] = {{SIM_LIMIT_N, HOUR, true, "account"}};

static const struct provider providers[] = {
    {{.id = "dyndns2",
      .status = "alive",
      .speaks = "dyndns2",
      .batch = {true, 20, BATCH_ADDRESSES, same},
      .parallel = 1}},
    {{.id = "noip",
      .status = "alive",
      .speaks = "dyndns2",
      .batch = {true, 1, BATCH_NONE, NULL},
      .limits = limits,
      .limit_count = 1,
      .parallel = 1}},
    {{.id = "easydns",
      .status = "alive",
      .speaks = "dyndns2",
      .batch = {false, 1, BATCH_NONE, NULL},
      .parallel = 4}},
    {{.id = "changeip",
      .status = "alive",
      .speaks = "dyndns2",
      .one_family = true,
      .batch = {false, 1, BATCH_NONE, NULL},
      .parallel = 1}},
    {{.id = "njalla",
      .status = "alive",
      .speaks = "tiny",
      .can_read = true,
      .can_delete = true,
      .batch = {true, 1, BATCH_NONE, NULL},
      .parallel = 1}},
};

struct registry *sim_registry(void)
{
    return NULL; /* everything is in the table */
}

const struct protocol *sim_dialogue(const char *name)
{
    return text_equal(name, "dyndns2") ? &protocol_dyndns2 : NULL;
}

/* What the engine asks of publish/provider.h. */

const struct provider *registry_provider(struct registry *r, const char *id)
{
    (void)r;
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
        if (text_equal(providers[i].info.id, id))
            return &providers[i];
    return NULL;
}

const struct provider *registry_protocol(struct registry *r, const char *word)
{
    return registry_provider(r, word);
}

const struct provider_info *provider_info(const struct provider *p)
{
    return &p->info;
}

const char *provider_default(const struct provider *p, const char *setting)
{
    (void)p;
    (void)setting;
    return NULL;
}

const struct protocol *registry_dialogue(const char *name)
{
    return sim_dialogue(name);
}
