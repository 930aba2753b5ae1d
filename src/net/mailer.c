/*
 * SPDX-License-Identifier: ISC
 */
#include "net/mailer.h"

#include "base/mem.h"

struct letter {
    struct letter *next;
    struct mailer *mailer;
    uv_work_t work;
    struct smtp_mail mail; /* texts owned */
    mailer_fn *fn;
    void *arg;
    enum err result;
    struct cause cause;
};

struct mailer {
    uv_loop_t *loop;
    struct letter *first, *last; /* the first is under way */
    atomic_bool stop;
};

struct mailer *mailer_new(uv_loop_t *loop)
{
    struct mailer *m = mem_alloc(sizeof *m);

    m->loop = loop;
    atomic_init(&m->stop, false);
    return m;
}

static void letter_free(struct letter *l)
{
    const struct smtp_mail *mail = &l->mail;

    for (size_t i = 0; i < mail->to_count; i++)
        mem_free(mail->to[i]);
    mem_free((void *)(uintptr_t)mail->to);
    mem_free_secret((char *)(uintptr_t)mail->server);
    mem_free_secret((char *)(uintptr_t)mail->login);
    mem_free_secret((char *)(uintptr_t)mail->password);
    mem_free((char *)(uintptr_t)mail->ca_file);
    mem_free((char *)(uintptr_t)mail->from);
    mem_free((char *)(uintptr_t)mail->text);
    mem_free(l);
}

static void send_it(uv_work_t *work)
{
    struct letter *l = work->data;

    l->result = atomic_load(&l->mailer->stop) ? cause_set(&l->cause, ERR_IO, "homing is stopping")
                                              : smtp_send(&l->mail, &l->cause);
}

static void start(struct mailer *m);

static void on_sent(uv_work_t *work, int status)
{
    struct letter *l = work->data;
    struct mailer *m = l->mailer;

    (void)status;
    m->first = l->next;
    if (m->first != NULL)
        start(m);
    l->fn(l->arg, l->result, l->cause.text);
    letter_free(l);
    if (m->first == NULL && atomic_load(&m->stop))
        mem_free(m);
}

static void start(struct mailer *m)
{
    m->first->work.data = m->first;
    uv_queue_work(m->loop, &m->first->work, send_it, on_sent);
}

void mailer_send(struct mailer *m, const struct smtp_mail *mail, mailer_fn *fn, void *arg)
{
    struct letter *l = mem_alloc(sizeof *l);
    char **to = mem_array(mail->to_count + 1, sizeof *to);

    for (size_t i = 0; i < mail->to_count; i++)
        to[i] = mem_text(mail->to[i]);
    l->mailer = m;
    l->fn = fn;
    l->arg = arg;
    l->mail = (struct smtp_mail){.server = mem_text(mail->server),
                                 .login = mem_text(mail->login),
                                 .password = mem_text(mail->password),
                                 .ca_file = mem_text(mail->ca_file),
                                 .from = mem_text(mail->from),
                                 .to = to,
                                 .to_count = mail->to_count,
                                 .text = mem_text_n(mail->text, mail->text_len),
                                 .text_len = mail->text_len,
                                 .limit = mail->limit,
                                 .stop = &m->stop};
    bool idle = m->first == NULL;
    if (idle)
        m->first = l;
    else
        m->last->next = l;
    m->last = l;
    if (idle)
        start(m);
}

void mailer_free(struct mailer *m)
{
    if (m == NULL)
        return;
    atomic_store(&m->stop, true);
    if (m->first == NULL)
        mem_free(m);
}
