/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages with partners on both databases, under the demonstration's law: each number once and in its order, what is corrupt is refused with
 * its line, what is missing is asked for again, silence raises an alarm; money that a message tells of is booked once.
 */
#include "office/firm.h"

#include "support/cairo_leak.h"

#include <string.h>

static struct actor machine_of(struct town *t, const char *office)
{
        return (struct actor){.staff = 77, .office = town_office(t, office), .roles = ROLE_PARTNER, .lang = LANG_EN};
}

static enum error_code deliver_as(struct town *t, const struct actor *who, const char *feed, int64_t sequence,
                                  const char *bytes, json_t *more, json_t **out)
{
        json_t *in = json_pack("{s:s,s:I}", "feed", feed, "sequence", (json_int_t)sequence);

        if (more != NULL)
                json_object_update(in, more);
        json_decref(more);
        return town_call_at(t, who, "exchange.deliver", in, str_from(bytes), out, NULL);
}

/* Delivered by the tax bureau; the state in which it is now, and the code why not. */
static void deliver(struct town *t, int64_t sequence, const char *bytes, const char *state, const char *code)
{
        struct actor tax = machine_of(t, "YS-SW-01");
        json_t *out = NULL;

        assert_int_equal(deliver_as(t, &tax, "tax.receipts", sequence, bytes, NULL, &out), SB_OK);
        assert_string_equal(json_string_value(json_object_get(out, "state")), state);
        assert_string_equal(json_text(out, "code"), code);
        json_decref(out);
}

/* A message of one receipt. */
static const char *receipt_text(char out[400], const char *reference, const char *uscc, fen_t fen)
{
        return text_format(out, 400, "H|\nD|%s|%s|202511|%lld|20251220\nT|1|%lld\n", reference, uscc, (long long)fen,
                           (long long)fen);
}

static int64_t alarms(struct town *t, const char *kind)
{
        json_t *out = NULL, *feed, *alarm;
        int64_t n = 0;
        size_t i, k;

        assert_int_equal(town_call(t, "exchange.feeds", json_object(), &out), SB_OK);
        json_array_foreach(json_object_get(out, "items"), i, feed)
        {
                json_array_foreach(json_object_get(feed, "alarms"), k, alarm) n += strcmp(json_text(alarm, "kind"), kind) == 0;
        }
        json_decref(out);
        return n;
}

static json_t *status(struct town *t, const char *feed)
{
        struct actor tax = machine_of(t, "YS-SW-01");
        json_t *out = NULL;

        assert_int_equal(
            town_call_at(t, &tax, "exchange.status", json_pack("{s:s}", "feed", feed), (struct str){0}, &out, NULL), SB_OK);
        return out;
}

