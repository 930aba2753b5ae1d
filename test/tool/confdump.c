/*
 * SPDX-License-Identifier: ISC
 */

/*
 * Reads configuration files as "homing ddclient" does and prints what hostnames have: a line each
 * of file number, hostname, setting, value, line of the value, line of the hostname, separated by
 * tabs. For tests only: it prints passwords.
 *
 *   confdump FILE ...
 */
#include <stdio.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "conf/save.h"
#include "conf/settings.h"

static void dump(int number, const struct conf *c)
{
    for (size_t i = 0; i < conf_entry_count(c); i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        struct view v = conf_entry_view(e);
        for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
            bool own;
            unsigned line = conf_entry_origin(e, s->name, &own);
            const char *value = view_get(&v, s->name);
            if (line > 0 && value != NULL)
                printf("%d\t%s\t%s\t%s\t%u\t%u\n", number, conf_entry_hostname(e), s->name, value,
                       line, conf_entry_line(e));
        }
        printf("%d\t%s\thost\t%s\t0\t0\n", number, conf_entry_hostname(e), conf_entry_hostname(e));
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct conf_options o = {.dialect = CONF_DDCLIENT, .name = argv[i]};
        struct buf text;
        struct cause cause;
        buf_init(&text, 1 << 20);
        if (save_read(argv[i], &text, NULL, &cause) != OK) {
            fprintf(stderr, "%s\n", cause.text);
            return 1;
        }
        struct conf *c = conf_parse(buf_str(&text), text.len, &o);
        dump(i - 1, c);
        conf_unref(c);
        buf_wipe(&text);
    }
    return 0;
}
