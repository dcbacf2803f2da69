/* SPDX-License-Identifier: Apache-2.0
 *
 * What an account earns in a year, asked of the pack.
 */
#include "office/account/account.h"

#include "office/json.h"
#include "pack/pack.h"

static json_t *deposits_json(const struct interest_basis *b)
{
        json_t *list = json_array();
        char amount[24];

        for (int m = 0; m < 12; m++)
                if (b->deposits[m] != 0)
                        json_array_append_new(
                            list, json_pack("{s:i,s:s}", "month", m + 1, "amount", money_text(b->deposits[m], amount)));
        return list;
}

int interest_decide(struct pack *pack, const char *scheme, int64_t year, const struct interest_basis *b,
                    struct interest_earned *out, json_t **deposits, struct error *err)
{
        day_t law = month_first((month_t)(year * 12));
        char day[16], opening[24];
        json_t *result = NULL, *list = deposits_json(b);
        json_t *inputs = json_pack("{s:s,s:s,s:s,s:O}", "day", day_text(law, day), "scheme", scheme, "opening",
                                   money_text(b->opening, opening), "deposits", list);
        int rc = inputs == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                : pack_decide(pack, "account", "interest", law, inputs, &result, NULL, err);

        if (rc == 0)
                rc = pack_result_money(result, "interest", &out->interest, err);
        if (rc == 0)
                rc = pack_result_money(result, "closing", &out->closing, err);
        const json_t *rate = json_object_get(result, "rate");
        if (json_is_integer(rate))
                text_format(out->rate, sizeof out->rate, "%lld", (long long)json_integer_value(rate));
        else
                text_copy(out->rate, sizeof out->rate, str_from(json_text(result, "rate")));
        if (deposits != NULL && rc == 0) {
                *deposits = list;
                list = NULL;
        }
        json_decref(list);
        json_decref(inputs);
        json_decref(result);
        return rc;
}
