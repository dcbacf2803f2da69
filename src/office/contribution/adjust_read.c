/* SPDX-License-Identifier: Apache-2.0
 *
 * The application for a correction, and what the months that it names stand at.
 */
#include "office/contribution/adjust.h"

#include "office/json.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

/* --- the application ------------------------------------------------------------------------------------------------------------ */

static const char *const KINDS[] = {"missing", "base", "removed", "moved", "suspense", "reverse"};
static const char *const SETTLES[] = {"set_off", "refund", "refund_each"};

static int word_find(const char *const *words, size_t n, const char *word)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(words[i], word) == 0)
                        return (int)i;
        return -1;
}

static int form_refuse(struct error *err, const char *where, const char *words)
{
        error_raise(err, SB_ADJUST_FORM, "%s", words);
        return error_where(err, "%s", where);
}

static int words_read(struct adjusting *x, const json_t *in, struct error *err)
{
        int kind = word_find(KINDS, sizeof KINDS / sizeof *KINDS, json_text_or(in, "kind", ""));
        int settle = word_find(SETTLES, sizeof SETTLES / sizeof *SETTLES, json_text_or(in, "settle", "set_off"));
        const char *scheme = json_text_or(in, "scheme", "all");

        if (kind < 0)
                return form_refuse(err, "kind", ERROR_BOTH("the kind is none of those", "没有这种办理类型"));
        if (settle < 0)
                return form_refuse(err, "settle", ERROR_BOTH("it can be set off or refunded", "应为抵缴或退款"));
        x->kind = (enum adjust_kind)kind;
        x->settle = (enum adjust_settle)settle;
        text_copy(x->kind_word, sizeof x->kind_word, str_from(KINDS[kind]));
        text_copy(x->settle_word, sizeof x->settle_word, str_from(SETTLES[settle]));
        x->fault = json_text_or(in, "fault", "employer");
        x->scheme = strcmp(scheme, "all") == 0 ? "" : scheme;
        if (x->kind == ADJUST_SUSPENSE && x->settle != SETTLE_REFUND)
                return form_refuse(err, "settle",
                                   ERROR_BOTH("money in suspense pays what is open by itself; it can only be refunded to the "
                                              "employer",
                                              "暂收款会自动冲抵欠费；此处只能退还单位"));
        return 0;
}

static int months_read(struct adjusting *x, const json_t *in, struct error *err)
{
        month_t now = month_of(clock_today(x->call->house->clock));
        int rc = json_get_month(in, "from_month", true, &x->from, err);

        x->to = x->from;
        rc = rc ? rc : json_get_month(in, "to_month", false, &x->to, err);
        if (rc == 0 && x->to < x->from)
                return form_refuse(err, "to_month", ERROR_BOTH("it ends before it begins", "截止月早于起始月"));
        if (rc == 0 && x->to - x->from >= ADJUST_MONTHS)
                return form_refuse(err, "to_month",
                                   ERROR_BOTH("it is more than 240 months; apply in parts", "超过240个月，请分次申请"));
        if (rc == 0 && x->to > now)
                return form_refuse(err, "to_month", ERROR_BOTH("the month is to come", "该月尚未到来"));
        if (rc == 0 && x->kind == ADJUST_MOVED) {
                rc = json_get_month(in, "right_month", true, &x->right, err);
                if (rc == 0 && (x->right == x->from || x->right + (x->to - x->from) > now))
                        return form_refuse(err, "right_month",
                                           ERROR_BOTH("it is the same month, or one to come", "与原月份相同，或者尚未到来"));
                if (rc == 0 && (x->right < x->from ? x->from - x->right : x->right - x->from) > ADJUST_MONTHS)
                        return form_refuse(err, "right_month", ERROR_BOTH("it is too far away", "相隔过远"));
        }
        return rc;
}

