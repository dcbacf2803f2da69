/* SPDX-License-Identifier: Apache-2.0
 *
 * Killed before each transaction in turn, and in each before its commit, on both databases: a month of work that begins by the clock and
 * goes through a verb, a called case, a message and a signal that begin others, and a timer. And a clock that jumps, and leap days.
 */
#include "case/office.h"

#include "engine/bpmn/bpmn.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOUR ((int64_t)3600 * 1000000)
#define DAY (24 * HOUR)
enum { WRITES_MAX = 200 };

/* --- the point of death: store_write of the program under test goes through here (CMakeLists.txt) ---------------------------------------- */

static int writes_left; /* the program dies at the one that makes it 0; below: never */
static bool in_the_middle;
static bool full; /* it does not die: the disk is full, for three transactions */

struct doomed {
        store_apply *apply;
        void *ctx;
};

static int doomed_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct doomed *d = ctx;
        int rc = d->apply(tx, d->ctx, err);

        if (rc == 0)
                raise(SIGKILL); /* all is written, nothing committed */
        return rc;
}

int __real_store_write(struct store *s, store_apply *apply, void *ctx, struct error *err);
int __wrap_store_write(struct store *s, store_apply *apply, void *ctx, struct error *err);

int __wrap_store_write(struct store *s, store_apply *apply, void *ctx, struct error *err)
{
        struct doomed d = {apply, ctx};

        if (full) {
                writes_left--;
                return writes_left <= 0 && writes_left > -3 ? error_raise(err, SB_STORE_FULL, "%s", "")
                                                            : __real_store_write(s, apply, ctx, err);
        }
        bool now = writes_left > 0 && --writes_left == 0;

        if (now && !in_the_middle)
                raise(SIGKILL);
        return now ? __real_store_write(s, doomed_apply, &d, err) : __real_store_write(s, apply, ctx, err);
}

/* --- the processes ------------------------------------------------------------------------------------------------------------------------- */

#define HEAD(id)                                                                                                               \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><message id=\"m1\" name=\"paid\"/>"            \
        "<signal id=\"s1\" name=\"year.end\"/><process id=\"" id "\" name=\"流程\" isExecutable=\"true\">"
#define TAIL "<endEvent id=\"end\"/></process></definitions>"
#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define THING(id)                                                                                                              \
        "<serviceTask id=\"" id "\" shebao:verb=\"thing.do\"><extensionElements><shebao:input name=\"n\" value=\"1\"/>"        \
        "</extensionElements></serviceTask>"
#define ALONE(id, begin)                                                                                                       \
        HEAD(id)                                                                                                               \
        "<startEvent id=\"start\">" begin "</startEvent>" THING("do") FLOW("f1", "start", "do") FLOW("f2", "do", "end") TAIL

static const char F1[] =
    HEAD("F1") "<startEvent id=\"start\"><timerEventDefinition><timeCycle>R/2026-01-01T08:00:00/P1M</timeCycle>"
               "</timerEventDefinition></startEvent>" THING(
                   "a") "<callActivity id=\"call\" calledElement=\"F2\"/>"
                        "<sendTask id=\"send\" messageRef=\"m1\"/><intermediateCatchEvent id=\"wait\"><timerEventDefinition>"
                        "<timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
                        "<intermediateThrowEvent id=\"tell\"><signalEventDefinition "
                        "signalRef=\"s1\"/></intermediateThrowEvent>" THING("b") FLOW("f1", "start", "a")
                            FLOW("f2", "a", "call") FLOW("f3", "call", "send") FLOW("f4", "send", "wait")
                                FLOW("f5", "wait", "tell") FLOW("f6", "tell", "b") FLOW("f7", "b", "end") TAIL;
static const char F2[] = ALONE("F2", "");
static const char F3[] = ALONE("F3", "<messageEventDefinition messageRef=\"m1\"/>");
static const char F4[] = ALONE("F4", "<signalEventDefinition signalRef=\"s1\"/>");
#define CASES 4 /* a month */
#define THINGS 5
/* F5: a year, for leap days. */
static const char F5[] =
    HEAD("F5") "<startEvent id=\"start\"/><intermediateCatchEvent id=\"wait\"><timerEventDefinition>"
               "<timeDuration>P1Y</timeDuration></timerEventDefinition></intermediateCatchEvent>" THING("do")
                   FLOW("f1", "start", "wait") FLOW("f2", "wait", "do") FLOW("f3", "do", "end") TAIL;
