/*
 * SPDX-License-Identifier: ISC
 */
/*
 * The real engine, deciding and protocols on a simulated clock, net, disk and line: thirty days of
 * a household with address changes, providers in every kind of trouble, restarts, crashes, full
 * disks, a clock that jumps, and a person who changes settings. The world keeps the rules
 * (world.c); here is what happens to it, and the last rule: when all is well again, everything is
 * published in time.
 *
 *   simulate [--seed N] [--seeds N] [--days N] [--for SECONDS] [--verbose]
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/inside.h"
#include "sim_registry.h"
#include "sim_sense.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct sim {
    uint64_t seed;
    struct world world;
    struct sim_net *net;
    struct sim_state *state;
    struct sim_sense *sense;
    struct engine *engine;
    struct conf *conf;
    struct addrset wanted[WORLD_INTERFACES][FAMILIES];
    bool known[WORLD_INTERFACES][FAMILIES];
    unsigned addresses; /* ever made */
    unsigned restarts, crashes, jumps;
    msec jumped; /* mono of the last step of the wall clock */
    msec error;  /* by how much the wall clock is wrong */
    bool stopped, left;
    int way[WORLD_HOSTS]
           [FAMILIES]; /* of hosts with two uplinks: whose address is wanted; -1: none yet */
    char choice[FAMILIES][80]; /* the last message of an uplink that was chosen */
    msec chosen[FAMILIES]; /* mono: when another uplink was chosen last, in this life; 0 never */
    unsigned long switches;
};

enum { LEAVE_MOST = 10 * SECOND };

static bool verbose;

static uint64_t below(struct sim *s, uint64_t bound)
{
    return sim_net_below(s->net, bound);
}

static bool chance(struct sim *s, unsigned percent)
{
    return below(s, 100) < percent;
}

static msec now_of(const struct sim *s)
{
    return net_now(sim_net_seam(s->net)).mono;
}

/* The configuration */

static void write_host(const struct sim *s, const struct world_host *h, struct buf *out)
{
    const struct world_account *a = &s->world.accounts[h->account];

    buf_format(out, "protocol=%s, server=s%d.example.net, login=%s, password=word%u, ", a->word,
               a->server, a->login, a->password);
    if (h->family[V4])
        buf_format(out, "usev4=ifv4, ifv4=eth%d, ", h->interface);
    if (h->family[V6])
        buf_format(out, "usev6=ifv6, ifv6=eth%d, ", h->interface);
    if (h->both)
        buf_format(out, "uplink='eth%d,eth%d', ", h->interface, 1 - h->interface);
    if (h->mx)
        buf_text(out, "mx=mail.example.net, ");
    if (h->loss != LOSS_KEEPS)
        buf_format(out, "on-loss=%s, ", h->loss == LOSS_DELETES ? "delete" : WORLD_LOSS);
    if (h->on_stop)
        buf_text(out, "on-stop=loss, ");
    if (h->disabled)
        buf_text(out, "enabled=no, ");
    buf_format(out, "%s\n", h->name);
}

static void read_conf(struct sim *s)
{
    struct conf_options options = {.dialect = CONF_HOMING, .name = "simulated"};
    struct buf text;

    buf_init(&text, 64 * 1024);
    buf_text(&text, "timeout=30\n"
                    "define=uplink:eth0, interface=eth0\n"
                    "define=uplink:eth1, interface=eth1, standby=yes\n");
    for (unsigned i = 0; i < s->world.host_count; i++)
        if (s->world.hosts[i].present)
            write_host(s, &s->world.hosts[i], &text);
    conf_unref(s->conf);
    s->conf = conf_parse(buf_str(&text), text.len, &options);
    if (conf_has_errors(s->conf))
        world_broken(&s->world, "the configuration has errors: %s",
                     conf_problem_at(s->conf, 0)->text);
    buf_free(&text);
    for (unsigned i = 0; i < s->world.host_count; i++) {
        struct world_host *h = &s->world.hosts[i];
        const struct conf_entry *c;
        struct cause cause;
        if (h->present && conf_entry_find(s->conf, h->name, &c, &cause) == OK)
            snprintf(h->id, sizeof h->id, "%s", conf_entry_id(c));
        else if (h->present)
            world_broken(&s->world, "%s", cause.text);
    }
}

