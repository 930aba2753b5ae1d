/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/cache.h"
#include "command/ddclient_daemon.h"
#include "command/ddclient_lists.h"
#include "command/ddclient_mail.h"
#include "command/ddclient_pass.h"
#include "command/ddclient_query.h"
#include "command/ddclient_report.h"
#include "command/ddclient_words.h"
#include "command/load.h"
#include "keeper/notify.h"
#include "keeper/runner_local.h"
#include "net/net_uv.h"
#include "sense/real.h"

/* The whole run of "homing ddclient": what lives longer than a pass. */
struct program {
    const struct command_call *call;
    char *name;         /* owned: "ddclient" */
    bool called_daemon; /* its name ends in "d" */
    struct words words;
    char **command_line; /* owned: "name=value" ... NULL */
    char *path;          /* owned: configuration */
    struct stat read;    /* of the file when it was read last */
    struct report report;
    struct loaded loaded;
    struct background background;
    uv_loop_t loop;
    uv_signal_t signals[3];
    struct net *net;
    struct runner_local *runner;
    struct sense *sense;
    struct pass *pass;
    bool pass_done;
    struct net_timer *nap;
    bool term, hup, awake;
    bool senseless; /* the command line has a value that makes no sense */
    unsigned passes;
    int status;
};

static const int signal_numbers[] = {SIGHUP, SIGTERM, SIGINT};

/* The configuration */

static void set_path(struct program *g)
{
    const char *given = words_get(&g->words, "file");

    if (given != NULL) {
        g->path = mem_text(given);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        char *path = mem_format(i == 0 ? "/etc/ddclient/%s.conf" : "/etc/%s.conf", g->name);
        if (i == 1 && access(path, F_OK) != 0) {
            mem_free(path);
            return;
        }
        mem_free(g->path);
        g->path = path;
        if (access(path, F_OK) == 0)
            return;
    }
}

/* ddclient-language.md, 1.10. */
static void check_mode(struct program *g, const char *path)
{
    struct stat st;
    char *context = mem_format("[file %s]", path);

    if (stat(path, &st) == 0) {
        bool others = (st.st_mode & 077) != 0;
        if (st.st_uid == geteuid() && others) {
            bool fixed = S_ISREG(st.st_mode) && chmod(path, 0600) == 0;
            report_say(&g->report, REPORT_WARNING, context,
                       "file must be accessible only by its owner%s", fixed ? " (fixed)" : "");
        } else if (st.st_uid != geteuid() && access(path, W_OK) == 0) {
            report_say(&g->report, REPORT_WARNING, context,
                       "file should be owned only by ddclient or not be writable.");
        }
        if ((st.st_mode & 07) != 0)
            report_say(&g->report, REPORT_WARNING, context,
                       "file must not be accessible by others.");
    }
    mem_free(context);
}

/* What the command line says must make sense; what the file says is at most left out. */
static bool is_fatal(const struct conf_problem *p)
{
    return p->line == 0 && (text_starts(p->code, "bad-") || text_starts(p->code, "unknown-") ||
                            text_starts(p->code, "surplus-"));
}

static void report_problems(struct program *g)
{
    const struct conf *conf = g->loaded.conf;

    for (size_t i = 0; i < conf_problem_count(conf); i++) {
        const struct conf_problem *p = conf_problem_at(conf, i);
        char *context = p->line > 0 ? mem_format("[file %s, line %u]", g->path, p->line)
                                    : mem_format("[command line]");
        bool hint = p->hint != NULL && p->hint[0] != '\0';
        enum report_label label = is_fatal(p) ? REPORT_FATAL : REPORT_WARNING;
        report_say(&g->report, label, context, "%s%s%s", p->text, hint ? "\n" : "",
                   hint ? p->hint : "");
        g->senseless = g->senseless || label == REPORT_FATAL;
        mem_free(context);
    }
}

/* Every option that is a setting, as "name=value". */
static void gather_command_line(struct program *g)
{
    size_t n = 0;

    g->command_line = mem_array(g->words.count + 2, sizeof *g->command_line);
    for (size_t i = 0; i < g->words.count; i++)
        if (g->words.values[i].option->setting)
            g->command_line[n++] =
                mem_format("%s=%s", g->words.values[i].option->name, g->words.values[i].text);
    if (words_on(&g->words, "test"))
        g->command_line[n++] = mem_text("exec=no");
}

