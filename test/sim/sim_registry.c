/*
 * SPDX-License-Identifier: ISC
 */
#include "sim_registry.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD(id, speaks) HEAD_OF(id, "\"speaks\":\"" speaks "\",")
#define HEAD_OF(id, more)                                                                          \
    "{\"format\":1,\"id\":\"" id "\",\"compat\":\"ddclient\",\"name\":\"" id "\",\"website\":"     \
    "\"https://example.net\",\"status\":\"alive\",\"evidence\":\"source\",\"checked\":"            \
    "\"2026-11-26\",\"help\":\"Of the simulation.\"," more                                         \
    "\"fields\":{\"login\":{\"label\":\"Login\"},\"password\":{\"label\":\"Password\","            \
    "\"secret\":true}}"

static const char *const files[] = {
    HEAD("dyndns2", "dyndns2") ",\"batch\":{\"families\":true,\"hosts\":1000,\"of\":\"addresses\","
                               "\"same\":[\"server\",\"login\",\"password\",\"wildcard\",\"mx\"]}}",
    HEAD("noip", "dyndns2") ",\"batch\":{\"families\":true,\"hosts\":1},"
                            "\"limits\":[{\"n\":10,\"per\":3600,\"of\":\"writes\"}]}",
    HEAD("easydns", "dyndns2") ",\"parallel\":4}",
    HEAD("changeip", "dyndns2") ",\"family\":\"one\"}",
    HEAD("njalla", "tiny") ",\"can\":[\"read\",\"delete\"],\"batch\":{\"families\":true,"
                           "\"hosts\":1}}",
    HEAD_OF("porkbun", "") ",\"limits\":[{\"n\":60,\"per\":3600,\"of\":"
                           "\"requests\",\"scope\":\"source\"}],\"base\":\"https://"
                           "{server}\",\"server\":\"free\",\"common\":{\"basic\":"
                           "[\"{login}\",\"{password}\"]},\"errors\":[{\"when\":{\"status\":[403]},"
                           "\"is\":\"abuse\"},{\"when\":{\"status\":[404]},\"is\":\"no-host\"}],"
                           "\"slots\":{\"records\":{\"path\":\"/dns/{fqdn}/{type}\",\"each\":"
                           "\"/values\",\"take\":{\"value\":\"\"}},\"set\":{\"method\":\"PUT\","
                           "\"path\":\"/dns/{fqdn}/{type}\",\"json\":{\"values\":[{\"$each\":"
                           "\"values\",\"do\":\"{value}\"}]},\"empty\":true}}}",
};

/* One for the process: nothing in it changes. */
struct registry *sim_registry(void)
{
    static struct registry *registry;

    if (registry != NULL)
        return registry;
    registry = registry_new();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct provider *p;
        struct cause cause;
        if (provider_parse(files[i], strlen(files[i]), "simulated", &p, &cause) != OK) {
            fprintf(stderr, "%s\n", cause.text);
            abort();
        }
        registry_add(registry, p);
    }
    return registry;
}

const struct protocol *sim_dialogue(const char *name)
{
    return registry_dialogue(name);
}
