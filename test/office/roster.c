/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of joiners and leavers on both databases: every line judged and billed, posted once by a second person, in blocks that a kill does
 * not hurt, taken back as a whole by a third, so that what is believed afterwards is what was believed before.
 */
#include "office/firm.h"

#include "base/rng.h"

#include <string.h>

#define BELIEVED                                                                                                               \
        "SELECT CAST(COALESCE(SUM(person % 100003 * 1000003 + employer % 1009 * 7919 + valid_from * 101 + valid_to % 100000)," \
        " 0) AS @int) FROM employment WHERE known_to > 9000000000000000"

static json_t *line(const char *act, const char *first17, const char *name, const char *day, const char *wage)
{
        char id[24];
        json_t *o = json_pack("{s:s,s:s,s:s,s:s}", "act", act, "id_number", town_id(first17, id), "name", name, "day", day);

        if (wage[0] != '\0')
                json_object_set_new(o, "wage", json_string(wage));
        return o;
}

static json_t *with(json_t *line, const char *field, const char *value)
{
        json_object_set_new(line, field, json_string(value));
        return line;
}

static json_t *batch(const struct firm *f, json_t *lines)
{
        return json_pack("{s:I,s:s,s:o}", "employer", (json_int_t)f->id, "note", "申请表", "lines", lines);
}

static json_t *previewed(const struct firm *f, json_t *lines)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "roster.preview", batch(f, lines), &out), SB_OK);
        return out;
}

/* The code of the only fault, or the n-th notice, of a line; "" none. */
static const char *said(const json_t *out, size_t line, const char *kind, size_t n)
{
        const json_t *list = json_object_get(json_array_get(json_object_get(out, "lines"), line), kind);
        const char *code = json_string_value(json_object_get(json_array_get(list, n), "code"));

        return code == NULL ? "" : code;
}

static void expect(const json_t *out, size_t line, const char *kind, size_t n, enum error_code code)
{
        char name[8];

        assert_string_equal(said(out, line, kind, n), code == SB_OK ? "" : error_name(code, name));
}

static enum error_code entered(const struct firm *f, json_t *lines, int64_t *id)
{
        json_t *out = NULL;
        enum error_code code = town_call(f->town, "roster.enter", batch(f, lines), &out);

        if (code == SB_OK)
                *id = town_whole(out, "id");
        json_decref(out);
        return code;
}

static enum error_code turned(const struct firm *f, int64_t staff, const char *verb, int64_t id)
{
        json_t *in = json_pack("{s:I}", "roster", (json_int_t)id);

        if (strcmp(verb, "roster.reverse") == 0)
                with(in, "reason", "用人单位申请撤销");
        return town_call_as(f->town, staff, ROLE_ANY, "", verb, in, NULL);
}

static int64_t lines_in(const struct firm *f, int64_t id, const char *state)
{
        json_t *out = NULL;
        json_t *in = json_pack("{s:I,s:s,s:i}", "roster", (json_int_t)id, "state", state, "limit", 200);

        assert_int_equal(town_call(f->town, "roster.get", in, &out), SB_OK);
        int64_t n = (int64_t)json_array_size(json_object_get(out, "lines"));
        json_decref(out);
        return n;
}

static void state_is(const struct firm *f, int64_t id, const char *state)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "roster.get", json_pack("{s:I}", "roster", (json_int_t)id), &out), SB_OK);
        assert_string_equal(json_string_value(json_object_get(out, "state")), state);
        json_decref(out);
}

/* --- a line --------------------------------------------------------------------------------------------------------------------------- */

