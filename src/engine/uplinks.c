/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/uplinks.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/conf.h"
#include "decide/uplink.h"
#include "engine/lines.h"

/* One uplink of a choice. */
struct leg {
    char *name;             /* owned */
    struct source *source;  /* the inner sense's: one use */
    struct addrset last;    /* what it said when it worked last */
    bool standby, attended; /* a standby is asked in need only */
    bool may_ask;           /* the line may be asked whether it works */
    msec asks;              /* ... and is, after so long a silence; 0: not */
    bool cut;               /* its gateway is gone, by the kernel's last word */
    struct line_watch *line;
};

/* What the engine holds as a source: another one's, or a choice of several for one family. */
struct way {
    struct uplinks *all;
    char *key; /* owned */
    unsigned uses;
    struct source *single; /* NULL: a choice. One use of it for each of ours */
    char *name;            /* owned; of a choice, as what follows */
    enum family family;
    bool private_too;
    struct uplink_choice choice;
    struct leg legs[UPLINKS_MAX];
    struct sensed said;
    bool tell; /* its next answer is told even if nothing changed */
    struct net_timer *timer;
    struct way *next; /* the list of choices */
};

struct uplinks {
    struct sense seam; /* first: the seam is cast back */
    struct sense *inner;
    struct net *net;
    struct lines *lines;
    bool (*lookup)(void *arg, const char *name, struct view *out);
    void *lookup_arg;
    struct map *ways; /* by key */
    struct way *choices;
    bool quiet; /* inside use() */
    bool dirty; /* the memory does not have what counts */
};

static struct uplinks *back(const struct sense *sense)
{
    return (struct uplinks *)(uintptr_t)sense;
}

static struct way *way_of(const struct source *source)
{
    return (struct way *)(uintptr_t)source;
}

static struct source *as_source(struct way *w)
{
    return (struct source *)(void *)w;
}

enum { KEY_MAX = 32 };

static const char *single_key(const struct source *source, char key[KEY_MAX])
{
    snprintf(key, KEY_MAX, "%p", (const void *)source);
    return key;
}

static const struct sensed *leg_value(const struct way *w, unsigned i)
{
    return w->all->inner->ops->value(w->legs[i].source, w->family);
}

/* --- what a choice says --- */

static bool publishable(const struct way *w, const struct sensed *v)
{
    if (v->state != SENSED_KNOWN)
        return false;
    for (size_t i = 0; i < v->set.count; i++)
        if (w->private_too || addr_kind(&v->set.items[i]) == ADDR_PUBLIC)
            return true;
    return false;
}

/* The silence after which a line is asked; one that is spared, only when it is needed and dead. */
enum { ASK_LEAST = 2 * SECOND, ASK_MOST = MINUTE, ASK_SPARED = 10 * MINUTE };

static void attend(struct way *w)
{
    const struct sense_ops *ops = w->all->inner->ops;
    msec every = w->choice.hold < ASK_LEAST  ? ASK_LEAST
                 : w->choice.hold > ASK_MOST ? ASK_MOST
                                             : w->choice.hold;

    for (unsigned i = 0; i < w->choice.count; i++) {
        struct leg *leg = &w->legs[i];
        bool wanted = uplink_needed(&w->choice, i), needed = !leg->standby || wanted;
        bool lost = lines_trouble(leg->line) != NULL; /* is it back? */
        msec asks = !wanted || !publishable(w, leg_value(w, i)) ? 0
                    : leg->may_ask                              ? every
                    : lost                                      ? ASK_SPARED
                                                                : 0;
        if (asks != leg->asks)
            lines_ask(leg->line, leg->asks, asks);
        leg->asks = asks;
        if (needed != leg->attended && ops->attend != NULL)
            ops->attend(w->all->inner, leg->source, needed);
        leg->attended = needed;
    }
}

