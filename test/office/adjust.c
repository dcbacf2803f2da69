/* SPDX-License-Identifier: Apache-2.0
 *
 * Corrections of contributions (P10) on both databases: supplements, credits, refunds, moved and missing months, what is taken back, and that
 * whatever is corrected in whatever order no fen and no month is lost.
 */
#include "office/firm.h"

#include "base/rng.h"
#include "office/contribution/adjust.h"
#include "pack/pack.h"
#include "support/cairo_leak.h"

#include <string.h>

enum { CLERK = 2, REVIEWER, SECOND, APPROVER };
#define LATER(t) clock_advance((t)->house.clock, 1000000)

/* --- a case ------------------------------------------------------------------------------------------------------------------------ */

struct asking {
        const char *sql;
        int64_t about;
        char out[2000];
};

static int asking_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, a->sql, "i", a->about);

        a->out[0] = '\0';
        if (rc == 1)
                text_copy(a->out, sizeof a->out, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

static const char *words_of(struct town *t, const char *sql, int64_t about)
{
        static struct asking a;

        a = (struct asking){.sql = sql, .about = about};
        assert_ok(store_read(t->house.store, asking_read, &a, &t->err), t->err);
        return a.out;
}

static void waits_at(struct town *t, int64_t id, const char *node)
{
        assert_string_equal(words_of(t, "SELECT node FROM task WHERE instance = ?1@int AND state = 'open'", id), node);
}

static json_t *form(const struct firm *f, const char *kind, int worker, const char *from, const char *to)
{
        json_t *o = json_pack("{s:I,s:s}", "employer", (json_int_t)f->id, "kind", kind);

        if (worker >= 0)
                json_object_set_new(o, "person", json_integer(f->workers[worker]));
        if (from != NULL)
                json_object_set_new(o, "from_month", json_string(from));
        if (to != NULL)
                json_object_set_new(o, "to_month", json_string(to));
        return o;
}

static json_t *with(json_t *o, const char *name, const char *value)
{
        json_object_set_new(o, name, json_string(value));
        return o;
}

static enum error_code open_as(struct town *t, json_t *o, int64_t *id)
{
        json_t *out = NULL;
        enum error_code code =
            town_call_as(t, CLERK, ROLE_CLERK, "", "cases.open",
                         json_pack("{s:s,s:o,s:{s:s}}", "process", "P10", "form", o, "applicant", "kind", "office"), &out);

        *id = code == SB_OK ? town_whole(out, "case") : 0;
        json_decref(out);
        return code;
}

/* Applied for, with every paper, and accepted. */
static int64_t accepted(struct town *t, json_t *o)
{
        json_t *out = NULL, *list = json_array(), *paper;
        char text[600];
        int64_t id;
        size_t k;

        if (open_as(t, o, &id) != SB_OK)
                fail_msg("%s", error_text(&t->err, LANG_EN, text, sizeof text));
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out),
                         SB_OK);
        json_array_foreach(json_object_get(out, "papers"), k, paper) json_array_append_new(
            list, json_pack("{s:O,s:s}", "material", json_object_get(paper, "material"), "state", "given"));
        json_decref(out);
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.papers",
                                      json_pack("{s:I,s:o}", "case", (json_int_t)id, "papers", list), NULL),
                         SB_OK);
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        return id;
}

static void approved(struct town *t, int64_t id)
{
        waits_at(t, id, "review");
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        waits_at(t, id, "review2");
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_decide(t, id, SECOND, "approve"), SB_OK);
        waits_at(t, id, "approve");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
}

static void filed(struct town *t, int64_t id)
{
        waits_at(t, id, "serve");
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        assert_int_equal(town_ask(t,
                                  "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'done' AND "
                                  "archive_number <> ''",
                                  id),
                         1);
}

static json_t *previewed(const struct firm *f, json_t *o)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "contribution.adjust_preview", o, &out), SB_OK);
        return out;
}

/* What a worker of one wage costs in a month, all schemes, both parties. */
static fen_t cost(const struct firm *f, const char *month, const char *wage)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "contribution.preview",
                                   json_pack("{s:I,s:s,s:[{s:I,s:s}]}", "employer", (json_int_t)f->id, "month", month, "lines",
                                             "person", (json_int_t)f->workers[0], "wage", wage),
                                   &out),
                         SB_OK);
        fen_t total = town_money(out, "total");
        json_decref(out);
        return total;
}

