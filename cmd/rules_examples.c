/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_examples.h"

#include "cmd/command.h"
#include "pack/example.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PACKS_MAX 64
#define REASON_MAX 4000

struct world {
        char dir[PATH_MAX];
        struct pack *packs[PACKS_MAX];
        size_t pack_count;
        struct examples *examples;
        int passed, failed;
};

static const char *text_field(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

static int pack_named(struct world *w, const char *name, struct pack **out, struct error *err)
{
        char path[PATH_MAX + 64];
        struct pack *p;

        for (size_t i = 0; i < w->pack_count; i++)
                if (strcmp(pack_name(w->packs[i]), name) == 0) {
                        *out = w->packs[i];
                        return 0;
                }
        if (w->pack_count == PACKS_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", "packs", PACKS_MAX);
        text_format(path, sizeof path, "%s/%s", w->dir, name);
        if (pack_open(&p, path, err) < 0)
                return ERR;
        *out = w->packs[w->pack_count++] = p;
        return 0;
}

/* An example_pack: folders beside each other. */
static int pack_pick(void *ctx, const char *name, const char *otherwise, struct pack **out, struct error *err)
{
        struct world *w = ctx;
        char path[PATH_MAX + 192];

        text_format(path, sizeof path, "%s/%s/pack.json", w->dir, name);
        return pack_named(w, otherwise != NULL && access(path, R_OK) != 0 ? otherwise : name, out, err);
}

/* What differs, each mistake once. */
static void reason_make(struct buf *reason, const json_t *figures)
{
        json_t *one;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)figures, i, one)
        {
                const char *figure = text_field(one, "figure"), *fault = text_field(one, "fault_en");
                const char *between = reason->n == 0 ? "" : "; ";
                if (json_is_true(json_object_get(one, "same")) || (fault[0] != '\0' && strstr(buf_text(reason), fault) != NULL))
                        continue;
                if (fault[0] != '\0') {
                        buf_add_format(reason, "%s%s: %s", between, figure, fault);
                        continue;
                }
                char *want = json_dumps(json_object_get(one, "expected"), JSON_ENCODE_ANY);
                char *have = json_dumps(json_object_get(one, "computed"), JSON_ENCODE_ANY);
                buf_add_format(reason, "%s%s: expected %.120s, computed %.120s", between, figure, want == NULL ? "?" : want,
                               have == NULL ? "?" : have);
                free(want);
                free(have);
        }
}

static void answer_print(struct world *w, const json_t *entry, const struct example_answer *a)
{
        const char *id = text_field(entry, "id");
        struct buf reason;
        json_t *name;
        size_t i;

        buf_init(&reason, REASON_MAX);
        reason_make(&reason, a->figures);
        json_array_foreach(a->unused, i, name) printf("note %s: the input %s is not used\n", id, json_string_value(name));
        switch (a->outcome) {
        case EXAMPLE_PASSED:
                w->passed++;
                break;
        case EXAMPLE_FAILED:
                printf("FAIL %s: %s\n", id, buf_text(&reason));
                break;
        case EXAMPLE_UNKNOWN:
                printf("FAIL %s: %s (%s)\n", id, buf_text(&reason), text_field(entry, "scheme"));
                break;
        case EXAMPLE_REPRODUCES:
                printf("FAIL %s: it reproduces, and its status says that it does not\n", id);
                break;
        case EXAMPLE_DIFFERS:
                printf("expected not to reproduce %s: %s\n", id, buf_text(&reason));
                break;
        case EXAMPLE_NOT_RUNNABLE:
                printf("not runnable %s: %s\n", id, buf_text(&reason));
                break;
        }
        w->failed += a->outcome == EXAMPLE_FAILED || a->outcome == EXAMPLE_UNKNOWN || a->outcome == EXAMPLE_REPRODUCES;
        buf_dispose(&reason);
}

static int file_run(struct world *w, const char *path, struct error *err)
{
        json_t *entries = NULL, *entry;
        size_t at;

        int rc = json_read_file(&entries, path, err);
        if (rc == 0 && !json_is_array(entries))
                rc = error_raise(err, SB_FIELD_TYPE, "%s|" ERROR_BOTH("a list of entries", "条目列表"), path);
        for (at = 0; rc == 0 && at < json_array_size(entries); at++) {
                struct example_answer answer = {0};
                entry = json_array_get(entries, at);
                rc = example_run(w->examples, entry, pack_pick, w, &answer, err);
                if (rc == 0)
                        answer_print(w, entry, &answer);
                example_answer_dispose(&answer);
        }
        json_decref(entries);
        return rc;
}

/* packs/ here, or beside the folder of the program. */
static void packs_find(char *out, size_t size)
{
        char exe[PATH_MAX] = "";

        text_copy(out, size, STR("packs"));
        if (access("packs/cn/pack.json", R_OK) == 0)
                return;
        ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
        for (int up = 0; n > 0 && up < 3; up++) {
                char *slash = strrchr(exe, '/');
                if (slash == NULL)
                        return;
                *slash = '\0';
                char path[PATH_MAX + 32];
                text_format(path, sizeof path, "%s/packs/cn/pack.json", exe);
                if (access(path, R_OK) == 0) {
                        text_format(out, size, "%s/packs", exe);
                        return;
                }
        }
}

static int world_open(struct world *w, const char *packs, struct error *err)
{
        struct pack *national = NULL;

        if (packs != NULL)
                text_copy(w->dir, sizeof w->dir, str_from(packs));
        else
                packs_find(w->dir, sizeof w->dir);
        int rc = pack_named(w, "cn", &national, err);
        return rc < 0 ? rc : examples_open(&w->examples, national, err);
}

int rules_examples(const char *packs, int count, char *const *files)
{
        struct world w = {.pack_count = 0};
        struct error err = {0};

        int rc = world_open(&w, packs, &err);
        for (int i = 0; rc == 0 && i < count; i++)
                rc = file_run(&w, files[i], &err);
        if (rc == 0)
                printf("%d passed, %d failed\n", w.passed, w.failed);
        for (size_t i = 0; i < w.pack_count; i++)
                pack_free(w.packs[i]);
        examples_free(w.examples);
        if (rc < 0)
                return command_fail(&err);
        return w.failed == 0 ? 0 : 1;
}