struct judged {
        const char *act, *first17, *name, *day, *wage, *field, *value; /* field, value: one more, or instead */
        enum error_code code;
};
/* The workers of the firm: 99010119800101111 王小明, …02111 李䶮, …03111 欧阳海, since 2010. */
static const struct judged judged[] = {
    {"join", "99010119900101001", "赵一", "2026-11-01", "5000", "id_number", "99010119900101001", SB_ID_NUMBER},
    {"join", "99010119900101001", "赵一", "2026-11-01", "5000", "id_number", "", SB_ID_NUMBER},
    {"leave", "99010119800101111", "王大明", "2026-11-20", "", "reason", "辞职", SB_ROSTER_NAME},
    {"stay", "99010119900101003", "赵一", "2026-11-01", "5000", "reason", "", SB_ROSTER_ACT},
    {"join", "99010119900101005", "赵一", "2026-11-01", "", "reason", "", SB_FIELD_MISSING},
    {"join", "99010119900101011", "赵二", "2026-11-01", "10000000.01", "reason", "", SB_CONTRIBUTION_WAGE},
    {"join", "99010119900101021", "赵二", "2026-11-01", "五千", "reason", "", SB_MONEY_SYNTAX},
    {"join", "99010119900101031", "赵三", "2026-11-31", "5000", "reason", "", SB_DATE_SYNTAX},
    {"join", "99010119900101033", "赵四", "2026-12-26", "5000", "reason", "", SB_ROSTER_DAY},
    {"join", "99010119900101002", "钱五", "2026-11-01", "5000", "reason", "", SB_REGISTRY_CATEGORY}, /* a woman of no class */
    {"join", "99010119900101035", "", "2026-11-01", "5000", "reason", "", SB_REGISTRY_NAME},
    {"join", "99010119900101039", "周七", "1989-12-31", "5000", "reason", "", SB_REGISTRY_PERIOD}, /* before the birth */
    {"join", "99010119800102111", "李䶮", "2026-11-01", "5000", "reason", "", SB_REGISTRY_OVERLAP},
    {"leave", "99010119900101037", "孙六", "2026-11-20", "", "reason", "辞职", SB_ROSTER_UNKNOWN},
    {"leave", "99010119800101111", "王小明", "2026-11-20", "", "reason", "", SB_FIELD_MISSING},
    {"leave", "99010119800102111", "李䶮", "2009-12-31", "", "reason", "辞职", SB_ROSTER_NOT_HERE},
    {"leave", "99010119800103111", "欧阳海", "2026-12-25", "", "reason", "辞职", SB_OK}, /* as far ahead as may be */
    {"leave", "99010119800103111", "欧阳海", "2010-01-01", "", "reason", "辞职", SB_ROSTER_TWICE},
    {"join", "99010119900101041", "吴八", "2026-11-24", "0", "reason", "", SB_OK},
    {"join", "99010119900101041", "吴八", "2026-11-24", "0", "reason", "", SB_ROSTER_TWICE},
};
#define JUDGED (sizeof judged / sizeof judged[0])

static void every_line_is_judged(void **state)
{
        struct firm f = firm_new(state);
        json_t *lines = json_array();

        for (size_t i = 0; i < JUDGED; i++) {
                const struct judged *j = &judged[i];
                json_array_append_new(lines, with(line(j->act, j->first17, j->name, j->day, j->wage), j->field, j->value));
        }
        json_t *out = previewed(&f, json_incref(lines));
        size_t faults = 0;
        for (size_t i = 0; i < JUDGED; i++) {
                char name[8];
                const char *code = judged[i].code == SB_OK ? "" : error_name(judged[i].code, name);
                if (strcmp(said(out, i, "faults", 0), code) != 0 && strcmp(said(out, i, "faults", 1), code) != 0)
                        fail_msg("line %zu: %s, not %s", i, said(out, i, "faults", 0), code);
                faults += json_array_size(json_object_get(json_array_get(json_object_get(out, "lines"), i), "faults"));
        }
        assert_int_equal(town_whole(out, "faults"), (int64_t)faults);
        json_decref(out);
        assert_int_equal(entered(&f, lines, &(int64_t){0}), SB_ROSTER_FAULTS);
        assert_int_equal(entered(&f, json_array(), &(int64_t){0}), SB_CONTRIBUTION_NO_LINES);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM roster"), 0);
        town_free(f.town);
}

