/* SPDX-License-Identifier: Apache-2.0
 *
 * Every process of the pack, from the application to the archive, by the verbs that people call, on both databases and on a virtual clock:
 * granted, refused, not accepted, withdrawn; with what can be found and with nothing found. Prints a table. On SQLite each process goes
 * every way; on PostgreSQL each is granted and goes one other way by turns, since the ways differ in the models and not in the statements,
 * and all of them on a server take minutes.
 */
#include "office/every.h"
#include "office/on_pages.h"

#include "case/case.h"
#include "pack/pack.h"
#include "support/cairo_leak.h"

#include <stdlib.h>
#include <string.h>

enum { MODELS_MAX = 80, STEPS_MAX = 60, RUNS_MAX = MODELS_MAX * WAYS };
#define HOUR_US ((int64_t)3600 * 1000000)

struct course {
        char process[8], risk[4];
        enum way way;
        int64_t id;
        int steps, returned, heard, timers, timers_wrong;
        day_t due, begun, waits_since;
        char end[24];
        bool ended;
};
struct year {
        struct office office;
        struct course runs[RUNS_MAX];
        int count, models;
        char names[MODELS_MAX][8];
};

static const char *word(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

/* --- beginning -------------------------------------------------------------------------------------------------------------------- */

static bool on_page(const char *process)
{
        for (size_t i = 0; on_pages[i] != NULL; i++)
                if (strcmp(on_pages[i], process) == 0)
                        return true;
        return false;
}

/* Does the model let anybody decline at the counter? */
static bool declines(const json_t *tasks)
{
        json_t *one;
        size_t i;

        json_array_foreach(json_object_get(json_array_get(tasks, 0), "decisions"), i, one)
        {
                if (strcmp(json_string_value(one), "refuse") == 0)
                        return true;
        }
        return false;
}

static json_t *case_file(struct year *y, int64_t id)
{
        json_t *file = NULL;

        assert_int_equal(office_call(&y->office, HAND_PROVINCE, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &file),
                         SB_OK);
        return file;
}

/* What is cancelled is nobody else's case: a person who died, or an employer that was dissolved, of its own. */
static void cancellation_draw(struct office *o, json_t *form, enum way way)
{
        char first[24];
        int n = ++o->drawn;
        bool person = way == THOROUGH || way == REFUSED;

        json_object_del(form, person ? "employer" : "person");
        if (person)
                json_object_set_new(
                    form, "person",
                    json_integer(town_person(o->town, "参保人乙",
                                             text_format(first, sizeof first, "99010119790101%03d", 101 + 2 * n), "male")));
        else
                json_object_set_new(
                    form, "employer",
                    json_integer(town_employer(o->town, "演示单位乙",
                                               text_format(first, sizeof first, "91990101MA%07d", 5000 + n), "990101")));
        json_object_set_new(form, "cause", json_string(person ? "death" : "dissolved"));
}

/* Months that were not paid for, of a worker of its own: one, or so many that a binding document is looked at. */
static void adjustment_draw(struct office *o, json_t *form, enum way way)
{
        char first[24];
        int n = ++o->drawn;
        int64_t person =
            town_person(o->town, "参保人丙", text_format(first, sizeof first, "99010119800101%03d", 101 + 2 * n), "male");
        int64_t employer =
            town_employer(o->town, "演示单位丙", text_format(first, sizeof first, "91990101MA%07d", 6000 + n), "990101");

        town_employ(o->town, person, employer, day_from(2015, 1, 1));
        json_object_clear(form);
        json_object_set_new(form, "kind", json_string("missing"));
        json_object_set_new(form, "person", json_integer(person));
        json_object_set_new(form, "employer", json_integer(employer));
        json_object_set_new(form, "from_month", json_string(way == THOROUGH ? "2021-01" : "2024-12"));
        json_object_set_new(form, "to_month", json_string("2024-12"));
        json_object_set_new(form, "wage", json_string("6543.21"));
}

static void run_open(struct year *y, const json_t *asked, const char *process, enum way way)
{
        struct town *t = y->office.town;
        struct course *r = &y->runs[y->count];
        json_t *out = NULL;
        char text[1024];
        json_t *form = office_form(&y->office, asked, way);

        if (strcmp(process, "P05") == 0)
                cancellation_draw(&y->office, form, way);
        if (strcmp(process, "P10") == 0)
                adjustment_draw(&y->office, form, way);
        json_t *in = json_pack("{s:s,s:o,s:o}", "process", process, "form", form, "papers", office_papers(asked));

        if (office_call(&y->office, HAND_CLERK, "cases.open", in, &out) != SB_OK)
                fail_msg("%s does not open: %s", process, error_text(&t->err, LANG_EN, text, sizeof text));
        *r = (struct course){.way = way, .id = town_whole(out, "case"), .begun = clock_today(t->house.clock)};
        text_copy(r->process, sizeof r->process, str_from(process));
        json_decref(out);
        json_t *file = case_file(y, r->id);
        text_copy(r->risk, sizeof r->risk, str_from(word(file, "risk")));
        r->due = (day_t)town_ask(t, "SELECT due_day FROM process_instance WHERE id = ?1@int", r->id);
        bool may = way != DECLINED || declines(json_object_get(file, "tasks"));
        json_decref(file);
        if (may)
                y->count++;
}

static void all_open(struct year *y, bool every_way)
{
        json_t *list = NULL, *one, *asked;
        size_t i;

        assert_int_equal(office_call(&y->office, HAND_CLERK, "processes.list", json_object(), &list), SB_OK);
        json_array_foreach(json_object_get(list, "items"), i, one)
        {
                const char *process = word(one, "process");
                assert_true(y->models < MODELS_MAX);
                text_copy(y->names[y->models++], sizeof y->names[0], str_from(process));
                if (on_page(process))
                        continue;
                assert_int_equal(
                    office_call(&y->office, HAND_CLERK, "cases.form", json_pack("{s:s}", "process", process), &asked), SB_OK);
                for (int way = GRANTED; way < WAYS; way++)
                        if (every_way || way == GRANTED || way == 1 + (int)(i % (WAYS - 1)))
                                run_open(y, asked, process, (enum way)way);
                json_decref(asked);
        }
        json_decref(list);
        assert_int_equal(y->models, 52);
}

/* --- doing ------------------------------------------------------------------------------------------------------------------------- */

/* Where a task of a street's case has to lie: reviews with the county, approvals and money with the city, and higher where the amount says so. */
static void routed(struct year *y, const struct course *r, const json_t *task)
{
        const char *role = word(task, "role");
        int64_t level = town_ask(y->office.town, "SELECT level FROM office WHERE id = ?1@int", town_whole(task, "office"));
        int expected = strcmp(role, "clerk") == 0 ? 4 : strcmp(role, "reviewer") == 0 ? 3 : 2;

        if (level != expected && !(strcmp(role, "approver") == 0 && level == 1))
                fail_msg("%s: %s of a %s lies at level %d", r->process, word(task, "node"), role, (int)level);
}

static const char *decision_of(const struct course *r, const json_t *task)
{
        const char *node = word(task, "node");

        if (r->way == DECLINED && strcmp(node, "accept") == 0)
                return "refuse";
        if (r->way == REFUSED && strcmp(node, "approve") == 0)
                return "refuse";
        if (r->way == WITHDRAWN && (strcmp(word(task, "role"), "reviewer") == 0 || strcmp(node, "approve") == 0))
                return "return";
        if (r->way == WITHDRAWN && strcmp(node, "correct") == 0)
                return "return";
        if (r->way == THOROUGH && r->returned == 0 && strcmp(node, "approve") == 0)
                return "return";
        return "approve";
}

static bool allows(const json_t *task, const char *decision)
{
        json_t *one, *decisions = json_object_get(task, "decisions");
        size_t i;

        json_array_foreach(decisions, i, one)
        {
                if (strcmp(json_string_value(one), decision) == 0)
                        return true;
        }
        return !json_is_array(decisions);
}

static bool by_authority(enum error_code code)
{
        return code == SB_CASE_ROLE || code == SB_CASE_OFFICE || code == SB_CASE_FOUR_EYES || code == SB_CASE_SIGNING ||
               code == SB_CASE_PERSONS;
}

static enum error_code complete(struct year *y, int hand, const json_t *task, json_t *outcome)
{
        return office_call(&y->office, hand, "tasks.complete",
                           json_pack("{s:I,s:O}", "task", (json_int_t)town_whole(task, "id"), "outcome", outcome), NULL);
}

/* The first who may. Whoever has no such role is refused for that reason. */
static void task_do(struct year *y, struct course *r, const json_t *task)
{
        const char *decision = decision_of(r, task);
        json_t *outcome = office_outcome(&y->office, json_object_get(task, "asks"), r->way);
        enum error_code code = SB_CASE_ROLE;
        char text[1024] = "";

        if (!allows(task, decision))
                decision = "approve";
        r->returned += strcmp(decision, "return") == 0;
        json_object_set_new(outcome, "decision", json_string(decision));
        json_object_set_new(outcome, "note", json_string("因为"));
        routed(y, r, task);
        if (r->way == GRANTED && strcmp(word(task, "role"), "clerk") != 0)
                assert_int_equal(complete(y, HAND_CLERK, task, outcome), SB_CASE_ROLE);
        for (int k = 0; code != SB_OK && k < HANDS; k++) {
                if (strcmp(hands[k].role, word(task, "role")) != 0)
                        continue;
                code = complete(y, k, task, outcome);
                if (code != SB_OK && !by_authority(code))
                        break;
        }
        if (code != SB_OK)
                fail_msg("%s (way %d): nobody does %s: %s", r->process, (int)r->way, word(task, "node"),
                         error_text(&y->office.town->err, LANG_EN, text, sizeof text));
        json_decref(outcome);
        clock_advance(y->office.town->house.clock, 1000000);
        r->steps++;
}

/* What came from outside is recorded by a clerk. */
static void answer(struct year *y, struct course *r, const json_t *wait)
{
        json_t *in = json_pack("{s:I,s:s,s:o}", "case", (json_int_t)r->id, "message", word(wait, "message"), "fields",
                               office_outcome(&y->office, json_object_get(wait, "fields"), r->way));
        char text[1024];

        assert_true(word(wait, "node")[0] != '\0' && json_array_size(json_object_get(wait, "fields")) > 0);
        if (office_call(&y->office, HAND_CLERK, "cases.answer", in, NULL) != SB_OK)
                fail_msg("%s: no answer at %s: %s", r->process, word(wait, "node"),
                         error_text(&y->office.town->err, LANG_EN, text, sizeof text));
        r->heard++;
}

static bool timer_runs(struct year *y, int64_t id)
{
        return town_ask(y->office.town, "SELECT COUNT(*) FROM timer WHERE instance = ?1@int AND state = 'armed'", id) > 0;
}

/* One thing that can be done now; false when it waits for time, or has ended. */
static bool moved(struct year *y, struct course *r)
{
        json_t *file = case_file(y, r->id), *tasks = json_object_get(file, "tasks"), *waits = json_object_get(file, "waits");
        const char *state = word(file, "state");
        bool done = false;

        if (strcmp(state, "incident") == 0)
                fail_msg("%s (way %d) stops at %s: %s", r->process, (int)r->way,
                         word(json_object_get(file, "incident"), "node"), word(json_object_get(file, "incident"), "detail"));
        if (strcmp(state, "done") == 0) {
                r->ended = true;
        } else if (json_array_size(tasks) > 0) {
                task_do(y, r, json_array_get(tasks, 0));
                done = true;
        } else if (json_array_size(waits) > 0 && (r->way == THOROUGH || !timer_runs(y, r->id))) {
                answer(y, r, json_array_get(waits, 0));
                done = true;
        } else if (!timer_runs(y, r->id)) {
                fail_msg("%s (way %d) waits for nothing", r->process, (int)r->way);
        }
        json_decref(file);
        return done;
}

static void drive(struct year *y, struct course *r)
{
        int before = r->steps, heard = r->heard;
        bool waited = timer_runs(y, r->id);

        while (moved(y, r))
                if (r->steps - before > STEPS_MAX)
                        fail_msg("%s goes round", r->process);
        /* A timer that slept through this goes on counting from when it began. */
        if (!waited || r->steps > before || r->heard > heard)
                r->waits_since = clock_today(y->office.town->house.clock);
}

/* --- time --------------------------------------------------------------------------------------------------------------------------- */

static void time_set(struct year *y, instant_t at)
{
        int done = 1;

        if (at > clock_now(y->office.town->house.clock))
                clock_set(y->office.town->house.clock, at);
        while (done > 0)
                assert_ok(case_work(&y->office.town->house, 1000, &done, &y->office.town->err), y->office.town->err);
}

#define DUE "SELECT due_at FROM timer WHERE instance = ?1@int AND state = 'armed' ORDER BY due_at LIMIT 1"

static instant_t timer_first(struct year *y)
{
        instant_t first = INSTANT_END;

        for (int k = 0; k < y->count; k++) {
                instant_t due =
                    y->runs[k].ended || y->runs[k].way == WATCHED ? 0 : town_ask(y->office.town, DUE, y->runs[k].id);
                if (due != 0 && due < first)
                        first = due;
        }
        return first;
}

/* Every timer that waits sleeps until its night, and then wakes. */
static void timers_check(struct year *y, const struct calendar *calendar, instant_t first)
{
        time_set(y, first - 1);
        for (int k = 0; k < y->count; k++) {
                struct course *r = &y->runs[k];
                if (r->ended || r->way == WATCHED || town_ask(y->office.town, DUE, r->id) != first)
                        continue;
                bool counted =
                    day_instant(limit_day(calendar, r->waits_since, timer_days(r->process), "working_days") + 1) == first;
                r->timers++;
                r->timers_wrong += !counted || !timer_runs(y, r->id);
        }
        time_set(y, first);
        for (int k = 0; k < y->count; k++)
                if (!y->runs[k].ended && y->runs[k].way != WATCHED && y->runs[k].waits_since < instant_day(first))
                        drive(y, &y->runs[k]);
}

static const char *warning_expected(const struct calendar *c, const struct course *r, day_t today)
{
        int total = 0, used = 0;
        struct error err = {0};

        if (r->due == DAY_END)
                return "none";
        if (today > r->due)
                return "overdue";
        for (day_t d = r->begun + 1; d <= r->due; d++) {
                bool works;
                assert_ok(calendar_is_working(c, d, &works, &err), err);
                total += works;
                used += works && d <= today;
        }
        return used * 10 >= total * 8 ? "late80" : used * 10 >= total * 5 ? "half" : "none";
}

/* The days on which the word of a case changes that nobody touches. */
static day_t change_next(const struct year *y, const struct calendar *calendar, day_t today)
{
        day_t next = DAY_END;

        for (int k = 0; k < y->count; k++) {
                const struct course *r = &y->runs[k];
                if (r->way != WATCHED || r->due == DAY_END)
                        continue;
                for (day_t d = today + 1; d <= r->due + 1 && d < next; d++)
                        if (strcmp(warning_expected(calendar, r, d), warning_expected(calendar, r, d - 1)) != 0)
                                next = d;
        }
        return next;
}

/* The word stands at each case, and differs from that of the day before where it should. */
static void watched_check(struct year *y, const struct calendar *calendar, int changes[3])
{
        day_t today = clock_today(y->office.town->house.clock);

        for (int k = 0; k < y->count; k++) {
                struct course *r = &y->runs[k];
                const char *now = warning_expected(calendar, r, today);
                bool changed = strcmp(now, warning_expected(calendar, r, today - 1)) != 0;
                if (r->way != WATCHED || (!changed && strcmp(now, warning_expected(calendar, r, today + 1)) == 0))
                        continue;
                json_t *file = case_file(y, r->id);
                if (strcmp(word(file, "warning"), now) != 0)
                        fail_msg("%s says %s on day %d of a case due on day %d, not %s", r->process, word(file, "warning"),
                                 today, r->due, now);
                if (changed)
                        changes[strcmp(now, "half") == 0 ? 0 : strcmp(now, "late80") == 0 ? 1 : 2]++;
                json_decref(file);
        }
}

/* Time goes from one thing that happens by itself to the next. */
static void year_pass(struct year *y, const struct calendar *calendar, int changes[3])
{
        day_t looked = clock_today(y->office.town->house.clock);

        for (;;) {
                instant_t timer = timer_first(y);
                day_t today = clock_today(y->office.town->house.clock), word_day = change_next(y, calendar, looked);
                instant_t word_at = word_day == DAY_END ? INSTANT_END : day_instant(word_day) + 10 * HOUR_US;
                if (timer == INSTANT_END && word_at == INSTANT_END)
                        return;
                if (timer <= word_at) {
                        timers_check(y, calendar, timer);
                        continue;
                }
                if (word_day - 1 > today) {
                        time_set(y, day_instant(word_day - 1) + 10 * HOUR_US);
                        watched_check(y, calendar, (int[3]){0});
                }
                time_set(y, word_at);
                watched_check(y, calendar, changes);
                looked = word_day;
        }
}

/* How often each word has to come up in all. */
static void changes_expected(const struct year *y, const struct calendar *calendar, int expected[3])
{
        for (int k = 0; k < y->count; k++) {
                const struct course *r = &y->runs[k];
                for (day_t d = r->begun + 1; r->way == WATCHED && r->due != DAY_END && d <= r->due + 1; d++) {
                        const char *now = warning_expected(calendar, r, d);
                        if (strcmp(now, warning_expected(calendar, r, d - 1)) != 0)
                                expected[strcmp(now, "half") == 0 ? 0 : strcmp(now, "late80") == 0 ? 1 : 2]++;
                }
        }
}

static void due_check(const struct year *y, const struct calendar *calendar)
{
        for (int k = 0; k < y->count; k++) {
                const struct course *r = &y->runs[k];
                char unit[16] = "";
                int n = limit_of(r->process, unit);
                day_t expected = n == 0 ? DAY_END : limit_day(calendar, r->begun, n, unit);
                if (r->due != expected)
                        fail_msg("%s is due on day %d, not %d (%d %s)", r->process, r->due, expected, n, unit);
        }
}

/* --- the end ------------------------------------------------------------------------------------------------------------------------ */

#define LETTERS                                                                                                                \
        "SELECT COUNT(*) FROM effect WHERE instance = ?1@int AND verb = 'letter.issue' AND state = 'done' AND result LIKE "    \
        "'%\"number\":\"%'"
#define HANDS_OF                                                                                                               \
        "SELECT COUNT(*) FROM (SELECT DISTINCT done_by FROM task WHERE instance = ?1@int AND state = 'done' UNION SELECT "     \
        "started_by FROM process_instance WHERE id = ?1@int) x"

/* Who applied is told when the application comes to nothing; what the office opened itself is dropped without a letter. */
static bool tells_the_end(const struct pack *pack, const char *process)
{
        struct error err = {0};
        struct str model;
        char path[40];

        assert_ok(pack_file(pack, text_format(path, sizeof path, "processes/%s.bpmn", process), &model, &err), err);
        return memmem(model.p, model.n, "id=\"notice_withdrawn\"", strlen("id=\"notice_withdrawn\"")) != NULL;
}

static void archived(struct year *y, struct course *r)
{
        struct town *t = y->office.town;
        json_t *index = NULL;
        char number[64];

        assert_true(r->ended);
        office_text(&y->office, "SELECT archive_number FROM process_instance WHERE id = ?1@int", r->id, number, sizeof number);
        assert_true(number[0] != '\0');
        assert_int_equal(
            office_call(&y->office, HAND_CLERK, "cases.archive_file", json_pack("{s:I}", "case", (json_int_t)r->id), &index),
            SB_OK);
        assert_string_equal(word(index, "number"), number);
        json_decref(index);
        office_letters_check(&y->office, r->id, r->process);
        int64_t letters = town_ask(t, LETTERS, r->id), persons = town_ask(t, HANDS_OF, r->id);
        bool told = r->way == GRANTED || r->way == THOROUGH || r->way == REFUSED || r->way == DECLINED;
        if (told || (r->way == WITHDRAWN && tells_the_end(t->pack, r->process)))
                if (letters < 1)
                        fail_msg("%s (way %d) was archived without a letter", r->process, (int)r->way);
        if (r->way == GRANTED && persons < (strcmp(r->risk, "H") == 0 ? 3 : 2))
                fail_msg("%s of risk %s passed through %d hands", r->process, r->risk, (int)persons);
        if (r->timers_wrong > 0)
                fail_msg("%s: %d timers did not wake in the night after their day", r->process, r->timers_wrong);
}

static void table_print(struct year *y)
{
        char day[16], number[64];

        print_message("process steps due        letters archive\n");
        for (int k = 0; k < y->count; k++) {
                const struct course *r = &y->runs[k];
                if (r->way != GRANTED)
                        continue;
                office_text(&y->office, "SELECT archive_number FROM process_instance WHERE id = ?1@int", r->id, number,
                            sizeof number);
                print_message("%-7s %5d %-10s %7d %s\n", r->process, r->steps, r->due == DAY_END ? "-" : day_text(r->due, day),
                              (int)town_ask(y->office.town, LETTERS, r->id), number);
        }
}

static void every_process_runs_to_the_archive(void **state)
{
        enum test_engine engine = *(enum test_engine *)*state;
        struct town *t = town_founded(engine);
        struct year *y = calloc(1, sizeof *y);
        int changes[3] = {0}, expected[3] = {0}, heard = 0, timers = 0;

        if (t == NULL) {
                free(y);
                skip();
        }
        assert_non_null(y);
        const struct calendar *calendar = pack_calendar(t->pack);
        office_man(&y->office, t);
        time_set(y, clock_now(t->house.clock) + 9 * HOUR_US);
        all_open(y, engine == TEST_SQLITE);
        due_check(y, calendar);
        for (int k = 0; k < y->count; k++)
                if (y->runs[k].way != WATCHED)
                        drive(y, &y->runs[k]);
        year_pass(y, calendar, changes);
        for (int k = 0; k < y->count; k++) {
                heard += y->runs[k].heard;
                timers += y->runs[k].timers;
                if (y->runs[k].way != WATCHED)
                        archived(y, &y->runs[k]);
        }
        assert_true(engine != TEST_SQLITE || (heard >= 14 && timers >= 12));
        changes_expected(y, calendar, expected);
        for (int k = 0; k < 3; k++) {
                assert_int_equal(changes[k], expected[k]);
                assert_true(expected[k] >= (engine == TEST_SQLITE ? 30 : 5));
        }
        table_print(y);
        free(y);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {TEST_ON_BOTH(every_process_runs_to_the_archive)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
