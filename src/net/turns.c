/*
 * SPDX-License-Identifier: ISC
 */
#include "net/turns.h"

#include <stddef.h>

#include "base/map.h"
#include "base/mem.h"

struct turns_host {
    char *key;
    unsigned running;
    bool alone;   /* until it has answered */
    bool streams; /* it answers by HTTP/2 */
    struct turn *first, **last;
};

struct turns {
    struct map *hosts; /* those with somebody running or waiting */
    unsigned limit;
    bool (*go)(struct turn *turn);
};

struct turns *turns_new(unsigned limit, bool (*go)(struct turn *turn))
{
    struct turns *t = mem_alloc(sizeof *t);

    *t = (struct turns){.hosts = map_new(), .limit = limit, .go = go};
    return t;
}

void turns_free(struct turns *t)
{
    map_free(t->hosts, NULL);
    mem_free(t);
}

static bool has_room(const struct turns *t, const struct turns_host *h)
{
    return h->running < (h->alone ? 1 : h->streams ? TURNS_STREAMS_MOST : t->limit);
}

bool turns_take(struct turns *t, const char *key, bool alone_first, struct turn *turn)
{
    struct turns_host *h = map_get(t->hosts, key);

    if (h == NULL) {
        h = mem_alloc(sizeof *h);
        h->key = mem_text(key);
        h->alone = alone_first;
        h->last = &h->first;
        map_set(t->hosts, key, h);
    }
    *turn = (struct turn){.host = h};
    if (h->first == NULL && has_room(t, h)) {
        turn->running = true;
        h->running++;
        return true;
    }
    *h->last = turn;
    h->last = &turn->next;
    return false;
}

static void leave_queue(struct turns_host *h, struct turn *turn)
{
    struct turn **at = &h->first;

    while (*at != turn)
        at = &(*at)->next;
    *at = turn->next;
    if (*at == NULL)
        h->last = at;
}

void turns_give(struct turns *t, struct turn *turn, enum turns_answer answer)
{
    struct turns_host *h = turn->host;

    if (h == NULL)
        return;
    turn->host = NULL;
    if (turn->running)
        h->running--;
    else
        leave_queue(h, turn);
    h->alone = h->alone && answer == TURNS_NO_ANSWER;
    if (answer != TURNS_NO_ANSWER)
        h->streams = answer == TURNS_STREAMS;
    while (h->first != NULL && has_room(t, h)) {
        struct turn *next = h->first;
        leave_queue(h, next);
        next->running = true;
        h->running++;
        if (!t->go(next))
            h->running--;
    }
    if (h->running == 0) {
        map_remove(t->hosts, h->key);
        mem_free(h->key);
        mem_free(h);
    }
}
