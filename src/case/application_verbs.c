/* SPDX-License-Identifier: Apache-2.0
 *
 * Beginning a case at the desk: which processes there are, their forms, checking and sending one, and drafts of it.
 */
#include "case/verbs.h"

#include "base/identity.h"

#include "case/application.h"
#include "case/clock.h"
#include "case/form.h"
#include "case/instance.h"
#include "case/pack_store.h"
#include "case/paper.h"
#include "case/sealed.h"

#include <string.h>

static const char DRAFT[] = "case_draft.sealed";

/* --- the processes in force ------------------------------------------------------------------------------------------------------------- */

static int pool_apply(struct tx *tx, void *ctx, struct error *err)
{
        return application_pool(tx, ctx, err);
}

static int pack_in_force(struct call *c, struct pack **out, struct error *err)
{
        int64_t pool = 0;
        int rc = store_read(c->house->store, pool_apply, &pool, err);

        return rc ? rc
                  : pack_store_for(c->house->packs, pool, clock_today(c->house->clock), clock_now(c->house->clock), out, err);
}

static void limit_put(struct call *c, json_t *o, const struct pack *pack, const char *process)
{
        static const char *const units[] = {"", "working_days", "days", "months"};
        struct error none = {0};
        struct limit limit;

        if (clock_limit(pack, process, clock_today(c->house->clock), &limit, &none) < 0 || limit.unit == LIMIT_NONE)
                put_value(o, "limit", json_null());
        else
                put_value(o, "limit", json_pack("{s:i,s:s}", "n", limit.n, "unit", units[limit.unit]));
}

static void words_put(json_t *o, const struct bpmn_process *p)
{
        put_text(o, "process", p->id);
        put_text(o, "title_zh", p->title[LANG_ZH]);
        put_text(o, "title_en", p->title[LANG_EN]);
        put_text(o, "article", p->article);
        put_text(o, "risk", p->risk);
        put_bool(o, "form", form_open(p));
}

static json_t *process_json(struct call *c, struct pack *pack, const char *name)
{
        const struct bpmn_model *m = NULL;
        struct error none = {0};

        if (pack_process(pack, name, &m, &none) < 0)
                return NULL; /* told by the pack's own check; the others go on */
        json_t *o = json_object();
        words_put(o, bpmn_process(m, bpmn_process_find(m, name)));
        limit_put(c, o, pack, name);
        return o;
}

int processes_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct pack *pack = NULL;
        json_t *items = json_array();
        char name[64];
        int rc = pack_in_force(c, &pack, err);

        (void)in;
        for (size_t i = 0; rc == 0 && pack_process_name(pack, i, name, sizeof name); i++) {
                json_array_append_new(items, process_json(c, pack, name));
        }
        if (rc == 0)
                return list_answer(out, items, NULL, err);
        json_decref(items);
        return rc;
}

/* --- a form ------------------------------------------------------------------------------------------------------------------------- */

static int process_of(struct call *c, const json_t *in, struct pack **pack, const struct bpmn_model **m,
                      const struct bpmn_process **p, struct error *err)
{
        const char *name = json_text(in, "process");
        int rc = pack_in_force(c, pack, err);

        rc = rc ? rc : pack_process(*pack, name, m, err);
        if (rc == 0)
                *p = bpmn_process(*m, bpmn_process_find(*m, name));
        return rc;
}

/* The steps in order of the file: who does them and how long they may take. */
static json_t *steps_json(const struct bpmn_model *m)
{
        json_t *steps = json_array(), *o;
        const struct bpmn_node *n;

        for (int i = 0; (n = bpmn_node(m, i)) != NULL; i++)
                if (n->role[0] != '\0') {
                        o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:s}", "node", n->id, "title_zh", n->title[LANG_ZH], "title_en",
                                      n->title[LANG_EN], "role", n->role, "phase", n->phase, "limit", n->limit_days, "unit",
                                      n->limit_calendar ? "CD" : "WD");
                        json_array_append_new(steps, o);
                }
        return steps;
}

int cases_form(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const struct bpmn_process *p = NULL;
        const struct bpmn_model *m = NULL;
        struct pack *pack = NULL;
        json_t *o = json_object(), *papers = NULL, *fields = json_array();
        int rc = process_of(c, in, &pack, &m, &p, err);

        if (rc == 0)
                rc = materials_of(pack, p->id, &papers, err);
        for (size_t i = 0; rc == 0 && i < p->variable_count; i++)
                if (p->variables[i].type[0] != '\0')
                        json_array_append_new(fields, application_field(pack, &p->variables[i]));
        if (rc == 0) {
                words_put(o, p);
                limit_put(c, o, pack, p->id);
                put_value(o, "fields", json_incref(fields));
                put_value(o, "papers", json_incref(papers));
                put_value(o, "steps", steps_json(m));
                *out = json_incref(o);
        }
        json_decref(papers);
        json_decref(fields);
        json_decref(o);
        return rc;
}

