/* SPDX-License-Identifier: Apache-2.0
 *
 * The anchors of the audit trail and the file that they are written to: once a day, chained, only what the file does not hold yet; and
 * what is damaged, in the trail or in the file, is told and nothing written on top of it.
 */
#include "case/anchor.h"
#include "case/office.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY ((instant_t)24 * 3600 * 1000000)
#define ANCHORS "SELECT COUNT(*) FROM anchor WHERE sequence > ?1@int"

/* Something in the trail, under a seal. */
static void sealed(struct desk *d, int64_t id)
{
        int rows = 0;

        assert_int_equal(desk_case(d, id, "cases.note", "{\"text\":\"seen\"}", NULL), SB_OK);
        assert_ok(audit_seal(&d->house, clock_now(d->house.clock) + 1, &rows, &d->err), d->err);
        assert_true(rows > 0);
}

static bool made(struct desk *d, bool now)
{
        bool yes = true;

        error_clear(&d->err);
        assert_ok(anchor_make(&d->house, now, &yes, &d->err), d->err);
        return yes;
}

static void a_day_has_one_anchor(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        assert_false(made(d, false)); /* nothing was ever sealed */
        sealed(d, id);
        assert_true(made(d, false));
        assert_false(made(d, false)); /* of today there is one */
        assert_true(made(d, true));   /* unless somebody wants it now */
        clock_advance(d->house.clock, DAY);
        assert_true(made(d, false));
        assert_int_equal(desk_int(d, ANCHORS, 0), 3);
        /* Each says the hash of the one before; the first of none. */
        assert_non_null(strstr(desk_text(d, "SELECT body FROM anchor WHERE sequence = ?1@int", 1),
                               "\"previous\":\"0000000000000000000000000000000000000000000000000000000000000000\""));
        struct hash first = anchor_hash(str_from(desk_text(d, "SELECT body FROM anchor WHERE sequence = ?1@int", 1)));
        char hex[65];
        hash_hex(&first, hex);
        assert_non_null(strstr(desk_text(d, "SELECT body FROM anchor WHERE sequence = ?1@int", 2), hex));
        desk_close(d);
}

static int lines_of(const char *path)
{
        struct buf text;
        struct error err = {0};
        int n = 0;

        buf_init(&text, (size_t)1 << 20);
        assert_ok(file_read(&text, path, (size_t)1 << 20, &err), err);
        for (size_t i = 0; i < text.n; i++)
                n += text.p[i] == '\n';
        buf_dispose(&text);
        return n;
}

static void the_file_holds_each_once(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        char path[300], nowhere[320];
        struct error err = {0};
        int n = 7;

        text_format(path, sizeof path, "%s/anchors-%d", test_scratch(), (int)*(enum test_engine *)*state);
        unlink(path);
        assert_ok(anchor_write(d->house.store, path, &n, &err), err);
        assert_int_equal(n, 0); /* no anchor yet: no file */
        assert_true(access(path, F_OK) != 0);
        sealed(d, id);
        assert_true(made(d, true) && made(d, true));
        assert_ok(anchor_write(d->house.store, path, &n, &err), err);
        assert_int_equal(n, 2);
        assert_ok(anchor_write(d->house.store, path, &n, &err), err);
        assert_int_equal(n, 0);
        assert_true(made(d, true));
        assert_ok(anchor_write(d->house.store, path, &n, &err), err);
        assert_int_equal(n, 1);
        assert_int_equal(lines_of(path), 3);
        /* Where no file can be, none is written, and that is said. */
        text_format(nowhere, sizeof nowhere, "%s/absent/anchors", test_scratch());
        assert_error(anchor_write(d->house.store, nowhere, &n, &err), err, SB_IO);
        assert_int_equal(n, 0);
        desk_close(d);
}

static void a_file_that_is_none_of_ours_is_left_alone(void **state)
{
        static const struct {
                const char *text;
                enum error_code code;
        } files[] = {{"no anchor\n", SB_JSON_SYNTAX},
                     {"{\"body\":{}}\n", SB_FIELD_MISSING},
                     {"{\"body\":{\"anchor\":\"1\"}}\n", SB_FIELD_TYPE},
                     {"{\"body\":{\"anchor\":1}}", SB_AUDIT_ANCHOR_LOST},     /* of another trail */
                     {"{\"body\":{\"anchor\":99}}\n", SB_AUDIT_ANCHOR_LOST}}; /* later than any */
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        char path[300];
        struct error err = {0};
        int n;

        text_format(path, sizeof path, "%s/strange", test_scratch());
        sealed(d, id);
        assert_true(made(d, true));
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
                struct buf after;
                assert_ok(file_write(path, files[i].text, strlen(files[i].text), &err), err);
                assert_error(anchor_write(d->house.store, path, &n, &err), err, files[i].code);
                buf_init(&after, 1000);
                assert_ok(file_read(&after, path, 1000, &err), err);
                assert_string_equal(buf_text(&after), files[i].text);
                buf_dispose(&after);
        }
        /* An empty one is begun. */
        assert_ok(file_write(path, "\n", 1, &err), err);
        assert_ok(anchor_write(d->house.store, path, &n, &err), err);
        assert_int_equal(n, 1);
        desk_close(d);
}

static void what_is_damaged_in_the_trail_is_not_anchored(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        struct error err = {0};
        bool yes = true;
        int rows = 7;

        sealed(d, id);
        assert_int_equal(desk_case(d, id, "cases.note", "{\"text\":\"again\"}", NULL), SB_OK);
        desk_put(d,
                 "UPDATE audit_row SET hash = (SELECT wrapped FROM case_note WHERE instance = ?1@int LIMIT 1) WHERE seal = 0",
                 id, 0, 0, 0);
        assert_error(audit_seal(&d->house, clock_now(d->house.clock) + 1, &rows, &err), err, SB_CASE_AUDIT_ROW);
        assert_int_equal(rows, 0);
        desk_put(d, "UPDATE audit_seal SET head = (SELECT wrapped FROM case_note WHERE instance = ?1@int LIMIT 1)", id, 0, 0,
                 0);
        assert_error(audit_seal(&d->house, clock_now(d->house.clock) + 1, &rows, &err), err, SB_CASE_AUDIT_ROW);
        assert_error(anchor_make(&d->house, true, &yes, &err), err, SB_CASE_AUDIT_ROW);
        assert_false(yes);
        assert_int_equal(desk_int(d, ANCHORS, 0), 0);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_day_has_one_anchor),
            TEST_ON_BOTH(the_file_holds_each_once),
            TEST_ON_SQLITE(a_file_that_is_none_of_ours_is_left_alone),
            TEST_ON_SQLITE(what_is_damaged_in_the_trail_is_not_anchored),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