static void what_a_reviewer_has_to_see_is_told(void **state)
{
        struct firm f = firm_new(state);
        int64_t other = town_employer(f.town, "云城第二机械厂", "91990101MA0000002", "990101");
        int64_t busy = town_person(f.town, "郑八", "99010119900101041", "male");

        town_employ(f.town, busy, other, day_from(2020, 1, 1));
        firm_assess(&f, "2026-09", 0, FIRM_WORKERS);
        firm_assess(&f, "2026-10", 0, FIRM_WORKERS);
        json_t *out =
            previewed(&f, json_pack("[o,o,o,o]", line("join", "99010119900101041", "郑八", "2026-09-15", "6000"),
                                    line("join", "99010119900101043", "吴九", "2026-11-01", "6000"),
                                    with(line("leave", "99010119800102111", "李䶮", "2026-09-10", ""), "reason", "辞职"),
                                    with(line("leave", "99010119800103111", "欧阳海", "2026-10-31", ""), "reason", "辞职")));
        assert_int_equal(town_whole(out, "faults"), 0);
        expect(out, 0, "notices", 0, SB_ROSTER_ELSEWHERE);
        expect(out, 0, "notices", 1, SB_ROSTER_LATE);
        expect(out, 0, "notices", 2, SB_ROSTER_UNBILLED);
        expect(out, 1, "notices", 0, SB_OK);
        expect(out, 2, "notices", 0, SB_ROSTER_OVERBILLED);
        expect(out, 3, "notices", 0, SB_OK);
        assert_int_equal(town_whole(out, "new"), 1);
        assert_int_equal(town_whole(out, "joining"), 2);
        assert_int_equal(town_whole(out, "leaving"), 2);
        json_decref(out);
        town_free(f.town);
}

static fen_t bill_of(const json_t *line)
{
        fen_t sum = 0;
        const json_t *s;
        size_t i;

        json_array_foreach(json_object_get(line, "schemes"), i, s) sum += town_money(s, "employer") + town_money(s, "person");
        return sum;
}

/* A joiner costs what a declaration of the same wage would; a leaver takes away what the last month came to. */
static void the_bill_is_that_of_the_declaration(void **state)
{
        struct firm f = firm_new(state);
        json_t *declared = NULL;

        firm_assess(&f, "2026-10", 0, FIRM_WORKERS);
        assert_int_equal(town_call(f.town, "contribution.preview", firm_declaration(&f, "2026-11", 0, FIRM_WORKERS), &declared),
                         SB_OK);
        fen_t each[FIRM_WORKERS], all = 0, leaver;
        for (size_t i = 0; i < FIRM_WORKERS; i++)
                all += each[i] = bill_of(json_array_get(json_object_get(declared, "lines"), i));
        leaver =
            town_ask(f.town,
                     "SELECT CAST(SUM(l.employer_fen + l.person_fen) AS @int) FROM assessment_line l JOIN assessment a ON a.id "
                     "= l.assessment WHERE l.person = ?1@int",
                     f.workers[1]);
        json_t *out =
            previewed(&f, json_pack("[o,o,o,o]", line("join", "99010119900101051", "甲", "2026-11-01", FIRM_WAGES[0]),
                                    line("join", "99010119900101053", "乙", "2026-11-02", FIRM_WAGES[1]),
                                    line("join", "99010119900101055", "丙", "2026-11-03", FIRM_WAGES[2]),
                                    with(line("leave", "99010119800102111", "李䶮", "2026-11-20", ""), "reason", "辞职")));
        const json_t *lines = json_object_get(out, "lines");
        for (size_t i = 0; i < FIRM_WORKERS; i++)
                assert_int_equal(town_money(json_array_get(lines, i), "employer") + town_money(json_array_get(lines, i), "own"),
                                 each[i]);
        assert_int_equal(town_money(json_array_get(lines, 3), "employer") + town_money(json_array_get(lines, 3), "own"),
                         -leaver);
        assert_int_equal(town_money(out, "change"), all - leaver);
        fen_t totals = 0;
        const json_t *t;
        size_t i;
        json_array_foreach(json_object_get(out, "totals"), i, t) totals += town_money(t, "total");
        assert_int_equal(totals, all - leaver);
        assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "base_reason")), "floor");
        json_decref(declared);
        json_decref(out);
        town_free(f.town);
}

static void a_file_says_the_same(void **state)
{
        struct firm f = firm_new(state);
        char text[512], a[24], b[24];
        json_t *out = NULL, *in = json_pack("{s:I,s:s}", "employer", (json_int_t)f.id, "act", "join");

        text_format(text, sizeof text,
                    "id_number,name,day,wage,act,reason\r\n%s,甲,2026-11-01,6000,,\r\n%s,李䶮,2026-11-20,,leave,辞职\r\n",
                    town_id("99010119900101051", a), town_id("99010119800102111", b));
        assert_int_equal(town_call_body(f.town, "roster.preview", json_incref(in), text, &out), SB_OK);
        assert_int_equal(town_whole(out, "faults"), 0);
        assert_int_equal(town_whole(out, "joining"), 1);
        assert_int_equal(town_whole(out, "leaving"), 1);
        json_decref(out);
        assert_int_equal(town_call_body(f.town, "roster.preview", json_incref(in), "name,wage\n甲,1\n", NULL),
                         SB_IMPORT_COLUMN);
        assert_int_equal(town_call_body(f.town, "roster.preview", json_incref(in), "id_number,day\n", NULL),
                         SB_CONTRIBUTION_NO_LINES);
        assert_int_equal(town_call_body(f.town, "roster.enter", in, text, &out), SB_OK);
        state_is(&f, town_whole(out, "id"), "entered");
        json_decref(out);
        town_free(f.town);
}

