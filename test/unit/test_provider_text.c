/*
 * SPDX-License-Identifier: ISC
 *
 * The small parts of the interpreter: names, pointers, patterns, templates and their escaping, XML,
 * and what the checker says of wrong files.
 */
#include "base/mem.h"
#include "base/text.h"
#include "publish/ere.h"
#include "publish/expand.h"
#include "publish/judge.h"
#include "publish/names.h"
#include "publish/pointer.h"
#include "publish/provider.h"
#include "publish/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"home.example.com", "Home.Example.COM.", true},
        {"*.example.com", "\\052.example.com.", true},
        {"xn--bcher-kva.example",
         "b\xc3\xbc"
         "cher.example",
         true},
        {"xn--fiqs8s.example", "\xe4\xb8\xad\xe5\x9b\xbd.example", true},
        {"xn--fa-hia.example", "fa\xc3\x9f.example", true},
        {"home.example.com", "home.example.co", false},
        {"example.com", "badexample.com", false},
        {"a.example.com", "b\xff.example.com", false},
        {"", "", true},
    };
    char name[NAME_TEXT_MAX];
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (name_equal(pairs[i].a, pairs[i].b) != pairs[i].same)
            fail_msg("%s and %s", pairs[i].a, pairs[i].b);
    assert_true(name_within("a.example.com", "example.com"));
    assert_true(name_within("example.com", "example.com"));
    assert_false(name_within("badexample.com", "example.com"));
    assert_false(name_within("example.com", "a.example.com"));
    char *relative = name_relative("*.a.example.com", "example.com");
    assert_string_equal(relative, "*.a");
    mem_free(relative);
    assert_string_equal(name_first_zone("*.a.example.com"), "a.example.com");
    assert_string_equal(name_next_zone("a.example.com"), "example.com");
    assert_null(name_next_zone("example.com"));
    assert_null(name_first_zone("localhost"));
    /* RFC 3492, section 7.1 (A): Arabic, in one label. */
    assert_true(name_normal(
        "\xd9\x84\xd9\x8a\xd9\x87\xd9\x85\xd8\xa7\xd8\xa8\xd8\xaa\xd9\x83\xd9\x84\xd9\x85"
        "\xd9\x88\xd8\xb4\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\x9f",
        name, sizeof name));
    assert_string_equal(name, "xn--egbpdaj6bu4bxfgehfvwxn");
    assert_false(name_normal("\xc3\xbc", name, 4));
}

static void test_pointers(void **state)
{
    json_t *doc = json_loads(
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"m~n\":8,\"l\":[{\"c\":1},{\"c\":2}]}", 0,
        NULL);
    (void)state;

    /* RFC 6901, section 5 */
    assert_string_equal(json_string_value(pointer_get(doc, "/foo/0")), "bar");
    assert_int_equal(json_integer_value(pointer_get(doc, "/")), 0);
    assert_int_equal(json_integer_value(pointer_get(doc, "/a~1b")), 1);
    assert_int_equal(json_integer_value(pointer_get(doc, "/m~0n")), 8);
    assert_ptr_equal(pointer_get(doc, ""), doc);
    assert_null(pointer_get(doc, "/foo/2"));
    assert_null(pointer_get(doc, "/foo/00"));
    assert_null(pointer_get(doc, "/foo/-1"));
    assert_int_equal(json_integer_value(pointer_get(doc, "/l/*/c")), 1);
    assert_false(pointer_valid("foo"));
    assert_false(pointer_valid("/a~2"));
    json_decref(doc);
}

static void test_patterns(void **state)
{
    (void)state;
    assert_true(ere_valid("^good( |$)"));
    assert_false(ere_valid("(a)\\1"));
    assert_false(ere_valid("("));
    assert_true(ere_match_lines("^ok$", "no\r\nok\r\n", ERE_ANY));
    assert_false(ere_match_lines("^OK$", "ok", ERE_ANY));
    assert_true(ere_match_lines("(?i)^OK$", "ok", ERE_ANY));
    assert_false(ere_match_lines("b", "\n a\nb\n", ERE_FIRST));
    assert_true(ere_match_lines("b", "a\nb\n\n", ERE_LAST));
    assert_false(ere_match_lines("a", "a\nb", ERE_LAST));
    char *part = ere_take("([^/]+)$", "/hostedzone/Z1");
    assert_string_equal(part, "Z1");
    mem_free(part);
}

