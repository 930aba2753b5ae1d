/*
 * SPDX-License-Identifier: ISC
 */
#include "conf_walk.h"

#include "conf/edit.h"

/*
 * The editor, on a file that was read; the first byte's other bits say what to edit. What an edit
 * gives reads again.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void edit(const char *text, size_t n, const struct conf_options *o, unsigned how,
                 const char *target)
{
    static const char *const names[] = {"description", "password", "server", "ttl"};
    static const char *const values[] = {"x", "a b", "it's \\", "7"};
    struct edit_setting s = {names[how & 3], values[how & 3]};
    struct edit e = {.what = (enum edit_what)(how % 6),
                     .target = target,
                     .settings = &s,
                     .count = 1,
                     .share = (enum edit_share)(how % 3),
                     .owner = (how & 8) != 0};
    struct edit_answer answer;
    struct cause cause;
    struct buf out;

    buf_init(&out, 8 << 20);
    if (edit_apply(text, n, &e, o, &out, &answer, &cause) == OK) {
        struct conf *c = conf_parse(buf_str(&out), out.len, o);
        walk(c, true);
        conf_unref(c);
    } else {
        require(out.len == 0);
    }
    buf_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 16384)
        return 0;
    const char *text = (const char *)data + 1;
    struct conf_options o = walk_options(data[0]);
    struct conf *c = conf_parse(text, size - 1, &o);
    if (conf_entry_count(c) > 0)
        edit(text, size - 1, &o, data[0] >> 3,
             conf_entry_id(conf_entry_at(c, (data[0] >> 3) % conf_entry_count(c))));
    conf_unref(c);
    return 0;
}
