/*
 * SPDX-License-Identifier: ISC
 */
/*
 * What many hostnames cost the real engine, on a simulated net, disk and line, so that nothing but
 * homing is measured: reading the configuration, taking it over, and deciding what a new address
 * means for all of them. Prints one line of JSON for each number of hostnames; no figure is judged.
 *
 *   fleet [--shared] NUMBER...      --shared: all hostnames on one account
 */
#include "base/mem.h"
#include "engine/engine.h"
#include "sim_net.h"
#include "sim_registry.h"
#include "sim_sense.h"
#include "sim_state.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct addrset first = {.count = 1, .items = {{.family = V4, .bytes = {5, 1, 1, 1}}}};
static const struct addrset second = {.count = 1, .items = {{.family = V4, .bytes = {5, 1, 1, 2}}}};

/* Processor time and memory in use since the last call. */
struct cost {
    double ms;
    double bytes;
};

static struct cost since_last(void)
{
    static struct timespec last;
    static size_t used;
    struct timespec now;
    struct mallinfo2 info = mallinfo2();

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    struct cost cost = {(double)(now.tv_sec - last.tv_sec) * 1e3 +
                            (double)(now.tv_nsec - last.tv_nsec) / 1e6,
                        (double)(info.uordblks + info.hblkhd) - (double)used};
    used = info.uordblks + info.hblkhd;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &last);
    return cost;
}

static msec all_good(void *arg, const struct request *request, const struct transport *transport,
                     struct reply *reply)
{
    reply->sent = SENT_YES;
    reply->status = 200;
    buf_text(&reply->body, "good\n");
    return 20;
}

/* Each hostname on an account of its own is the dearest case, all on one the cheapest. */
static void write_conf(struct buf *text, unsigned count, bool shared)
{
    buf_text(text, "usev4=ifv4, ifv4=eth0, verify=no\n");
    for (unsigned i = 0; i < count && shared; i++)
        buf_format(text,
                   "protocol=dyndns2, server=s0.example.net, login=user, password=secret "
                   "host%u.example.org\n",
                   i);
    for (unsigned i = 0; i < count && !shared; i++)
        buf_format(text,
                   "protocol=dyndns2, server=s0.example.net, login=user%u, password=secret "
                   "host%u.example.org\n",
                   i, i);
}

static struct engine *make_engine(struct sim_net *net, struct sim_sense *sense,
                                  struct sim_state *state, struct runner *runner)
{
    const struct engine_seams seams = {.net = sim_net_seam(net),
                                       .sense = sim_sense_seam(sense),
                                       .state = sim_state_seam(state),
                                       .registry = sim_registry(),
                                       .runner = runner,
                                       .dialogue = sim_dialogue};
    const struct engine_options options = {.key = "a key", .exchanges = true};

    return engine_new(&seams, &options);
}

static void measure(unsigned count, bool shared)
{
    const struct conf_options options = {.dialect = CONF_HOMING, .name = "fleet"};
    struct sim_net *net = sim_net_new(1, all_good, NULL);
    struct sim_sense *sense = sim_sense_new(net);
    struct sim_state *state = sim_state_new(net);
    struct runner runner = {NULL};
    struct engine *engine = make_engine(net, sense, state, &runner);
    struct buf text;
    struct cause cause;
    msec at = net_now(sim_net_seam(net)).mono;

    buf_init(&text, (size_t)1 << 30);
    write_conf(&text, count, shared);
    since_last();
    struct conf *conf = conf_parse(buf_str(&text), text.len, &options);
    struct cost read = since_last();
    if (engine_load(engine, conf, &cause) != OK) {
        fprintf(stderr, "fleet: %s\n", cause.text);
        exit(1);
    }
    struct cost load = since_last();
    sim_sense_set(sense, "eth0", V4, &first);
    engine_start(engine);
    sim_net_run(net, at += DAY);
    engine_switch(engine, false);
    sim_net_run(net, at += MINUTE);
    since_last();
    sim_sense_set(sense, "eth0", V4, &second);
    sim_net_run(net, at += SECOND);
    struct cost decide = since_last();
    engine_switch(engine, true);
    sim_net_run(net, at += DAY);
    since_last();
    engine_free(engine); /* which has sent all, and rests */
    double held = -since_last().bytes;
    printf("{\"names\": %u, \"text_bytes\": %.1f, \"read_ms\": %.3f, \"conf_bytes\": %.1f, "
           "\"load_ms\": %.3f, \"engine_bytes\": %.1f, \"decide_ms\": %.3f}\n",
           count, (double)text.len / count, read.ms, read.bytes / count, load.ms, held / count,
           decide.ms);

    buf_free(&text);
    conf_unref(conf);
    sim_sense_free(sense);
    sim_state_free(state);
    sim_net_free(net);
}

int main(int argc, char **argv)
{
    bool shared = argc > 1 && strcmp(argv[1], "--shared") == 0;

    for (int i = 1 + shared; i < argc; i++)
        measure((unsigned)strtoul(argv[i], NULL, 10), shared);
    return argc > 1 ? 0 : 2;
}