/* --- a batch --------------------------------------------------------------------------------------------------------------------------- */

static void posted_once_and_taken_back(void **state)
{
        struct firm f = firm_new(state);
        int64_t id = 0, before = town_count(f.town, BELIEVED), workers = town_count(f.town, "SELECT COUNT(*) FROM employment");
        json_t *out = NULL;

        assert_int_equal(
            entered(&f,
                    json_pack("[o,o,o]", line("join", "99010119900101051", "甲", "2026-11-01", "6000"),
                              with(line("join", "99010119900101062", "乙", "2026-11-24", "7000"), "category", "f50"),
                              with(line("leave", "99010119800102111", "李䶮", "2026-11-20", ""), "reason", "辞职")),
                    &id),
            SB_OK);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM employment"), workers); /* it waits */
        assert_int_equal(
            entered(&f, json_pack("[o]", with(line("leave", "99010119800102111", "李䶮", "2026-11-20", ""), "reason", "辞职")),
                    &(int64_t){0}),
            SB_ROSTER_FAULTS); /* waits in another */
        assert_int_equal(turned(&f, 1, "roster.post", id), SB_ROSTER_OWN);
        assert_int_equal(turned(&f, 2, "roster.reverse", id), SB_ROSTER_STATE);
        assert_int_equal(town_call_as(f.town, 2, ROLE_ANY, "post-it-once", "roster.post",
                                      json_pack("{s:I}", "roster", (json_int_t)id), NULL),
                         SB_OK);
        assert_int_equal(town_call_as(f.town, 2, ROLE_ANY, "post-it-once", "roster.post",
                                      json_pack("{s:I}", "roster", (json_int_t)id), NULL),
                         SB_OK);
        assert_int_equal(turned(&f, 2, "roster.post", id), SB_ROSTER_STATE);
        town_work(f.town);
        state_is(&f, id, "posted");
        assert_int_equal(lines_in(&f, id, "done"), 3);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM run WHERE kind = 'roster.post'"), 1);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM employment WHERE known_to > 9000000000000000"), 5);
        assert_int_equal(town_ask(f.town,
                                  "SELECT valid_to FROM employment WHERE known_to > 9000000000000000 AND person = ?1@int",
                                  f.workers[1]),
                         day_from(2026, 11, 21));
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM person_fact WHERE category = 'f50'"), 1);
        assert_int_equal(town_count(f.town, "SELECT LENGTH(sealed) + LENGTH(wrapped) FROM roster"), 0); /* forgotten */
        assert_int_equal(
            town_count(f.town, "SELECT COUNT(*) FROM audit_row WHERE verb = 'registry.employment_open' AND actor = 2"), 2);
        assert_int_equal(town_call(f.town, "roster.get", json_pack("{s:I}", "roster", (json_int_t)id), &out), SB_OK);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "lines"), 1), "name")), "乙");
        json_decref(out);
        town_audit(f.town);
        assert_int_equal(turned(&f, 2, "roster.reverse", id), SB_ROSTER_OWN);
        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_OK);
        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_ROSTER_STATE);
        town_work(f.town);
        state_is(&f, id, "reversed");
        assert_int_equal(lines_in(&f, id, "reversed"), 3);
        assert_int_equal(town_count(f.town, BELIEVED), before);
        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_ROSTER_STATE);
        town_audit(f.town);
        town_free(f.town);
}

