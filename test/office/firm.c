/* SPDX-License-Identifier: Apache-2.0 */
#include "office/firm.h"

#include <string.h>

const char *const FIRM_WAGES[FIRM_WORKERS] = {"1.00", "8000.33", "99999.99"};
const fen_t FIRM_ACCOUNT[FIRM_WORKERS] = {33296, 64003, 166464};
const fen_t FIRM_DUE = 1127585;

struct firm firm_new(void **state)
{
        static const char *const names[FIRM_WORKERS] = {"王小明", "李䶮", "欧阳海"};
        struct firm f = {.town = town_founded(*(enum test_engine *)*state)};
        char first[24];

        if (f.town == NULL)
                skip();
        f.id = town_employer(f.town, "云城第一机械厂", "91990101MA0000001", "990101");
        for (int i = 0; i < FIRM_WORKERS; i++) {
                f.workers[i] =
                    town_person(f.town, names[i], text_format(first, sizeof first, "990101198001%02d111", i + 1), "male");
                town_employ(f.town, f.workers[i], f.id, day_from(2010, 1, 1));
        }
        return f;
}

json_t *firm_declaration(const struct firm *f, const char *month, int from, int count)
{
        json_t *lines = json_array();

        for (int i = from; i < from + count; i++)
                json_array_append_new(lines,
                                      json_pack("{s:I,s:s}", "person", (json_int_t)f->workers[i], "wage", FIRM_WAGES[i]));
        return json_pack("{s:I,s:s,s:s,s:o}", "employer", (json_int_t)f->id, "month", month, "channel", "form", "lines", lines);
}

int64_t firm_declare(const struct firm *f, const char *month, int from, int count)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "contribution.declare", firm_declaration(f, month, from, count), &out), SB_OK);
        int64_t instance = town_whole(out, "case");
        json_decref(out);
        town_work(f->town);
        return instance;
}

void firm_decided(const struct firm *f, int64_t instance)
{
        for (int64_t staff = 2; staff <= 3; staff++)
                if (town_ask(f->town,
                             "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open' AND node <> 'serve'",
                             instance) == 1)
                        assert_int_equal(town_decide(f->town, instance, staff, "approve"), SB_OK);
}

void firm_assess(const struct firm *f, const char *month, int from, int count)
{
        int64_t instance = firm_declare(f, month, from, count);

        firm_decided(f, instance);
        firm_decided(
            f, town_ask(f->town,
                        "SELECT j.id FROM process_instance i JOIN process_instance j ON j.process = 'P07' AND j.subject = "
                        "i.subject AND j.subject_kind = i.subject_kind WHERE i.id = ?1@int",
                        instance));
        assert_int_equal(town_ask(f->town,
                                  "SELECT COUNT(*) FROM declaration d JOIN process_instance i ON i.subject = d.id WHERE i.id = "
                                  "?1@int AND d.state IN ('assessed', 'paid')",
                                  instance),
                         1);
}

json_t *firm_receive(const struct firm *f, const char *amount, const char *reference)
{
        json_t *out = NULL;

        assert_int_equal(
            town_call(f->town, "contribution.receive",
                      json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)f->id, "amount", amount, "bank_ref", reference), &out),
            SB_OK);
        assert_string_equal(json_string_value(json_object_get(out, "state")), "checking");
        int64_t instance = town_whole(out, "case"), receipt = town_whole(out, "id");
        assert_int_equal(town_money(out, "allocated"), 0);
        assert_int_equal(town_decide(f->town, instance, 1, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_decide(f->town, instance, 2, "approve"), SB_OK);
        if (town_ask(f->town, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open' AND node = 'approve'",
                     instance) == 1) {
                assert_int_equal(town_decide(f->town, instance, 2, "approve"), SB_CASE_FOUR_EYES);
                assert_int_equal(town_decide(f->town, instance, 3, "approve"), SB_OK);
        }
        json_decref(out);
        assert_int_equal(
            town_call(f->town, "contribution.receipt_get", json_pack("{s:I}", "receipt", (json_int_t)receipt), &out), SB_OK);
        return out;
}

fen_t firm_book(const struct firm *f, enum ledger_kind kind)
{
        return town_ask(f->town, "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM ledger_posting WHERE kind = ?1@int",
                        kind);
}

fen_t firm_balance(const struct firm *f, int worker)
{
        return town_ask(f->town, "SELECT balance_fen FROM personal_account WHERE scheme = 'EP' AND person = ?1@int",
                        f->workers[worker]);
}

enum error_code firm_reverse(const struct firm *f, int64_t staff, const char *last)
{
        json_t *in = json_pack("{s:I,s:s}", "transaction", (json_int_t)town_count(f->town, last), "reason", "entered twice");

        return town_call_as(f->town, staff, ROLE_APPROVER, "", "ledger.transaction_reverse", in, NULL);
}
