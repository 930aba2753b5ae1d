/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/file.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/names.h"
#include "publish/registry.h"

#include <string.h>

enum { CLOCK_KEPT_HOURS = 6 };

const struct want *file_want(const struct file_run *r, const struct file_record *rec)
{
    return &r->job->members[rec->member].want[rec->family];
}

static void make_records(struct file_run *r)
{
    r->records = mem_array(r->job->member_count * FAMILIES, sizeof r->records[0]);
    for (size_t i = 0; i < r->job->member_count; i++)
        for (int f = V4; f <= V6; f++) {
            const struct want *w = &r->job->members[i].want[f];
            if (w->due && w->known)
                r->records[r->record_count++] =
                    (struct file_record){.member = (int)i, .family = (enum family)f};
        }
}

static void *start(const struct job *job, const struct provider *provider)
{
    struct file_run *r = mem_alloc(sizeof *r);

    r->job = job;
    r->provider = provider;
    r->cache = map_new();
    r->members = mem_array(job->member_count, sizeof r->members[0]);
    for (size_t i = 0; i < job->member_count; i++)
        r->members[i].zone = -1;
    r->many_limit = SIZE_MAX;
    vars_init(&r->vars, NULL);
    vars_init(&r->about, &r->vars);
    r->vars.settings = &job->members[0].settings;
    r->vars.provider = provider;
    vars_put_text(&r->vars, "agent", job->agent);
    make_records(r);
    return r;
}

static void end(void *step)
{
    struct file_run *r = step;

    if (r->purpose != FOR_NOTHING)
        call_end(&r->call);
    mem_free(r->group);
    vars_fini(&r->about);
    vars_fini(&r->vars);
    map_free(r->cache, call_cache_free);
    for (size_t i = 0; i < r->record_count; i++)
        json_decref(r->records[i].elements);
    for (size_t i = 0; i < r->zone_count; i++) {
        mem_free(r->zones[i].name);
        json_decref(r->zones[i].taken);
    }
    mem_free(r->records);
    mem_free(r->zones);
    mem_free(r->members);
    mem_free(r->ops);
    json_decref(r->session);
    json_decref(r->check_job);
    mem_free(r);
}

/* "none" is an empty read; where something was needed it is an answer that fits no rule. */
static enum outcome_class outward(enum outcome_class cls)
{
    return cls == OUTCOME_NONE ? OUTCOME_UNKNOWN : cls;
}

void file_tell(struct file_run *r, struct step_out *out, struct file_record *rec,
               enum outcome_class cls, msec wait, const char *say)
{
    if (rec->told)
        return;
    rec->told = true;
    cls = outward(cls);
    struct outcome *o =
        say != NULL ? step_outcome(out, rec->member, FAMILY_BIT(rec->family), cls, "%s", say)
                    : step_outcome(out, rec->member, FAMILY_BIT(rec->family), cls, NULL);
    o->wait = wait;
    if (outcome_is_good(cls)) {
        o->set_known = true;
        o->sets[rec->family] = file_want(r, rec)->wanted;
    }
}

void file_fail_all(struct file_run *r, struct step_out *out, const struct verdict *v)
{
    bool left = false;

    for (size_t i = 0; i < r->record_count; i++) {
        left = left || !r->records[i].told;
        r->records[i].told = true;
    }
    if (left) {
        enum outcome_class cls = outward(v->cls);
        struct outcome *o = v->say != NULL ? step_outcome(out, -1, 0, cls, "%s", v->say)
                                           : step_outcome(out, -1, 0, cls, NULL);
        o->wait = v->wait;
    }
    r->stage = FILE_LOGOUT;
}

bool file_fail(struct file_run *r, struct step_out *out, struct file_record *rec,
               const struct verdict *v)
{
    enum outcome_scope scope = outcome_rule(v->cls)->scope;

    /* ddclient goes on with the other family after an answer that fits no rule. */
    bool goes_on = r->provider->info.compat && (v->cls == OUTCOME_UNKNOWN || r->job->independent);
    if (!goes_on &&
        (scope == SCOPE_ACCOUNT || scope == SCOPE_PROVIDER || scope == SCOPE_ENDPOINT)) {
        file_fail_all(r, out, v);
        return true;
    }
    if (scope != SCOPE_ZONE || r->members[rec->member].zone < 0) {
        file_tell(r, out, rec, v->cls, v->wait, v->say);
        return false;
    }
    int zone = r->members[rec->member].zone;
    for (size_t i = 0; i < r->record_count; i++)
        if (r->members[r->records[i].member].zone == zone)
            file_tell(r, out, &r->records[i], v->cls, v->wait, v->say);
    r->zones[zone].failed = true;
    if (v->cls == OUTCOME_NO_ZONE) {
        char *key = mem_format("zone/%s", r->zones[zone].name);
        memory_forget(r->job->memory, key);
        mem_free(key);
    }
    return false;
}

