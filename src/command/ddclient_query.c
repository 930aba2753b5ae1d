/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_query.h"

#include <net/if.h>
#include <string.h>
#include <uv.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/command.h"
#include "command/load.h"
#include "conf/conf.h"
#include "keeper/runner_local.h"
#include "net/net_uv.h"
#include "sense/devices.h"
#include "sense/real.h"
#include "sense/services.h"

/* One question of the survey: the global settings with two of them replaced. */
struct question {
    const struct view *globals;
    const char *strategy_name, *strategy; /* "usev4", "webv4" */
    const char *argument_name, *argument; /* "webv4", "ipify-ipv4" */
    struct view view;
    struct source *sources[FAMILIES];
    bool waits[FAMILIES];
};

enum { QUESTIONS_MAX = 400 };
struct survey {
    const struct view *globals;
    FILE *out;
    struct report *report;
    struct question *questions; /* owned; QUESTIONS_MAX */
    size_t count;
    size_t waiting;
    uv_loop_t loop;
    struct sense *sense;
};

static const char *get(const void *self, const char *name)
{
    const struct question *q = self;

    if (text_equal(name, q->strategy_name))
        return q->strategy;
    if (text_equal(name, q->argument_name))
        return q->argument;
    if (text_equal(name, "use") || text_equal(name, "usev4") || text_equal(name, "usev6"))
        return "disabled";
    return view_get(q->globals, name);
}

static bool secret(const void *self, const char *name)
{
    const struct question *q = self;
    return view_secret(q->globals, name);
}

static void ask(struct survey *s, const char *strategy_name, const char *strategy,
                const char *argument_name, const char *argument)
{
    if (s->count == QUESTIONS_MAX)
        return;
    struct question *q = &s->questions[s->count++];
    *q = (struct question){.globals = s->globals,
                           .strategy_name = strategy_name,
                           .strategy = strategy,
                           .argument_name = argument_name,
                           .argument = argument};
    q->view = (struct view){q, get, secret};
    for (int f = 0; f < FAMILIES; f++) {
        const char *why;
        q->sources[f] = s->sense->ops->use(s->sense, &q->view, (enum family)f, &why);
        if (q->sources[f] == NULL)
            continue;
        const struct sensed *value = s->sense->ops->value(q->sources[f], (enum family)f);
        q->waits[f] = value->state == SENSED_UNKNOWN && value->asked == 0;
        s->waiting += q->waits[f];
    }
}

static void sensed(void *arg, struct source *source, enum family family)
{
    struct survey *s = arg;

    for (size_t i = 0; i < s->count; i++) {
        struct question *q = &s->questions[i];
        if (q->sources[family] == source && q->waits[family]) {
            q->waits[family] = false;
            s->waiting--;
        }
    }
    if (s->waiting == 0)
        uv_stop(&s->loop);
}

static void print_answer(struct survey *s, const struct question *q)
{
    char text[ADDR_TEXT_MAX] = "NOT FOUND";
    char *context =
        mem_format("[%s=%s %s=%s]", q->strategy_name, q->strategy, q->argument_name, q->argument);
    const char *told = ""; /* use= asks for both families at once */

    for (int f = 0; f < FAMILIES; f++) {
        const struct sensed *value =
            q->sources[f] != NULL ? s->sense->ops->value(q->sources[f], (enum family)f) : NULL;
        if (value == NULL)
            continue;
        if (value->state == SENSED_KNOWN && value->set.count > 0) {
            addr_text(&value->set.items[0], text);
            break;
        }
        if (!text_equal(value->error, told))
            report_say(s->report, REPORT_WARNING, context, "%s", told = value->error);
    }
    mem_free(context);
    fprintf(s->out, "%s=%s", q->strategy_name, q->strategy);
    /* A router model stands alone, as in ddclient's survey: all of them ask the same fw=. */
    if (!text_equal(q->argument_name, "fw") || text_equal(q->strategy, "fw"))
        fprintf(s->out, ", %s=%s", q->argument_name, q->argument);
    fprintf(s->out, " address is %s\n", text);
}

static void ask_if_set(struct survey *s, const char *strategy_name, const char *strategy,
                       const char *argument_name)
{
    const char *value = view_get(s->globals, argument_name);
    if (value != NULL && value[0] != '\0')
        ask(s, strategy_name, strategy, argument_name, value);
}

static void ask_interfaces(struct survey *s, const struct if_nameindex *names, const char *use,
                           const char *what)
{
    for (; names != NULL && names->if_name != NULL; names++)
        ask(s, use, what, what, names->if_name);
}

/* without: a digit that leaves a service out; '\0' for none. */
static void ask_services(struct survey *s, const char *use, const char *what, char without)
{
    const char *own = view_get(s->globals, what);

    for (size_t i = 0; i < web_service_count; i++)
        if (without == '\0' || strchr(web_services[i].name, without) == NULL)
            ask(s, use, what, what, web_services[i].name);
    if (own != NULL && web_service_find(own) == NULL)
        ask(s, use, what, what, own);
}

static void ask_router(struct survey *s)
{
    const char *fw = view_get(s->globals, "fw");

    if (fw == NULL || fw[0] == '\0')
        return;
    for (size_t i = 0; i < device_count && strchr(fw, '/') == NULL; i++)
        ask(s, "use", devices[i].name, "fw", fw);
    if (device_find(fw) == NULL)
        ask(s, "use", "fw", "fw", fw);
}

static void print_part(struct survey *s, const char *title, size_t from, size_t to)
{
    fprintf(s->out, "%s\n", title);
    for (size_t i = from; i < to; i++)
        print_answer(s, &s->questions[i]);
}

