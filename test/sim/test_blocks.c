/*
 * SPDX-License-Identifier: ISC
 */
/*
 * What an event of one hostname costs among few and among many. The whole of engine/ and decide/,
 * and what a push goes through before them, is compiled once more so that each of its basic blocks
 * counts itself; nothing that walks can hide from that. An event may cost more among many by what a
 * heap is deeper, and by nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "command/pushing.h"
#include "engine/checks.h"
#include "engine/post.h"
#include "engine/report.h"
#include "net/ifwatch.h"
#include "scene.h"
#include "sense/real.h"
#include "sim_registry.h"

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
    unsigned mails;
    char id[128]; /* of the one */
};

static const char lone[] =
    "define=notify:hook, kind=webhook, url=https://s3.example.net/in, on=changed\n"
    "define=notify:post, kind=mail, to=a@example.org, mail-server=m.example.net, on=changed\n"
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

static void mail(void *mailer, const struct smtp_mail *m, post_mailed_fn *fn, void *arg)
{
    struct fleet *f = mailer;

    (void)m;
    f->mails++;
    fn(arg, OK, "");
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
    f->post = post_new(
        &(struct post_seams){.engine = s->engine, .mailer = f, .mail = mail, .machine = "router"});
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

static void told_of_a_change(struct fleet *f)
{
    unsigned hooks = f->scene.by_server[3], mails = f->mails;

    address(f, "eth1", "5.2.2.3");
    scene_pass(&f->scene, HOUR);
    assert_int_equal(f->scene.by_server[3], hooks + 1);
    assert_int_equal(f->mails, mails + 1);
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
    scene_pass(&f->scene, MINUTE / 2); /* it is tried again after a minute, or a little less */
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
    {"a change, told by web hook and mail", told_of_a_change},
    {"the page asks for its row", its_row},
    {"... for its settings, again", its_settings},
    {"... why it is so", why_it_is_so},
    {"nothing, for an hour", nothing},
};
enum { EVENTS = sizeof events / sizeof events[0] };

/* Pushes: the sources are the real ones, and a device each tells the address of one hostname and
 * the prefix of another. */

struct pushes {
    struct scene scene; /* with another sense */
    uv_loop_t loop;
    struct pushing *pushing;
    struct sense *sense;
    unsigned told;
};

/* What the kernel of this machine says is no part of it. */
struct ifwatch *ifwatch_new(uv_loop_t *loop, void (*changed)(void *arg), void *arg)
{
    (void)loop, (void)changed, (void)arg;
    return NULL;
}

void ifwatch_free(struct ifwatch *w)
{
    (void)w;
}

const struct iftable *ifwatch_table(const struct ifwatch *w)
{
    (void)w;
    return NULL;
}

bool ifwatch_works(const struct ifwatch *w)
{
    (void)w;
    return false;
}

void ifwatch_gateways(struct ifwatch *w)
{
    (void)w;
}

void ifwatch_look(struct ifwatch *w)
{
    (void)w;
}

static void load_pushes(struct pushes *p, unsigned count)
{
    struct buf text;

    buf_init(&text, 1 << 24);
    for (unsigned i = 0; i < count; i++)
        buf_format(&text,
                   "protocol=dyndns2, server=s1.example.net, login=u%u, password=p, usev4=pushed, "
                   "pushed=d%u, usev6=no, verify=no f%u.example.org\n"
                   "protocol=dyndns2, server=s1.example.net, login=v%u, password=p, usev4=no, "
                   "usev6=pushed, pushed=d%u, suffix=::5, verify=no g%u.example.org\n",
                   i, i, i, i, i, i);
    scene_load(&p->scene, buf_str(&text));
    buf_free(&text);
}

static void begin_pushes(struct pushes *p, unsigned count)
{
    struct scene *s = &p->scene;

    scene_prepare(s);
    engine_free(s->engine);
    uv_loop_init(&p->loop);
    p->pushing = pushing_new(&p->loop, sim_state_seam(s->state));
    p->sense = sense_new(&(struct sense_options){.net = sim_net_seam(s->net),
                                                 .loop = &p->loop,
                                                 .pushed = pushing_table(p->pushing),
                                                 .push_stale = NEVER});
    s->engine = engine_new(&(struct engine_seams){.net = sim_net_seam(s->net),
                                                  .sense = p->sense,
                                                  .state = sim_state_seam(s->state),
                                                  .registry = sim_registry(),
                                                  .runner = &s->runner,
                                                  .dialogue = sim_dialogue},
                           &(struct engine_options){.key = "a key"});
    pushing_start(p->pushing, s->engine, p->sense);
    load_pushes(p, count);
    pushing_conf(p->pushing, s->conf);
    engine_start(s->engine);
    scene_pass(s, HOUR);
    p->told = 0;
}

static void finish_pushes(struct pushes *p)
{
    pushing_stop(p->pushing);
    engine_free(p->scene.engine);
    p->scene.engine = NULL;
    sense_free(p->sense);
    pushing_free(p->pushing);
    scene_finish(&p->scene);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&p->loop), 0);
}

/* What the device d7 tells, and how it hears that it is published. */
static void push(struct pushes *p, enum push_what what, const char *text)
{
    struct push_model *m = pushing_model(p->pushing);
    struct push_value values[PUSH_WHATS] = {0};

    values[what].given = true;
    values[what].length = what == PUSH_PREFIX ? 64 : 0;
    assert_true(addr_parse(text, &values[what].addr));
    assert_true(m->ops->take(m, "d7", values));
    uv_run(&p->loop, UV_RUN_NOWAIT);
    scene_pass(&p->scene, MINUTE);
    assert_int_equal(m->ops->kept(m, "d7"), PUSH_KEPT);
    assert_true(m->ops->published(m, "d7", NULL, values));
    assert_int_equal(p->scene.requests, ++p->told);
}

enum { PUSHES = 2 };

static void count_pushes(unsigned count, uint64_t out[PUSHES])
{
    struct pushes p;

    begin_pushes(&p, count);
    for (unsigned i = 0; i < 2; i++) { /* the first time there is room to be made */
        blocks = 0;
        push(&p, PUSH_V4, i == 0 ? "5.4.4.4" : "5.4.4.5");
        out[0] = blocks;
        blocks = 0;
        push(&p, PUSH_PREFIX, i == 0 ? "2a02:1:1:1::" : "2a02:1:1:2::");
        out[1] = blocks;
    }
    finish_pushes(&p);
}

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

static bool grows(const char *name, uint64_t few, uint64_t many)
{
    bool bad = many > few + few / 4 + 100;

    print_message("%-36s %8llu %8llu%s\n", name, (unsigned long long)few, (unsigned long long)many,
                  bad ? "  <- grows" : "");
    return bad;
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
    for (size_t i = 0; i < EVENTS; i++)
        worse += grows(events[i].name, few[i], many[i]);
    assert_int_equal(worse, 0);
}

static void test_a_push_concerns_its_device(void **state)
{
    static const char *const names[PUSHES] = {"a device tells its address", "... its prefix"};
    uint64_t few[PUSHES], many[PUSHES];
    unsigned worse = 0;

    (void)state;
    count_pushes(FEW / 2, few);
    count_pushes(MANY / 2, many);
    if (few[0] == 0)
        skip();
    for (size_t i = 0; i < PUSHES; i++)
        worse += grows(names[i], few[i], many[i]);
    assert_int_equal(worse, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_concerns_whom_it_concerns),
        cmocka_unit_test(test_a_push_concerns_its_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
