/*
 * SPDX-License-Identifier: ISC
 */

/*
 * Runs the real sense on settings given as JSON and prints what it tells, a line of JSON each. For
 * tests only.
 *
 *   sensetool '{"entries": [{"usev4": "ifv4"}], "objects": {"prefix:lan": {"from": "br0"}},
 *              "services": [{"name", "url", "operator", "families"}], "poll": 1000, "once": true}'
 *
 * Ends when standard input ends, or with "once" when all that was asked has been answered. A line
 * "refresh" on standard input asks all sources again; "push NAME ADDRESS" tells one; "candidates"
 * lists the interfaces' addresses. Commands run by /bin/sh, as the keeper's would.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/net_uv.h"
#include "sense/real.h"

enum { ENTRIES = 64 };

static uv_loop_t loop;
static struct net *net;
static struct sense *sense;
static struct pushed *pushed;
static json_t *config;
static struct view views[ENTRIES];
static struct source *sources[ENTRIES][FAMILIES];
static bool told[ENTRIES][FAMILIES];
static size_t entry_count;

static const char *get(const void *self, const char *name)
{
    const json_t *settings = self;

    return json_string_value(json_object_get(settings, name));
}

static bool object(void *arg, const char *kind, const char *name, struct view *out)
{
    char *key = mem_format("%s:%s", kind, name);
    json_t *o = json_object_get(json_object_get(config, "objects"), key);

    mem_free(key);
    *out = (struct view){.self = o, .get = get};
    return o != NULL;
}

static void print(json_t *o)
{
    char *line = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);

    puts(line != NULL ? line : "{}");
    fflush(stdout);
    free(line);
    json_decref(o);
}

static void end(void)
{
    for (size_t i = 0; i < entry_count; i++)
        for (enum family f = V4; f < FAMILIES; f++)
            if (sources[i][f] != NULL)
                sense->ops->release(sense, sources[i][f]);
    sense_free(sense);
    pushed_free(pushed);
    net_uv_free(net);
    net = NULL;
    sense = NULL;
}

static void end_if_done(void)
{
    if (!json_is_true(json_object_get(config, "once")) || sense == NULL)
        return;
    for (size_t i = 0; i < entry_count; i++)
        for (enum family f = V4; f < FAMILIES; f++)
            if (sources[i][f] != NULL && !told[i][f])
                return;
    uv_stop(&loop);
}

static void on_sensed(void *arg, struct source *source, enum family family)
{
    static const char *const states[] = {"unknown", "none", "known"};
    const struct sensed *v = sense->ops->value(source, family);
    char text[ADDRSET_TEXT_MAX];

    for (size_t i = 0; i < entry_count; i++) {
        if (sources[i][family] != source)
            continue;
        told[i][family] = true;
        print(json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "entry", (int)i, "family",
                        family_name(family), "state", states[v->state], "set",
                        addrset_text(&v->set, text), "error", v->error, "name",
                        sense->ops->name(source), "kind", sense->ops->kind(source), "since",
                        (json_int_t)v->since));
    }
    end_if_done();
}

/* --- a runner without a keeper --- */

struct run {
    uv_process_t process;
    uv_pipe_t out;
    uv_timer_t limit;
    char output[RUNNER_OUTPUT_MAX];
    size_t len;
    int status;
    unsigned open;
    bool timed_out;
    runner_fn *fn;
    void *arg;
};

static void on_run_closed(uv_handle_t *h)
{
    struct run *r = h->data;

    if (--r->open > 0)
        return;
    struct runner_result result = {.error = r->timed_out ? ERR_TIMEOUT : OK,
                                   .exit_status = r->status,
                                   .output = r->output,
                                   .output_len = r->len,
                                   .why = r->timed_out ? "the command took too long" : NULL};
    r->fn(r->arg, &result);
    mem_free(r);
}

static void on_ended(uv_process_t *p, int64_t status, int signal)
{
    struct run *r = p->data;

    r->status = signal != 0 ? 128 + signal : (int)status;
    uv_close((uv_handle_t *)p, on_run_closed);
    uv_close((uv_handle_t *)&r->limit, on_run_closed);
}

static void on_alloc(uv_handle_t *h, size_t size, uv_buf_t *b)
{
    struct run *r = h->data;

    *b = uv_buf_init(r->output + r->len, (unsigned)(sizeof r->output - r->len));
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct run *r = s->data;

    if (n > 0)
        r->len += (size_t)n;
    else if (n < 0)
        uv_close((uv_handle_t *)s, on_run_closed);
}

static void on_limit(uv_timer_t *t)
{
    struct run *r = t->data;

    r->timed_out = true;
    uv_process_kill(&r->process, 9);
}