static void load(struct sim *s)
{
    struct cause cause;

    read_conf(s);
    if (engine_load(s->engine, s->conf, &cause) != OK)
        world_broken(&s->world, "loading failed: %s", cause.text);
}

/* Another uplink was chosen: what failed by the former one says nothing of it, and one and then the
 * other within less than the hold-down is never wanted. */
static void hear(void *arg, const struct log_line *line)
{
    struct sim *s = arg;
    enum family f = text_starts(line->text, family_name(V4)) ? V4 : V6;

    if (strstr(line->text, "is used in place of") == NULL)
        return;
    for (unsigned i = 0; i < s->world.host_count; i++)
        if (s->world.hosts[i].both)
            world_way(&s->world, &s->world.hosts[i]);
    if (text_equal(s->choice[f], line->text))
        return; /* of another source by the same uplinks */
    snprintf(s->choice[f], sizeof s->choice[f], "%s", line->text);
    if (s->chosen[f] != 0 && now_of(s) - s->chosen[f] < MINUTE)
        world_broken(&s->world, "the uplink of %s was changed twice within %lld ms", family_name(f),
                     (long long)(now_of(s) - s->chosen[f]));
    s->chosen[f] = now_of(s);
    s->switches++;
}

/* The address of the other uplink is wanted: now the engine knows of it, too. */
static void follow_way(void *arg, const char *id)
{
    struct sim *s = arg;
    const struct entry *entry = engine_entry(s->engine, id);

    for (unsigned i = 0; i < s->world.host_count && entry != NULL; i++) {
        if (!s->world.hosts[i].both || strcmp(s->world.hosts[i].id, id) != 0)
            continue;
        for (int f = 0; f < FAMILIES; f++) {
            const struct set *wanted = entry->record[f]->wanted;
            if (wanted == NULL || set_addresses(wanted)->count == 0)
                continue;
            const uint8_t *bytes = set_addresses(wanted)->items[0].bytes;
            int interface = f == V4 ? bytes[1] : bytes[3] - 1;
            if (interface >= WORLD_INTERFACES || interface == s->way[i][f])
                continue;
            s->way[i][f] = interface;
            world_way(&s->world, &s->world.hosts[i]);
        }
    }
}

static void begin(struct sim *s)
{
    struct engine_seams seams = {.net = sim_net_seam(s->net),
                                 .sense = sim_sense_seam(s->sense),
                                 .state = sim_state_seam(s->state),
                                 .registry = sim_registry(),
                                 .dialogue = sim_dialogue};
    struct engine_options options = {.key = "a key of the simulated folder", .exchanges = true};

    struct engine_observer observer = {.arg = s, .entry_changed = follow_way};

    for (int i = 0; i < WORLD_HOSTS; i++)
        for (int f = 0; f < FAMILIES; f++)
            s->way[i][f] = -1;
    for (int f = 0; f < FAMILIES; f++)
        s->chosen[f] = 0, s->choice[f][0] = '\0';
    s->engine = engine_new(&seams, &options);
    engine_observe(s->engine, &observer);
    load(s);
    engine_start(s->engine);
    s->world.up = true;
}

/* A random plan of accounts and hostnames */

