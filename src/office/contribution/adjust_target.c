/* SPDX-License-Identifier: Apache-2.0
 *
 * What the months of a correction should come to, under the law of each month, and what has to be taken off or assessed anew for that.
 */
#include "office/contribution/adjust.h"

#include "office/json.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

/* --- sums of parts ---------------------------------------------------------------------------------------------------------------- */

static bool due_none(const struct due *d)
{
        return d->base == 0 && d->employer == 0 && d->person == 0 && d->account == 0;
}

static bool due_same(const struct due *a, const struct due *b)
{
        return a->base == b->base && a->employer == b->employer && a->person == b->person && a->account == b->account;
}

static struct due due_minus(const struct due *a, const struct due *b)
{
        return (struct due){.base = a->base - b->base,
                            .employer = a->employer - b->employer,
                            .person = a->person - b->person,
                            .account = a->account - b->account};
}

static struct due due_plus(const struct due *a, const struct due *b)
{
        return (struct due){.base = a->base + b->base,
                            .employer = a->employer + b->employer,
                            .person = a->person + b->person,
                            .account = a->account + b->account};
}

static bool due_positive(const struct due *d)
{
        return d->base >= 0 && d->employer >= 0 && d->person >= 0 && d->account >= 0;
}

static fen_t least(fen_t a, fen_t b)
{
        return a < b ? a : b;
}

static struct due due_least(const struct due *a, const struct due *b)
{
        return (struct due){.base = least(a->base, b->base),
                            .employer = least(a->employer, b->employer),
                            .person = least(a->person, b->person),
                            .account = least(a->account, b->account)};
}

/* --- what stands ---------------------------------------------------------------------------------------------------------------- */

static bool of_item(const struct adjust_share *s, const struct adjust_item *i)
{
        return s->person == i->person && s->month == i->month && strcmp(s->scheme, i->scheme) == 0;
}

/* Sum over the assessments of the month; *pool the book in which they stand, untouched when there is none. */
static struct due standing(const struct adjusting *x, const struct adjust_item *i, int64_t *pool)
{
        struct due sum = {0};

        for (size_t k = 0; k < x->share_count; k++)
                if (of_item(&x->shares[k], i)) {
                        sum = due_plus(&sum, &x->shares[k].due);
                        *pool = x->shares[k].pool;
                }
        return sum;
}

static fen_t wage_of(const struct adjusting *x, month_t month)
{
        for (size_t i = 0; i < x->wage_count; i++)
                if (x->wages[i].month == month)
                        return x->wages[i].wage;
        return 0;
}

/* --- what should be ---------------------------------------------------------------------------------------------------------------- */

/* The wage of a month; false: nothing should be assessed for it. */
static bool wage_should_be(const struct adjusting *x, month_t month, fen_t *wage)
{
        bool asked = month >= x->from && month <= x->to;
        month_t from = month - (x->right - x->from);

        if (x->kind == ADJUST_MOVED && from >= x->from && from <= x->to)
                *wage = wage_of(x, from);
        else if (asked && (x->kind == ADJUST_BASE || x->kind == ADJUST_MISSING))
                *wage = x->wage;
        else
                return false;
        return true;
}

/* Does the correction say anything of the month? A month between the two spans of a move is left alone. */
static bool month_asked(const struct adjusting *x, month_t month)
{
        fen_t wage;

        return (month >= x->from && month <= x->to) || wage_should_be(x, month, &wage);
}

static int item_add(struct adjusting *x, struct assessor *a, size_t scheme, month_t month, struct error *err)
{
        struct adjust_item i = {.person = x->person, .month = month, .pool = a->schemes[scheme].pool.id};
        int64_t pool = i.pool;
        int rc = 0;

        text_copy(i.scheme, sizeof i.scheme, str_from(a->schemes[scheme].pool.scheme));
        i.old = standing(x, &i, &pool);
        i.old_wage = due_none(&i.old) ? 0 : wage_of(x, month);
        if (wage_should_be(x, month, &i.wage))
                rc = assessor_line(a, scheme, i.wage, &i.now, err);
        if (rc < 0)
                return rc;
        i.pool = pool;
        if (due_none(&i.old) && due_none(&i.now))
                return 0;
        x->items[x->item_count++] = i;
        return 0;
}

