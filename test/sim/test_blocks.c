/*
 * SPDX-License-Identifier: ISC
 */
/*
 * What an event of one hostname costs among few and among many. The whole of engine/ and decide/ is
 * compiled once more so that each of its basic blocks counts itself; nothing that walks can hide
 * from that. An event may cost more among many by what a heap is deeper, and by nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine/checks.h"
#include "engine/post.h"
#include "engine/report.h"
#include "scene.h"

enum { FEW = 500, MANY = 10000 };

static uint64_t blocks;

void __sanitizer_cov_trace_pc(void); /* the compiler's call in each block */
void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

/* One hostname of two uplinks at s1, which stands alone; so many beside it with an account each,
 * half of them at one server, half at a server each. */
struct fleet {
    struct scene scene;
    struct addr dns;
    struct verify *verify;
    struct checks *checks;
    struct post *post;
    char id[128]; /* of the one */
};

static const char lone[] =
    "define=notify:hook, kind=webhook, url=https://s3.example.net/in\n"
    "define=uplink:eth1, interface=eth1\n"
    "define=uplink:eth2, interface=eth2\n"
    "protocol=dyndns2, server=s1.example.net, login=one, password=p, usev4=ifv4, "
    "uplink='eth1,eth2', verify-server=9.9.9.9 one.example.org\n";

static void write_conf(struct buf *text, unsigned count)
{
    buf_text(text, lone);
    for (unsigned i = 0; i < count; i++) {
        buf_text(text, "protocol=dyndns2, server=s0.example.net");
        if (i % 2 != 0)
            buf_format(text, ":%u", 10000 + i);
        buf_format(text,
                   ", login=u%u, password=p, usev4=ifv4, ifv4=eth0, verify=no f%u.example.org\n", i,
                   i);
    }
}

static void address(struct fleet *f, const char *interface, const char *text)
{
    struct addrset set = {0};
    struct addr a;

    if (text != NULL && addr_parse(text, &a))
        addrset_add(&set, &a);
    sim_sense_set(f->scene.sense, interface, V4, text != NULL ? &set : NULL);
}

static void begin(struct fleet *f, unsigned count)
{
    struct scene *s = &f->scene;
    struct buf text;

    scene_prepare(s);
    assert_true(addr_parse("5.2.2.2", &f->dns));
    s->dns = &f->dns;
    f->verify = verify_new(sim_net_seam(s->net), "9.9.9.9");
    f->checks = checks_new(s->engine, f->verify);
    buf_init(&text, 1 << 24);
    write_conf(&text, count);
    scene_load(s, buf_str(&text));
    buf_free(&text);
    f->post = post_new(&(struct post_seams){.engine = s->engine, .machine = "router"});
    snprintf(f->id, sizeof f->id, "%s", scene_id(s, 0));
    scene_address(s, "5.1.1.1");
    address(f, "eth1", "5.2.2.2");
    address(f, "eth2", "5.3.3.3");
    engine_start(s->engine);
    scene_pass(s, DAY);
    assert_int_equal(s->requests, count + 1);
}

static void finish(struct fleet *f)
{
    post_free(f->post);
    checks_free(f->checks);
    verify_free(f->verify);
    scene_finish(&f->scene);
}

/* The events */

static void another_address(struct fleet *f)
{
    unsigned before = f->scene.by_server[1];

    address(f, "eth1", "5.2.2.9");
    scene_pass(&f->scene, MINUTE);
    assert_true(f->scene.by_server[1] > before);
}

static void its_dns_check(struct fleet *f)
{
    unsigned before = f->scene.dns_asked;

    checks_now(f->checks, f->id);
    scene_pass(&f->scene, MINUTE);
    assert_true(f->scene.dns_asked > before);
}

static void uplink_down(struct fleet *f)
{
    address(f, "eth1", NULL);
    scene_pass(&f->scene, MINUTE);
}

static void uplink_up(struct fleet *f)
{
    address(f, "eth1", "5.2.2.2");
    scene_pass(&f->scene, MINUTE);
}

