/*
 * SPDX-License-Identifier: ISC
 */
#include "command/telling.h"

#include <limits.h>
#include <unistd.h>

static void send_mail(void *mailer, const struct smtp_mail *mail, post_mailed_fn *fn, void *arg)
{
    mailer_send(mailer, mail, fn, arg);
}

struct post *telling_new(struct engine *engine, struct mailer *mailer, bool once)
{
    char machine[HOST_NAME_MAX + 1] = "";
    const struct post_seams seams = {
        .engine = engine, .mailer = mailer, .mail = send_mail, .machine = machine, .once = once};

    gethostname(machine, sizeof machine - 1);
    return post_new(&seams);
}
