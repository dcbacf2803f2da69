/* SPDX-License-Identifier: Apache-2.0
 *
 * Two records of one person on both databases: found by birth and name, merged by two members of staff, un-merged as if it had not been; no month, no
 * fen and no employment is lost on the way, in any order.
 */
#include "office/town.h"

#include "base/rng.h"

#include <string.h>

enum { CLERK = 2, REVIEWER = 3 };

struct two {
        struct town *town;
        int64_t kept, gone, employer;
};

#define FIRST "99010119661101001"
#define SECOND "99010119661101003"
#define MONTHS                                                                                                                 \
        "SELECT CAST(COALESCE(SUM(month_to - month_from), 0) AS @int) FROM contribution WHERE person = ?1@int AND known_to = " \
        "253402214400000000"
#define SPELLS "SELECT COUNT(*) FROM employment WHERE person = ?1@int AND known_to = 253402214400000000"
#define BALANCE "SELECT CAST(COALESCE(SUM(balance_fen), 0) AS @int) FROM personal_account WHERE person = ?1@int"

static struct two two_new(void **state, const char *from, const char *to)
{
        struct two w = {.town = town_founded(*(enum test_engine *)*state)};
        char csv[400], a[24], b[24];

        if (w.town == NULL)
                skip();
        w.kept = town_person(w.town, "王小明", FIRST, "male");
        w.gone = town_person(w.town, "王晓明", SECOND, "male");
        w.employer = town_employer(w.town, "云山机械厂", "91990100000000001", "990100");
        town_employ(w.town, w.gone, w.employer, day_from(2021, 1, 1));
        town_id(FIRST, a);
        town_id(SECOND, b);
        town_import(
            w.town, "contributions",
            text_format(csv, sizeof csv,
                        "id_number,scheme,from,to,base,kind\n%s,EP,2020-01,2020-12,6000.00,paid\n%s,EP,%s,%s,7000.00,paid\n", a,
                        b, from, to));
        town_import(w.town, "balances",
                    text_format(csv, sizeof csv, "id_number,scheme,balance\n%s,EP,1000.00\n%s,EP,250.07\n", a, b));
        return w;
}

static enum error_code pair(const struct two *w, const char *verb, int64_t *merge)
{
        json_t *out = NULL;
        enum error_code code = town_call_as(w->town, CLERK, ROLE_CLERK, "", verb,
                                            json_pack("{s:I,s:I,s:s}", "person", (json_int_t)w->kept, "other",
                                                      (json_int_t)w->gone, "reason", "身份证复印件一致"),
                                            &out);

        if (code == SB_OK)
                *merge = town_whole(out, "merge");
        json_decref(out);
        return code;
}

static enum error_code decide(const struct two *w, int64_t staff, int64_t merge, const char *decision)
{
        return town_call_as(w->town, staff, ROLE_REVIEWER, "", "merge.decide",
                            json_pack("{s:I,s:s,s:s}", "merge", (json_int_t)merge, "decision", decision, "note", "已核对"),
                            NULL);
}

static enum error_code undo(const struct two *w, int64_t merge)
{
        return town_call_as(w->town, REVIEWER, ROLE_REVIEWER, "", "merge.undo",
                            json_pack("{s:I,s:s}", "merge", (json_int_t)merge, "reason", "是两个不同的人"), NULL);
}

static int64_t merged(const struct two *w)
{
        int64_t merge = 0;

        assert_int_equal(pair(w, "merge.propose", &merge), SB_OK);
        assert_int_equal(decide(w, REVIEWER, merge, "approve"), SB_OK);
        return merge;
}

static size_t offered(struct town *t, json_t **first)
{
        json_t *out = NULL;
        char cursor[40] = "";
        size_t found = 0;

        do {
                json_t *in = cursor[0] ? json_pack("{s:s}", "cursor", cursor) : json_object();
                assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "merge.candidates", in, &out), SB_OK);
                json_t *items = json_object_get(out, "items");
                if (json_array_size(items) > 0 && first != NULL)
                        *first = json_incref(json_array_get(items, 0));
                found += json_array_size(items);
                text_copy(cursor, sizeof cursor,
                          str_from(json_is_string(json_object_get(out, "next"))
                                       ? json_string_value(json_object_get(out, "next"))
                                       : ""));
                json_decref(out);
        } while (cursor[0] != '\0');
        return found;
}

