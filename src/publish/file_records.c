/*
 * SPDX-License-Identifier: ISC
 *
 * Read, plan, write: a unit at a time. A unit is one record, or as many as one write may carry.
 */
#include "publish/file.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

enum { BUSY_TRIES = 2, REREADS_MAX = 2, CHECK_TRIES_DEFAULT = 30 };
enum { BUSY_WAIT = 3 * SECOND, CHECK_WAIT_DEFAULT = 2 * SECOND };

static const char *const slot_of[PLAN_KINDS] = {
    [PLAN_CREATE] = "create", [PLAN_REPLACE] = "replace", [PLAN_DELETE] = "delete",
    [PLAN_SET] = "set",       [PLAN_ADD] = "add",         [PLAN_REMOVE] = "remove",
};

static bool carries_many(const struct file_run *r, const char *slot)
{
    return json_is_true(json_object_get(provider_slot_head(r->provider, slot), "many"));
}

static bool any_many(const struct file_run *r)
{
    for (int k = 0; k < PLAN_KINDS; k++)
        if (carries_many(r, slot_of[k]))
            return true;
    return false;
}

/* ---- units ---- */

/* The next records that go together: those of one zone, as many as a write may carry. */
static bool next_unit(struct file_run *r)
{
    const struct provider_batch *batch = &r->provider->info.batch;
    size_t at = r->unit + r->unit_count;
    size_t most = batch->hosts > 0 ? batch->hosts : 1;

    while (at < r->record_count && r->records[at].told)
        at++;
    if (at == r->record_count)
        return false;
    r->unit = at;
    r->unit_count = 1;
    if (!any_many(r))
        return true;
    size_t hosts = 1;
    for (size_t i = at + 1; i < r->record_count; i++) {
        const struct file_record *last = &r->records[i - 1], *rec = &r->records[i];
        bool other_host = rec->member != last->member;
        if (rec->told || r->members[rec->member].zone != r->members[last->member].zone ||
            (other_host ? ++hosts > most : !batch->families))
            break;
        r->unit_count++;
    }
    return true;
}

static void drop_ops(struct file_run *r)
{
    mem_free(r->ops);
    r->ops = NULL;
    r->op_count = r->at_op = r->op_span = 0;
    r->busy_tries = r->check_tries = 0;
}

/* ---- reading ---- */

static void read_record(struct file_run *r, struct file_record *rec, const struct step_in *in,
                        struct step_out *out)
{
    file_about(r, rec->member, rec->family);
    file_call(r, FOR_READ, "records", SLOT_READ, in, out);
}

/* The first element that has an id and no value, for "record"; -1 when all are complete. */
static int incomplete(const struct file_record *rec)
{
    for (size_t i = rec->details; i < json_array_size(rec->elements); i++)
        if (json_object_get(json_array_get(rec->elements, i), "value") == NULL &&
            json_object_get(json_array_get(rec->elements, i), "refused") == NULL)
            return (int)i;
    return -1;
}

static void read_detail(struct file_run *r, struct file_record *rec, int element,
                        const struct step_in *in, struct step_out *out)
{
    json_t *id = json_object_get(json_array_get(rec->elements, (size_t)element), "id");

    rec->details = (size_t)element;
    file_about(r, rec->member, rec->family);
    vars_put(&r->about, "id", json_incref(id));
    file_call(r, FOR_DETAIL, "record", SLOT_READ, in, out);
}

/* The first record of the unit that is not read to the end. */
static struct file_record *unread(struct file_run *r)
{
    for (size_t i = r->unit; i < r->unit + r->unit_count; i++) {
        struct file_record *rec = &r->records[i];
        if (!rec->told && !rec->held && (!rec->read || incomplete(rec) >= 0))
            return rec;
    }
    return NULL;
}

static void read_done(struct file_run *r, struct file_record *rec, struct step_out *out)
{
    const struct call *c = &r->over;

    if (!outcome_is_good(c->verdict.cls) && c->verdict.cls != OUTCOME_NONE) {
        if (file_mended(r, &c->verdict)) {
            r->stage = FILE_CLOCK;
        } else if (c->verdict.cls == OUTCOME_NO_ZONE && file_zone_again(r, rec)) {
            return;
        } else if (rec->uncertain) {
            struct verdict v = {OUTCOME_SERVER, c->verdict.wait,
                                mem_text("the provider did not answer, and could not be asked "
                                         "whether the change was made")};
            file_fail(r, out, rec, &v);
            verdict_free(&v);
        } else {
            file_fail(r, out, rec, &c->verdict);
        }
        return;
    }
    json_decref(rec->elements);
    rec->elements = json_incref(c->elements);
    rec->details = 0;
    rec->read = true;
}