/* Reads the file; keeps the former configuration when that fails. */
static bool read_conf(struct program *g)
{
    struct conf_options options = {.dialect = CONF_DDCLIENT,
                                   .name = g->path,
                                   .command_line = (const char *const *)g->command_line,
                                   .assignments = words_get(&g->words, "options"),
                                   .hosts = words_get(&g->words, "host")};
    struct cause cause;

    check_mode(g, g->path);
    if (stat(g->path, &g->read) != 0)
        memset(&g->read, 0, sizeof g->read);
    if (load_conf(&g->loaded, g->path, &options, &cause) != OK) {
        char *context = mem_format("[file %s]", g->path);
        report_say(&g->report, REPORT_WARNING, context, "cannot open file: %s", cause.text);
        mem_free(context);
        if (g->loaded.conf != NULL)
            return false;
        load_conf_bytes(&g->loaded, "", 0, &options);
    }
    report_problems(g);
    struct view globals = conf_globals(g->loaded.conf);
    g->report.debug = conf_bool(&globals, "debug");
    g->report.verbose = conf_bool(&globals, "verbose");
    g->report.quiet = conf_bool(&globals, "quiet");
    return true;
}

static bool file_changed(const struct program *g)
{
    struct stat st;

    if (stat(g->path, &st) != 0)
        return false; /* the last good one stays */
    return st.st_mtim.tv_sec != g->read.st_mtim.tv_sec ||
           st.st_mtim.tv_nsec != g->read.st_mtim.tv_nsec || st.st_size != g->read.st_size ||
           st.st_ino != g->read.st_ino;
}

static void set_syslog(struct program *g)
{
    struct view globals = conf_globals(g->loaded.conf);

    if (conf_bool(&globals, "syslog") && conf_bool(&globals, "exec"))
        report_open_syslog(&g->report, g->name, conf_text(&globals, "facility"),
                           conf_text(&globals, "priority"));
    else
        report_close_syslog(&g->report);
}

static void reread_conf(struct program *g)
{
    if (!g->hup && !file_changed(g))
        return;
    bool good = read_conf(g);
    set_syslog(g);
    if (good)
        report_say(&g->report, REPORT_INFO, "", "read %s again", g->path);
    sense_set_outside(g->sense, !load_no_outside(g->loaded.conf));
    runner_local_use(g->runner, g->loaded.conf);
}

/* 0: one shot. */
static msec daemon_interval(const struct program *g)
{
    struct view globals = conf_globals(g->loaded.conf);

    if (view_get(&globals, "daemon") != NULL)
        return conf_length(&globals, "daemon");
    return g->called_daemon ? 5 * MINUTE : 0;
}

/* The parts that need a loop */

static void on_signal(uv_signal_t *handle, int number)
{
    struct program *g = handle->data;

    if (number == SIGHUP)
        g->hup = true;
    else
        g->term = true;
    if (number == SIGINT)
        report_say(&g->report, REPORT_WARNING, "", "caught SIGINT; exiting");
    g->awake = true;
    if (g->term && g->pass != NULL)
        pass_cancel(g->pass);
    uv_stop(&g->loop);
}

static bool find_object(void *arg, const char *kind, const char *name, struct view *out)
{
    const struct program *g = arg;
    const struct conf *conf = g->loaded.conf;

    for (size_t i = 0; i < conf_object_count(conf); i++) {
        if (text_equal(conf_object_kind(conf, i), kind) &&
            text_equal(conf_object_name(conf, i), name)) {
            *out = conf_object_view(conf, i);
            return true;
        }
    }
    return false;
}

static void on_nap(void *arg)
{
    struct program *g = arg;
    g->awake = true;
    uv_stop(&g->loop);
}

static void open_world(struct program *g)
{
    uv_loop_init(&g->loop);
    g->net = net_uv_new(&g->loop);
    g->runner = runner_local_new(&g->loop);
    runner_local_use(g->runner, g->loaded.conf);
    struct sense_options options = {.net = g->net,
                                    .loop = &g->loop,
                                    .runner = runner_local_runner(g->runner),
                                    .ddclient = true,
                                    .no_outside = load_no_outside(g->loaded.conf),
                                    .object = find_object,
                                    .object_arg = g};
    g->sense = sense_new(&options);
    g->nap = g->net->ops->timer_new(g->net, on_nap, g);
    for (size_t i = 0; i < 3; i++) {
        uv_signal_init(&g->loop, &g->signals[i]);
        g->signals[i].data = g;
        uv_signal_start(&g->signals[i], on_signal, signal_numbers[i]);
        uv_unref((uv_handle_t *)&g->signals[i]);
    }
}

static void close_world(struct program *g)
{
    g->net->ops->timer_free(g->nap);
    sense_free(g->sense);
    runner_local_free(g->runner);
    for (size_t i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&g->signals[i], NULL);
    net_uv_free(g->net);
    uv_run(&g->loop, UV_RUN_DEFAULT);
    uv_loop_close(&g->loop);
}

/* One pass */

