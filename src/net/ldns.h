/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_LDNS_H
#define HOMING_NET_LDNS_H

#include <ldns/ldns.h>

#include "base/late.h"

/* ldns, loaded when it is first called: all that homing calls of it. */
#define ldns_pkt2wire                LATE(ldns, ldns_pkt2wire)
#define ldns_pkt_aa                  LATE(ldns, ldns_pkt_aa)
#define ldns_pkt_answer              LATE(ldns, ldns_pkt_answer)
#define ldns_pkt_authority           LATE(ldns, ldns_pkt_authority)
#define ldns_pkt_additional          LATE(ldns, ldns_pkt_additional)
#define ldns_pkt_edns_extended_rcode LATE(ldns, ldns_pkt_edns_extended_rcode)
#define ldns_pkt_free                LATE(ldns, ldns_pkt_free)
#define ldns_pkt_get_rcode           LATE(ldns, ldns_pkt_get_rcode)
#define ldns_pkt_id                  LATE(ldns, ldns_pkt_id)
#define ldns_pkt_qr                  LATE(ldns, ldns_pkt_qr)
#define ldns_pkt_query_new           LATE(ldns, ldns_pkt_query_new)
#define ldns_pkt_set_edns_udp_size   LATE(ldns, ldns_pkt_set_edns_udp_size)
#define ldns_pkt_tc                  LATE(ldns, ldns_pkt_tc)
#define ldns_rdf2native_int32        LATE(ldns, ldns_rdf2native_int32)
#define ldns_rdf2str                 LATE(ldns, ldns_rdf2str)
#define ldns_rdf_data                LATE(ldns, ldns_rdf_data)
#define ldns_rdf_deep_free           LATE(ldns, ldns_rdf_deep_free)
#define ldns_rdf_size                LATE(ldns, ldns_rdf_size)
#define ldns_rr_get_class            LATE(ldns, ldns_rr_get_class)
#define ldns_rr_get_type             LATE(ldns, ldns_rr_get_type)
#define ldns_rr_list_rr              LATE(ldns, ldns_rr_list_rr)
#define ldns_rr_list_rr_count        LATE(ldns, ldns_rr_list_rr_count)
#define ldns_rr_owner                LATE(ldns, ldns_rr_owner)
#define ldns_rr_rd_count             LATE(ldns, ldns_rr_rd_count)
#define ldns_rr_rdf                  LATE(ldns, ldns_rr_rdf)
#define ldns_rr_ttl                  LATE(ldns, ldns_rr_ttl)
#define ldns_str2rdf_dname           LATE(ldns, ldns_str2rdf_dname)
#define ldns_wire2pkt                LATE(ldns, ldns_wire2pkt)

#endif
