/*
 * SPDX-License-Identifier: ISC
 *
 * Blind services: one request tells the address, nothing is read before. A request carries one
 * record, or as much as the file's "batch" says: both families, several hostnames with the same
 * addresses.
 */
#include "publish/file.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/names.h"

#include <string.h>

static struct file_record *record_of(struct file_run *r, int member, enum family family)
{
    for (size_t i = 0; i < r->record_count; i++)
        if (r->records[i].member == member && r->records[i].family == family)
            return &r->records[i];
    return NULL;
}

static bool is_due(struct file_run *r, int member, enum family family)
{
    const struct file_record *rec = record_of(r, member, family);
    return rec != NULL && !rec->told;
}

/* Does the entry want this family, whether or not its address is known now? */
static bool is_configured(const struct file_run *r, int member, enum family family)
{
    const struct member *m = &r->job->members[member];
    const char *source = view_get(&m->settings, family == V4 ? "usev4" : "usev6");

    return m->want[family].known || (source != NULL && source[0] != '\0' &&
                                     !text_equal(source, "disabled") && !text_equal(source, "no"));
}

/* The families that a request about this member carries, as bits; 0: it can not be sent now. */
static unsigned families_of(struct file_run *r, struct file_record *first, struct step_out *out)
{
    const struct member *m = &r->job->members[first->member];
    const json_t *batch = json_object_get(r->provider->root, "batch");
    const char *other = json_string_value(json_object_get(batch, "other"));
    bool travels = text_equal(other, "send") || text_equal(other, "refuse");
    unsigned bits = 0;

    if (!r->provider->info.batch.families)
        return FAMILY_BIT(first->family);
    for (int f = V4; f <= V6; f++) {
        if (is_due(r, first->member, (enum family)f) || (travels && m->want[f].known)) {
            bits |= FAMILY_BIT(f);
        } else if (travels && is_configured(r, first->member, (enum family)f)) {
            char *say = mem_format("the %s address is not known yet, and this provider would drop "
                                   "the one that it has",
                                   family_name((enum family)f));
            file_tell(r, out, first, OUTCOME_BUSY, 0, say);
            mem_free(say);
            return 0;
        }
    }
    return bits;
}

/* A protocol that carries one address a hostname takes IPv4 where there is one. */
static bool is_left_out(struct file_run *r, struct file_record *rec, struct step_out *out)
{
    if (!text_equal(provider_text(r->provider, "family", "each"), "one") || rec->family == V4 ||
        !r->job->members[rec->member].want[V4].known)
        return false;
    file_tell(r, out, rec, OUTCOME_INPUT, 0,
              "this protocol carries one address a hostname, and that is the IPv4 one: use the "
              "provider's own file for IPv6");
    return true;
}

/* zone= and a hostname that is not in it: nothing is sent that might land elsewhere. */
static bool is_outside(struct file_run *r, struct file_record *rec, struct step_out *out)
{
    const struct member *m = &r->job->members[rec->member];
    const char *zone = file_zone_told(r, (size_t)rec->member);

    if (zone == NULL || name_within(m->hostname, zone) || file_is_bare(r, m->hostname))
        return false;
    char *say = mem_format("%s is not in the zone %s", m->hostname, zone);
    file_tell(r, out, rec, OUTCOME_NO_ZONE, 0, say);
    mem_free(say);
    return true;
}

static bool same_addresses(const struct file_run *r, int a, int b, unsigned bits)
{
    for (int f = V4; f <= V6; f++) {
        const struct want *x = &r->job->members[a].want[f], *y = &r->job->members[b].want[f];
        if ((bits & FAMILY_BIT(f)) != 0 &&
            (!x->known || !y->known || !addrset_equal(&x->wanted, &y->wanted)))
            return false;
    }
    return true;
}

/* Hosts must agree in zone= and this one has none: its own name is its zone. */
static bool is_own_zone(const struct file_run *r, int member)
{
    const char *const *same = r->provider->info.batch.same;

    while (same != NULL && *same != NULL && !text_equal(*same, "zone"))
        same++;
    return same != NULL && *same != NULL && file_zone_told(r, (size_t)member) == NULL;
}

/*
 * Those of a member's families that may travel with another's; 0: none. Where hostnames need not
 * agree in their addresses, each brings what it has.
 */
static unsigned bits_beside(struct file_run *r, size_t member, unsigned bits)
{
    const struct provider_batch *batch = &r->provider->info.batch;
    const json_t *root = json_object_get(r->provider->root, "batch");
    unsigned own = 0;

    for (int f = V4; f <= V6; f++)
        own |= is_due(r, (int)member, (enum family)f) ? FAMILY_BIT(f) : 0;
    if (!batch->families || batch->of == BATCH_ADDRESSES || json_object_get(root, "other") != NULL)
        return (own & bits) != 0 ? bits : 0;
    return own;
}

/* Marks who travels with "first", first included. */
static void gather(struct file_run *r, const struct file_record *first, unsigned bits)
{
    const struct provider_batch *batch = &r->provider->info.batch;
    size_t most = batch->hosts > 0 && !is_own_zone(r, first->member) ? batch->hosts : 1;
    size_t count = 1;

    mem_free(r->group);
    r->group = mem_array(r->job->member_count, 1);
    r->group[first->member] = (unsigned char)bits;
    for (size_t i = (size_t)first->member + 1; i < r->job->member_count && count < most; i++) {
        unsigned own = bits_beside(r, i, bits);
        if (own != 0 && !r->members[i].failed &&
            r->members[i].zone == r->members[first->member].zone &&
            (batch->of != BATCH_ADDRESSES || same_addresses(r, first->member, (int)i, bits))) {
            r->group[i] = (unsigned char)own;
            count++;
        }
    }
}

