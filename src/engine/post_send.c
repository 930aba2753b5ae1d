/*
 * SPDX-License-Identifier: ISC
 */
/* Delivery: one at a time to a receiver, by the file of a service, by mail, by a command. */
#include "engine/post_inside.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

enum { ADDRESSES_MAX = 50 };

struct delivery {
    struct receiver *receiver; /* NULL: abandoned */
    struct letter *letter;     /* owned; NULL: a sign of life */
    struct conf *conf;         /* counted: what the transport and the view point to */
    char *text;                /* owned: as it leaves */
    struct notice notice;
    struct notice_job job;
    struct transport transport;
    struct run_job *run; /* of POST_HTTP */
    enum outcome_class cls;
    msec word;
    char *say;      /* owned */
    bool other_way; /* the network changed since it left */
};

static void delivery_free(struct delivery *d)
{
    if (d->run != NULL || d->job.memory != NULL)
        notice_job_fini(&d->job);
    letter_free(d->letter);
    conf_unref(d->conf);
    mem_free(d->text);
    mem_free(d->say);
    mem_free(d);
}

/* ---- what became of it ---- */

static void note(struct receiver *r, const struct delivery *d, bool good, msec wall)
{
    r->told_at = wall;
    r->told_good = good;
    mem_free(r->told_event);
    mem_free(r->told_title);
    mem_free(r->told_say);
    r->told_event = mem_text(d->letter != NULL ? d->letter->event : "beat");
    r->told_title = mem_text(d->letter != NULL ? d->letter->title : NULL);
    r->told_say = good ? NULL : mem_text(d->say);
}

/* One line when it begins and one when it ends, not one for each attempt. */
static void log_result(struct receiver *r, const struct delivery *d, bool good)
{
    bool stops = outcome_rule(d->cls)->duty == DUTY_STOP;

    if (good && r->trouble != OUTCOME_GOOD)
        log_notice(NULL, "%s can be told again", r->name);
    else if (!good && r->trouble != d->cls)
        log_write(d->cls == OUTCOME_OFFLINE ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, NULL,
                  "%s could not be told: %s%s", r->name, d->say,
                  stops ? ". It is tried again every hour and when its settings change" : "");
    else
        log_debug(NULL, "%s: %s", r->name, good ? "delivered" : d->say);
}

static void wait_after(struct receiver *r, const struct delivery *d)
{
    struct engine *e = r->post->seams.engine;
    msec length;

    r->failures += d->cls != OUTCOME_OFFLINE;
    r->word = d->word > 0;
    length = schedule_wait(&e->schedule, d->cls, d->word, r->failures, &e->chance);
    if (d->cls == OUTCOME_OFFLINE && d->other_way)
        length = SECOND; /* the event that it would wait for is over */
    r->wait = post_now(r->post).mono + (length > 0 ? length : POST_REFUSED);
}

static void ended(struct delivery *d)
{
    struct receiver *r = d->receiver;

    if (r == NULL) {
        delivery_free(d);
        return;
    }
    struct moment now = post_now(r->post);
    bool good = outcome_is_good(d->cls);
    r->delivery = NULL;
    if (d->say == NULL)
        d->say = mem_text(outcome_rule(d->cls)->meaning);
    note(r, d, good, now.wall);
    log_result(r, d, good);
    r->trouble = good ? OUTCOME_GOOD : d->cls;
    if (good)
        r->failures = 0;
    if (d->letter == NULL) {
        r->beat_at =
            now.mono + (d->cls == OUTCOME_OFFLINE && r->every > MINUTE ? MINUTE : r->every);
    } else if (d->letter->fn != NULL) {
        d->letter->fn(d->letter->arg, good ? OK : ERR_IO, good ? "Delivered." : d->say);
    } else if (good) {
        r->lost = 0;
    } else {
        queue_put_back(r, d->letter);
        d->letter = NULL;
        wait_after(r, d);
    }
    r->dirty = true;
    post_wake(r->post);
    delivery_free(d);
}

static void fail(struct delivery *d, enum outcome_class cls, const char *say)
{
    mem_free(d->say);
    d->cls = cls;
    d->say = mem_text(say);
}

/* ---- HTTP ---- */

static void on_outcome(void *arg, const struct outcome *o)
{
    struct delivery *d = arg;

    fail(d, o->cls, o->say);
    d->word = o->wait;
}

static void on_request(void *arg, const struct run_request *request)
{
    struct delivery *d = arg;
    log_debug(NULL, "%s: %s", d->receiver->name, request->shown);
}

static void on_done(void *arg, const struct run_result *result)
{
    (void)result;
    ended(arg);
}

