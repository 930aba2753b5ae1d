/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_METRICS_H
#define HOMING_WEB_METRICS_H

#include "base/exposition.h"
#include "web/routes.h"

/*
 * /metrics: which form of text the collector wants, and who may have it. What is measured is the
 * model's.
 */
route_fn api_metrics;

/* By the Accept header (RFC 9110, section 12.5.1; NULL: absent). OpenMetrics is given when it is
 * named and not less welcome than plain text. False when neither is acceptable. */
bool metrics_form(const char *accept, enum exposition_form *out);
/* metrics=loopback: a program of this machine, that speaks for nobody else (a proxy that does says
 * so in its headers). */
bool metrics_neighbour(const struct http_call *call);

#endif
