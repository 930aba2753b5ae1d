/*
 * SPDX-License-Identifier: ISC
 */
#include "base/exposition.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* Upper bounds in seconds: a DNS update on the LAN to the longest time-out that people set. */
static const struct {
    double most;
    const char *text; /* as both forms want numbers */
} bounds[HISTOGRAM_BOUNDS] = {
    {0.05, "0.05"}, {0.1, "0.1"}, {0.25, "0.25"}, {0.5, "0.5"}, {1, "1.0"},
    {2.5, "2.5"},   {5, "5.0"},   {10, "10.0"},   {30, "30.0"}, {120, "120.0"},
};

static const struct {
    const char *word;   /* in the TYPE line */
    const char *suffix; /* of its samples */
    const char *text_word;
} types[] = {
    [METRIC_GAUGE] = {"gauge", "", "gauge"},
    [METRIC_COUNTER] = {"counter", "_total", "counter"},
    [METRIC_HISTOGRAM] = {"histogram", "", "histogram"},
    [METRIC_INFO] = {"info", "_info", "gauge"},
};

void exposition_init(struct exposition *x, enum exposition_form form)
{
    *x = (struct exposition){.form = form};
    buf_init(&x->text, EXPOSITION_MAX);
}

void exposition_fini(struct exposition *x)
{
    buf_free(&x->text);
}

/* Backslash, quote and line break are escaped in labels; in a help text the quote stands as it is
 * in the older form only. */
static void add_escaped(struct exposition *x, const char *s, bool quotes)
{
    bool utf8 = text_is_utf8(s, strlen(s));

    for (; *s != '\0'; s++) {
        if (*s == '\\')
            buf_text(&x->text, "\\\\");
        else if (*s == '\n')
            buf_text(&x->text, "\\n");
        else if (*s == '"' && quotes)
            buf_text(&x->text, "\\\"");
        else
            buf_char(&x->text, !utf8 && (unsigned char)*s >= 0x80 ? '?' : *s);
    }
}

void exposition_family(struct exposition *x, const struct metric *m)
{
    bool text = x->form == EXPOSITION_TEXT;
    const char *suffix = text ? types[m->type].suffix : "";

    x->metric = m;
    buf_format(&x->text, "# HELP %s%s ", m->name, suffix);
    add_escaped(x, m->help, !text);
    buf_format(&x->text, "\n# TYPE %s%s %s\n", m->name, suffix,
               text ? types[m->type].text_word : types[m->type].word);
    if (!text && m->unit != NULL)
        buf_format(&x->text, "# UNIT %s %s\n", m->name, m->unit);
}

/* name{a="b",le="c"}; le may be NULL. */
static void add_head(struct exposition *x, const char *suffix, va_list labels, const char *le)
{
    const char *name;
    bool first = true;

    buf_format(&x->text, "%s%s", x->metric->name, suffix);
    while ((name = va_arg(labels, const char *)) != NULL) {
        const char *value = va_arg(labels, const char *);
        buf_format(&x->text, "%c%s=\"", first ? '{' : ',', name);
        add_escaped(x, value != NULL ? value : "", true);
        buf_char(&x->text, '"');
        first = false;
    }
    if (le != NULL)
        buf_format(&x->text, "%cle=\"%s\"", first ? '{' : ',', le);
    if (!first || le != NULL)
        buf_char(&x->text, '}');
}

static void add_value(struct exposition *x, double value)
{
    if (isfinite(value))
        buf_format(&x->text, " %.15g\n", value);
    else
        buf_text(&x->text, isnan(value) ? " NaN\n" : value > 0 ? " +Inf\n" : " -Inf\n");
}

void exposition_sample(struct exposition *x, double value, ...)
{
    va_list labels;

    va_start(labels, value);
    add_head(x, types[x->metric->type].suffix, labels, NULL);
    va_end(labels);
    add_value(x, value);
}

void exposition_end(struct exposition *x)
{
    if (x->form == EXPOSITION_OPENMETRICS)
        buf_text(&x->text, "# EOF\n");
}

void histogram_note(struct histogram *h, double seconds)
{
    size_t i = 0;

    while (i < HISTOGRAM_BOUNDS && seconds > bounds[i].most)
        i++;
    h->counts[i]++;
    h->sum += seconds;
}

void exposition_histogram(struct exposition *x, const struct histogram *h, ...)
{
    uint64_t below = 0;
    va_list labels;

    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        below += h->counts[i];
        va_start(labels, h);
        add_head(x, "_bucket", labels, i < HISTOGRAM_BOUNDS ? bounds[i].text : "+Inf");
        va_end(labels);
        add_value(x, (double)below);
    }
    va_start(labels, h);
    add_head(x, "_sum", labels, NULL);
    va_end(labels);
    add_value(x, h->sum);
    va_start(labels, h);
    add_head(x, "_count", labels, NULL);
    va_end(labels);
    add_value(x, (double)below);
}
