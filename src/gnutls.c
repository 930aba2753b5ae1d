/*
 * SPDX-License-Identifier: ISC
 */
/*
 * GnuTLS comes along with libcurl, for RTMP and LDAP, and with libmicrohttpd. As soon as it is
 * loaded it makes its tables, a third of a millisecond and 100 KiB, unless the program says by this
 * function that whoever needs it begins it (its manual: GNUTLS_SKIP_GLOBAL_INIT). Here nobody does.
 */
int _gnutls_global_init_skip(void);

int _gnutls_global_init_skip(void)
{
    return 1;
}
