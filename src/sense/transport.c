/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/inside.h"

enum { TIMEOUT_MOST = 10 * MINUTE };

struct transport spec_transport(const struct spec *spec)
{
    return (struct transport){.proxy = spec->proxy,
                              .ca_file = spec->ca_file,
                              .ca_dir = spec->ca_dir,
                              .tls_unchecked = spec->tls_unchecked,
                              .timeout =
                                  spec->timeout < TIMEOUT_MOST ? spec->timeout : TIMEOUT_MOST,
                              .redirects = spec->redirects,
                              .interface = spec->interface,
                              .source_address = spec->source_address,
                              .mark = spec->mark};
}