static void make_accounts(struct sim *s)
{
    static const char *const words[] = {"dyndns2", "dyndns2", "noip", "easydns", "porkbun"};
    struct world *w = &s->world;

    w->account_count = 1 + (unsigned)below(s, WORLD_ACCOUNTS);
    for (unsigned i = 0; i < w->account_count; i++) {
        struct world_account *a = &w->accounts[i];
        a->server = (int)below(s, WORLD_SERVERS);
        snprintf(a->word, sizeof a->word, "%s", words[below(s, 5)]);
        snprintf(a->login, sizeof a->login, "user%u", i);
        a->password = a->right_password = 1;
    }
    w->host_count = 1 + (unsigned)below(s, WORLD_HOSTS);
    for (unsigned i = 0; i < w->host_count; i++) {
        struct world_host *h = &w->hosts[i];
        snprintf(h->name, sizeof h->name, "h%u.example.org", i);
        h->account = (int)below(s, w->account_count);
        h->family[V4] = chance(s, 80);
        h->family[V6] = !h->family[V4] || chance(s, 50);
        h->interface = (int)below(s, WORLD_INTERFACES);
        h->both = chance(s, 30);
        h->present = true;
        h->loss = (int)below(s, LOSS_KINDS);
        h->on_stop = chance(s, 30);
    }
}

/* What happens */

/* From now on the interface has these; NULL: nobody knows. */
static void set_line(struct sim *s, int interface, enum family f, const struct addrset *set)
{
    struct world_line *line = &s->world.lines[interface][f];
    char name[16];

    if (line->gone)
        line->until = now_of(s);
    line->gone = set != NULL && set->count == 0;
    s->known[interface][f] = set != NULL && set->count > 0;
    snprintf(name, sizeof name, "eth%d", interface);
    sim_sense_set(s->sense, name, f, set);
}

static void lose_address(struct sim *s, int interface, enum family f)
{
    const struct addrset none = {0};
    set_line(s, interface, f, &none);
}

static void new_address(struct sim *s, int interface, enum family f)
{
    struct addrset *set = &s->wanted[interface][f];
    char text[64];
    struct addr a;

    s->addresses++;
    if (f == V4)
        snprintf(text, sizeof text, "5.%d.%u.%u", interface, s->addresses / 250 % 250,
                 1 + s->addresses % 250);
    else
        snprintf(text, sizeof text, "2a00:%d::%x", interface + 1, s->addresses);
    *set = (struct addrset){0};
    if (addr_parse(text, &a))
        addrset_add(set, &a);
    set_line(s, interface, f, set);
}

static void all_addresses(struct sim *s)
{
    for (int n = 0; n < WORLD_INTERFACES; n++)
        for (int f = 0; f < FAMILIES; f++)
            new_address(s, n, (enum family)f);
}

static void address_event(struct sim *s)
{
    int interface = (int)below(s, WORLD_INTERFACES);
    enum family f = chance(s, 70) ? V4 : V6;

    if (chance(s, 20)) { /* the line is down: nobody knows, or known to be none */
        if (chance(s, 50))
            set_line(s, interface, f, NULL);
        else
            lose_address(s, interface, f);
        if (chance(s, 30)) /* and nobody can tell soon afterwards */
            sim_net_run(s->net, now_of(s) + (msec)below(s, MINUTE)),
                set_line(s, interface, f, NULL);
        return;
    }
    unsigned times = chance(s, 10) ? 50 : 1; /* a flapping line */
    for (unsigned i = 0; i < times; i++) {
        new_address(s, interface, f);
        sim_net_run(s->net, now_of(s) + (times > 1 ? 200 : 0));
    }
}

/* An uplink that goes up and down, often faster than the hold-down. */
static void uplink_event(struct sim *s)
{
    int interface = (int)below(s, WORLD_INTERFACES);
    enum family f = chance(s, 70) ? V4 : V6;

    for (unsigned i = 2 + (unsigned)below(s, 20); i > 0; i--) {
        set_line(s, interface, f, NULL);
        sim_net_run(s->net, now_of(s) + (msec)below(s, 90 * SECOND));
        new_address(s, interface, f);
        sim_net_run(s->net, now_of(s) + (msec)below(s, 90 * SECOND));
    }
}

