/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/exposition.h"

static const struct metric gauge = {"x_age_seconds", METRIC_GAUGE, "seconds", "How \"old\"."};
static const struct metric counter = {"x_things", METRIC_COUNTER, NULL, "Things\nand more."};
static const struct metric info = {"x_build", METRIC_INFO, NULL, "The program."};
static const struct metric histogram = {"x_took_seconds", METRIC_HISTOGRAM, "seconds", "Time."};

static void write_all(struct exposition *x)
{
    struct histogram h = {.sum = 0};

    histogram_note(&h, 0.05);
    histogram_note(&h, 0.2);
    histogram_note(&h, 500);
    exposition_family(x, &gauge);
    exposition_sample(x, 1.5, NULL);
    exposition_sample(x, 1764147729.123, "name", "a\"b\\c\nd", "other", "\xff!", NULL);
    exposition_family(x, &counter);
    exposition_sample(x, 12345678901.0, "none", (char *)NULL, NULL);
    exposition_family(x, &info);
    exposition_sample(x, 1, "version", "\xc3\xbc", NULL);
    exposition_family(x, &histogram);
    exposition_histogram(x, &h, "p", "q", NULL);
    exposition_end(x);
}

#define SAMPLES_BUCKETS                                                                            \
    "x_took_seconds_bucket{p=\"q\",le=\"0.05\"} 1\n"                                               \
    "x_took_seconds_bucket{p=\"q\",le=\"0.1\"} 1\n"                                                \
    "x_took_seconds_bucket{p=\"q\",le=\"0.25\"} 2\n"                                               \
    "x_took_seconds_bucket{p=\"q\",le=\"0.5\"} 2\n"                                                \
    "x_took_seconds_bucket{p=\"q\",le=\"1.0\"} 2\n"                                                \
    "x_took_seconds_bucket{p=\"q\",le=\"2.5\"} 2\n"                                                \
    "x_took_seconds_bucket{p=\"q\",le=\"5.0\"} 2\n"                                                \
    "x_took_seconds_bucket{p=\"q\",le=\"10.0\"} 2\n"                                               \
    "x_took_seconds_bucket{p=\"q\",le=\"30.0\"} 2\n"                                               \
    "x_took_seconds_bucket{p=\"q\",le=\"120.0\"} 2\n"                                              \
    "x_took_seconds_bucket{p=\"q\",le=\"+Inf\"} 3\n"                                               \
    "x_took_seconds_sum{p=\"q\"} 500.25\n"                                                         \
    "x_took_seconds_count{p=\"q\"} 3\n"
#define SAMPLES_GAUGE                                                                              \
    "x_age_seconds 1.5\n"                                                                          \
    "x_age_seconds{name=\"a\\\"b\\\\c\\nd\",other=\"?!\"} 1764147729.123\n"

static void both_forms(void **state)
{
    static const char *const wanted[] = {
        [EXPOSITION_OPENMETRICS] =
            "# HELP x_age_seconds How \\\"old\\\".\n"
            "# TYPE x_age_seconds gauge\n"
            "# UNIT x_age_seconds seconds\n" SAMPLES_GAUGE "# HELP x_things Things\\nand more.\n"
            "# TYPE x_things counter\n"
            "x_things_total{none=\"\"} 12345678901\n"
            "# HELP x_build The program.\n"
            "# TYPE x_build info\n"
            "x_build_info{version=\"\xc3\xbc\"} 1\n"
            "# HELP x_took_seconds Time.\n"
            "# TYPE x_took_seconds histogram\n"
            "# UNIT x_took_seconds seconds\n" SAMPLES_BUCKETS "# EOF\n",
        [EXPOSITION_TEXT] = "# HELP x_age_seconds How \"old\".\n"
                            "# TYPE x_age_seconds gauge\n" SAMPLES_GAUGE
                            "# HELP x_things_total Things\\nand more.\n"
                            "# TYPE x_things_total counter\n"
                            "x_things_total{none=\"\"} 12345678901\n"
                            "# HELP x_build_info The program.\n"
                            "# TYPE x_build_info gauge\n"
                            "x_build_info{version=\"\xc3\xbc\"} 1\n"
                            "# HELP x_took_seconds Time.\n"
                            "# TYPE x_took_seconds histogram\n" SAMPLES_BUCKETS,
    };

    for (int form = 0; form < 2; form++) {
        struct exposition x;
        exposition_init(&x, (enum exposition_form)form);
        write_all(&x);
        assert_string_equal(buf_str(&x.text), wanted[form]);
        exposition_fini(&x);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
