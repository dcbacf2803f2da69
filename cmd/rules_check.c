/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_check.h"

#include "cmd/command.h"
#include "engine/check/check.h"
#include "pack/model_folder.h"
#include "pack/pack.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODEL_MAX ((size_t)16 << 20)

struct tally {
        bool brief;
        int models, counts[3];
        const char *file; /* before the place of a finding */
};

static void print_finding(void *ctx, int severity, const struct error *finding)
{
        static const char *const WORDS[] = {"note", "warning", "error"};
        struct tally *t = ctx;
        struct error bare = *finding;
        char name[8], text[2048];

        bare.where[0] = '\0';
        t->counts[severity]++;
        if (severity != CHECK_NOTE || !t->brief)
                printf("%s %s%s %s %s\n", WORDS[severity], t->file, finding->where, error_name(finding->code, name),
                       error_text(&bare, LANG_EN, text, sizeof text));
}

static bool is_model(const char *name)
{
        size_t n = strlen(name);

        return n > 4 && strcmp(name + n - 4, ".dmn") == 0;
}

/* The models of a pack's own folder, or the one named. */
static int pack_run(struct tally *t, const char *dir, const char *only, struct error *err)
{
        struct pack *p = NULL;
        char before[PATH_MAX], model[256];
        const char *file;

        int rc = pack_open(&p, dir, err);
        text_format(before, sizeof before, "%s/", dir);
        t->file = before;
        for (size_t i = 0; rc == 0 && (file = pack_file_name(p, "rules", i)) != NULL; i++) {
                const char *base = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;
                char path[PATH_MAX];
                text_format(path, sizeof path, "rules/%s", base);
                if (!is_model(base) || pack_file_owner(p, path) != p || (only != NULL && strcmp(only, base) != 0))
                        continue;
                text_copy(model, sizeof model, (struct str){base, strlen(base) - 4});
                t->models++;
                rc = pack_rules_check(p, model, print_finding, t, err);
        }
        pack_free(p);
        return rc;
}

/* A model outside of a pack: imports are looked for in its folder. */
static int file_run(struct tally *t, const char *path, struct error *err)
{
        const char *slash = strrchr(path, '/');
        struct model_folder *folder = NULL;
        struct dmn_model *model = NULL;
        struct error broken = {0};
        char dir[PATH_MAX], before[PATH_MAX];
        struct buf text;

        text_copy(dir, sizeof dir, slash == NULL ? STR(".") : (struct str){path, (size_t)(slash - path)});
        text_format(before, sizeof before, "%s:", path);
        t->file = before;
        t->models++;
        buf_init(&text, MODEL_MAX);
        int rc = file_read(&text, path, MODEL_MAX, err);
        if (rc == 0)
                rc = model_folder_read(&folder, dir, err);
        struct check_options o = {.resolve = model_folder_resolve, .resolve_ctx = folder};
        struct dmn_options d = {.resolve = model_folder_resolve, .resolve_ctx = folder};
        if (rc == 0 && (dmn_open(&model, (struct str){text.p, text.n}, &d, &broken) < 0 ||
                        dmn_check((struct str){text.p, text.n}, &o, print_finding, t, &broken) < 0))
                print_finding(t, CHECK_ERROR, &broken);
        dmn_free(model);
        model_folder_free(folder);
        buf_dispose(&text);
        return rc;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int path_run(struct tally *t, const char *path, struct error *err)
{
        char other[PATH_MAX];
        struct dirent **list = NULL;
        struct stat st;
        int n, rc = 0;

        if (stat(path, &st) != 0)
                return error_raise(err, SB_IO, "%s|%s", path, ERROR_BOTH("it is not there", "不存在"));
        if (!S_ISDIR(st.st_mode)) {
                char dir[PATH_MAX];
                const char *slash = strrchr(path, '/');
                text_format(dir, sizeof dir, "%.*s/..", slash == NULL ? 1 : (int)(slash - path), slash == NULL ? "." : path);
                text_format(other, sizeof other, "%s/pack.json", dir);
                return access(other, R_OK) == 0 ? pack_run(t, dir, slash == NULL ? path : slash + 1, err)
                                                : file_run(t, path, err);
        }
        text_format(other, sizeof other, "%s/pack.json", path);
        if (access(other, R_OK) == 0)
                return pack_run(t, path, NULL, err);
        n = scandir(path, &list, NULL, by_name);
        for (int i = 0; i < n; i++) {
                text_format(other, sizeof other, "%s/%s", path, list[i]->d_name);
                if (rc == 0 && list[i]->d_name[0] != '.' && stat(other, &st) == 0 && (S_ISDIR(st.st_mode) || is_model(other)))
                        rc = path_run(t, other, err);
                free(list[i]);
        }
        free(list);
        return rc;
}

int rules_check_paths(bool brief, int count, char *const *paths)
{
        struct tally t = {.brief = brief};
        struct error err = {0};

        for (int i = 0; i < count; i++)
                if (path_run(&t, paths[i], &err) < 0)
                        return command_fail(&err);
        printf("%d models, %d errors, %d warnings, %d notes\n", t.models, t.counts[CHECK_ERROR], t.counts[CHECK_WARNING],
               t.counts[CHECK_NOTE]);
        return t.counts[CHECK_ERROR] + t.counts[CHECK_WARNING] == 0 ? 0 : 1;
}
