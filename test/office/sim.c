/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulation itself: some seeds for some months, the same run for the same seed, and a model with a fault in it, which has to be
 * found.
 */
#include "office/sim/sim.h"
#include "office/town.h"

#include "support/cairo_leak.h"

#include <string.h>
#include <unistd.h>

static struct sim_template *template;
static struct registry *verbs;
static struct pack *pack;

static int template_make(void **state)
{
        const struct verb *tables[48] = {case_verbs};
        struct error err = {0};
        char dir[] = "/tmp/shebao-sim-test-XXXXXX";

        (void)state;
        for (size_t i = 0; office_verbs[i] != NULL; i++)
                tables[i + 1] = office_verbs[i];
        assert_non_null(mkdtemp(dir));
        assert_ok(registry_new(&verbs, tables, office_scopes, &err), err);
        assert_ok(pack_open(&pack, "packs/demo", &err), err);
        assert_ok(sim_template_make(&template, verbs, office_runs, pack, dir, NULL, &err), err);
        rmdir(dir);
        return 0;
}

static int template_free(void **state)
{
        (void)state;
        sim_template_free(template);
        registry_free(verbs);
        pack_free(pack);
        return 0;
}

static struct sim_result run(uint64_t seed, int months, bool planted, bool no_faults)
{
        struct sim_options o = {.seed = seed, .months = months, .plan_a_fault = planted, .no_faults = no_faults};
        struct sim_result r;
        struct error err = {0};

        assert_ok(sim_run(&r, template, &o, &err), err);
        return r;
}

static void seeds_are_clean(void **state)
{
        (void)state;
        for (uint64_t seed = 1001; seed <= 1003; seed++) {
                struct sim_result r = run(seed, 4, false, false);
                if (r.failed)
                        fail_msg("seed %llu: %s", (unsigned long long)seed, r.why);
                assert_true(r.calls > 200 && r.cases > 20 && r.audits >= 4 && r.verbs > 15);
        }
}

static void the_same_seed_is_the_same_run(void **state)
{
        struct sim_result a = run(7, 2, false, false), b = run(7, 2, false, false), c = run(8, 2, false, false);

        (void)state;
        assert_false(a.failed || b.failed || c.failed);
        assert_string_equal(a.digest, b.digest);
        assert_int_equal(a.power, b.power);
        assert_string_not_equal(a.digest, c.digest);
}

/* A simulation that cannot fail shows nothing. */
static void a_planted_fault_is_found(void **state)
{
        struct sim_result r = run(1, 8, true, true);

        (void)state;
        assert_true(r.failed);
        assert_non_null(strstr(r.why, "run"));
}

/* On a server connections break instead; the office and the model are the same. */
static void a_server_whose_connections_break(void **state)
{
        struct sim_template *own = NULL;
        struct sim_options o = {.seed = 3, .months = 2};
        struct sim_result r;
        struct error err = {0};
        char url[256], dir[] = "/tmp/shebao-sim-test-XXXXXX";

        (void)state;
        if (test_store_url(TEST_POSTGRESQL, url) == NULL)
                skip();
        assert_non_null(mkdtemp(dir));
        assert_ok(sim_template_make(&own, verbs, office_runs, pack, dir, url, &err), err);
        rmdir(dir);
        assert_ok(sim_run(&r, own, &o, &err), err);
        if (r.failed)
                fail_msg("%s", r.why);
        assert_true(r.faults > 0 && r.calls > 100);
        sim_template_free(own);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(seeds_are_clean),
            cmocka_unit_test(the_same_seed_is_the_same_run),
            cmocka_unit_test(a_planted_fault_is_found),
            cmocka_unit_test(a_server_whose_connections_break),
        };
        return cmocka_run_group_tests(tests, template_make, template_free);
}
