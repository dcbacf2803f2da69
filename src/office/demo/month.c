/* SPDX-License-Identifier: Apache-2.0 */
#include "office/demo/internal.h"

#include "base/hash.h"
#include "office/json.h"
#include "office/setup/setup.h"
#include "office/staff/staff.h"

#include <stdlib.h>
#include <string.h>

/* What the office does itself, through the verbs that people use: however large the city, about this much of it. */
#define DECLARING_MAX 120 /* employers that declare the last month */
#define OPEN_MAX 24       /* and the present one, so that desks have work */
/* The counter is the city's; the pool of pensions is the province's, and so are those who answer for its money. */
#define COUNTER "YS-01"
#define CENTRE "YS"

void tell(const struct city *c, const char *stage, int64_t done, int64_t total)
{
        if (c->o->progress != NULL)
                c->o->progress(c->o->ctx, stage, done, total);
}

/* --- staff ------------------------------------------------------------------------------------------------------------------- */

static const struct {
        const char *login, *display, *office;
        uint32_t role;
} STAFF[DESKS] = {
    [CLERK] = {"clerk", "经办一号（演示）", COUNTER, ROLE_CLERK},
    [REVIEWER] = {"reviewer", "复审一号（演示）", COUNTER, ROLE_REVIEWER},
    [APPROVER] = {"approver", "审批一号（演示）", CENTRE, ROLE_APPROVER},
    [FINANCE] = {"finance", "财务一号（演示）", CENTRE, ROLE_FINANCE},
    [AUDITOR] = {"auditor", "稽核一号（演示）", CENTRE, ROLE_AUDITOR},
    [ADMIN] = {"admin", "系统管理（演示）", CENTRE, ROLE_ADMIN},
    [CLERK_CENTRE] = {"clerk2", "经办二号（演示）", CENTRE, ROLE_CLERK},
    [REVIEWER_CENTRE] = {"reviewer2", "复审二号（演示）", CENTRE, ROLE_REVIEWER},
    [REVIEWER_SECOND] = {"reviewer3", "复审三号（演示）", CENTRE, ROLE_REVIEWER},
    [CLERK_AWAY] = {"clerk3", "经办三号（演示）", COUNTER, ROLE_CLERK},
    [MACHINE] = {"machine", "民政数据交换（演示）", "YS-MZ-01", ROLE_PARTNER},
};

struct hiring {
        struct city *city;
        char hash[DESKS][128];
};

static int hire(struct tx *tx, void *ctx, struct error *err)
{
        struct hiring *h = ctx;
        struct city *c = h->city;
        int rc = office_by_code(tx, COUNTER, &c->office, err);

        for (int i = 0; rc == 0 && i < DESKS; i++) {
                rc = office_by_code(tx, STAFF[i].office, &c->seat[i], err);
                struct staff s = {.id = c->staff[i], .office = c->seat[i], .roles = STAFF[i].role};
                text_copy(s.login, sizeof s.login, str_from(STAFF[i].login));
                text_copy(s.display, sizeof s.display, str_from(STAFF[i].display));
                if (rc == 0)
                        rc = staff_add(tx, &s, h->hash[i], day_from(2016, 1, 1), err);
        }
        return rc;
}

int staff_hire(struct city *c, struct error *err)
{
        struct hiring h = {.city = c};
        int rc = 0;

        for (int i = 0; rc == 0 && i < DESKS; i++) {
                rc = ids_next(c->house->ids, &c->staff[i], err);
                if (rc == 0)
                        rc = password_hash(h.hash[i], DEMO_PASSWORD, err);
        }
        return rc == 0 ? store_write(c->house->store, hire, &h, err) : rc;
}

/* --- verbs, as staff call them -------------------------------------------------------------------------------------------------- */

