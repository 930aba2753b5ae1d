/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/pointer.h"

#include "base/text.h"

#include <string.h>

enum { SEGMENT_MAX = 128 };

bool pointer_valid(const char *pointer)
{
    if (pointer[0] != '\0' && pointer[0] != '/')
        return false;
    for (const char *c = pointer; *c != '\0'; c++)
        if (c[0] == '~' && c[1] != '0' && c[1] != '1')
            return false;
    for (const char *c = pointer; *c == '/';) {
        size_t n = strcspn(c + 1, "/");
        if (n >= SEGMENT_MAX)
            return false;
        c += 1 + n;
    }
    return true;
}

/* The segment after the "/" at s, unescaped. Returns where the next one begins. */
static const char *segment(const char *s, char *out)
{
    size_t n = 0;

    for (s++; *s != '\0' && *s != '/'; s++) {
        char c = *s;
        if (c == '~' && (s[1] == '0' || s[1] == '1')) {
            s++;
            c = *s == '0' ? '~' : '/';
        }
        if (n + 1 < SEGMENT_MAX)
            out[n++] = c;
    }
    out[n] = '\0';
    return s;
}

static json_t *child(const json_t *parent, const char *name)
{
    uint64_t index;

    if (json_is_object(parent))
        return json_object_get(parent, name);
    if (json_is_array(parent) && text_number(name, &index) && !(name[0] == '0' && name[1] != '\0'))
        return json_array_get(parent, (size_t)index);
    return NULL;
}

bool pointer_any(const json_t *root, const char *pointer, bool (*fn)(void *arg, json_t *value),
                 void *arg)
{
    char name[SEGMENT_MAX];

    while (*pointer == '/' && root != NULL) {
        pointer = segment(pointer, name);
        if (text_equal(name, "*") && json_is_array(root)) {
            for (size_t i = 0; i < json_array_size(root); i++)
                if (pointer_any(json_array_get(root, i), pointer, fn, arg))
                    return true;
            return false;
        }
        if (text_equal(name, "*") && json_is_object(root)) {
            const char *key;
            json_t *value;
            json_object_foreach((json_t *)root, key,
                                value) if (pointer_any(value, pointer, fn, arg)) return true;
            return false;
        }
        root = child(root, name);
    }
    return root != NULL && fn(arg, (json_t *)root);
}

static bool keep_first(void *arg, json_t *value)
{
    *(json_t **)arg = value;
    return true;
}

json_t *pointer_get(const json_t *root, const char *pointer)
{
    json_t *found = NULL;
    pointer_any(root, pointer, keep_first, &found);
    return found;
}
