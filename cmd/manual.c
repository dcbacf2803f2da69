/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include "base/clock.h"
#include "office/manual/manual.h"

#include <stdio.h>
#include <string.h>

#define MANUAL_MAX ((size_t)512 << 20)

struct asked {
        const char *pack, *format, *out, *process, *day, *since;
        enum lang langs[2];
        size_t lang_count;
};

/* Chinese is the language of the law; both: Chinese first. */
static bool langs_read(struct asked *a, const char *lang)
{
        a->lang_count = 1;
        if (lang == NULL || strcmp(lang, "zh-CN") == 0 || strcmp(lang, "zh") == 0)
                a->langs[0] = LANG_ZH;
        else if (strcmp(lang, "en") == 0)
                a->langs[0] = LANG_EN;
        else if (strcmp(lang, "both") == 0) {
                a->langs[0] = LANG_ZH;
                a->langs[1] = LANG_EN;
                a->lang_count = 2;
        } else
                return false;
        return true;
}

static int make(const struct asked *a, day_t day, struct buf *out, size_t *chapters, struct error *err)
{
        struct manual *ms[2] = {NULL, NULL};
        json_t *books[2] = {NULL, NULL};
        struct pack *pack = NULL, *before = NULL;
        int rc = pack_open(&pack, a->pack, err);

        if (rc == 0 && a->since != NULL)
                rc = pack_open(&before, a->since, err);

        for (size_t i = 0; rc == 0 && i < a->lang_count; i++) {
                rc = manual_open(&ms[i], pack, a->langs[i], day, err);
                if (rc == 0 && before != NULL)
                        rc = manual_older(ms[i], before, 0, err);
                if (rc == 0)
                        rc = manual_book(&books[i], ms[i], a->process, err);
        }
        if (rc == 0)
                *chapters = json_array_size(json_object_get(books[0], "chapters"));
        if (rc == 0)
                rc = strcmp(a->format, "pdf") == 0 ? manual_pdf(out, ms, books, a->lang_count, err)
                                                   : manual_html(out, ms, books, a->lang_count, err);
        for (size_t i = 0; i < 2; i++) {
                json_decref(books[i]);
                manual_close(ms[i]);
        }
        pack_free(before);
        pack_free(pack);
        return rc;
}

int cmd_manual(int argc, char **argv)
{
        struct asked a = {.pack = command_option(&argc, argv, "--pack"),
                          .format = command_option(&argc, argv, "--format"),
                          .out = command_option(&argc, argv, "--out"),
                          .process = command_option(&argc, argv, "--process"),
                          .day = command_option(&argc, argv, "--day"),
                          .since = command_option(&argc, argv, "--since")};
        bool known = langs_read(&a, command_option(&argc, argv, "--lang"));
        struct clock *clock = clock_system();
        struct error err = {0};
        struct buf out;
        size_t chapters = 0;
        day_t day = clock == NULL ? 0 : instant_day(clock_now(clock));

        clock_free(clock);
        if (argc != 1 || !known || a.pack == NULL || a.out == NULL || a.format == NULL ||
            (strcmp(a.format, "html") != 0 && strcmp(a.format, "pdf") != 0))
                return command_usage("manual");
        buf_init(&out, MANUAL_MAX);
        int rc = a.day == NULL ? 0 : day_parse(&day, str_from(a.day), &err);
        if (rc == 0)
                rc = make(&a, day, &out, &chapters, &err);
        if (rc == 0)
                rc = file_write(a.out, out.p, out.n, &err);
        if (rc == 0)
                printf("%s: %zu chapters, %zu bytes\n", a.out, chapters, out.n);
        buf_dispose(&out);
        return rc == 0 ? 0 : command_fail(&err);
}