static void server_event(struct sim *s)
{
    struct server *server = &s->world.servers[below(s, WORLD_SERVERS)];

    server->mode = server->mode == MODE_WORKS ? (enum server_mode)below(s, MODES) : MODE_WORKS;
    server->word = chance(s, 50) ? (60 + (msec)below(s, 7200)) * SECOND : 0;
}

static void account_event_(struct sim *s)
{
    unsigned i = (unsigned)below(s, s->world.account_count);
    struct world_account *a = &s->world.accounts[i];

    switch (below(s, 4)) {
    case 0: /* the password is changed at the provider */
        a->right_password = a->password + 1;
        break;
    case 1: /* and here */
    case 2:
        if (a->password != a->right_password) {
            a->password = a->right_password;
            world_account_changed(&s->world, i);
            load(s);
        }
        break;
    default:
        if (chance(s, 20))
            a->abused = !a->abused;
        break;
    }
}

/* Commits and requests are under way then. */
static void begin_work(struct sim *s)
{
    new_address(s, (int)below(s, WORLD_INTERFACES), chance(s, 50) ? V4 : V6);
    sim_net_run(s->net, now_of(s) + (msec)below(s, chance(s, 20) ? 32 * SECOND : 700));
}

static void host_event(struct sim *s)
{
    struct world_host *h = &s->world.hosts[below(s, s->world.host_count)];

    switch (below(s, 6)) {
    case 2: /* what becomes of what is lost */
        h->loss = (int)below(s, LOSS_KINDS);
        h->asked = now_of(s);
        load(s);
        break;
    case 3: /* left alone, or looked after again */
        h->disabled = !h->disabled;
        h->asked = now_of(s);
        world_excuse(h);
        load(s);
        break;
    case 0: /* a setting that counts */
        h->mx = !h->mx;
        world_excuse(h);
        world_host_changed(&s->world, h);
        load(s);
        break;
    case 1: /* it goes from the configuration, or comes back */
        if (chance(s, 70))
            begin_work(s);
        h->present = !h->present;
        h->changed = now_of(s);
        world_excuse(h);
        load(s);
        break;
    default:
        h->unknown_there = chance(s, 20);
        break;
    }
}

static void person_event(struct sim *s)
{
    struct world_host *h = &s->world.hosts[below(s, s->world.host_count)];
    bool all = chance(s, 30), force = chance(s, 10);
    struct cause cause;

    if (!h->present || h->disabled)
        return;
    struct world_account *a = &s->world.accounts[h->account];
    if (!all && a->knows_block && s->error == 0 && chance(s, 50)) {
        a->abused = false;
        a->knows_block = a->maybe_blocked = false;
        a->limit = (struct promise){0};
        world_asked(&s->world, h, false);
        engine_resume(s->engine, h->id, &cause);
        return;
    }
    if (engine_update(s->engine, all ? NULL : h->id, force, &cause) == OK)
        world_asked(&s->world, all ? NULL : h, force);
}

static void stopped(void *arg)
{
    struct sim *s = arg;
    s->stopped = true;
}

static void left(void *arg)
{
    struct sim *s = arg;
    s->left = true;
}

/* A step of the clock may make what is published look older than it is, when the client did not
 * believe the clock yet. */
static void jump_clock(struct sim *s, msec delta)
{
    for (unsigned i = 0; i < s->world.host_count; i++)
        world_excuse(&s->world.hosts[i]);
    sim_net_jump(s->net, delta);
    s->error += delta;
    s->jumps++;
    s->jumped = now_of(s);
}

/* With on-stop=loss what on-loss= says is done before. */
static void leave(struct sim *s)
{
    s->left = false;
    for (unsigned i = 0; i < s->world.host_count; i++) {
        struct world_host *h = &s->world.hosts[i];
        if (!h->present || !h->on_stop || h->disabled || h->loss == LOSS_KEEPS)
            continue;
        h->asked = now_of(s);
        h->insisted = true; /* it does not wait for its turn, nor for its own back-off */
        h->wait = (struct promise){0};
        world_excuse(h);
    }
    engine_leave(s->engine, LEAVE_MOST, left, s);
    sim_net_run(s->net, now_of(s) + LEAVE_MOST + SECOND);
    if (!s->left)
        world_broken(&s->world, "it did not leave in time");
}

