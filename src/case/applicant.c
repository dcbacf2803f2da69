/* SPDX-License-Identifier: Apache-2.0 */
#include "case/applicant.h"

#include "case/verbs.h"

#include <string.h>

static bool process_covered(const char *processes, const char *process)
{
        return processes[0] == '\0' || text_has_word(processes, process); /* none named: of every process */
}

static bool acts_for_another(const char *kind)
{
        return strcmp(kind, "agent") == 0 || strcmp(kind, "heir") == 0 || strcmp(kind, "guardian") == 0 ||
               strcmp(kind, "operator") == 0;
}

struct looking {
        const char *kind, *process;
        int64_t person;
        day_t today;
        bool found, ended, other_process;
};

static int powers_look(struct tx *tx, struct call *c, const struct applicant_subject *s, struct looking *l, struct error *err)
{
        struct stmt *q = NULL;
        char processes[400];
        int rc =
            tx_query(&q, tx, err,
                     "SELECT processes, valid_from, valid_to FROM applicant_power WHERE home = ?1@int AND principal_kind = "
                     "?2@text AND principal = ?3@int AND kind = ?4@text AND person = ?5@int ORDER BY id",
                     "ititi", (int64_t)c->house->home, s->kind, s->id, l->kind, l->person);

        while ((rc = row_next(rc, q, err)) == 1) {
                bool now = stmt_int(q, 1) <= l->today && stmt_int(q, 2) > l->today;
                bool covers = process_covered(text_copy(processes, sizeof processes, stmt_text(q, 0)), l->process);
                l->found |= now && covers;
                l->ended |= !now && covers;
                l->other_process |= now && !covers;
        }
        return rc;
}

int applicant_may(struct tx *tx, struct call *c, const json_t *applicant, const char *process,
                  const struct applicant_subject *subject, struct error *err)
{
        struct looking l = {.kind = json_text(applicant, "kind"),
                            .process = process,
                            .person = json_int_or(applicant, "person", 0),
                            .today = clock_today(c->house->clock)};
        int rc = 0;

        if (!acts_for_another(l.kind))
                return 0;
        if (l.person != 0 && subject->id != 0)
                rc = powers_look(tx, c, subject, &l, err);
        if (rc < 0 || l.found || json_text(applicant, "document")[0] != '\0')
                return rc;
        if (l.other_process)
                return error_raise(err, SB_CASE_POWER_PROCESS, "%s", process);
        return l.ended ? error_raise(err, SB_CASE_POWER_ENDED, "%s", "") : error_raise(err, SB_CASE_POWER_NONE, "%s", "");
}

/* --- verbs ---------------------------------------------------------------------------------------------------------------------- */

struct power {
        int64_t id, principal, person;
        const char *kind, *principal_kind, *processes, *document;
        day_t from, to;
};

static int power_said(struct power *p, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = p->principal_kind;
        change->subject = p->principal;
        change->audit = json_pack("{s:I,s:I}", "power", (json_int_t)p->id, "agent", (json_int_t)p->person);
        *out = json_pack("{s:I}", "id", (json_int_t)p->id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int add_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct power *p = ctx;
        int rc =
            tx_exec(tx, err,
                    "INSERT INTO applicant_power (home, id, kind, principal_kind, principal, person, processes, document, "
                    "valid_from, valid_to, actor, entered_at, ended_by, ended_at) VALUES (?1@int, ?2@int, ?3@text, ?4@text, "
                    "?5@int, ?6@int, ?7@text, ?8@text, ?9@int, ?10@int, ?11@int, ?12@int, 0, 0)",
                    "iittiittiiii", (int64_t)c->house->home, p->id, p->kind, p->principal_kind, p->principal, p->person,
                    p->processes, p->document, (int64_t)p->from, (int64_t)p->to, c->who.staff, clock_now(c->house->clock));

        return rc == 0 ? power_said(p, change, out, err) : rc;
}

int applicants_add(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct power p = {.kind = json_text(in, "kind"),
                          .principal_kind = json_text(in, "principal_kind"),
                          .principal = json_int_or(in, "principal", 0),
                          .person = json_int_or(in, "person", 0),
                          .processes = json_text(in, "processes"),
                          .document = json_text(in, "document"),
                          .from = json_day_or(in, "valid_from", clock_today(c->house->clock)),
                          .to = json_day_or(in, "last_day", DAY_END)};

        if (p.to < DAY_END)
                p.to++;
        if (p.to <= p.from || (strcmp(p.kind, "agent") == 0 && p.to >= DAY_END))
                return error_raise(err, SB_CASE_APPLICANT, "%s",
                                   ERROR_BOTH("a power of attorney needs a last day, not before its first",
                                              "授权委托须有截止日，且不早于起始日"));
        int rc = ids_next(c->house->ids, &p.id, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "applicants.add"), in, add_apply, &p, out, err);
}

static int end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct power *p = ctx;
        int64_t today = clock_today(c->house->clock), changed = 0;
        int rc =
            tx_exec_changed(tx, &changed, err,
                            "UPDATE applicant_power SET valid_to = ?3@int, ended_by = ?4@int, ended_at = ?5@int WHERE home "
                            "= ?1@int AND id = ?2@int AND valid_to > ?3@int",
                            "iiiii", (int64_t)c->house->home, p->id, today, c->who.staff, clock_now(c->house->clock));

        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_CASE_POWER_ENDED, "%s", "");
        p->principal_kind = "applicant_power";
        p->principal = p->id;
        return rc == 0 ? power_said(p, change, out, err) : rc;
}

int applicants_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct power p = {.id = json_int_or(in, "power", 0)};

        return verb_change(c, registry_find(c->house->verbs, "applicants.end"), in, end_apply, &p, out, err);
}

struct powers {
        struct call *call;
        const char *kind;
        int64_t principal;
        json_t *items;
};

static int powers_read(struct tx *tx, void *ctx, struct error *err)
{
        struct powers *p = ctx;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, kind, person, processes, document, valid_from, valid_to FROM applicant_power WHERE home = "
                     "?1@int AND principal_kind = ?2@text AND principal = ?3@int ORDER BY id DESC LIMIT 200",
                     "iti", (int64_t)p->call->house->home, p->kind, p->principal);

        json_array_clear(p->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "kind", stmt_text(q, 1));
                put_int(o, "person", stmt_int(q, 2));
                put_str(o, "processes", stmt_text(q, 3));
                put_str(o, "document", stmt_text(q, 4));
                put_day(o, "valid_from", (day_t)stmt_int(q, 5));
                put_last_day(o, "last_day", (day_t)stmt_int(q, 6));
                put_text(o, "subject_kind", "person");
                put_int(o, "subject", stmt_int(q, 2));
                json_array_append_new(p->items, o);
        }
        return rc;
}

int applicants_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct powers p = {.call = c,
                           .kind = json_text(in, "principal_kind"),
                           .principal = json_int_or(in, "principal", 0),
                           .items = json_array()};
        int rc = store_read(c->house->store, powers_read, &p, err);
        if (rc < 0) {
                json_decref(p.items);
                return rc;
        }
        subject_titles(c, p.items);
        return list_answer(out, p.items, NULL, err);
}
