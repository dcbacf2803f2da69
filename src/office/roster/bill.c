/* SPDX-License-Identifier: Apache-2.0
 *
 * What the batch changes in a month's bill: a joiner adds what the pack says of the wage, a leaver takes away what was last assessed. It is
 * shown and kept with the batch; what is really due is decided when the month is declared.
 */
#include "office/roster/roster.h"

#include "office/json.h"

#include <string.h>

#define MONTHS 3 /* this month, and those that a joiner may be entered ahead of */
#define TOTALS_MAX 16

struct total {
        char scheme[32], name[96];
        int64_t joining, leaving;
        fen_t employer, own; /* more, or less */
};
struct billing {
        struct roster *r;
        struct assessor months[MONTHS];
        bool open[MONTHS];
        struct total totals[TOTALS_MAX], joined[TOTALS_MAX];
        size_t count, joined_count;
};

static int too_large(struct error *err)
{
        return error_raise(err, SB_OVERFLOW, "%s", ERROR_BOTH("the total of a batch", "批次合计"));
}

static int total_add(struct billing *b, const char *scheme, const char *name, fen_t employer, fen_t own, struct error *err)
{
        size_t i = 0;

        while (i < b->count && strcmp(b->totals[i].scheme, scheme) != 0)
                i++;
        if (i == TOTALS_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the schemes of an employer", "单位参保险种数"),
                                   TOTALS_MAX);
        struct total *t = &b->totals[i];
        if (i == b->count) {
                b->count++;
                text_copy(t->scheme, sizeof t->scheme, str_from(scheme));
                text_copy(t->name, sizeof t->name, str_from(name));
        }
        if (employer < 0 || own < 0)
                t->leaving++;
        else
                t->joining++;
        return money_add(t->employer, employer, &t->employer) && money_add(t->own, own, &t->own) ? 0 : too_large(err);
}

static int line_add(struct roster_line *l, fen_t employer, fen_t own, struct error *err)
{
        return money_add(l->employer, employer, &l->employer) && money_add(l->own, own, &l->own) ? 0 : too_large(err);
}

/* --- joiners ------------------------------------------------------------------------------------------------------------------------- */

static int month_open(struct billing *b, day_t day, struct assessor **out, struct error *err)
{
        month_t now = month_of(clock_today(b->r->call->house->clock)), month = month_of(day) > now ? month_of(day) : now;
        size_t i = (size_t)(month - now);

        if (i >= MONTHS)
                return error_raise(err, SB_INTERNAL, "%s", "a joiner too far ahead");
        if (!b->open[i]) {
                int rc = assessor_open(&b->months[i], b->r->call, b->r->employer.territory, month, err);
                if (rc < 0)
                        return rc;
                b->open[i] = true;
        }
        *out = &b->months[i];
        return 0;
}

static int join_bill(struct billing *b, struct roster_line *l, struct error *err)
{
        struct assessor *a = NULL;
        int rc = month_open(b, l->day, &a, err);

        for (size_t s = 0; rc == 0 && s < a->scheme_count; s++) {
                struct due d;
                rc = assessor_line(a, s, l->wage, &d, err);
                if (rc == 0 && s == 0)
                        l->due = d;
                if (rc == 0)
                        rc = line_add(l, d.employer, d.person, err);
                if (rc == 0)
                        rc =
                            total_add(b, a->schemes[s].pool.scheme,
                                      b->r->call->who.lang == LANG_ZH ? a->schemes[s].pool.name_zh : a->schemes[s].pool.name_en,
                                      d.employer, d.person, err);
        }
        l->billed = rc == 0;
        return rc;
}

/* --- leavers: what the last month that was assessed came to --------------------------------------------------------------------------- */

struct last {
        int64_t assessment;
        char scheme[32], name[96];
};

