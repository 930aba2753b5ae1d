/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "command/import.h"
#include "command/load.h"

/*
 * Each program's file in import/NAME.in becomes what stands in import/NAME.out: the statements,
 * then the notes. HOMING_WRITE=1 writes the .out files anew.
 */

static char *path_of(const char *name, const char *end)
{
    const char *source = getenv("HOMING_SOURCE");
    return mem_format("%s/test/unit/import/%s.%s", source != NULL ? source : ".", name, end);
}

static void read_file(const char *name, const char *end, struct buf *out)
{
    struct cause cause;
    char *path = path_of(name, end);

    buf_init(out, IMPORT_MAX);
    if (load_file(path, out, &cause) != OK)
        fail_msg("%s: %s", path, cause.text);
    mem_free(path);
}

static void describe(const struct import *im, struct buf *out)
{
    static const char *const fates[] = {"taken", "other", "left"};

    buf_text(out, buf_str(&im->text));
    buf_text(out, "--\n");
    for (size_t i = 0; i < im->note_count; i++) {
        const struct import_note *n = &im->notes[i];
        buf_format(out, "%u %s: %s%s%s\n", n->line, fates[n->fate], n->what,
                   n->why != NULL ? ": " : "", n->why != NULL ? n->why : "");
        /* What is ours can be said in another language; what only quotes is not. */
        bool quotes = n->fate == IMPORT_TAKEN || strncmp(n->what, "unknown", 7) == 0 ||
                      strchr(n->what, ' ') == NULL;
        if (n->why != NULL && n->code == NULL && !quotes)
            fail_msg("no code for \"%s\"", n->why);
    }
}

/* The statements are good homing.conf, with as many hostnames as were told. */
static void check_statements(struct loaded *l, const struct import *im)
{
    const struct conf_options options = {.dialect = CONF_HOMING, .name = "imported"};
    struct buf out;

    load_conf_bytes(l, buf_str(&im->text), im->text.len, &options);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < conf_problem_count(l->conf); i++)
        if (conf_problem_at(l->conf, i)->severity == CONF_ERROR)
            conf_problem_show(l->conf, conf_problem_at(l->conf, i), &out);
    assert_string_equal(buf_str(&out), "");
    assert_int_equal(conf_entry_count(l->conf), im->hostnames);
    buf_free(&out);
}

/* Every format's sample, and then the one in inadyn's older form. NULL after the last. */
static const struct import_format *sample_at(size_t i, const char **file)
{
    const struct import_format *f = import_format_at(i);

    *file = f != NULL ? f->name : "inadyn-old";
    return f != NULL || i == 0 || import_format_at(i - 1) == NULL ? f : &import_inadyn;
}

static void one(const struct import_format *format, const char *name)
{
    struct buf in, wanted, got;
    struct loaded loaded;
    struct import im;
    struct cause cause;

    print_message("%s\n", name);
    setenv("TZ", "UTC", 1);
    read_file(name, "in", &in);
    assert_true(format->looks(buf_str(&in), in.len));
    loaded_init(&loaded);
    import_init(&im, loaded.registry);
    assert_int_equal(format->read(&im, buf_str(&in), in.len, &cause), OK);
    buf_init(&got, IMPORT_MAX);
    describe(&im, &got);
    if (getenv("HOMING_WRITE") != NULL) {
        char *path = path_of(name, "out");
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(buf_str(&got), file);
        fclose(file);
        mem_free(path);
    }
    read_file(name, "out", &wanted);
    assert_string_equal(buf_str(&got), buf_str(&wanted));
    check_statements(&loaded, &im);
    import_free(&im);
    loaded_free(&loaded);
    buf_free(&in);
    buf_free(&got);
    buf_free(&wanted);
}

/* A statement whose hostnames are none must not become a line that holds for all. */
static void no_hosts(void **state)
{
    (void)state;
    static const char text[] =
        "{\"settings\":[{\"provider\":\"duckdns\",\"token\":\"t\",\"domain\":\"b=c\"}]}";
    struct import im;
    struct registry *registry = registry_new();

    import_init(&im, registry);
    assert_int_equal(import_updater.read(&im, text, strlen(text), NULL), OK);
    assert_string_equal(buf_str(&im.text), "");
    assert_int_equal(im.hostnames, 0);
    import_free(&im);
    registry_free(registry);
}