/* {hosts}, {names}, {records}, {count}, and no address of a family that does not travel. */
static void group_vars(struct file_run *r, const struct file_record *first, unsigned bits)
{
    const json_t *batch = json_object_get(r->provider->root, "batch");
    const char *other = json_string_value(json_object_get(batch, "other"));
    json_t *records = json_array();
    struct buf hosts, names;
    size_t count = 0;

    buf_init(&hosts, MARKED_MAX);
    buf_init(&names, MARKED_MAX);
    for (size_t i = 0; i < r->job->member_count; i++) {
        if (r->group[i] == 0)
            continue;
        const char *comma = count++ > 0 ? "," : "";
        buf_format(&hosts, "%s%s", comma, r->job->members[i].hostname);
        file_about(r, (int)i, FAMILIES);
        char *name = vars_text(&r->about, "name", NULL);
        buf_format(&names, "%s%s", comma, name != NULL ? name : r->job->members[i].hostname);
        mem_free(name);
        for (int f = V4; f <= V6; f++) {
            struct vars v;
            if ((r->group[i] & FAMILY_BIT(f)) == 0)
                continue;
            file_vars(r, &v, (int)i, (enum family)f);
            json_array_append(records, v.set);
            vars_fini(&v);
        }
    }
    file_about(r, first->member, r->provider->info.batch.families ? FAMILIES : first->family);
    vars_put_text(&r->about, "hosts", buf_str(&hosts));
    vars_put_text(&r->about, "names", buf_str(&names));
    vars_put(&r->about, "count", json_integer((json_int_t)count));
    vars_put(&r->about, "records", records);
    bool is_word = other != NULL && !text_equal(other, "send") && !text_equal(other, "refuse");
    for (int f = V4; f <= V6; f++)
        if ((bits & FAMILY_BIT(f)) == 0)
            vars_put_text(&r->about, f == V4 ? "ip4" : "ip6", is_word ? other : NULL);
    buf_free(&hosts);
    buf_free(&names);
}

void file_update_advance(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    for (size_t i = 0; i < r->record_count; i++) {
        struct file_record *rec = &r->records[i];
        if (rec->told || is_left_out(r, rec, out))
            continue;
        if (is_outside(r, rec, out))
            continue;
        if (file_want(r, rec)->wanted.count == 0) {
            file_tell(r, out, rec, OUTCOME_INPUT, 0,
                      "this provider can not delete a record: delete it there by hand");
            continue;
        }
        unsigned bits = families_of(r, rec, out);
        if (bits == 0)
            continue;
        gather(r, rec, bits);
        group_vars(r, rec, bits);
        file_call(r, FOR_UPDATE, "update", SLOT_UPDATE, in, out);
        return;
    }
    r->stage = FILE_FINISH;
}

/* The line of the reply that is about the nth hostname; owned, NULL when there is none. */
static char *line_of(const char *text, size_t n, size_t hosts)
{
    const char *first = NULL;
    size_t first_len = 0, count = 0;

    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        size_t kept = len;
        while (kept > 0 && text_is_space(at[kept - 1]))
            kept--;
        if (kept > 0) {
            if (count == 0) {
                first = at;
                first_len = kept;
            }
            if (count++ == n)
                return mem_text_n(at, kept);
        }
        at += len + (at[len] != '\0');
    }
    /* One line for all. */
    return count == 1 && hosts > 1 ? mem_text_n(first, first_len) : NULL;
}

static bool tell_member(struct file_run *r, struct step_out *out, size_t member,
                        const struct verdict *v)
{
    for (int f = V4; f <= V6; f++) {
        struct file_record *rec = record_of(r, (int)member, (enum family)f);
        if ((r->group[member] & FAMILY_BIT(f)) == 0 || rec == NULL || rec->told)
            continue;
        if (outcome_is_good(v->cls))
            file_tell(r, out, rec, v->cls, 0, v->say);
        else if (file_fail(r, out, rec, v))
            return false;
    }
    return true;
}

/* Line by line, in the order of the hostnames. */
static void judge_lines(struct file_run *r, const struct step_in *in, struct step_out *out,
                        size_t hosts)
{
    const struct call *c = &r->over;
    size_t n = 0;

    for (size_t i = 0; i < r->job->member_count; i++) {
        struct verdict v = {.cls = OUTCOME_UNKNOWN};
        if (r->group[i] == 0)
            continue;
        char *line = line_of(c->text, n++, hosts);
        if (line != NULL) {
            struct answer a = {c->status, c->tree, line};
            judge_reply(r->provider, c->merged, SLOT_UPDATE, &a, &c->vars, in->now.wall, &v);
        } else {
            v.say = mem_text("the provider said nothing about this hostname");
        }
        bool go_on = tell_member(r, out, i, &v);
        verdict_free(&v);
        mem_free(line);
        if (!go_on)
            return;
    }
}

void file_update_done(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    const struct call *c = &r->over;
    const json_t *head = provider_slot_head(r->provider, "update");
    bool by_line = text_equal(json_string_value(json_object_get(head, "lines")), "hosts");
    size_t hosts = 0;

    for (size_t i = 0; i < r->job->member_count; i++)
        hosts += r->group[i] != 0;
    if (!outcome_is_good(c->verdict.cls) && file_mended(r, &c->verdict)) {
        r->stage = FILE_CLOCK;
    } else if (by_line && c->status != NULL && c->status->status / 100 == 2) {
        judge_lines(r, in, out, hosts);
    } else {
        for (size_t i = 0; i < r->job->member_count; i++)
            if (r->group[i] != 0 && !tell_member(r, out, i, &c->verdict))
                return;
    }
}
