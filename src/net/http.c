/*
 * SPDX-License-Identifier: ISC
 */
#include "net/http.h"

#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/carrier.h"
#include "net/http_error.h"
#include "net/lane.h"
#include "net/origin.h"
#include "net/redirect.h"
#include "net/sockaddr.h"
#include "net/tls_end.h"

enum {
    CONNECTIONS_DEFAULT = 4, /* requests at once to one host; with HTTP/2 they share a connection */
    CONNECT_DEFAULT = 300 * SECOND, /* curl's own time for it */
    HEADER_BYTES_MAX = 64 * 1024,
    HEADER_COUNT_MAX = 200,
};

struct http {
    uv_loop_t *loop;
    struct lane *lanes;
    struct manner *manners; /* in use */
    struct map *origins;    /* in use */
    const char *bundle;     /* the system's trusted roots; NULL when none was found */
    bool ready;             /* curl is; it is loaded for the first request */
};

struct http_call {
    struct http *http;
    struct lane *lane;
    struct turn turn;
    bool added;   /* to the lane's multi handle */
    bool over;    /* curl said what became of it */
    bool special; /* curl was told what no other request may inherit */
    struct manner *manner;
    struct carrier *carrier; /* of the lane, once it has its turn */
    CURL *easy;              /* the carrier's */
    struct origin *origin;   /* where it leads, when nothing but its target is its own */
    const char *target;      /* of the request's address */
    CURLU *url;              /* else: where it leads first; taken apart once, for us and for curl */
    struct curl_slist *headers;
    const struct request *request;
    struct reply *reply;
    void (*done)(void *arg);
    void *arg;
    struct lookup *lookup; /* finding out why a name gave no address */
    uint64_t started;      /* uv_now() */
    msec timeout;
    unsigned redirects_allowed, redirects;
    bool sent;      /* it was about to be sent at least once */
    bool hop_sent;  /* likewise, to where the last redirect led */
    bool resent;    /* stopped, since it would have been sent twice */
    bool resolving; /* a look-up was begun */
    bool tried;     /* an address was, where it leads now */
    bool proxied;
    bool headers_overflow;
    bool has_from;
    struct addr from; /* our address when it was sent first */
    int socket_error; /* why the last socket could not be tied to its outlet */
    size_t header_bytes;
    struct tls_end end;
};

/* A look-up of its own: outlives a call that is given up. */
struct lookup {
    uv_getaddrinfo_t req;
    struct http_call *call; /* NULL when nobody waits any more */
};

/* Where distributions keep the trusted roots as one file: Debian, Fedora, SUSE, Alpine and their
 * kin. A file is parsed once a lane; the same roots as a folder cost that at each connection. */
