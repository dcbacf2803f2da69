/* SPDX-License-Identifier: Apache-2.0
 *
 * Joint services (一件事): one form, several cases. The form is the union of what the processes declare; what several ask is asked once
 * (same name, or the same "as" in joint_fields.csv), what the service itself says (a "value" there) not at all. All cases are begun in
 * one transaction, or none; then each goes its own way, and the joint number tells how far they are.
 */
#include "office/window/window.h"

#include "case/answer.h"
#include "case/application.h"
#include "case/pack_store.h"
#include "engine/bpmn/bpmn.h"
#include "pack/pack.h"

#include <string.h>

enum { PARTS_MAX = 12 };

struct part {
        const char *process;
        bool required;
        json_t *form; /* answer of cases.form; NULL: the process does not begin with a form here */
};
struct joint {
        struct call *call;
        const char *service;
        struct pack *pack; /* borrowed */
        json_t *rows, *fields;
        struct part parts[PARTS_MAX];
        int count;
        int64_t pool;
        /* of an application */
        const json_t *chosen, *values, *applicant, *papers;
        int64_t handling_office, id;
        json_t *cases;
};

static void joint_close(struct joint *j)
{
        for (int i = 0; i < j->count; i++)
                json_decref(j->parts[i].form);
        json_decref(j->rows);
        json_decref(j->fields);
        json_decref(j->cases);
}

static int pool_ask(struct tx *tx, void *ctx, struct error *err)
{
        struct joint *j = ctx;

        return application_pool(tx, &j->pool, err);
}

static int tables_open(struct call *c, struct joint *j, struct error *err)
{
        *j = (struct joint){.call = c};
        int rc = store_read(c->house->store, pool_ask, j, err);

        rc = rc ? rc
                : pack_store_for(c->house->packs, j->pool, clock_today(c->house->clock), clock_now(c->house->clock), &j->pack,
                                 err);
        rc = rc ? rc : pack_table(j->pack, "joint.csv", &j->rows, err);
        return rc ? rc : pack_table(j->pack, "joint_fields.csv", &j->fields, err);
}

/* What the process asks; NULL when the pack has no such process, or when it does not begin with a form. */
static json_t *form_ask(struct call *c, const char *process)
{
        json_t *in = json_pack("{s:s}", "process", process), *out = NULL;
        struct error none = {0};

        if (verb_call(c, registry_find(c->house->verbs, "cases.form"), in, &out, &none) < 0)
                out = NULL;
        json_decref(in);
        if (out != NULL && json_array_size(json_object_get(out, "fields")) == 0) {
                json_decref(out);
                out = NULL;
        }
        return out;
}

static int joint_take(struct call *c, const json_t *in, struct joint *j, struct error *err)
{
        json_t *row;
        size_t i;
        int rc = tables_open(c, j, err);

        rc = rc ? rc : json_get_text(in, "service", true, &j->service, err);
        if (rc < 0)
                return rc;
        json_array_foreach(j->rows, i, row)
        {
                if (strcmp(json_text(row, "service"), j->service) != 0 || j->count == PARTS_MAX)
                        continue;
                struct part *p = &j->parts[j->count++];
                p->process = json_text(row, "process");
                p->required = strcmp(json_text(row, "required"), "yes") == 0;
                p->form = form_ask(c, p->process);
        }
        return j->count == 0 ? error_raise(err, SB_WINDOW_JOINT, "%.40s", j->service) : 0;
}

/* The row of joint_fields.csv; NULL when the field is asked as it is. */
static const json_t *field_row(const struct joint *j, const char *process, const char *field)
{
        json_t *row;
        size_t i;

        json_array_foreach(j->fields, i, row)
        {
                if (strcmp(json_text(row, "service"), j->service) == 0 && strcmp(json_text(row, "process"), process) == 0 &&
                    strcmp(json_text(row, "field"), field) == 0)
                        return row;
        }
        return NULL;
}

static const char *asked_as(const json_t *row, const char *field)
{
        return row != NULL && json_text(row, "as")[0] != '\0' ? json_text(row, "as") : field;
}

/* --- the form ----------------------------------------------------------------------------------------------------------------------------- */

static json_t *named(json_t *list, const char *key, const char *name)
{
        json_t *o;
        size_t i;

        json_array_foreach(list, i, o)
        {
                if (strcmp(json_text(o, key), name) == 0)
                        return o;
        }
        return NULL;
}

/* Add an entry under its name, or note that one more process asks it; required when one requires it. */
static void entry_add(json_t *list, const char *key, const char *name, const json_t *entry, const char *process)
{
        json_t *known = named(list, key, name);

        if (known == NULL) {
                known = json_deep_copy(entry);
                put_text(known, key, name);
                put_value(known, "processes", json_array());
                json_array_append_new(list, known);
        }
        if (json_is_true(json_object_get(entry, "required")))
                put_bool(known, "required", true);
        json_array_append_new(json_object_get(known, "processes"), json_string(process));
}

