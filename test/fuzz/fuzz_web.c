/*
 * SPDX-License-Identifier: ISC
 *
 * What anybody may send to the page's socket, through the real server to its handlers. The first
 * byte chooses who speaks: the owner by the unix socket, or somebody on loopback who never signed
 * in. Whoever it is gets HTTP back, and JSON where it says so; nobody but the owner acts.
 */
#include <dlfcn.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/late.h"
#include "base/mem.h"
#include "web/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS = 60, QUIET = 4, ANSWER_MAX = 256 * 1024 };

/* The library's password hash takes 20 ms by intent, and is not what is looked at here. */
int crypto_pwhash_str_alg(char out[crypto_pwhash_STRBYTES], const char *const passwd,
                          unsigned long long passwdlen, unsigned long long opslimit,
                          size_t memlimit, int alg)
{
    (void)opslimit;
    (void)memlimit;
    (void)alg;
    snprintf(out, crypto_pwhash_STRBYTES, "$argon2id$%.*s", (int)(passwdlen % 64), passwd);
    return 0;
}

int crypto_pwhash_str_verify(const char str[crypto_pwhash_STRBYTES], const char *const passwd,
                             unsigned long long passwdlen)
{
    char again[crypto_pwhash_STRBYTES];

    return crypto_pwhash_str_alg(again, passwd, passwdlen, 0, 0, 0) == 0 && strcmp(again, str) == 0
               ? 0
               : -1;
}

static uv_loop_t loop;
static char folder[] = "/tmp/homing-fuzz-web.XXXXXX", access_file[64], where[80], *unix_path;
static bool owner;

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* --- what stands behind --- */

static json_t *document(struct web_model *m, enum web_document what, const char *id,
                        const struct web_query *q)
{
    (void)m;
    if (id != NULL && strlen(id) > 30)
        return NULL;
    must(q == NULL || (q->offset >= 0 && q->limit >= 0 && q->limit <= 1000), "an unchecked query");
    return json_pack("{s:i,s:s?,s:s?}", "what", (int)what, "id", id, "search",
                     q != NULL ? q->search : NULL);
}

static void act(struct web_model *m, enum web_action what, const char *id, const json_t *body,
                const struct web_edit *edit, web_answer_fn *fn, void *arg)
{
    struct web_answer a = {.error = OK};

    (void)m;
    must(owner || what == WEB_LOOKUP, "a stranger acts");
    must(body == NULL || json_is_object(body), "a body that is no object");
    must(edit == NULL || edit->who != NULL, "nobody acts");
    a.doc = json_pack("{s:i,s:s?,s:O?}", "what", (int)what, "id", id, "body", body);
    fn(arg, &a);
    json_decref(a.doc);
}

static void measure(struct web_model *m, struct exposition *x)
{
    static const struct metric metric = {"homing_test", METRIC_COUNTER, NULL, "A test."};

    (void)m;
    exposition_family(x, &metric);
    exposition_sample(x, 7, NULL);
}

static bool keeps(struct push_model *m, const char *device, const char *hostname)
{
    (void)m;
    return strcmp(device, hostname) != 0;
}

static bool take(struct push_model *m, const char *device, struct push_value values[PUSH_WHATS])
{
    (void)m;
    (void)device;
    (void)values;
    return false;
}

static bool published(struct push_model *m, const char *device, const char *hostname,
                      const struct push_value values[PUSH_WHATS])
{
    (void)m;
    (void)device;
    (void)hostname;
    (void)values;
    return true;
}

static json_t *describe(struct push_model *m, const char *device)
{
    (void)m;
    return json_pack("{s:s}", "device", device);
}

static enum push_kept kept(struct push_model *m, const char *device)
{
    (void)m;
    return strlen(device) % 2 == 0 ? PUSH_KEPT : PUSH_NOT_KEPT;
}

static void removed(struct push_model *m, const char *device)
{
    (void)m;
    (void)device;
}

/* --- a peer --- */

static int dial(const struct web *w)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)web_port(w))};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const struct linger now = {1, 0}; /* a port that rests for a minute would soon be the last */
    int fd = socket(owner ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(un.sun_path, unix_path, strlen(unix_path) + 1);
    const struct sockaddr *to = owner ? (const struct sockaddr *)&un : (const struct sockaddr *)&in;
    if (connect(fd, to, owner ? sizeof un : sizeof in) != 0)
        abort();
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return fd;
}

/* Until it is closed, or has nothing more to say. */
static size_t listen_to(int fd, char *answer)
{
    size_t n = 0;
    int quiet = 0;

    for (int i = 0; i < TURNS && quiet < QUIET; i++) {
        uv_run(&loop, UV_RUN_NOWAIT);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, quiet > 1) == 0) {
            quiet++;
            continue;
        }
        ssize_t got = read(fd, answer + n, ANSWER_MAX - n);
        if (got <= 0)
            break;
        quiet = 0;
        n += (size_t)got;
    }
    answer[n] = '\0';
    return n;
}

static void check(const char *answer, size_t n)
{
    const char *body = strstr(answer, "\r\n\r\n");

    if (n == 0)
        return;
    must(strncmp(answer, "HTTP/1.", 7) == 0, "no answer in HTTP");
    const char *length = strstr(answer, "\r\nContent-Length: ");
    const char *json = strstr(answer, "\r\nContent-Type: application/json");
    if (body == NULL || length == NULL || json == NULL || length > body || json > body)
        return;
    size_t said = strtoul(length + 18, NULL, 10);
    body += 4;
    /* Cut, or only its head was asked for, and another answer follows. */
    if (said == 0 || said > n - (size_t)(body - answer) || strncmp(body, "HTTP/1.", 7) == 0)
        return;
    json_error_t error;
    json_t *doc = json_loadb(body, said, 0, &error);
    must(doc != NULL, "what is said to be JSON is none");
    json_decref(doc);
}

static void prepare(void)
{
    /* Of homing's look-ups in the library, too, these two find ours. */
    must(dlopen(late_sodium.file, RTLD_LAZY | RTLD_GLOBAL) != NULL, dlerror());
    late_sodium.handle = dlopen(NULL, RTLD_LAZY);
    signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(access_file, sizeof access_file, "%s/access", folder);
    snprintf(where, sizeof where, "unix:%s/socket", folder);
    unix_path = where + 5;
    uv_loop_init(&loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct web_model_ops model_ops = {document, act, measure};
    static const struct push_model_ops push_ops = {.keeps = keeps,
                                                   .take = take,
                                                   .published = published,
                                                   .kept = kept,
                                                   .describe = describe,
                                                   .removed = removed};
    static char answer[ANSWER_MAX + 1];
    struct web_model model = {&model_ops};
    struct push_model push = {&push_ops};
    struct cause c;

    if (size < 2 || size > 64 * 1024)
        return 0;
    if (access_file[0] == '\0')
        prepare();
    owner = data[0] & 1;
    unlink(access_file);
    const struct web_options o = {
        .loop = &loop, .model = &model, .push = &push, .access_file = access_file};
    struct web *w = web_new(&o, &c);
    if (w == NULL || web_listen(w, owner ? where : "127.0.0.1:0", &c) != OK)
        abort();
    int fd = dial(w);
    if (write(fd, data + 1, size - 1) == (ssize_t)(size - 1)) {
        shutdown(fd, SHUT_WR);
        check(answer, listen_to(fd, answer));
    }
    close(fd);
    web_free(w);
    uv_run(&loop, UV_RUN_DEFAULT);
    return 0;
}