static const char *find_bundle(void)
{
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

struct http *http_new(uv_loop_t *loop)
{
    struct http *h = mem_alloc(sizeof *h);

    h->loop = loop;
    h->origins = map_new_lent();
    return h;
}

void http_prepare(struct http *h)
{
    if (h->ready)
        return;
    if (!curl_start()) {
        log_error(NULL, "the HTTP library does not start");
        abort();
    }
    h->bundle = find_bundle();
    h->ready = true;
}

static void drop_lane(void *http, struct lane *lane)
{
    struct http *h = http;

    for (struct lane **at = &h->lanes; *at != NULL; at = &(*at)->next)
        if (*at == lane) {
            *at = lane->next;
            break;
        }
    lane_free(lane);
}

void http_free(struct http *h)
{
    while (h->lanes != NULL)
        drop_lane(h, h->lanes);
    map_free(h->origins, NULL);
    mem_free(h);
}

void http_renew(struct http *h)
{
    for (struct lane *lane = h->lanes, *next; lane != NULL; lane = next) {
        next = lane->next;
        lane->retired = true;
        if (lane->calls == 0)
            drop_lane(h, lane);
    }
}

void http_cut(struct http *h)
{
    for (struct lane *lane = h->lanes; lane != NULL; lane = lane->next)
        lane_cut(lane);
}

static void finished(CURL *easy, CURLcode code);
static bool go(struct turn *turn);
static const struct lane_owner lane_owner = {finished, go, drop_lane};

static struct lane *lane_for(struct http *h, const struct outlet *outlet, int family,
                             unsigned connections)
{
    struct lane *lane = h->lanes;

    while (lane != NULL &&
           (lane->retired || lane->family != family || lane->connections != connections ||
            !outlet_equal(&lane->outlet, outlet)))
        lane = lane->next;
    if (lane == NULL) {
        lane = lane_new(h->loop, outlet, family, connections, &lane_owner, h);
        lane->next = h->lanes;
        h->lanes = lane;
    }
    return lane;
}

/* --- what curl calls back --- */

static struct http_call *call_of(void *carrier)
{
    return ((struct carrier *)carrier)->load;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct http_call *call = call_of(arg);

    return buf_add(&call->reply->body, bytes, size * n) ? size * n : 0;
}

/* The headers are through: does nothing but the connection's end tell how long the body is? */
static void watch_end(struct http_call *call)
{
    long version = 0, status = 0;

    curl_easy_getinfo(call->easy, CURLINFO_HTTP_VERSION, &version);
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (version >= CURL_HTTP_VERSION_2_0 || status < 200 || status == 204 || status == 304 ||
        text_equal(call->request->method, "HEAD") ||
        reply_header_find(call->reply, "Content-Length") != NULL ||
        reply_header_find(call->reply, "Transfer-Encoding") != NULL)
        return;
    tls_end_watch(&call->end, call->easy);
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
    struct http_call *call = call_of(arg);
    size_t len = size * n, from;

    call->header_bytes += len;
    if (call->header_bytes > HEADER_BYTES_MAX || call->reply->header_count >= HEADER_COUNT_MAX) {
        call->headers_overflow = true;
        return 0;
    }
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) { /* another answer: after 100, or a hop */
        reply_headers_free(call->reply);
        return size * n;
    }
    const char *colon = memchr(line, ':', len);
    if (colon == NULL) {
        if (len <= 2)
            watch_end(call);
        return size * n;
    }
    for (from = (size_t)(colon - line) + 1; from < len && text_is_space(line[from]); from++)
        ;
    while (len > from && text_is_space(line[len - 1]))
        len--;
    reply_header_add(call->reply, line, (size_t)(colon - line), line + from, len - from);
    return size * n;
}

/* A connection stands and the request is to leave. curl repeats by itself what a kept connection
 * swallowed; for a write that is not ours to do. */