int act(struct city *c, enum desk who, const char *verb, json_t *in, struct str body, json_t **out, struct error *err)
{
        const struct verb *v = registry_find(c->house->verbs, verb);
        struct call call = {.house = c->house,
                            .who = {.staff = c->staff[who], .office = c->seat[who], .roles = STAFF[who].role},
                            .body = body,
                            .body_type = body.n == 0        ? NULL
                                         : body.p[0] == '<' ? "application/xml"
                                                            : "text/plain"};
        json_t *answer = NULL;
        char key[48];
        int64_t id = 0;
        int rc = v == NULL    ? error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", verb)
                 : in == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                              : 0;

        if (rc == 0 && v->kind == VERB_WRITE) {
                rc = ids_next(c->house->ids, &id, err);
                call.key = text_format(key, sizeof key, "demo-%012lld", (long long)id);
        }
        if (rc == 0)
                rc = verb_call(&call, v, in, &answer, err);
        if (rc == 0)
                clock_advance(c->house->clock, 1000000);
        json_decref(in);
        if (out != NULL)
                *out = answer;
        else
                json_decref(answer);
        return rc;
}

static int effects(struct city *c, struct error *err)
{
        int done = 1, rc = 0;

        while (rc == 0 && done > 0)
                rc = case_work(c->house, 1000, &done, err);
        return rc;
}

static int64_t field(const json_t *o, const char *name)
{
        return json_integer_value(json_object_get(o, name));
}

/* Who does a task: a second review by another reviewer, what belongs to the centre by somebody who sits there. */
static enum desk desk_of(const struct city *c, int64_t office, const json_t *task)
{
        const char *role = json_string_value(json_object_get(task, "role"));
        const char *node = json_string_value(json_object_get(task, "node"));
        bool centre = office == c->seat[CLERK_CENTRE], second = node != NULL && strcmp(node, "review2") == 0;

        if (role != NULL && strcmp(role, "reviewer") == 0)
                return centre && second ? REVIEWER_SECOND : centre || second ? REVIEWER_CENTRE : REVIEWER;
        if (role != NULL && strcmp(role, "clerk") == 0)
                return centre ? CLERK_CENTRE : CLERK;
        for (int i = APPROVER; i <= ADMIN; i++)
                if (role != NULL && strcmp(role, STAFF[i].login) == 0)
                        return (enum desk)i;
        return CLERK;
}

struct waiting {
        struct city *city;
        int64_t instance, office;
        int64_t task; /* 0 none */
        enum desk who;
        bool served;    /* a letter that is to be served, */
        int64_t letter; /* the last of the case, in Chinese */
};

static int office_of_case(struct tx *tx, void *ctx, struct error *err)
{
        struct waiting *w = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT office FROM process_instance WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)w->city->house->home, w->instance);

        w->office = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int task_of(struct city *c, int64_t instance, struct waiting *w, struct error *err)
{
        json_t *file = NULL, *one;
        size_t i;

        *w = (struct waiting){.city = c, .instance = instance};
        int rc = store_read(c->house->store, office_of_case, w, err);
        if (rc == 0)
                rc = act(c, AUDITOR, "cases.get", json_pack("{s:I}", "case", (json_int_t)instance), STR(""), &file, err);
        json_array_foreach(json_object_get(file, "tasks"), i, one)
        {
                const char *state = json_string_value(json_object_get(one, "state"));
                const char *node = json_string_value(json_object_get(one, "node"));
                if (state != NULL && strcmp(state, "open") != 0 && strcmp(state, "taken") != 0)
                        continue;
                w->task = field(one, "id");
                w->who = desk_of(c, w->office, one);
                w->served = node != NULL && strcmp(node, "serve") == 0;
        }
        json_array_foreach(json_object_get(file, "documents"), i, one)
        {
                if (strcmp(json_text(one, "kind"), "letter.zh") == 0)
                        w->letter = field(one, "id");
        }
        if (rc == 0 && json_is_object(json_object_get(file, "incident")))
                rc = error_raise(err, SB_DEMO_STEP, "case %lld stopped: %.200s", (long long)instance,
                                 json_string_value(json_object_get(json_object_get(file, "incident"), "en")));
        json_decref(file);
        return rc;
}

