/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>

#include "command/import.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was taken over is a configuration that reads with no more hostnames than were told. */
static void check(const struct import *im)
{
    const struct conf_options options = {.dialect = CONF_HOMING, .name = "fuzz"};
    struct conf *conf = conf_parse(buf_str(&im->text), im->text.len, &options);

    if (conf_entry_count(conf) > im->hostnames)
        abort();
    conf_unref(conf);
}

/* Every reader gets every input: people name the wrong one, too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct registry *registry;

    if (registry == NULL)
        registry = registry_new();
    const struct import_format *format;
    for (size_t i = 0; (format = import_format_at(i)) != NULL; i++) {
        if (format == &import_ddclient)
            continue; /* the reader, which has a target of its own, with files of this machine */
        struct import im;
        struct cause cause;
        import_init(&im, registry);
        format->looks((const char *)data, size);
        if (format->read(&im, (const char *)data, size, &cause) == OK)
            check(&im);
        import_free(&im);
    }
    return 0;
}
