/*
 * SPDX-License-Identifier: ISC
 *
 * AWS Signature Version 4:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html For services other
 * than S3, whose paths here hold nothing that would be encoded twice.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"

#include <string.h>

static enum err sign(const struct signing *s, struct request *r)
{
    const char *id = s->words[0], *secret = s->words[1], *region = s->words[2];
    const char *service = s->words[3], *token = s->words[4];
    struct sign_url url;
    char time[24], day[12], hash[SHA256_HEX], sig[SHA256_HEX];
    char *names = mem_format("%shost;x-amz-date%s",
                             request_find_header(r, "Content-Type") != NULL ? "content-type;" : "",
                             token != NULL ? ";x-amz-security-token" : "");

    sign_time(s->now, "%Y%m%dT%H%M%SZ", time, sizeof time);
    sign_time(s->now, "%Y%m%d", day, sizeof day);
    marked_text(request_header(r, "X-Amz-Date"), time);
    if (token != NULL)
        marked_secret(request_header(r, "X-Amz-Security-Token"), token);
    sign_url_split(r, &url);
    sign_sha256_hex(marked_str(&r->body), r->body.text.len, hash);
    char *canonical = sign_canonical(r, &url, NULL, names, hash);
    sign_sha256_hex(canonical, strlen(canonical), hash);
    char *where = mem_format("%s/%s/%s/aws4_request", day, region, service);
    char *to_sign = mem_format("AWS4-HMAC-SHA256\n%s\n%s\n%s", time, where, hash);
    sign_chain("AWS4", secret,
               (const char *const[]){day, region, service, "aws4_request", to_sign, NULL}, sig);
    char *start = mem_format("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=", id,
                             where, names);
    sign_header(r, "Authorization", start, sig);
    mem_free(start);
    mem_free(to_sign);
    mem_free(where);
    mem_free_secret(canonical);
    mem_free(names);
    sign_url_free(&url);
    return OK;
}

const struct signer signer_aws4 = {"aws4", {"id", "secret", "region", "service", "token"}, 1, sign};