static void detail_done(struct file_run *r, struct file_record *rec, struct step_out *out)
{
    const struct call *c = &r->over;
    json_t *element = json_array_get(rec->elements, rec->details);

    if (c->verdict.cls == OUTCOME_NONE || c->verdict.cls == OUTCOME_NO_RECORD) {
        json_array_remove(rec->elements, rec->details); /* gone meanwhile */
    } else if (!outcome_is_good(c->verdict.cls)) {
        file_fail(r, out, rec, &c->verdict);
    } else {
        json_t *copy = json_copy(element);
        json_object_update(copy, json_array_size(c->elements) > 0 ? json_array_get(c->elements, 0)
                                                                  : c->taken);
        if (json_array_size(c->elements) == 0)
            json_object_set(copy, "item", c->tree);
        if (json_object_get(copy, "value") == NULL)
            json_object_set_new(copy, "value", json_string(""));
        json_array_set_new(rec->elements, rec->details, copy);
    }
}

/* ---- planning ---- */

static bool value_of(const json_t *element, enum family family, struct addr *out)
{
    const char *text = json_string_value(json_object_get(element, "value"));
    return text != NULL && addr_parse(text, out) && out->family == family;
}

static unsigned abilities(const struct file_run *r)
{
    unsigned can = 0;

    for (int k = 0; k < PLAN_KINDS; k++)
        if (provider_has(r->provider, slot_of[k]))
            can |= PLAN_CAN(k);
    return can;
}

/* Is a TTL configured that differs from the one that stands there? */
static bool stale_ttl(struct file_run *r, const struct file_record *rec)
{
    const char *told = view_get(&r->job->members[rec->member].settings, "ttl");
    json_t *standing = json_object_get(json_array_get(rec->elements, 0), "ttl");

    if (told == NULL || told[0] == '\0' || standing == NULL ||
        json_object_get(r->provider->root, "ttl") == NULL)
        return false;
    json_t *wanted = file_ttl(r, rec->member, NULL);
    char *a = json_scalar_text(standing), *b = json_scalar_text(wanted);
    bool differs = a != NULL && b != NULL && !text_equal(a, b);
    mem_free(a);
    mem_free(b);
    json_decref(wanted);
    return differs;
}

/* Elements whose value is no address of this family (or that must not be touched) stand in the way.
 */
static const char *in_the_way(const struct file_record *rec, struct addr *values, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < json_array_size(rec->elements); i++) {
        const json_t *element = json_array_get(rec->elements, i);
        const char *refused = json_string_value(json_object_get(element, "refused"));
        if (refused != NULL)
            return refused;
        if (*count == PLAN_VALUES_MAX)
            return "there are too many values at this name";
        if (!value_of(element, rec->family, &values[*count]))
            return "a value stands there that is not an address";
        ++*count;
    }
    return NULL;
}

static void add_ops(struct file_run *r, size_t record, const struct plan *p)
{
    for (size_t i = 0; i < p->op_count; i++) {
        r->ops = mem_more(r->ops, r->op_count, sizeof r->ops[0]);
        r->ops[r->op_count++] = (struct file_op){record, p->ops[i]};
    }
}

static void plan_record(struct file_run *r, size_t index, struct step_out *out)
{
    struct file_record *rec = &r->records[index];
    const struct want *w = file_want(r, rec);
    struct addr values[PLAN_VALUES_MAX];
    struct plan_in in = {
        .policy = r->job->policy,
        .can = abilities(r),
        .empty_set = json_is_true(json_object_get(provider_slot_head(r->provider, "set"), "empty")),
        .no_compare = !provider_flag(r->provider, "compare", true) && !rec->uncertain,
        .wanted = &w->wanted,
        .published = w->published_known ? &w->published : NULL,
        .existing = values,
    };
    struct plan plan;
    const char *blocked = in_the_way(rec, values, &in.existing_count);

    if (blocked != NULL) {
        file_tell(r, out, rec, OUTCOME_CONFLICT, 0, blocked);
        return;
    }
    in.stale = stale_ttl(r, rec);
    plan_make(&in, &plan);
    if (plan.cls == OUTCOME_NOCHG && (rec->uncertain || rec->wrote)) {
        plan.cls = OUTCOME_GOOD; /* what was uncertain, or had to be read again, is there */
        rec->changed = true;
    }
    if (plan.cls != OUTCOME_GOOD) {
        file_tell(r, out, rec, plan.cls, 0, plan.say[0] != '\0' ? plan.say : NULL);
    } else if (rec->uncertain && plan.op_count > 0) {
        file_tell(r, out, rec, OUTCOME_SERVER, 0,
                  "the provider did not answer, and the change was not made");
    } else {
        if (plan.adopted)
            log_notice(r->job->members[rec->member].hostname,
                       "the one %s record that stands there is taken for ours",
                       family_type(rec->family));
        add_ops(r, index, &plan);
    }
    plan_free(&plan);
}

