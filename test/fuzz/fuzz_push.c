/*
 * SPDX-License-Identifier: ISC
 *
 * A push as anybody may send it: the first line is the Authorization header, the rest the query.
 * The answer must be plain text, and what is remembered of it must come back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sense/pushed.h"
#include "web/push_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void remember(const struct push_request *r)
{
    struct pushed *p = pushed_new(), *again = pushed_new();
    char text[PUSHED_TEXT_MAX], back[PUSHED_TEXT_MAX];

    for (enum pushed_what w = PUSHED_V4; w < PUSHED_WHATS; w++) {
        const struct push_value *v = &r->values[w];
        if (!v->given)
            continue;
        pushed_set(p, "device", w, &v->addr, v->length, 1764150000000);
        pushed_text(pushed_get(p, "device", w), text);
        if (!pushed_restore(again, "device", pushed_what_name(w), text))
            abort();
        if (strcmp(pushed_text(pushed_get(again, "device", w), back), text) != 0)
            abort();
    }
    pushed_free(p);
    pushed_free(again);
}

static void answer(const struct push_request *r)
{
    struct buf out;

    buf_init(&out, 4096);
    for (int w = 0; w < PUSH_WORDS; w++)
        push_line(&out, (enum push_word)w, r->values);
    for (size_t i = 0; i < out.len; i++)
        if (out.data[i] != '\n' && (out.data[i] < ' ' || out.data[i] > '~'))
            abort();
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = mem_text_n((const char *)bytes, n), *login, *password;
    char *query = strchr(text, '\n');
    struct push_request *r = mem_alloc(sizeof *r);

    if (query != NULL)
        *query++ = '\0';
    push_credentials(text, &login, &password);
    mem_free_secret(login);
    mem_free_secret(password);
    push_query_credentials(query != NULL ? query : text, &login, &password);
    mem_free_secret(login);
    mem_free_secret(password);
    push_read(query != NULL ? query : text, r);
    for (size_t i = 0; i < r->host_count; i++)
        if (push_host_good(r->hosts[i]) && strchr(r->hosts[i], '.') == NULL)
            abort();
    for (const char *at = r->odd; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            abort();
    remember(r);
    answer(r);
    mem_free(r);
    mem_free(text);
    return 0;
}