static void by_http(struct delivery *d)
{
    struct receiver *r = d->receiver;
    struct engine *e = r->post->seams.engine;
    const char *slot = d->letter != NULL && r->tells ? "tell" : "beat";

    if (d->letter != NULL)
        d->notice = (struct notice){.id = d->letter->id,
                                    .event = d->letter->event,
                                    .level = d->letter->level,
                                    .title = d->letter->title,
                                    .text = d->text,
                                    .machine = r->post->seams.machine,
                                    .at = d->letter->at,
                                    .hosts = d->letter->hosts};
    notice_job_init(&d->job, slot, &r->view, d->letter != NULL ? &d->notice : NULL,
                    e->options.agent);
    d->transport = load_transport(e, &r->view, NULL, NULL);
    fail(d, OUTCOME_SERVER, "it took too long");
    const struct run_spec spec = {.net = e->seams.net,
                                  .protocol = &protocol_notice,
                                  .provider = r->service,
                                  .job = &d->job.job,
                                  .transport = &d->transport,
                                  .limit = POST_LIMIT,
                                  .on_request = on_request,
                                  .on_outcome = on_outcome,
                                  .on_done = on_done,
                                  .arg = d};
    d->run = run_job_start(&spec);
}

/* ---- mail ---- */

static void on_mailed(void *arg, enum err result, const char *why)
{
    static const enum outcome_class classes[ERR_COUNT] = {
        [OK] = OUTCOME_GOOD,
        [ERR_DENIED] = OUTCOME_AUTH,
        [ERR_RANGE] = OUTCOME_INPUT,
        [ERR_BUSY] = OUTCOME_OFFLINE,
    };
    struct delivery *d = arg;
    enum outcome_class cls = classes[result];

    fail(d, result != OK && cls == OUTCOME_GOOD ? OUTCOME_SERVER : cls, why);
    ended(d);
}

/* "a@example.org, b@example.org": owned texts, ended by NULL. What looks like an option is left
 * out. */
static size_t split_addresses(const char *list, char *out[ADDRESSES_MAX + 1])
{
    size_t count = 0;

    while (list != NULL && count < ADDRESSES_MAX) {
        list += strspn(list, " \t,");
        size_t n = strcspn(list, " \t,");
        if (n == 0)
            break;
        if (list[0] != '-')
            out[count++] = mem_text_n(list, n);
        list += n;
    }
    out[count] = NULL;
    return count;
}

static void by_server(struct delivery *d, const char *server)
{
    struct receiver *r = d->receiver;
    const char *from = conf_text(&r->view, "mail-from");
    char *to[ADDRESSES_MAX + 1];
    char *mail = text_mail(r, d->letter, d->text, post_now(r->post).wall);
    char *sender =
        from != NULL && from[0] != '\0'
            ? mem_text(from)
            : mem_format("homing@%s",
                         r->post->seams.machine != NULL ? r->post->seams.machine : "localhost");
    const struct smtp_mail m = {.server = server,
                                .login = conf_text(&r->view, "login"),
                                .password = conf_text(&r->view, "password"),
                                .ca_file = conf_text(&r->view, "ssl_ca_file"),
                                .from = sender,
                                .to = to,
                                .to_count = split_addresses(conf_text(&r->view, "to"), to),
                                .text = mail,
                                .text_len = strlen(mail),
                                .limit = POST_LIMIT};

    r->post->seams.mail(r->post->seams.mailer, &m, on_mailed, d);
    for (size_t i = 0; to[i] != NULL; i++)
        mem_free(to[i]);
    mem_free(mail);
    mem_free(sender);
}

/* ---- commands ---- */

static void on_ran(void *arg, const struct runner_result *result)
{
    struct delivery *d = arg;
    char *say = NULL;

    if (result->error != OK)
        say = mem_text(result->why != NULL ? result->why : err_name(result->error));
    else if (result->exit_status != 0)
        say = mem_format("the command ended with status %d", result->exit_status);
    fail(d, say == NULL ? OUTCOME_GOOD : OUTCOME_SERVER, say);
    mem_free(say);
    ended(d);
}

/* The keeper takes the command from its own reading of the file; the message is its standard input
 * and, in parts, its environment. */
static void by_command(struct delivery *d, const char *setting, const char *input)
{
    struct receiver *r = d->receiver;
    struct runner *runner = r->post->seams.engine->seams.runner;
    char *whose = mem_format("define=notify:%s", r->name);
    char *env[5] = {mem_format("HOMING_EVENT=%s", d->letter->event),
                    mem_format("HOMING_LEVEL=%s", d->letter->level),
                    mem_format("HOMING_TITLE=%s", d->letter->title),
                    mem_format("HOMING_AT=%lld", (long long)(d->letter->at / SECOND)), NULL};
    const struct runner_ask ask = {.entry = whose,
                                   .setting = setting,
                                   .env = (const char *const *)env,
                                   .input = input,
                                   .input_len = strlen(input),
                                   .limit = POST_LIMIT};

    runner->ops->run(runner, &ask, on_ran, d);
    for (size_t i = 0; env[i] != NULL; i++)
        mem_free(env[i]);
    mem_free(whose);
}

