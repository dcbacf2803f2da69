/* SPDX-License-Identifier: Apache-2.0
 *
 * What partners tell of people, on both databases: matched by the rule of the feed, looked at, told, heard and decided by another; no benefit is
 * held before, and the same thing told twice is asked once.
 */
#include "office/payments.h"

#include <string.h>

enum { CLERK = 2, REVIEWER = 3 };

static struct actor machine(struct town *t, const char *office)
{
        return (struct actor){.staff = 77, .office = town_office(t, office), .roles = ROLE_PARTNER, .lang = LANG_EN};
}

/* A message of one death, or of one prisoner. */
static void tell(struct town *t, const char *feed, int64_t sequence, const char *id, const char *name, const char *birth,
                 const char *day)
{
        bool court = strncmp(feed, "court", 5) == 0;
        struct actor who = machine(t, court ? "YS-FY-01" : strncmp(feed, "civil", 5) == 0 ? "YS-MZ-01" : "YS-GA-01");
        char text[400];
        json_t *out = NULL;

        text_format(text, sizeof text, court ? "H|\nD|R-%lld|%s|%s|%s|%s|\nT|1\n" : "H|\nD|R-%lld|%s|%s|%s|%s\nT|1\n",
                    (long long)sequence, id, name, birth, day);
        assert_int_equal(town_call_at(t, &who, "exchange.deliver",
                                      json_pack("{s:s,s:I}", "feed", feed, "sequence", (json_int_t)sequence), str_from(text),
                                      &out, NULL),
                         SB_OK);
        assert_string_equal(json_text(out, "state"), "applied");
        json_decref(out);
}

static int64_t last(struct town *t)
{
        return town_count(t, "SELECT COALESCE(MAX(id), 0) FROM exchange_match");
}

static bool in_state(struct town *t, int64_t match, const char *state)
{
        json_t *out = NULL;
        bool same;

        assert_int_equal(town_call(t, "exchange.match_get", json_pack("{s:I}", "match", (json_int_t)match), &out), SB_OK);
        same = strcmp(json_text(out, "state"), state) == 0;
        json_decref(out);
        return same;
}

static enum error_code look(struct town *t, int64_t match, const char *decision)
{
        return town_call_as(
            t, CLERK, ROLE_CLERK, "", "exchange.match_look",
            json_pack("{s:I,s:s,s:s}", "match", (json_int_t)match, "decision", decision, "note", "核对户籍材料"), NULL);
}

static enum error_code told(struct town *t, int64_t match)
{
        return town_call_as(t, CLERK, ROLE_CLERK, "", "exchange.match_told",
                            json_pack("{s:I,s:s,s:s}", "match", (json_int_t)match, "means", "post", "reference", "EA1"), NULL);
}

static enum error_code heard(struct town *t, int64_t match)
{
        return town_call_as(t, CLERK, ROLE_CLERK, "", "exchange.match_heard",
                            json_pack("{s:I,s:s}", "match", (json_int_t)match, "heard", "家属确认本人已去世"), NULL);
}

static enum error_code decide(struct town *t, int64_t staff, int64_t match, const char *decision)
{
        return town_call_as(
            t, staff, ROLE_REVIEWER, "", "exchange.match_decide",
            json_pack("{s:I,s:s,s:s}", "match", (json_int_t)match, "decision", decision, "note", "依据核实结果"), NULL);
}

#define STOPS "SELECT COUNT(*) FROM award_stop WHERE known_to = 253402214400000000"