static void samples(void **state)
{
    (void)state;
    const struct import_format *f;
    const char *file;

    for (size_t i = 0; (f = sample_at(i, &file)) != NULL; i++)
        one(f, file);
}

/* A file is taken for what it is: no earlier format believes that it is its own. */
static void guessing(void **state)
{
    (void)state;
    const struct import_format *f;
    const char *file;

    for (size_t i = 0; (f = sample_at(i, &file)) != NULL; i++) {
        struct buf in;
        size_t k = 0;
        read_file(file, "in", &in);
        while (!import_format_at(k)->looks(buf_str(&in), in.len))
            k++;
        assert_string_equal(import_format_at(k)->name, f->name);
        buf_free(&in);
    }
}

/* Broken files give an error or nothing, and no crash: every cut of every sample. */
static void cuts(void **state)
{
    (void)state;
    const struct import_format *f;
    const char *file;

    for (size_t i = 0; (f = sample_at(i, &file)) != NULL; i++) {
        struct buf in;
        struct cause cause;
        read_file(file, "in", &in);
        for (size_t n = 0; n < in.len; n += 7) {
            struct import im;
            char *copy = mem_text_n(in.data, n);
            import_init(&im, NULL);
            if (f != &import_ddclient)
                f->read(&im, copy, n, &cause);
            import_free(&im);
            mem_free(copy);
        }
        buf_free(&in);
    }
}

static void count_told(void *arg, const struct import *im)
{
    size_t *told = arg;
    assert_int_equal(++*told, im->statement_count);
}

/* Who waits for a long file is told after each statement. */
static void told(void **state)
{
    static const char text[] = "protocol=dyndns2, login=a, password=pw a.example.org\n"
                               "protocol=dyndns2, login=b, password=pw b.example.org\n";
    struct loaded loaded;
    struct import im;
    struct cause cause;
    size_t count = 0;

    (void)state;
    loaded_init(&loaded);
    import_init(&im, loaded.registry);
    im.tell = count_told;
    im.tell_arg = &count;
    assert_int_equal(import_ddclient.read(&im, text, strlen(text), &cause), OK);
    assert_int_equal(count, 2);
    import_free(&im);
    loaded_free(&loaded);
}

/* The statements as data say the same as the text; what is wrong with a line quotes no secret. */
static void as_data(void **state)
{
    static const char text[] =
        "protocol=dyndns2, login=a, password=geheim a.example.org\n"
        "protocol=dyndns2, login=geheim, password=geheim b.example.org geheim\n"
        "protocol=dyndns2, login=c, password=geheimnis c.example.org\n";
    struct loaded loaded;
    struct import im;
    struct cause cause;

    (void)state;
    loaded_init(&loaded);
    import_init(&im, loaded.registry);
    assert_int_equal(import_ddclient.read(&im, text, strlen(text), &cause), OK);
    assert_int_equal(im.statement_count, im.hostnames);
    assert_string_equal(im.statements[0].hosts, "a.example.org");
    assert_int_equal(im.statements[0].line, 1);
    const struct import_value *last = &im.statements[0].values[im.statements[0].count - 1];
    assert_string_equal(last->name, "password");
    assert_string_equal(last->value, "geheim");
    assert_true(last->secret);
    import_note(&im, 1, IMPORT_LEFT, "the word geheim", "%s twice: geheim", "geheim");
    import_mask(&im);
    const struct import_note *note = &im.notes[im.note_count - 1];
    assert_string_equal(note->what, "the word ...");
    assert_string_equal(note->why, "... twice: ...");
    import_note(&im, 1, IMPORT_LEFT, "geheimnis, gehei", NULL);
    import_mask(&im);
    assert_string_equal(im.notes[im.note_count - 1].what, "..., gehei"); /* the longest first */
    import_free(&im);
    loaded_free(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples), cmocka_unit_test(no_hosts), cmocka_unit_test(guessing),
        cmocka_unit_test(cuts),    cmocka_unit_test(as_data),  cmocka_unit_test(told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