static void network_event(struct fleet *f)
{
    engine_network_changed(f->scene.engine);
    scene_pass(&f->scene, MINUTE);
}

static void update_it(struct fleet *f)
{
    unsigned before = f->scene.by_server[1];
    struct cause c;

    assert_int_equal(engine_update(f->scene.engine, f->id, true, &c), OK);
    scene_pass(&f->scene, MINUTE);
    assert_true(f->scene.by_server[1] > before);
}

static void refused(struct fleet *f)
{
    f->scene.answers[1] = "badauth";
    update_it(f);
}

static void resumed(struct fleet *f)
{
    unsigned before = f->scene.by_server[1];
    struct cause c;

    f->scene.answers[1] = "good";
    assert_int_equal(engine_resume(f->scene.engine, f->id, &c), OK);
    scene_pass(&f->scene, MINUTE);
    assert_true(f->scene.by_server[1] > before);
}

static void no_route(struct fleet *f)
{
    f->scene.answers[1] = "no-route";
    update_it(f);
}

static void route_is_back(struct fleet *f)
{
    unsigned before = f->scene.by_server[1];

    f->scene.answers[1] = "good";
    network_event(f);
    assert_true(f->scene.by_server[1] > before);
}

static void server_fails(struct fleet *f)
{
    f->scene.answers[1] = "500";
    address(f, "eth1", "5.2.2.7");
    scene_pass(&f->scene, MINUTE);
}

/* The timers of server and record, and the good reply. */
static void an_hour_of_timers(struct fleet *f)
{
    unsigned before = f->scene.by_server[1];

    f->scene.answers[1] = "good";
    scene_pass(&f->scene, HOUR);
    assert_true(f->scene.by_server[1] > before);
}

static void its_row(struct fleet *f)
{
    json_decref(report_hostname(f->scene.engine, f->id));
}

static void its_settings(struct fleet *f)
{
    json_decref(report_entry(f->scene.engine, f->id, "1"));
}

static void why_it_is_so(struct fleet *f)
{
    json_decref(report_why(f->scene.engine, f->id));
}

static void nothing(struct fleet *f)
{
    scene_pass(&f->scene, HOUR);
}

static const struct {
    const char *name;
    void (*fn)(struct fleet *f);
} events[] = {
    {"another address, and its request", another_address},
    {"its DNS is looked at", its_dns_check},
    {"its uplink fails", uplink_down},
    {"its uplink is back", uplink_up},
    {"a network event", network_event},
    {"a person updates it", update_it},
    {"its password is refused", refused},
    {"a person resumes it", resumed},
    {"there is no route", no_route},
    {"a network event ends that", route_is_back},
    {"its server fails", server_fails},
    {"timers: it is tried again", an_hour_of_timers},
    {"the page asks for its row", its_row},
    {"... for its settings, again", its_settings},
    {"... why it is so", why_it_is_so},
    {"nothing, for an hour", nothing},
};
enum { EVENTS = sizeof events / sizeof events[0] };

static void count_all(unsigned count, uint64_t *out)
{
    struct fleet f;

    begin(&f, count);
    its_settings(&f); /* who shares a line is counted once for each configuration */
    for (size_t i = 0; i < EVENTS; i++) {
        blocks = 0;
        events[i].fn(&f);
        out[i] = blocks;
    }
    finish(&f);
}

static void test_an_event_concerns_whom_it_concerns(void **state)
{
    uint64_t few[EVENTS], many[EVENTS];
    unsigned worse = 0;

    (void)state;
    count_all(FEW, few);
    count_all(MANY, many);
    if (few[0] == 0)
        skip(); /* a compiler that does not count */
    print_message("%-36s %8d %8d accounts\n", "basic blocks gone through among", FEW, MANY);
    for (size_t i = 0; i < EVENTS; i++) {
        bool bad = many[i] > few[i] + few[i] / 4 + 100;
        print_message("%-36s %8llu %8llu%s\n", events[i].name, (unsigned long long)few[i],
                      (unsigned long long)many[i], bad ? "  <- grows" : "");
        worse += bad;
    }
    assert_int_equal(worse, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_concerns_whom_it_concerns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