/* Some minutes of the working day, as long as that does not lead into today: what is done then is not behind us. */
static void pass(struct city *c, int64_t minutes)
{
        instant_t now = clock_now(c->house->clock);
        int64_t closed = (now - day_instant(instant_day(now))) / 60000000 + minutes >= 20 * 60 ? 13 * 60 : 0;

        if (now + (minutes + closed) * 60000000 < day_instant(c->law.today))
                clock_advance(c->house->clock, (minutes + closed) * 60000000);
}

/* A task waits a little, is taken, and is worked on; how long follows from its number, so that each city has its own times. */
static int taken(struct city *c, const struct waiting *w, struct error *err)
{
        pass(c, w->task % 3);
        int rc = act(c, w->who, "tasks.take", json_pack("{s:I}", "task", (json_int_t)w->task), STR(""), NULL, err);
        pass(c, 1 + w->task % 5);
        return rc;
}

/* Do up to `steps` tasks of a case, each by its role; letters are served at the counter. */
int case_walk(struct city *c, int64_t instance, int steps, struct error *err)
{
        int rc = effects(c, err);

        for (int i = 0; rc == 0 && i < steps; i++) {
                struct waiting w;
                rc = task_of(c, instance, &w, err);
                if (rc < 0 || w.task == 0)
                        break;
                json_t *outcome = json_pack("{s:s}", "decision", "approve");
                if (w.served) { /* it is read there, and handed over */
                        json_object_set_new(outcome, "way", json_string("counter"));
                        if (w.letter != 0)
                                rc = act(c, w.who, "documents.get", json_pack("{s:I}", "document", (json_int_t)w.letter),
                                         STR(""), NULL, err);
                }
                rc = rc ? rc : taken(c, &w, err);
                if (rc < 0) {
                        json_decref(outcome);
                        break;
                }
                rc = act(c, w.who, "tasks.complete", json_pack("{s:I,s:o}", "task", (json_int_t)w.task, "outcome", outcome),
                         STR(""), NULL, err);
                if (rc == 0)
                        rc = effects(c, err);
        }
        return rc;
}

/* The case that `verb` of a thing names in a field of its answer; 0 none. */
static int case_of(struct city *c, const char *verb, const char *input, int64_t id, const char *name, int64_t *instance,
                   struct error *err)
{
        json_t *answer = NULL;
        int rc = act(c, AUDITOR, verb, json_pack("{s:I}", input, (json_int_t)id), STR(""), &answer, err);

        *instance = rc == 0 ? field(answer, name) : 0;
        json_decref(answer);
        return rc;
}

/* --- contributions ---------------------------------------------------------------------------------------------------------------- */

struct payroll {
        struct city *city;
        int64_t employer;
        month_t month;
        int64_t employers[DECLARING_MAX];
        int count;
        json_t *lines;
};

static int employers_read(struct tx *tx, void *ctx, struct error *err)
{
        struct payroll *p = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT e.id FROM employer e WHERE e.home = ?1@int AND EXISTS (SELECT 1 FROM employment m WHERE m.employer_home = "
            "e.home AND m.employer = e.id AND m.valid_to = ?2@int) ORDER BY e.id LIMIT ?3@int",
            "iii", (int64_t)p->city->house->home, (int64_t)DAY_END, (int64_t)DECLARING_MAX);

        p->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                p->employers[p->count++] = stmt_int(q, 0);
        }
        return rc;
}