const char *file_about_slot(const char *slot)
{
    static const struct {
        const char *slot, *about;
    } texts[] = {
        {"clock", "read the clock"},     {"login", "log in"},
        {"logout", "log out"},           {"zone", "find the zone"},
        {"records", "read the record"},  {"record", "read the record's value"},
        {"create", "create the record"}, {"replace", "change the record"},
        {"delete", "delete the record"}, {"set", "set the values"},
        {"add", "add the new value"},    {"remove", "remove the old value"},
        {"update", "tell the address"},  {"check", "look whether it is done"},
        {"finish", "publish the zone"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (text_equal(texts[i].slot, slot))
            return texts[i].about;
    return slot;
}

void file_call(struct file_run *r, enum file_purpose purpose, const char *slot, enum slot_kind kind,
               const struct step_in *in, struct step_out *out)
{
    r->purpose = purpose;
    call_begin(&r->call, r->provider, slot, kind, &r->about);
    r->call.about = file_about_slot(slot);
    r->call.clock_offset = r->clock_offset;
    r->call.cache = purpose == FOR_READ || purpose == FOR_ZONE ? r->cache : NULL;
    call_go(&r->call, in, out);
}

void file_wait(struct file_run *r, struct step_out *out, msec length)
{
    r->waiting = true;
    out->wait = length;
}

bool file_mended(struct file_run *r, const struct verdict *v)
{
    if (v->cls == OUTCOME_SESSION && provider_has(r->provider, "login") && !r->relogged) {
        r->relogged = true;
        memory_forget(r->job->memory, "session");
        json_decref(r->session);
        r->session = NULL;
        vars_put(&r->vars, "session", NULL);
        return true;
    }
    if (v->cls == OUTCOME_CLOCK && !r->reclocked) {
        msec date;
        r->reclocked = true;
        memory_forget(r->job->memory, "clock");
        if (provider_has(r->provider, "clock")) {
            r->clock_known = false;
            return true;
        }
        const char *text =
            r->over.status != NULL ? reply_header_find(r->over.status, "date") : NULL;
        if (text == NULL || !clock_parse_http_date(text, &date))
            return false;
        /* The caller's "now" is not here: the difference is taken when the next call begins. */
        vars_put(&r->vars, "server.date", json_integer(date));
        return true;
    }
    return false;
}

/* What the provider can not do at all. */
static void tell_impossible(struct file_run *r, struct step_out *out)
{
    const struct provider_info *info = &r->provider->info;

    for (size_t i = 0; i < r->record_count; i++) {
        struct file_record *rec = &r->records[i];
        char *say = NULL;
        if (!info->family_ok[rec->family])
            say = mem_format("%s publishes no %s addresses", info->name, family_name(rec->family));
        else if (!info->wildcard_ok && r->job->members[rec->member].hostname[0] == '*')
            say = mem_format("%s has no wildcard names", info->name);
        if (say != NULL)
            file_tell(r, out, rec, OUTCOME_INPUT, 0, say);
        mem_free(say);
    }
}

/* Fields that must be there, and those that have choices. */
static bool settings_stage(struct file_run *r, struct step_out *out)
{
    const struct provider_info *info = &r->provider->info;
    struct verdict v = {.cls = OUTCOME_INPUT};

    for (size_t i = 0; i < info->field_count && v.say == NULL; i++) {
        const struct provider_field *f = &info->fields[i];
        char *value = vars_text(&r->vars, f->name, NULL);
        bool known = f->choices == NULL || value == NULL;
        for (size_t j = 0; !known && f->choices[j] != NULL; j++)
            known = text_equal(f->choices[j], value);
        if (f->required && (value == NULL || value[0] == '\0')) {
            v.cls = OUTCOME_AUTH;
            v.say = mem_format("\"%s\" is needed and not set (%s)", f->name, f->label);
        } else if (!known) {
            v.say = mem_format("\"%s\" is none of its choices", f->name);
        }
        mem_free_secret(value);
    }
    if (v.say == NULL) {
        tell_impossible(r, out);
        return true;
    }
    if (v.cls == OUTCOME_AUTH)
        file_fail_all(r, out, &v);
    for (size_t i = 0; i < r->record_count; i++)
        file_tell(r, out, &r->records[i], v.cls, 0, v.say);
    verdict_free(&v);
    return false;
}

static void use_session(struct file_run *r, json_t *session)
{
    json_decref(r->session);
    r->session = session;
    vars_put_secret(&r->vars, "session", json_incref(session));
}

static void login_stage(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    const char *kept = memory_get(r->job->memory, "session", in->now.wall);
    json_t *session = kept != NULL && r->session == NULL ? json_loads(kept, 0, NULL) : NULL;

    if (!provider_has(r->provider, "login") || r->session != NULL) {
        r->stage = FILE_ZONES;
    } else if (session != NULL) {
        use_session(r, session);
    } else {
        r->logged_in = true;
        vars_fini(&r->about);
        vars_init(&r->about, &r->vars);
        file_call(r, FOR_LOGIN, "login", SLOT_SESSION, in, out);
    }
}

static void login_done(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    const struct call *c = &r->over;

    if (!outcome_is_good(c->verdict.cls)) {
        if (!file_mended(r, &c->verdict)) {
            r->logged_in = r->session != NULL;
            file_fail_all(r, out, &c->verdict);
        }
        return;
    }
    json_t *session = json_object_get(c->taken, "session");
    session = json_is_object(session) ? json_incref(session) : json_object();
    if (!provider_has(r->provider, "logout")) {
        long long ttl = json_integer_value(
            json_object_get(json_object_get(r->provider->root, "session"), "ttl"));
        json_t *expires = json_object_get(session, "expires_in");
        if (json_is_integer(expires) && json_integer_value(expires) > 120)
            ttl = json_integer_value(expires) - 60;
        char *text = json_dumps(session, JSON_COMPACT);
        if (ttl > 0)
            memory_put(r->job->memory, "session", text, in->now.wall + ttl * SECOND, true);
        mem_free_secret(text);
    }
    use_session(r, session);
}

static void clock_stage(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    bool secret;
    json_t *date = vars_get(&r->vars, "server.date", false, &secret);
    const char *kept = memory_get(r->job->memory, "clock", in->now.wall);

    if (date != NULL) {
        r->clock_offset = json_integer_value(date) - in->now.wall;
        r->clock_known = true;
        json_decref(date);
    } else if (kept != NULL) {
        char *end_of;
        r->clock_offset = strtoll(kept, &end_of, 10);
        r->clock_known = true;
    }
    if (r->clock_known || !provider_has(r->provider, "clock"))
        r->stage = FILE_LOGIN;
    else
        file_call(r, FOR_CLOCK, "clock", SLOT_READ, in, out);
}

static void clock_done(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    const json_t *clock = json_object_get(r->over.taken, "clock");
    char *text = clock != NULL ? json_scalar_text(clock) : NULL;
    uint64_t seconds;

    if (!outcome_is_good(r->over.verdict.cls)) {
        file_fail_all(r, out, &r->over.verdict);
    } else if (text == NULL || !text_number(text, &seconds) || seconds > UINT32_MAX) {
        struct verdict v = {OUTCOME_UNKNOWN, 0, mem_text("the provider did not tell its time")};
        file_fail_all(r, out, &v);
        verdict_free(&v);
    } else {
        r->clock_offset = (msec)seconds * SECOND - in->now.wall;
        r->clock_known = true;
        char *offset = mem_format("%lld", (long long)r->clock_offset);
        memory_put(r->job->memory, "clock", offset, in->now.wall + CLOCK_KEPT_HOURS * (msec)HOUR,
                   false);
        mem_free(offset);
    }
    mem_free(text);
}

/* After the last write of a zone; then the outcomes that waited for it. */
static void finish_stage(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    for (size_t z = 0; z < r->zone_count && provider_has(r->provider, "finish"); z++) {
        if (!r->zones[z].touched || r->zones[z].finished || r->zones[z].failed)
            continue;
        for (size_t i = 0; i < r->job->member_count; i++)
            if (r->members[i].zone == (int)z)
                file_about(r, (int)i, FAMILIES);
        r->zones[z].finished = true;
        file_call(r, FOR_FINISH, "finish", SLOT_WRITE, in, out);
        r->at_member = z;
        return;
    }
    for (size_t i = 0; i < r->record_count; i++)
        if (r->records[i].held)
            file_tell(r, out, &r->records[i], OUTCOME_GOOD, 0, NULL);
    r->stage = FILE_LOGOUT;
}

static void finish_done(struct file_run *r, struct step_out *out)
{
    if (outcome_is_good(r->over.verdict.cls))
        return;
    for (size_t i = 0; i < r->record_count; i++)
        if (r->records[i].held && r->members[r->records[i].member].zone == (int)r->at_member)
            file_tell(r, out, &r->records[i], r->over.verdict.cls, r->over.verdict.wait,
                      r->over.verdict.say);
}

static void logout_stage(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    r->stage = FILE_DONE;
    if (r->logged_in && r->session != NULL && provider_has(r->provider, "logout"))
        file_call(r, FOR_LOGOUT, "logout", SLOT_SESSION, in, out);
}

static void advance_once(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    switch (r->stage) {
    case FILE_SETTINGS:
        r->stage = settings_stage(r, out) ? FILE_CLOCK : FILE_DONE;
        break;
    case FILE_CLOCK:
        clock_stage(r, in, out);
        break;
    case FILE_LOGIN:
        login_stage(r, in, out);
        break;
    case FILE_UPDATE:
        file_update_advance(r, in, out);
        break;
    case FILE_ZONES:
        file_zone_advance(r, in, out);
        break;
    case FILE_RECORDS:
        file_records_advance(r, in, out);
        break;
    case FILE_FINISH:
        finish_stage(r, in, out);
        break;
    case FILE_LOGOUT:
        logout_stage(r, in, out);
        break;
    case FILE_DONE:
        out->done = true;
        break;
    }
}

static void call_done(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    r->over = r->call;
    r->over_for = r->purpose;
    r->call = (struct call){0};
    r->purpose = FOR_NOTHING;
    switch (r->over_for) {
    case FOR_CLOCK:
        clock_done(r, in, out);
        break;
    case FOR_LOGIN:
        login_done(r, in, out);
        break;
    case FOR_ZONE:
        file_zone_done(r, in, out);
        break;
    case FOR_READ:
    case FOR_DETAIL:
    case FOR_WRITE:
    case FOR_CHECK:
        file_records_done(r, in, out);
        break;
    case FOR_FINISH:
        finish_done(r, out);
        break;
    case FOR_UPDATE:
        file_update_done(r, in, out);
        break;
    case FOR_LOGOUT:
    case FOR_NOTHING:
        break;
    }
    call_end(&r->over);
}

static void advance(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    while (!out->done && !r->waiting) {
        if (r->purpose != FOR_NOTHING && !r->call.done)
            return; /* a request is out */
        if (r->purpose != FOR_NOTHING)
            call_done(r, in, out);
        else
            advance_once(r, in, out);
    }
}

static void cancel(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    struct verdict v = {OUTCOME_OFFLINE, 0, mem_text("stopped before it was done")};

    r->cancelled = true;
    r->waiting = false;
    file_fail_all(r, out, &v);
    verdict_free(&v);
    /* With a request out, its reply comes first: as cancelled. */
    if (r->purpose == FOR_NOTHING)
        advance(r, in, out);
}

/* What a late reply says is no longer wanted, but a session that it opened is to be closed. */
static void after_cancel(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    struct step_out ignored;

    if (r->purpose == FOR_LOGIN && in->reply->error == NET_OK) {
        step_out_init(&ignored);
        call_reply(&r->call, in, &ignored);
        step_out_free(&ignored); /* no further request of the login */
        r->over = r->call;
        if (r->over.done && outcome_is_good(r->over.verdict.cls))
            login_done(r, in, out);
        call_end(&r->over);
    } else {
        call_end(&r->call);
    }
    r->call = (struct call){0};
    r->purpose = FOR_NOTHING;
    r->stage = FILE_LOGOUT;
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    struct file_run *r = step;

    switch (in->event) {
    case STEP_START:
        advance(r, in, out);
        break;
    case STEP_TIMER:
        if (!r->waiting)
            break;
        r->waiting = false;
        advance(r, in, out);
        break;
    case STEP_REPLY:
        if (r->purpose == FOR_NOTHING)
            break;
        if (r->cancelled && r->purpose != FOR_LOGOUT) {
            after_cancel(r, in, out);
        } else {
            call_reply(&r->call, in, out);
        }
        advance(r, in, out);
        break;
    case STEP_CANCEL:
        if (r->stage != FILE_DONE)
            cancel(r, in, out);
        break;
    }
}

const struct protocol protocol_file = {"file", start, go, end, REQUEST_HTTP};
