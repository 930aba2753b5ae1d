/*
 * SPDX-License-Identifier: ISC
 */
#include "command/places.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

static const char machine_config[] = "/etc/homing/homing.conf";

static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] == '/' ? value : NULL;
}

/* The XDG folder of that variable, else below the home folder. */
static char *xdg(const char *variable, const char *below)
{
    const char *folder = env(variable);
    const char *home = env("HOME");

    if (folder != NULL)
        return mem_text(folder);
    return mem_format("%s/%s", home != NULL ? home : "", below);
}

static char *find_config(const char *given, bool *personal, bool *usual)
{
    const char *variable = getenv("HOMING_CONFIG");

    *personal = geteuid() != 0;
    *usual = false;
    if (given != NULL)
        return mem_text(given);
    if (variable != NULL && variable[0] != '\0')
        return mem_text(variable);
    *usual = true;
    if (*personal) {
        char *folder = xdg("XDG_CONFIG_HOME", ".config");
        char *own = mem_format("%s/homing/homing.conf", folder);
        mem_free(folder);
        if (access(own, F_OK) == 0 || access(machine_config, F_OK) != 0)
            return own;
        mem_free(own);
    }
    *personal = false;
    return mem_text(machine_config);
}

static char *find_state(bool personal)
{
    const char *systemd = env("STATE_DIRECTORY");

    if (systemd != NULL)
        return mem_text_n(systemd, strcspn(systemd, ":"));
    if (!personal)
        return mem_text("/var/lib/homing");
    char *folder = xdg("XDG_STATE_HOME", ".local/state");
    char *state = mem_format("%s/homing", folder);
    mem_free(folder);
    return state;
}

static char *find_socket(bool personal, const char *state)
{
    const char *systemd = env("RUNTIME_DIRECTORY");
    const char *runtime = env("XDG_RUNTIME_DIR");

    if (systemd != NULL)
        return mem_format("%.*s/homing.sock", (int)strcspn(systemd, ":"), systemd);
    if (!personal)
        return mem_text("/run/homing/homing.sock");
    return runtime != NULL ? mem_format("%s/homing/homing.sock", runtime)
                           : mem_format("%s/homing.sock", state);
}

void places_find(struct places *p, const struct places_given *given)
{
    p->config = find_config(given->config, &p->personal, &p->usual);
    p->state = given->state != NULL ? mem_text(given->state) : find_state(p->personal);
    p->socket =
        given->socket != NULL ? mem_text(given->socket) : find_socket(p->personal, p->state);
    p->access = mem_format("%s/access", p->state);
    const char *slash = strrchr(p->config, '/');
    int folder = slash != NULL ? (int)(slash - p->config) : 1;
    const char *from = slash != NULL ? p->config : ".";
    p->providers = mem_format("%.*s/providers.d", folder, from);
    p->versions = mem_format("%.*s/versions", folder, from);
}

void places_state(struct places *p, const char *folder)
{
    mem_free(p->state);
    mem_free(p->access);
    p->state = mem_text(folder);
    p->access = mem_format("%s/access", p->state);
}

void places_make(const struct places *p)
{
    char *path = p->usual ? mem_text(p->config) : NULL;

    for (char *slash = path != NULL ? strchr(path + 1, '/') : NULL; slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, p->personal ? 0700 : 0755);
        *slash = '/';
    }
    mem_free(path);
}

void places_free(struct places *p)
{
    mem_free(p->config);
    mem_free(p->state);
    mem_free(p->socket);
    mem_free(p->access);
    mem_free(p->providers);
    mem_free(p->versions);
    *p = (struct places){0};
}
