/* SPDX-License-Identifier: Apache-2.0
 *
 * A month's payment of N pensions: freeze, compute, release with postings and personal accounts, and the bank files,
 * against the plain program of plain.h, which only writes the same rows (files are no rows: it has that part for nothing).
 * The system before has paid until the month before; one award in fifty is held.
 */
#include "office/payment/payment.h"
#include "base/clock.h"
#include "bench/bench.h"
#include "bench/city.h"
#include "bench/plain.h"

#include <stdlib.h>
#include <string.h>

enum { AWARDS_AT_ONCE = 2000, HELD = 50, BEFORE = 2026 * 12 + 9 };

struct paths {
        char folder[200], run[256], plain[256], record[256];
        int64_t persons;
};

/* --- what is there before the run ----------------------------------------------------------------------------------------- */

struct awarding {
        struct place *place;
        int64_t after, count;
        struct award_import rows[AWARDS_AT_ONCE];
        struct seal_key keys[AWARDS_AT_ONCE];
};

static int persons_read(struct tx *tx, void *ctx, struct error *err)
{
        struct awarding *a = ctx;
        struct stmt *q;
        int rc =
            tx_query(&q, tx, err, "SELECT id, key_wrapped FROM person WHERE home = 1 AND id > ?1@int ORDER BY id LIMIT ?2@int",
                     "ii", a->after, (int64_t)AWARDS_AT_ONCE);

        a->count = 0;
        while (rc == 0 && a->count < AWARDS_AT_ONCE && (rc = stmt_step(q, err)) == 1) {
                struct award_import *r = &a->rows[a->count];
                *r = (struct award_import){.person = stmt_int(q, 0),
                                           .from = 2020 * 12,
                                           .basic = 150000 + stmt_int(q, 0) % 90000,
                                           .account = 30000 + stmt_int(q, 0) % 40000,
                                           .key = &a->keys[a->count],
                                           .payee_name = "王云",
                                           .bank_name = "云城银行",
                                           .bank_account = "6299000000000001"};
                rc = keyring_unwrap(a->place->house.keys, stmt_blob(q, 1), &a->keys[a->count++], err);
        }
        return rc < 0 ? rc : 0;
}

static int awards_write(struct tx *tx, void *ctx, struct error *err)
{
        struct awarding *a = ctx;
        struct house *h = &a->place->house;
        instant_t known = clock_now(h->clock) - 1000000;
        int64_t first = 0;
        int rc = ids_range(h->ids, a->count, &first, err);

        for (int64_t i = 0; i < a->count; i++)
                a->rows[i].id = first + i;
        if (rc == 0)
                rc = award_import_bulk(tx, &a->place->pool, a->rows, (size_t)a->count, 0, known, err);
        for (int64_t i = 0; rc == 0 && i < a->count; i += HELD)
                rc = award_hold(tx, h->ids, h->home, a->rows[i].id, "survey", BEFORE + 1, 1, known, err);
        return rc;
}

static int funds_put(struct tx *tx, void *ctx, struct error *err)
{
        struct place *c = ctx;
        struct house *h = &c->house;
        fen_t much = (fen_t)1000000 * 1000000;
        struct posting postings[] = {{c->pool.id, LEDGER_BANK, much}, {c->pool.id, LEDGER_OPENING, -much}};
        struct ledger_transaction t = {.home = 1,
                                       .month = BEFORE,
                                       .day = clock_today(h->clock) - 40,
                                       .kind = "opening",
                                       .ref_kind = "run",
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = 2};
        int rc = ids_next(h->ids, &t.id, err);

        if (rc == 0)
                rc = ledger_post(tx, h->ids, &t, err);
        return rc == 0 ? payment_takeover(tx, h->ids, &c->pool, BEFORE, 1, clock_now(h->clock), err) : rc;
}

static void city_make(const struct paths *p)
{
        struct awarding *a = calloc(1, sizeof *a);
        struct error err = {0};
        struct place c;

        city_found(p->run);
        city_files(p->folder, p->persons, CITY_WHOLE);
        city_open(&c, p->run, true);
        city_import(&c, p->folder, "persons", p->persons);
        city_import(&c, p->folder, "balances", p->persons);
        if (a == NULL)
                exit(1);
        for (a->place = &c; a->count == AWARDS_AT_ONCE || a->after == 0; a->after = a->rows[a->count - 1].person) {
                city_must(store_read(c.house.store, persons_read, a, &err), &err);
                if (a->count == 0)
                        break;
                city_must(store_write(c.house.store, awards_write, a, &err), &err);
        }
        free(a);
        city_must(store_write(c.house.store, funds_put, &c, &err), &err);
        city_close(&c);
}

/* --- what is measured ------------------------------------------------------------------------------------------------------- */