static int64_t newest(struct town *t)
{
        return town_count(t, "SELECT COALESCE(MAX(id), 0) FROM adjustment");
}

/* Base of a month in the pension scheme as believed now; 0 none. */
static fen_t base_of(const struct firm *f, int worker, int month)
{
        return town_ask(
            f->town,
            "SELECT CAST(COALESCE(SUM(base_fen), 0) AS @int) FROM contribution WHERE person = ?1@int / 100000 AND scheme "
            "= 'EP' AND known_to > 9000000000000000 AND month_from <= ?1@int % 100000 AND month_to > ?1@int % 100000",
            f->workers[worker] * 100000 + month);
}

#define NOV_2025 (2025 * 12 + 10)

/* --- supplements ------------------------------------------------------------------------------------------------------------------- */

static void a_base_that_was_too_low_is_billed(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char text[24];

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        json_decref(firm_receive(&f, money_text(FIRM_DUE, text), "A1"));
        fen_t more = cost(&f, "2025-11", "10000.00") - cost(&f, "2025-11", FIRM_WAGES[1]);
        json_t *out = previewed(&f, with(form(&f, "base", 1, "2025-11", NULL), "wage", "10000.00"));
        assert_int_equal(town_money(out, "supplement"), more);
        assert_int_equal(town_money(out, "reduced"), 0);
        assert_int_equal(json_array_size(json_object_get(out, "funds")), 5);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "lines"), 0), "due_day")),
                            "2025-12-15"); /* owed since it should have been paid */
        json_decref(out);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM adjustment"), 0);

        int64_t id = accepted(t, with(form(&f, "base", 1, "2025-11", NULL), "wage", "10000.00"));
        approved(t, id);
        filed(t, id);
        assert_int_equal(town_ask(t, "SELECT supplement_fen FROM adjustment WHERE instance = ?1@int", id), more);
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), more);
        assert_int_equal(firm_balance(&f, 1), FIRM_ACCOUNT[1]); /* not before it is paid */
        assert_int_equal(base_of(&f, 1, NOV_2025), 800033);
        town_audit(t);
        json_decref(firm_receive(&f, money_text(more, text), "A2"));
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), 0);
        assert_int_equal(firm_balance(&f, 1), 80000);
        assert_int_equal(base_of(&f, 1, NOV_2025), 1000000);
        assert_int_equal(firm_balance(&f, 2), FIRM_ACCOUNT[2]);
        /* What was believed before can be read. */
        assert_int_equal(
            town_ask(t,
                     "SELECT COUNT(*) FROM contribution WHERE person = ?1@int AND scheme = 'EP' AND base_fen = 800033 "
                     "AND known_to < 9000000000000000",
                     f.workers[1]),
            1);
        town_audit(t);
        out = NULL;
        assert_int_equal(town_call(t, "contribution.employer_adjustments",
                                   json_pack("{s:I,s:I}", "employer", (json_int_t)f.id, "case", (json_int_t)id), &out),
                         SB_OK);
        const json_t *one = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(town_money(one, "supplement_open"), 0);
        assert_int_equal(json_array_size(json_object_get(one, "lines")), 5);
        json_decref(out);
        town_free(t);
}