/* Wages as last month's base, some a little more. */
static int payroll_read(struct tx *tx, void *ctx, struct error *err)
{
        struct payroll *p = ctx;
        struct stmt *q = NULL;
        char wage[24];
        int rc = tx_query(
            &q, tx, err,
            "SELECT m.person, (SELECT c.base_fen FROM contribution c WHERE c.home = m.home AND c.person = m.person AND "
            "c.scheme = "
            "'EP' AND c.known_to = ?3@int ORDER BY c.month_from DESC LIMIT 1) FROM employment m WHERE m.employer_home = ?1@int "
            "AND m.employer = ?2@int AND m.known_to = ?3@int AND m.valid_from <= ?4@int AND m.valid_to > ?4@int ORDER BY "
            "m.person",
            "iiii", (int64_t)p->city->house->home, p->employer, (int64_t)INSTANT_END, (int64_t)month_first(p->month));

        json_array_clear(p->lines);
        while ((rc = row_next(rc, q, err)) == 1) {
                fen_t base =
                    stmt_null(q, 1) || stmt_int(q, 1) == 0 ? law_wage(&p->city->law, p->city->law.last - 1) : stmt_int(q, 1);
                int64_t person = stmt_int(q, 0);
                json_array_append_new(p->lines, json_pack("{s:I,s:s}", "person", (json_int_t)person, "wage",
                                                          money_text(base + (person % 7 == 0 ? 20000 : 0), wage)));
        }
        return rc;
}

/* Declare a month of an employer; *declaration 0 when nobody works there. */
static int declare(struct city *c, struct payroll *p, int64_t employer, month_t month, int64_t *declaration, int64_t *instance,
                   struct error *err)
{
        json_t *answer = NULL;
        char text[16];

        *declaration = 0;
        p->employer = employer;
        p->month = month;
        int rc = store_read(c->house->store, payroll_read, p, err);
        if (rc < 0 || json_array_size(p->lines) == 0)
                return rc;
        json_t *in = json_pack("{s:I,s:s,s:s,s:O}", "employer", (json_int_t)employer, "month", month_text(month, text),
                               "channel", "api", "lines", p->lines);
        rc = act(c, CLERK, "contribution.declare", in, STR(""), &answer, err);
        *declaration = field(answer, "id");
        *instance = field(answer, "case");
        json_decref(answer);
        return rc;
}

/* Money for all that was assessed, or (short) a part of it; `steps` of its case are done. */
static int money_in(struct city *c, int64_t employer, int64_t declaration, bool short_paid, int steps, struct error *err)
{
        json_t *answer = NULL, *one;
        fen_t due = 0, part;
        char amount[24], reference[48];
        size_t i;
        int rc = act(c, AUDITOR, "contribution.get", json_pack("{s:I}", "declaration", (json_int_t)declaration), STR(""),
                     &answer, err);

        json_array_foreach(json_object_get(answer, "assessments"), i, one)
        {
                const char *text = json_string_value(json_object_get(one, "due"));
                if (text != NULL && money_parse(&part, str_from(text), NULL) == 0)
                        due += part;
        }
        json_decref(answer);
        if (rc == 0 && due <= 0)
                rc = error_raise(err, SB_DEMO_STEP, "declaration %lld was not assessed", (long long)declaration);
        if (rc < 0)
                return rc;
        text_format(reference, sizeof reference, "YS%012lld", (long long)declaration);
        answer = NULL;
        rc = act(c, FINANCE, "contribution.receive",
                 json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)employer, "amount",
                           money_text(short_paid ? due / 2 : due, amount), "bank_ref", reference),
                 STR(""), &answer, err);
        int64_t instance = field(answer, "case");
        json_decref(answer);
        return rc == 0 ? case_walk(c, instance, steps, err) : rc;
}

/* The cases of a declared month to their ends; a few wait for their letters to be served. */
static int declared_walk(struct city *c, int64_t declaration, int64_t instance, int i, struct error *err)
{
        int64_t assessment = 0;
        int rc = case_walk(c, instance, i % 18 == 4 ? 1 : 4, err);

        if (rc == 0)
                rc = case_of(c, "contribution.get", "declaration", declaration, "assessment_case", &assessment, err);
        return rc == 0 && assessment != 0 && i % 15 != 3 ? case_walk(c, assessment, 4, err) : rc;
}