/* Why those that stand before the chosen one are not used; of a choice without an address, all. */
static void explain(const struct way *w, int chosen, char *out, size_t room)
{
    struct buf b;

    buf_init(&b, room);
    if (chosen > 0)
        buf_format(&b, "by way of %s", w->legs[chosen].name);
    for (unsigned i = 0; i < w->choice.count; i++) {
        const struct sensed *v = leg_value(w, i);
        if (w->choice.of[i].counts && w->choice.of[i].works) {
            if (v->error[0] != '\0')
                buf_format(&b, "%s%s", b.len > 0 ? "; " : "", v->error);
        } else if (chosen < 0 || w->choice.mode == UPLINK_ALL || (int)i < chosen) {
            const char *trouble = lines_trouble(w->legs[i].line);
            const char *why = v->error[0] != '\0'     ? v->error
                              : trouble != NULL       ? trouble
                              : w->choice.of[i].works ? "it works again, but not for long yet"
                              : v->asked != 0         ? "it has no address to publish"
                              : w->legs[i].standby    ? "it was not asked yet (standby)"
                                                      : "no answer yet";
            buf_format(&b, "%s%s: %s", b.len > 0 ? "; " : "", w->legs[i].name, why);
        }
    }
    snprintf(out, room, "%s", buf_str(&b));
    buf_free(&b);
}

/* The addresses of what counts. An uplink within its hold-down is known by what it said last. */
static void gather(const struct way *w, struct sensed *out)
{
    bool all_none = true;

    for (unsigned i = 0; i < w->choice.count; i++) {
        const struct sensed *v = leg_value(w, i);
        bool held = w->choice.mode == UPLINK_ALL && !w->choice.of[i].works;
        const struct addrset *set = held ? &w->legs[i].last : &v->set;
        all_none = all_none && v->state == SENSED_NONE;
        if (v->asked > out->asked) {
            out->asked = v->asked;
            out->took = v->took;
        }
        for (size_t k = 0;
             w->choice.of[i].counts && (held || v->state == SENSED_KNOWN) && k < set->count; k++)
            addrset_add(&out->set, &set->items[k]);
    }
    out->state = out->set.count > 0 ? SENSED_KNOWN : all_none ? SENSED_NONE : SENSED_UNKNOWN;
    for (unsigned i = 0; i < w->choice.count && out->state == SENSED_UNKNOWN; i++) {
        const struct sensed *v = leg_value(w, i);
        bool refused = v->state == SENSED_KNOWN && !publishable(w, v);
        if (refused && uplink_first(&w->choice) < 0) { /* the engine says what is wrong with it */
            out->state = SENSED_KNOWN;
            out->set = v->set;
        }
    }
}

static void say(struct way *w)
{
    struct sensed now = {.state = SENSED_UNKNOWN};

    gather(w, &now);
    explain(w, now.state == SENSED_KNOWN ? uplink_first(&w->choice) : -1, now.error,
            sizeof now.error);
    bool changed = now.state != w->said.state || !addrset_equal(&now.set, &w->said.set);
    now.since = changed || w->said.since == 0 ? net_now(w->all->net).wall : w->said.since;
    bool tell = changed || (w->tell && now.asked != 0);
    w->said = now;
    if (!tell || w->all->quiet || w->all->seam.fn == NULL)
        return;
    w->tell = false;
    w->all->seam.fn(w->all->seam.fn_arg, as_source(w), w->family);
}

static void log_choice(const struct way *w, int former)
{
    int chosen = uplink_first(&w->choice);

    if (w->choice.mode == UPLINK_PREFER && former >= 0 && chosen >= 0 && chosen != former)
        log_notice(NULL, "%s: the uplink %s is used in place of %s", family_name(w->family),
                   w->legs[chosen].name, w->legs[former].name);
}

static void look(void *arg)
{
    struct way *w = arg;
    const struct sense *inner = w->all->inner;
    msec now = net_now(w->all->net).mono, next;
    int former = uplink_first(&w->choice);

    for (unsigned i = 0; i < w->choice.count; i++) {
        const struct sensed *v = leg_value(w, i);
        struct leg *leg = &w->legs[i];
        bool known = publishable(w, v);
        bool cut = inner->ops->cut != NULL && inner->ops->cut(leg->source, w->family);
        if (cut != leg->cut)
            lines_gateway(leg->line, cut);
        leg->cut = cut;
        if (v->asked != 0)
            uplink_heard(&w->choice, i, known && lines_trouble(leg->line) == NULL, now);
        if (known && !addrset_equal(&leg->last, &v->set)) {
            leg->last = v->set;
            w->all->dirty = true;
        }
    }
    if (uplink_decide(&w->choice, now, &next)) {
        w->all->dirty = true;
        log_choice(w, former);
    }
    w->all->net->ops->timer_set(w->timer, next);
    attend(w);
    say(w);
}

