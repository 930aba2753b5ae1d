/*
 * SPDX-License-Identifier: ISC
 */
#include "base/outcome.h"

#include "base/text.h"

#include <stddef.h>

static const struct outcome_rule rules[OUTCOME_CLASSES] = {
    [OUTCOME_GOOD] = {"good", SCOPE_RECORD, DUTY_DONE, "The provider took the address.", ""},
    [OUTCOME_NOCHG] = {"nochg", SCOPE_RECORD, DUTY_DONE, "The provider had this address already.",
                       ""},
    [OUTCOME_EXISTS] = {"exists", SCOPE_RECORD, DUTY_DONE, "The record exists already.", ""},
    [OUTCOME_NONE] = {"none", SCOPE_RECORD, DUTY_DONE, "Nothing was found.", ""},
    [OUTCOME_AUTH] = {"auth", SCOPE_ACCOUNT, DUTY_STOP,
                      "The provider refuses the login or the password.",
                      "Enter the right login and password."},
    [OUTCOME_FORBIDDEN] = {"forbidden", SCOPE_ACCOUNT, DUTY_STOP,
                           "The provider knows these credentials, but they may not do this.",
                           "Give the credentials the right to edit the zone's records."},
    [OUTCOME_FEATURE] = {"feature", SCOPE_ACCOUNT, DUTY_STOP,
                         "The account's plan does not include this.",
                         "Change the plan at the provider, or the setting that needs it."},
    [OUTCOME_ABUSE] = {"abuse", SCOPE_ACCOUNT, DUTY_STOP_HARD,
                       "The provider has blocked updates because of too many.",
                       "Have the block lifted at the provider, then resume."},
    [OUTCOME_AGENT] = {"agent", SCOPE_PROVIDER, DUTY_STOP, "The provider refuses this client.",
                       "Update homing, or report this to its authors."},
    [OUTCOME_NO_ZONE] = {"no-zone", SCOPE_ZONE, DUTY_STOP,
                         "The account has no zone for this hostname.",
                         "Create the zone at the provider, or correct the hostname or zone=."},
    [OUTCOME_NO_HOST] = {"no-host", SCOPE_RECORD, DUTY_STOP,
                         "The provider does not know this hostname.",
                         "Create it at the provider first, or correct its spelling."},
    [OUTCOME_CONFLICT] = {"conflict", SCOPE_RECORD, DUTY_STOP,
                          "Something else stands at this name, and homing leaves it alone.",
                          "Remove it at the provider, or choose a policy."},
    [OUTCOME_INPUT] = {"input", SCOPE_RECORD, DUTY_STOP,
                       "The provider does not accept a value of the request.",
                       "Look at the provider's answer and correct the setting that it names."},
    [OUTCOME_NO_RECORD] = {"no-record", SCOPE_RECORD, DUTY_REPEAT,
                           "The record is not there any more.", ""},
    [OUTCOME_LIMIT] = {"limit", SCOPE_ACCOUNT, DUTY_WAIT, "The provider asks for fewer requests.",
                       ""},
    [OUTCOME_BUSY] = {"busy", SCOPE_ZONE, DUTY_WAIT, "The zone is locked by another change.", ""},
    [OUTCOME_SESSION] = {"session", SCOPE_ACCOUNT, DUTY_REPEAT,
                         "The session at the provider has ended.", ""},
    [OUTCOME_CLOCK] = {"clock", SCOPE_ACCOUNT, DUTY_REPEAT,
                       "The provider does not accept this machine's clock.",
                       "Set the clock of this machine."},
    [OUTCOME_TOO_LONG] = {"too-long", SCOPE_JOB, DUTY_REPEAT, "The request was too long.", ""},
    [OUTCOME_SERVER] = {"server", SCOPE_ENDPOINT, DUTY_BACKOFF, "The provider is in trouble.", ""},
    [OUTCOME_UNKNOWN] = {"unknown", SCOPE_ENDPOINT, DUTY_BACKOFF,
                         "The provider's answer was not understood.", ""},
    [OUTCOME_OFFLINE] = {"offline", SCOPE_ENDPOINT, DUTY_OFFLINE,
                         "There is no way to the provider right now.", ""},
    [OUTCOME_TLS] =
        {"tls", SCOPE_ENDPOINT, DUTY_BACKOFF,
         "The server could not prove who it is; nothing was sent, the password neither.",
         "Check the server's name, its certificate and the clock of this machine."},
};

const struct outcome_rule *outcome_rule(enum outcome_class c)
{
    return (unsigned)c < OUTCOME_CLASSES ? &rules[c] : &rules[OUTCOME_UNKNOWN];
}

bool outcome_class_parse(const char *name, enum outcome_class *out)
{
    for (size_t i = 0; i < OUTCOME_CLASSES; i++) {
        if (text_equal(rules[i].name, name)) {
            *out = (enum outcome_class)i;
            return true;
        }
    }
    return false;
}

bool outcome_is_good(enum outcome_class c)
{
    return c == OUTCOME_GOOD || c == OUTCOME_NOCHG;
}