static void a_dropped_batch_is_gone(void **state)
{
        struct firm f = firm_new(state);
        int64_t id = 0;

        assert_int_equal(turned(&f, 1, "roster.drop", 424242), SB_ROSTER);
        assert_int_equal(entered(&f, json_pack("[o]", line("join", "99010119900101051", "甲", "2026-11-01", "6000")), &id),
                         SB_OK);
        assert_true(town_count(f.town, "SELECT LENGTH(sealed) FROM roster") > 0);
        assert_int_equal(turned(&f, 1, "roster.drop", id), SB_OK);
        assert_int_equal(town_count(f.town, "SELECT LENGTH(sealed) FROM roster"), 0);
        assert_int_equal(turned(&f, 2, "roster.post", id), SB_ROSTER_STATE);
        assert_int_equal(turned(&f, 1, "roster.drop", id), SB_ROSTER_STATE);
        town_free(f.town);
}

/* The world moves between the entry and the posting: one line is told, the others go on. */
static void what_cannot_be_done_any_more_is_left_out(void **state)
{
        struct firm f = firm_new(state);
        int64_t id = 0;

        assert_int_equal(
            entered(&f,
                    json_pack("[o,o,o]", line("join", "99010119900101051", "甲", "2026-11-01", "6000"),
                              line("join", "99010119900101053", "乙", "2026-11-01", "6000"),
                              with(line("leave", "99010119800102111", "李䶮", "2026-11-20", ""), "reason", "辞职")),
                    &id),
            SB_OK);
        town_person(f.town, "乙", "99010119900101053", "male"); /* registered meanwhile */
        int64_t spell = town_ask(f.town, "SELECT id FROM employment WHERE person = ?1@int", f.workers[1]);
        assert_int_equal(
            town_call(f.town, "registry.employment_end",
                      json_pack("{s:I,s:s,s:s}", "employment", (json_int_t)spell, "to", "2026-10-31", "reason", "辞职"), NULL),
            SB_OK);
        assert_int_equal(turned(&f, 2, "roster.post", id), SB_OK);
        town_work(f.town);
        state_is(&f, id, "posted");
        assert_int_equal(lines_in(&f, id, "done"), 1);
        assert_int_equal(lines_in(&f, id, "failed"), 2);
        assert_int_equal(town_count(f.town, "SELECT failed FROM run WHERE kind = 'roster.post'"), 2);
        town_audit(f.town);
        town_free(f.town);
}

static void what_rests_on_it_keeps_it(void **state)
{
        struct firm f = firm_new(state);
        int64_t id = 0;

        assert_int_equal(entered(&f, json_pack("[o]", line("join", "99010119900101051", "甲", "2026-10-15", "6000")), &id),
                         SB_OK);
        assert_int_equal(turned(&f, 2, "roster.post", id), SB_OK);
        town_work(f.town);
        f.workers[0] = town_count(f.town, "SELECT MAX(person) FROM roster_line");
        int64_t declaration = firm_declare(&f, "2026-11", 0, 1);
        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_ROSTER_RESTS);
        assert_int_equal(town_decide(f.town, declaration, 2, "return"), SB_OK);
        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_OK);
        town_work(f.town);
        assert_int_equal(lines_in(&f, id, "reversed"), 1);
        town_audit(f.town);
        town_free(f.town);
}

/* A worker that stops after its block loses and repeats nothing; a run that was cancelled is gone on with. */
static void a_large_batch_goes_in_blocks(void **state)
{
        enum { MANY = 230 };
        struct firm f = firm_new(state);
        atomic_bool stopping = true;
        json_t *lines = json_array();
        char first[24], name[24];
        int64_t id = 0, before = town_count(f.town, BELIEVED);
        bool worked = false;

        for (int i = 0; i < MANY; i++)
                json_array_append_new(
                    lines, line("join", text_format(first, sizeof first, "99010119%02d0203%03d", 60 + i / 30, 2 * (i % 30) + 1),
                                text_format(name, sizeof name, "工%c%c", 'A' + i / 26, 'A' + i % 26), "2026-11-01", "6000"));
        assert_int_equal(entered(&f, lines, &id), SB_OK);
        assert_int_equal(turned(&f, 2, "roster.post", id), SB_OK);
        f.town->house.stopping = &stopping;
        assert_ok(run_work_any(&f.town->house, office_runs, &worked, &f.town->err), f.town->err);
        f.town->house.stopping = NULL;
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM roster_line WHERE state = 'done'"), 100);
        assert_int_equal(town_call_as(f.town, 2, ROLE_ANY, "", "runs.cancel",
                                      json_pack("{s:I}", "run", (json_int_t)town_count(f.town, "SELECT run FROM roster")),
                                      NULL),
                         SB_OK);
        town_work(f.town);
        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_ROSTER_STATE);
        assert_int_equal(turned(&f, 2, "roster.post", id), SB_OK);
        town_work(f.town);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM roster_line WHERE state = 'done'"), MANY);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM employment"), MANY + FIRM_WORKERS);
        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_OK);
        town_work(f.town);
        assert_int_equal(town_count(f.town, BELIEVED), before);
        town_audit(f.town);
        town_free(f.town);
}