static const char *setting_or(const struct view *v, const char *name, const char *otherwise)
{
    const char *value = view_get(v, name);
    return value != NULL ? value : otherwise;
}

static void ask_all(struct survey *s, size_t ends[2])
{
    struct if_nameindex *interfaces = if_nameindex();

    if (interfaces == NULL)
        report_say(s->report, REPORT_WARNING, "", "failed to get list of interfaces");
    ask_if_set(s, "use", "ip", "ip");
    ask_interfaces(s, interfaces, "use", "if");
    ask_router(s);
    ask_services(s, "use", "web", '\0');
    ask_if_set(s, "use", "cmd", "cmd");
    ends[0] = s->count;
    ask_if_set(s, "usev4", "ipv4", "ipv4");
    ask_interfaces(s, interfaces, "usev4", "ifv4");
    ask_services(s, "usev4", "webv4", '6');
    ask_if_set(s, "usev4", "cmdv4", "cmdv4");
    ends[1] = s->count;
    ask_if_set(s, "usev6", "ipv6", "ipv6");
    ask_interfaces(s, interfaces, "usev6", "ifv6");
    ask_services(s, "usev6", "webv6", '4');
    ask_if_set(s, "usev6", "cmdv6", "cmdv6");
    while (s->waiting > 0)
        uv_run(&s->loop, UV_RUN_DEFAULT);
    print_part(s, "----- Test_possible_ip with 'get_ip' -----", 0, ends[0]);
    print_part(s, "----- Test_possible_ip with 'get_ipv4' ------", ends[0], ends[1]);
    print_part(s, "----- Test_possible_ip with 'get_ipv6' -----", ends[1], s->count);
    if (interfaces != NULL)
        if_freenameindex(interfaces);
}

int query_all(struct conf *conf, FILE *out, struct report *report)
{
    struct view globals = conf_globals(conf);
    struct survey s = {.globals = &globals, .out = out, .report = report};
    size_t ends[2];

    report->debug = false;
    fputs("NOTE: --query surveys ALL available IP detection methods regardless\n"
          "of your configuration.  Only your configured use=/usev4=/usev6=\n"
          "settings are used during normal operation.  Warnings about\n"
          "unreachable services below are expected on single-stack hosts.\n\n",
          out);
    uv_loop_init(&s.loop);
    struct net *net = net_uv_new(&s.loop);
    struct runner_local *runner = runner_local_new(&s.loop);
    runner_local_use(runner, conf);
    struct sense_options options = {.net = net,
                                    .loop = &s.loop,
                                    .runner = runner_local_runner(runner),
                                    .ddclient = true,
                                    .no_outside = load_no_outside(conf)};
    s.sense = sense_new(&options);
    s.sense->fn = sensed;
    s.sense->fn_arg = &s;
    s.questions = mem_array(QUESTIONS_MAX, sizeof *s.questions);
    ask_all(&s, ends);
    fprintf(out, "\nConfigured IP detection: use=%s usev4=%s usev6=%s\n",
            setting_or(&globals, "use", "ip"), setting_or(&globals, "usev4", "disabled"),
            setting_or(&globals, "usev6", "disabled"));
    for (size_t i = 0; i < s.count; i++)
        for (int f = 0; f < FAMILIES; f++)
            if (s.questions[i].sources[f] != NULL)
                s.sense->ops->release(s.sense, s.questions[i].sources[f]);
    mem_free(s.questions);
    sense_free(s.sense);
    runner_local_free(runner);
    net_uv_free(net);
    uv_run(&s.loop, UV_RUN_DEFAULT);
    uv_loop_close(&s.loop);
    return STATUS_RIGHT;
}

/* --geturl */

struct page {
    uv_loop_t loop;
    FILE *out;
    struct report *report;
    int status;
    bool done;
};

static void on_page(void *arg, const struct reply *reply)
{
    struct page *p = arg;

    if (reply->error != NET_OK) {
        report_say(p->report, REPORT_FAILED, "", "no page: %s%s%s", net_error_text(reply->error),
                   reply->detail != NULL ? ": " : "", reply->detail != NULL ? reply->detail : "");
        p->status = STATUS_FAILED;
    } else {
        fprintf(p->out, "HTTP %d\n", reply->status);
        for (size_t i = 0; i < reply->header_count; i++)
            fprintf(p->out, "%s: %s\n", reply->headers[i].name, reply->headers[i].value);
        fputc('\n', p->out);
        fwrite(buf_str(&reply->body), 1, reply->body.len, p->out);
        fputc('\n', p->out);
    }
    p->done = true;
    uv_stop(&p->loop);
}

int query_page(const struct view *globals, const char *url, FILE *out, struct report *report)
{
    struct page p = {.out = out, .report = report, .status = STATUS_RIGHT};
    struct request request;
    struct transport transport = {.proxy = conf_text(globals, "proxy"),
                                  .ca_file = conf_text(globals, "ssl_ca_file"),
                                  .ca_dir = conf_text(globals, "ssl_ca_dir"),
                                  .timeout = conf_length(globals, "timeout"),
                                  .redirects = (unsigned)conf_number(globals, "redirect")};

    uv_loop_init(&p.loop);
    struct net *net = net_uv_new(&p.loop);
    request_init(&request, REQUEST_HTTP);
    request_method(&request, "GET");
    if (strstr(url, "://") == NULL)
        marked_text(&request.url, conf_bool(globals, "ssl") ? "https://" : "http://");
    marked_text(&request.url, url);
    net->ops->send(net, &request, &transport, on_page, &p);
    while (!p.done)
        uv_run(&p.loop, UV_RUN_DEFAULT);
    net_uv_free(net);
    uv_run(&p.loop, UV_RUN_DEFAULT);
    uv_loop_close(&p.loop);
    request_free(&request);
    return p.status;
}