/* --- checking and sending one --------------------------------------------------------------------------------------------------------- */

int cases_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const struct bpmn_process *p = NULL;
        const struct bpmn_model *m = NULL;
        struct pack *pack = NULL;
        json_t *faults = json_array();
        int rc = process_of(c, in, &pack, &m, &p, err);

        rc = rc ? rc : application_check(c, p, json_object_get(in, "form"), faults, err);
        if (rc == 0)
                *out = json_pack("{s:O}", "faults", faults);
        json_decref(faults);
        return rc;
}

struct opening {
        struct case_application application;
        int64_t instance, draft;
};

static int draft_delete(struct tx *tx, struct call *c, int64_t id, struct error *err)
{
        int64_t changed = 0;
        int rc =
            tx_exec_changed(tx, &changed, err, "DELETE FROM case_draft WHERE home = ?1@int AND id = ?2@int AND staff = ?3@int",
                            "iii", (int64_t)c->house->home, id, c->who.staff);

        return rc == 0 && changed == 0 ? error_raise(err, SB_CASE_DRAFT, "%lld", (long long)id) : rc;
}

static int open_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct opening *o = ctx;
        char number[32];
        int rc = case_open(tx, c, &o->application, &o->instance, err);

        if (rc == 0 && o->draft != 0)
                rc = draft_delete(tx, c, o->draft, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "case";
        change->subject = o->instance;
        change->audit = json_pack("{s:s}", "process", o->application.process);
        readable_number('C', c->house->home, o->instance, number);
        *out = json_pack("{s:I,s:s}", "case", (json_int_t)o->instance, "number", number);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* An office given must be the caller's or below it, unless it handles what was accepted here for it. */
static struct opening opening_read(const struct call *c, const json_t *in)
{
        const json_t *subject = json_object_get(in, "subject");

        return (struct opening){
            .application = {.process = json_text(in, "process"),
                            .form = json_object_get(in, "form"),
                            .applicant = json_object_get(in, "applicant"),
                            .papers = json_object_get(in, "papers"),
                            .subject_kind = json_text_or(subject, "kind", NULL),
                            .subject = json_int_or(subject, "id", 0),
                            .office = c->who.office,
                            .handling_office = json_int_or(in, "handling_office", 0),
                            .channel = (c->who.roles & ROLE_OUTSIDE) != 0 ? "portal" : json_text_or(in, "channel", NULL)},
            .draft = json_int_or(in, "draft", 0)};
}

int cases_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const struct bpmn_process *p = NULL;
        const struct bpmn_model *m = NULL;
        struct pack *pack = NULL;
        struct opening o = opening_read(c, in);
        json_t *faults = json_array();
        int rc = process_of(c, in, &pack, &m, &p, err);

        /* The form is checked again in the transaction; whether its persons exist can only be asked before. */
        if (rc == 0)
                rc = application_check(c, p, o.application.form, faults, err);
        rc = rc ? rc : application_faults_raise(faults, c->who.lang, err);
        json_decref(faults);
        rc = rc ? rc : case_change(c, registry_find(c->house->verbs, "cases.open"), in, open_apply, &o, out, err);
        return rc;
}

/* --- drafts --------------------------------------------------------------------------------------------------------------------------- */

struct drafting {
        int64_t id;
        const char *process;
        const json_t *content;
};

static int draft_write(struct tx *tx, struct call *c, const struct drafting *d, bool old, struct error *err)
{
        struct house *h = c->house;
        unsigned char wrapped[WRAPPED_BYTES];
        struct buf sealed;
        int64_t changed = 0;

        buf_init(&sealed, (size_t)1 << 20);
        int rc = sealed_json(h->keys, DRAFT, d->content, wrapped, &sealed, err);
        struct str w = {(const char *)wrapped, sizeof wrapped}, s = {sealed.p, sealed.n};
        if (rc == 0 && old)
                rc =
                    tx_exec_changed(tx, &changed, err,
                                    "UPDATE case_draft SET wrapped = ?4@blob, sealed = ?5@blob, updated_at = ?6@int, process = "
                                    "?7@text WHERE home = ?1@int AND id = ?2@int AND staff = ?3@int",
                                    "iiibbit", (int64_t)h->home, d->id, c->who.staff, w, s, clock_now(h->clock), d->process);
        else if (rc == 0)
                rc = tx_exec_changed(tx, &changed, err,
                                     "INSERT INTO case_draft (home, id, process, staff, wrapped, sealed, updated_at) VALUES "
                                     "(?1@int, ?2@int, ?3@text, ?4@int, ?5@blob, ?6@blob, ?7@int)",
                                     "iitibbi", (int64_t)h->home, d->id, d->process, c->who.staff, w, s, clock_now(h->clock));
        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_CASE_DRAFT, "%lld", (long long)d->id);
        buf_dispose(&sealed);
        return rc;
}

