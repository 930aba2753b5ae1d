/*
 * SPDX-License-Identifier: ISC
 *
 * A watched file as the source of an address, on the real loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "base/text.h"
#include "net/net_uv.h"
#include "sense/real.h"

static char folder[] = "/tmp/homing-file-XXXXXX";
static char path[64];
static unsigned told;

static const char *get(const void *self, const char *name)
{
    (void)self;
    if (text_equal(name, "usev4"))
        return "filev4";
    return text_equal(name, "filev4") ? path : NULL;
}

static void write_file(const char *to, const char *text)
{
    FILE *f = fopen(to, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void on_sensed(void *arg, struct source *source, enum family family)
{
    (void)arg;
    (void)source;
    (void)family;
    told++;
}

static void give_up(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

/* Runs the loop until the source says "address" ("" for unknown). */
static void until(uv_loop_t *loop, uv_timer_t *timer, struct sense *sense,
                  const struct source *source, const char *address)
{
    static bool late;
    char text[ADDRSET_TEXT_MAX];

    late = false;
    timer->data = &late;
    uv_timer_start(timer, give_up, 10000, 0);
    for (;;) {
        const struct sensed *v = sense->ops->value(source, V4);
        if (v->state == SENSED_KNOWN ? text_equal(addrset_text(&v->set, text), address)
                                     : address[0] == '\0' && v->error[0] != '\0')
            break;
        if (late)
            fail_msg("waited for \"%s\"", address);
        uv_run(loop, UV_RUN_ONCE);
    }
    uv_timer_stop(timer);
}

static void follows_the_file(void **state)
{
    uv_loop_t loop;
    uv_timer_t timer;
    char beside[80];
    const char *why;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/address", folder);
    snprintf(beside, sizeof beside, "%s/address.new", folder);
    write_file(path, "203.0.113.7\n");
    uv_loop_init(&loop);
    uv_timer_init(&loop, &timer);
    struct net *net = net_uv_new(&loop);
    struct sense *sense =
        sense_new(&(struct sense_options){.net = net, .loop = &loop, .poll = HOUR});
    sense->fn = on_sensed;
    struct view view = {NULL, get, NULL};
    struct source *source = sense->ops->use(sense, &view, V4, &why);
    assert_non_null(source);

    until(&loop, &timer, sense, source, "203.0.113.7");
    write_file(path, "my address is 203.0.113.8.\n"); /* written in place */
    until(&loop, &timer, sense, source, "203.0.113.8");
    write_file(beside, "203.0.113.9\n");
    assert_int_equal(rename(beside, path), 0); /* replaced */
    until(&loop, &timer, sense, source, "203.0.113.9");
    assert_int_equal(unlink(path), 0);
    until(&loop, &timer, sense, source, ""); /* unknown, not none */
    write_file(path, "no address\n");
    until(&loop, &timer, sense, source, "");
    write_file(path, "203.0.113.10\n");
    until(&loop, &timer, sense, source, "203.0.113.10");
    assert_in_range(told, 4, 100);

    sense->ops->release(sense, source);
    sense_free(sense);
    net_uv_free(net);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_the_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