static int month_items(struct adjusting *x, month_t month, struct error *err)
{
        struct assessor a;
        int rc = assessor_open(&a, x->call, x->employer.territory, month, err);

        if (rc < 0)
                return rc;
        rc = assessor_due_day(&a, &x->due_original[month - adjust_first(x)], err);
        for (size_t s = 0; rc == 0 && s < a.scheme_count; s++)
                if (x->scheme[0] == '\0' || strcmp(x->scheme, a.schemes[s].pool.scheme) == 0)
                        rc = item_add(x, &a, s, month, err);
        assessor_close(&a);
        return rc;
}

static int items_make(struct adjusting *x, struct error *err)
{
        size_t most = ((size_t)(adjust_last(x) - adjust_first(x)) + 1) * SCHEMES_MAX;
        int rc = 0;

        free(x->items);
        x->item_count = 0;
        x->items = calloc(most, sizeof *x->items);
        if (x->items == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (month_t m = adjust_first(x); rc == 0 && m <= adjust_last(x); m++)
                if (month_asked(x, m))
                        rc = month_items(x, m, err);
        return rc;
}

/* What was read before (or was made by the adjustment that is taken back) stands still, or somebody corrected it since. */
static int items_check(struct adjusting *x, struct error *err)
{
        char month[16];

        for (size_t i = 0; i < x->item_count; i++) {
                struct adjust_item *item = &x->items[i];
                struct due stands = standing(x, item, &item->pool);
                if (!due_same(&stands, &item->old))
                        return error_raise(err, SB_ADJUST_CHANGED, "%s|%s", item->scheme, month_text(item->month, month));
        }
        return 0;
}

int adjust_again(struct tx *tx, struct adjusting *x, struct error *err)
{
        int rc = adjust_stand(tx, x, err);

        if (rc < 0 || x->kind == ADJUST_SUSPENSE)
                return rc;
        rc = items_check(x, err);
        return rc ? rc : adjust_plan(x, err);
}

static int reversal_dues(struct adjusting *x, struct error *err)
{
        int rc = 0;

        for (month_t m = x->from; rc == 0 && x->item_count > 0 && m <= x->to; m++) {
                struct assessor a;
                rc = assessor_open(&a, x->call, x->employer.territory, m, err);
                if (rc < 0)
                        return rc;
                rc = assessor_due_day(&a, &x->due_original[m - x->from], err);
                assessor_close(&a);
        }
        return rc;
}

/* Months that the application takes for assessed are; those that it takes for missing are not. */
static int application_check(const struct adjusting *x, struct error *err)
{
        char month[16];

        for (month_t m = x->from; m <= x->to && x->kind != ADJUST_REVERSE; m++) {
                bool found = false;
                for (size_t i = 0; i < x->item_count; i++)
                        found |= x->items[i].month == m && !due_none(&x->items[i].old);
                if (found != (x->kind != ADJUST_MISSING)) {
                        error_raise(err, found ? SB_ADJUST_ASSESSED : SB_ADJUST_NOT_ASSESSED, "%s", month_text(m, month));
                        return error_where(err, "from_month");
                }
        }
        for (size_t i = 0; i < x->item_count && x->kind == ADJUST_MOVED; i++) {
                const struct adjust_item *to = &x->items[i];
                if ((to->month < x->from || to->month > x->to) && !due_none(&to->old)) {
                        error_raise(err, SB_ADJUST_ASSESSED, "%s", month_text(to->month, month));
                        return error_where(err, "right_month");
                }
        }
        return 0;
}

/* --- the difference ---------------------------------------------------------------------------------------------------------------- */

static void item_difference(struct adjust_item *i)
{
        struct due difference = due_minus(&i->now, &i->old), back = due_minus(&i->old, &i->now);

        i->more = i->less = (struct due){0};
        if (due_positive(&difference)) {
                i->more = difference;
        } else if (due_positive(&back)) {
                i->less = back;
        } else {
                i->more = i->now;
                i->less = i->old;
        }
}

static struct adjust_touched *touched_of(struct adjusting *x, const struct adjust_share *s)
{
        for (size_t i = 0; i < x->touched_count; i++)
                if (x->touched[i].assessment == s->assessment)
                        return &x->touched[i];
        struct adjust_touched *t = &x->touched[x->touched_count++];
        *t = (struct adjust_touched){.assessment = s->assessment,
                                     .pool = s->pool,
                                     .month = s->month,
                                     .paid = s->paid,
                                     .supplement = s->supplement,
                                     .received = s->received,
                                     .owed = s->owed};
        text_copy(t->scheme, sizeof t->scheme, str_from(s->scheme));
        return t;
}

/* From the newest assessment of the month to the oldest. */
static int item_take(struct adjusting *x, size_t item, struct error *err)
{
        struct due rest = x->items[item].less;

        for (size_t k = 0; k < x->share_count && !due_none(&rest); k++) {
                const struct adjust_share *s = &x->shares[k];
                struct due part = due_least(&rest, &s->due);
                if (!of_item(s, &x->items[item]) || due_none(&part))
                        continue;
                struct adjust_touched *t = touched_of(x, s);
                t->reduced += part.employer + part.person;
                t->own += part.person;
                x->takes[x->take_count++] = (struct adjust_take){
                    .assessment = s->assessment, .person = s->person, .item = item, .due = part, .paid = s->paid};
                x->account += s->paid ? part.account : 0;
                rest = due_minus(&rest, &part);
        }
        return due_none(&rest) ? 0 : error_raise(err, SB_INTERNAL, "%s", "adjustment");
}

static int add(fen_t *sum, fen_t amount, struct error *err)
{
        return money_add(*sum, amount, sum)
                   ? 0
                   : error_raise(err, SB_OVERFLOW, "%s", ERROR_BOTH("the total of an adjustment", "调整合计"));
}

static void touched_settle(struct adjusting *x)
{
        for (size_t i = 0; i < x->touched_count; i++) {
                struct adjust_touched *t = &x->touched[i];
                t->excess = t->received - (t->owed - t->reduced);
                t->excess = t->excess > 0 ? t->excess : 0;
                t->own_excess = least(t->own, t->excess);
                x->excess += t->excess;
                x->reduced += t->reduced;
        }
}

int adjust_plan(struct adjusting *x, struct error *err)
{
        int rc = 0;

        free(x->takes);
        free(x->touched);
        x->take_count = x->touched_count = 0;
        x->supplement = x->reduced = x->excess = x->account = 0;
        x->takes = calloc(x->share_count + 1, sizeof *x->takes);
        x->touched = calloc(x->share_count + 1, sizeof *x->touched);
        if (x->takes == NULL || x->touched == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; rc == 0 && i < x->item_count; i++) {
                item_difference(&x->items[i]);
                rc = add(&x->supplement, x->items[i].more.employer + x->items[i].more.person, err);
                rc = rc ? rc : item_take(x, i, err);
        }
        if (rc == 0)
                touched_settle(x);
        return rc;
}

int adjust_targets(struct adjusting *x, struct error *err)
{
        struct assessor now;
        int rc = 0;

        if (x->kind == ADJUST_SUSPENSE)
                return 0;
        if (x->kind == ADJUST_REVERSE)
                rc = reversal_dues(x, err);
        else
                rc = items_make(x, err);
        rc = rc ? rc : application_check(x, err);
        rc = rc ? rc : assessor_open(&now, x->call, x->employer.territory, month_of(clock_today(x->call->house->clock)), err);
        if (rc < 0)
                return rc;
        rc = assessor_due_day(&now, &x->due_now, err);
        x->pack = *pack_hash(now.schemes[0].pack);
        assessor_close(&now);
        if (rc == 0 && x->kind == ADJUST_REVERSE)
                rc = items_check(x, err);
        return rc ? rc : adjust_plan(x, err);
}

day_t adjust_due(const struct adjusting *x, const json_t *result, month_t month)
{
        return strcmp(json_text(result, "due"), "original") == 0 ? x->due_original[month - adjust_first(x)] : x->due_now;
}
