/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_COMPAT_COMPAT_H
#define HOMING_PUBLISH_COMPAT_COMPAT_H

#include "publish/step.h"

/*
 * The dialogues of ddclient's protocols that a provider file can not say exactly: one file each, a
 * script on talk.h or a protocol of its own. They send what ddclient sends, in its order but where
 * that would leave a name without its record (doc/ddclient-differences.md).
 */
extern const struct protocol protocol_compat_cloudflare;
extern const struct protocol protocol_compat_digitalocean;
extern const struct protocol protocol_compat_emailonly;
extern const struct protocol protocol_compat_freedns;
extern const struct protocol protocol_compat_gandi;
extern const struct protocol protocol_compat_hetzner;
extern const struct protocol protocol_compat_ionos;
extern const struct protocol protocol_compat_netcup;
extern const struct protocol protocol_compat_nfsn;
extern const struct protocol protocol_compat_ns1;
extern const struct protocol protocol_compat_porkbun;
extern const struct protocol protocol_compat_spaceship;
extern const struct protocol protocol_compat_yandex;
extern const struct protocol protocol_compat_zoneedit1;

#endif
