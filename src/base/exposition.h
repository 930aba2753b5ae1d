/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_EXPOSITION_H
#define HOMING_BASE_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Measurements written as the text that Prometheus and its kin collect: OpenMetrics 1.0
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/) or the older text format 0.0.4, from one
 * description. It measures nothing and keeps nothing.
 */
enum exposition_form { EXPOSITION_OPENMETRICS, EXPOSITION_TEXT };

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM, METRIC_INFO };

/* A family. The name ends with the unit, and has neither "_total" nor "_info": they are added. */
struct metric {
    const char *name;
    enum metric_type type;
    const char *unit; /* "seconds", "bytes", "ratio"; NULL for none */
    const char *help; /* one sentence */
};

struct exposition {
    struct buf text; /* owned */
    enum exposition_form form;
    const struct metric *metric; /* whose samples are being written */
};

enum { EXPOSITION_MAX = 32 << 20 }; /* bytes; what does not fit is left out with "overflow" set */

void exposition_init(struct exposition *x, enum exposition_form form);
void exposition_fini(struct exposition *x);
/* The family that follows; its samples must stand together. Borrowed until the next one. */
void exposition_family(struct exposition *x, const struct metric *metric);
/* A sample with labels: name, value, name, value, NULL. Bytes that are no UTF-8 become question
 * marks. Two samples of a family must differ in their labels. */
void exposition_sample(struct exposition *x, double value, ...) __attribute__((sentinel));
void exposition_end(struct exposition *x); /* the last line */

/* How often something took how long, in seconds. Zeroed to begin with. */
enum { HISTOGRAM_BOUNDS = 10 };
struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS + 1];
    double sum;
};
void histogram_note(struct histogram *h, double seconds);
void exposition_histogram(struct exposition *x, const struct histogram *h, ...)
    __attribute__((sentinel));

#endif