static void part_add(const struct joint *j, const struct part *p, json_t *fields, json_t *papers)
{
        json_t *entry;
        size_t i;

        json_array_foreach(json_object_get(p->form, "fields"), i, entry)
        {
                const json_t *row = field_row(j, p->process, json_text(entry, "name"));
                if (row == NULL || json_text(row, "value")[0] == '\0')
                        entry_add(fields, "name", asked_as(row, json_text(entry, "name")), entry, p->process);
        }
        json_array_foreach(json_object_get(p->form, "papers"), i, entry)
        {
                entry_add(papers, "material", json_text(entry, "material"), entry, p->process);
        }
}

int joint_form(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *processes = json_array(), *fields = json_array(), *papers = json_array(), *row;
        struct joint j;
        size_t i;
        int rc = joint_take(c, in, &j, err);

        for (int k = 0; rc == 0 && k < j.count; k++)
                if (j.parts[k].form != NULL)
                        part_add(&j, &j.parts[k], fields, papers);
        json_array_foreach(j.rows, i, row)
        {
                if (rc < 0 || strcmp(json_text(row, "service"), j.service) != 0)
                        continue;
                json_t *o = json_object(), *form = NULL;
                for (int k = 0; k < j.count; k++)
                        if (strcmp(j.parts[k].process, json_text(row, "process")) == 0)
                                form = j.parts[k].form;
                put_text(o, "process", json_text(row, "process"));
                put_bool(o, "required", strcmp(json_text(row, "required"), "yes") == 0);
                put_text(o, "when_zh", json_text(row, "when_zh"));
                put_text(o, "when_en", json_text(row, "when_en"));
                put_bool(o, "available", form != NULL);
                put_text(o, "title_zh", form == NULL ? json_text(row, "process") : json_text(form, "title_zh"));
                put_text(o, "title_en", form == NULL ? json_text(row, "process") : json_text(form, "title_en"));
                json_array_append_new(processes, o);
                if (*out == NULL)
                        *out = json_pack("{s:s,s:s,s:s,s:O,s:O,s:O}", "service", j.service, "name_zh",
                                         json_text(row, "name_zh"), "name_en", json_text(row, "name_en"), "processes",
                                         processes, "fields", fields, "papers", papers);
        }
        json_decref(processes);
        json_decref(fields);
        json_decref(papers);
        joint_close(&j);
        return rc;
}

int joint_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *items = json_array(), *row;
        struct joint j;
        size_t i;
        int rc = tables_open(c, &j, err);

        (void)in;
        json_array_foreach(j.rows, i, row)
        {
                if (rc == 0 && named(items, "service", json_text(row, "service")) == NULL)
                        json_array_append_new(items,
                                              json_pack("{s:s,s:s,s:s}", "service", json_text(row, "service"), "name_zh",
                                                        json_text(row, "name_zh"), "name_en", json_text(row, "name_en")));
        }
        joint_close(&j);
        if (rc < 0) {
                json_decref(items);
                return rc;
        }
        return list_answer(out, items, NULL, err);
}

/* --- one submission ---------------------------------------------------------------------------------------------------------------------- */

static bool chosen(const struct joint *j, const char *process)
{
        json_t *one;
        size_t i;

        json_array_foreach(j->chosen, i, one)
        {
                if (json_is_string(one) && strcmp(json_string_value(one), process) == 0)
                        return true;
        }
        return false;
}

static int choice_check(const struct joint *j, struct error *err)
{
        json_t *one;
        size_t i;

        for (int k = 0; k < j->count; k++) {
                bool wanted = chosen(j, j->parts[k].process);
                if (j->parts[k].required && !wanted)
                        return error_raise(err, SB_WINDOW_JOINT_PROCESS, "%s|%s", j->parts[k].process,
                                           ERROR_BOTH("it belongs to it always and is not chosen", "属于必办事项，未勾选"));
                if (wanted && j->parts[k].form == NULL)
                        return error_raise(err, SB_WINDOW_JOINT_PROCESS, "%s|%s", j->parts[k].process,
                                           ERROR_BOTH("it begins on its own page, not with a form", "须在其业务页面单独办理"));
        }
        json_array_foreach(j->chosen, i, one)
        {
                bool known = false;
                for (int k = 0; k < j->count; k++)
                        known = known || strcmp(j->parts[k].process, json_string_value(one)) == 0;
                if (!known)
                        return error_raise(err, SB_WINDOW_JOINT_PROCESS, "%.20s|%s", json_string_value(one),
                                           ERROR_BOTH("the service does not hold it", "不属于该联办事项"));
        }
        return 0;
}