static void on_sensed(void *arg, struct source *source, enum family family)
{
    struct uplinks *u = arg;
    char key[KEY_MAX];
    struct way *single = map_get(u->ways, single_key(source, key));

    if (single != NULL && u->seam.fn != NULL)
        u->seam.fn(u->seam.fn_arg, as_source(single), family);
    for (struct way *w = u->choices; w != NULL; w = w->next) {
        bool mine = false;
        for (unsigned i = 0; w->family == family && i < w->choice.count; i++)
            mine = mine || w->legs[i].source == source;
        if (mine)
            look(w);
    }
}

/* --- memory: of each uplink that counts, what it said last --- */

const char uplinks_account[] = "uplinks";

static char *memory_key(const struct way *w, unsigned leg)
{
    return mem_format("%s/%s/%s", family_name(w->family), w->name, w->legs[leg].name);
}

void uplinks_keep(struct uplinks *u, struct state_batch *batch)
{
    char value[ADDRSET_TEXT_MAX];

    if (!u->dirty)
        return;
    u->dirty = false;
    struct memory *m = memory_new();
    for (const struct way *w = u->choices; w != NULL; w = w->next)
        for (unsigned i = 0; i < w->choice.count; i++) {
            if (!w->choice.of[i].counts)
                continue;
            char *key = memory_key(w, i);
            memory_put(m, key, addrset_text(&w->legs[i].last, value), NEVER, false);
            mem_free(key);
        }
    state_batch_memory(batch, uplinks_account, m);
    memory_free(m);
}

static void read_addresses(const char *text, struct addrset *out)
{
    struct addr a;

    *out = (struct addrset){.count = 0};
    for (const char *p = text; *p != '\0';) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, ", ");
        if (addr_parse_n(p, n, &a))
            addrset_add(out, &a);
        p += n;
    }
}

static void remember(struct way *w, const char *key, const char *value)
{
    unsigned counted = 0;

    for (unsigned i = 0; i < w->choice.count; i++) {
        char *own = memory_key(w, i);
        if (text_equal(own, key)) {
            read_addresses(value, &w->legs[i].last);
            w->choice.of[i].counts = true;
        }
        mem_free(own);
        counted |= w->choice.of[i].counts ? 1u << i : 0;
    }
    if (counted == 0)
        return;
    uplink_resume(&w->choice, counted, net_now(w->all->net).mono);
    look(w);
}

void uplinks_remember(struct uplinks *u, const char *key, const char *value)
{
    bool quiet = u->quiet;

    u->quiet = true;
    for (struct way *w = u->choices; w != NULL; w = w->next)
        if (w->said.asked == 0) /* a restart: nobody spoke yet */
            remember(w, key, value);
    u->quiet = quiet;
}

/* --- use and release --- */

/* The settings of an entry, with one of its uplinks. */
struct overlay {
    const struct view *under;
    const char *uplink;
};

static const char *overlay_get(const void *self, const char *name)
{
    const struct overlay *o = self;
    return text_equal(name, "uplink") ? o->uplink : view_get(o->under, name);
}

static bool overlay_secret(const void *self, const char *name)
{
    const struct overlay *o = self;
    return view_secret(o->under, name);
}

/* By the settings of its uplink. */
static void describe(struct leg *leg, struct way *w, unsigned at)
{
    struct uplinks *u = w->all;
    struct transport way = {.timeout = 0};
    struct view v;

    if (u->lookup != NULL && u->lookup(u->lookup_arg, leg->name, &v)) {
        bool spared = conf_bool(&v, "standby") || conf_bool(&v, "metered");
        leg->standby = at > 0 && spared;
        leg->may_ask = !spared && conf_bool(&v, "probe");
        way.interface = conf_text(&v, "interface");
        way.source_address = conf_text(&v, "source-address");
        way.mark = (uint32_t)conf_number(&v, "mark");
    }
    leg->line = lines_watch(u->lines, &way, w->family);
}