static const struct desk_file files[] = {{"processes/F1.bpmn", F1}, {"processes/F2.bpmn", F2}, {"processes/F3.bpmn", F3},
                                         {"processes/F4.bpmn", F4}, {"processes/F5.bpmn", F5}, {NULL, NULL}};

/* --- killed -------------------------------------------------------------------------------------------------------------------------------- */

/* A program of its own: f, and then it ends. Returns its wait status. */
static int program(void (*f)(const char *url, int month, int answer), const char *url, int month, int answer)
{
        int status;
        pid_t child = fork(); /* the parent opens nothing: threads do not survive a fork */

        assert_true(child >= 0);
        if (child == 0) {
                f(url, month, answer);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        return status;
}

static void found(const char *url, int month, int answer)
{
        struct desk *d = desk_open(test_store_open(url), true);

        (void)month, (void)answer;
        desk_pool(d);
        desk_pack(d, files);
        desk_work(d);
        desk_close(d);
}

static instant_t month_begin(int month)
{
        return day_instant(month_first(month_from(2026, 12) + month)) + 9 * HOUR;
}

static void work(const char *url, int month, int answer)
{
        bool disk = full;
        int left = writes_left, done;

        full = false;
        writes_left = disk ? 0 : left; /* the disk fills up when the office is open */
        struct desk *d = desk_open(test_store_open(url), false);
        full = disk;
        writes_left = disk ? left : writes_left;
        (void)answer;
        clock_set(d->house.clock, month_begin(month));
        (void)case_work(&d->house, 1000, &done, &d->err);
        clock_advance(d->house.clock, 2 * HOUR);
        (void)case_work(&d->house, 1000, &done, &d->err);
        desk_close(d);
        if (full && writes_left > 0)
                _exit(2); /* there were not so many */
}

struct count {
        int64_t cases, done, things, torn, open;
};

/* Another one goes on when the leases of the dead have ended, and counts. */
static void go_on(const char *url, int month, int answer)
{
        struct desk *d = desk_open(test_store_open(url), false);
        struct count n;

        for (int day = 1; day < 3; day++) {
                clock_set(d->house.clock, month_begin(month) + day * DAY);
                desk_work(d);
        }
        n.cases = desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int", 0);
        n.done = desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE state = 'done' AND id <> ?1@int", 0);
        n.things = desk_int(d, "SELECT COUNT(*) FROM outbox WHERE id <> ?1@int", 0);
        n.torn =
            desk_int(d,
                     "SELECT COUNT(*) FROM process_instance i WHERE i.id <> ?1@int AND (SELECT COUNT(*) FROM outbox o WHERE "
                     "o.target_home = i.id) <> CASE i.process WHEN 'F1' THEN 2 ELSE 1 END",
                     0);
        n.open = desk_int(d, "SELECT COUNT(*) FROM message WHERE state IN ('open', 'failed') AND id <> ?1@int", 0) +
                 desk_int(d, "SELECT COUNT(*) FROM effect WHERE state <> 'done' AND id <> ?1@int", 0) +
                 desk_int(d, "SELECT COUNT(*) FROM timer WHERE state <> 'done' AND id <> ?1@int", 0);
        desk_close(d);
        if (write(answer, &n, sizeof n) != (ssize_t)sizeof n)
                _exit(1);
}

static void a_kill_at_any_transaction_loses_and_repeats_nothing(void **state)
{
        char url[256];
        int answer[2], month = 0, killed = 0;
        struct count n;

        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        assert_int_equal(pipe(answer), 0);
        assert_int_equal(program(found, url, 0, 0), 0);
        /* Before its commit is, for the database, before it: the larger engine is spared the half. */
        for (int middle = *(enum test_engine *)*state == TEST_POSTGRESQL; middle < 2; middle++) {
                int status = SIGKILL;
                for (int at = 1; at < WRITES_MAX && status != 0; at++, month++) {
                        writes_left = at;
                        in_the_middle = middle == 1;
                        status = program(work, url, month, 0);
                        assert_true(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
                        killed += status != 0;
                        writes_left = 0;
                        assert_int_equal(program(go_on, url, month, answer[1]), 0);
                        assert_int_equal(read(answer[0], &n, sizeof n), sizeof n);
                        assert_int_equal(n.cases, CASES * (month + 1));
                        assert_int_equal(n.done, n.cases);
                        assert_int_equal(n.things, THINGS * (month + 1));
                        assert_int_equal(n.torn, 0);
                        assert_int_equal(n.open, 0);
                }
                assert_int_equal(status, 0); /* every transaction had its turn */
        }
        assert_true(killed > 20);
        close(answer[0]);
        close(answer[1]);
}

/* A disk that is full is no fault of a case: when there is room again everything goes on, and nobody has to mend anything. */
static void a_full_disk_stops_no_case(void **state)
{
        char url[256];
        int answer[2], month = 0, status = 0;
        struct count n;

        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        assert_int_equal(pipe(answer), 0);
        assert_int_equal(program(found, url, 0, 0), 0);
        for (int at = 1; at < WRITES_MAX && status == 0; at++, month++) {
                writes_left = at;
                full = true;
                status = program(work, url, month, 0);
                full = false;
                writes_left = 0;
                assert_int_equal(program(go_on, url, month, answer[1]), 0);
                assert_int_equal(read(answer[0], &n, sizeof n), sizeof n);
                assert_int_equal(n.cases, CASES * (month + 1));
                assert_int_equal(n.done, n.cases);
                assert_int_equal(n.things, THINGS * (month + 1));
                assert_int_equal(n.open, 0);
        }
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2 && month > 10);
        close(answer[0]);
        close(answer[1]);
}

/* --- the clock ------------------------------------------------------------------------------------------------------------------------------ */

static struct desk *fresh(void **state)
{
        struct desk *d = desk_fresh(state);

        desk_pack(d, files);
        return d;
}

#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define DONE "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int"

static void a_clock_that_jumps_fires_a_timer_once(void **state)
{
        struct desk *d = fresh(state);
        instant_t now = clock_now(d->house.clock);
        int64_t id = desk_start(d, "X2", "{\"n\":1}"); /* four things, an hour, one more */

        clock_set(d->house.clock, now - 30 * DAY); /* back: nothing is due, nothing is lost */
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, id), "active");
        clock_set(d->house.clock, now + 3650 * DAY); /* ten years on */
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, id), "done");
        clock_set(d->house.clock, now);
        desk_work(d);
        clock_set(d->house.clock, now + 2 * HOUR);
        desk_work(d);
        assert_int_equal(desk_int(d, DONE, id), 5);
        /* A case that begins after the clock went back lives by the clock as it stands. */
        id = desk_start(d, "X2", "{\"n\":1}");
        desk_work(d);
        assert_int_equal(desk_int(d, DONE, id), 4);
        clock_advance(d->house.clock, HOUR);
        desk_work(d);
        assert_int_equal(desk_int(d, DONE, id), 5);
        desk_close(d);
}

static void a_year_from_a_leap_day_is_over_at_the_end_of_february(void **state)
{
        struct desk *d = fresh(state);

        clock_set(d->house.clock, day_instant(day_from(2027, 2, 28)) + 9 * HOUR);
        int64_t before = desk_start(d, "F5", "{\"n\":1}");
        assert_int_equal(desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int", before),
                         day_instant(day_from(2028, 2, 28)) + 9 * HOUR);
        clock_set(d->house.clock, day_instant(day_from(2028, 2, 29)) + 9 * HOUR);
        int64_t id = desk_start(d, "F5", "{\"n\":1}");
        assert_int_equal(desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int", id),
                         day_instant(day_from(2029, 2, 28)) + 9 * HOUR);
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, before), "done");
        assert_string_equal(desk_text(d, STATE, id), "active");
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_kill_at_any_transaction_loses_and_repeats_nothing),
            {"a_full_disk_stops_no_case", a_full_disk_stops_no_case, NULL, NULL, &test_engines[0]},
            TEST_ON_BOTH(a_clock_that_jumps_fires_a_timer_once),
            TEST_ON_BOTH(a_year_from_a_leap_day_is_over_at_the_end_of_february),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