/* Of the joint form what this process asks. */
static json_t *values_of(const struct joint *j, const struct part *p)
{
        json_t *out = json_object(), *field;
        size_t i;

        json_array_foreach(json_object_get(p->form, "fields"), i, field)
        {
                const char *name = json_text(field, "name");
                const json_t *row = field_row(j, p->process, name);
                json_t *value = json_object_get(j->values, asked_as(row, name));
                if (row != NULL && json_text(row, "value")[0] != '\0')
                        put_text(out, name, json_text(row, "value"));
                else if (value != NULL)
                        json_object_set(out, name, value);
        }
        return out;
}

static json_t *papers_of(const struct joint *j, const struct part *p)
{
        json_t *out = json_array(), *paper;
        size_t i;

        json_array_foreach(j->papers, i, paper)
        {
                if (named(json_object_get(p->form, "papers"), "material", json_text(paper, "material")) != NULL)
                        json_array_append(out, paper);
        }
        return out;
}

/* What is wrong with one part goes to the field under which the joint form asks it; what several parts find is told once. */
static int part_check(struct joint *j, const struct part *p, json_t *faults, struct error *err)
{
        json_t *values = values_of(j, p), *found = json_array(), *one;
        const struct bpmn_model *m = NULL;
        size_t i;
        int rc = pack_process(j->pack, p->process, &m, err);

        if (rc == 0)
                rc = application_check(j->call, bpmn_process(m, bpmn_process_find(m, p->process)), values, found, err);
        json_array_foreach(found, i, one)
        {
                const char *name = json_text(one, "field"), *as = asked_as(field_row(j, p->process, name), name);
                const json_t *known = named(faults, "field", as);
                if (known != NULL && strcmp(json_text(known, "why"), json_text(one, "why")) == 0)
                        continue;
                json_t *fault = json_deep_copy(one);
                put_text(fault, "field", as);
                json_array_append_new(faults, fault);
        }
        json_decref(values);
        json_decref(found);
        return rc;
}

/* All parts are looked at before any is begun. */
static int parts_check(struct joint *j, struct error *err)
{
        json_t *faults = json_array();
        int rc = 0;

        for (int k = 0; rc == 0 && k < j->count; k++)
                if (chosen(j, j->parts[k].process))
                        rc = part_check(j, &j->parts[k], faults, err);
        rc = rc ? rc : application_faults_raise(faults, j->call->who.lang, err);
        json_decref(faults);
        return rc;
}

static int part_open(struct tx *tx, struct call *c, struct joint *j, const struct part *p, struct error *err)
{
        json_t *values = values_of(j, p), *papers = papers_of(j, p);
        struct case_application a = {.process = p->process,
                                     .form = values,
                                     .applicant = j->applicant,
                                     .papers = papers,
                                     .office = c->who.office,
                                     .handling_office = j->handling_office};
        int64_t instance = 0;
        char number[32];
        int rc = case_open(tx, c, &a, &instance, err);

        rc = rc ? rc
                : tx_exec(tx, err,
                          "INSERT INTO joint_case (home, joint, instance, process) VALUES (?1@int, ?2@int, ?3@int, ?4@text)",
                          "iiit", (int64_t)c->house->home, j->id, instance, p->process);
        if (rc == 0)
                json_array_append_new(j->cases,
                                      json_pack("{s:I,s:s,s:s}", "case", (json_int_t)instance, "number",
                                                readable_number('C', c->house->home, instance, number), "process", p->process));
        json_decref(values);
        json_decref(papers);
        return rc;
}

static int joint_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct joint *j = ctx;
        char number[32] = "";
        int rc = ids_next(c->house->ids, &j->id, err);

        json_decref(j->cases); /* of an attempt that was rolled back */
        j->cases = json_array();
        readable_number('J', c->house->home, j->id, number);
        rc =
            rc ? rc
               : tx_exec(tx, err,
                         "INSERT INTO joint_application (home, id, number, service, office, actor, created_at) VALUES (?1@int, "
                         "?2@int, ?3@text, ?4@text, ?5@int, ?6@int, ?7@int)",
                         "iittiii", (int64_t)c->house->home, j->id, number, j->service, c->who.office, c->who.staff,
                         clock_now(c->house->clock));
        for (int k = 0; rc == 0 && k < j->count; k++)
                if (chosen(j, j->parts[k].process))
                        rc = part_open(tx, c, j, &j->parts[k], err);
        if (rc < 0)
                return rc;
        change->subject_kind = "joint_application";
        change->subject = j->id;
        change->audit = json_pack("{s:s}", "service", j->service);
        *out = json_pack("{s:I,s:s,s:O}", "joint", (json_int_t)j->id, "number", number, "cases", j->cases);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int joint_open_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct joint j;
        int rc = joint_take(c, in, &j, err);

        rc = rc ? rc : json_get_array(in, "processes", true, &j.chosen, err);
        rc = rc ? rc : json_get_object(in, "form", true, &j.values, err);
        rc = rc ? rc : json_get_object(in, "applicant", false, &j.applicant, err);
        rc = rc ? rc : json_get_array(in, "papers", false, &j.papers, err);
        rc = rc ? rc : json_get_int(in, "handling_office", false, &j.handling_office, err);
        rc = rc ? rc : choice_check(&j, err);
        rc = rc ? rc : parts_check(&j, err);
        rc = rc ? rc : case_change(c, registry_find(c->house->verbs, "joint.open"), in, joint_apply, &j, out, err);
        joint_close(&j);
        return rc;
}

