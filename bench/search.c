/* SPDX-License-Identifier: Apache-2.0
 *
 * Search by part of a Chinese name: the desk's own search, with its answers opened and masked, in a city of N persons whose
 * names are the demonstration's. Asked are one, two and three characters out of names that are there, whole pinyin and
 * initials, in turn.
 */
#include "base/clock.h"
#include "base/rng.h"
#include "bench/bench.h"
#include "bench/city.h"
#include "office/registry/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS = 2000, FORMS = 5 };
static const char *const FORM_NAMES[FORMS] = {"one_character", "two_characters", "three_characters", "pinyin", "initials"};

/* The name of a person of the city, by chance: the first column of a line. */
static void name_pick(FILE *f, struct rng *r, char out[64])
{
        char line[256] = "";
        long size;

        if (fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0)
                exit(1);
        do {
                if (fseek(f, (long)rng_below(r, (uint32_t)size), SEEK_SET) != 0 || fgets(line, sizeof line, f) == NULL)
                        continue;
        } while (fgets(line, sizeof line, f) == NULL);
        text_format(out, 64, "%.*s", (int)strcspn(line, ","), line);
}

static void question_make(FILE *f, struct rng *r, int form, char out[128])
{
        char name[64];
        size_t ends[16], n = 0;

        do {
                name_pick(f, r, name);
                n = 0;
                for (size_t i = 0; name[i] != '\0' && n < 15;) {
                        (void)utf8_next(str_from(name), &i);
                        ends[n++] = i;
                }
        } while (form == 2 && n < 3);
        out[0] = '\0';
        if (form < 3) {
                size_t take = (size_t)form + 1, at = rng_below(r, (uint32_t)(n - take + 1));
                size_t from = at == 0 ? 0 : ends[at - 1];
                text_format(out, 128, "%.*s", (int)(ends[at + take - 1] - from), name + from);
                return;
        }
        for (size_t i = 0; name[i] != '\0';) {
                const char *sound = pinyin_of(utf8_next(str_from(name), &i));
                text_format(out + strlen(out), 128 - strlen(out), "%.*s", form == 3 ? (int)strlen(sound) : 1, sound);
        }
}

static int by_value(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static int figures(const char *what, double *ms, size_t n, double bar)
{
        char name[64];

        qsort(ms, n, sizeof *ms, by_value);
        int missed = bench_figure(text_format(name, sizeof name, "search.%s.median", what), ms[n / 2], "ms", bar);
        bench_figure(text_format(name, sizeof name, "search.%s.p99", what), ms[n * 99 / 100], "ms", 0);
        return missed;
}

static int ask(struct place *c, const char *folder)
{
        char path[256];
        FILE *f = fopen(text_format(path, sizeof path, "%s/persons.csv", folder), "r");
        static double all[QUESTIONS], form_ms[FORMS][QUESTIONS / FORMS];
        struct rng r = rng_new(5, 5);
        int missed = 0;
        size_t found = 0, asked[FORMS] = {0};

        if (f == NULL)
                exit(1);
        for (int i = 0; i < QUESTIONS; i++) {
                char text[128];
                int form = i % FORMS;
                do {
                        question_make(f, &r, form, text);
                } while (text[0] == '\0'); /* a rare character may have no sound */
                json_t *in = json_object();
                json_object_set_new(in, "q", json_string(text));
                double began = clock_monotonic();
                json_t *out = city_call(c, 1, "desk.search", in);
                all[i] = form_ms[form][asked[form]] = (clock_monotonic() - began) * 1e3;
                asked[form]++;
                found += json_array_size(json_object_get(out, "items")) > 0;
                json_decref(out);
        }
        fclose(f);
        for (int form = 0; form < FORMS; form++)
                missed += figures(FORM_NAMES[form], form_ms[form], asked[form], 20);
        missed += figures("all", all, QUESTIONS, 20);
        bench_figure("search.answered", (double)found / QUESTIONS * 100, "%", 0);
        return missed;
}

int main(int argc, char **argv)
{
        int64_t sizes[CITY_SIZES_MAX];
        char folder[200], db[256];
        struct place c;
        int n = city_sizes(argc, argv, sizes);
        int64_t persons = sizes[n - 1]; /* the largest alone */

        city_folder_new(folder, persons * 6000 + 100000000);
        text_format(db, sizeof db, "%s/city.db", folder);
        city_found(db);
        city_files(folder, persons, CITY_PERSONS_ONLY);
        city_open(&c, db, true);
        city_import(&c, folder, "persons", persons);
        city_close(&c);
        city_open(&c, db, false); /* nothing in memory but what the system caches of the file */
        bench_figure("search.persons", (double)persons, "persons", 0);
        int missed = ask(&c, folder);
        city_close(&c);
        city_folder_remove(folder);
        return missed > 0;
}
