/*
 * SPDX-License-Identifier: ISC
 *
 * Carries out one job by a provider file, with somebody else carrying the requests: each is written
 * as a line of JSON to standard output, and its reply is read as one from standard input. At the
 * end a line with the outcomes. providertool FILE GIVEN, both JSON files; GIVEN as in
 * providers/exchanges/.
 */
#include "../unit/exchanges.h"

#include "base/mem.h"
#include "publish/provider_data.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 1 << 18 };

static struct provider *read_provider(const char *path)
{
    static char bytes[FILE_MAX];
    FILE *f = fopen(path, "rb");
    struct provider *p = NULL;
    struct cause c;

    if (f == NULL) {
        perror(path);
        return NULL;
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    if (provider_parse(bytes, n, path, &p, &c) != OK)
        fprintf(stderr, "%s\n", c.text);
    return p;
}

static void tell(const char *name, json_t *value)
{
    json_t *line = json_pack("{s:o}", name, value);
    char *text = json_dumps(line, JSON_COMPACT);

    printf("%s\n", text);
    fflush(stdout);
    mem_free(text);
    json_decref(line);
}

int main(int argc, char **argv)
{
    static char line[1 << 20];
    struct provider *p = argc >= 2 ? read_provider(argv[1]) : NULL;
    struct replay r;

    if (p == NULL)
        return 3;
    if (argc == 2) { /* only whether it is right */
        provider_free(p);
        return 0;
    }
    json_t *given = json_load_file(argv[2], 0, NULL);
    if (given == NULL)
        return 2;
    replay_begin(&r, p, given);
    replay_go(&r, STEP_START, NULL);
    replay_settle(&r);
    while (r.out.request_count > 0 && !r.done) {
        struct reply reply;
        tell("request", replay_request(&r.out.requests[0]));
        if (fgets(line, sizeof line, stdin) == NULL)
            return 1;
        json_t *spec = json_loads(line, 0, NULL);
        replay_reply(spec, &reply);
        json_decref(spec);
        reply.tag = r.out.requests[0].tag;
        replay_go(&r, STEP_REPLY, &reply);
        reply_free(&reply);
        replay_settle(&r);
    }
    tell("outcomes", json_incref(r.outcomes));
    replay_end(&r);
    json_decref(given);
    provider_free(p);
    return 0;
}