static void restart(struct sim *s)
{
    bool crash = chance(s, 50), jumped = false;
    msec off = (msec)below(s, chance(s, 20) ? 3 * DAY : MINUTE);

    if (chance(s, 70))
        begin_work(s);
    if (crash) {
        s->crashes++;
    } else {
        leave(s);
        s->stopped = false;
        world_stopping(&s->world);
        engine_stop(s->engine, stopped, s);
        sim_net_run(s->net, now_of(s) + 60 * SECOND);
        if (!s->stopped)
            world_broken(&s->world, "it did not stop within a minute");
        s->restarts++;
    }
    s->world.up = false;
    engine_free(s->engine);
    sim_net_crash(s->net);
    sim_state_crash(s->state);
    sim_sense_restart(s->sense);
    if (chance(s, 10)) {
        jump_clock(s, chance(s, 50) ? (msec)below(s, 10 * DAY) : -(msec)below(s, 10 * DAY));
        jumped = true;
    }
    sim_state_full(s->state, false);
    jumped = jumped || s->jumped >= sim_state_stored(s->state);
    world_crashed(&s->world, sim_state_stored(s->state), jumped);
    sim_net_run(s->net, now_of(s) + off);
    begin(s);
}

static void clock_event(struct sim *s)
{
    if (s->error != 0) { /* time service has a word */
        jump_clock(s, -s->error);
        return;
    }
    jump_clock(s, chance(s, 50) ? (msec)below(s, 3000 * DAY) : -(msec)below(s, 3000 * DAY));
}

static void disk_event(struct sim *s)
{
    sim_state_full(s->state, true);
    sim_net_run(s->net, now_of(s) + (msec)below(s, HOUR));
    sim_state_full(s->state, false);
}

/* Events and how often, one in so many. */
static const struct {
    unsigned weight;
    void (*fn)(struct sim *s);
} events[] = {{30, address_event}, {10, uplink_event}, {30, server_event},
              {8, account_event_}, {6, host_event},    {6, person_event},
              {6, restart},        {3, clock_event},   {1, disk_event}};

static void happen(struct sim *s)
{
    uint64_t at = below(s, 100);

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (at < events[i].weight) {
            events[i].fn(s);
            return;
        }
        at -= events[i].weight;
    }
}

/* When all is well again */

static void heal(struct sim *s)
{
    struct world *w = &s->world;

    for (unsigned i = 0; i < WORLD_SERVERS; i++)
        w->servers[i].mode = MODE_WORKS;
    sim_state_full(s->state, false);
    if (s->error != 0)
        jump_clock(s, -s->error);
    for (unsigned i = 0; i < w->account_count; i++) {
        w->accounts[i].password = w->accounts[i].right_password;
        world_account_changed(w, i);
    }
    for (unsigned i = 0; i < w->host_count; i++)
        w->hosts[i].disabled = false;
    load(s);
    all_addresses(s);
}

static bool excepted(const struct world *w, const struct world_host *h)
{
    const struct world_account *a = &w->accounts[h->account];
    return !h->present || h->unknown_there || h->maybe_stopped || a->abused || a->maybe_blocked;
}

/* The provider asked for more than our own back-off, or allows only so many an hour. When the clock
 * stepped while such a wait was remembered, it may begin anew. */
static bool long_wait(const struct sim *s, const struct world_account *a, msec now)
{
    const msec told[] = {a->limit_told, s->world.servers[a->server].word_told};

    for (size_t i = 0; i < 2; i++)
        if (told[i] != 0 && (told[i] > now - 10 * (msec)HOUR || s->jumped > told[i]))
            return true;
    return strcmp(a->word, "noip") == 0;
}