/* Months that were never assessed: an employment there, and of three years a binding document. */
static void missing_months_are_paid_afterwards(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        json_t *out;

        firm_assess(&f, "2025-11", 0, 1);
        out = previewed(&f, with(form(&f, "missing", 1, "2025-11", "2025-12"), "wage", "8000.33"));
        assert_int_equal(town_money(out, "supplement"), cost(&f, "2025-11", "8000.33") + cost(&f, "2025-12", "8000.33"));
        assert_true(json_is_false(json_object_get(json_object_get(out, "found"), "stopped")));
        json_decref(out);
        out = previewed(&f, with(form(&f, "missing", 1, "2009-11", "2010-02"), "wage", "3000.00"));
        assert_true(json_is_true(json_object_get(json_object_get(out, "found"), "stopped")));
        json_decref(out);

        int64_t id = accepted(t, with(form(&f, "missing", 1, "2009-12", "2010-02"), "wage", "3000.00"));
        waits_at(t, id, "correct"); /* not employed there */
        id = accepted(t, with(form(&f, "missing", 1, "2022-01", "2024-12"), "wage", "8000.33"));
        waits_at(t, id, "binding");
        assert_int_equal(town_decide(t, id, 1, "approve"), SB_OK);
        waits_at(t, id, "review");
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        assert_int_equal(town_decide(t, id, SECOND, "approve"), SB_OK);
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        waits_at(t, id, "serve");
        fen_t owed = town_ask(t, "SELECT supplement_fen FROM adjustment WHERE instance = ?1@int", id);
        char text[24];
        town_audit(t);
        json_decref(firm_receive(&f, money_text(owed, text), "A1")); /* the oldest first: these months */
        assert_int_equal(base_of(&f, 1, 2022 * 12), 800033);
        assert_int_equal(base_of(&f, 1, 2024 * 12 + 11), 800033);
        assert_int_equal(base_of(&f, 1, 2025 * 12), 0);
        assert_int_equal(town_ask(t,
                                  "SELECT COUNT(*) FROM contribution WHERE person = ?1@int AND scheme = 'EP' AND known_to > "
                                  "9000000000000000",
                                  f.workers[1]),
                         1); /* one run of three years */
        town_audit(t);
        /* What the office itself forgot falls due with the present month. */
        out = previewed(&f, with(with(form(&f, "missing", 1, "2025-11", NULL), "wage", "8000.33"), "fault", "office"));
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "lines"), 0), "due_day")),
                            "2026-12-15");
        json_decref(out);
        town_free(t);
}

/* --- credits --------------------------------------------------------------------------------------------------------------------------- */

static void what_was_paid_too_much_pays_the_next_bill(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char text[24];

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        json_decref(firm_receive(&f, money_text(FIRM_DUE, text), "A1"));
        fen_t less = cost(&f, "2025-11", FIRM_WAGES[1]) - cost(&f, "2025-11", "6000.00");
        int64_t id = accepted(t, with(form(&f, "base", 1, "2025-11", NULL), "wage", "6000.00"));
        approved(t, id);
        filed(t, id);
        assert_int_equal(town_ask(t, "SELECT excess_fen FROM adjustment WHERE instance = ?1@int", id), less);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), -less);
        assert_int_equal(firm_balance(&f, 1), 48000); /* 8 % of 6000 */
        assert_int_equal(base_of(&f, 1, NOV_2025), 600000);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM declaration WHERE state = 'paid'"), 1);
        town_audit(t);
        firm_assess(&f, "2025-12", 1, 1);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), 0);
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), cost(&f, "2025-12", FIRM_WAGES[1]) - less);
        assert_int_equal(firm_book(&f, LEDGER_BANK), FIRM_DUE);
        town_audit(t);
        town_free(t);
}

static void it_is_refunded_to_each(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char text[24];

        firm_assess(&f, "2026-10", 0, FIRM_WORKERS);
        fen_t due = town_count(t, "SELECT CAST(SUM(employer_fen + person_fen) AS @int) FROM assessment");
        json_decref(firm_receive(&f, money_text(due, text), "A1"));
        fen_t own =
            town_ask(t, "SELECT CAST(SUM(l.person_fen) AS @int) FROM assessment_line l WHERE l.person = ?1@int", f.workers[2]);
        int64_t id = accepted(t, with(form(&f, "removed", 2, "2026-10", NULL), "settle", "refund_each"));
        approved(t, id);
        waits_at(t, id, "serve");
        assert_int_equal(
            town_count(t, "SELECT CAST(SUM(amount_fen) AS @int) FROM payment_claim WHERE beneficiary_kind = 'person'"), own);
        fen_t all = town_count(t, "SELECT CAST(SUM(amount_fen) AS @int) FROM payment_claim");
        assert_int_equal(all, cost(&f, "2026-10", FIRM_WAGES[2]));
        assert_int_equal(firm_book(&f, LEDGER_PAYABLE), -all);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), 0);
        assert_int_equal(firm_balance(&f, 2), 0);
        assert_int_equal(base_of(&f, 2, 2026 * 12 + 9), 0);
        town_audit(t);

        /* Taken back while it is not paid: nothing is owed to them, and the month stands again. */
        json_t *back = form(&f, "reverse", -1, NULL, NULL);
        json_object_set_new(back, "adjustment", json_integer(newest(t)));
        LATER(t);
        id = accepted(t, json_incref(back));
        approved(t, id);
        waits_at(t, id, "serve");
        assert_int_equal(firm_book(&f, LEDGER_PAYABLE), 0);
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), 0);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), 0);
        assert_true(firm_balance(&f, 2) > 0);
        assert_true(base_of(&f, 2, 2026 * 12 + 9) > 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment_claim WHERE state <> 'cancelled'"), 0);
        town_audit(t);
        assert_int_equal(town_call(t, "contribution.adjust_preview", json_incref(back), NULL), SB_ADJUST_REVERSED);
        json_object_set_new(back, "adjustment", json_integer(newest(t)));
        assert_int_equal(town_call(t, "contribution.adjust_preview", back, NULL), SB_OK); /* it can be taken back itself */
        town_free(t);
}

