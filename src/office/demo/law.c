/* SPDX-License-Identifier: Apache-2.0 */
#include "office/demo/internal.h"

#include <stdlib.h>
#include <string.h>

const char *const CATEGORY_WORDS[3] = {"male", "f55", "f50"};

#define BIRTH_FIRST 1930

/* A percentage or an amount with at most two decimals, as hundredths. */
static int hundredths(const struct pack *p, const char *key, const char *dims, day_t day, int64_t *out, struct error *err)
{
        const struct parameter *figure;
        int rc = pack_parameter(p, key, dims, day, &figure, err);

        return rc < 0 ? rc : money_parse(out, str_from(figure->value), err);
}

/* Years before the first figure take the first: nobody's account reaches back so far. */
static int by_year(struct law *l, const char *key, const char *dims, int64_t *out, struct error *err)
{
        int first = -1, rc = 0;

        for (int y = 0; rc == 0 && LAW_FIRST + y <= l->last; y++) {
                struct error none = {0};
                rc = hundredths(l->pack, key, dims, day_from(LAW_FIRST + y, 1, 1), &out[y], &none);
                if (rc < 0 && none.code == SB_PARAMETER_MISSING) {
                        out[y] = y > 0 ? out[y - 1] : 0;
                        rc = 0;
                } else if (rc < 0) {
                        if (err != NULL)
                                *err = none;
                } else if (first < 0) {
                        first = y;
                }
        }
        for (int y = 0; rc == 0 && y < first; y++)
                out[y] = out[first];
        if (rc == 0 && first < 0)
                rc = error_raise(err, SB_DEMO_STEP, "%s", key);
        return rc;
}

int law_read(struct law *l, struct pack *pack, day_t today, struct error *err)
{
        const struct parameter *start;
        int month, day;

        memset(l, 0, sizeof *l);
        l->pack = pack;
        l->today = today;
        day_split(today, &l->last, &month, &day);
        if (l->last - LAW_FIRST >= LAW_YEARS)
                return error_raise(err, SB_DEMO_STEP, "%s", "today");
        int rc = by_year(l, "index_wage", "", l->wage, err);
        if (rc == 0)
                rc = by_year(l, "account_rate", "scheme=EP", l->account_rate, err);
        if (rc == 0)
                rc = by_year(l, "account_interest", "scheme=EP", l->interest, err);
        if (rc == 0)
                rc = hundredths(pack, "base_floor_ratio", "", today, &l->floor, err);
        if (rc == 0)
                rc = hundredths(pack, "base_ceiling_ratio", "", today, &l->ceiling, err);
        if (rc == 0)
                rc = pack_parameter(pack, "account_start", "", today, &start, err);
        return rc < 0 ? rc : month_parse(&l->account_start, str_from(start->value), err);
}

fen_t law_wage(const struct law *l, int year)
{
        int y = year < LAW_FIRST ? 0 : year > l->last ? l->last - LAW_FIRST : year - LAW_FIRST;

        return l->wage[y];
}

static int retirement_ask(struct law *l, enum category c, day_t birth, month_t *out, struct error *err)
{
        char text[16];
        json_t *in = json_pack("{s:s,s:s}", "birth", day_text(birth, text), "category", CATEGORY_WORDS[c]);
        json_t *result = NULL;
        int rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                            : pack_decide(l->pack, "retirement", "retirement", l->today, in, &result, NULL, err);

        if (rc == 0) {
                const char *month = json_string_value(json_object_get(result, "month"));
                rc =
                    month == NULL ? error_raise(err, SB_DEMO_STEP, "%s", "retirement") : month_parse(out, str_from(month), err);
        }
        json_decref(in);
        json_decref(result);
        return rc;
}

int law_retirement(struct law *l, enum category c, day_t birth, month_t *out, struct error *err)
{
        month_t born = month_of(birth) - month_from(BIRTH_FIRST, 1);
        int rc = 0;

        if (born < 0 || born >= 1200)
                return retirement_ask(l, c, birth, out, err);
        month_t *known = &l->retirement[c].month[born];
        if (*known == 0)
                rc = retirement_ask(l, c, birth, known, err);
        *out = *known;
        return rc;
}

int law_divisor(const struct law *l, int age, int64_t *out, struct error *err)
{
        const struct parameter *figure;
        char dims[24];
        int rc = pack_parameter(l->pack, "divisor", text_format(dims, sizeof dims, "age=%d", age), l->today, &figure, err);

        if (rc == 0 && !text_to_int(str_from(figure->value), out))
                rc = error_raise(err, SB_DEMO_STEP, "%s", "divisor");
        return rc;
}
