/*
 * SPDX-License-Identifier: ISC
 *
 * Tencent Cloud, TC3-HMAC-SHA256:
 * https://www.tencentcloud.com/document/product/1278/46714
 * The action stands in the header X-TC-Action of the request.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static const char *const needs[] = {"id", "secret", "service", NULL};

static void signature(const char *secret, const char *day, const char *service, const char *to_sign,
                      char out[SHA256_HEX])
{
    uint8_t key[SHA256_BYTES];
    char *first = mem_format("TC3%s", secret);

    sign_hmac_sha256(first, strlen(first), day, key);
    sign_hmac_sha256(key, sizeof key, service, key);
    sign_hmac_sha256(key, sizeof key, "tc3_request", key);
    sign_hmac_sha256(key, sizeof key, to_sign, key);
    sign_hex(key, sizeof key, out);
    mem_wipe(key, sizeof key);
    mem_free_secret(first);
}

static void add(const char *id, const char *secret, const char *service, long long now,
                struct request *r)
{
    struct sign_url url;
    char day[16], hash[SHA256_HEX], sig[SHA256_HEX];
    const struct marked *action = request_find_header(r, "X-TC-Action");
    const struct marked *type = request_find_header(r, "Content-Type");
    char *word = mem_text(action != NULL ? marked_str(action) : "");

    text_lower_all(word);
    sign_time(now, "%Y-%m-%d", day, sizeof day);
    sign_url_split(r, &url);
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    const char *names = action != NULL ? "content-type;host;x-tc-action" : "content-type;host";
    char *last = action != NULL ? mem_format("x-tc-action:%s\n", word) : mem_text("");
    char *canonical =
        mem_format("%s\n%s\n%s\ncontent-type:%s\nhost:%s\n%s\n%s\n%s", r->method, url.path,
                   url.query, type != NULL ? marked_str(type) : "", url.host, last, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *where = mem_format("%s/%s/tc3_request", day, service);
    char *to_sign = mem_format("TC3-HMAC-SHA256\n%lld\n%s\n%s", now, where, hash);
    signature(secret, day, service, to_sign, sig);
    char *start = mem_format("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=", id,
                             where, names);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free(where);
    mem_free_secret(canonical);
    mem_free(last);
    mem_free(word);
    sign_url_free(&url);
}

static enum err sign(const json_t *sign, const struct vars *vars, struct request *r,
                     struct cause *c)
{
    char *id = sign_text(sign, "id", vars, c);
    char *secret = sign_text(sign, "secret", vars, c);
    char *service = sign_text(sign, "service", vars, c);
    enum err err = id != NULL && secret != NULL && service != NULL ? OK : ERR_NOT_FOUND;

    if (err == OK) {
        char *now = mem_format("%lld", sign_now(vars));
        marked_text(request_header(r, "X-TC-Timestamp"), now);
        mem_free(now);
        add(id, secret, service, sign_now(vars), r);
    }
    mem_free(id);
    mem_free_secret(secret);
    mem_free(service);
    return err;
}

const struct signer signer_tc3 = {"tc3", needs, sign};