static int on_ready(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct http_call *call = call_of(arg);

    call->reply->has_peer = addr_parse(peer, &call->reply->peer);
    call->reply->has_local = addr_parse(local, &call->reply->local);
    if (call->hop_sent && call->request->writes) {
        call->resent = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (!call->sent) {
        call->has_from = call->reply->has_local;
        call->from = call->reply->local;
    }
    call->sent = call->hop_sent = true;
    return CURL_PREREQFUNC_OK;
}

/* As curl makes them, but the reason is known when there is none: no descriptor left, say. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct http_call *call = call_of(arg);
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);

    (void)purpose;
    call->tried = true;
    if (fd < 0)
        call->socket_error = errno;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int on_new_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    struct http_call *call = call_of(arg);
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;

    (void)purpose;
    if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
        return CURL_SOCKOPT_ERROR;
    if (ss.ss_family != AF_INET && ss.ss_family != AF_INET6)
        return CURL_SOCKOPT_OK;
    call->socket_error = outlet_apply(&call->lane->outlet, fd, ss.ss_family == AF_INET ? V4 : V6);
    return call->socket_error == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static int on_resolve(void *resolver, void *reserved, void *arg)
{
    call_of(arg)->resolving = true;
    return 0;
}

/* --- making the request --- */

/* One header line for curl: "Name;" is its way to say an empty value. False when a byte in it would
 * break out of the line. */
static bool add_header(struct http_call *call, const char *name, const char *value)
{
    struct buf line;
    bool ok = name[0] != '\0';

    for (const char *c = name; *c != '\0'; c++)
        ok = ok && *c > ' ' && *c < 0x7f && *c != ':';
    for (const char *c = value; *c != '\0'; c++)
        ok = ok && *c != '\r' && *c != '\n';
    buf_init(&line, MARKED_MAX);
    ok = ok && buf_text(&line, name) && buf_text(&line, value[0] != '\0' ? ": " : ";") &&
         buf_text(&line, value);
    if (ok)
        call->headers = curl_slist_append(call->headers, buf_str(&line));
    buf_wipe(&line);
    return ok;
}

/* curl adds some headers of its own; those that the maker did not ask for are taken out, by a line
 * that ends behind the colon. */
static void refuse_header(struct http_call *call, const struct request *r, const char *line)
{
    size_t n = strlen(line) - 1;
    bool given = false;

    for (size_t i = 0; i < r->header_count; i++)
        given = given ||
                (strncasecmp(r->headers[i].name, line, n) == 0 && r->headers[i].name[n] == '\0');
    if (!given)
        call->headers = curl_slist_append(call->headers, line);
}

static CURLU *parts_of(const struct http_call *call)
{
    return call->origin != NULL ? call->origin->url : call->url;
}

static bool set_request(struct http_call *call, const struct request *r)
{
    const char *method = r->method != NULL ? r->method : "GET";
    CURL *easy = call->easy;

    for (const char *c = method; *c != '\0'; c++)
        if (!text_is_alpha(*c))
            return false;
    for (size_t i = 0; i < r->header_count; i++)
        if (strlen(marked_str(&r->headers[i].value)) != r->headers[i].value.text.len ||
            !add_header(call, r->headers[i].name, marked_str(&r->headers[i].value)))
            return false;
    if (r->writes)
        refuse_header(call, r, "Accept-Encoding:"); /* what it is answered is short */
    if (r->has_body) {
        refuse_header(call, r, "Expect:");
        refuse_header(call, r, "Content-Type:");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.text.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, marked_str(&r->body));
    } else if (text_equal(method, "HEAD")) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    if (r->has_body || !text_equal(method, "GET")) {
        call->special = true;
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    }
    if (r->fresh) {
        call->special = true;
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, NULL);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    /* Of an address that is given in parts only, curl would put together the text. */
    curl_easy_setopt(easy, CURLOPT_CURLU, parts_of(call));
    curl_easy_setopt(easy, CURLOPT_URL,
                     call->origin != NULL ? call->origin->text : marked_str(&r->url));
    curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, call->target);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     r->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
    return true;
}

static void set_callbacks(struct carrier *c)
{
    CURL *easy = c->easy;

    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_ready);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, c);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_new_socket);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, c);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolve);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, c);
}

/* A carrier that is set up for the call's manner, as the one before mostly left it. */
static void load_carrier(struct http_call *call)
{
    struct carrier *c = lane_take(call->lane);

    call->carrier = c;
    call->easy = c->easy;
    c->load = call;
    if (c->manner == call->manner)
        return;
    if (c->manner != NULL)
        carrier_clear(c);
    set_callbacks(c);
    carrier_set_up(c, call->manner, call->http->bundle, call->lane->family);
}

/* --- the end --- */

static void free_headers(struct http_call *call)
{
    for (struct curl_slist *h = call->headers; h != NULL; h = h->next)
        mem_wipe(h->data, strlen(h->data));
    curl_slist_free_all(call->headers);
}

