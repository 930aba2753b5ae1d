/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_NOTIFY_H
#define HOMING_KEEPER_NOTIFY_H

/*
 * Tells the service manager how it stands, by the protocol of sd_notify(3): one datagram to the
 * socket that NOTIFY_SOCKET names. Without that variable nothing happens; no answer is awaited.
 */
void notify_ready(void); /* READY=1 */
void notify_reloading(
    void); /* RELOADING=1 with the monotonic time; ready again by notify_ready() */
void notify_stopping(void);
void notify_status(const char *text); /* one line; what would break it is left out */

#endif