static int by_kind(const struct file_op *a, const struct file_op *b)
{
    static const int order[PLAN_KINDS] = {
        [PLAN_SET] = 0, [PLAN_REPLACE] = 1, [PLAN_CREATE] = 2,
        [PLAN_ADD] = 3, [PLAN_DELETE] = 4,  [PLAN_REMOVE] = 5,
    };
    return order[a->op.kind] - order[b->op.kind];
}

/* Writes of one kind stand together, so that one request may carry them; the order of one record's
 * own writes stays. */
static void sort_ops(struct file_run *r)
{
    for (size_t i = 1; i < r->op_count; i++) {
        struct file_op one = r->ops[i];
        size_t j = i;
        for (; j > 0 && by_kind(&r->ops[j - 1], &one) > 0; j--)
            r->ops[j] = r->ops[j - 1];
        r->ops[j] = one;
    }
}

/* ---- writing ---- */

static json_t *address_list(const struct addr *values, size_t count)
{
    json_t *out = json_array();
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < count; i++)
        json_array_append_new(out, json_string(addr_text(&values[i], text)));
    return out;
}

static void op_vars(struct file_run *r, struct vars *v, const struct file_op *op)
{
    const struct file_record *rec = &r->records[op->record];
    json_t *element =
        op->op.element >= 0 ? json_array_get(rec->elements, (size_t)op->op.element) : NULL;
    json_t *any = element != NULL ? element : json_array_get(rec->elements, 0);
    char text[ADDR_TEXT_MAX];
    const char *key;
    json_t *value;

    json_object_foreach(element, key, value) vars_put(v, key, json_incref(value));
    if (element == NULL && op->op.kind != PLAN_CREATE)
        json_object_foreach(any, key, value) if (!text_equal(key, "value"))
            vars_put(v, key, json_incref(value));
    if (op->op.kind != PLAN_DELETE) {
        vars_put_text(v, "value", addr_text(&op->op.value, text));
        vars_put_text(v, "ip", text);
    }
    if (op->op.kind == PLAN_REPLACE || op->op.kind == PLAN_DELETE)
        vars_put_text(v, "old", addr_text(&op->op.old, text));
    if (op->op.value_count > 0 || op->op.kind == PLAN_SET)
        vars_put(v, "values", address_list(op->op.values, op->op.value_count));
    vars_put(v, "ttl", file_ttl(r, rec->member, any));
}

/* {records}: what the write carries, each with its own placeholders. */
static json_t *record_list(struct file_run *r, size_t from, size_t span)
{
    json_t *out = json_array();

    for (size_t i = from; i < from + span; i++) {
        const struct file_op *op = &r->ops[i];
        struct vars v;
        const char *kind = slot_of[op->op.kind];
        file_vars(r, &v, r->records[op->record].member, r->records[op->record].family);
        op_vars(r, &v, op);
        json_object_set_new(v.set, "does", json_string(kind));
        json_array_append(out, v.set);
        vars_fini(&v);
    }
    return out;
}

static size_t span_of(const struct file_run *r)
{
    const struct file_op *first = &r->ops[r->at_op];
    size_t n = 1;

    if (!carries_many(r, slot_of[first->op.kind]))
        return 1;
    while (r->at_op + n < r->op_count && n < r->many_limit &&
           r->ops[r->at_op + n].op.kind == first->op.kind)
        n++;
    return n;
}