static void each_number_counts_once_and_in_order(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char uscc[24], one[400], two[400], three[400], other[400];

        town_uscc("91990101MA0000001", uscc);
        receipt_text(one, "SW-1", uscc, 100);
        receipt_text(two, "SW-2", uscc, 200);
        receipt_text(three, "SW-3", uscc, 300);
        receipt_text(other, "SW-9", uscc, 900);
        deliver(t, 1, one, "applied", "");
        deliver(t, 1, one, "applied", ""); /* again: nothing more */
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM receipt"), 1);
        assert_int_equal(town_count(t, "SELECT repeated FROM exchange_batch"), 1);
        deliver(t, 1, other, "refused", "SB-0925");
        assert_int_equal(alarms(t, "content"), 1);
        deliver(t, 3, three, "held", "");
        deliver(t, 3, three, "held", "");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM receipt"), 1);
        assert_int_equal(alarms(t, "gap"), 1);
        json_t *s = status(t, "tax.receipts");
        assert_int_equal(town_whole(s, "next"), 2);
        assert_int_equal(json_array_size(json_object_get(s, "missing")), 1);
        assert_int_equal(json_integer_value(json_array_get(json_object_get(s, "missing"), 0)), 2);
        json_decref(s);
        deliver(t, 2, two, "applied", ""); /* and the third behind it */
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM receipt"), 3);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_batch WHERE state = 'applied'"), 3);
        assert_int_equal(alarms(t, "gap"), 0);
        s = status(t, "tax.receipts");
        assert_int_equal(town_whole(s, "next"), 4);
        assert_int_equal(json_array_size(json_object_get(s, "missing")), 0);
        json_decref(s);
        struct actor tax = machine_of(t, "YS-SW-01");
        assert_int_equal(deliver_as(t, &tax, "tax.receipts", 204, one, NULL, NULL), SB_EXCHANGE_AHEAD);
        assert_int_equal(firm_book(&f, LEDGER_BANK), 600);
        assert_int_equal(town_call(t, "exchange.alarm_close",
                                   json_pack("{s:I,s:s}", "alarm",
                                             (json_int_t)town_count(t, "SELECT id FROM "
                                                                       "exchange_alarm WHERE closed_at = 0"),
                                             "note", "asked by telephone"),
                                   NULL),
                         SB_OK);
        assert_int_equal(alarms(t, "content"), 0);
        town_audit(t);
        town_free(t);
}

static void what_is_corrupt_is_refused_with_its_line(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        struct actor tax = machine_of(t, "YS-SW-01");
        char uscc[24], good[400], hex[65];
        json_t *out = NULL;

        town_uscc("91990101MA0000001", uscc);
        receipt_text(good, "SW-1", uscc, 12345);
        struct hash hash = hash_of(good, strlen(good));
        deliver(t, 1, "H|\nD|SW-1|x|202513|12345|20251220\nT|1|12345\n", "refused", "SB-0249");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_batch WHERE place = '2:4'"), 1);
        deliver(t, 1, "H|\nD|SW-1|x|202512|12345|20251220\nT|1|12346\n", "refused", "SB-0254");
        deliver(t, 1, "", "refused", "SB-0253");
        assert_int_equal(alarms(t, "refused"), 1);
        /* What the sender says of it is not so. */
        assert_int_equal(deliver_as(t, &tax, "tax.receipts", 1, good, json_pack("{s:i}", "lines", 2), &out), SB_OK);
        assert_string_equal(json_text(out, "code"), "SB-0924");
        json_decref(out);
        assert_int_equal(deliver_as(t, &tax, "tax.receipts", 1, good, json_pack("{s:s}", "sum", "123.46"), &out), SB_OK);
        assert_string_equal(json_text(out, "code"), "SB-0924");
        json_decref(out);
        good[10] ^= 1;
        assert_int_equal(deliver_as(t, &tax, "tax.receipts", 1, good, json_pack("{s:s}", "hash", hash_hex(&hash, hex)), &out),
                         SB_OK);
        assert_string_equal(json_text(out, "code"), "SB-0923");
        json_decref(out);
        good[10] ^= 1;
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM receipt"), 0);
        /* The number is still free. */
        assert_int_equal(deliver_as(t, &tax, "tax.receipts", 1, good,
                                    json_pack("{s:s,s:s,s:i}", "hash", hex, "sum", "123.45", "lines", 1), &out),
                         SB_OK);
        assert_string_equal(json_text(out, "state"), "applied");
        json_decref(out);
        assert_int_equal(alarms(t, "refused"), 0);
        assert_int_equal(town_count(t, "SELECT MAX(attempt) FROM exchange_batch"), 6);
        /* Who asks why is told each fault. */
        int64_t first = town_count(t, "SELECT id FROM exchange_batch WHERE attempt = 1");
        assert_int_equal(town_call(t, "exchange.batch_get", json_pack("{s:I}", "batch", (json_int_t)first), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "faults")), 1);
        json_decref(out);
        town_free(t);
}