static int wage_read(struct adjusting *x, const json_t *in, struct error *err)
{
        const json_t *v = json_object_get(in, "wage");

        if (x->kind != ADJUST_BASE && x->kind != ADJUST_MISSING)
                return 0;
        if (v == NULL || json_is_null(v))
                return form_refuse(err, "wage", ERROR_BOTH("say the wage of the months", "请填写应有的月工资"));
        int rc = pack_money(v, &x->wage, err);
        if (rc < 0)
                return error_where(err, "wage");
        return x->wage >= 0 && x->wage <= WAGE_MAX
                   ? 0
                   : form_refuse(err, "wage", ERROR_BOTH("the wage is not possible", "工资不合理"));
}

static int64_t whole_of(const json_t *in, const char *name)
{
        const json_t *v = json_object_get(in, name);
        int64_t n = 0;

        if (json_is_integer(v))
                return json_integer_value(v);
        return json_is_string(v) && text_to_int(str_from(json_string_value(v)), &n) ? n : 0;
}

static int subjects_read(struct adjusting *x, const json_t *in, struct error *err)
{
        x->employer.id = whole_of(in, "employer");
        x->person = whole_of(in, "person");
        x->reverses = whole_of(in, "adjustment");
        if (x->employer.id <= 0)
                return form_refuse(err, "employer", ERROR_BOTH("say whose contributions they are", "请选择用人单位"));
        if (x->person <= 0 && x->kind != ADJUST_SUSPENSE && x->kind != ADJUST_REVERSE)
                return form_refuse(err, "person", ERROR_BOTH("say for which worker", "请选择参保人"));
        if (x->reverses <= 0 && x->kind == ADJUST_REVERSE)
                return form_refuse(err, "adjustment",
                                   ERROR_BOTH("say which adjustment is taken back", "请填写要冲销的调整编号"));
        return 0;
}

int adjust_read(struct adjusting *x, struct call *c, const json_t *in, struct error *err)
{
        memset(x, 0, sizeof *x);
        x->call = c;
        x->document = json_bool_or(in, "document", false);
        int rc = words_read(x, in, err);

        rc = rc ? rc : subjects_read(x, in, err);
        if (rc == 0 && x->kind != ADJUST_SUSPENSE && x->kind != ADJUST_REVERSE)
                rc = months_read(x, in, err);
        return rc ? rc : wage_read(x, in, err);
}

void adjust_dispose(struct adjusting *x)
{
        free(x->shares);
        free(x->wages);
        free(x->items);
        free(x->takes);
        free(x->touched);
        json_decref(x->facts);
        x->shares = NULL;
        x->wages = NULL;
        x->items = NULL;
        x->takes = NULL;
        x->touched = NULL;
        x->facts = NULL;
}

month_t adjust_first(const struct adjusting *x)
{
        return x->kind == ADJUST_MOVED && x->right < x->from ? x->right : x->from;
}

month_t adjust_last(const struct adjusting *x)
{
        month_t last = x->right + (x->to - x->from);

        return x->kind == ADJUST_MOVED && last > x->to ? last : x->to;
}

/* --- what stands ---------------------------------------------------------------------------------------------------------------- */