static int draft_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct drafting d = *(const struct drafting *)ctx;
        bool old = d.id != 0;
        int rc = old ? 0 : ids_next(c->house->ids, &d.id, err);

        rc = rc ? rc : draft_write(tx, c, &d, old, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "draft";
        change->subject = d.id;
        *out = json_pack("{s:I}", "draft", (json_int_t)d.id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int cases_draft(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct drafting d = {
            .content = json_object_get(in, "content"), .process = json_text(in, "process"), .id = json_int_or(in, "draft", 0)};

        return verb_change(c, registry_find(c->house->verbs, "cases.draft"), in, draft_apply, &d, out, err);
}

static int drop_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int64_t id = *(const int64_t *)ctx;

        (void)out;
        change->subject_kind = "draft";
        change->subject = id;
        return draft_delete(tx, c, id, err);
}

int cases_draft_drop(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t id = json_int_or(in, "draft", 0);

        return verb_change(c, registry_find(c->house->verbs, "cases.draft_drop"), in, drop_apply, &id, out, err);
}

int drafts_sweep(struct tx *tx, struct house *h, struct error *err)
{
        int64_t days = 0;
        int rc = days_of_pack(tx, h, 0, "draft_days", &days, err);

        return rc < 0 || days == 0 ? rc
                                   : tx_exec(tx, err, "DELETE FROM case_draft WHERE home = ?1@int AND updated_at < ?2@int",
                                             "ii", (int64_t)h->home, clock_now(h->clock) - days * DAY_US);
}

struct drafts {
        struct call *call;
        int64_t id, days; /* id 0: all of them */
        json_t *items;
};

static int drafts_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct drafts *d = ctx;
        struct house *h = d->call->house;
        struct stmt *q = NULL;
        int rc = days_of_pack(tx, h, 0, "draft_days", &d->days, err);

        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT id, process, updated_at, wrapped, sealed FROM case_draft WHERE home = ?1@int AND staff = ?2@int "
                    "AND (?3@int = 0 OR id = ?3@int) ORDER BY updated_at DESC, id LIMIT 200",
                    "iii", (int64_t)h->home, d->call->who.staff, d->id);

        json_array_clear(d->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *content = NULL, *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "process", stmt_text(q, 1));
                put_instant(o, "updated_at", stmt_int(q, 2));
                if (d->days > 0)
                        put_day(o, "kept_until", instant_day(stmt_int(q, 2) + d->days * DAY_US));
                rc = sealed_read(h->keys, DRAFT, stmt_blob(q, 3), stmt_blob(q, 4), &content, err);
                put_value(o, "label", json_incref(json_object_get(content, "label")));
                if (d->id != 0)
                        put_value(o, "content", json_incref(content));
                json_decref(content);
                json_array_append_new(d->items, o);
        }
        return rc;
}

int cases_drafts(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct drafts d = {.call = c, .items = json_array()};
        struct pack *pack = NULL;
        struct error none = {0};
        json_t *row;
        size_t i;
        int rc = store_read(c->house->store, drafts_apply, &d, err);

        (void)in;
        if (rc < 0) {
                json_decref(d.items);
                return rc;
        }
        if (pack_in_force(c, &pack, &none) == 0)
                for (i = 0; (row = json_array_get(d.items, i)) != NULL; i++) {
                        json_t *o = process_json(c, pack, json_string_value(json_object_get(row, "process")));
                        put_value(row, "title_zh", json_incref(json_object_get(o, "title_zh")));
                        put_value(row, "title_en", json_incref(json_object_get(o, "title_en")));
                        json_decref(o);
                }
        return list_answer(out, d.items, NULL, err);
}

int cases_draft_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct drafts d = {.call = c, .id = json_int_or(in, "draft", 0), .items = json_array()};
        int rc = store_read(c->house->store, drafts_apply, &d, err);

        if (rc == 0 && json_array_size(d.items) == 0)
                rc = error_raise(err, SB_CASE_DRAFT, "%lld", (long long)d.id);
        if (rc == 0)
                *out = json_incref(json_array_get(d.items, 0));
        json_decref(d.items);
        return rc;
}