/* A bill that is not paid: nothing comes back, and less is owed; who else stands in it is credited. */
static void an_open_bill_shrinks(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char text[24];

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        fen_t third = cost(&f, "2025-11", FIRM_WAGES[2]);
        json_decref(
            firm_receive(&f, money_text(FIRM_DUE - third, text), "A1")); /* the others are paid for, all but one scheme */
        int64_t open = town_count(t, "SELECT COUNT(*) FROM assessment WHERE state = 'open'");
        assert_true(open > 0);
        json_t *out = previewed(&f, with(form(&f, "removed", 2, "2025-11", NULL), "settle", "set_off"));
        assert_int_equal(town_money(out, "reduced"), third);
        assert_true(town_money(out, "excess") > 0 && town_money(out, "excess") < third);
        json_decref(out);
        int64_t id = accepted(t, form(&f, "removed", 2, "2025-11", NULL));
        approved(t, id);
        waits_at(t, id, "serve");
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), 0);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM assessment WHERE state = 'open'"), 0);
        assert_int_equal(firm_balance(&f, 0), FIRM_ACCOUNT[0]);
        assert_int_equal(firm_balance(&f, 1), FIRM_ACCOUNT[1]);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM contribution WHERE person = ?1@int AND known_to > 9000000000000000",
                                  f.workers[2]),
                         0);
        town_audit(t);
        town_free(t);
}

/* Paid for the wrong month: what is given back pays the month that it should have been, although a refund was asked for. */
static void a_wrong_month_is_moved(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char text[24];

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        json_decref(firm_receive(&f, money_text(FIRM_DUE, text), "A1"));
        json_t *o = with(with(form(&f, "moved", 1, "2025-11", NULL), "right_month", "2025-12"), "settle", "refund");
        assert_int_equal(town_call(t, "contribution.adjust_preview",
                                   with(form(&f, "moved", 1, "2025-11", NULL), "right_month", "2025-11"), NULL),
                         SB_ADJUST_FORM);
        fen_t right = cost(&f, "2025-12", FIRM_WAGES[1]), wrong = cost(&f, "2025-11", FIRM_WAGES[1]);
        int64_t id = accepted(t, o);
        approved(t, id);
        waits_at(t, id, "serve");
        fen_t owed = town_count(t, "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM payment_claim");
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), right > wrong ? right - wrong : 0);
        assert_int_equal(owed, wrong > right ? wrong - right : 0);
        assert_int_equal(base_of(&f, 1, NOV_2025), 0);
        if (right <= wrong)
                assert_int_equal(base_of(&f, 1, NOV_2025 + 1), 800033);
        town_audit(t);
        town_free(t);
}

static void money_in_suspense_is_returned(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;

        firm_assess(&f, "2026-10", 0, 1);
        json_decref(firm_receive(&f, "100000.00", "A1"));
        fen_t rest = -firm_book(&f, LEDGER_SUSPENSE);
        assert_true(rest > 0);
        assert_int_equal(town_call(t, "contribution.adjust_preview", form(&f, "suspense", -1, NULL, NULL), NULL),
                         SB_ADJUST_FORM);
        int64_t id = accepted(t, with(form(&f, "suspense", -1, NULL, NULL), "settle", "refund"));
        approved(t, id);
        filed(t, id);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), 0);
        assert_int_equal(firm_book(&f, LEDGER_PAYABLE), -rest);
        assert_int_equal(
            town_call(t, "contribution.adjust_preview", with(form(&f, "suspense", -1, NULL, NULL), "settle", "refund"), NULL),
            SB_ADJUST_NOTHING);
        town_audit(t);
        town_free(t);
}

