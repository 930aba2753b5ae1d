/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/shape.h"

#include "base/text.h"

#include <string.h>

bool shape_fault(struct shape *k, const char *what)
{
    cause_set(k->cause, ERR_SYNTAX, "%s: at %s: %s", k->file, k->path[0] != '\0' ? k->path : "/",
              what);
    return false;
}

size_t shape_enter(struct shape *k, const char *name)
{
    size_t at = strlen(k->path);
    size_t n = at;

    if (n + 1 < sizeof k->path)
        k->path[n++] = '/';
    for (const char *c = name; *c != '\0' && n + 3 < sizeof k->path; c++) {
        if (*c == '/' || *c == '~') {
            k->path[n++] = '~';
            k->path[n++] = *c == '/' ? '1' : '0';
        } else {
            k->path[n++] = *c;
        }
    }
    k->path[n] = '\0';
    return at;
}

static size_t enter_index(struct shape *k, size_t i)
{
    char digits[24];
    size_t n = sizeof digits;

    digits[--n] = '\0';
    do
        digits[--n] = (char)('0' + i % 10);
    while ((i /= 10) > 0);
    return shape_enter(k, digits + n);
}

void shape_leave(struct shape *k, size_t at)
{
    k->path[at] = '\0';
}

static const struct shape_member *member_of(const struct shape_member *table, const char *name)
{
    for (; table->name != NULL; table++)
        if (text_equal(table->name, name))
            return table;
    return NULL;
}

static bool unknown_member(struct shape *k, const struct shape_member *table, const char *name)
{
    const char *near = NULL;
    unsigned best = 3;

    for (const struct shape_member *m = table; m->name != NULL; m++) {
        unsigned distance = text_distance(m->name, name);
        if (distance < best) {
            best = distance;
            near = m->name;
        }
    }
    char what[128] = "this member is not known";
    if (near != NULL) {
        struct cause c;
        cause_set(&c, OK, "this member is not known; perhaps \"%.40s\" was meant", near);
        memcpy(what, c.text, sizeof what - 1);
    }
    what[sizeof what - 1] = '\0';
    return shape_fault(k, what);
}

static bool remark(struct shape *k, const json_t *v)
{
    return shape_list(k, v, shape_text, true);
}

bool shape_object(struct shape *k, const json_t *v, const struct shape_member *table)
{
    const char *name;
    json_t *value;

    if (!json_is_object(v))
        return shape_fault(k, "an object is wanted here");
    json_object_foreach((json_t *)v, name, value)
    {
        static const struct shape_member remarks = {"//", remark, false};
        const struct shape_member *m =
            text_equal(name, remarks.name) ? &remarks : member_of(table, name);
        size_t at = shape_enter(k, name);
        if (m == NULL ? !unknown_member(k, table, name) : !m->check(k, value))
            return false;
        shape_leave(k, at);
    }
    for (const struct shape_member *m = table; m->name != NULL; m++)
        if (m->needed && json_object_get(v, m->name) == NULL) {
            shape_enter(k, m->name);
            return shape_fault(k, "this member is missing");
        }
    return true;
}

bool shape_list(struct shape *k, const json_t *v, shape_fn *check, bool one)
{
    size_t i;
    json_t *value;

    if (!json_is_array(v))
        return one ? check(k, v) : shape_fault(k, "a list is wanted here");
    json_array_foreach(v, i, value)
    {
        size_t at = enter_index(k, i);
        if (!check(k, value))
            return false;
        shape_leave(k, at);
    }
    return true;
}

bool shape_map(struct shape *k, const json_t *v, shape_fn *check)
{
    const char *name;
    json_t *value;

    if (!json_is_object(v))
        return shape_fault(k, "an object is wanted here");
    json_object_foreach((json_t *)v, name, value)
    {
        size_t at = shape_enter(k, name);
        if (!check(k, value))
            return false;
        shape_leave(k, at);
    }
    return true;
}

bool shape_text(struct shape *k, const json_t *v)
{
    return json_is_string(v) || shape_fault(k, "text is wanted here");
}

bool shape_texts(struct shape *k, const json_t *v)
{
    return shape_list(k, v, shape_text, false);
}

bool shape_number(struct shape *k, const json_t *v)
{
    return (json_is_integer(v) && json_integer_value(v) >= 0) ||
           shape_fault(k, "a whole number is wanted here");
}

bool shape_numbers(struct shape *k, const json_t *v)
{
    return shape_list(k, v, shape_number, false);
}

bool shape_flag(struct shape *k, const json_t *v)
{
    return json_is_boolean(v) || shape_fault(k, "true or false is wanted here");
}

bool shape_word(struct shape *k, const json_t *v, const char *const *words)
{
    const char *s = json_string_value(v);

    for (; s != NULL && *words != NULL; words++)
        if (text_equal(*words, s))
            return true;
    return shape_fault(k, "this word is not one of those allowed here");
}
