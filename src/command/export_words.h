/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_EXPORT_WORDS_H
#define HOMING_COMMAND_EXPORT_WORDS_H

/*
 * How ddclient calls what provider= says: its protocol, with server and script where these are not
 * that protocol's own, and the settings that have another name there.
 */
struct export_word {
    const char *ours, *word; /* word NULL: another interface of the same name; ddclient has none */
    const char *server, *script; /* NULL: the protocol's */
};

/* NULL: nothing is known of it but its id. */
const struct export_word *export_word_find(const char *provider);

/* ddclient's name for a setting of that provider: "host" is the hostname's place; the same name
 * where nothing is known. */
const char *export_word_setting(const char *provider, const char *setting);

/* The login that ddclient wants where our provider has none; NULL: none. "" is the hostname. */
const char *export_word_login(const char *provider);

#endif