/* What must stand there; false: it depends. */
static bool right_set(const struct sim *s, const struct world_host *h, enum family f,
                      struct addrset *out)
{
    struct addr parked;

    *out = s->wanted[h->interface][f];
    if (s->known[h->interface][f])
        return true;
    if (!world_gone(&s->world, h, f) || (h->both && h->loss == LOSS_KEEPS))
        return false;
    if (h->loss == LOSS_DELETES && world_deletes(&s->world, h)) {
        *out = (struct addrset){0};
    } else if (h->loss == LOSS_PARKS && f == V4 && addr_parse(WORLD_LOSS, &parked)) {
        *out = (struct addrset){0};
        addrset_add(out, &parked);
    } else if (h->both) {
        return false;
    }
    return true;
}

/* Everything that is not stopped is published. */
static void check_published(struct sim *s, bool quick_only, const char *when)
{
    struct world *w = &s->world;
    msec now = now_of(s);
    char text[ADDRSET_TEXT_MAX];

    for (unsigned i = 0; i < w->host_count; i++) {
        struct world_host *h = &w->hosts[i];
        const struct world_account *a = &w->accounts[h->account];
        if (excepted(w, h) || (quick_only && long_wait(s, a, now)))
            continue;
        for (int f = 0; f < FAMILIES; f++) {
            struct addrset right;
            if (h->family[f] && right_set(s, h, (enum family)f, &right) &&
                !addrset_equal(&h->dns[f], &right))
                world_broken(w, "%s: the last %s address (%s) is not published %s", h->name,
                             family_name((enum family)f), addrset_text(&right, text), when);
        }
    }
}

/* Other addresses are sent, perhaps taken, and never answered for; then the former ones are back.
 */
static void turn_back(struct sim *s)
{
    struct addrset former[WORLD_INTERFACES][FAMILIES];

    memcpy(former, s->wanted, sizeof former);
    for (unsigned i = 0; i < WORLD_SERVERS; i++)
        s->world.servers[i].mode = MODE_HANGS;
    all_addresses(s);
    sim_net_run(s->net, now_of(s) + 10 * SECOND);
    for (int n = 0; n < WORLD_INTERFACES; n++)
        for (int f = 0; f < FAMILIES; f++) {
            s->wanted[n][f] = former[n][f];
            set_line(s, n, (enum family)f, &former[n][f]);
        }
    for (unsigned i = 0; i < WORLD_SERVERS; i++)
        s->world.servers[i].mode = MODE_WORKS;
    sim_net_run(s->net, now_of(s) + 12 * HOUR);
    check_published(s, false, "12 hours after the former address came back");
}

static void finish(struct sim *s)
{
    heal(s);
    s->world.lossless = true;
    /* No back-off lasts longer than 72 minutes. */
    sim_net_run(s->net, now_of(s) + 80 * MINUTE);
    check_published(s, true, "80 minutes after the trouble ended");
    sim_net_run(s->net, now_of(s) + 12 * HOUR);
    check_published(s, false, "12 hours after the trouble ended");
    turn_back(s);
    /* Some of it is lost, and comes back. */
    for (int n = 0; n < WORLD_INTERFACES; n++)
        for (int f = 0; f < FAMILIES; f++)
            if (chance(s, 50))
                lose_address(s, n, (enum family)f);
    sim_net_run(s->net, now_of(s) + 12 * HOUR);
    check_published(s, false, "12 hours after it was lost");
    all_addresses(s);
    sim_net_run(s->net, now_of(s) + 12 * HOUR);
    check_published(s, false, "12 hours after it came back");
    new_address(s, 0, V4);
    sim_net_run(s->net, now_of(s) + 2 * MINUTE);
}