/* --- any batches ------------------------------------------------------------------------------------------------------------------------ */

enum { CROWD = 10, BATCHES = 12 };

static json_t *any_lines(struct rng *rng, char ids[CROWD][24])
{
        json_t *lines = json_array();
        char day[16];

        for (int64_t n = rng_between(rng, 1, 8); n > 0; n--) {
                int64_t who = rng_between(rng, 0, CROWD - 1);
                char name[24];
                text_format(name, sizeof name, "众%c", (char)('A' + who));
                day_text((day_t)(day_from(2026, 11, 24) - rng_between(rng, 0, 400)), day);
                json_t *o =
                    rng_between(rng, 0, 1) ? line("join", ids[who], name, day, "6000") : line("leave", ids[who], name, day, "");
                json_array_append_new(lines, with(o, "reason", "合同期满"));
        }
        return lines;
}

/* Only what has no fault can be entered. */
static json_t *good_lines(const struct firm *f, json_t *lines)
{
        for (;;) {
                json_t *out = previewed(f, json_incref(lines)), *good = json_array(), *one;
                size_t i;
                bool all = town_whole(out, "faults") == 0;
                json_array_foreach(lines, i, one) if (said(out, i, "faults", 0)[0] == '\0') json_array_append(good, one);
                json_decref(out);
                json_decref(lines);
                lines = good;
                if (all || json_array_size(lines) == 0)
                        return lines;
        }
}

static void any_batch_taken_back_leaves_what_was(void **state)
{
        uint64_t seeds[2] = {5, 42};

        for (size_t s = 0; s < 2; s++) {
                struct firm f = firm_new(state);
                struct rng rng = rng_new(seeds[s], 0);
                char ids[CROWD][24], name[24];
                int reversed = 0;

                for (int i = 0; i < CROWD; i++) {
                        text_format(ids[i], sizeof ids[i], "990101197001%02d111", i + 1);
                        text_format(name, sizeof name, "众%c", 'A' + i);
                        if (i % 3 != 0) /* the others are registered by the batch that names them first */
                                town_person(f.town, name, ids[i], "male");
                }
                for (int i = 0; i < BATCHES; i++) {
                        int64_t id = 0, before = town_count(f.town, BELIEVED), others;
                        json_t *lines = good_lines(&f, any_lines(&rng, ids));
                        clock_advance(f.town->house.clock, 1000000);
                        if (json_array_size(lines) == 0) {
                                json_decref(lines);
                                continue;
                        }
                        others = (int64_t)json_array_size(lines);
                        assert_int_equal(entered(&f, lines, &id), SB_OK);
                        assert_int_equal(turned(&f, 2, "roster.post", id), SB_OK);
                        town_work(f.town);
                        assert_int_equal(lines_in(&f, id, "done"), others);
                        assert_int_not_equal(town_count(f.town, BELIEVED), before);
                        clock_advance(f.town->house.clock, 1000000);
                        if (rng_between(&rng, 0, 2) == 0)
                                continue; /* stays */
                        assert_int_equal(turned(&f, 3, "roster.reverse", id), SB_OK);
                        town_work(f.town);
                        assert_int_equal(town_count(f.town, BELIEVED), before);
                        reversed++;
                }
                assert_true(reversed > 2);
                town_audit(f.town);
                town_free(f.town);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(every_line_is_judged),
            TEST_ON_BOTH(what_a_reviewer_has_to_see_is_told),
            TEST_ON_BOTH(the_bill_is_that_of_the_declaration),
            TEST_ON_BOTH(a_file_says_the_same),
            TEST_ON_BOTH(posted_once_and_taken_back),
            TEST_ON_BOTH(a_dropped_batch_is_gone),
            TEST_ON_BOTH(what_cannot_be_done_any_more_is_left_out),
            TEST_ON_BOTH(what_rests_on_it_keeps_it),
            TEST_ON_BOTH(a_large_batch_goes_in_blocks),
            TEST_ON_BOTH(any_batch_taken_back_leaves_what_was),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
