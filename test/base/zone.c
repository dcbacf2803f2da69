/* SPDX-License-Identifier: Apache-2.0
 *
 * Zones: against Python's zoneinfo over the machine's own tz database, and files that are damaged.
 */
#include "base/zone.h"
#include "testing.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/usr/share/zoneinfo"

static bool no_database(void)
{
        if (access(FOLDER "/Asia/Shanghai", R_OK) == 0)
                return false;
        print_message("skipped: there is no tz database at " FOLDER "\n");
        return true;
}

static void agrees_with_python(void **state)
{
        char line[256], name[65];
        struct zones *zs = NULL;
        struct error err = {0};
        int ends[2], status, count = 0;

        (void)state;
        if (no_database())
                skip();
        assert_ok(zones_open(&zs, FOLDER, &err), err);
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                dup2(ends[1], STDOUT_FILENO);
                close(ends[0]);
                close(ends[1]);
                execlp("python3", "python3", "test/base/zone_oracle.py", FOLDER, "7", "40000", (char *)NULL);
                _exit(127);
        }
        close(ends[1]);
        FILE *oracle = fdopen(ends[0], "r");
        while (fgets(line, sizeof line, oracle) != NULL) {
                long long at, local;
                int offset, local_offset;
                assert_int_equal(sscanf(line, "%64s %lld %d %lld %d", name, &at, &offset, &local, &local_offset), 5);
                const struct zone *z = zones_find(zs, str_from(name));
                assert_non_null(z);
                if (zone_offset_utc(z, at) != offset || zone_offset_local(z, local) != local_offset)
                        fail_msg("%s %lld: %d, %lld: %d; expected %s", name, at, zone_offset_utc(z, at), local,
                                 zone_offset_local(z, local), line);
                count++;
        }
        fclose(oracle);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(count, 40000);
        zones_close(zs);
}

static void takes_the_offset_before_a_change(void **state)
{
        struct zones *zs = NULL;
        struct error err = {0};

        (void)state;
        if (no_database())
                skip();
        assert_ok(zones_open(&zs, NULL, &err), err);
        const struct zone *z = zones_find(zs, STR("Europe/Paris"));
        assert_non_null(z);
        assert_string_equal(zone_name(z), "Europe/Paris");
        assert_ptr_equal(zones_find(zs, STR("Europe/Paris")), z);
        assert_int_equal(zone_offset_local(z, 1616898600), 3600); /* 2021-03-28T02:30: skipped */
        assert_int_equal(zone_offset_local(z, 1635647400), 7200); /* 2021-10-31T02:30: twice */
        assert_int_equal(zone_offset_utc(z, 4102444800), 3600);   /* 2100-01-01, by the rule of the footer */
        assert_int_equal(zone_offset_utc(z, 4118083200), 7200);   /* 2100-07-01 */
        assert_int_equal(zone_offset_utc(z, -99999999999999), zone_offset_utc(z, -2500000000));
        zones_close(zs);
}

static void finds_no_zone_outside_the_folder(void **state)
{
        static const char *const NAMES[] = {"",
                                            "../zoneinfo/Asia/Shanghai",
                                            "/usr/share/zoneinfo/Asia/Shanghai",
                                            "Asia",
                                            "Asia//Shanghai",
                                            "Asia/Shanghai/",
                                            "Asia/Atlantis",
                                            "tzdata.zi",
                                            "Asia/Sh anghai"};
        struct zones *zs = NULL;
        struct error err = {0};

        (void)state;
        assert_ok(zones_open(&zs, FOLDER, &err), err);
        for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
                assert_null(zones_find(zs, str_from(NAMES[i])));
        zones_close(zs);
}

/* A file of version 2 with one change and a footer. */
static size_t make_file(char out[256], const char *footer)
{
        static const char EMPTY[20] = {'T', 'Z', 'i', 'f', '2'};
        static const unsigned char FIRST[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                              0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
        static const unsigned char SECOND[] = {0, 0, 0,  0,  0, 0, 0, 0, 0,  0,  0, 0, 0, 0, 0,   1, 0,
                                               0, 0, 2,  0,  0, 0, 1, 0, 0,  0,  0, 0, 0, 3, 232, 1, /* at 1000, type 1 */
                                               0, 0, 14, 16, 0, 0, 0, 0, 28, 32, 1, 0, 0};
        size_t n = 0;

        memcpy(out, EMPTY, 20);
        memcpy(out + 20, FIRST, sizeof FIRST);
        n = 20 + sizeof FIRST;
        memcpy(out + n, EMPTY, 20);
        memcpy(out + n + 20, SECOND, sizeof SECOND);
        n += 20 + sizeof SECOND;
        memcpy(out + n, footer, strlen(footer));
        return n + strlen(footer);
}

static void refuses_damaged_files(void **state)
{
        static const char *const FOOTERS[] = {"",
                                              "\n",
                                              "\nCST\n",
                                              "\nCST-8x\n",
                                              "\nCST-8CDT\n",
                                              "\nCST-8CDT,M13.1.0,M1.1.0\n",
                                              "\nC-8\n",
                                              "\n<+08\n",
                                              "\nCST-8CDT,J0,J5\n",
                                              "\nCST-8CDT,M3.2.0\n",
                                              "\nCST-999\n"};
        char file[256];
        struct zone *z = NULL;
        struct error err = {0};

        (void)state;
        for (size_t i = 0; i < sizeof FOOTERS / sizeof *FOOTERS; i++) {
                size_t n = make_file(file, FOOTERS[i]);
                assert_error(zone_read(&z, STR("X"), (struct str){file, n}, &err), err, SB_ZONE_SYNTAX);
        }
        size_t n = make_file(file, "\n<+08>-8\n");
        for (size_t cut = 0; cut < n; cut++)
                assert_error(zone_read(&z, STR("X"), (struct str){file, cut}, &err), err, SB_ZONE_SYNTAX);
        assert_ok(zone_read(&z, STR("X"), (struct str){file, n}, &err), err);
        assert_int_equal(zone_offset_utc(z, 999), 3600);
        assert_int_equal(zone_offset_utc(z, 1000), 28800); /* the footer holds from the last change on */
        zone_free(z);
}

static void reads_every_form_of_a_rule(void **state)
{
        char file[256];
        struct zone *z = NULL;
        struct error err = {0};

        (void)state;
        /* Summer from day 60 (1 March, whatever the year) 00:00 to the day with index 300, 25 hours later. */
        size_t n = make_file(file, "\nAAA-1BBB-3:30,J60/0,300/25:00:01\n");
        assert_ok(zone_read(&z, STR("X"), (struct str){file, n}, &err), err);
        assert_int_equal(zone_offset_utc(z, 951868800 - 3601), 3600);  /* 2000-02-29T23:59:59+01:00 */
        assert_int_equal(zone_offset_utc(z, 951868800 - 3600), 12600); /* 2000-03-01T00:00:00+01:00 */
        int64_t end = 946684800 + 300 * 86400 + 25 * 3600 + 1 - 12600;
        assert_int_equal(zone_offset_utc(z, end - 1), 12600);
        assert_int_equal(zone_offset_utc(z, end), 3600);
        zone_free(z);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(agrees_with_python),
            cmocka_unit_test(takes_the_offset_before_a_change),
            cmocka_unit_test(finds_no_zone_outside_the_folder),
            cmocka_unit_test(refuses_damaged_files),
            cmocka_unit_test(reads_every_form_of_a_rule),
        };
        return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