static void money_is_booked_once_and_what_is_open_is_tried_again(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        char uscc[24], strange[24], text[600];
        json_t *out = NULL;

        town_uscc("91990101MA0000001", uscc);
        town_uscc("91990101MA0000077", strange);
        json_decref(firm_receive(&f, "5.00", "SW-5")); /* at the counter, before the message tells of it */
        text_format(text, sizeof text,
                    "H|\nD|SW-5|%s|202511|500|20251220\nD|SW-6|%s|202511|600|20251220\nD|SW-7|%s|202511|700|20251220\n"
                    "T|3|1800\n",
                    uscc, uscc, strange);
        deliver(t, 1, text, "applied", "");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM receipt"), 2);
        assert_int_equal(firm_book(&f, LEDGER_BANK), 1100);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_line WHERE state = 'open' AND code = 931"), 1);
        /* The same reference with another amount. */
        deliver(t, 2, "H|\nD|SW-6|91990101MA00000011|202511|601|20251220\nT|1|601\n", "applied", "");
        assert_int_equal(alarms(t, "reference"), 1);
        assert_int_equal(town_call(t, "exchange.day", json_object(), &out), SB_OK);
        json_decref(out);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_difference WHERE kind = 'not_booked'"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_difference WHERE kind = 'treasury_missing'"), 3);
        int64_t late = town_employer(t, "云城第七纺织厂", "91990101MA0000077", "990101");
        int64_t batch = town_count(t, "SELECT id FROM exchange_batch WHERE sequence = 1");
        for (int i = 0; i < 2; i++)
                assert_int_equal(town_call(t, "exchange.replay", json_pack("{s:I}", "batch", (json_int_t)batch), NULL), SB_OK);
        assert_int_equal(town_ask(t, "SELECT amount_fen FROM receipt WHERE employer = ?1@int", late), 700);
        assert_int_equal(firm_book(&f, LEDGER_BANK), 1800);
        clock_advance(t->house.clock, (instant_t)86400 * 1000000);
        assert_int_equal(town_call(t, "exchange.day", json_object(), NULL), SB_OK);
        assert_int_equal(
            town_count(t, "SELECT COUNT(*) FROM exchange_difference WHERE kind = 'not_booked' AND until = since + 1"), 1);
        assert_int_equal(town_call(t, "exchange.batch_get", json_pack("{s:I}", "batch", (json_int_t)batch), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 3);
        assert_string_equal(json_text(json_object_get(json_array_get(json_object_get(out, "items"), 1), "values"), "reference"),
                            "SW-6");
        json_decref(out);
        town_audit(t);
        town_free(t);
}

