/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_DIALOGUE_H
#define HOMING_TEST_DIALOGUE_H

#include "stepkit.h"

/*
 * Whole dialogues as rows of a table: settings, hostnames and addresses; what is sent and what
 * comes back, in order; the outcomes. To be included after cmocka.
 */
enum { STEPS = 10 };
struct exchange {
    const char *request; /* without its final line end; NULL: the timer is awaited */
    int status;          /* 0: no answer at all */
    const char *body;
};
struct dialogue {
    const struct protocol *protocol;
    const char *settings, *hosts, *addresses;
    struct exchange steps[STEPS];
    const char *outcomes;
};

static void dialogue_run(const struct dialogue *d, const struct provider *provider)
{
    struct kit k;
    char hosts[256], *rest = NULL;
    struct buf outcomes;

    kit_init(&k, d->protocol);
    buf_init(&outcomes, 4096);
    snprintf(hosts, sizeof hosts, "%s", d->hosts);
    for (char *h = strtok_r(hosts, ",", &rest); h != NULL; h = strtok_r(NULL, ",", &rest))
        kit_member(&k, h, d->addresses, d->settings);
    kit_start(&k, provider);
    for (size_t i = 0; i < STEPS; i++) {
        /* Outcomes come before the next request: take them apart. */
        char *seen = buf_take(&k.seen), *line_rest = NULL;
        const char *request = NULL;
        for (char *line = seen != NULL ? strtok_r(seen, "\n", &line_rest) : NULL; line != NULL;
             line = strtok_r(NULL, "\n", &line_rest)) {
            if (line[0] == '=')
                buf_format(&outcomes, "%s\n", line);
            else
                request = line;
        }
        buf_init(&k.seen, 1 << 20);
        if (d->steps[i].request == NULL && d->steps[i].status == 0) {
            assert_null(request);
            mem_free(seen);
            break;
        }
        if (d->steps[i].request == NULL) {
            assert_null(request);
            assert_int_equal(k.wait, d->steps[i].status * SECOND);
            kit_go(&k, STEP_TIMER, NULL);
        } else {
            assert_non_null(request);
            assert_string_equal(request, d->steps[i].request);
            if (d->steps[i].status == 0)
                kit_answer(&k, NET_TIMEOUT, 0, "");
            else
                kit_answer(&k, NET_OK, d->steps[i].status, d->steps[i].body);
        }
        mem_free(seen);
    }
    assert_true(k.done);
    assert_string_equal(buf_str(&outcomes), d->outcomes);
    buf_free(&outcomes);
    kit_fini(&k);
}

#endif
