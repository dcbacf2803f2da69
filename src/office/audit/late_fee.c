/* SPDX-License-Identifier: Apache-2.0
 *
 * Late fees (滞纳金), each anew: what was open on each day follows from the assessment and the money that had been allocated when the order
 * was made; rates, rounding and cap are the figures that its decision says it used. Summed day by day, where the pack's model sums periods.
 */
#include "office/audit/internal.h"

#include "base/calendar.h"
#include "base/money.h"

#include <stdlib.h>
#include <string.h>

/* Shares are counted in millionths of a percent. */
enum { PERCENT = 1000000 };
#define WHOLE ((wide_t)100 * PERCENT)

struct rate {
        day_t day; /* holds from here to the next */
        int64_t share;
};
/* What the decision of an order used. */
struct figures {
        int64_t home, decision;
        struct rate *rates; /* by day */
        size_t count, cap;
        int64_t most;
        enum rounding rounding;
        bool spared, known; /* spared: nothing is charged on what was paid before the order */
};
struct fee {
        int64_t home, id, assessment, decision;
        day_t from, to, due, before; /* before: the last day that an earlier order charged */
        fen_t total, principal, amount, earlier;
        instant_t at;
};
/* What had been paid of an assessment, by day. */
struct paid {
        struct rate *days; /* share: fen */
        size_t count, cap;
};

static int rate_add(struct rate **list, size_t *count, size_t *cap, struct rate r, struct error *err)
{
        if (*count == *cap) {
                *cap = *cap == 0 ? 32 : 2 * *cap;
                struct rate *more = realloc(*list, *cap * sizeof *more);
                if (more == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                *list = more;
        }
        (*list)[(*count)++] = r;
        return 0;
}

/* "0.05" percent: at most six decimals. */
static bool share_parse(const char *text, int64_t *out)
{
        char digits[32];
        const char *point = strchr(text, '.');
        size_t whole = point == NULL ? strlen(text) : (size_t)(point - text), decimals = point == NULL ? 0 : strlen(point + 1);

        if (whole == 0 || whole > 9 || decimals > 6)
                return false;
        text_format(digits, sizeof digits, "%.*s%s%.*s", (int)whole, text, point == NULL ? "" : point + 1, (int)(6 - decimals),
                    "000000");
        return text_to_int(str_from(digits), out);
}

static bool rounding_named(const char *text, enum rounding *out)
{
        static const struct {
                const char *name;
                enum rounding rounding;
        } names[] = {{"fen_half_up", ROUND_HALF_UP}, {"fen_up", ROUND_UP}, {"fen_down", ROUND_DOWN}};

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(text, names[i].name) == 0) {
                        *out = names[i].rounding;
                        return true;
                }
        return false;
}

static int by_day(const void *a, const void *b)
{
        const struct rate *x = a, *y = b;

        return (x->day > y->day) - (x->day < y->day);
}

static const char *member(const json_t *o, const char *name)
{
        const char *text = json_string_value(json_object_get(o, name));

        return text == NULL ? "" : text;
}

/* One figure of a derivation; others than these are not asked for here. */
static int figure_take(struct figures *f, const json_t *p, bool *most, bool *rounding, struct error *err)
{
        const char *key = member(p, "key"), *value = member(p, "value");
        struct error unread = {0};
        struct rate r;

        if (strcmp(key, "late_fee_rounding") == 0)
                *rounding = rounding_named(value, &f->rounding);
        else if (strcmp(key, "late_fee_on_paid") == 0)
                f->spared = strcmp(value, "waived") == 0;
        else if (strcmp(key, "late_fee_cap") == 0)
                *most = share_parse(value, &f->most);
        else if (strcmp(key, "late_fee_rate") == 0 && share_parse(value, &r.share) &&
                 day_parse(&r.day, str_from(member(p, "day")), &unread) == 0)
                return rate_add(&f->rates, &f->count, &f->cap, r, err);
        return 0;
}

static int figures_read(struct audit *a, struct figures *f, const struct fee *fee, struct error *err)
{
        struct stmt *q;
        json_t *derivation = NULL;
        const json_t *step, *p;
        size_t i, j;
        bool most = false, rounding = false;
        int rc;

        if (f->home == fee->home && f->decision == fee->decision)
                return 0;
        f->home = fee->home;
        f->decision = fee->decision;
        f->count = 0;
        f->known = f->spared = false;
        rc = tx_one(&q, a->tx, err, "SELECT derivation FROM decision WHERE home = ?1@int AND id = ?2@int", "ii", fee->home,
                    fee->decision);
        if (rc == 1)
                rc = json_read(&derivation, stmt_text(q, 0), err);
        json_array_foreach(json_object_get(derivation, "steps"), i, step)
            json_array_foreach(json_object_get(step, "parameters"), j, p) if (rc == 0) rc =
                figure_take(f, p, &most, &rounding, err);
        if (rc == 0 && f->count > 0)
                qsort(f->rates, f->count, sizeof *f->rates, by_day);
        f->known = most && rounding;
        json_decref(derivation);
        return rc;
}

