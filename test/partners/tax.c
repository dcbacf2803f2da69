/* SPDX-License-Identifier: Apache-2.0
 *
 * Months of collection with a tax bureau and a treasury behind bad wires: at the end both books agree, no fen and no month is lost, and the
 * list of differences of each day named exactly what differed on that day, also when it is asked for afterwards.
 * SHEBAO_PARTNERS_MONTHS: how many months (2); SHEBAO_PARTNERS_SEED (1).
 */
#include "partners/bureau.h"

#include "office/firm.h"
#include "support/cairo_leak.h"

#include <stdlib.h>
#include <string.h>

enum { FIRMS = 5, DAYS_MAX = 1200 };

struct months {
        struct town *town;
        struct bureau *bureau;
        struct firm firms[FIRMS];
        int months;
        month_t first;
        uint64_t lists[DAYS_MAX]; /* what the list of a day was, as one number */
        int days, named;
        day_t began;
};

static int64_t setting(const char *name, int64_t usual)
{
        const char *text = getenv(name);
        int64_t n;

        return text != NULL && text_to_int(str_from(text), &n) ? n : usual;
}

static void firms_found(struct months *r)
{
        for (int i = 0; i < FIRMS; i++) {
                char name[64], first[24];
                struct firm *f = &r->firms[i];
                f->town = r->town;
                f->id = town_employer(r->town, text_format(name, sizeof name, "云城第%d工厂", i + 1),
                                      text_format(first, sizeof first, "91990101MA00%05d", i + 11), "990101");
                for (int k = 0; k < FIRM_WORKERS; k++) {
                        f->workers[k] =
                            town_person(r->town, text_format(name, sizeof name, "王小%d", i * 10 + k),
                                        text_format(first, sizeof first, "9901011980%02d%02d111", i + 1, k + 1), "male");
                        town_employ(r->town, f->workers[k], f->id, day_from(2010, 1, 1));
                }
        }
}

/* Money that came in is looked at, and what the rule does not pass is decided by another. */
static void desk_work(struct months *r)
{
        int64_t instance;

        while ((instance = town_count(
                    r->town, "SELECT MIN(i.id) FROM process_instance i JOIN task t ON t.home = i.home AND t.instance = "
                             "i.id AND t.state = 'open' WHERE i.process = 'P08' AND i.state = 'active'")) != 0)
                for (int64_t staff = 2; staff <= 3; staff++)
                        if (town_ask(r->town, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'",
                                     instance) == 1)
                                assert_int_equal(town_decide(r->town, instance, staff, "approve"), SB_OK);
}

/* --- the judge ------------------------------------------------------------------------------------------------------------------------ */

/* A difference as one number, so that a list is the sum of its rows: order does not count. */
static uint64_t row_number(const char *kind, const char *key, fen_t ours, fen_t theirs)
{
        char text[256];
        struct hash h;
        uint64_t n;

        text_format(text, sizeof text, "%s %s %lld %lld", kind, key, (long long)ours, (long long)theirs);
        h = hash_of(text, strlen(text));
        memcpy(&n, h.b, sizeof n);
        return n;
}

struct judging {
        struct months *run;
        uint64_t sum;
        int count;
};

static void expect_row(struct judging *j, const char *kind, const char *key, fen_t ours, fen_t theirs)
{
        j->sum += row_number(kind, key, ours, theirs);
        j->count++;
}

/* What the bureau holds due, by the letters that the office can have applied. */
static fen_t due_known(const struct bureau *b, const struct owed *o)
{
        int64_t applied = bureau_applied(b, WIRE_DUE);
        fen_t says = 0;

        for (int i = 0; i < b->letter_count; i++) {
                const struct letter *l = &b->letters[i];
                for (int k = l->first; l->wire == WIRE_DUE && l->sequence <= applied && k < l->first + l->count; k++)
                        if (strcmp(b->told[k].uscc, o->uscc) == 0 && strcmp(b->told[k].scheme, o->scheme) == 0 &&
                            b->told[k].month == o->month)
                                says = b->told[k].amount;
        }
        return says;
}