/* The legs of the choice; false, with nothing kept, when the entry wants no address. */
static bool take_legs(struct way *w, const struct view *settings, const char **why)
{
    struct sense *inner = w->all->inner;
    unsigned count = 0;

    for (const char *p = view_get(settings, "uplink"); count < UPLINKS_MAX;) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, ", ");
        if (n == 0)
            break;
        struct leg *leg = &w->legs[count];
        struct overlay overlay = {settings, leg->name = mem_text_n(p, n)};
        struct view view = {&overlay, overlay_get, overlay_secret};
        leg->source = inner->ops->use(inner, &view, w->family, why);
        count += leg->source != NULL;
        if (leg->source == NULL) {
            mem_free(leg->name);
            break;
        }
        describe(leg, w, count - 1);
        leg->attended = true;
        p += n;
    }
    w->choice.count = count;
    return count > 0;
}

static void drop_legs(struct way *w)
{
    struct sense *inner = w->all->inner;

    for (unsigned i = 0; i < w->choice.count; i++) {
        struct leg *leg = &w->legs[i];
        if (!leg->attended && inner->ops->attend != NULL)
            inner->ops->attend(inner, leg->source, true);
        inner->ops->release(inner, leg->source);
        if (leg->asks > 0)
            lines_ask(leg->line, leg->asks, 0);
        lines_release(leg->line);
        mem_free(leg->name);
    }
    w->choice.count = 0;
}

static unsigned listed(const char *list)
{
    unsigned count = 0;

    while (list != NULL && *(list += strspn(list, ", ")) != '\0') {
        count++;
        list += strcspn(list, ", ");
    }
    return count;
}

static void free_way(void *value)
{
    struct way *w = value;
    struct way **link = &w->all->choices;

    while (*link != NULL && *link != w)
        link = &(*link)->next;
    if (*link == w)
        *link = w->next;
    drop_legs(w);
    w->all->net->ops->timer_free(w->timer);
    mem_free(w->name);
    mem_free(w->key);
    mem_free(w);
}

/* One way a key: the former of the two if it is there already. */
static struct way *keep(struct uplinks *u, struct way *w)
{
    struct way *former = map_get(u->ways, w->key);

    if (former != NULL) {
        free_way(w);
        former->uses++;
        return former;
    }
    w->uses = 1;
    map_set(u->ways, w->key, w);
    return w;
}

static struct way *use_single(struct uplinks *u, const struct view *settings, enum family family,
                              const char **why)
{
    struct source *source = u->inner->ops->use(u->inner, settings, family, why);
    char key[KEY_MAX];

    if (source == NULL)
        return NULL;
    struct way *w = mem_alloc(sizeof *w);
    *w = (struct way){.all = u, .single = source, .key = mem_text(single_key(source, key))};
    return keep(u, w);
}

static char *key_of(const struct way *w)
{
    struct buf key;

    buf_init(&key, 4096);
    buf_format(&key, "%d %d %d %lld", (int)w->family, (int)w->choice.mode, w->private_too,
               (long long)w->choice.hold);
    for (unsigned i = 0; i < w->choice.count; i++)
        buf_format(&key, " %p %s", (void *)w->legs[i].source, w->legs[i].name);
    return buf_take(&key);
}

static struct way *use_choice(struct uplinks *u, const struct view *settings, enum family family,
                              const char **why)
{
    struct way *w = mem_alloc(sizeof *w);
    bool all = text_equal(conf_text(settings, "uplink-mode"), "all");
    msec hold = conf_length(settings, "uplink-hold"), now = net_now(u->net).mono;

    *w = (struct way){.all = u, .family = family};
    if (!take_legs(w, settings, why)) {
        mem_free(w);
        return NULL;
    }
    unsigned count = w->choice.count;
    uplink_init(&w->choice, all ? UPLINK_ALL : UPLINK_PREFER, count, hold, now);
    w->private_too = conf_bool(settings, "allow-private");
    w->key = key_of(w);
    struct way *kept = keep(u, w);
    if (kept != w)
        return kept;
    w->timer = u->net->ops->timer_new(u->net, look, w);
    w->next = u->choices;
    u->choices = w;
    w->name = mem_format("%s %s", all ? "all of" : "first of", view_get(settings, "uplink"));
    attend(w);
    look(w);
    return w;
}

