/*
 * SPDX-License-Identifier: ISC
 *
 * The web room as a whole: the real server on a loopback port, spoken to by plain sockets.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "web/guard.h"
#include "web/metrics.h"
#include "web/server.h"
#include "web/web.h"

/* ---- pure parts ---- */

static void hosts_are_checked(void **state)
{
    static const char *const own[] = {"homing.example.org", NULL};
    static const struct {
        const char *host;
        bool good;
    } cases[] = {
        {"127.0.0.1:8245", true},
        {"127.0.0.1", true},
        {"[::1]:8245", true},
        {"192.168.1.5:80", true},
        {"localhost:8245", true},
        {"LOCALHOST", true},
        {"homing.example.org", true},
        {"Homing.Example.org.:443", true},
        {"homing.example.org.evil.example", false},
        {"evil.example", false},
        {"127.0.0.1.evil.example", false},
        {"localhost.evil.example", false},
        {"127.0.0.1@evil.example", false},
        {"127.0.0.1:80:90", false},
        {"127.0.0.1:port", false},
        {"[::1", false},
        {"", false},
        {":80", false},
        {NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (guard_host(cases[i].host, own) != cases[i].good)
            fail_msg("host %s", cases[i].host != NULL ? cases[i].host : "(none)");
}

static void requests_are_checked(void **state)
{
    static const struct {
        struct guard_headers h;
        const char *wrong;
    } cases[] = {
        {{.host = "127.0.0.1:1"}, NULL},
        {{.host = "127.0.0.1:1", .fetch_site = "same-origin", .origin = "http://127.0.0.1:1"},
         NULL},
        {{.host = "127.0.0.1:1", .fetch_site = "none"}, NULL},
        {{.host = "h.example", .origin = "https://h.example"}, NULL},
        {{.host = "127.0.0.1:1", .fetch_site = "cross-site"}, "cross-site"},
        {{.host = "127.0.0.1:1", .fetch_site = "same-site"}, "cross-site"},
        {{.host = "127.0.0.1:1", .origin = "http://evil.example"}, "cross-site"},
        {{.host = "127.0.0.1:1", .origin = "http://127.0.0.1:2"}, "cross-site"},
        {{.host = "127.0.0.1:1", .origin = "null"}, "cross-site"},
        {{.host = "127.0.0.1:1", .unsafe = true, .cookie = true}, "cross-site"},
        {{.host = "127.0.0.1:1", .unsafe = true, .cookie = true, .mark = "1"}, NULL},
        {{.host = "127.0.0.1:1", .unsafe = true, .body = true}, "content-type"},
        {{.host = "127.0.0.1:1", .unsafe = true, .body = true, .content_type = "text/plain"},
         "content-type"},
        {{.host = "127.0.0.1:1", .unsafe = true, .body = true, .content_type = "application/json"},
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *wrong = guard_request(&cases[i].h);
        if ((wrong == NULL) != (cases[i].wrong == NULL) ||
            (wrong != NULL && strcmp(wrong, cases[i].wrong) != 0))
            fail_msg("case %zu: %s", i, wrong != NULL ? wrong : "(nothing)");
    }
}

static void collectors_choose_a_form(void **state)
{
    static const struct {
        const char *accept;
        bool good;
        enum exposition_form form;
    } cases[] = {
        {NULL, true, EXPOSITION_TEXT},
        {"", true, EXPOSITION_TEXT},
        {"*/*", true, EXPOSITION_TEXT},
        {"text/html,application/xhtml+xml,*/*;q=0.8", true, EXPOSITION_TEXT},
        {"text/plain", true, EXPOSITION_TEXT},
        {"text/*", true, EXPOSITION_TEXT},
        {"application/openmetrics-text", true, EXPOSITION_OPENMETRICS},
        {"Application/OpenMetrics-Text ; Version=1.0.0", true, EXPOSITION_OPENMETRICS},
        /* Prometheus 2.42 and 2.50 */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q="
         "0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         true, EXPOSITION_OPENMETRICS},
        {"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.6", true,
         EXPOSITION_TEXT},
        {"text/plain;q=0.5,application/openmetrics-text;q=0.5", true, EXPOSITION_OPENMETRICS},
        {"application/openmetrics-text;version=2.0.0,text/plain;q=0.1", true, EXPOSITION_TEXT},
        {"application/openmetrics-text;q=0,*/*;q=0.1", true, EXPOSITION_TEXT},
        {"application/openmetrics-text;q=0", false, EXPOSITION_TEXT},
        {"application/openmetrics-text;version=2.0.0", false, EXPOSITION_TEXT},
        {"text/plain;q=0,*/*", false, EXPOSITION_TEXT},
        {"text/plain;q=0.000", false, EXPOSITION_TEXT},
        {"text/html", false, EXPOSITION_TEXT},
        {",;,=;q=", false, EXPOSITION_TEXT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum exposition_form form;
        if (metrics_form(cases[i].accept, &form) != cases[i].good || form != cases[i].form)
            fail_msg("%s", cases[i].accept != NULL ? cases[i].accept : "(none)");
    }
}

static void escapes_are_strict(void **state)
{
    static const struct {
        const char *in, *out; /* NULL: refused */
    } cases[] = {
        {"home.example.org%40cf%2Ftoken", "home.example.org@cf/token"},
        {"a+b", "a+b"},
        {"%C3%BC", "\xc3\xbc"},
        {"%00", NULL},
        {"%", NULL},
        {"%2", NULL},
        {"%zz", NULL},
        {"%FF", NULL},
        {"%C0%AF", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out;
        buf_init(&out, 100);
        bool good = http_decode(cases[i].in, strlen(cases[i].in), false, &out);
        assert_int_equal(good, cases[i].out != NULL);
        if (good)
            assert_string_equal(buf_str(&out), cases[i].out);
        buf_free(&out);
    }
}

/* ---- the server ---- */

static struct {
    uv_loop_t loop;
    uv_async_t stop, say;
    struct web *web;
    unsigned port;
    pthread_t thread;
    char socket[64];
} run;

static json_t *document(struct web_model *m, enum web_document what, const char *id,
                        const struct web_query *q)
{
    (void)m;
    (void)q;
    if (what == WEB_HOSTNAME && strcmp(id, "home.example.org@cf/token") != 0)
        return NULL;
    return json_pack("{s:i,s:s?}", "what", (int)what, "id", id);
}

static void act(struct web_model *m, enum web_action what, const char *id, const json_t *body,
                const struct web_edit *edit, web_answer_fn *fn, void *arg)
{
    (void)m;
    (void)what;
    (void)id;
    (void)body;
    json_t *doc = json_pack("{s:s}", "who", edit->who);
    struct web_answer a = {.error = OK, .doc = doc};
    fn(arg, &a);
    json_decref(doc);
}

static void measure(struct web_model *m, struct exposition *x)
{
    static const struct metric metric = {"homing_test", METRIC_COUNTER, NULL, "A test."};

    (void)m;
    exposition_family(x, &metric);
    exposition_sample(x, 7, NULL);
}

static const struct web_model_ops model_ops = {document, act, measure};
static struct web_model model = {&model_ops};

static void on_stop(uv_async_t *a)
{
    web_free(run.web);
    uv_close((uv_handle_t *)&run.say, NULL);
    uv_close((uv_handle_t *)a, NULL);
}

static void on_say(uv_async_t *a)
{
    (void)a;
    web_tell(run.web, WEB_TOPIC_STATE, "gone", json_pack("{s:s}", "id", "x"));
}

static void *turn(void *arg)
{
    (void)arg;
    uv_run(&run.loop, UV_RUN_DEFAULT);
    return NULL;
}

static int start(const char *access_file)
{
    struct rlimit files;
    struct cause c;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&run.loop);
    uv_async_init(&run.loop, &run.stop, on_stop);
    uv_async_init(&run.loop, &run.say, on_say);
    struct web_options o = {.loop = &run.loop, .model = &model, .access_file = access_file};
    run.web = web_new(&o, &c);
    assert_non_null(run.web);
    assert_int_equal(web_listen(run.web, "127.0.0.1:0", &c), OK);
    snprintf(run.socket, sizeof run.socket, "/tmp/homing-test-%d.sock", (int)getpid());
    char where[80];
    snprintf(where, sizeof where, "unix:%s", run.socket);
    assert_int_equal(web_listen(run.web, where, &c), OK);
    assert_int_equal(web_listen(run.web, where, &c), ERR_BUSY);
    assert_int_equal(web_listen(run.web, "somewhere", &c), ERR_SYNTAX);
    run.port = web_port(run.web);
    return pthread_create(&run.thread, NULL, turn, NULL);
}

static int start_open(void **state)
{
    (void)state;
    return start(NULL);
}

static int stop_server(void **state)
{
    (void)state;
    uv_async_send(&run.stop);
    pthread_join(run.thread, NULL);
    int left = uv_loop_close(&run.loop);
    return left != 0 || access(run.socket, F_OK) == 0;
}

static int dial(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)run.port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa) != 0)
        fail_msg("connect: %s", strerror(errno));
    return fd;
}

static int dial_unix(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(sa.sun_path, run.socket, strlen(run.socket) + 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

/* Reads until the text is there, the peer closes or 5 s are over. */
static char *read_until(int fd, const char *text)
{
    static char got[256 * 1024];
    size_t n = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};

    got[0] = '\0';
    while (n < sizeof got - 1 && poll(&p, 1, 5000) > 0) {
        ssize_t r = read(fd, got + n, sizeof got - 1 - n);
        if (r <= 0)
            break;
        n += (size_t)r;
        got[n] = '\0';
        if (text != NULL && strstr(got, text) != NULL)
            break;
    }
    return got;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static char *ask(const char *text)
{
    int fd = dial();
    send_text(fd, text);
    char *got = read_until(fd, NULL);
    close(fd);
    return got;
}

#define END "Host: 127.0.0.1\r\nConnection: close\r\n\r\n"

static void answers(void **state)
{
    static const struct {
        const char *request, *status, *part;
    } cases[] = {
        {"GET / HTTP/1.1\r\n" END, "200", "Content-Security-Policy"},
        {"HEAD / HTTP/1.1\r\n" END, "200", "ETag"},
        {"GET /page.css HTTP/1.1\r\nAccept-Encoding: gzip\r\n" END, "200",
         "Content-Encoding: gzip"},
        {"GET /api/v1/verdict HTTP/1.1\r\n" END, "200", "{\"what\":0"},
        {"GET /api/v1/hostnames/home.example.org%40cf%2Ftoken HTTP/1.1\r\n" END, "200", "cf/token"},
        {"GET /api/v1/hostnames/other HTTP/1.1\r\n" END, "404", "\"not-found\""},
        {"GET /api/v1/hostnames/%00 HTTP/1.1\r\n" END, "40", "\"error\""},
        {"GET /api/v1/hostnames?limit=0 HTTP/1.1\r\n" END, "400", "\"limit\""},
        {"GET /api/v1/hostnames?state=odd HTTP/1.1\r\n" END, "400", "\"state\""},
        {"GET /../../etc/passwd HTTP/1.1\r\n" END, "404", "\"no-such-path\""},
        {"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" END, "404", "\"no-such-path\""},
        {"GET /nowhere HTTP/1.1\r\n" END, "404", "\"no-such-path\""},
        {"DELETE / HTTP/1.1\r\n" END, "405", "Allow: GET"},
        {"PUT /api/v1/verdict HTTP/1.1\r\n" END, "405", "Allow: GET"},
        {"POST /api/v1/update HTTP/1.1\r\n" END, "403", "\"read-only\""},
        {"GET /healthz HTTP/1.1\r\n" END, "200", "ok"},
        {"GET /metrics HTTP/1.1\r\n" END, "200", "homing_test_total 7\n"},
        {"GET /metrics HTTP/1.1\r\n" END, "200", "Content-Type: text/plain; version=0.0.4"},
        {"GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n" END, "200",
         "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"},
        {"GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n" END, "200",
         "homing_test_total 7\n# EOF\n"},
        {"GET /metrics HTTP/1.1\r\nAccept: image/png\r\n" END, "406", "\"not-acceptable\""},
        {"POST /metrics HTTP/1.1\r\n" END, "405", "Allow: GET"},
        {"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "421",
         "unknown-host"},
        {"GET /api/v1/verdict HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n" END, "403", "cross-site"},
        {"POST /api/v1/update HTTP/1.1\r\nContent-Length: 1073741824\r\n" END, "413", "too large"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = ask(cases[i].request);
        if (strlen(got) < 12 || strncmp(got + 9, cases[i].status, strlen(cases[i].status)) != 0 ||
            strstr(got, cases[i].part) == NULL)
            fail_msg("%s: %s", cases[i].request, got);
    }
}

static void known_files_are_not_sent_again(void **state)
{
    char request[300];
    (void)state;
    char *at = strstr(ask("GET / HTTP/1.1\r\n" END), "ETag: ");
    assert_non_null(at);
    snprintf(request, sizeof request, "GET / HTTP/1.1\r\nIf-None-Match: %.*s\r\n" END,
             (int)strcspn(at + 6, "\r"), at + 6);
    const char *got = ask(request);
    assert_memory_equal(got, "HTTP/1.1 304", 12);
    assert_null(strstr(got, "<html"));
}

static void the_unix_socket_is_the_owner(void **state)
{
    static const struct {
        const char *body, *part;
    } cases[] = {
        {"{\"id\":null}", "\"who\":\"uid "},
        {"[]", "\"json-object\""},
        {"{\"a\":1,\"a\":2}", "\"json\""},
        {"{\"id\":", "\"json\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char request[300];
        int fd = dial_unix();
        snprintf(request, sizeof request,
                 "POST /api/v1/update HTTP/1.1\r\nContent-Type: application/json\r\n"
                 "Content-Length: %zu\r\n" END "%s",
                 strlen(cases[i].body), cases[i].body);
        send_text(fd, request);
        const char *got = read_until(fd, NULL);
        if (strstr(got, cases[i].part) == NULL)
            fail_msg("%s: %s", cases[i].body, got);
        close(fd);
    }
}

static void events_arrive(void **state)
{
    int fd = dial();
    (void)state;
    send_text(fd, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_non_null(strstr(read_until(fd, "retry:"), "text/event-stream"));
    uv_async_send(&run.say);
    const char *got = read_until(fd, "event: gone");
    assert_non_null(strstr(got, "event: gone"));
    close(fd);
    /* One that left off in another life is told to begin anew. */
    fd = dial();
    send_text(fd, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 1-1\r\n\r\n");
    assert_non_null(strstr(read_until(fd, "event: reset"), "event: reset"));
    close(fd);
}

/* More slow peers than there are places: the page still answers. */
static void slow_peers_make_room(void **state)
{
    enum { SLOW = 1000 };
    static int slow[SLOW];

    (void)state;
    for (int i = 0; i < SLOW; i++) {
        slow[i] = dial();
        send_text(slow[i], "GET / HTTP/1.1\r\nHost: localh");
    }
    for (int i = 0; i < 3; i++)
        assert_memory_equal(ask("GET / HTTP/1.1\r\n" END), "HTTP/1.1 200", 12);
    for (int i = 0; i < SLOW; i++)
        close(slow[i]);
}

/* ---- with accounts ---- */

static char folder[64];
static char access_path[96];

static int start_owned(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/homing-test-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(access_path, sizeof access_path, "%s/access", folder);
    return start(access_path);
}

static int stop_owned(void **state)
{
    int bad = stop_server(state);
    unlink(access_path);
    return bad != 0 || rmdir(folder) != 0;
}

/* A request with a JSON body; "extra" are whole header lines. */
static char *post_on(int fd, const char *method, const char *path, const char *extra,
                     const char *body)
{
    char request[4096];

    snprintf(
        request, sizeof request,
        "%s /api/v1/%s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\n" END
        "%s",
        method, path, extra, strlen(body), body);
    send_text(fd, request);
    char *got = read_until(fd, NULL);
    close(fd);
    return got;
}

static char *post(const char *path, const char *extra, const char *body)
{
    return post_on(dial(), "POST", path, extra, body);
}

static void expect(const char *got, const char *status, const char *part)
{
    if (strlen(got) < 12 || strncmp(got + 9, status, strlen(status)) != 0 ||
        strstr(got, part) == NULL)
        fail_msg("wanted %s and %s, got: %s", status, part, got);
}

static void take(const char *got, const char *before, const char *stop, char *out, size_t room)
{
    const char *at = strstr(got, before);

    assert_non_null(at);
    snprintf(out, room, "%.*s", (int)strcspn(at + strlen(before), stop), at + strlen(before));
}

#define PASSWORD "four ordinary words here"

static void the_page_is_claimed_once(void **state)
{
    char link[100], old[100], body[400], cookie[200], header[300];
    (void)state;

    expect(ask("GET /api/v1/start HTTP/1.1\r\n" END), "200", "\"owned\":false");
    expect(ask("GET /api/v1/verdict HTTP/1.1\r\n" END), "401", "sign-in");
    /* Nobody gets a link over the network, nor with a guessed one the page. */
    expect(post("link", "", "{}"), "401", "sign-in");
    expect(post("claim", "", "{\"link\":\"guess\",\"password\":\"" PASSWORD "\"}"), "403",
           "link-used");
    take(post_on(dial_unix(), "POST", "link", "", "{}"), "\"link\":\"", "\"", old, sizeof old);
    take(post_on(dial_unix(), "POST", "link", "", "{}"), "\"link\":\"", "\"", link, sizeof link);
    snprintf(body, sizeof body, "{\"link\":\"%s\"}", old);
    expect(post("claim", "", body), "403", "link-used"); /* a newer one ends the older */
    snprintf(body, sizeof body, "{\"link\":\"%s\"}", link);
    expect(post("claim", "", body), "200", "\"until\"");
    expect(post("claim", "", body), "200", "\"until\""); /* looking does not use it up */
    snprintf(body, sizeof body, "{\"link\":\"%s\",\"password\":\"short\"}", link);
    expect(post("claim", "", body), "422", "password-length");
    snprintf(body, sizeof body, "{\"link\":\"%s\",\"password\":\"" PASSWORD "\"}", link);
    const char *got = post("claim", "Cookie: homing=chosen-by-a-stranger\r\n", body);
    expect(got, "200", "HttpOnly; SameSite=Strict");
    take(got, "Set-Cookie: ", ";", cookie, sizeof cookie);
    assert_null(strstr(cookie, "stranger"));
    expect(post("claim", "", body), "403", "link-used");
    snprintf(header, sizeof header, "GET /api/v1/verdict HTTP/1.1\r\nCookie: %s\r\n" END, cookie);
    expect(ask(header), "200", "\"what\":0");
    expect(ask("GET /api/v1/verdict HTTP/1.1\r\nCookie: homing=chosen-by-a-stranger\r\n" END),
           "401", "sign-in");
    /* What a cookie may do needs our own header: no other page can add it. */
    snprintf(header, sizeof header, "Cookie: %s\r\n", cookie);
    expect(post("update", header, "{}"), "403", "cross-site");
    snprintf(header, sizeof header, "Cookie: %s\r\nHoming-Request: 1\r\n", cookie);
    expect(post("update", header, "{}"), "200", "the page");
    snprintf(header, sizeof header,
             "Cookie: %s\r\nHoming-Request: 1\r\nOrigin: http://evil.example\r\n", cookie);
    expect(post("update", header, "{}"), "403", "cross-site");
}

static void tokens_have_levels(void **state)
{
    char read_token[200], full_token[200], header[300];
    (void)state;

    expect(post_on(dial_unix(), "POST", "tokens", "", "{\"name\":\"a b\",\"level\":\"read\"}"),
           "422", "token-name");
    take(post_on(dial_unix(), "POST", "tokens", "", "{\"name\":\"reader\",\"level\":\"read\"}"),
         "\"token\":\"", "\"", read_token, sizeof read_token);
    expect(post_on(dial_unix(), "POST", "tokens", "", "{\"name\":\"reader\",\"level\":\"read\"}"),
           "409", "exists");
    take(post_on(dial_unix(), "POST", "tokens", "", "{\"name\":\"writer\",\"level\":\"full\"}"),
         "\"token\":\"", "\"", full_token, sizeof full_token);
    snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", read_token);
    expect(post("update", header, "{}"), "403", "read-only");
    snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", full_token);
    expect(post("update", header, "{}"), "200", "token writer");
    expect(post_on(dial_unix(), "DELETE", "tokens/writer", "", ""), "200", "{}");
    expect(post("update", header, "{}"), "401", "sign-in");
    expect(post("update", "Authorization: Bearer \r\n", "{}"), "401", "sign-in");
    const char *list = post_on(dial_unix(), "GET", "tokens", "", "");
    expect(list, "200", "\"reader\"");
    assert_null(strstr(list, read_token));
}

static void guessing_gets_slow(void **state)
{
    char cookie[200], header[300];
    (void)state;

    const char *got = post("session", "", "{\"password\":\"" PASSWORD "\"}");
    expect(got, "200", "Set-Cookie");
    take(got, "Set-Cookie: ", ";", cookie, sizeof cookie);
    expect(post("session", "", "{\"password\":7}"), "422", "member");
    int waits = 0;
    /* The first waits may be over before the hash of the next guess is made; they grow. */
    for (int i = 0; i < 20 && (i < 5 || waits == 0); i++)
        waits += strncmp(post("session", "", "{\"password\":\"wrong\"}") + 9, "429", 3) == 0;
    assert_true(waits >= 1);
    expect(post("session", "", "{\"password\":\"" PASSWORD "\"}"), "429", "Retry-After");
    /* Whoever is in stays in, and the machine's owner is never shut out. */
    snprintf(header, sizeof header, "GET /api/v1/verdict HTTP/1.1\r\nCookie: %s\r\n" END, cookie);
    expect(ask(header), "200", "\"what\":0");
    expect(post_on(dial_unix(), "POST", "session", "", "{\"password\":\"" PASSWORD "\"}"), "200",
           "Set-Cookie");
    snprintf(header, sizeof header, "Cookie: %s\r\nHoming-Request: 1\r\n", cookie);
    expect(post_on(dial(), "DELETE", "session/all", header, ""), "200", "Max-Age=0");
    snprintf(header, sizeof header, "GET /api/v1/verdict HTTP/1.1\r\nCookie: %s\r\n" END, cookie);
    expect(ask(header), "401", "sign-in");
}

/* What is kept: nothing that would let its reader in. */
static void the_file_holds_no_secret(void **state)
{
    char text[8192];
    struct stat st;
    (void)state;

    stop_server(state);
    FILE *f = fopen(access_path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    assert_int_equal(stat(access_path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_non_null(strstr(text, "owner $argon2id$v=19$m=19456,t=2,p=1$"));
    assert_non_null(strstr(text, "wait 127.0.0.1 "));
    assert_null(strstr(text, "ordinary"));
    assert_null(strstr(text, "homing-"));
    /* A restart forgets neither the owner nor the waits. */
    assert_int_equal(start(access_path), 0);
    expect(post("session", "", "{\"password\":\"wrong\"}"), "4", "\"wait\"");
    expect(ask("GET /api/v1/start HTTP/1.1\r\n" END), "200", "\"owned\":true");
}

int main(void)
{
    const struct CMUnitTest open[] = {
        cmocka_unit_test(hosts_are_checked),
        cmocka_unit_test(requests_are_checked),
        cmocka_unit_test(collectors_choose_a_form),
        cmocka_unit_test(escapes_are_strict),
        cmocka_unit_test(answers),
        cmocka_unit_test(known_files_are_not_sent_again),
        cmocka_unit_test(the_unix_socket_is_the_owner),
        cmocka_unit_test(events_arrive),
        cmocka_unit_test(slow_peers_make_room),
    };
    const struct CMUnitTest owned[] = {
        cmocka_unit_test(the_page_is_claimed_once),
        cmocka_unit_test(tokens_have_levels),
        cmocka_unit_test(guessing_gets_slow),
        cmocka_unit_test(the_file_holds_no_secret),
    };
    return cmocka_run_group_tests(open, start_open, stop_server) +
           cmocka_run_group_tests(owned, start_owned, stop_owned);
}