static void run(struct runner *runner, const struct runner_ask *ask, runner_fn *fn, void *arg)
{
    struct run *r = mem_alloc(sizeof *r);
    json_t *settings = json_array_get(json_object_get(config, "entries"),
                                      (size_t)(ask->entry != NULL ? atoi(ask->entry) : 0));
    static char shell[] = "/bin/sh", option[] = "-c";
    char *argv[] = {shell, option, mem_text(get(settings, ask->setting)), NULL};

    r->fn = fn;
    r->arg = arg;
    r->process.data = r->out.data = r->limit.data = r;
    r->open = 3;
    uv_pipe_init(&loop, &r->out, 0);
    uv_timer_init(&loop, &r->limit);
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&r->out},
        {.flags = UV_INHERIT_FD, .data.fd = 2}};
    uv_process_options_t o = {
        .file = argv[0], .args = argv, .exit_cb = on_ended, .stdio = stdio, .stdio_count = 3};
    if (uv_spawn(&loop, &r->process, &o) != 0)
        abort();
    uv_read_start((uv_stream_t *)&r->out, on_alloc, on_read);
    uv_timer_start(&r->limit, on_limit, (uint64_t)ask->limit, 0);
    mem_free(argv[2]);
}

static const struct runner_ops runner_ops = {.run = run};
static struct runner runner = {&runner_ops};

/* --- what the test says meanwhile --- */

static void on_candidate(void *arg, const struct sense_candidate *c)
{
    char text[ADDR_TEXT_MAX];

    print(json_pack("{s:s, s:s, s:b, s:s}", "interface", c->interface, "candidate",
                    addr_text(&c->addr, text), "taken", c->taken, "why",
                    c->why != NULL ? c->why : ""));
}

/* An address, or a prefix with its length. */
static void push(const char *name, char *address)
{
    char *slash = strchr(address, '/');
    unsigned length = slash != NULL ? (unsigned)atoi(slash + 1) : 0;
    struct addr a;

    if (slash != NULL)
        *slash = '\0';
    if (!addr_parse(address, &a))
        return;
    pushed_set(pushed, name, slash != NULL ? PUSHED_PREFIX : (enum pushed_what)a.family, &a, length,
               net_now(net).wall);
    sense_push(sense, name);
}

static void obey(char *line)
{
    char name[64], address[64];

    line[strcspn(line, "\n")] = '\0';
    if (text_equal(line, "refresh"))
        for (struct source *s = NULL; (s = sense->ops->next(sense, s)) != NULL;)
            sense->ops->refresh(sense, s);
    else if (text_equal(line, "candidates"))
        sense_list_candidates(sense, on_candidate, NULL);
    else if (sscanf(line, "push %63s %63s", name, address) == 2)
        push(name, address);
}

static void on_stdin(uv_poll_t *poll, int status, int events)
{
    char line[256];

    if (fgets(line, sizeof line, stdin) != NULL)
        obey(line);
    else
        uv_stop(&loop);
}

static struct web_service *read_services(size_t *count)
{
    static struct web_service services[ENTRIES];
    json_t *list = json_object_get(config, "services"), *o;
    size_t i;

    *count = json_array_size(list) < ENTRIES ? json_array_size(list) : ENTRIES;
    if (list == NULL)
        return NULL;
    json_array_foreach(list, i, o) if (i < ENTRIES) services[i] = (struct web_service){
        .name = get(o, "name"),
        .url = get(o, "url"),
        .skip = get(o, "skip"),
        .operator= get(o, "operator"),
        .families = (unsigned)json_integer_value(json_object_get(o, "families")),
        .automatic = true};
    return services;
}

int main(int argc, char **argv)
{
    uv_poll_t input;
    json_t *o;
    size_t i;

    config = argc == 2 ? json_loads(argv[1], 0, NULL) : NULL;
    if (config == NULL)
        return 2;
    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    struct sense_options options = {.net = net,
                                    .loop = &loop,
                                    .runner = &runner,
                                    .ddclient = json_is_true(json_object_get(config, "ddclient")),
                                    .poll = json_integer_value(json_object_get(config, "poll")),
                                    .object = object,
                                    .pushed = pushed = pushed_new(),
                                    .push_stale = NEVER,
                                    .no_outside =
                                        json_is_true(json_object_get(config, "no_outside"))};
    options.services = read_services(&options.service_count);
    sense = sense_new(&options);
    sense->fn = on_sensed;
    json_array_foreach(json_object_get(config, "entries"), i, o)
    {
        for (enum family f = V4; f < FAMILIES && i < ENTRIES; f++) {
            const char *why = NULL;
            views[i] = (struct view){.self = o, .get = get};
            entry_count = i + 1;
            sources[i][f] = sense->ops->use(sense, &views[i], f, &why);
            if (sources[i][f] == NULL)
                print(json_pack("{s:i, s:s, s:s, s:s}", "entry", (int)i, "family", family_name(f),
                                "state", "off", "error", why));
            else
                sense->ops->refresh(sense, sources[i][f]);
        }
    }
    setvbuf(stdin, NULL, _IONBF, 0);
    bool listens = !json_is_true(json_object_get(config, "once"));
    if (listens) {
        uv_poll_init(&loop, &input, 0);
        uv_poll_start(&input, UV_READABLE, on_stdin);
    }
    end_if_done();
    uv_run(&loop, UV_RUN_DEFAULT);
    end();
    if (listens)
        uv_close((uv_handle_t *)&input, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 ? 0 : 3;
}