static void a_benefit_is_held_after_the_person_was_heard(void **state)
{
        struct town *t = town_of(state, 2);
        char id[24];
        json_t *out = NULL;

        tell(t, "civil_affairs.deaths", 1, town_id("99000019600101001", id), "王小明", "19600101", "20261020");
        int64_t match = last(t);
        assert_true(in_state(t, match, "tell"));
        assert_int_equal(town_ask(t, "SELECT confidence FROM exchange_match WHERE id = ?1@int", match), 100);
        assert_int_equal(
            town_ask(
                t, "SELECT COUNT(*) FROM exchange_line WHERE result = ?1@int AND subject_kind = 'person' AND state = 'applied'",
                match),
            1);
        assert_int_equal(decide(t, REVIEWER, match, "stop"), SB_EXCHANGE_MATCH_STATE); /* nobody told them */
        assert_int_equal(told(t, match), SB_OK);
        assert_int_equal(decide(t, REVIEWER, match, "stop"), SB_EXCHANGE_HEARING_RUNS);
        assert_int_equal(town_count(t, STOPS), 0);
        assert_int_equal(heard(t, match), SB_OK);
        assert_int_equal(decide(t, CLERK, match, "stop"), SB_EXCHANGE_MATCH_OWN);
        assert_int_equal(decide(t, REVIEWER, match, "stop"), SB_OK);
        assert_int_equal(town_count(t, STOPS), 1);
        assert_int_equal(town_count(t, "SELECT month_from FROM award_stop"), 2026 * 12 + 10); /* the month after the death */
        assert_int_equal(decide(t, REVIEWER, match, "stop"), SB_EXCHANGE_MATCH_STATE);
        /* Told again by somebody else, or once more: it is known. */
        tell(t, "public_security.deaths", 1, id, "王小明", "19600101", "20261020");
        assert_int_equal(last(t), match);
        assert_int_equal(town_call(t, "exchange.matches", json_pack("{s:s}", "state", "stopped"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        assert_null(strstr(json_text(json_array_get(json_object_get(out, "items"), 0), "id_number"), "19600101"));
        json_decref(out);
        town_audit(t);
        town_free(t);
}

static void who_is_not_sure_looks(void **state)
{
        struct town *t = town_of(state, 2);
        char id[24], other[24];

        /* The number is right, the name is another: somebody looks, and says that it is not the same person. */
        tell(t, "court.prisoners", 1, town_id("99000019600101001", id), "王晓明", "19600101", "20261020");
        int64_t match = last(t);
        assert_true(in_state(t, match, "look"));
        assert_int_equal(town_ask(t, "SELECT confidence FROM exchange_match WHERE id = ?1@int", match), 66);
        assert_int_equal(told(t, match), SB_EXCHANGE_MATCH_STATE);
        assert_int_equal(look(t, match, "other"), SB_OK);
        assert_true(in_state(t, match, "other"));
        tell(t, "court.prisoners", 2, id, "王晓明", "19600101", "20261020");
        assert_int_equal(last(t), match); /* it was answered */
        /* Nobody has the number: both who bear the name and were born on the day are looked at. */
        tell(t, "court.prisoners", 3, town_id("99000019600101777", other), "王小明", "19600101", "20260920");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM exchange_match WHERE state = 'look'"), 2);
        /* Nobody of ours. */
        int64_t before = last(t);
        tell(t, "court.prisoners", 4, town_id("99000019700101777", other), "张三丰", "19700101", "20260920");
        assert_int_equal(last(t), before);
        assert_int_equal(town_count(t, STOPS), 0);
        assert_int_equal(look(t, before, "same"), SB_OK);
        assert_int_equal(told(t, before), SB_OK);
        assert_int_equal(heard(t, before), SB_OK);
        assert_int_equal(decide(t, REVIEWER, before, "keep"), SB_OK);
        assert_true(in_state(t, before, "kept"));
        assert_int_equal(town_count(t, STOPS), 0);
        assert_int_equal(look(t, 99999999, "same"), SB_EXCHANGE_MATCH);
        town_audit(t);
        town_free(t);
}

/* Of whom nothing is paid, what is told is noted. */
static void without_a_benefit_it_is_noted(void **state)
{
        struct town *t = town_of(state, 1);
        char id[24];

        town_person(t, "李红", "99010119800101002", "f55");
        tell(t, "civil_affairs.deaths", 1, town_id("99010119800101002", id), "李红", "19800101", "20261020");
        assert_true(in_state(t, last(t), "noted"));
        assert_int_equal(decide(t, REVIEWER, last(t), "stop"), SB_EXCHANGE_MATCH_STATE);
        town_audit(t);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_benefit_is_held_after_the_person_was_heard),
            TEST_ON_BOTH(who_is_not_sure_looks),
            TEST_ON_BOTH(without_a_benefit_it_is_noted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