/* --- refused ------------------------------------------------------------------------------------------------------------------------------ */

static enum error_code asked(const struct firm *f, json_t *o)
{
        return town_call(f->town, "contribution.adjust_preview", o, NULL);
}

static void what_cannot_be_is_said(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char text[24];
        int64_t id;

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        assert_int_equal(asked(&f, form(&f, "removed", 1, "2025-10", NULL)), SB_ADJUST_NOT_ASSESSED);
        assert_int_equal(asked(&f, with(form(&f, "missing", 1, "2025-11", NULL), "wage", "1.00")), SB_ADJUST_ASSESSED);
        assert_int_equal(asked(&f, with(form(&f, "base", 1, "2025-11", NULL), "wage", FIRM_WAGES[1])), SB_ADJUST_NOTHING);
        assert_int_equal(asked(&f, form(&f, "base", 1, "2025-11", NULL)), SB_ADJUST_FORM);
        assert_string_equal(t->err.where, "wage");
        assert_int_equal(asked(&f, form(&f, "removed", 1, "2025-11", "2025-10")), SB_ADJUST_FORM);
        assert_int_equal(asked(&f, form(&f, "removed", 1, "2027-01", NULL)), SB_ADJUST_FORM);
        assert_int_equal(asked(&f, form(&f, "removed", -1, "2025-11", NULL)), SB_ADJUST_FORM);
        assert_int_equal(asked(&f, form(&f, "nonsense", 1, "2025-11", NULL)), SB_ADJUST_FORM);
        assert_int_equal(asked(&f, with(form(&f, "base", 1, "2025-11", NULL), "wage", "99999999999.00")), SB_ADJUST_FORM);
        json_t *back = form(&f, "reverse", -1, NULL, NULL);
        json_object_set_new(back, "adjustment", json_integer(77));
        assert_int_equal(asked(&f, back), SB_ADJUST_UNKNOWN);
        assert_int_equal(open_as(t, form(&f, "removed", 1, "2025-10", NULL), &id), SB_CASE_FORM); /* told at the field */
        /* Who owes is not refunded, by the demonstration's law: the bill of November is late. */
        json_decref(firm_receive(&f, money_text(FIRM_DUE, text), "A1"));
        firm_assess(&f, "2025-12", 0, 1);
        id = accepted(t, with(form(&f, "removed", 1, "2025-11", NULL), "settle", "refund"));
        waits_at(t, id, "correct");
        /* What was reviewed is what is done: when another correction came between, the case goes back. */
        int64_t first = accepted(t, with(form(&f, "base", 2, "2025-11", NULL), "wage", "9000.00"));
        int64_t second = accepted(t, with(form(&f, "base", 2, "2025-11", NULL), "wage", "7000.00"));
        approved(t, first);
        waits_at(t, first, "serve");
        LATER(t);
        approved(t, second);
        waits_at(t, second, "correct");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM adjustment"), 1);
        town_audit(t);
        town_free(t);
}

/* What the pack does not say is an error by its name, and only when it is asked for. */
static void an_unknown_rule_is_named(void **state)
{
        struct pack *pack = NULL;
        struct error err = {0};
        json_t *result = NULL;
        json_t *in =
            json_pack("{s:s,s:i,s:s,s:s,s:b,s:s,s:s,s:s,s:s,s:b,s:b,s:i,s:b}", "kind", "base", "months", 1, "fault", "employer",
                      "settle", "refund", "document", 0, "supplement", "0.00", "reduced", "10.00", "excess", "10.00", "overdue",
                      "0.00", "employed", 1, "account_short", 0, "awards", 0, "elsewhere", 0);

        (void)state;
        assert_ok(pack_open(&pack, "packs/cn", &err), err);
        assert_ok(pack_decide(pack, "contribution_adjustment", "check", day_from(2026, 11, 24), in, &result, NULL, &err), err);
        json_decref(result);
        result = NULL;
        json_object_set_new(in, "overdue", json_string("5.00"));
        assert_int_equal(pack_decide(pack, "contribution_adjustment", "check", day_from(2026, 11, 24), in, &result, NULL, &err),
                         ERR);
        assert_non_null(strstr(err.args, "refund_with_arrears"));
        error_clear(&err);
        json_object_set_new(in, "overdue", json_string("0.00"));
        json_object_set_new(in, "supplement", json_string("5.00"));
        json_object_set_new(in, "fault", json_string("office"));
        assert_int_equal(pack_decide(pack, "contribution_adjustment", "check", day_from(2026, 11, 24), in, &result, NULL, &err),
                         ERR);
        assert_non_null(strstr(err.args, "back_payment_due"));
        json_decref(in);
        pack_free(pack);
}

