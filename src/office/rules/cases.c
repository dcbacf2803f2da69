/* SPDX-License-Identifier: Apache-2.0
 *
 * The worked examples of a pack and its ancestors, all evaluated through that pack: what a change of a rule breaks shows here.
 */
#include "office/rules/internal.h"

#include "pack/example.h"

#include <string.h>

struct cases {
        struct source source;
        struct examples *examples;
        const char *model; /* only those that ask this model; "" all */
        json_t *items;
        int64_t passed, failed, skipped;
};

/* An example_pack: whatever place an example names, this pack is the one to be examined. */
static int this_pack(void *ctx, const char *name, const char *otherwise, struct pack **out, struct error *err)
{
        struct cases *w = ctx;

        (void)name;
        (void)otherwise;
        (void)err;
        *out = w->source.pack;
        return 0;
}

static const char *outcome_name(enum example_outcome o)
{
        switch (o) {
        case EXAMPLE_PASSED:
                return "passed";
        case EXAMPLE_DIFFERS:
                return "differs";
        case EXAMPLE_NOT_RUNNABLE:
                return "not_runnable";
        case EXAMPLE_REPRODUCES:
                return "reproduces";
        case EXAMPLE_UNKNOWN:
        case EXAMPLE_FAILED:
                break;
        }
        return "failed";
}

static bool asks(const struct example_answer *a, const char *model)
{
        json_t *call;
        size_t i;

        if (model[0] == '\0' || json_array_size(a->calls) == 0)
                return model[0] == '\0';
        json_array_foreach(a->calls, i, call)
        {
                if (strcmp(json_text(call, "model"), model) == 0)
                        return true;
        }
        return false;
}

static int case_run(struct cases *w, const char *file, bool own, const json_t *entry, struct error *err)
{
        struct example_answer a = {0};

        int rc = example_run(w->examples, entry, this_pack, w, &a, err);
        if (rc == 0 && asks(&a, w->model)) {
                json_t *o = json_object();
                bool failed = a.outcome == EXAMPLE_FAILED || a.outcome == EXAMPLE_UNKNOWN || a.outcome == EXAMPLE_REPRODUCES;
                put_text(o, "id", json_text(entry, "id"));
                put_text(o, "file", file);
                put_bool(o, "own", own);
                put_text(o, "scheme", json_text(entry, "scheme"));
                put_text(o, "source", json_text(entry, "rule_source"));
                put_text(o, "outcome", outcome_name(a.outcome));
                put_value(o, "figures", json_incref(a.figures));
                put_value(o, "calls", json_incref(a.calls));
                /* What failed comes first. */
                if (failed)
                        json_array_insert_new(w->items, (size_t)w->failed, o);
                else
                        json_array_append_new(w->items, o);
                w->failed += failed;
                w->passed += a.outcome == EXAMPLE_PASSED;
                w->skipped += a.outcome == EXAMPLE_NOT_RUNNABLE || a.outcome == EXAMPLE_DIFFERS;
        }
        example_answer_dispose(&a);
        return rc;
}

static int file_run(struct cases *w, const char *name, struct error *err)
{
        char path[RULES_PATH_MAX];
        json_t *entries = NULL;
        struct str text;

        text_format(path, sizeof path, "cases/%s", name);
        bool own = pack_file_owner(w->source.pack, path) == w->source.pack;
        int rc = pack_file(w->source.pack, path, &text, err);
        if (rc == 0)
                rc = json_read(&entries, text, err);
        if (rc == 0 && !json_is_array(entries))
                rc = error_raise(err, SB_FIELD_TYPE, "%s|" ERROR_BOTH("a list of entries", "条目列表"), path);
        if (rc < 0)
                error_in(err, path);
        for (size_t i = 0; rc == 0 && i < json_array_size(entries); i++)
                rc = case_run(w, name, own, json_array_get(entries, i), err);
        json_decref(entries);
        return rc;
}

int rules_cases(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct cases w = {.model = json_text(in, "model"), .items = json_array()};
        const char *name;
        char hex[65];

        int rc = source_open(&w.source, c, json_text(in, "source"), false, err);
        if (rc == 0)
                rc = examples_open(&w.examples, w.source.pack, err);
        for (size_t i = 0; rc == 0 && (name = pack_file_name(w.source.pack, "cases", i)) != NULL; i++)
                if (strlen(name) > 5 && strcmp(name + strlen(name) - 5, ".json") == 0)
                        rc = file_run(&w, name, err);
        if (rc == 0)
                *out = json_pack("{s:O,s:I,s:I,s:I,s:s}", "items", w.items, "passed", (json_int_t)w.passed, "failed",
                                 (json_int_t)w.failed, "skipped", (json_int_t)w.skipped, "pack",
                                 hash_hex(pack_hash(w.source.pack), hex));
        examples_free(w.examples);
        source_close(&w.source);
        json_decref(w.items);
        return rc;
}