/* The last month: declared, confirmed, assessed; most have paid, some in part, some not yet. What was paid in part is decided for every
 * other employer. */
static int month_before(struct city *c, struct payroll *p, month_t month, struct error *err)
{
        int rc = 0;

        for (int i = 0; rc == 0 && i < p->count; i++) {
                int64_t declaration, instance;
                rc = declare(c, p, p->employers[i], month, &declaration, &instance, err);
                if (rc == 0 && declaration != 0)
                        rc = declared_walk(c, declaration, instance, i, err);
                if (rc == 0 && declaration != 0 && i % 8 != 5)
                        rc = money_in(c, p->employers[i], declaration, i % 8 == 6,
                                      i % 16 == 14  ? 3
                                      : i % 8 == 6  ? 1
                                      : i % 16 == 3 ? 1
                                                    : 4,
                                      err);
                tell(c, "a month of contributions", i + 1, p->count);
        }
        return rc;
}

/* The present month has begun: a quarter of the employers, at most OPEN_MAX, have declared, from the last on. */
static int month_present(struct city *c, struct payroll *p, month_t month, struct error *err)
{
        int open = p->count / 4 < OPEN_MAX ? p->count / 4 : OPEN_MAX, rc = 0;

        for (int i = 0; rc == 0 && i < open; i++) {
                int64_t declaration, instance;
                rc = declare(c, p, p->employers[p->count - 1 - i], month, &declaration, &instance, err);
                if (rc == 0 && declaration != 0 && i % 3 == 2)
                        rc = case_walk(c, instance, 1, err);
                tell(c, "the present month", i + 1, open);
        }
        return rc;
}

/* --- pensions ----------------------------------------------------------------------------------------------------------------------- */

struct pensioner_pick {
        struct city *city;
        int64_t ids[64];
        int count;
};

static int applicants_find(struct tx *tx, void *ctx, struct error *err)
{
        struct pensioner_pick *p = ctx;
        int rc = 0;

        p->count = 0;
        for (int i = 0; rc == 0 && i < p->city->due_count; i++) {
                int32_t home;
                rc = person_find(tx, p->city->house, str_from(p->city->due[i].id_number), &home, &p->ids[p->count], err);
                p->count += rc == 1;
                rc = rc < 0 ? rc : 0;
        }
        return rc;
}

/* Applications at each stage: decided and served, waiting for the second review, for the first, for the approver. */
static int applications(struct city *c, struct error *err)
{
        static const int steps[5] = {8, 1, 8, 0, 2};
        struct pensioner_pick p = {.city = c};
        int rc = store_read(c->house->store, applicants_find, &p, err);

        for (int i = 0; rc == 0 && i < p.count; i++) {
                json_t *answer = NULL;
                char month[16];
                json_t *in =
                    json_pack("{s:I,s:s}", "person", (json_int_t)p.ids[i], "month", month_text(c->due[i].retirement, month));
                rc = act(c, CLERK, "pension.apply", in, STR(""), &answer, err);
                if (rc == 0)
                        rc = case_walk(c, field(answer, "case"), steps[i % 5], err);
                json_decref(answer);
                tell(c, "applications for a pension", i + 1, p.count);
        }
        return rc;
}

static int awards_pick(struct tx *tx, void *ctx, struct error *err)
{
        struct pensioner_pick *p = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, "SELECT id FROM award WHERE home = ?1@int AND kind = 'imported' ORDER BY id LIMIT 24",
                          "i", (int64_t)p->city->house->home);

        p->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                p->ids[p->count++] = stmt_int(q, 0);
        }
        return rc;
}

/* A few pensions stop, each for another reason, so that a run has something to say. */
static int stops(struct city *c, month_t month, struct error *err)
{
        static const char *const reasons[3] = {"verification", "request", "prison"};
        struct pensioner_pick p = {.city = c};
        char text[16];
        int rc = store_read(c->house->store, awards_pick, &p, err);

        for (int i = 0; rc == 0 && i < 3 && 6 * i + 5 < p.count; i++)
                rc = act(c, CLERK, "pension.stop",
                         json_pack("{s:I,s:s,s:s}", "award", (json_int_t)p.ids[6 * i + 5], "reason", reasons[i], "month_from",
                                   month_text(month, text)),
                         STR(""), NULL, err);
        return rc;
}

