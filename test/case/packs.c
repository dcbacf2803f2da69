/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs in the database: what is listed, what a damaged or a lost one does, whose law it is from when on, and who is
 * told whom to ask when a duty is not theirs.
 */
#include "case/office.h"

#include "base/hash.h"
#include "case/access.h"
#include "support/permissions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct desk *fresh(void **state)
{
        struct desk *d = desk_fresh(state);

        desk_pool(d);
        desk_put(d, "UPDATE office SET body_kind = 'social_insurance' WHERE id = 1", 0, 0, 0, 0);
        desk_put(d, "UPDATE office SET body_kind = 'tax', level = 2 WHERE id = 11", 0, 0, 0, 0);
        return d;
}

static json_t *listed(struct desk *d, const char *verb, json_t *in)
{
        json_t *out = NULL, *items;

        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, verb, in, &out), SB_OK);
        items = json_incref(json_object_get(out, "items"));
        json_decref(out);
        return items;
}

static const json_t *of_name(const json_t *items, const char *name)
{
        json_t *item;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)items, i, item)
        {
                if (strcmp(desk_word(item, "name"), name) == 0)
                        return item;
        }
        return NULL;
}

/* A pack of its manifest alone, below a parent. */
static struct pack *small(struct desk *d, const char *name, const char *more)
{
        char dir[200], path[260], manifest[400];
        struct pack *pack = NULL;

        mkdir(text_format(dir, sizeof dir, "%s/%s", test_scratch(), name), 0777);
        text_format(manifest, sizeof manifest, "{\"name\":\"%s\",\"title\":{\"zh\":\"甲\",\"en\":\"A\"},\"version\":\"2\"%s}",
                    name, more);
        assert_ok(file_write(text_format(path, sizeof path, "%s/pack.json", dir), manifest, strlen(manifest), &d->err), d->err);
        assert_ok(pack_open(&pack, dir, &d->err), d->err);
        return pack;
}

static struct hash stored(struct desk *d, const char *name, const char *more)
{
        struct pack *pack = small(d, name, more);
        struct hash hash = *pack_hash(pack);

        assert_ok(pack_store_put(d->house.packs, pack, clock_now(d->house.clock), &d->err), d->err);
        pack_free(pack);
        return hash;
}

static void forget(struct desk *d) /* as a program that starts: every pack is read from the database */
{
        pack_store_free(d->house.packs);
        d->house.packs = NULL;
        assert_ok(pack_store_new(&d->house.packs, d->house.store, &d->err), d->err);
}

static void packs_are_listed_with_where_they_hold(void **state)
{
        struct desk *d = fresh(state);
        char hex[65];

        stored(d, "upper", "");
        struct hash child = stored(d, "child", ",\"parent\":{\"name\":\"upper\"}");
        forget(d);
        desk_put(d, "UPDATE pack SET archive = pack_hash FROM pack_activation WHERE pack.name = 'upper'", 0, 0, 0, 0);
        json_t *items = listed(d, "packs.list", json_object());
        assert_int_equal(json_array_size(items), 3);
        const json_t *land = of_name(items, "land"), *upper = of_name(items, "upper"), *below = of_name(items, "child");
        assert_string_equal(desk_word(land, "title_en"), "The land");
        assert_true(json_is_null(json_object_get(land, "parent")));
        assert_true(json_is_false(json_object_get(land, "demonstration")));
        const json_t *there = json_array_get(json_object_get(land, "activations"), 0);
        assert_int_equal(json_integer_value(json_object_get(there, "pool")), POOL);
        assert_string_equal(desk_word(there, "code"), "P");
        assert_string_equal(desk_word(there, "from"), "2020-01-01");
        /* What is damaged is listed, with its place but without its title; so is what rests on it. */
        assert_null(json_object_get(upper, "title_en"));
        assert_null(json_object_get(below, "title_en"));
        assert_string_equal(desk_word(below, "hash"), hash_hex(&child, hex));
        assert_string_equal(desk_word(below, "parent"), desk_word(upper, "hash"));
        assert_int_equal(json_array_size(json_object_get(upper, "activations")), 0);
        json_decref(items);
        desk_close(d);
}