static void simulate(uint64_t seed, unsigned days, struct sim *s)
{
    *s = (struct sim){.seed = seed};
    s->net = sim_net_new(seed, world_answer, &s->world);
    s->state = sim_state_new(s->net);
    s->sense = sim_sense_new(s->net);
    s->world.net = s->net;
    s->world.disk = sim_state_disk(s->state);
    make_accounts(s);
    all_addresses(s);
    begin(s);
    msec end = now_of(s) + days * DAY;
    msec mean = 20 * MINUTE + (msec)below(s, 4 * (msec)HOUR);
    while (now_of(s) < end && s->world.broken[0] == '\0') {
        sim_net_run(s->net, now_of(s) + (msec)below(s, 2 * (uint64_t)mean));
        happen(s);
    }
    if (s->world.broken[0] == '\0')
        finish(s);
    engine_free(s->engine);
    sim_net_crash(s->net);
    sim_sense_free(s->sense);
    sim_state_free(s->state);
    sim_net_free(s->net);
    conf_unref(s->conf);
}

/* The program */

/* Log lines with the simulated time in seconds. */
static void show_line(void *arg, const struct log_line *line)
{
    const struct sim *s = arg;

    fprintf(stderr, "%.3f %s: %s%s%s\n", (double)now_of(s) / SECOND, log_level_name(line->level),
            line->about != NULL ? line->about : "", line->about != NULL ? ": " : "", line->text);
}

struct options {
    uint64_t seed;
    unsigned long seeds;
    unsigned days;
    unsigned seconds;
};

static bool read_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        uint64_t value = 0;
        bool more = i + 1 < argc && text_number(argv[i + 1], &value);
        if (text_equal(argv[i], "--verbose")) {
            verbose = true;
            continue;
        }
        if (!more)
            return false;
        if (text_equal(argv[i], "--seed"))
            o->seed = value;
        else if (text_equal(argv[i], "--seeds"))
            o->seeds = (unsigned long)value;
        else if (text_equal(argv[i], "--days"))
            o->days = (unsigned)value;
        else if (text_equal(argv[i], "--for"))
            o->seconds = (unsigned)value;
        else
            return false;
        i++;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.seed = (uint64_t)time(NULL), .seeds = 0, .days = 30, .seconds = 20};
    unsigned long done = 0, requests = 0, published = 0, restarts = 0, crashes = 0, jumps = 0;
    unsigned long switches = 0, losses = 0;
    static struct sim s;
    time_t begun = time(NULL);

    if (!read_options(argc, argv, &o)) {
        fprintf(stderr, "usage: simulate [--seed N] [--seeds N] [--days N] [--for SECONDS] "
                        "[--verbose]\n");
        return 2;
    }
    log_add_sink(hear, &s, LOG_LEVEL_NOTICE);
    if (verbose)
        log_add_sink(show_line, &s, LOG_LEVEL_DEBUG);
    printf("simulating %u days a seed from seed %llu on\n", o.days, (unsigned long long)o.seed);
    fflush(stdout);
    for (; o.seeds != 0 ? done < o.seeds : time(NULL) - begun < (time_t)o.seconds; done++) {
        simulate(o.seed + done, o.days, &s);
        requests += s.world.requests;
        published += s.world.published;
        restarts += s.restarts;
        crashes += s.crashes;
        jumps += s.jumps;
        switches += s.switches;
        losses += s.world.losses;
        if (s.world.broken[0] != '\0') {
            printf("seed %llu: %s\nagain: simulate --seed %llu --seeds 1 --days %u --verbose\n",
                   (unsigned long long)s.seed, s.world.broken, (unsigned long long)s.seed, o.days);
            return 1;
        }
    }
    printf("%lu seeds, %lu simulated days, %lu requests, %lu records published, %lu restarts, "
           "%lu crashes, %lu jumps of the clock, %lu changes of the uplink, %lu records gone or "
           "parked: no rule was broken\n",
           done, done * o.days, requests, published, restarts, crashes, jumps, switches, losses);
    return 0;
}