static void read_facts(struct http_call *call)
{
    struct reply *reply = call->reply;
    char *text = NULL;
    long number = 0;

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &number);
    reply->status = (int)number;
    if (reply->status != 0)
        reply->sent = SENT_YES;
    else
        reply->sent = call->sent ? SENT_MAYBE : SENT_NO;
    number = 0;
    curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &number);
    reply->connects += (unsigned)number;
    if (call->hop_sent)
        return; /* on_ready() was told the addresses */
    if (curl_easy_getinfo(call->easy, CURLINFO_PRIMARY_IP, &text) == CURLE_OK && text != NULL)
        reply->has_peer = addr_parse(text, &reply->peer);
    if (curl_easy_getinfo(call->easy, CURLINFO_LOCAL_IP, &text) == CURLE_OK && text != NULL)
        reply->has_local = addr_parse(text, &reply->local);
}

static void set_detail(struct reply *reply, const char *words)
{
    mem_free(reply->detail);
    reply->detail = words[0] != '\0' ? mem_text(words) : NULL;
}

/* One that curl is not done with can not serve another call. */
static void give_carrier(struct http_call *call)
{
    if (!call->over) {
        carrier_free(call->carrier);
        return;
    }
    carrier_unload(call->carrier, call->special);
    lane_give(call->lane, call->carrier);
}

/* Frees the call; the reply stays with its owner. Others that waited for the host may begin. */
static void close_call(struct http_call *call)
{
    struct lane *lane = call->lane;
    long version = 0;

    if (call->easy != NULL)
        curl_easy_getinfo(call->easy, CURLINFO_HTTP_VERSION, &version);
    enum turns_answer answer = call->reply->sent != SENT_YES      ? TURNS_NO_ANSWER
                               : version == CURL_HTTP_VERSION_2_0 ? TURNS_STREAMS
                                                                  : TURNS_ANSWER;

    if (call->lookup != NULL) {
        call->lookup->call = NULL;
        uv_cancel((uv_req_t *)&call->lookup->req);
    }
    if (call->added)
        lane_remove(lane, call->easy);
    if (call->carrier != NULL)
        give_carrier(call);
    curl_url_cleanup(call->url);
    origin_drop(call->origin);
    tls_end_fini(&call->end);
    free_headers(call);
    manner_drop(call->manner);
    if (lane != NULL) {
        turns_give(lane->turns, &call->turn, answer);
        lane_leave(lane);
    }
    mem_free(call);
}

static void finish(struct http_call *call, enum net_error error)
{
    void (*done)(void *arg) = call->done;
    void *arg = call->arg;

    call->reply->error = error;
    if (error == NET_TOO_BIG)
        buf_wipe(&call->reply->body);
    close_call(call);
    done(arg);
}

/* Follows a redirect where the transport allows it; else says what becomes of the call. True when
 * it goes on. */
static bool follow(struct http_call *call, enum net_error *error)
{
    int status = call->reply->status;
    char *to = NULL;
    msec left = call->timeout - (msec)(uv_now(call->http->loop) - call->started);
    struct lane *lane = call->lane;

    if (call->redirects_allowed == 0 ||
        !(status == 301 || status == 302 || status == 303 || status == 307 || status == 308) ||
        curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &to) != CURLE_OK || to == NULL)
        return false;
    if (call->redirects >= call->redirects_allowed) {
        set_detail(call->reply, "redirected too often");
        *error = NET_REDIRECT;
        return false;
    }
    if (!redirect_allowed(marked_str(&call->request->url), to)) {
        set_detail(call->reply, "redirected to another host, or from https to http");
        *error = NET_REDIRECT;
        return false;
    }
    if (left <= 0) {
        *error = NET_TIMEOUT;
        return false;
    }
    call->redirects++;
    call->hop_sent = call->tried = call->over = false;
    tls_end_fini(&call->end);
    buf_clear(&call->reply->body);
    call->special = true;
    curl_easy_setopt(call->easy, CURLOPT_CURLU, NULL);
    curl_easy_setopt(call->easy, CURLOPT_URL, to);
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)left);
    if (redirect_becomes_get(status,
                             call->request->method != NULL ? call->request->method : "GET")) {
        curl_easy_setopt(call->easy, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, "GET");
    }
    lane_remove(lane, call->easy);
    call->added = lane_add(lane, call->easy);
    if (!call->added)
        *error = NET_INTERNAL;
    return call->added;
}

