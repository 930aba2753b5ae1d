/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "base/mem.h"
#include "sense/inside.h"
#include "sense/outside.h"
#include "sense/plausible.h"
#include "sense/survey.h"
#include "sense/webask.h"

/*
 * Pages that tell the address: outside services (web, webv4, webv6) and a router's own (fw, fwv4,
 * fwv6 and the devices). Both read a page; what differs is in the spec.
 */
struct asked_page {
    struct webask *ask;
    bool repeated; /* the answer before was about an address that is gone */
};

static void ask_page(struct source *s);

static void on_answer(void *arg, const struct webask_answer *answer)
{
    struct source *s = arg;
    struct asked_page *p = s->data;
    char doubt[200] = "", tunnel[256];

    p->ask = NULL;
    if (answer->found && !plausible_local(real_table(s->real), answer) && !p->repeated) {
        p->repeated = true; /* our end of the connection vanished meanwhile */
        ask_page(s);
        return;
    }
    p->repeated = false;
    if (answer->found) {
        const char *words = doubt;
        if (s->spec.kind == &source_web) {
            plausible_doubt(real_table(s->real), answer, s->spec.proxy != NULL, doubt,
                            sizeof doubt);
            survey_outside(s, &answer->addr);
            words = survey_doubt(s, &answer->addr, doubt, tunnel, sizeof tunnel);
        }
        source_known(s, &answer->addr, words[0] != '\0' ? words : answer->words);
    } else {
        source_unknown_all(s, answer->words);
    }
    source_answered(s, answer->found);
}

static void ask_page(struct source *s)
{
    struct asked_page *p = s->data;

    /* A router's page is asked all the same: it is no outside host. */
    if (s->real->options.no_outside && s->spec.kind == &source_web &&
        !outside_is_near(s->spec.arg)) {
        source_unknown_all(s, "outside=no: no outside host is asked");
        source_answered(s, false);
        return;
    }
    struct webask_question q = {.url = s->spec.arg,
                                .skip = s->spec.skip,
                                .family = s->spec.neutral                      ? -1
                                          : s->spec.families == FAMILY_BIT(V4) ? V4
                                                                               : V6,
                                .family_free = s->spec.family_free,
                                .reading =
                                    s->real->options.ddclient ? EXTRACT_DDCLIENT : EXTRACT_STRICT,
                                .login = s->spec.login,
                                .password = s->spec.password,
                                .transport = spec_transport(&s->spec)};

    p->ask = webask_start(s->real->options.net, &q, on_answer, s);
}

static void close_page(struct source *s)
{
    webask_stop(((struct asked_page *)s->data)->ask);
}

static void page_outside(const struct source *s, sense_outside_fn *fn, void *arg)
{
    char host[128];

    if (outside_is_near(s->spec.arg))
        return;
    webask_host(s->spec.arg, host, sizeof host);
    for (enum family f = V4; f < FAMILIES; f++) {
        const struct sense_outside told = {.host = host, .family = f, .source = s->spec.name};
        if ((s->spec.families & FAMILY_BIT(f)) != 0)
            fn(arg, &told);
    }
}

const struct source_kind source_web = {.name = "web",
                                       .polls = true,
                                       .size = sizeof(struct asked_page),
                                       .ask = ask_page,
                                       .close = close_page,
                                       .outside = page_outside};
const struct source_kind source_device = {.name = "device",
                                          .polls = true,
                                          .size = sizeof(struct asked_page),
                                          .ask = ask_page,
                                          .close = close_page};