static void write_op(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    const struct file_op *op = &r->ops[r->at_op];
    const struct file_record *rec = &r->records[op->record];
    msec gap = r->provider->info.gap;
    bool at_id =
        op->op.kind == PLAN_REPLACE || op->op.kind == PLAN_DELETE || op->op.kind == PLAN_REMOVE;

    if (gap > 0 && r->last_write > 0 && in->now.mono - r->last_write < gap) {
        file_wait(r, out, gap - (in->now.mono - r->last_write));
        return;
    }
    r->last_write = in->now.mono > 0 ? in->now.mono : 1;
    r->op_span = span_of(r);
    file_about(r, rec->member, rec->family);
    op_vars(r, &r->about, op);
    if (carries_many(r, slot_of[op->op.kind]))
        vars_put(&r->about, "records", record_list(r, r->at_op, r->op_span));
    file_call(r, FOR_WRITE, slot_of[op->op.kind], at_id ? SLOT_WRITE_AT_ID : SLOT_WRITE, in, out);
}

/* The record is to be read again, and what was planned for it is dropped. */
static bool read_again(struct file_run *r, struct file_record *rec, bool uncertain)
{
    if (rec->rereads >= REREADS_MAX || (uncertain && rec->uncertain))
        return false;
    rec->rereads++;
    rec->read = false;
    rec->wrote = true;
    rec->uncertain = rec->uncertain || uncertain;
    map_free(r->cache, call_cache_free);
    r->cache = map_new();
    return true;
}

static bool has_op(const struct file_run *r, size_t record)
{
    for (size_t i = r->at_op; i < r->op_count; i++)
        if (r->ops[i].record == record)
            return true;
    return false;
}

/* Good for all of a record's writes: told now, or after "finish". */
static void written(struct file_run *r, size_t record, struct step_out *out)
{
    struct file_record *rec = &r->records[record];
    int zone = r->members[rec->member].zone;

    if (rec->told || has_op(r, record))
        return;
    if (zone >= 0)
        r->zones[zone].touched = true;
    if (zone >= 0 && provider_has(r->provider, "finish"))
        rec->held = true;
    else
        file_tell(r, out, rec, OUTCOME_GOOD, 0, NULL);
}

static void ops_good(struct file_run *r, struct step_out *out)
{
    size_t from = r->at_op;

    r->at_op += r->op_span;
    r->busy_tries = r->check_tries = 0;
    for (size_t i = from; i < from + r->op_span; i++)
        written(r, r->ops[i].record, out);
}

/* All records of the write in hand are read again; false when that was tried. */
static bool ops_again(struct file_run *r, bool uncertain)
{
    bool all = true;

    for (size_t i = r->at_op; i < r->at_op + r->op_span; i++)
        all = read_again(r, &r->records[r->ops[i].record], uncertain) && all;
    if (all)
        drop_ops(r);
    return all;
}

static void ops_fail(struct file_run *r, struct step_out *out, const struct verdict *v)
{
    size_t from = r->at_op, to = r->at_op + r->op_span;

    for (size_t i = from; i < to; i++) {
        struct file_record *rec = &r->records[r->ops[i].record];
        if (!rec->told && file_fail(r, out, rec, v))
            return;
    }
    /* Further writes of a record that failed are not made. */
    size_t kept = 0;
    for (size_t i = to; i < r->op_count; i++)
        if (!r->records[r->ops[i].record].told)
            r->ops[kept++] = r->ops[i];
    r->op_count = kept;
    r->at_op = r->op_span = 0;
    r->busy_tries = r->check_tries = 0;
}

/* What the write took as "job": "check" asks until it is done. */
static bool needs_check(struct file_run *r)
{
    json_t *job = json_object_get(r->over.taken, "job");

    if (job == NULL || !provider_has(r->provider, "check"))
        return false;
    json_decref(r->check_job);
    r->check_job = json_incref(job);
    return true;
}

static msec check_wait(const struct file_run *r)
{
    const json_t *wait = json_object_get(provider_slot_head(r->provider, "check"), "wait");
    return json_is_integer(wait) ? json_integer_value(wait) : CHECK_WAIT_DEFAULT;
}

static void write_done(struct file_run *r, struct step_out *out)
{
    const struct call *c = &r->over;
    enum outcome_class cls = c->verdict.cls;
    bool maybe = c->sent == SENT_MAYBE || c->garbled;

    if (outcome_is_good(cls)) {
        if (needs_check(r))
            file_wait(r, out, check_wait(r));
        else
            ops_good(r, out);
    } else if (maybe && ops_again(r, true)) {
        return;
    } else if ((cls == OUTCOME_EXISTS || cls == OUTCOME_NO_RECORD) && ops_again(r, false)) {
        return;
    } else if (file_mended(r, &c->verdict)) {
        r->stage = FILE_CLOCK;
    } else if (cls == OUTCOME_NO_ZONE && !maybe &&
               file_zone_again(r, &r->records[r->ops[r->at_op].record])) {
        ops_again(r, false);
    } else if (cls == OUTCOME_BUSY && r->busy_tries < BUSY_TRIES && !maybe) {
        r->busy_tries++;
        file_wait(r, out, BUSY_WAIT);
    } else if (cls == OUTCOME_TOO_LONG && r->op_span > 1) {
        r->many_limit = r->op_span / 2;
    } else {
        struct verdict v = {cls == OUTCOME_EXISTS ? OUTCOME_CONFLICT : cls, c->verdict.wait,
                            mem_text(c->verdict.say)};
        ops_fail(r, out, &v);
        verdict_free(&v);
    }
}