static int64_t answer_run(json_t *out)
{
        int64_t run = json_integer_value(json_object_get(out, "run"));

        json_decref(out);
        return run;
}

static double phase(struct place *c, const char *what, int64_t run)
{
        static const struct run_kind *const kinds[] = {&payment_compute_kind, &payment_release_kind, &payment_file_kind, NULL};
        struct error err = {0};
        double began = clock_monotonic();

        city_must(run_work(&c->house, kinds, run, NULL, NULL, &err), &err);
        fprintf(stderr, "  %s %.2f s\n", what, clock_monotonic() - began);
        return clock_monotonic() - began;
}

static double pay(void *ctx)
{
        const struct paths *p = ctx;
        double began = clock_monotonic();
        struct place c;
        json_t *in = json_object();

        city_open(&c, p->run, false);
        json_object_set_new(in, "pool", json_integer(c.pool.id));
        json_object_set_new(in, "month", json_string("2026-11"));
        int64_t run = answer_run(city_call(&c, 1, "payment.run_create", in));
        phase(&c, "computed", run);
        in = json_object();
        json_object_set_new(in, "run", json_integer(run));
        json_object_set_new(in, "pay_day", json_string("2026-11-25"));
        phase(&c, "released", answer_run(city_call(&c, 2, "payment.release", in)));
        in = json_object();
        json_object_set_new(in, "run", json_integer(run));
        phase(&c, "filed", answer_run(city_call(&c, 1, "payment.file", in)));
        city_close(&c);
        return clock_monotonic() - began;
}

static double replay(void *ctx)
{
        const struct paths *p = ctx;

        return plain_replay(p->plain, p->record);
}

/* Blocks as the run makes them. */
static const struct plain_group GROUPS[] = {
    {{"payment"}, {NULL}, 4000},
    {{"personal_account", "personal_entry"}, {"id", "account"}, 2500},
    {{NULL}, {NULL}, 0},
};

/* What one row costs. */
struct per_row {
        double wall, cpu;
};

static int measure(int64_t persons, struct per_row *each)
{
        struct paths p = {.persons = persons};
        char name[64];
        int missed = 0;

        city_folder_new(p.folder, persons * 12000 + 100000000);
        text_format(p.run, sizeof p.run, "%s/run.db", p.folder);
        text_format(p.plain, sizeof p.plain, "%s/plain.db", p.folder);
        text_format(p.record, sizeof p.record, "%s/rows", p.folder);
        city_make(&p);
        plain_copy(p.run, p.plain);
        struct plain_cost run = plain_measure(pay, &p);
        int64_t rows = plain_record(p.record, p.run, p.plain, GROUPS);
        struct plain_cost plain = plain_measure(replay, &p);
        bool same = plain_same(p.run, p.plain);
        city_folder_remove(p.folder);
#define NAMED(what) text_format(name, sizeof name, "payment.%lld." what, (long long)persons)
        bench_figure(NAMED("rows"), (double)rows, "rows", 0);
        bench_figure(NAMED("seconds"), run.seconds, "s", 0);
        bench_figure(NAMED("plain.seconds"), plain.seconds, "s", 0);
        bench_figure(NAMED("cpu"), run.cpu_s, "s", 0);
        bench_figure(NAMED("plain.cpu"), plain.cpu_s, "s", 0);
        bench_figure(NAMED("written"), run.written_mib, "MiB", 0);
        bench_figure(NAMED("plain.written"), plain.written_mib, "MiB", 0);
        missed += bench_figure(NAMED("against_plain"), run.seconds / plain.seconds, "x", 3);
        missed += bench_figure(NAMED("memory"), run.peak_mib, "MiB", 300);
        bench_figure(NAMED("per_award"), run.seconds / (double)persons * 1e6, "us", 0);
        missed += bench_figure(NAMED("tables_that_differ"), same ? 0 : 1, "tables", 0.5);
        *each = (struct per_row){run.seconds / (double)persons, run.cpu_s / (double)persons};
        return missed;
}

int main(int argc, char **argv)
{
        int64_t sizes[CITY_SIZES_MAX];
        struct per_row each[CITY_SIZES_MAX];
        int missed = 0, n = city_sizes(argc, argv, sizes);

        for (int i = 0; i < n; i++)
                missed += measure(sizes[i], &each[i]);
        /* Linear: each costs the same, however many there are. On the wall clock a disk and its other users have their say. */
        if (n > 1) {
                missed +=
                    bench_figure("payment.per_award.cpu.largest_over_middle", each[n - 1].cpu / each[n - 2].cpu, "x", 1.5);
                bench_figure("payment.per_award.wall.largest_over_middle", each[n - 1].wall / each[n - 2].wall, "x", 0);
        }
        return missed > 0;
}