static void figures_are_read_by_name_or_hash(void **state)
{
        struct desk *d = fresh(state);
        json_t *packs = listed(d, "packs.list", json_object()), *all, *one, *none;
        const char *hash = desk_word(of_name(packs, "land"), "hash");

        all = listed(d, "packs.parameters", json_pack("{s:s}", "pack", "land"));
        assert_int_equal(json_array_size(all), 2);
        one = listed(d, "packs.parameters", json_pack("{s:s,s:s}", "pack", hash, "key", "case_limit"));
        assert_true(json_equal(all, one));
        assert_string_equal(desk_word(json_array_get(one, 0), "dimensions"), "process=X1");
        assert_string_equal(desk_word(json_array_get(one, 0), "value"), "5");
        assert_true(json_is_null(json_object_get(json_array_get(one, 0), "valid_to")));
        json_decref(one);
        one = listed(d, "packs.parameters", json_pack("{s:s,s:s}", "pack", "land", "key", ""));
        assert_true(json_equal(all, one));
        none = listed(d, "packs.parameters", json_pack("{s:s,s:s}", "pack", "land", "key", "pension_age"));
        assert_int_equal(json_array_size(none), 0);
        static const char *const strangers[] = {"sea", "0000000000000000000000000000000000000000000000000000000000000000",
                                                "no-hash-but-as-long-as-one-0000000000000000000000000000000000000"};
        for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
                assert_int_equal(
                    desk_call(d, 1, ROLE_CLERK, 10, "packs.parameters", json_pack("{s:s}", "pack", strangers[i]), NULL),
                    SB_CASE_PACK_UNKNOWN);
        json_decref(packs);
        json_decref(all);
        json_decref(one);
        json_decref(none);
        desk_close(d);
}

static enum error_code activate(struct desk *d, uint32_t roles, int64_t office, const char *pack, const char *from)
{
        return desk_call(d, 9, roles, office, "packs.activate",
                         json_pack("{s:s,s:i,s:s}", "pack", pack, "pool", POOL, "from", from), NULL);
}

#define BELIEVED "SELECT COUNT(*) FROM pack_activation WHERE pool = ?1@int AND known_to > 4000000000000000"

static void a_pack_becomes_law_by_who_may_say_so(void **state)
{
        static const struct desk_file nobody[] = {{"permissions.csv", "duty,role,body,level,purpose\nsystem.packs,admin,*,,\n"},
                                                  {NULL, NULL}};
        struct desk *d = fresh(state);
        char text[600];

        assert_int_equal(activate(d, ROLE_CLERK, 1, "land", "2026-12-01"), SB_CASE_ROLE);
        assert_int_equal(activate(d, ROLE_ADMIN, 11, "land", "2026-12-01"), SB_CASE_BODY);
        assert_non_null(strstr(error_text(&d->err, LANG_EN, text, sizeof text), "ask one of: social_insurance 1-2."));
        assert_int_equal(activate(d, ROLE_ADMIN, 77, "land", "2026-12-01"), SB_CASE_BODY); /* of no office */
        assert_int_equal(activate(d, ROLE_ADMIN, 1, "sea", "2026-12-01"), SB_CASE_PACK_UNKNOWN);
        assert_int_equal(desk_int(d, BELIEVED, POOL), 1);
        assert_int_equal(activate(d, ROLE_ADMIN, 1, "land", "2027-01-01"), SB_OK);
        assert_int_equal(activate(d, ROLE_ADMIN, 1, "land", "2026-12-01"), SB_OK);
        /* What was said of January is believed no more, and still there. */
        assert_int_equal(desk_int(d, BELIEVED, POOL), 2);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM pack_activation WHERE pool = ?1@int", POOL), 3);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE verb = 'packs.activate' AND subject = ?1@int", POOL),
                         2);
        /* One that leaves a duty of the program without a role would lock everybody out. */
        clock_advance(d->house.clock, 1); /* of two packs of one name the later is meant */
        desk_pack(d, nobody);
        desk_put(d, "DELETE FROM pack_activation WHERE valid_from = ?1@int", clock_today(d->house.clock), 0, 0, 0);
        assert_int_equal(activate(d, ROLE_ADMIN, 1, "land", "2026-12-01"), SB_PACK_PERMISSION);
        desk_close(d);
}

static int activate_tx(struct tx *tx, void *ctx, struct error *err)
{
        struct desk *d = ((void **)ctx)[0];

        return pack_store_activate(tx, d->house.ids, 9, ((void **)ctx)[1], day_from(2026, 1, 1), 0, clock_now(d->house.clock),
                                   err);
}