/* ---- after a write that goes on ---- */

static void check_go(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    const struct file_op *op = &r->ops[r->at_op];
    const struct file_record *rec = &r->records[op->record];

    file_about(r, rec->member, rec->family);
    op_vars(r, &r->about, op);
    vars_put(&r->about, "job", json_incref(r->check_job));
    file_call(r, FOR_CHECK, "check", SLOT_READ, in, out);
}

static void check_done(struct file_run *r, struct step_out *out)
{
    const struct call *c = &r->over;
    const json_t *head = provider_slot_head(r->provider, "check");
    const json_t *tries = json_object_get(head, "tries");
    unsigned most =
        json_is_integer(tries) ? (unsigned)json_integer_value(tries) : CHECK_TRIES_DEFAULT;
    struct answer a = {c->status, c->tree, c->text};
    struct verdict v = {.cls = OUTCOME_UNKNOWN};
    bool answered = outcome_is_good(c->verdict.cls) && c->status != NULL;

    if (answered && judge_condition(json_object_get(head, "done"), &a, &c->vars)) {
        json_decref(r->check_job);
        r->check_job = NULL;
        ops_good(r, out);
        return;
    }
    const json_t *failed = json_object_get(head, "failed");
    bool over = answered && failed != NULL && judge_condition(failed, &a, &c->vars);
    r->check_tries += answered ? 1 : most / 5 + 1; /* silence is not waited for that long */
    if (!over && r->check_tries < most) {
        file_wait(r, out, check_wait(r));
        return;
    }
    json_decref(r->check_job);
    r->check_job = NULL;
    v.cls = over ? OUTCOME_UNKNOWN : OUTCOME_SERVER;
    if (over) {
        struct verdict said;
        json_t *strict = json_pack("{s:{s:i}}", "ok", "status", 599);
        judge_reply(r->provider, strict, SLOT_READ, &a, &c->vars, 0, &said);
        v.say = mem_format("the provider could not carry out the change: %s",
                           said.say != NULL ? said.say : "it does not say why");
        verdict_free(&said);
        json_decref(strict);
    } else {
        v.say = mem_text("the provider has not said that the change is done");
    }
    ops_fail(r, out, &v);
    verdict_free(&v);
}

/* ---- the stage ---- */

void file_records_advance(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    struct file_record *rec;

    if (r->check_job != NULL) {
        check_go(r, in, out);
    } else if (r->at_op < r->op_count) {
        write_op(r, in, out);
    } else if ((rec = unread(r)) != NULL) {
        if (!rec->read)
            read_record(r, rec, in, out);
        else if (provider_has(r->provider, "record"))
            read_detail(r, rec, incomplete(rec), in, out);
        else
            file_tell(r, out, rec, OUTCOME_UNKNOWN, 0, "a record came without its value");
    } else {
        drop_ops(r);
        bool planned = false;
        for (size_t i = r->unit; i < r->unit + r->unit_count; i++)
            if (!r->records[i].told && !r->records[i].held) {
                plan_record(r, i, out);
                planned = planned || r->op_count > 0;
            }
        sort_ops(r);
        /* What was found to be there already after a re-read. */
        for (size_t i = r->unit; i < r->unit + r->unit_count; i++)
            if (!r->records[i].told && !r->records[i].held)
                written(r, i, out);
        if (!planned && !next_unit(r))
            r->stage = FILE_FINISH;
    }
}

void file_records_done(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    (void)in;
    if (r->over_for == FOR_WRITE) {
        write_done(r, out);
    } else if (r->over_for == FOR_CHECK) {
        check_done(r, out);
    } else {
        struct file_record *rec = unread(r);
        if (rec == NULL)
            return;
        if (r->over_for == FOR_READ)
            read_done(r, rec, out);
        else
            detail_done(r, rec, out);
    }
}