/* --- payment ----------------------------------------------------------------------------------------------------------------------------- */

static int runs_work(struct city *c, struct error *err)
{
        bool worked = true;
        int rc = 0;

        while (rc == 0 && worked)
                rc = run_work_any(c->house, c->kinds, &worked, err);
        return rc;
}

static int payment(struct city *c, month_t month, struct error *err)
{
        json_t *answer = NULL;
        char text[16];
        day_t pay_day = clock_today(c->house->clock);
        int64_t instance = 0;
        int rc;

        tell(c, "a payment run", 0, 3);
        rc = act(c, FINANCE, "payment.run_create",
                 json_pack("{s:I,s:s}", "pool", (json_int_t)c->pool.id, "month", month_text(month, text)), STR(""), &answer,
                 err);
        int64_t run = field(answer, "id");
        json_decref(answer);
        if (rc == 0)
                rc = runs_work(c, err);
        tell(c, "a payment run", 1, 3);
        if (rc == 0)
                rc = case_of(c, "payment.get", "run", run, "case", &instance, err);
        if (rc == 0)
                rc = case_walk(c, instance, 2, err);
        if (rc == 0)
                rc =
                    act(c, APPROVER, "payment.release",
                        json_pack("{s:I,s:s}", "run", (json_int_t)run, "pay_day", day_text(pay_day, text)), STR(""), NULL, err);
        if (rc == 0)
                rc = runs_work(c, err);
        tell(c, "a payment run", 2, 3);
        if (rc == 0)
                rc = act(c, FINANCE, "payment.file", json_pack("{s:I}", "run", (json_int_t)run), STR(""), NULL, err);
        if (rc == 0)
                rc = runs_work(c, err);
        tell(c, "a payment run", 3, 3);
        return rc;
}

/* --- the months -------------------------------------------------------------------------------------------------------------------------- */

static int seal_books(struct tx *tx, void *ctx, struct error *err)
{
        struct city *c = ctx;

        return ledger_seal(tx, c->house->ids, c->house->home, month_first(c->taken_over + 1) + 20, clock_now(c->house->clock),
                           err);
}

/* Nine in the morning of a day, or the first moment of today when the day is not before it. */
static void clock_to(struct city *c, day_t day)
{
        instant_t at = day < c->law.today ? day_instant(day) + (instant_t)9 * 3600 * 1000000 : day_instant(c->law.today);

        if (at > clock_now(c->house->clock))
                clock_set(c->house->clock, at);
}

int office_work(struct city *c, struct error *err)
{
        struct payroll p = {.city = c, .lines = json_array()};
        month_t before = c->taken_over + 1, present = before + 1;
        int sealed;
        int rc = p.lines == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        clock_to(c, month_first(before) + 4);
        if (rc == 0)
                rc = store_read(c->house->store, employers_read, &p, err);
        if (rc == 0)
                rc = month_before(c, &p, before, err);
        if (rc == 0)
                rc = stops(c, before, err);
        clock_to(c, month_first(before) + 14);
        if (rc == 0)
                rc = payment(c, before, err);
        clock_to(c, c->law.today - 1 > month_first(present) ? c->law.today - 1 : month_first(present));
        if (rc == 0)
                rc = month_present(c, &p, present, err);
        if (rc == 0)
                rc = applications(c, err);
        if (rc == 0)
                rc = beside_work(c, err);
        if (rc == 0)
                rc = audit_seal(c->house, clock_now(c->house->clock), &sealed, err);
        if (rc == 0)
                rc = store_write(c->house->store, seal_books, c, err);
        json_decref(p.lines);
        return rc;
}