static void made_up_figures_never_meet_real_ones(void **state)
{
        struct desk *d = fresh(state);
        struct hash show = stored(d, "show", ",\"demonstration\":true"), real = stored(d, "real", ""), none = {{1}};
        void *ctx[] = {d, &show};

        assert_error(store_write(d->house.store, activate_tx, ctx, &d->err), d->err, SB_CASE_PACK_KIND);
        ctx[1] = &none;
        assert_error(store_write(d->house.store, activate_tx, ctx, &d->err), d->err, SB_CASE_PACK_UNKNOWN);
        ctx[1] = &real;
        assert_ok(store_write(d->house.store, activate_tx, ctx, &d->err), d->err);
        assert_int_equal(desk_int(d, BELIEVED, 9), 1);
        desk_close(d);
}

static void a_pack_is_read_with_its_parents(void **state)
{
        struct desk *d = fresh(state);
        struct hash upper = stored(d, "upper", ""), child = stored(d, "child", ",\"parent\":{\"name\":\"upper\"}");
        struct pack *pack = NULL;

        forget(d);
        assert_ok(pack_store_get(d->house.packs, &child, &pack, &d->err), d->err);
        assert_memory_equal(pack_hash(pack_parent(pack)), &upper, sizeof upper);
        assert_string_equal(pack_name(pack), "child");
        /* Stored once: putting it again changes nothing. */
        stored(d, "child", ",\"parent\":{\"name\":\"upper\"}");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM pack WHERE name <> 'land' AND stored_at > ?1@int", 0), 2);
        forget(d);
        desk_put(d, "DELETE FROM pack WHERE name = 'upper'", 0, 0, 0, 0);
        assert_error(pack_store_get(d->house.packs, &child, &pack, &d->err), d->err, SB_CASE_PACK_UNKNOWN);
        desk_close(d);
}

static void a_pack_that_is_not_what_its_hash_says_is_refused(void **state)
{
        struct desk *d = fresh(state);
        struct hash upper = stored(d, "upper", ""), other = stored(d, "other", "");
        struct pack *pack = NULL;

        desk_put(d, "UPDATE pack SET archive = (SELECT archive FROM pack WHERE name = 'other') WHERE name = 'upper'", 0, 0, 0,
                 0);
        forget(d);
        assert_error(pack_store_get(d->house.packs, &upper, &pack, &d->err), d->err, SB_CASE_PACK_UNKNOWN);
        assert_ok(pack_store_get(d->house.packs, &other, &pack, &d->err), d->err);
        /* A circle of parents ends. */
        desk_put(d, "UPDATE pack SET parent_hash = hash WHERE name = 'upper'", 0, 0, 0, 0);
        assert_error(pack_store_get(d->house.packs, &upper, &pack, &d->err), d->err, SB_LIMIT);
        desk_close(d);
}

/* --- whose law ------------------------------------------------------------------------------------------------------------------------ */

static int first_law(struct tx *tx, void *ctx, struct error *err)
{
        struct desk *d = ((void **)ctx)[0];

        return pack_store_activate(tx, d->house.ids, POOL, ((void **)ctx)[1], day_from(2030, 1, 1), 0,
                                   clock_now(d->house.clock), err);
}

static void before_any_law_another_stands_in(void **state)
{
        struct desk *d = desk_open(test_store_new(*(enum test_engine *)*state), false);
        struct pack *pack = NULL, *again = NULL;
        bool yes = true;

        if (d == NULL)
                skip();
        struct call c = {.house = &d->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK}};
        json_t *out = NULL;
        assert_error(pack_store_home(d->house.packs, d->house.clock, &pack, &d->err), d->err, SB_CASE_NO_PACK);
        assert_error(access_has(&c, "cases.read", &yes, &d->err), d->err, SB_CASE_NO_PACK);
        assert_false(yes);
        assert_error(access_duties(&c, &out, &d->err), d->err, SB_CASE_NO_PACK);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.list", json_object(), NULL), SB_CASE_NO_PACK);
        test_permissions(&d->house);
        assert_ok(pack_store_home(d->house.packs, d->house.clock, &pack, &d->err), d->err);
        assert_string_equal(pack_name(pack), "rules");
        /* Once something was put in force, be it for later, its word counts. */
        struct hash later = stored(d, "later", "");
        void *ctx[] = {d, &later};
        assert_ok(store_write(d->house.store, first_law, ctx, &d->err), d->err);
        clock_advance(d->house.clock, (int64_t)86400 * 1000000);
        assert_ok(pack_store_home(d->house.packs, d->house.clock, &pack, &d->err), d->err);
        assert_string_equal(pack_name(pack), "later");
        assert_ok(pack_store_home(d->house.packs, d->house.clock, &again, &d->err), d->err);
        assert_ptr_equal(again, pack);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.list", json_object(), NULL),
                         SB_CASE_ROLE); /* it knows no duty */
        desk_close(d);
}