static void those_who_look_alike_are_offered(void **state)
{
        struct two w = two_new(state, "2021-01", "2021-12");
        json_t *one = NULL;
        int64_t merge = 0;

        town_person(w.town, "李红", "99010119661101005", "male");   /* born on the same day, called otherwise */
        town_person(w.town, "王小明", "99010119671101007", "male"); /* of the same name, born on another */
        assert_int_equal(offered(w.town, &one), 1);
        assert_string_equal(json_string_value(json_object_get(one, "alike")), "sound");
        assert_int_equal(town_whole(json_object_get(one, "first"), "id"), w.kept);
        assert_true(town_whole(one, "digits_apart") > 0);
        assert_non_null(strstr(json_string_value(json_object_get(json_object_get(one, "second"), "id_number")), "****"));
        json_decref(one);
        assert_int_equal(pair(&w, "merge.distinct", &merge), SB_OK);
        assert_int_equal(offered(w.town, NULL), 0);
        assert_int_equal(pair(&w, "merge.propose", &merge), SB_MERGE_STATE);
        assert_int_equal(undo(&w, merge), SB_OK);
        assert_int_equal(undo(&w, merge), SB_MERGE_STATE);
        assert_int_equal(offered(w.town, NULL), 1);
        town_audit(w.town);
        town_free(w.town);
}

/* Who is found under an identity number. */
static int64_t found(struct town *t, const char *first17)
{
        json_t *out = NULL;
        char id[24];

        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", town_id(first17, id)), &out), SB_OK);
        int64_t person = town_whole(json_array_get(json_object_get(out, "items"), 0), "id");
        json_decref(out);
        return person;
}

static void a_record_goes_into_another_and_comes_back(void **state)
{
        struct two w = two_new(state, "2021-01", "2021-12");
        struct town *t = w.town;
        json_t *out = NULL;
        int64_t merge = 0;

        assert_int_equal(town_call(t, "merge.preview",
                                   json_pack("{s:I,s:I}", "person", (json_int_t)w.kept, "other", (json_int_t)w.gone), &out),
                         SB_OK);
        assert_int_equal(town_whole(json_object_get(out, "gone"), "months"), 12);
        assert_int_equal(town_money(json_object_get(out, "gone"), "balance"), 25007);
        assert_int_equal(json_array_size(json_object_get(out, "against")), 0);
        json_decref(out);
        assert_int_equal(pair(&w, "merge.propose", &merge), SB_OK);
        assert_int_equal(pair(&w, "merge.propose", &merge), SB_MERGE_STATE);
        assert_int_equal(decide(&w, CLERK, merge, "approve"), SB_MERGE_FOUR_EYES);
        assert_int_equal(decide(&w, REVIEWER, merge, "approve"), SB_OK);
        assert_int_equal(decide(&w, REVIEWER, merge, "approve"), SB_MERGE_STATE);
        assert_int_equal(town_ask(t, MONTHS, w.kept), 24);
        assert_int_equal(town_ask(t, MONTHS, w.gone), 0);
        assert_int_equal(town_ask(t, BALANCE, w.kept), 125007);
        assert_int_equal(town_ask(t, BALANCE, w.gone), 0);
        assert_int_equal(town_ask(t, SPELLS, w.kept), 1);
        assert_int_equal(found(t, SECOND), w.kept);
        assert_int_equal(found(t, FIRST), w.kept);
        town_audit(t);
        assert_int_equal(town_call(t, "registry.employment_open",
                                   json_pack("{s:I,s:I,s:s}", "person", (json_int_t)w.gone, "employer", (json_int_t)w.employer,
                                             "from", "2026-01-01"),
                                   NULL),
                         SB_MERGE_GONE);
        assert_int_equal(town_call(t, "merge.list", json_pack("{s:I}", "person", (json_int_t)w.gone), &out), SB_OK);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "state")),
                            "merged");
        json_decref(out);
        assert_int_equal(undo(&w, merge), SB_OK);
        assert_int_equal(town_ask(t, MONTHS, w.kept), 12);
        assert_int_equal(town_ask(t, MONTHS, w.gone), 12);
        assert_int_equal(town_ask(t, BALANCE, w.kept), 100000);
        assert_int_equal(town_ask(t, BALANCE, w.gone), 25007);
        assert_int_equal(town_ask(t, SPELLS, w.gone), 1);
        assert_int_equal(found(t, SECOND), w.gone);
        town_audit(t);
        town_free(t);
}