static void on_pass_done(void *arg)
{
    struct program *g = arg;
    g->pass_done = true;
    uv_stop(&g->loop);
}

static void send_mail(struct program *g)
{
    struct view globals = conf_globals(g->loaded.conf);
    const char *to = conf_text(&globals, "mail"), *on_failure = conf_text(&globals, "mail-failure");
    const char *server = view_get(&globals, "mail-server");
    char host[HOST_NAME_MAX + 1] = "localhost";
    struct cause cause;

    if (g->report.failed && on_failure != NULL && on_failure[0] != '\0')
        to = on_failure;
    if (to == NULL || to[0] == '\0' || !conf_bool(&globals, "exec") || !report_news(&g->report))
        return;
    gethostname(host, sizeof host - 1);
    struct mail mail = {.to = to,
                        .from = conf_text(&globals, "mail-from"),
                        .program = g->name,
                        .host = host,
                        .body = buf_str(&g->report.mail),
                        .now = net_now(g->net).wall};
    enum err e = server != NULL && server[0] != '\0'
                     ? mail_by_server(&mail, server, conf_text(&globals, "ssl_ca_file"), &cause)
                     : mail_by_sendmail(&mail, &cause);
    if (e != OK)
        report_say(&g->report, REPORT_WARNING, "", "%s", cause.text);
}

static char *cache_path(const struct program *g)
{
    struct view globals = conf_globals(g->loaded.conf);
    const char *path = view_get(&globals, "cache");
    return path != NULL ? mem_text(path) : mem_format("/var/cache/ddclient/%s.cache", g->name);
}

static void run_pass(struct program *g)
{
    struct view globals = conf_globals(g->loaded.conf);
    struct cache cache;
    struct cause cause;
    char *path = cache_path(g);

    cache_init(&cache);
    if (access(path, F_OK) == 0)
        check_mode(g, path);
    if (cache_load(&cache, path, &cause) != OK)
        report_say(&g->report, REPORT_WARNING, "", "the cache %s is not used: %s", path,
                   cause.text);
    struct pass_spec spec = {.net = g->net,
                             .runner = runner_local_runner(g->runner),
                             .sense = g->sense,
                             .registry = g->loaded.registry,
                             .conf = g->loaded.conf,
                             .cache = &cache,
                             .cache_path = path,
                             .report = &g->report,
                             .first = g->passes++ == 0,
                             .verbose = conf_bool(&globals, "verbose"),
                             .dry = !conf_bool(&globals, "exec"),
                             .silent_errors = conf_number(&globals, "max-warn") == 0,
                             .conf_time = (msec)g->read.st_mtim.tv_sec * SECOND,
                             .on_done = on_pass_done,
                             .arg = g};
    g->pass_done = false;
    g->pass = pass_start(&spec);
    while (!g->pass_done)
        uv_run(&g->loop, UV_RUN_DEFAULT);
    const struct pass_result *result = pass_result(g->pass);
    g->status = result->failed > 0 ? STATUS_FAILED : STATUS_RIGHT;
    pass_free(g->pass);
    g->pass = NULL;
    send_mail(g);
    report_next(&g->report);
    cache_free(&cache);
    mem_free(path);
}

static void sleep_for(struct program *g, msec interval)
{
    struct view globals = conf_globals(g->loaded.conf);
    msec jitter =
        view_get(&globals, "jitter") != NULL ? conf_length(&globals, "jitter") : interval / 5;
    uint64_t random = 0;

    g->net->ops->random(g->net, &random, sizeof random);
    if (jitter >= SECOND && jitter != NEVER)
        interval += (msec)(random % (uint64_t)(jitter / SECOND)) * SECOND;
    report_say(&g->report, REPORT_DEBUG, "", "sleep %lld", (long long)(interval / SECOND));
    g->net->ops->timer_set(g->nap, net_now(g->net).mono + interval);
    while (!g->awake)
        uv_run(&g->loop, UV_RUN_DEFAULT);
    g->net->ops->timer_set(g->nap, NEVER);
}

static void no_hosts(struct program *g)
{
    report_say(&g->report, REPORT_WARNING, "", "no hosts configured in %s", g->path);
}

static int run_once(struct program *g)
{
    if (conf_entry_count(g->loaded.conf) == 0) {
        no_hosts(g);
        return STATUS_FAILED;
    }
    open_world(g);
    run_pass(g);
    close_world(g);
    return g->status;
}