/* --- any corrections in any order ---------------------------------------------------------------------------------------------------------- */

static enum error_code adjusted(struct town *t, json_t *o)
{
        static int keys;
        char key[32];
        struct call c = {.house = &t->house,
                         .who = {.staff = 1 + keys % 4, .office = t->office, .roles = ROLE_ANY},
                         .key = text_format(key, sizeof key, "adjust-%d", ++keys)};
        json_t *out = NULL;

        LATER(t);
        t->err = (struct error){0};
        int rc = contribution_adjust(&c, o, &out, &t->err);
        json_decref(o);
        json_decref(out);
        return rc == 0 ? SB_OK : t->err.code;
}

#define OWED "SELECT CAST(COALESCE(SUM(employer_fen + person_fen - reduced_fen - received_fen), 0) AS @int) FROM assessment"
#define WAITS "SELECT CAST(COALESCE(SUM(amount_fen - allocated_fen - refunded_fen), 0) AS @int) FROM receipt"
#define CLAIMS "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM payment_claim WHERE state <> 'cancelled'"
/* By worker, month and scheme: what paid assessments come to, less what was taken off. */
#define STANDS                                                                                                                 \
        "SELECT a.month AS month, a.scheme AS scheme, l.person AS person, l.base_fen AS base, l.account_fen AS account FROM "  \
        "assessment a JOIN assessment_line l ON l.assessment = a.id WHERE a.state = 'paid' UNION ALL SELECT a.month, "         \
        "a.scheme, r.person, -r.base_fen, -r.account_fen FROM assessment a JOIN adjustment_reduction r ON r.assessment = "     \
        "a.id WHERE a.state = 'paid'"

static void nothing_is_lost(const struct firm *f)
{
        struct town *t = f->town;

        assert_int_equal(firm_book(f, LEDGER_RECEIVABLE), town_count(t, OWED));
        assert_int_equal(firm_book(f, LEDGER_SUSPENSE), -town_count(t, WAITS));
        assert_int_equal(firm_book(f, LEDGER_PAYABLE), -town_count(t, CLAIMS));
        assert_int_equal(firm_book(f, LEDGER_BANK),
                         town_count(t, "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM receipt"));
        assert_int_equal(firm_book(f, LEDGER_PERSONAL),
                         -town_count(t, "SELECT CAST(COALESCE(SUM(account), 0) AS @int) FROM (" STANDS ") x"));
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM (SELECT p.id FROM personal_account p LEFT JOIN (" STANDS
                                       ") x ON x.person = p.person AND x.scheme = p.scheme GROUP BY p.id, p.balance_fen HAVING "
                                       "p.balance_fen <> COALESCE(SUM(x.account), 0)) y"),
                         0);
        /* Each month's base in the history is what is paid for it. */
        assert_int_equal(
            town_count(t, "SELECT COUNT(*) FROM (SELECT x.month, x.scheme, x.person, SUM(x.base) AS base FROM (" STANDS
                          ") x GROUP BY x.month, x.scheme, x.person) s LEFT JOIN contribution c ON c.person = s.person "
                          "AND c.scheme = s.scheme AND c.known_to > 9000000000000000 AND c.month_from <= s.month AND "
                          "c.month_to > s.month WHERE s.base <> COALESCE(c.base_fen, 0)"),
            0);
        assert_int_equal(
            town_count(t, "SELECT CAST(COALESCE(SUM(month_to - month_from), 0) AS @int) FROM contribution WHERE known_to > "
                          "9000000000000000"),
            town_count(t, "SELECT COUNT(*) FROM (SELECT x.person FROM (" STANDS
                          ") x GROUP BY x.month, x.scheme, x.person HAVING SUM(x.base) > 0) y"));
}

static const char *month_drawn(struct rng *rng, char text[16])
{
        return month_text(NOV_2025 + (month_t)rng_below(rng, 5), text);
}

