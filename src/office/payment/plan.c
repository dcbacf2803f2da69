/* SPDX-License-Identifier: Apache-2.0 */
#include "office/payment/plan.h"

#include <assert.h>
#include <string.h>

static const struct award_stop *stop_in(const struct plan_input *in, month_t m)
{
        for (size_t i = 0; i < in->stop_count; i++)
                if (in->stops[i].holds && in->stops[i].from <= m && m < in->stops[i].to)
                        return &in->stops[i];
        return NULL;
}

/* Months of [from, to) that no stop holds. */
static int64_t payable_months(const struct plan_input *in, month_t from, month_t to)
{
        int64_t n = 0;

        if (in->stop_count == 0)
                return to > from ? to - from : 0;
        for (month_t m = from; m < to; m++)
                n += stop_in(in, m) == NULL;
        return n;
}

static const char *why_not(const struct plan_input *in, month_t end)
{
        const struct award_seen *a = in->award;

        if (in->month >= end)
                return end < a->to ? "death" : "ended";
        if (a->elder)
                return "duplicate";
        if (stop_in(in, in->month))
                return stop_in(in, in->month)->reason;
        return a->payee ? NULL : "no_account";
}

/* The personal account bears its part until it is exhausted, then the fund pays: 国发〔2005〕38号. */
static int split(struct plan *out, const struct award_seen *a, struct error *err)
{
        fen_t part = 0;

        if (!money_scale(out->amount, a->account_month, a->total, ROUND_HALF_UP, &part))
                return error_raise(err, SB_OVERFLOW, "%lld", (long long)out->amount);
        out->account = part < a->balance ? part : a->balance;
        if (out->account < 0)
                out->account = 0;
        out->fund = out->amount - out->account;
        assert(out->account >= 0 && out->fund >= 0 && out->account + out->fund == out->amount);
        return 0;
}

int plan_make(struct plan *out, const struct plan_input *in, struct error *err)
{
        const struct award_seen *a = in->award;
        month_t from = a->from > in->count_from ? a->from : in->count_from;
        month_t end = a->to; /* first month that is not payable: the month of death still is */
        fen_t entitled, current, due;

        *out = (struct plan){.reason = ""};
        assert(a->total > 0 && a->account_month >= 0 && a->account_month <= a->total);
        if (a->death < DAY_END && month_of(a->death) + 1 < end)
                end = month_of(a->death) + 1;
        if (a->from > in->month || a->to < in->month || a->to <= a->from)
                return 0;
        out->listed = true;
        out->reason = why_not(in, end);
        if (out->reason)
                return 0;
        current = in->month >= from ? a->total : 0;
        if (__builtin_mul_overflow(a->total, payable_months(in, from, in->month + 1), &entitled) ||
            !money_sub(entitled, in->paid_before, &due) || !money_sub(due, in->paid_now, &due))
                return error_raise(err, SB_OVERFLOW, "%lld", (long long)a->total);
        if (in->paid_now == 0 && due < current)
                due = current;
        if (due <= 0) {
                out->reason = "paid";
                return 0;
        }
        out->due = true;
        out->amount = due;
        out->months = (int)((due + a->total - 1) / a->total);
        out->reason = in->returned ? "repaid" : due > a->total || in->paid_now > 0 ? "arrears" : "";
        return split(out, a, err);
}