/* In the child when it went to the background. */
static int run_daemon(struct program *g, msec interval)
{
    open_world(g);
    background_ready(&g->background);
    notify_ready();
    umask(077);
    while (!g->term && interval > 0) {
        g->awake = g->hup = false;
        if (conf_entry_count(g->loaded.conf) == 0)
            no_hosts(g);
        run_pass(g);
        if (!g->term && !g->awake)
            sleep_for(g, interval);
        if (g->term)
            break;
        reread_conf(g);
        interval = daemon_interval(g);
    }
    notify_stopping();
    close_world(g);
    background_leave(&g->background);
    return STATUS_RIGHT;
}

static int start_daemon(struct program *g, msec interval)
{
    struct view globals = conf_globals(g->loaded.conf);
    const char *pid = view_get(&globals, "pid");
    struct cause cause;

    if (interval < 60 * SECOND)
        interval = 60 * SECOND;
    if (!conf_bool(&globals, "foreground") && background_enter(&g->background, &cause) != OK) {
        report_say(&g->report, REPORT_FATAL, "", "%s", cause.text);
        return STATUS_FAILED;
    }
    if (pid != NULL) {
        enum err e = background_pid_file(&g->background, pid, &cause);
        if (e != OK)
            report_say(&g->report, e == ERR_BUSY ? REPORT_FATAL : REPORT_WARNING, "", "%s",
                       cause.text);
        if (e == ERR_BUSY)
            return STATUS_RUNNING;
    }
    return run_daemon(g, interval);
}

/* Before anything is read */

static void set_name(struct program *g, const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    const char *name = slash != NULL ? slash + 1 : argv0;

    if (!text_starts(name, "ddclient"))
        name = "ddclient";
    g->called_daemon = text_ends(name, "d");
    g->name = mem_text_n(name, strlen(name) - (g->called_daemon ? 1 : 0));
}

/* ddclient's child programs are found in the usual folders too. */
static void extend_path(void)
{
    const char *path = getenv("PATH");
    char *longer = mem_format("%s%s/sbin:/usr/sbin:/bin:/usr/bin", path != NULL ? path : "",
                              path != NULL && path[0] != '\0' ? ":" : "");
    setenv("PATH", longer, 1);
    mem_free(longer);
}

static void tell_useless_words(struct program *g)
{
    for (size_t i = 0; i < g->words.count; i++)
        if (g->words.values[i].option->gone != NULL)
            report_say(&g->report, REPORT_WARNING, "", "%s", g->words.values[i].option->gone);
    for (size_t i = 0; i < g->words.stray_count; i++)
        report_say(&g->report, REPORT_WARNING, "",
                   "\"%s\" is no option: it is not used. Hosts are chosen with --host",
                   g->words.stray[i]);
}

static int work(struct program *g)
{
    g->report.verbose = words_on(&g->words, "verbose");
    tell_useless_words(g);
    extend_path();
    set_path(g);
    gather_command_line(g);
    if (!read_conf(g))
        return STATUS_FAILED;
    if (g->senseless) {
        set_syslog(g);
        return STATUS_FAILED;
    }
    struct view globals = conf_globals(g->loaded.conf);
    if (words_get(&g->words, "geturl") != NULL)
        return query_page(&globals, words_get(&g->words, "geturl"), g->call->out, &g->report);
    if (words_on(&g->words, "query"))
        return query_all(g->loaded.conf, g->call->out, &g->report);
    set_syslog(g);
    msec interval = daemon_interval(g);
    return interval > 0 ? start_daemon(g, interval) : run_once(g);
}

static int run(const struct command_call *call)
{
    struct program g = {.call = call};
    struct buf message;
    int status;

    set_name(&g, call->program);
    background_init(&g.background);
    buf_init(&message, 64 * 1024);
    if (!words_read(&g.words, call->words, call->count, &message)) {
        fprintf(call->err, "%s\nTry '%s --help'.\n", buf_str(&message), g.name);
        status = STATUS_USAGE;
    } else if (g.words.at_once != NULL) {
        lists_print(&g.words, g.name, call->out);
        status = STATUS_RIGHT;
    } else {
        report_init(&g.report, call->err);
        loaded_init(&g.loaded);
        status = work(&g);
        loaded_free(&g.loaded);
        report_fini(&g.report);
    }
    for (size_t i = 0; g.command_line != NULL && g.command_line[i] != NULL; i++)
        mem_free_secret(g.command_line[i]);
    mem_free(g.command_line);
    words_free(&g.words);
    buf_free(&message);
    mem_free(g.path);
    mem_free(g.name);
    return status;
}

const struct command command_ddclient = {
    .name = "ddclient",
    .summary = "Be ddclient: its options, configuration and cache",
    .arguments = "[options of ddclient]",
    .help = "Also when called by that name. \"homing ddclient --help\" tells all options.",
    .most = COMMAND_ANY,
    .raw = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE,
    .may_find_running = true,
    .run = run,
};