static json_t *drawn(const struct firm *f, struct rng *rng)
{
        static const char *const wages[] = {"1.00", "5000.00", "8000.33", "12345.67", "30000.00"};
        static const char *const kinds[] = {"missing", "base", "base", "removed", "moved", "suspense", "reverse"};
        static const char *const settles[] = {"set_off", "refund", "refund_each"};
        static const char *const schemes[] = {"all", "all", "EP", "UI", "EM"};
        const char *kind = kinds[rng_below(rng, 7)];
        char from[16], to[16], right[16];
        json_t *o = form(f, kind, (int)rng_below(rng, FIRM_WORKERS), month_drawn(rng, from), month_drawn(rng, to));

        if (strcmp(to, from) < 0)
                with(o, "to_month", from);
        with(o, "wage", wages[rng_below(rng, 5)]);
        with(o, "settle", strcmp(kind, "suspense") == 0 ? "refund" : settles[rng_below(rng, 3)]);
        with(o, "scheme", schemes[rng_below(rng, 5)]);
        with(o, "right_month", month_drawn(rng, right));
        if (strcmp(kind, "reverse") == 0) {
                int64_t made = town_count(f->town, "SELECT COUNT(*) FROM adjustment");
                int64_t skip = made == 0 ? 0 : (int64_t)rng_below(rng, (uint32_t)made);
                json_object_del(o, "person");
                json_object_set_new(
                    o, "adjustment",
                    json_integer(made == 0
                                     ? 1
                                     : town_ask(f->town, "SELECT id FROM adjustment ORDER BY id LIMIT 1 OFFSET ?1@int", skip)));
        }
        return o;
}

static bool told(enum error_code code)
{
        return code == SB_OK || code == SB_ADJUST_FORM || code == SB_ADJUST_NOT_ASSESSED || code == SB_ADJUST_ASSESSED ||
               code == SB_ADJUST_NOTHING || code == SB_ADJUST_CHANGED || code == SB_ADJUST_UNKNOWN ||
               code == SB_ADJUST_REVERSED || code == SB_ADJUST_STOPPED;
}

static void no_fen_and_no_month_is_lost(void **state)
{
        enum { ROUNDS = 3, STEPS = 40 };
        int done = 0, reversed = 0;
        char text[1024], money[24], reference[24];

        for (uint64_t round = 0; round < ROUNDS; round++) {
                struct firm f = firm_new(state);
                struct rng rng = rng_new(2026, round);
                for (int m = 0; m < 4; m++)
                        if (m != 2) {
                                char month[16];
                                firm_assess(&f, month_text(NOV_2025 + m, month), 0, m == 1 ? 2 : FIRM_WORKERS);
                        }
                for (int step = 0; step < STEPS; step++) {
                        if (rng_below(&rng, 4) == 0)
                                json_decref(firm_receive(
                                    &f, money_text(1 + (fen_t)rng_below(&rng, 1500000), money),
                                    text_format(reference, sizeof reference, "R%llu-%d", (unsigned long long)round, step)));
                        json_t *o = drawn(&f, &rng);
                        bool back = strcmp(json_string_value(json_object_get(o, "kind")), "reverse") == 0;
                        char *said = json_dumps(o, JSON_COMPACT);
                        enum error_code code = adjusted(f.town, o);
                        if (!told(code))
                                fail_msg("round %d step %d %s: %s", (int)round, step, said,
                                         error_text(&f.town->err, LANG_EN, text, sizeof text));
                        done += code == SB_OK;
                        reversed += code == SB_OK && back;
                        if (code == SB_OK) {
                                nothing_is_lost(&f);
                                town_audit(f.town);
                        }
                        free(said);
                }
                town_free(f.town);
        }
        assert_true(done > 25 && reversed >= 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {TEST_ON_BOTH(a_base_that_was_too_low_is_billed),
                                           TEST_ON_BOTH(missing_months_are_paid_afterwards),
                                           TEST_ON_BOTH(what_was_paid_too_much_pays_the_next_bill),
                                           TEST_ON_BOTH(it_is_refunded_to_each),
                                           TEST_ON_BOTH(an_open_bill_shrinks),
                                           TEST_ON_BOTH(a_wrong_month_is_moved),
                                           TEST_ON_BOTH(money_in_suspense_is_returned),
                                           TEST_ON_BOTH(what_cannot_be_is_said),
                                           cmocka_unit_test(an_unknown_rule_is_named),
                                           TEST_ON_BOTH(no_fen_and_no_month_is_lost)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