static void what_stands_against_it_is_said(void **state)
{
        struct two w = two_new(state, "2020-12", "2021-11");
        json_t *out = NULL;
        int64_t merge = 0;

        assert_int_equal(pair(&w, "merge.propose", &merge), SB_MERGE_AGAINST);
        assert_int_equal(town_call(w.town, "merge.preview",
                                   json_pack("{s:I,s:I}", "person", (json_int_t)w.kept, "other", (json_int_t)w.gone), &out),
                         SB_OK);
        json_t *against = json_object_get(out, "against");
        assert_int_equal(json_array_size(against), 1);
        assert_string_equal(json_string_value(json_object_get(json_array_get(against, 0), "code")), "months");
        json_decref(out);
        w.gone = town_person(w.town, "王小明", "99010119661102005", "male"); /* born a day later */
        assert_int_equal(pair(&w, "merge.propose", &merge), SB_MERGE_AGAINST);
        w.gone = w.kept;
        assert_int_equal(pair(&w, "merge.propose", &merge), SB_FIELD_TYPE);
        assert_int_equal(decide(&w, REVIEWER, 99999999, "approve"), SB_MERGE);
        assert_int_equal(town_count(w.town, "SELECT COUNT(*) FROM person_merge"), 0);
        town_audit(w.town);
        town_free(w.town);
}

static void what_has_moved_on_is_not_taken_back(void **state)
{
        struct two w = two_new(state, "2021-01", "2021-12");
        int64_t merge = merged(&w);
        int64_t spell =
            town_ask(w.town, "SELECT id FROM employment WHERE person = ?1@int AND known_to = 253402214400000000", w.kept);

        assert_int_equal(
            town_call(w.town, "registry.employment_end",
                      json_pack("{s:I,s:s,s:s}", "employment", (json_int_t)spell, "to", "2026-10-31", "reason", "resigned"),
                      NULL),
            SB_OK);
        assert_int_equal(undo(&w, merge), SB_MERGE_MOVED);
        assert_int_equal(town_ask(w.town, MONTHS, w.kept), 24);
        assert_int_equal(town_ask(w.town, BALANCE, w.kept), 125007);
        town_audit(w.town);
        town_free(w.town);
}

/* Four records go into each other and come back in random order: what they have together stays what it is. */
static void nothing_is_lost_in_any_order(void **state)
{
        struct two w = two_new(state, "2021-01", "2021-12");
        struct town *t = w.town;
        int64_t people[4] = {w.kept, w.gone, town_person(t, "王小明", "99010119661101005", "male"),
                             town_person(t, "王小明", "99010119661101007", "male")};
        int64_t merges[40];
        int count = 0, done = 0, back = 0;

        struct rng rng = rng_new(20261130, 44);
        for (int i = 0; i < 40; i++) {
                int64_t merge = 0;
                if (count > 0 && rng_below(&rng, 2) == 0) {
                        back += undo(&w, merges[rng_below(&rng, (uint32_t)count)]) == SB_OK;
                } else {
                        w.kept = people[rng_below(&rng, 4)];
                        w.gone = people[rng_below(&rng, 4)];
                        if (w.kept != w.gone && pair(&w, "merge.propose", &merge) == SB_OK) {
                                done += decide(&w, REVIEWER, merge, "approve") == SB_OK;
                                merges[count++] = merge;
                        }
                }
                int64_t months = 0, spells = 0;
                fen_t money = 0;
                for (int k = 0; k < 4; k++) {
                        months += town_ask(t, MONTHS, people[k]);
                        spells += town_ask(t, SPELLS, people[k]);
                        money += town_ask(t, BALANCE, people[k]);
                }
                assert_int_equal(months, 24);
                assert_int_equal(spells, 1);
                assert_int_equal(money, 125007);
        }
        assert_true(done > 3 && back > 2);
        town_audit(t);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(those_who_look_alike_are_offered), TEST_ON_BOTH(a_record_goes_into_another_and_comes_back),
            TEST_ON_BOTH(what_stands_against_it_is_said),   TEST_ON_BOTH(what_has_moved_on_is_not_taken_back),
            TEST_ON_BOTH(nothing_is_lost_in_any_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