static int docs_known(const struct bureau *b, enum wire wire)
{
        int64_t applied = bureau_applied(b, wire);
        int n = 0;

        for (int i = 0; i < b->letter_count; i++)
                if (b->letters[i].wire == wire && b->letters[i].sequence <= applied)
                        n = b->letters[i].first + b->letters[i].count;
        return n;
}

static int sent_read(struct tx *tx, void *ctx, struct error *err)
{
        struct judging *j = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT e.uscc, a.scheme, a.month, CAST(SUM(a.employer_fen + a.person_fen) AS @int) FROM assessment a JOIN "
            "employer e ON e.home = a.home AND e.id = a.employer GROUP BY e.uscc, a.scheme, a.month",
            "");

        while ((rc = row_next(rc, q, err)) == 1) {
                struct owed o = {.month = (month_t)stmt_int(q, 2)};
                char key[80], month[16];
                fen_t ours = stmt_int(q, 3), theirs;
                text_copy(o.uscc, sizeof o.uscc, stmt_text(q, 0));
                text_copy(o.scheme, sizeof o.scheme, stmt_text(q, 1));
                theirs = due_known(j->run->bureau, &o);
                text_format(key, sizeof key, "%s/%s/%s", o.uscc, o.scheme, month_text(o.month, month));
                if (theirs != ours)
                        expect_row(j, theirs == 0 ? "due_missing" : "due_amount", key, ours, theirs);
        }
        return rc;
}

static void list_expected(struct months *r, struct judging *j)
{
        const struct bureau *b = r->bureau;
        int paid = docs_known(b, WIRE_RECEIPTS), taken = docs_known(b, WIRE_TREASURY);

        *j = (struct judging){.run = r};
        assert_ok(store_read(r->town->house.store, sent_read, j, &r->town->err), r->town->err);
        for (int i = 0; i < b->doc_count; i++) {
                const struct doc *d = &b->docs[i];
                if (i < paid && i >= taken)
                        expect_row(j, "treasury_missing", d->reference, d->amount, 0);
                if (i < taken && i >= paid)
                        expect_row(j, "treasury_extra", d->reference, 0, d->amount);
        }
}

static void list_found(struct months *r, day_t day, struct judging *j)
{
        char text[16], cursor[48] = "";

        *j = (struct judging){.run = r};
        do {
                json_t *in = json_pack("{s:s,s:i}", "day", day_text(day, text), "limit", 200), *out = NULL, *d;
                size_t i;
                if (cursor[0] != '\0')
                        json_object_set_new(in, "cursor", json_string(cursor));
                assert_int_equal(town_call(r->town, "exchange.differences", in, &out), SB_OK);
                json_array_foreach(json_object_get(out, "items"), i, d)
                    expect_row(j, json_text(d, "kind"), json_text(d, "key"), town_money(d, "ours"), town_money(d, "theirs"));
                text_copy(cursor, sizeof cursor, str_from(json_text(out, "next")));
                json_decref(out);
        } while (cursor[0] != '\0');
}

/* --- days ------------------------------------------------------------------------------------------------------------------------------ */

static void day_end(struct months *r)
{
        struct judging expected, found;
        day_t today = clock_today(r->town->house.clock);

        assert_int_equal(town_call(r->town, "exchange.day", json_object(), NULL), SB_OK);
        list_expected(r, &expected);
        list_found(r, today, &found);
        assert_int_equal(found.count, expected.count);
        assert_true(found.sum == expected.sum);
        assert_true(r->days < DAYS_MAX);
        r->lists[r->days++] = found.sum;
        r->named += found.count;
        clock_advance(r->town->house.clock, (instant_t)86400 * 1000000);
}

