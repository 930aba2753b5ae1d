/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/exchanges.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "publish/provider.h"

enum { ANSWER_MOST = 2000 };

struct exchanges {
    uint64_t last;
    struct exchange items[EXCHANGES_KEPT]; /* number n at n modulo their count */
};

static void forget(struct exchange *x)
{
    mem_free(x->about);
    mem_free(x->provider);
    mem_free(x->host);
    mem_free(x->request);
    mem_free(x->answer);
    mem_free(x->say);
    *x = (struct exchange){0};
}

struct exchanges *exchanges_new(void)
{
    return mem_alloc(sizeof(struct exchanges));
}

void exchanges_free(struct exchanges *x)
{
    for (size_t i = 0; x != NULL && i < EXCHANGES_KEPT; i++)
        forget(&x->items[i]);
    mem_free(x);
}

static struct exchange *find(struct exchanges *x, uint64_t id)
{
    struct exchange *e = x != NULL && id != 0 ? &x->items[id % EXCHANGES_KEPT] : NULL;
    return e != NULL && e->id == id ? e : NULL;
}

const struct exchange *exchanges_find(const struct exchanges *x, uint64_t id)
{
    return find((struct exchanges *)(uintptr_t)x, id);
}

uint64_t exchanges_sent(struct exchanges *x, const char *about, const char *provider,
                        const struct run_request *r, msec wall)
{
    const char *request = r->whole != NULL ? r->whole : r->shown;

    if (x == NULL)
        return 0;
    struct exchange *e = &x->items[++x->last % EXCHANGES_KEPT];
    forget(e);
    *e = (struct exchange){.id = x->last,
                           .at = wall,
                           .took = -1,
                           .about = mem_text(about),
                           .provider = mem_text(provider),
                           .host = mem_text(r->host),
                           .request = mem_text_n(request, strnlen(request, EXCHANGE_TEXT)),
                           .writes = r->writes};
    return e->id;
}

static bool is_of(const struct exchange *e, const struct run_request *r)
{
    const char *request = r->whole != NULL ? r->whole : r->shown;
    return e->answer == NULL && strncmp(e->request, request, EXCHANGE_TEXT) == 0;
}

uint64_t exchanges_answered(struct exchanges *x, uint64_t first, const struct run_request *r,
                            msec took, char *answer)
{
    uint64_t oldest = x->last > EXCHANGES_KEPT ? x->last - EXCHANGES_KEPT + 1 : 1;

    for (uint64_t id = first > oldest ? first : oldest; first != 0 && id <= x->last; id++) {
        struct exchange *e = find(x, id);
        if (e == NULL || !is_of(e, r))
            continue;
        e->took = took;
        e->answer = answer;
        return id;
    }
    mem_free(answer);
    return 0;
}

void exchanges_judged(struct exchanges *x, uint64_t id, enum outcome_class cls, const char *say)
{
    struct exchange *e = find(x, id);

    if (e == NULL || (e->judged && (!outcome_is_good(e->cls) || outcome_is_good(cls))))
        return;
    e->judged = true;
    e->cls = cls;
    mem_free(e->say);
    e->say = mem_text(say);
}

/* The secrets of the members in every dress, beside those of the request as they travel. */
static void add_secrets(const struct provider_info *info, const struct member *members,
                        size_t count, struct marked *out)
{
    for (size_t i = 0; i < info->field_count; i++) {
        const char *former = NULL;
        for (size_t m = 0; info->fields[i].secret && m < count; m++) {
            const char *value = view_get(&members[m].settings, info->fields[i].name);
            if (value == NULL || text_equal(value, former))
                continue;
            marked_encoded(out, value);
            former = value;
        }
    }
}

char *exchange_answer(const struct provider *provider, const struct member *members, size_t count,
                      const struct run_request *r, const struct reply *reply)
{
    if (reply->error != NET_OK)
        return mem_format("%s%s%s", net_error_text(reply->error), reply->detail != NULL ? ": " : "",
                          reply->detail != NULL ? reply->detail : "");
    if (reply->status == 0 || r->session)
        return reply->status == 0 ? mem_text("answered") : mem_format("HTTP %d", reply->status);
    struct marked secrets;
    struct buf clean, out;
    marked_copy(&secrets, r->secrets);
    add_secrets(provider_info(provider), members, count, &secrets);
    buf_init(&clean, 3 * reply->body.len + 1); /* a secret has four bytes, its dots nine */
    buf_init(&out, ANSWER_MOST + 64);
    marked_hide(&secrets, buf_str(&reply->body), reply->body.len, &clean); /* whole, then cut */
    buf_format(&out, "HTTP %d%s", reply->status, clean.len > 0 ? ": " : "");
    text_add_line(&out, buf_str(&clean), clean.len < ANSWER_MOST ? clean.len : ANSWER_MOST);
    if (clean.len > ANSWER_MOST)
        buf_text(&out, " ...");
    marked_free(&secrets);
    buf_wipe(&clean);
    char *text = buf_take(&out);
    buf_free(&out);
    return text;
}