static int share_add(struct adjusting *x, size_t *cap, struct stmt *q, int64_t person, struct error *err)
{
        if (x->share_count == *cap) {
                *cap = *cap == 0 ? 64 : 2 * *cap;
                struct adjust_share *more = realloc(x->shares, *cap * sizeof *more);
                if (more == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                x->shares = more;
        }
        struct adjust_share *s = &x->shares[x->share_count++];
        *s = (struct adjust_share){
            .assessment = stmt_int(q, 0),
            .person = person,
            .pool = stmt_int(q, 3),
            .month = (month_t)stmt_int(q, 1),
            .paid = str_is(stmt_text(q, 4), "paid"),
            .supplement = stmt_int(q, 11) != 0,
            .received = stmt_int(q, 5),
            .owed = stmt_int(q, 6),
            .due = {.base = stmt_int(q, 7), .employer = stmt_int(q, 8), .person = stmt_int(q, 9), .account = stmt_int(q, 10)}};
        text_copy(s->scheme, sizeof s->scheme, stmt_text(q, 2));
        return 0;
}

/* Newest first within a month and scheme. */
static int shares_read(struct tx *tx, struct adjusting *x, struct error *err)
{
        int64_t home = x->call->house->home;
        struct stmt *q = NULL;
        size_t cap = 0;
        int rc = tx_query(
            &q, tx, err,
            "SELECT a.id, a.month, a.scheme, a.pool, a.state, a.received_fen, a.employer_fen + a.person_fen - a.reduced_fen, "
            "l.base_fen, l.employer_fen, l.person_fen, l.account_fen, d.adjustment FROM assessment a JOIN declaration d ON "
            "d.home = "
            "a.home AND d.id = a.declaration JOIN assessment_line l ON l.home = a.home "
            "AND l.assessment = a.id AND l.person_home = a.home AND l.person = ?3@int WHERE a.home = ?1@int AND a.employer = "
            "?2@int AND a.month >= ?4@int AND a.month <= ?5@int ORDER BY a.month, a.scheme, a.id DESC",
            "iiiii", home, x->employer.id, x->person, (int64_t)adjust_first(x), (int64_t)adjust_last(x));

        free(x->shares);
        x->shares = NULL;
        x->share_count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                rc = share_add(x, &cap, q, x->person, err);
                if (rc < 0)
                        return rc;
        }
        return rc;
}

static int reductions_read(struct tx *tx, struct adjusting *x, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT r.assessment, CAST(SUM(r.base_fen) AS @int), CAST(SUM(r.employer_fen) AS @int), "
                     "CAST(SUM(r.person_fen) AS @int), CAST(SUM(r.account_fen) AS @int) FROM assessment a JOIN "
                     "adjustment_reduction r ON r.home = a.home AND r.assessment = a.id AND r.person = ?3@int WHERE a.home = "
                     "?1@int AND a.employer = ?2@int AND a.month >= ?4@int AND a.month <= ?5@int GROUP BY r.assessment",
                     "iiiii", (int64_t)x->call->house->home, x->employer.id, x->person, (int64_t)adjust_first(x),
                     (int64_t)adjust_last(x));

        while ((rc = row_next(rc, q, err)) == 1)
                for (size_t i = 0; i < x->share_count; i++) {
                        struct due *d = &x->shares[i].due;
                        if (x->shares[i].assessment != stmt_int(q, 0))
                                continue;
                        d->base -= stmt_int(q, 1);
                        d->employer -= stmt_int(q, 2);
                        d->person -= stmt_int(q, 3);
                        d->account -= stmt_int(q, 4);
                }
        return rc;
}

/* As declared, or as the last adjustment of the month says. */
static int wages_read(struct tx *tx, struct adjusting *x, struct error *err)
{
        struct stmt *q = NULL;
        month_t first = adjust_first(x), last = adjust_last(x);
        int rc =
            tx_query(&q, tx, err,
                     "SELECT d.month, l.wage_fen, d.id FROM declaration d JOIN declaration_line l ON l.home = d.home AND "
                     "l.declaration = "
                     "d.id AND l.person_home = d.home AND l.person = ?3@int WHERE d.home = ?1@int AND d.employer = ?2@int AND "
                     "d.month >= "
                     "?4@int AND d.month <= ?5@int AND d.state IN ('assessed', 'paid') UNION ALL SELECT l.month, l.wage_fen, "
                     "l.adjustment FROM adjustment j JOIN adjustment_line l ON l.home = j.home AND l.adjustment = j.id AND "
                     "l.person = ?3@int "
                     "WHERE j.home = ?1@int AND j.employer = ?2@int AND l.month >= ?4@int AND l.month <= ?5@int ORDER BY 1, 3",
                     "iiiii", (int64_t)x->call->house->home, x->employer.id, x->person, (int64_t)first, (int64_t)last);

        free(x->wages);
        x->wage_count = (size_t)(last - first) + 1;
        x->wages = calloc(x->wage_count, sizeof *x->wages);
        if (x->wages == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < x->wage_count; i++)
                x->wages[i] = (struct adjust_wage){x->person, first + (month_t)i, 0};
        while ((rc = row_next(rc, q, err)) == 1)
                x->wages[stmt_int(q, 0) - first].wage = stmt_int(q, 1);
        return rc;
}

