/*
 * SPDX-License-Identifier: ISC
 */
#include "net/carrier.h"

#include "base/mem.h"
#include "base/text.h"

enum { READ_AT_ONCE = 4096 /* replies are short, and curl's buffer is new, and wiped, for each */ };

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && text_equal(a, b));
}

struct manner *manner_take(struct manner **all, const struct transport *t)
{
    struct manner *m = *all;

    while (m != NULL && (m->tls_unchecked != t->tls_unchecked || !same(m->proxy, t->proxy) ||
                         !same(m->ca_file, t->ca_file) || !same(m->ca_dir, t->ca_dir) ||
                         !same(m->agent, t->agent)))
        m = m->next;
    if (m == NULL) {
        m = mem_alloc(sizeof *m);
        *m = (struct manner){.all = all,
                             .next = *all,
                             .proxy = mem_text(t->proxy),
                             .ca_file = mem_text(t->ca_file),
                             .ca_dir = mem_text(t->ca_dir),
                             .agent = mem_text(t->agent),
                             .tls_unchecked = t->tls_unchecked};
        *all = m;
    }
    m->uses++;
    return m;
}

void manner_drop(struct manner *m)
{
    if (m == NULL || --m->uses > 0)
        return;
    struct manner **at = m->all;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    mem_free_secret(m->proxy);
    mem_free(m->ca_file);
    mem_free(m->ca_dir);
    mem_free(m->agent);
    mem_free(m);
}

struct carrier *carrier_new(void)
{
    struct carrier *c = mem_alloc(sizeof *c);

    c->easy = mem_given(curl_easy_init());
    return c;
}

void carrier_free(struct carrier *c)
{
    manner_drop(c->manner);
    curl_easy_cleanup(c->easy);
    mem_free(c);
}

static void set_trust(CURL *easy, const struct manner *m, const char *bundle)
{
    bool own = m->ca_file != NULL || m->ca_dir != NULL;

    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2); /* RFC 8996 */
    curl_easy_setopt(easy, CURLOPT_CAINFO, own ? m->ca_file : bundle);
    curl_easy_setopt(easy, CURLOPT_CAPATH, m->ca_dir); /* NULL, or curl reads its folder again and
                                                          again (see design: known traps) */
    if (m->tls_unchecked) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

void carrier_set_up(struct carrier *c, struct manner *m, const char *bundle, int family)
{
    static const long families[] = {CURL_IPRESOLVE_V4, CURL_IPRESOLVE_V6};
    CURL *easy = c->easy;

    m->uses++;
    c->manner = m;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)READ_AT_ONCE);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* giving up never waits for a look-up */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* where a redirect leads, too */
    curl_easy_setopt(easy, CURLOPT_PROXY, m->proxy != NULL ? m->proxy : ""); /* "": none, whatever
                                                                  the environment says */
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* Also where it was not asked for; whoever takes the body bounds what it becomes. */
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_USERAGENT,
                     m->agent != NULL ? m->agent : "homing/" HOMING_VERSION);
    if (family >= 0)
        curl_easy_setopt(easy, CURLOPT_IPRESOLVE, families[family]);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, c);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->words);
    set_trust(easy, m, bundle);
}

void carrier_unload(struct carrier *c, bool as_new)
{
    c->load = NULL;
    if (as_new) {
        carrier_clear(c);
        return;
    }
    curl_easy_setopt(c->easy, CURLOPT_CURLU, NULL);
    curl_easy_setopt(c->easy, CURLOPT_URL, NULL);
    curl_easy_setopt(c->easy, CURLOPT_REQUEST_TARGET, NULL);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
    c->words[0] = '\0';
}

void carrier_clear(struct carrier *c)
{
    curl_easy_reset(c->easy);
    manner_drop(c->manner);
    c->manner = NULL;
    c->words[0] = '\0';
}