static int paid_read(struct audit *a, struct paid *p, const struct fee *f, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, a->tx, err,
                          "SELECT r.day, l.amount_fen FROM allocation l JOIN receipt r ON r.home = l.home AND r.id = l.receipt "
                          "WHERE l.home = ?1@int AND l.assessment = ?2@int AND (l.at < ?3@int OR l.at = ?3@int AND l.id < "
                          "?5@int) AND r.day <= ?4@int ORDER BY r.day, l.id",
                          "iiiii", f->home, f->assessment, (int64_t)f->at, (int64_t)f->to, f->id);

        p->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                rc = rate_add(&p->days, &p->count, &p->cap, (struct rate){(day_t)stmt_int(q, 0), stmt_int(q, 1)}, err);
                if (rc < 0)
                        return rc;
        }
        return rc;
}

struct expected {
        fen_t open, fee;
};

/* Money counts from the day after it came. */
static bool fee_compute(const struct figures *g, const struct fee *f, const struct paid *p, struct expected *out)
{
        fen_t open = f->total, obligation = f->total;
        wide_t sum = 0;
        size_t next = 0, rate = 0;

        for (size_t i = 0; i < p->count; i++)
                obligation -= p->days[i].day <= f->due ? p->days[i].share : 0;
        for (day_t day = f->from; day <= f->to; day++) {
                for (; next < p->count && p->days[next].day < day; next++)
                        open -= p->days[next].share;
                while (rate + 1 < g->count && g->rates[rate + 1].day <= day)
                        rate++;
                if (open > 0 && (rate >= g->count || g->rates[rate].day > day))
                        return false;
                sum += open > 0 ? (wide_t)open * g->rates[rate].share : 0;
        }
        for (; next < p->count; next++)
                open -= p->days[next].share;
        wide_t fee = round_div(sum, WHOLE, g->rounding),
               rest = round_div((wide_t)obligation * g->most, WHOLE, g->rounding) - f->earlier;
        *out = (struct expected){open, (fen_t)(open == 0 && g->spared ? 0 : fee < rest ? fee : rest < 0 ? 0 : rest)};
        return true;
}

static void number_tell(struct audit *a, const struct fee *f, const char *field, int64_t expected, int64_t found)
{
        char x[24], y[24];

        audit_tell(a, SB_AUDIT_LATE_FEE, "late_fee", f->home, f->id, field,
                   text_format(x, sizeof x, "%lld", (long long)expected), text_format(y, sizeof y, "%lld", (long long)found));
}

static int fee_check(struct audit *a, struct figures *g, struct paid *p, const struct fee *f, struct error *err)
{
        day_t from = (f->before > f->due ? f->before : f->due) + 1;
        struct expected e;
        int rc = figures_read(a, g, f, err);

        if (rc == 0)
                rc = paid_read(a, p, f, err);
        if (rc < 0)
                return rc;
        if (f->from != from)
                number_tell(a, f, "from_day", from, f->from);
        else if (!g->known || !fee_compute(g, f, p, &e))
                number_tell(a, f, "decision", 0, f->decision);
        else if (e.open != f->principal)
                number_tell(a, f, "principal_fen", e.open, f->principal);
        else if (e.fee != f->amount)
                number_tell(a, f, "fee_fen", e.fee, f->amount);
        return 0;
}

int audit_late_fees(struct audit *a, struct error *err)
{
        struct figures g = {0};
        struct paid p = {0};
        struct stmt *q = NULL;
        int rc;

        audit_check_begin(a);
        rc = tx_query(
            &q, a->tx, err,
            "SELECT f.home, f.id, f.assessment, f.decision, f.from_day, f.to_day, d.due_day, (SELECT "
            "COALESCE(MAX(b.to_day), 0) FROM late_fee b WHERE b.home = f.home AND b.assessment = f.assessment AND "
            "b.id < f.id), s.employer_fen + s.person_fen - (SELECT CAST(COALESCE(SUM(r.employer_fen + "
            "r.person_fen), 0) AS @int) FROM adjustment_reduction r JOIN adjustment j ON j.home = r.home AND j.id = "
            "r.adjustment WHERE r.home = f.home AND r.assessment = f.assessment AND (j.at < o.at OR j.at = o.at AND j.id < "
            "f.id)), f.principal_fen, f.fee_fen, (SELECT "
            "CAST(COALESCE(SUM(b.fee_fen), 0) AS @int) FROM late_fee b WHERE b.home = f.home AND b.assessment = "
            "f.assessment AND b.id < f.id), o.at FROM late_fee f JOIN arrears_order o ON o.home = f.home AND o.id = "
            "f.arrears_order JOIN assessment s ON s.home = f.home AND s.id = f.assessment JOIN declaration d ON "
            "d.home = s.home AND d.id = s.declaration JOIN decision c ON c.home = f.home AND c.id = f.decision ORDER "
            "BY f.home, f.id",
            "");
        while ((rc = row_next(rc, q, err)) == 1) {
                struct fee f = {.home = stmt_int(q, 0),
                                .id = stmt_int(q, 1),
                                .assessment = stmt_int(q, 2),
                                .decision = stmt_int(q, 3),
                                .from = (day_t)stmt_int(q, 4),
                                .to = (day_t)stmt_int(q, 5),
                                .due = (day_t)stmt_int(q, 6),
                                .before = (day_t)stmt_int(q, 7),
                                .total = stmt_int(q, 8),
                                .principal = stmt_int(q, 9),
                                .amount = stmt_int(q, 10),
                                .earlier = stmt_int(q, 11),
                                .at = stmt_int(q, 12)};
                rc = fee_check(a, &g, &p, &f, err);
                if (rc < 0)
                        break;
        }
        free(g.rates);
        free(p.days);
        return rc;
}