static void what_goes_out_waits_until_it_is_acknowledged(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        struct actor tax = machine_of(t, "YS-SW-01");
        struct buf file = {0};

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        assert_int_equal(town_call(t, "exchange.day", json_object(), NULL), SB_OK);
        json_t *s = status(t, "tax.assessments"), *w = json_array_get(json_object_get(s, "waiting"), 0);
        assert_int_equal(town_whole(w, "lines"), 5);
        assert_int_equal(town_money(w, "sum"), FIRM_DUE);
        assert_int_equal(town_call_at(t, &tax, "exchange.file",
                                      json_pack("{s:s,s:i}", "feed", "tax.assessments", "sequence", 1), (struct str){0}, NULL,
                                      &file),
                         SB_OK);
        char hex[65];
        struct hash hash = hash_of(file.p, file.n);
        assert_string_equal(json_text(w, "hash"), hash_hex(&hash, hex));
        buf_dispose(&file);
        json_decref(s);
        /* Refused by the partner, offered again, taken. */
        const char *verb = "exchange.acknowledge";
        for (int i = 0; i < 2; i++)
                assert_int_equal(town_call_at(t, &tax, verb,
                                              json_pack("{s:s,s:i,s:b,s:s}", "feed", "tax.assessments", "sequence", 1,
                                                        "accepted", 0, "note", "unknown scheme"),
                                              (struct str){0}, NULL, NULL),
                                 SB_OK);
        assert_int_equal(alarms(t, "rejected"), 1);
        int64_t batch = town_count(t, "SELECT id FROM exchange_batch WHERE feed = 'tax.assessments'");
        assert_int_equal(town_call(t, "exchange.replay", json_pack("{s:I}", "batch", (json_int_t)batch), NULL), SB_OK);
        for (int i = 0; i < 2; i++)
                assert_int_equal(
                    town_call_at(t, &tax, verb,
                                 json_pack("{s:s,s:i,s:b}", "feed", "tax.assessments", "sequence", 1, "accepted", 1),
                                 (struct str){0}, NULL, NULL),
                    SB_OK);
        assert_int_equal(town_call_at(t, &tax, verb,
                                      json_pack("{s:s,s:i,s:b}", "feed", "tax.assessments", "sequence", 1, "accepted", 0),
                                      (struct str){0}, NULL, NULL),
                         SB_EXCHANGE_STATE);
        assert_int_equal(alarms(t, "rejected"), 0);
        /* Told once; what is assessed anew is told as the change that it is. */
        assert_int_equal(
            town_call_as(t, 1, ROLE_CLERK, "", "exchange.prepare", json_pack("{s:s}", "feed", "tax.assessments"), NULL), SB_OK);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_batch WHERE feed = 'tax.assessments'"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_batch WHERE feed = 'tax.registrations'"), 1);
        town_free(t);
}

static void who_may_what(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        struct actor tax = machine_of(t, "YS-SW-01"), clerk = {.staff = 1, .office = t->office, .roles = ROLE_CLERK};

        assert_int_equal(deliver_as(t, &tax, "civil_affairs.deaths", 1, "H|\nT|0\n", NULL, NULL), SB_CASE_OFFICE);
        assert_int_equal(deliver_as(t, &tax, "tax.assessments", 1, "H|\nT|0\n", NULL, NULL), SB_EXCHANGE_DIRECTION);
        assert_int_equal(deliver_as(t, &tax, "tax.nothing", 1, "H|\nT|0\n", NULL, NULL), SB_EXCHANGE_FEED);
        assert_int_equal(deliver_as(t, &clerk, "tax.receipts", 1, "H|\nT|0|0\n", NULL, NULL), SB_CASE_ROLE);
        assert_int_equal(town_call_at(t, &tax, "exchange.feeds", json_object(), (struct str){0}, NULL, NULL), SB_CASE_ROLE);
        assert_int_equal(town_call_at(t, &tax, "registry.person_get", json_pack("{s:I}", "person", (json_int_t)f.workers[0]),
                                      (struct str){0}, NULL, NULL),
                         SB_CASE_ROLE);
        town_free(t);
}

static void silence_raises_an_alarm(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;

        for (int day = 0; day < 5; day++) {
                assert_int_equal(town_call(t, "exchange.day", json_object(), NULL), SB_OK);
                assert_int_equal(alarms(t, "silent"), day < 4 ? 0 : town_count(t, "SELECT COUNT(*) FROM exchange_alarm"));
                clock_advance(t->house.clock, (instant_t)86400 * 1000000);
        }
        int64_t silent = alarms(t, "silent");
        assert_true(silent >= 4);
        deliver(t, 1, "H|\nT|0|0\n", "applied", ""); /* nothing came in: that is a word too */
        assert_int_equal(alarms(t, "silent"), silent - 1);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(each_number_counts_once_and_in_order),
            TEST_ON_BOTH(what_is_corrupt_is_refused_with_its_line),
            TEST_ON_BOTH(money_is_booked_once_and_what_is_open_is_tried_again),
            TEST_ON_BOTH(what_goes_out_waits_until_it_is_acknowledged),
            TEST_ON_BOTH(who_may_what),
            TEST_ON_BOTH(silence_raises_an_alarm),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