static void months_work(struct months *r)
{
        for (int m = 0; m < r->months; m++) {
                month_t month = r->first + m;
                char text[16];
                for (int i = 0; i < FIRMS; i++)
                        firm_assess(&r->firms[i], month_text(month, text), i % FIRM_WORKERS, 1);
                for (int day = 0; day < 28; day++) {
                        r->bureau->calm = day >= 26; /* both sides square up before the month ends */
                        bureau_fetch(r->bureau);
                        bureau_collect(r->bureau, day < 24 ? month - 1 : month + 1);
                        bureau_tell(r->bureau);
                        desk_work(r);
                        day_end(r);
                }
        }
}

static void books_agree(struct months *r)
{
        struct bureau *b = r->bureau;
        fen_t owed = 0, collected = 0;
        struct judging found;

        for (int i = 0; i < b->owed_count; i++)
                owed += b->owed[i].amount;
        for (int i = 0; i < b->doc_count; i++)
                collected += b->docs[i].amount;
        assert_int_equal(b->owed_count, FIRMS * 5 * r->months);
        assert_int_equal(b->doc_count, FIRMS * r->months);
        assert_int_equal(owed, collected);
        assert_int_equal(firm_book(&r->firms[0], LEDGER_BANK), collected);
        assert_int_equal(firm_book(&r->firms[0], LEDGER_RECEIVABLE), 0);
        assert_int_equal(firm_book(&r->firms[0], LEDGER_SUSPENSE), 0);
        assert_int_equal(town_count(r->town, "SELECT COUNT(*) FROM assessment WHERE state <> 'paid'"), 0);
        assert_int_equal(town_count(r->town, "SELECT COUNT(*) FROM receipt"), b->doc_count);
        /* No month is lost: each worker that was declared has each month in each scheme. */
        assert_int_equal(town_count(r->town, "SELECT CAST(SUM(month_to - month_from) AS @int) FROM contribution WHERE known_to "
                                             "= (SELECT MAX(known_to) FROM contribution)"),
                         FIRMS * 5 * r->months);
        assert_int_equal(town_count(r->town,
                                    "SELECT COUNT(*) FROM exchange_batch WHERE state IN ('held', 'waiting') AND feed <> "
                                    "'tax.registrations'"),
                         0);
        assert_int_equal(town_count(r->town, "SELECT COUNT(*) FROM exchange_request WHERE answered_at = 0"), 0);
        for (int i = 0; i < r->days; i++) {
                list_found(r, r->began + i, &found);
                assert_true(found.sum == r->lists[i]);
        }
        assert_int_equal(found.count, 0); /* of the last day */
        assert_true(r->named > 0 && b->lost > 0 && b->repeated > 0 && b->damaged > 0 && b->swapped > 0);
        print_message("%d months, %d letters: %d lost, %d twice, %d damaged, %d swapped; %d differences named in %d lists\n",
                      r->months, b->letter_count, b->lost, b->repeated, b->damaged, b->swapped, r->named, r->days);
        town_audit(r->town);
}

static void both_books_agree_in_the_end(void **state)
{
        enum test_engine engine = *(enum test_engine *)*state;
        struct store *store = test_store_new(engine);
        struct months *r = calloc(1, sizeof *r);

        assert_non_null(r);
        if (store == NULL) {
                free(r);
                skip();
        }
        r->months = (int)setting("SHEBAO_PARTNERS_MONTHS", 2);
        r->first = month_of(day_from(2025, 1, 1));
        r->began = day_from(2025, 2, 1);
        r->town = town_at(store, day_instant(r->began), true);
        firms_found(r);
        r->bureau = bureau_new(r->town, (uint64_t)setting("SHEBAO_PARTNERS_SEED", 1));
        months_work(r);
        books_agree(r);
        bureau_free(r->bureau);
        town_free(r->town);
        free(r);
}

int main(void)
{
        const struct CMUnitTest tests[] = {TEST_ON_BOTH(both_books_agree_in_the_end)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