static void on_looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
    struct lookup *lookup = req->data;
    struct http_call *call = lookup->call;

    uv_freeaddrinfo(found);
    mem_free(lookup);
    if (call == NULL)
        return;
    call->lookup = NULL;
    finish(call, status == 0 ? NET_NO_NAME : net_error_from_lookup(status));
}

/* curl does not tell whether a name does not exist or nobody could answer; for homing the one is a
 * mistake and the other not even a try. So the system is asked once more. False: it cannot be. */
static bool ask_why(struct http_call *call)
{
    static const int families[] = {AF_INET, AF_INET6};
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    char *host = NULL;
    bool asked = false;

    if (call->lane->family >= 0)
        hints.ai_family = families[call->lane->family];
    if (curl_url_get(parts_of(call), CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        struct lookup *lookup = mem_alloc(sizeof *lookup);
        lookup->call = call;
        lookup->req.data = lookup;
        asked =
            uv_getaddrinfo(call->http->loop, &lookup->req, on_looked_up, host, NULL, &hints) == 0;
        if (asked)
            call->lookup = lookup;
        else
            mem_free(lookup);
    }
    curl_free(host);
    return asked;
}

/* An error of the connection is our line's, not the server's, when our end of it is gone. */
static bool way_lost(const struct http_call *call)
{
    return call->sent ? call->has_from && sockaddr_gone(&call->from) : call->lane->cut;
}

static enum net_error judge_connection(struct http_call *call, enum net_error error)
{
    bool broken = error == NET_TIMEOUT || error == NET_RESET ||
                  (!call->sent && (error == NET_INTERNAL || error == NET_REFUSED));

    if (!broken || call->proxied || !way_lost(call))
        return error;
    set_detail(call->reply, "the address that it was sent from is gone");
    return NET_NO_ROUTE;
}

static enum net_error judge(struct http_call *call, CURLcode code)
{
    struct http_facts facts = {.words = call->carrier->words, .proxied = call->proxied};
    curl_off_t resolved = 0;

    if (call->headers_overflow)
        return NET_TOO_BIG;
    if (call->resent) {
        set_detail(call->reply, "a kept connection was closed before it answered");
        return judge_connection(call, NET_RESET);
    }
    if (call->socket_error != 0 && !call->sent) {
        set_detail(call->reply, outlet_error(&call->lane->outlet, call->socket_error));
        return net_error_from_errno(call->socket_error);
    }
    /* What a write was answered is read for words, of which a half is none; servers that forget
     * the goodbye are old and many, and the update would be sent again for ever. */
    if (code == CURLE_OK && !call->request->writes && tls_end_cut(&call->end)) {
        set_detail(call->reply, "the answer was cut off");
        return NET_RESET;
    }
    if (call->tried) /* else curl still has that of the handle's last request */
        curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &facts.os_error);
    curl_easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &facts.connect_code);
    curl_easy_getinfo(call->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved);
    facts.connected = call->sent;
    facts.name_unsolved = call->resolving && resolved == 0;
    /* What our own callbacks refused, curl knows no words for. */
    if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
        set_detail(call->reply, call->carrier->words[0] != '\0' ? call->carrier->words
                                                                : curl_easy_strerror(code));
    return judge_connection(call, http_error(code, &facts));
}

static void finished(CURL *easy, CURLcode code)
{
    struct carrier *carrier = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&carrier);
    struct http_call *call = call_of(carrier);
    call->over = true;
    read_facts(call);
    enum net_error error = judge(call, code);
    if (error == NET_OK && follow(call, &error))
        return;
    if (code == CURLE_COULDNT_RESOLVE_HOST && call->redirects == 0 && ask_why(call))
        return;
    finish(call, error);
}

/* --- the beginning --- */