/* --- an adjustment that is taken back ------------------------------------------------------------------------------------------------ */

static int line_take(struct adjusting *x, struct stmt *q, struct error *err)
{
        struct adjust_item *more = realloc(x->items, (x->item_count + 1) * sizeof *more);

        if (more == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        x->items = more;
        struct adjust_item *i = &x->items[x->item_count++];
        /* What it made is what stands; what stood before is what it should be. */
        *i = (struct adjust_item){
            .person = stmt_int(q, 0),
            .month = (month_t)stmt_int(q, 1),
            .pool = stmt_int(q, 3),
            .wage = stmt_int(q, 4),
            .now = {.base = stmt_int(q, 5), .employer = stmt_int(q, 6), .person = stmt_int(q, 7), .account = stmt_int(q, 8)},
            .old_wage = stmt_int(q, 9),
            .old = {
                .base = stmt_int(q, 10), .employer = stmt_int(q, 11), .person = stmt_int(q, 12), .account = stmt_int(q, 13)}};
        text_copy(i->scheme, sizeof i->scheme, stmt_text(q, 2));
        x->from = x->item_count == 1 || i->month < x->from ? i->month : x->from;
        x->to = i->month > x->to ? i->month : x->to;
        return 0;
}

static int reversed_read(struct tx *tx, struct adjusting *x, struct error *err)
{
        int64_t home = x->call->house->home;
        struct stmt *q;
        char number[32];
        int rc = tx_one(&q, tx, err,
                        "SELECT person, state, kind FROM adjustment WHERE home = ?1@int AND id = ?2@int AND employer = ?3@int",
                        "iii", home, x->reverses, x->employer.id);

        if (rc < 0)
                return rc;
        readable_number(ADJUSTMENT_PREFIX, (int)home, x->reverses, number);
        if (rc == 0)
                rc = error_raise(err, SB_ADJUST_UNKNOWN, "%s", number);
        else if (!str_is(stmt_text(q, 1), "done"))
                rc = error_raise(err, SB_ADJUST_REVERSED, "%s", number);
        else if (str_is(stmt_text(q, 2), "suspense"))
                rc = form_refuse(err, "adjustment",
                                 ERROR_BOTH("a refund of money in suspense is no correction of an assessment",
                                            "暂收款退款不是核定调整，不能冲销"));
        if (rc < 0)
                return error_where(err, "adjustment");
        x->person = stmt_int(q, 0);
        x->item_count = 0;
        x->to = 0;
        rc = tx_query(
            &q, tx, err,
            "SELECT person, month, scheme, pool, old_wage_fen, old_base_fen, old_employer_fen, old_person_fen, "
            "old_account_fen, wage_fen, base_fen, employer_fen, person_fen, account_fen FROM adjustment_line WHERE home "
            "= ?1@int AND adjustment = ?2@int ORDER BY month, scheme",
            "ii", home, x->reverses);
        while ((rc = row_next(rc, q, err)) == 1) {
                rc = line_take(x, q, err);
                if (rc < 0)
                        return rc;
        }
        return rc;
}

int adjust_stand(struct tx *tx, struct adjusting *x, struct error *err)
{
        struct house *h = x->call->house;
        int rc = employer_read(tx, h, h->home, x->employer.id, &x->employer, err);

        if (rc == 0 && x->kind == ADJUST_REVERSE)
                rc = reversed_read(tx, x, err);
        if (rc < 0 || x->kind == ADJUST_SUSPENSE)
                return rc;
        rc = shares_read(tx, x, err);
        rc = rc ? rc : reductions_read(tx, x, err);
        return rc ? rc : wages_read(tx, x, err);
}
