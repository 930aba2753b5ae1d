/*
 * SPDX-License-Identifier: ISC
 */
#include "web/metrics.h"

#include <string.h>

#include "base/text.h"
#include "web/packed.h"

enum { PACK_LEAST = 1024 };
enum { PART_MAX = 128, QUALITY_FULL = 1000, UNNAMED = -1 };

/* The two media types, with the versions of each that are spoken. */
static const struct form {
    const char *type;
    const char *versions[3]; /* a range with another version does not fit; ended by NULL */
    const char *content_type;
} forms[] = {
    [EXPOSITION_OPENMETRICS] = {"application/openmetrics-text",
                                {"1.0.0", "0.0.1", NULL},
                                "application/openmetrics-text; version=1.0.0; charset=utf-8"},
    [EXPOSITION_TEXT] = {"text/plain", {"0.0.4", NULL}, "text/plain; version=0.0.4; charset=utf-8"},
};
enum { FORMS = sizeof forms / sizeof forms[0] };

/* "0.75" in thousandths; what is no such number counts as 1. */
static int quality(const char *s)
{
    int value = s[0] == '1' ? QUALITY_FULL : 0, unit = QUALITY_FULL / 10;

    if ((s[0] != '0' && s[0] != '1') || (s[1] != '\0' && s[1] != '.'))
        return QUALITY_FULL;
    for (s += s[1] == '.' ? 2 : 1; text_is_digit(*s) && unit > 0; s++, unit /= 10)
        value += (*s - '0') * unit;
    return value < QUALITY_FULL ? value : QUALITY_FULL;
}

/* Cuts the next piece off at the mark, without blanks around it. */
static char *cut(char **rest, char mark)
{
    char *s = *rest, *end = strchr(s, mark);

    *rest = end != NULL ? end + 1 : s + strlen(s);
    if (end != NULL)
        *end = '\0';
    while (text_is_space(*s))
        s++;
    for (size_t n = strlen(s); n > 0 && text_is_space(s[n - 1]); n--)
        s[n - 1] = '\0';
    return s;
}

static bool speaks(const struct form *f, const char *version)
{
    for (const char *const *v = f->versions; *v != NULL; v++)
        if (text_equal(*v, version))
            return true;
    return false;
}

/* One range: "text/plain;version=0.0.4;q=0.5". */
struct range {
    const char *type, *version; /* NULL: any */
    int quality;
};

static struct range read_range(char *text)
{
    struct range r = {.quality = QUALITY_FULL};

    r.type = cut(&text, ';');
    while (*text != '\0') {
        char *parameter = cut(&text, ';');
        char *name = cut(&parameter, '=');
        if (text_case_equal(name, "q"))
            r.quality = quality(parameter);
        else if (text_case_equal(name, "version"))
            r.version = parameter;
    }
    return r;
}

static bool is_kind_of(const char *range, const char *type)
{
    size_t n = strlen(range);

    return text_equal(range, "*/*") ||
           (n > 2 && text_ends(range, "/*") && strncmp(range, type, n - 1) == 0);
}

bool metrics_form(const char *accept, enum exposition_form *out)
{
    int named[FORMS] = {UNNAMED, UNNAMED}, wild[FORMS] = {UNNAMED, UNNAMED};

    *out = EXPOSITION_TEXT;
    if (accept == NULL || *accept == '\0')
        return true;
    while (*accept != '\0') {
        char part[PART_MAX];
        size_t n = strcspn(accept, ",");
        if (n < sizeof part) {
            memcpy(part, accept, n);
            part[n] = '\0';
            text_lower_all(part);
            struct range r = read_range(part);
            for (int f = 0; f < FORMS; f++) {
                int *place = is_kind_of(r.type, forms[f].type) ? &wild[f] : &named[f];
                bool fits =
                    place == &wild[f] || (text_equal(r.type, forms[f].type) &&
                                          (r.version == NULL || speaks(&forms[f], r.version)));
                if (fits && r.quality > *place)
                    *place = r.quality;
            }
        }
        accept += n + (accept[n] == ',');
    }
    int text = named[EXPOSITION_TEXT] != UNNAMED ? named[EXPOSITION_TEXT] : wild[EXPOSITION_TEXT];
    if (named[EXPOSITION_OPENMETRICS] > 0 && named[EXPOSITION_OPENMETRICS] >= text)
        *out = EXPOSITION_OPENMETRICS;
    return *out == EXPOSITION_OPENMETRICS || text > 0;
}

bool metrics_neighbour(const struct http_call *call)
{
    static const char *const by_proxies[] = {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via",
                                             NULL};

    if (http_peer(call)->where != HTTP_LOOPBACK)
        return false;
    for (const char *const *h = by_proxies; *h != NULL; h++)
        if (http_header(call, *h) != NULL)
            return false;
    return true;
}

/* Packed for who likes it: of ten thousand hostnames there are several MiB. */
static void send_text(struct request_ctx *rq, const char *type, const struct buf *text)
{
    struct buf packed;

    buf_init(&packed, text->len + 1);
    if (text->len >= PACK_LEAST && packed_accepted(http_header(rq->call, "Accept-Encoding")) &&
        packed_gzip(buf_str(text), text->len, &packed)) {
        http_reply_header(rq->call, "Content-Encoding", "gzip");
        text = &packed;
    }
    http_reply(rq->call, 200, type, buf_str(text), text->len, false);
    buf_free(&packed);
}

void api_metrics(struct request_ctx *rq)
{
    struct web_model *m = rq->web->model;
    enum exposition_form form;
    struct exposition x;

    http_reply_header(rq->call, "Vary", "Accept, Accept-Encoding");
    if (!metrics_form(http_header(rq->call, "Accept"), &form)) {
        reply_error(rq, 406, "not-acceptable", NULL, NULL,
                    "Measurements come as application/openmetrics-text or text/plain.");
        return;
    }
    exposition_init(&x, form);
    m->ops->measure(m, &x);
    exposition_end(&x);
    http_reply_header(rq->call, "Cache-Control", "no-store");
    send_text(rq, forms[form].content_type, &x.text);
    exposition_fini(&x);
}