static int last_read(struct tx *tx, const struct billing *b, struct last last[SCHEMES_MAX], size_t *count, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT a.id, a.scheme, p.name_zh, p.name_en FROM assessment a LEFT JOIN pool p ON p.id = a.pool WHERE "
                     "a.home = ?1@int AND a.employer = ?2@int AND a.month = (SELECT MAX(x.month) FROM assessment x WHERE "
                     "x.home = ?1@int AND x.employer = ?2@int) ORDER BY a.scheme, a.id",
                     "ii", (int64_t)b->r->call->house->home, b->r->employer.id);

        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1 && *count < SCHEMES_MAX) {
                struct last *l = &last[(*count)++];
                l->assessment = stmt_int(q, 0);
                text_copy(l->scheme, sizeof l->scheme, stmt_text(q, 1));
                text_copy(l->name, sizeof l->name, stmt_text(q, b->r->call->who.lang == LANG_ZH ? 2 : 3));
        }
        return rc < 0 ? rc : 0;
}

static int leave_bill(struct tx *tx, struct billing *b, struct roster_line *l, const struct last *last, size_t count,
                      struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < count; i++) {
                struct stmt *q;
                rc = tx_one(
                    &q, tx, err,
                    "SELECT employer_fen, person_fen FROM assessment_line WHERE home = ?1@int AND assessment = ?2@int AND "
                    "person_home = ?1@int AND person = ?3@int",
                    "iii", (int64_t)b->r->call->house->home, last[i].assessment, l->person);
                if (rc != 1)
                        continue;
                fen_t employer = -stmt_int(q, 0), own = -stmt_int(q, 1);
                rc = line_add(l, employer, own, err);
                if (rc == 0)
                        rc = total_add(b, last[i].scheme, last[i].name, employer, own, err);
        }
        l->billed = rc == 0;
        return rc;
}

static int leaves_read(struct tx *tx, void *ctx, struct error *err)
{
        struct billing *b = ctx;
        struct last last[SCHEMES_MAX];
        size_t count = 0;
        int rc = last_read(tx, b, last, &count, err);

        memcpy(b->totals, b->joined, sizeof b->totals); /* anew, when an attempt failed softly */
        b->count = b->joined_count;
        for (size_t i = 0; rc == 0 && i < b->r->count; i++) {
                struct roster_line *l = &b->r->lines[i];
                if (l->joins || l->person == 0)
                        continue;
                l->employer = l->own = 0;
                rc = leave_bill(tx, b, l, last, count, err);
        }
        return rc;
}

/* --- both ------------------------------------------------------------------------------------------------------------------------------ */

static int totals_json(struct billing *b, struct error *err)
{
        json_t *list = b->r->totals = json_array();

        for (size_t i = 0; i < b->count; i++) {
                const struct total *t = &b->totals[i];
                json_t *o = json_object();
                fen_t sum = 0;
                if (!money_add(t->employer, t->own, &sum)) {
                        json_decref(o);
                        return too_large(err);
                }
                put_text(o, "scheme", t->scheme);
                put_text(o, "pool", t->name);
                put_int(o, "joining", t->joining);
                put_int(o, "leaving", t->leaving);
                put_money(o, "employer", t->employer);
                put_money(o, "person", t->own);
                put_money(o, "total", sum);
                json_array_append_new(list, o);
        }
        return list == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int roster_bill(struct roster *r, struct error *err)
{
        struct billing b = {.r = r};
        int rc = 0;

        error_clear(&r->bill);
        for (size_t i = 0; rc == 0 && i < r->count; i++)
                if (r->lines[i].joins && r->lines[i].judged)
                        rc = join_bill(&b, &r->lines[i], &r->bill);
        memcpy(b.joined, b.totals, sizeof b.joined);
        b.joined_count = b.count;
        if (rc == 0)
                rc = store_read(r->call->house->store, leaves_read, &b, &r->bill);
        for (size_t i = 0; i < MONTHS; i++)
                if (b.open[i])
                        assessor_close(&b.months[i]);
        if (rc == 0)
                return totals_json(&b, err);
        /* A figure or a pool that is not known: the lines are good all the same, only nobody can say what they cost. */
        if (rc == ERR && error_http(r->bill.code) < 500) {
                for (size_t i = 0; i < r->count; i++)
                        r->lines[i].billed = false;
                return 0;
        }
        error_hand(err, &r->bill);
        return rc;
}
