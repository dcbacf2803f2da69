/* SPDX-License-Identifier: Apache-2.0
 *
 * A county's month: every employer declares its workers and is billed (P06, P07), pays what it owes and has it posted (P08), and the
 * pensions of the month are paid. Everything goes through the verbs that desks and pages call, one case after the other: each task is
 * completed by somebody who may, each letter issued and served, nothing in bulk. Four desks at once, on SQLite, which flushes every commit.
 * The PDF of a letter is set when somebody reads it; nobody does here.
 *
 * N persons: 25 to an employer; of five one is a pensioner, the others are declared. The bar is of a county of 200,000 persons and
 * 8,000 employers.
 */
#include "base/clock.h"
#include "bench/bench.h"
#include "bench/city.h"
#include "case/case.h"
#include "office/payment/payment.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNTY = 200000, PENSIONERS = 5, MONTH = 2026 * 12 + 10, STEPS_MAX = 20, STAFF = 11, CLIENTS = 4 };
#define BAR_S 300

/* --- who is declared --------------------------------------------------------------------------------------------------------- */

struct payroll {
        int64_t *employer, *person;
        fen_t *wage;
        size_t count, room;
};

static int payroll_read(struct tx *tx, void *ctx, struct error *err)
{
        struct payroll *p = ctx;
        struct stmt *q;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT m.employer, m.person FROM employment m WHERE m.home = 1 AND m.valid_to = ?1@int AND m.known_to "
                     "= ?2@int AND NOT EXISTS (SELECT 1 FROM award a WHERE a.home = m.home AND a.person = m.person) ORDER BY "
                     "m.employer, m.person",
                     "ii", (int64_t)DAY_END, (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (p->count == p->room)
                        return error_raise(err, SB_MEMORY, "%s", "more workers than persons");
                p->employer[p->count] = stmt_int(q, 0);
                p->person[p->count] = stmt_int(q, 1);
                p->wage[p->count++] = 450000 + stmt_int(q, 1) % 4000 * 100;
        }
        return rc;
}

/* --- cases --------------------------------------------------------------------------------------------------------------------- */

enum role_number { CLERK, REVIEWER, APPROVER, FINANCE, ROLES };

struct waiting {
        int64_t instance, task;
        enum role_number role;
        bool serve;
};

static int waiting_read(struct tx *tx, void *ctx, struct error *err)
{
        static const char *const roles[ROLES] = {"clerk", "reviewer", "approver", "finance"};
        struct waiting *w = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT id, role, node FROM task WHERE home = 1 AND instance = ?1@int AND state IN ('open', 'taken')",
                        "i", w->instance);

        w->task = rc == 1 ? stmt_int(q, 0) : 0;
        for (int i = 0; rc == 1 && i < ROLES; i++)
                if (str_equal(stmt_text(q, 1), str_from(roles[i])))
                        w->role = (enum role_number)i;
        w->serve = rc == 1 && str_equal(stmt_text(q, 2), STR("serve"));
        return rc < 0 ? rc : 0;
}

/* Everything that people have to do in a case, up to a task of the role `until` (ROLES: to its end); each role is two people, in turns.
 * How many tasks it was. */
static int64_t walk(struct place *c, int64_t instance, enum role_number until)
{
        struct error err = {0};
        struct waiting w = {.instance = instance};

        for (int i = 0; i < STEPS_MAX; i++) {
                city_must(case_work_instance(&c->house, instance, &err), &err);
                city_must(store_read(c->house.store, waiting_read, &w, &err), &err);
                if (w.task == 0 || w.role == until)
                        return i;
                json_t *outcome = json_pack("{s:s}", "decision", "approve");
                if (w.serve)
                        json_object_set_new(outcome, "way", json_string("counter"));
                json_decref(city_call(c, STAFF + (int)w.role + i % 2 * ROLES, "tasks.complete",
                                      json_pack("{s:I,s:o}", "task", (json_int_t)w.task, "outcome", outcome)));
        }
        fprintf(stderr, "case %lld does not end\n", (long long)instance);
        exit(1);
}

static int64_t field(const json_t *o, const char *name)
{
        return json_integer_value(json_object_get(o, name));
}

/* --- the month ------------------------------------------------------------------------------------------------------------------ */

struct bill {
        int64_t employer, declaration;
        size_t first, end; /* of the payroll */
};
struct county {
        struct place place;
        struct payroll payroll;
        struct bill *bills;
        size_t employers;
        int64_t tasks;
        fen_t due;
};
/* A desk: every CLIENTS-th employer is its own. */
struct desk {
        pthread_t thread;
        struct county *county;
        void (*each)(struct desk *d, struct bill *b);
        size_t number;
        int64_t tasks;
        fen_t due;
};