/* --- how far they are ----------------------------------------------------------------------------------------------------------------------- */

struct looking {
        struct call *call;
        int64_t id;
        json_t *o;
};

static int joint_read(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *l = ctx;
        json_t *cases = json_array();
        int64_t office, running = 0;
        bool within = false;
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT number, service, office, created_at FROM joint_application WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)l->call->house->home, l->id);

        json_object_clear(l->o);
        put_value(l->o, "cases", cases);
        if (rc == 1) {
                put_int(l->o, "joint", l->id);
                put_str(l->o, "number", stmt_text(q, 0));
                put_str(l->o, "service", stmt_text(q, 1));
                put_instant(l->o, "created_at", stmt_int(q, 3));
                office = stmt_int(q, 2);
                rc = office_within(tx, office, l->call->who.office, &within, err);
        }
        if (rc == 0 && !within)
                rc = error_raise(err, SB_WINDOW_JOINT_UNKNOWN, "%lld", (long long)l->id);
        rc = rc ? rc
                : tx_query(
                      &q, tx, err,
                      "SELECT i.id, i.number, i.process, i.state, i.due_day FROM joint_case j CROSS JOIN case_any "
                      "i WHERE i.home = j.home AND i.id = j.instance AND j.home = ?1@int AND j.joint = ?2@int ORDER BY i.id",
                      "ii", (int64_t)l->call->house->home, l->id);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "case", stmt_int(q, 0));
                put_str(o, "number", stmt_text(q, 1));
                put_str(o, "process", stmt_text(q, 2));
                put_str(o, "state", stmt_text(q, 3));
                if (stmt_int(q, 4) < DAY_END)
                        put_day(o, "due_day", (day_t)stmt_int(q, 4));
                running += !str_is(stmt_text(q, 3), "done") && !str_is(stmt_text(q, 3), "cancelled");
                json_array_append_new(cases, o);
        }
        put_int(l->o, "running", running);
        put_text(l->o, "state", running > 0 ? "active" : "done");
        return rc;
}

int joint_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct looking l = {.call = c, .o = json_object()};
        int rc = json_get_int(in, "joint", true, &l.id, err);

        rc = rc ? rc : store_read(c->house->store, joint_read, &l, err);
        if (rc == 0)
                *out = json_incref(l.o);
        json_decref(l.o);
        return rc;
}

static int recent_read(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT a.id, a.number, a.service, a.created_at, COUNT(i.id), CAST(SUM(CASE WHEN i.state IN ('done', "
            "'cancelled') THEN 1 ELSE 0 END) AS @int), MIN(CASE WHEN i.state IN ('done', 'cancelled') THEN NULL ELSE "
            "i.due_day END) FROM joint_application a JOIN joint_case j ON j.home = a.home AND j.joint = a.id CROSS JOIN "
            "case_any i WHERE i.home = j.home AND i.id = j.instance AND a.home = ?1@int AND a.office IN " OFFICE_SUBTREE(
                "?2@int") " GROUP BY a.id, a.number, a.service, a.created_at ORDER BY a.id DESC LIMIT 50",
            "ii", (int64_t)l->call->house->home, l->call->who.office);

        json_array_clear(l->o);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "joint", stmt_int(q, 0));
                put_str(o, "number", stmt_text(q, 1));
                put_str(o, "service", stmt_text(q, 2));
                put_instant(o, "created_at", stmt_int(q, 3));
                put_int(o, "cases", stmt_int(q, 4));
                put_int(o, "done", stmt_int(q, 5));
                put_value(o, "due_day", json_null());
                if (!stmt_null(q, 6) && stmt_int(q, 6) < DAY_END)
                        put_day(o, "due_day", (day_t)stmt_int(q, 6));
                json_array_append_new(l->o, o);
        }
        return rc;
}

int joint_recent(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct looking l = {.call = c, .o = json_array()};
        int rc = store_read(c->house->store, recent_read, &l, err);

        (void)in;
        if (rc < 0) {
                json_decref(l.o);
                return rc;
        }
        return list_answer(out, l.o, NULL, err);
}