static struct source *use(struct sense *sense, const struct view *settings, enum family family,
                          const char **why)
{
    struct uplinks *u = back(sense);
    bool several = listed(view_get(settings, "uplink")) > 1;
    bool quiet = u->quiet;

    u->quiet = true;
    struct way *w =
        several ? use_choice(u, settings, family, why) : use_single(u, settings, family, why);
    u->quiet = quiet;
    return w != NULL ? as_source(w) : NULL;
}

static void release(struct sense *sense, struct source *source)
{
    struct uplinks *u = back(sense);
    struct way *w = way_of(source);

    if (w->single != NULL)
        u->inner->ops->release(u->inner, w->single);
    if (--w->uses > 0)
        return;
    map_remove(u->ways, w->key);
    free_way(w);
}

/* --- the rest of the seam --- */

static const struct sensed *value(const struct source *source, enum family family)
{
    static const struct sensed nothing;
    const struct way *w = way_of(source);

    if (w->single != NULL)
        return w->all->inner->ops->value(w->single, family);
    return family == w->family ? &w->said : &nothing;
}

static void refresh(struct sense *sense, struct source *source)
{
    struct sense *inner = back(sense)->inner;
    struct way *w = way_of(source);

    if (w->single != NULL)
        inner->ops->refresh(inner, w->single);
    w->tell = w->single == NULL;
    for (unsigned i = 0; i < w->choice.count; i++)
        if (w->legs[i].attended)
            inner->ops->refresh(inner, w->legs[i].source);
}

static const char *name(const struct source *source)
{
    const struct way *w = way_of(source);
    return w->single != NULL ? w->all->inner->ops->name(w->single) : w->name;
}

static const char *kind(const struct source *source)
{
    const struct way *w = way_of(source);
    return w->single != NULL ? w->all->inner->ops->kind(w->single) : "uplinks";
}

static struct source *next(const struct sense *sense, const struct source *after)
{
    bool found = after == NULL;
    size_t at = 0;
    void *value_at;

    while (map_next(back(sense)->ways, &at, NULL, &value_at)) {
        if (found)
            return as_source(value_at);
        found = value_at == (const void *)after;
    }
    return NULL;
}

static bool facts(const struct sense *sense, enum family family, struct place_facts *out)
{
    const struct sense *inner = back(sense)->inner;
    return inner->ops->facts != NULL && inner->ops->facts(inner, family, out);
}

static const struct sense_ops ops = {.use = use,
                                     .release = release,
                                     .value = value,
                                     .refresh = refresh,
                                     .name = name,
                                     .kind = kind,
                                     .facts = facts,
                                     .next = next};

static void on_line(void *arg, const struct line_watch *line)
{
    struct uplinks *u = arg;

    for (struct way *w = u->choices; w != NULL; w = w->next) {
        bool mine = false;
        for (unsigned i = 0; i < w->choice.count; i++)
            mine = mine || w->legs[i].line == line;
        if (mine)
            look(w);
    }
}

struct uplinks *uplinks_new(struct sense *inner, struct net *net,
                            bool (*lookup)(void *arg, const char *name, struct view *out),
                            void *lookup_arg)
{
    struct uplinks *u = mem_alloc(sizeof *u);

    *u = (struct uplinks){.seam.ops = &ops,
                          .inner = inner,
                          .net = net,
                          .lines = lines_new(net, on_line, u),
                          .lookup = lookup,
                          .lookup_arg = lookup_arg,
                          .ways = map_new()};
    inner->fn = on_sensed;
    inner->fn_arg = u;
    return u;
}

void uplinks_free(struct uplinks *u)
{
    if (u == NULL)
        return;
    u->inner->fn = NULL;
    map_free(u->ways, free_way);
    lines_free(u->lines);
    mem_free(u);
}

struct net *uplinks_net(struct uplinks *u)
{
    return lines_net(u->lines);
}

struct sense *uplinks_sense(struct uplinks *u)
{
    return &u->seam;
}

const char *uplinks_chosen(const struct source *source)
{
    const struct way *w = source != NULL ? way_of(source) : NULL;
    int chosen = w != NULL && w->single == NULL ? uplink_first(&w->choice) : -1;

    return chosen >= 0 ? w->legs[chosen].name : NULL;
}

const struct source *uplinks_inner(const struct source *source, unsigned n)
{
    const struct way *w = way_of(source);

    if (w->single != NULL)
        return n == 0 ? w->single : NULL;
    return n < w->choice.count ? w->legs[n].source : NULL;
}