static void declare(struct desk *d, struct bill *b)
{
        const struct payroll *p = &d->county->payroll;
        char wage[24], month[16];
        json_t *lines = json_array();

        for (size_t i = b->first; i < b->end; i++)
                json_array_append_new(
                    lines, json_pack("{s:I,s:s}", "person", (json_int_t)p->person[i], "wage", money_text(p->wage[i], wage)));
        json_t *answer = city_call(&d->county->place, STAFF + CLERK, "contribution.declare",
                                   json_pack("{s:I,s:s,s:s,s:o}", "employer", (json_int_t)b->employer, "month",
                                             month_text(MONTH, month), "channel", "api", "lines", lines));
        b->declaration = field(answer, "id");
        d->tasks += walk(&d->county->place, field(answer, "case"), ROLES);
        json_decref(answer);
}

/* What a declaration was assessed at, and the case that does it. */
static fen_t billed(struct desk *d, const struct bill *b, int64_t *instance)
{
        json_t *answer = city_call(&d->county->place, STAFF + CLERK, "contribution.get",
                                   json_pack("{s:I,s:i}", "declaration", (json_int_t)b->declaration, "limit", 1));
        json_t *one;
        fen_t due = 0, part;
        size_t i;

        json_array_foreach(json_object_get(answer, "assessments"), i, one)
        {
                if (money_parse(&part, str_from(json_string_value(json_object_get(one, "due"))), NULL) == 0)
                        due += part;
        }
        *instance = field(answer, "assessment_case");
        json_decref(answer);
        return due;
}

static void bill(struct desk *d, struct bill *b)
{
        int64_t instance;

        billed(d, b, &instance);
        d->tasks += walk(&d->county->place, instance, ROLES);
}

static void collect(struct desk *d, struct bill *b)
{
        char amount[24], reference[48];
        int64_t instance;
        fen_t due = billed(d, b, &instance);

        json_t *answer =
            city_call(&d->county->place, STAFF + FINANCE, "contribution.receive",
                      json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)b->employer, "amount", money_text(due, amount),
                                "bank_ref", text_format(reference, sizeof reference, "M%012lld", (long long)b->declaration)));
        d->due += due;
        d->tasks += walk(&d->county->place, field(answer, "case"), ROLES);
        json_decref(answer);
}

static void *desk_work(void *ctx)
{
        struct desk *d = ctx;

        for (size_t i = d->number; i < d->county->employers; i += CLIENTS)
                d->each(d, &d->county->bills[i]);
        return NULL;
}

static void desks(struct county *c, void (*each)(struct desk *d, struct bill *b))
{
        struct desk all[CLIENTS];

        for (size_t i = 0; i < CLIENTS; i++) {
                all[i] = (struct desk){.county = c, .each = each, .number = i};
                if (pthread_create(&all[i].thread, NULL, desk_work, &all[i]) != 0)
                        exit(1);
        }
        for (size_t i = 0; i < CLIENTS; i++) {
                pthread_join(all[i].thread, NULL);
                c->tasks += all[i].tasks;
                c->due += all[i].due;
        }
}

static void run(struct county *c, int64_t id)
{
        static const struct run_kind *const kinds[] = {&payment_compute_kind, &payment_release_kind, &payment_file_kind, NULL};
        struct error err = {0};

        city_must(run_work(&c->place.house, kinds, id, NULL, NULL, &err), &err);
}

static int64_t answered(json_t *out, const char *name)
{
        int64_t id = field(out, name);

        json_decref(out);
        return id;
}

static void pay(struct county *c)
{
        json_t *in = json_pack("{s:I,s:s}", "pool", (json_int_t)c->place.pool.id, "month", "2026-11");
        int64_t id = answered(city_call(&c->place, STAFF + FINANCE, "payment.run_create", in), "run");

        run(c, id);
        in = json_pack("{s:I}", "run", (json_int_t)id);
        c->tasks += walk(&c->place, answered(city_call(&c->place, STAFF, "payment.get", in), "case"), APPROVER);
        in = json_pack("{s:I,s:s}", "run", (json_int_t)id, "pay_day", "2026-11-25");
        run(c, answered(city_call(&c->place, STAFF + APPROVER, "payment.release", in), "run"));
        run(c,
            answered(city_call(&c->place, STAFF + FINANCE, "payment.file", json_pack("{s:I}", "run", (json_int_t)id)), "run"));
}

/* --- what it came to ------------------------------------------------------------------------------------------------------------- */

struct sums {
        int64_t months, pensions, left;
        fen_t due, received;
};

