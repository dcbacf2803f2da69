/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fixture_write(const struct fixture *f, const char *path, const char *text)
{
        char full[256];
        int n = snprintf(full, sizeof full, "%s/%s", f->root, path);
        assert_true(n > 0 && (size_t)n < sizeof full);
        for (char *slash = strchr(full + strlen(f->root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                mkdir(full, 0777);
                *slash = '/';
        }
        FILE *out = fopen(full, "wb");
        assert_non_null(out);
        assert_true(fputs(text, out) >= 0);
        assert_int_equal(fclose(out), 0);
}

char *fixture_dir(const struct fixture *f, const char *name, char *out)
{
        snprintf(out, 128, "%s/%s", f->root, name);
        return out;
}

int fixture_make(void **state)
{
        struct fixture *f = calloc(1, sizeof *f);
        snprintf(f->root, sizeof f->root, "/tmp/shebao-pack-XXXXXX");
        if (mkdtemp(f->root) == NULL)
                return -1;
        fixture_write(f, "land/pack.json",
                      "{\"name\":\"land\",\"title\":{\"zh\":\"国家\",\"en\":\"The "
                      "land\"},\"version\":\"1\"}");
        fixture_write(f, "land/units.csv", "unit,kind,scale\nyuan,number,\npercent,number,2\nmonths,whole,\ntext,text,\n");
        fixture_write(f, "land/keys.csv",
                      "key,unit,dimensions,values,limit,gaps,title_zh,title_en\n"
                      "wage,yuan,,,,no,工资,Wage\n"
                      "rate,percent,scheme;party,,,no,费率,Rate\n"
                      "days,months,,,max,no,时限,Limit\n"
                      "mode,text,,up|down,fixed,yes,方式,Mode\n");
        fixture_write(f, "land/parameters/all.csv",
                      HEADER "wage,,1000,yuan,2020-01-01,,法1号 1,T\n"
                             "wage,,1100.50,yuan,2021-01-01,,法1号 2,T\n"
                             "rate,scheme=EP;party=person,8,percent,2020-01-01,2022-01-01,法2号 1,T\n"
                             "rate,scheme=*;party=person,2,percent,2020-01-01,,法2号 2,T\n"
                             "days,,20,months,2020-01-01,,法3号 1,T\n"
                             "mode,,up,text,2020-01-01,,法3号 2,T\n");
        fixture_write(f, "land/holidays.csv",
                      "day,kind,source\n2024-01-01,year,通知1号\n2024-01-01,holiday,通知1号\n2024-"
                      "02-04,work,通知1号\n");
        fixture_write(f, "land/texts/a.csv", "key,zh,en\nhello,您好,Good day\nbye,再见,Good bye\n");
        fixture_write(f, "land/letters/a.json", "{\"title\":{\"zh\":\"通知书\",\"en\":\"Notice\"}}");
        *state = f;
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        (void)st;
        (void)flag;
        (void)ftw;
        return remove(path);
}

int fixture_remove(void **state)
{
        struct fixture *f = *state;
        int rc = nftw(f->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(f);
        return rc;
}

void fixture_child(const struct fixture *f, const char *name, const char *rows)
{
        char path[128], text[4096];
        snprintf(path, sizeof path, "%s/pack.json", name);
        snprintf(text, sizeof text,
                 "{\"name\":\"%s\",\"title\":{\"zh\":\"省\",\"en\":\"Province\"},\"version\":\"1\","
                 "\"parent\":{\"name\":\"land\"}}",
                 name);
        fixture_write(f, path, text);
        snprintf(path, sizeof path, "%s/parameters/own.csv", name);
        snprintf(text, sizeof text, "%s%s", HEADER, rows);
        fixture_write(f, path, text);
}

struct seen {
        int total, hits;
        enum error_code code;
        const char *place;
        int severity;
        char log[4096];
};

static void see(void *ctx, int severity, const struct error *fault)
{
        struct seen *s = ctx;
        char text[1024];
        size_t n = strlen(s->log);
        error_text(fault, LANG_EN, text, sizeof text);
        snprintf(s->log + n, sizeof s->log - n, "%d %s\n", severity, text);
        s->total++;
        s->hits += severity == s->severity && fault->code == s->code && strstr(fault->where, s->place) != NULL &&
                   strcmp(strstr(fault->where, s->place), s->place) == 0;
}

void fixture_expect(const struct fixture *f, const char *pack, int severity, enum error_code code, const char *place)
{
        struct seen s = {.code = code, .place = place, .severity = severity};
        struct error err = {0};
        char dir[128];
        int errors = -1;
        assert_ok(pack_check(fixture_dir(f, pack, dir), see, &s, &errors, &err), err);
        if (s.total != 1 || s.hits != 1)
                fail_msg("expected one fault SB-%04d at %s, got:\n%s", (int)code, place, s.log);
        assert_int_equal(errors, severity == 2 ? 1 : 0);
}