/* ---- the next one ---- */

static void deliver(struct receiver *r, struct letter *l)
{
    struct post *p = r->post;
    struct delivery *d = mem_alloc(sizeof *d);
    const char *server = conf_text(&r->view, "mail-server");

    d->receiver = r;
    d->letter = l;
    d->conf = conf_ref(p->conf);
    d->text = l != NULL ? text_now(r, l, post_now(p).wall) : NULL;
    r->delivery = d;
    if (r->way == POST_HTTP) {
        by_http(d);
    } else if (r->way == POST_MAIL && server != NULL && p->seams.mail != NULL) {
        by_server(d, server);
    } else if (r->way == POST_MAIL) {
        char *mail = text_mail(r, l, d->text, post_now(p).wall);
        by_command(d, "sendmail", mail);
        mem_free(mail);
    } else {
        char *input = mem_format("%s\n\n%s\n", l->title, d->text);
        by_command(d, "command", input);
        mem_free(input);
    }
}

void send_next(struct receiver *r)
{
    struct engine *e = r->post->seams.engine;
    struct moment now = post_now(r->post);
    bool test = r->first != NULL && r->first->fn != NULL;
    bool well = e->on && e->clock_ok && e->trouble == NULL && notices_well(r->notices);

    if (r->delivery != NULL || r->way == POST_NO_WAY || !e->clock_ok)
        return;
    if (r->first != NULL && (test || (e->started && now.mono >= r->wait)))
        deliver(r, queue_take(r));
    else if (now.mono >= r->beat_at && well && e->started)
        deliver(r, NULL);
    else if (now.mono >= r->beat_at)
        r->beat_at = now.mono + r->every; /* silence says that something is wrong */
}

msec send_at(const struct receiver *r)
{
    if (r->delivery != NULL || r->way == POST_NO_WAY)
        return NEVER;
    msec at = r->beat_at;
    if (r->first != NULL && r->wait < at)
        at = r->wait;
    return at;
}

bool send_has_more(const struct receiver *r)
{
    const struct engine *e = r->post->seams.engine;
    return r->delivery != NULL ||
           (e->clock_ok && e->started && send_at(r) <= post_now(r->post).mono);
}

void send_test(struct receiver *r, post_test_fn *fn, void *arg)
{
    struct letter *l = text_test(r->post);

    l->fn = fn;
    l->arg = arg;
    queue_put_back(r, l);
    post_wake(r->post);
}

const struct letter *send_letter(const struct receiver *r)
{
    return r->delivery != NULL ? r->delivery->letter : NULL;
}

void send_network_changed(struct receiver *r)
{
    if (r->delivery != NULL)
        r->delivery->other_way = true;
    if (r->trouble != OUTCOME_OFFLINE)
        return;
    r->wait = post_now(r->post).mono;
    if (r->beat_at != NEVER)
        r->beat_at = r->wait;
}

/* Behind a router that is up a dead line is only silence, and the waits grow long meanwhile. */
void send_line_works(struct receiver *r)
{
    if (r->trouble == OUTCOME_OFFLINE || (r->trouble == OUTCOME_SERVER && !r->word))
        r->wait = post_now(r->post).mono;
}

void send_abandon(struct receiver *r)
{
    struct delivery *d = r->delivery;

    if (d == NULL)
        return;
    r->delivery = NULL;
    d->receiver = NULL;
    if (d->letter != NULL)
        queue_put_back(r, d->letter);
    d->letter = NULL;
    if (d->run == NULL)
        return; /* the mailer or the runner still answers */
    run_job_abandon(d->run);
    delivery_free(d);
}

void send_way(struct receiver *r)
{
    struct registry *registry = r->post->seams.engine->seams.registry;

    r->service = registry_notify(registry, r->kind);
    r->tells = r->beats = false;
    if (r->service != NULL) {
        r->way = POST_HTTP;
        r->tells = provider_info(r->service)->can_tell;
        r->beats = provider_info(r->service)->can_beat;
    } else if (text_equal(r->kind, "mail")) {
        r->way = POST_MAIL;
        r->tells = true;
    } else if (text_equal(r->kind, "command")) {
        r->way = POST_COMMAND;
        r->tells = true;
    } else {
        r->way = POST_NO_WAY;
    }
}