static int sums_read(struct tx *tx, void *ctx, struct error *err)
{
        struct sums *s = ctx;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT CAST(COALESCE(SUM(employer_fen + person_fen), 0) AS @int), CAST(COALESCE(SUM(received_fen), 0) AS "
                   "@int) FROM assessment WHERE home = 1 AND state = 'paid'",
                   "");

        if (rc == 1) {
                s->due = stmt_int(q, 0);
                s->received = stmt_int(q, 1);
                rc = tx_one(&q, tx, err,
                            "SELECT COUNT(*) FROM contribution WHERE home = 1 AND scheme = 'EP' AND month_from = ?1@int", "i",
                            (int64_t)MONTH);
        }
        if (rc == 1) {
                s->months = stmt_int(q, 0);
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM payment WHERE home = 1 AND month = ?1@int AND amount_fen > 0",
                            "i", (int64_t)MONTH);
        }
        if (rc == 1) {
                s->pensions = stmt_int(q, 0);
                rc = tx_one(&q, tx, err,
                            "SELECT COUNT(*) FROM process_instance WHERE home = 1 AND ended_at = 0 AND process <> ?1@text", "t",
                            PAYMENT_PROCESS);
        }
        s->left = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static void *room(size_t n, size_t size)
{
        void *p = calloc(n, size);

        if (p == NULL)
                exit(1);
        return p;
}

static void county_make(struct county *c, const char *folder, const char *db, int64_t n)
{
        struct error err = {0};
        struct payroll *p = &c->payroll;

        city_found(db);
        city_files(folder, n, CITY_WHOLE);
        city_open(&c->place, db, true);
        city_import(&c->place, folder, "persons", n);
        city_import(&c->place, folder, "employers", 0);
        city_import(&c->place, folder, "employments", 0);
        city_import(&c->place, folder, "balances", n);
        city_awards(&c->place, &(struct city_awards){.every = PENSIONERS, .paid_until = MONTH - 1});
        city_close(&c->place);
        city_open(&c->place, db, false);
        *p = (struct payroll){.room = (size_t)n,
                              .employer = room((size_t)n, sizeof(int64_t)),
                              .person = room((size_t)n, sizeof(int64_t)),
                              .wage = room((size_t)n, sizeof(fen_t))};
        c->bills = room((size_t)n, sizeof *c->bills);
        city_must(store_read(c->place.house.store, payroll_read, p, &err), &err);
        for (size_t i = 0; i < p->count; i++) {
                if (i == 0 || p->employer[i] != p->employer[i - 1])
                        c->bills[c->employers++] = (struct bill){.employer = p->employer[i], .first = i};
                c->bills[c->employers - 1].end = i + 1;
        }
}

int main(int argc, char **argv)
{
        static void (*const steps[])(struct desk *, struct bill *) = {declare, bill, collect, NULL};
        static const char *const names[] = {"declared", "billed", "collected_and_posted", "paid"};
        int64_t sizes[CITY_SIZES_MAX] = {COUNTY};
        char folder[200], db[256], name[64];
        struct error err = {0};
        struct county c = {.employers = 0};
        struct sums s = {0};
        double total = 0, cpu = 0;
        int missed = 0;

        if (argc > 1)
                city_sizes(argc, argv, sizes);
        int64_t n = sizes[0];
        city_folder_new(folder, n * 40000 + 100000000);
        text_format(db, sizeof db, "%s/month.db", folder);
        county_make(&c, folder, db, n);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
                double began = clock_monotonic();
                clock_t processor = clock();
                if (steps[i] != NULL)
                        desks(&c, steps[i]);
                else
                        pay(&c);
                double took = clock_monotonic() - began;
                total += took;
                cpu += (double)(clock() - processor) / CLOCKS_PER_SEC;
                bench_figure(text_format(name, sizeof name, "month.%lld.%s", (long long)n, names[i]), took, "s", 0);
        }
        city_must(store_read(c.place.house.store, sums_read, &s, &err), &err);
        city_close(&c.place);
        city_folder_remove(folder);
#define NAMED(what) text_format(name, sizeof name, "month.%lld." what, (long long)n)
        bench_figure(NAMED("employers"), (double)c.employers, "n", 0);
        bench_figure(NAMED("workers"), (double)c.payroll.count, "n", 0);
        bench_figure(NAMED("tasks"), (double)c.tasks, "n", 0);
        bench_figure(NAMED("pensions"), (double)s.pensions, "n", 0);
        missed += bench_figure(NAMED("months_lost"), (double)((int64_t)c.payroll.count - s.months), "n", 0.5);
        missed += bench_figure(NAMED("fen_lost"), (double)(llabs(c.due - s.due) + llabs(s.due - s.received)), "fen", 0.5);
        missed += bench_figure(NAMED("cases_left"), (double)s.left, "n", 0.5);
        bench_figure(NAMED("cpu"), cpu, "s", 0);
        missed += bench_figure(NAMED("seconds"), total, "s", n == COUNTY ? BAR_S : 0);
        free(c.payroll.employer);
        free(c.payroll.person);
        free(c.payroll.wage);
        free(c.bills);
        return missed > 0;
}