/* Whom the connection leads to, or the proxy that takes it all; where that is not its origin. */
static char *host_key(const struct http_call *call, const char *proxy)
{
    char *key = origin_key(call->url);

    if (key == NULL)
        return mem_text(""); /* curl will refuse it */
    if (!call->proxied || !text_starts(key, "http:"))
        return key;
    mem_free(key);
    return mem_format("proxy %s", proxy);
}

/* Hands over to curl what has its turn; the time it waited counts. */
static enum net_error begin(struct http_call *call)
{
    msec left = call->timeout - (msec)(uv_now(call->http->loop) - call->started);

    if (left <= 0)
        return NET_TIMEOUT;
    load_carrier(call);
    if (!set_request(call, call->request)) {
        set_detail(call->reply, "the request has a byte that HTTP does not allow there");
        return NET_INTERNAL;
    }
    if (left > CONNECT_DEFAULT) { /* else the one below is enough */
        call->special = true;
        curl_easy_setopt(call->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)left);
    }
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)left);
    call->added = lane_add(call->lane, call->easy);
    return call->added ? NET_OK : NET_INTERNAL;
}

static bool go(struct turn *turn)
{
    struct http_call *call = (struct http_call *)((char *)turn - offsetof(struct http_call, turn));
    enum net_error error = begin(call);

    if (error == NET_OK)
        return true;
    turn->host = NULL; /* the one who calls us takes it back */
    finish(call, error);
    return false;
}

static bool set_up(struct http_call *call, const struct transport *t, const char **why)
{
    const struct request *r = call->request;
    int family = r->family;
    struct outlet outlet;

    if (!outlet_init(&outlet, t, why))
        return false;
    if (outlet.has_source && family < 0)
        family = outlet.source.family;
    call->lane = lane_for(call->http, &outlet, family,
                          t->connections != 0 ? t->connections : CONNECTIONS_DEFAULT);
    lane_enter(call->lane);
    /* A redirect is told apart from the whole address, and a proxy told it. */
    if (!call->proxied && call->redirects_allowed == 0)
        call->origin = origin_take(call->http->origins, marked_str(&r->url), &call->target);
    if (call->origin != NULL)
        return true;
    *why = "its address can not be read";
    call->url = mem_given(curl_url());
    return curl_url_set(call->url, CURLUPART_URL, marked_str(&r->url),
                        CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
}

struct http_call *http_start(struct http *h, const struct request *request,
                             const struct transport *transport, struct reply *reply,
                             void (*done)(void *arg), void *arg)
{
    struct http_call *call = mem_alloc(sizeof *call);
    enum net_error error = NET_INTERNAL;
    const char *why = "";

    http_prepare(h);
    *call = (struct http_call){
        .http = h,
        .manner = manner_take(&h->manners, transport),
        .request = request,
        .reply = reply,
        .done = done,
        .arg = arg,
        .started = uv_now(h->loop),
        .timeout = transport->timeout > 0 ? transport->timeout : TIMEOUT_DEFAULT,
        .redirects_allowed = transport->redirects,
        .proxied = transport->proxy != NULL && transport->proxy[0] != '\0',
    };
    reply->body.max = request->reply_max != 0 ? request->reply_max : REPLY_MAX_DEFAULT;
    if (!set_up(call, transport, &why)) {
        set_detail(reply, why);
        finish(call, error);
        return NULL;
    }
    char *own = call->origin == NULL ? host_key(call, transport->proxy) : NULL;
    const char *key = own != NULL ? own : call->origin->key;
    bool alone_first = text_starts(key, "https:") && !request->http1 && !request->fresh;
    bool mine = turns_take(call->lane->turns, key, alone_first, &call->turn);
    mem_free(own);
    if (mine && (error = begin(call)) != NET_OK) {
        finish(call, error);
        return NULL;
    }
    return call;
}

void http_stop(struct http_call *call)
{
    if (call->sent) /* else curl may still know those of the carrier's last call */
        read_facts(call);
    call->reply->error = NET_CANCELLED;
    close_call(call);
}