struct template_row {
    enum place place;
    const char *text, *result; /* NULL: refused; "-": left out */
};

static void test_templates(void **state)
{
    static const struct template_row rows[] = {
        {PLACE_QUERY, "{plain}", "abc"},
        {PLACE_QUERY, "{odd}", "a%20%26%3D%2F%22%C3%A9"},
        {PLACE_PLUS, "{odd}", "a+%26%3D%2F%22%C3%A9"},
        {PLACE_JSON, "{odd}", "a &=/\\\"\xc3\xa9"},
        {PLACE_XML, "<{odd}>", "&lt;a &amp;=/&quot;\xc3\xa9&gt;"},
        {PLACE_HEADER, "{odd}", NULL},
        {PLACE_HEADER, "Bearer {plain}", "Bearer abc"},
        {PLACE_HEADER, "{lines}", NULL},
        {PLACE_JSON, "{lines}", "a\\r\\nb"},
        {PLACE_JSON, "{bytes}", NULL},
        {PLACE_QUERY, "{bytes}", "%FF"},
        {PLACE_PATTERN, "^{dots}$", "^1\\.2\\.3$"},
        {PLACE_QUERY, "{nothing}", NULL},
        {PLACE_QUERY, "{nothing?}", "-"},
        {PLACE_QUERY, "x{empty?}", "-"},
        {PLACE_QUERY, "x{empty}", "x"},
        {PLACE_QUERY, "{plain:md5}", "900150983cd24fb0d6963f7d28e17f72"},
        {PLACE_QUERY, "{plain:sha1}", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {PLACE_PLAIN, "{plain:b64}", "YWJj"},
        {PLACE_PLAIN, "{plain:upper}{fqdn:label}", "ABCa"},
        {PLACE_PLAIN, "{ not one }", "{ not one }"},
        {PLACE_PLAIN, "{object.x}", "y"},
        {PLACE_PLAIN, "{object}", NULL},
    };
    struct vars vars;
    (void)state;

    vars_init(&vars, NULL);
    vars_put_text(&vars, "plain", "abc");
    vars_put_text(&vars, "odd", "a &=/\"\xc3\xa9");
    vars_put_text(&vars, "lines", "a\r\nb");
    vars_put_text(&vars, "bytes", "\xff");
    vars_put_text(&vars, "dots", "1.2.3");
    vars_put_text(&vars, "empty", "");
    vars_put_text(&vars, "fqdn", "a.b.c");
    vars_put(&vars, "object", json_pack("{s:s}", "x", "y"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cause c = {""};
        struct expand e = {&vars, NULL, &c};
        struct marked out;
        marked_init(&out);
        enum expanded r = expand_text(&e, rows[i].text, rows[i].place, &out);
        const char *have = r == EXPANDED ? marked_str(&out) : r == EXPAND_ABSENT ? "-" : NULL;
        if (!text_equal(have, rows[i].result))
            fail_msg("row %zu, %s: %s", i, rows[i].text, have != NULL ? have : c.text);
        if (r == EXPAND_FAILED)
            assert_true(c.text[0] != '\0');
        marked_free(&out);
    }
    vars_fini(&vars);
}

static void test_trees(void **state)
{
    static const char tree[] =
        "{\"n\":\"{ttl}\",\"s\":\"{ttl:s}\",\"left\":\"{none?}\",\"list\":[\"{none?}\",1,"
        "{\"$each\":\"values\",\"do\":{\"v\":\"{value}\"}}],\"t\":true,"
        "\"o\":{\"$item\":[\"keep\",\"old\"],\"old\":\"{secret}\"},"
        "\"c\":{\"$if\":{\"field\":{\"ttl\":300}},\"then\":\"yes\",\"else\":\"no\"}}";
    json_t *template = json_loads(tree, 0, NULL);
    struct vars vars;
    struct cause c;
    struct expand e = {&vars, NULL, &c};
    struct marked out;
    struct buf shown;
    (void)state;

    vars_init(&vars, NULL);
    vars_put(&vars, "ttl", json_integer(300));
    vars_put(&vars, "values", json_pack("[s,s]", "192.0.2.1", "192.0.2.2"));
    vars_put(&vars, "item", json_pack("{s:i, s:s, s:s}", "keep", 7, "old", "x", "id", "9"));
    vars_put_secret(&vars, "secret", json_string("hush\"hush"));
    marked_init(&out);
    assert_int_equal(expand_json(&e, template, &out), EXPANDED);
    assert_string_equal(
        marked_str(&out),
        "{\"n\":300,\"s\":\"300\",\"list\":[1,{\"v\":\"192.0.2.1\"},{\"v\":\"192.0.2.2\"}],"
        "\"t\":true,\"o\":{\"keep\":7,\"old\":\"hush\\\"hush\"},\"c\":\"yes\"}");
    buf_init(&shown, 4096);
    marked_show(&out, &shown);
    assert_null(strstr(buf_str(&shown), "hush"));
    buf_free(&shown);
    marked_free(&out);
    vars_fini(&vars);
    json_decref(template);
}

static void test_paths(void **state)
{
    static const struct {
        const char *path, *value, *result;
    } rows[] = {
        {"/a/{x}/b", "c d", "/a/c%20d/b"},
        {"/a/{x}", "../..", "/a/..%2F.."},
        {"/a/{x}", "..", NULL},
        {"/a/{x}", ".", NULL},
        {"/a/{x}", "", NULL},
        {"/a/{x?}", "", "/a"},
        {"/a/{x}", "@*", "/a/@*"},
        {"/a/{x}?", "b", "/a/b?"},
        {"/a/", "b", "/a/"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vars vars;
        struct cause c;
        struct expand e = {&vars, "@*", &c};
        struct marked out;
        vars_init(&vars, NULL);
        vars_put_text(&vars, "x", rows[i].value);
        marked_init(&out);
        bool made = expand_path(&e, rows[i].path, &out) == EXPANDED;
        if (!text_equal(made ? marked_str(&out) : NULL, rows[i].result))
            fail_msg("%s with %s: %s", rows[i].path, rows[i].value, marked_str(&out));
        marked_free(&out);
        vars_fini(&vars);
    }
}

static void test_conditions(void **state)
{
    static const struct {
        const char *test, *value;
        bool holds;
    } rows[] = {
        {"7", "\"7\"", true},
        {"\"7\"", "7", true},
        {"true", "true", true},
        {"true", "\"true\"", false},
        {"null", "null", true},
        {"[1,2]", "2", true},
        {"{\"min\":1000,\"max\":1999}", "1500", true},
        {"{\"min\":1000}", "\"text\"", false},
        {"{\"has\":\"LIMIT\"}", "\"rate limit reached\"", true},
        {"{\"not\":\"a\"}", "\"b\"", true},
        {"{\"match\":\"^a.c$\"}", "\"abc\"", true},
        {"{\"exists\":false}", "1", false},
        {"\"2001:db8::1\"", "\"2001:0DB8:0::1\"", true},
        {"\"Home.example.com.\"", "\"home.example.com\"", true},
        {"\"a\"", "{}", false},
    };
    struct vars vars;
    (void)state;

    vars_init(&vars, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *test = json_loads(rows[i].test, JSON_DECODE_ANY, NULL);
        json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
        if (judge_value(value, test, &vars) != rows[i].holds)
            fail_msg("%s against %s", rows[i].value, rows[i].test);
        json_decref(test);
        json_decref(value);
    }
    vars_fini(&vars);
}

static void test_xml(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\"?><a x=\"1\"><b>one</b><b> two </b><c/><d>&lt;&#65;</d></a>";
    static const char bomb[] = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
    json_t *tree = xml_parse(text, sizeof text - 1);
    (void)state;

    assert_string_equal(json_string_value(pointer_get(tree, "/a/b/1")), "two");
    assert_string_equal(json_string_value(pointer_get(tree, "/a/@x")), "1");
    assert_string_equal(json_string_value(pointer_get(tree, "/a/c")), "");
    assert_string_equal(json_string_value(pointer_get(tree, "/a/d")), "<A");
    json_decref(tree);
    assert_null(xml_parse(bomb, sizeof bomb - 1));
    assert_null(xml_parse("<a><b></a>", 10));
    assert_null(xml_parse("", 0));
    char deep[4096] = "";
    for (size_t i = 0; i < 1000; i++)
        memcpy(deep + 3 * i, "<a>", 4);
    assert_null(xml_parse(deep, strlen(deep)));
}

#define GOOD_HEAD "{\"format\":1,\"id\":\"x\",\"base\":\"https://x.example\","
static void test_faults(void **state)
{
    static const struct {
        const char *file, *says;
    } rows[] = {
        {"{\"format\":1,", "x.json:1:"},
        {"{\"format\":1,\"format\":1}", "duplicate"},
        {"{\"id\":\"x\"}", "at /format: this member is missing"},
        {"{\"format\":2,\"id\":\"x\"}", "at /format: format 1"},
        {"{\"format\":1,\"id\":\"X y\"}", "at /id:"},
        {GOOD_HEAD "\"slot\":{}}", "at /slot: this member is not known; perhaps \"slots\""},
        {"{\"format\":1,\"id\":\"x\",\"base\":\"https://x.example\"}",
         "at /slots: this member is missing"},
        {GOOD_HEAD "\"slots\":{}}", "at /slots: there is no slot that writes"},
        {GOOD_HEAD "\"slots\":{\"set\":{\"path\":\"/\"}}}", "needs \"records\""},
        {GOOD_HEAD "\"slots\":{\"update\":{\"path\":\"/?a\"}}}", "at /slots/update/path:"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"query\":{\"a\":\"{nobody}\"}}}}",
         "at /slots/update/query/a: a placeholder is neither"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"query\":{\"a\":\"{fqdn:rot13}\"}}}}",
         "filter is not known"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"query\":{\"{fqdn}\":\"a\"}}}}",
         "can not hold a placeholder"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"json\":{\"$eval\":\"1\"}}}}",
         "at /slots/update/json/$eval:"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"ok\":{\"text\":\"(\"}}}}", "not a usable pattern"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"errors\":[{\"when\":{},\"is\":\"oops\"}]}}}",
         "at /slots/update/errors/0/is: this class is not known"},
        {GOOD_HEAD "\"slots\":{\"update\":[{\"path\":\"/\"},{\"method\":\"get\"}]}}",
         "at /slots/update/1/method:"},
        {GOOD_HEAD "\"sign\":{\"by\":\"aws4\"},\"slots\":{\"update\":{}}}",
         "at /sign/id: this member is missing"},
        {"{\"format\":1,\"id\":\"x\",\"base\":\"https://{password}/"
         "\",\"fields\":{\"password\":{\"label\":\"p\"}},"
         "\"slots\":{\"update\":{}}}",
         "at /base: a base holds"},
        {GOOD_HEAD "\"limits\":[{\"n\":1}],\"slots\":{\"update\":{}}}",
         "at /limits/0/per: this member is missing"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"take\":{\"a\":\"b\"}}}}", "at /slots/update/take/a:"},
        {GOOD_HEAD "\"slots\":{\"update\":{\"page\":{\"cursor\":\"/c\"}}}}", "\"as\" must say"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct provider *p = NULL;
        struct cause c = {""};
        enum err err = provider_parse(rows[i].file, strlen(rows[i].file), "x.json", &p, &c);
        if (err == OK || p != NULL || strstr(c.text, rows[i].says) == NULL)
            fail_msg("row %zu: %s", i, c.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),      cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_patterns),   cmocka_unit_test(test_templates),
        cmocka_unit_test(test_trees),      cmocka_unit_test(test_paths),
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_xml),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