static void who_may_not_is_told_whom_to_ask(void **state)
{
        static const struct desk_file files[] = {
            {"bodies.csv",
             "body,name_zh,name_en\ntax,税,Tax\nfinance,财,Finance\na_body_with_a_name_that_is_really_long_one,甲,A\n"
             "a_body_with_a_name_that_is_really_long_two,乙,B\na_body_with_a_name_that_is_really_long_three,丙,C\n"
             "a_body_with_a_name_that_is_really_long_four,丁,D\na_body_with_a_name_that_is_really_long_five,戊,E\n"},
            {"permissions.csv", "duty,role,body,level,purpose\ncases.work,clerk,tax,1-2,\ncases.work,reviewer,tax,,\n"
                                "cases.work,approver,tax,1-2,\ncases.work,approver,finance,3,\ncases.note,clerk,"
                                "a_body_with_a_name_that_is_really_long_one a_body_with_a_name_that_is_really_long_two "
                                "a_body_with_a_name_that_is_really_long_three a_body_with_a_name_that_is_really_long_four "
                                "a_body_with_a_name_that_is_really_long_five,,\n"},
            {NULL, NULL},
        };
        struct desk *d = fresh(state);
        json_t *task = json_pack("{s:i}", "task", 1), *note = json_pack("{s:i,s:s}", "case", 1, "text", "x"), *out = NULL;
        struct call c = {.house = &d->house, .who = {.staff = 1, .office = 11, .roles = ROLE_CLERK | ROLE_REVIEWER}};
        char text[600];
        bool yes = true;

        desk_pack(d, files);
        desk_put(d, "DELETE FROM pack_activation WHERE valid_from < ?1@int", day_from(2026, 1, 1), 0, 0, 0);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.take", json_incref(task), NULL), SB_CASE_BODY);
        /* Each once, and the tax authority at any level beside that of two levels. */
        assert_non_null(strstr(error_text(&d->err, LANG_EN, text, sizeof text), "ask one of: finance 3-3, tax 1-2, tax."));
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, "tasks.take", json_incref(task), NULL), SB_CASE_TASK_UNKNOWN);
        assert_int_equal(desk_call(d, 1, ROLE_ADMIN, 11, "tasks.take", json_incref(task), NULL), SB_CASE_ROLE);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, "cases.note", json_incref(note), NULL), SB_CASE_BODY);
        error_text(&d->err, LANG_EN, text, sizeof text);
        assert_non_null(strstr(text, "long_four"));
        assert_null(strstr(text, "long_t,")); /* what has no room is left out whole */
        assert_ok(access_has(&c, "cases.work", &yes, &d->err), d->err);
        assert_true(yes);
        assert_ok(access_has(&c, "cases.note", &yes, &d->err), d->err);
        assert_false(yes);
        assert_ok(access_duties(&c, &out, &d->err), d->err);
        assert_int_equal(json_array_size(out), 1);
        assert_string_equal(json_string_value(json_array_get(out, 0)), "cases.work");
        json_decref(out);
        json_decref(task);
        json_decref(note);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(packs_are_listed_with_where_they_hold),
            TEST_ON_SQLITE(figures_are_read_by_name_or_hash),
            TEST_ON_BOTH(a_pack_becomes_law_by_who_may_say_so),
            TEST_ON_SQLITE(made_up_figures_never_meet_real_ones),
            TEST_ON_SQLITE(a_pack_is_read_with_its_parents),
            TEST_ON_SQLITE(a_pack_that_is_not_what_its_hash_says_is_refused),
            TEST_ON_BOTH(before_any_law_another_stands_in),
            TEST_ON_SQLITE(who_may_not_is_told_whom_to_ask),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
