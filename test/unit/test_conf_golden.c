/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/settings.h"

/*
 * What homing says of wrong files, whole: test/golden/conf/NAME.conf and NAME.expected. The
 * expected texts are written anew only when HOMING_GOLDEN_WRITE=1 is set, and then read by a
 * person.
 */

static bool provider_known(const void *self, const char *id)
{
    return strcmp(id, "cloudflare") == 0 || strcmp(id, "duckdns") == 0 ||
           strcmp(id, "hetzner") == 0;
}

static bool protocol_known(const void *self, const char *word)
{
    for (const char *const *p = setting_protocols(); *p != NULL; p++)
        if (strcmp(*p, word) == 0)
            return true;
    return false;
}

static const char *field(const void *self, const char *provider, const char *protocol, size_t n,
                         bool *secret)
{
    if (provider == NULL || strcmp(provider, "hetzner") != 0 || n > 0)
        return NULL;
    *secret = true;
    return "server-set";
}

static bool many(const void *self, const char *provider, const char *protocol)
{
    return provider != NULL && strcmp(provider, "duckdns") != 0;
}

static const char *no_environment(const char *name)
{
    return strcmp(name, "CREDENTIALS_DIRECTORY") == 0 ? "/no/such/credentials" : NULL;
}

static char *no_file(const char *path, struct cause *c)
{
    cause_set(c, ERR_NOT_FOUND, "No such file or directory");
    return NULL;
}

static bool slurp(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    char part[4096];
    size_t n;
    if (f == NULL)
        return false;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(out, part, n);
    fclose(f);
    return true;
}

static void spill(const char *path, const struct buf *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fwrite(buf_str(text), 1, text->len, f);
    assert_int_equal(fclose(f), 0);
}

/* All problems, then what became of the hostnames. */
static void tell(const char *name, const struct buf *file, struct buf *out)
{
    static const struct conf_providers providers = {.provider_known = provider_known,
                                                    .protocol_known = protocol_known,
                                                    .field = field,
                                                    .many = many};
    struct conf_options o = {
        .name = name, .providers = &providers, .getenv = no_environment, .read_file = no_file};
    struct conf *c = conf_parse(buf_str(file), file->len, &o);
    for (size_t i = 0; i < conf_problem_count(c); i++)
        conf_problem_show(c, conf_problem_at(c, i), out);
    for (size_t i = 0; i < conf_entry_count(c); i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        buf_format(out, "%s: %s\n", conf_entry_id(e), conf_entry_parked(e) ? "parked" : "used");
    }
    conf_unref(c);
}

static unsigned compare(const char *folder, const char *name)
{
    struct buf file, got, expected;
    char *conf = mem_format("%s/%s.conf", folder, name);
    char *wanted = mem_format("%s/%s.expected", folder, name);
    char *shown = mem_format("%s.conf", name);
    unsigned failed = 0;

    buf_init(&file, 1 << 20);
    buf_init(&got, 1 << 20);
    buf_init(&expected, 1 << 20);
    assert_true(slurp(conf, &file));
    tell(shown, &file, &got);
    assert_true(got.len > 0);
    assert_null(strstr(buf_str(&got), "hunter2"));
    const char *write = getenv("HOMING_GOLDEN_WRITE");
    if (write != NULL && strcmp(write, "1") == 0) {
        spill(wanted, &got);
    } else if (!slurp(wanted, &expected) || strcmp(buf_str(&expected), buf_str(&got)) != 0) {
        fprintf(stderr, "%s: expected\n%sgot\n%s", name, buf_str(&expected), buf_str(&got));
        failed = 1;
    }
    buf_free(&file);
    buf_free(&got);
    buf_free(&expected);
    mem_free(conf);
    mem_free(wanted);
    mem_free(shown);
    return failed;
}

static void tells_what_is_wrong(void **state)
{
    const char *source = getenv("HOMING_SOURCE");
    char *folder = mem_format("%s/test/golden/conf", source != NULL ? source : ".");
    DIR *d = opendir(folder);
    struct dirent *entry;
    unsigned count = 0, failed = 0;

    if (d == NULL)
        fail_msg("no folder %s: set HOMING_SOURCE to the source tree", folder);
    while ((entry = readdir(d)) != NULL) {
        size_t n = strlen(entry->d_name);
        if (n < 6 || strcmp(entry->d_name + n - 5, ".conf") != 0)
            continue;
        entry->d_name[n - 5] = '\0';
        failed += compare(folder, entry->d_name);
        count++;
    }
    closedir(d);
    mem_free(folder);
    assert_int_equal(failed, 0);
    assert_true(count >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells_what_is_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
