/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules as officials work with them, on both databases and the packs of the repository: what models ask for, trying, examples,
 * comparing row by row, drafts step by step.
 */
#include "office/town.h"
#include "support/permissions.h"

#include "office/rules/internal.h"

#include <stdlib.h>
#include <string.h>

static const struct verb *const VERBS[] = {rules_verbs, NULL};

struct rules_town {
        struct town *t;
        char demo[65], hunan[65];
};

static void stored(struct town *t, const char *dir, char hex[65])
{
        struct pack *p = NULL;

        assert_ok(pack_open(&p, dir, &t->err), t->err);
        assert_ok(pack_store_put(t->house.packs, p, clock_now(t->house.clock), &t->err), t->err);
        hash_hex(pack_hash(p), hex);
        pack_free(p);
}

static struct rules_town fresh(void **state)
{
        struct rules_town r = {.t = town_new((enum test_engine)(intptr_t)*state, VERBS)};

        if (r.t == NULL)
                skip();
        stored(r.t, "packs/demo", r.demo);
        stored(r.t, "packs/cn-hunan", r.hunan);
        return r;
}

static void done(struct rules_town r)
{
        town_free(r.t);
}

static const char *text_of(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

static const json_t *with(const json_t *list, const char *field, const char *value)
{
        json_t *one;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)list, i, one)
        {
                if (strcmp(text_of(one, field), value) == 0)
                        return one;
        }
        return NULL;
}

static json_t *ask(struct rules_town *r, const char *verb, json_t *in)
{
        json_t *out = NULL;
        char text[1024];

        if (town_call(r->t, verb, in, &out) != SB_OK)
                fail_msg("%s: %s", verb, error_text(&r->t->err, LANG_EN, text, sizeof text));
        return out;
}

static json_t *model_of(struct rules_town *r, const char *source, const char *model)
{
        return ask(r, "rules.model", json_pack("{s:s,s:s}", "source", source, "model", model));
}

/* The XML of a model with one text replaced by another. */
static char *xml_with(struct rules_town *r, const char *source, const char *model, const char *old, const char *new)
{
        json_t *m = model_of(r, source, model);
        const char *xml = text_of(m, "xml"), *at = strstr(xml, old);
        char *out = NULL;

        assert_non_null(at);
        assert_true(asprintf(&out, "%.*s%s%s", (int)(at - xml), xml, new, at + strlen(old)) > 0);
        json_decref(m);
        return out;
}

static json_t *draft_new(struct rules_town *r, const char *source)
{
        return ask(r, "rules.draft_create", json_pack("{s:s,s:s}", "source", source, "title", "试改"));
}

static enum error_code save(struct rules_town *r, const char *source, const char *model, const char *xml, int version)
{
        json_t *in = json_pack("{s:s,s:s,s:s}", "source", source, "model", model, "xml", xml);

        if (version > 0)
                json_object_set_new(in, "version", json_integer(version));
        return town_call(r->t, "rules.draft_save", in, NULL);
}

/* --- reading ------------------------------------------------------------------------------------------------------------- */

static void lists(void **state)
{
        struct rules_town r = fresh(state);
        json_t *out = ask(&r, "rules.sources", json_object());
        const json_t *pack = with(json_object_get(out, "packs"), "name", "cn-hunan");

        assert_non_null(pack);
        assert_string_equal(text_of(pack, "hash"), r.hunan);
        assert_string_equal(text_of(pack, "parent"), "cn");
        assert_int_equal(json_array_size(json_object_get(out, "packs")), 3); /* with cn, the parent of both */
        assert_int_equal(json_array_size(json_object_get(out, "drafts")), 0);
        json_decref(out);

        out = ask(&r, "rules.models", json_pack("{s:s}", "source", "cn-hunan"));
        const json_t *line = with(json_object_get(out, "items"), "name", "pension");
        assert_non_null(line);
        assert_string_equal(text_of(line, "pack"), "cn");
        assert_true(json_is_false(json_object_get(line, "own")));
        assert_non_null(with(json_object_get(line, "decisions"), "name", "award"));
        assert_true(json_array_size(json_object_get(line, "articles")) > 3);
        json_decref(out);

        assert_int_equal(town_call(r.t, "rules.models", json_pack("{s:s}", "source", "cn-atlantis"), NULL), SB_RULES_SOURCE);
        assert_int_equal(town_call(r.t, "rules.models", json_pack("{s:s}", "source", "draft-7"), NULL), SB_RULES_SOURCE);
        assert_int_equal(town_call(r.t, "rules.models", json_pack("{s:s}", "source", "draft-x"), NULL), SB_RULES_SOURCE);
        assert_int_equal(town_call(r.t, "rules.model", json_pack("{s:s,s:s}", "source", "cn", "model", "tea"), NULL),
                         SB_PACK_MODEL);
        done(r);
}

static int damage(struct tx *tx, void *ctx, struct error *err)
{
        struct hash h;

        return hash_parse(&h, str_from(ctx), err) < 0
                   ? ERR
                   : tx_exec(tx, err, "UPDATE pack SET archive = CAST('damaged' AS @blob) WHERE hash = ?1@blob", "b",
                             (struct str){(const char *)h.b, HASH_BYTES});
}

/* A pack whose archive was damaged is told in the list, and hides no other. */
static void damaged_pack(void **state)
{
        struct rules_town r = fresh(state);

        assert_ok(store_write(r.t->house.store, damage, r.hunan, &r.t->err), r.t->err);
        pack_store_free(r.t->house.packs);
        r.t->house.packs = NULL;
        test_permissions(&r.t->house);
        json_t *out = ask(&r, "rules.sources", json_object());
        const json_t *pack = with(json_object_get(out, "packs"), "hash", r.hunan);

        assert_int_equal(json_array_size(json_object_get(out, "packs")), 3);
        assert_string_equal(text_of(pack, "name"), "");
        assert_string_not_equal(text_of(pack, "title_en"), "");
        assert_non_null(with(json_object_get(out, "packs"), "name", "demo"));
        json_decref(out);
        done(r);
}

/* The inputs of a decision reach over imports (retirement asks for the category) and stop at what it needs. */
static void model_page(void **state)
{
        struct rules_town r = fresh(state);
        json_t *out = model_of(&r, r.hunan, "pension");
        const json_t *elements = json_object_get(out, "elements");
        const json_t *award = with(elements, "name", "award"), *years_of = with(elements, "name", "years_of");
        const json_t *inputs = json_object_get(award, "inputs"), *history = with(inputs, "name", "history");

        assert_non_null(with(inputs, "name", "category"));
        assert_non_null(with(inputs, "name", "balance"));
        assert_null(with(inputs, "name", "yearly_records"));
        assert_string_equal(text_of(json_object_get(with(inputs, "name", "birth"), "spec"), "kind"), "date");
        const json_t *spec = json_object_get(history, "spec");
        assert_string_equal(text_of(spec, "kind"), "context");
        assert_true(json_is_true(json_object_get(spec, "list")));
        assert_string_equal(text_of(with(json_object_get(spec, "fields"), "name", "deemed"), "kind"), "boolean");
        assert_string_equal(text_of(years_of, "kind"), "knowledge");
        const json_t *function = json_object_get(years_of, "logic"), *table = json_object_get(function, "logic");
        assert_string_equal(text_of(function, "kind"), "function");
        assert_string_equal(text_of(table, "kind"), "table");
        assert_string_equal(text_of(table, "hit"), "UNIQUE");
        assert_int_equal(json_integer_value(json_object_get(table, "at")), 0);
        assert_true(json_array_size(json_object_get(table, "rules")) >= 3);
        assert_null(json_object_get(out, "fault"));
        json_decref(out);
        done(r);
}

static json_t *example_inputs(void)
{
        struct error err = {0};
        json_t *cases = NULL;

        assert_ok(json_read_file(&cases, "packs/demo/cases/award.json", &err), err);
        json_t *inputs = json_incref(json_object_get(json_array_get(cases, 0), "inputs"));
        json_decref(cases);
        return inputs;
}

static json_t *try_of(const char *source, const char *day, json_t *inputs)
{
        return json_pack("{s:s,s:s,s:s,s:s,s:o}", "source", source, "model", "pension", "decision", "award", "day", day,
                         "inputs", inputs);
}

static void tried(void **state)
{
        struct rules_town r = fresh(state);
        json_t *inputs = example_inputs();
        json_t *out = ask(&r, "rules.evaluate", try_of(r.demo, "2025-11-01", json_incref(inputs)));

        assert_true(json_is_true(json_object_get(json_object_get(out, "result"), "eligible")));
        const json_t *steps = json_object_get(json_object_get(out, "derivation"), "steps");
        assert_non_null(with(steps, "decision", "award"));
        assert_non_null(with(steps, "model", "retirement"));
        assert_string_equal(text_of(out, "diagnostic"), "");
        json_decref(out);

        /* Figures that the pack does not have are named, with the day: national law alone has no calculation base. */
        assert_int_equal(town_call(r.t, "rules.evaluate", try_of("cn", "2025-11-01", json_incref(inputs)), NULL),
                         SB_PARAMETER_MISSING);
        assert_non_null(strstr(r.t->err.args, "2025"));
        /* A value of the wrong kind is told at its input. */
        json_object_set_new(inputs, "birth", json_string("yesterday"));
        assert_int_equal(town_call(r.t, "rules.evaluate", try_of(r.demo, "2025-11-01", inputs), NULL), SB_DMN_INPUT);
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM decision"), 0);
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM audit_row"), 0);
        done(r);
}

static void examples(void **state)
{
        struct rules_town r = fresh(state);
        json_t *out = ask(&r, "rules.cases", json_pack("{s:s,s:s}", "source", r.demo, "model", "pension"));
        json_t *first = json_array_get(json_object_get(out, "items"), 0);

        assert_int_equal(json_integer_value(json_object_get(out, "failed")), 0);
        assert_true(json_integer_value(json_object_get(out, "passed")) > 10);
        assert_string_equal(text_of(first, "outcome"), "passed");
        assert_true(json_array_size(json_object_get(first, "figures")) > 0);
        assert_string_equal(text_of(json_array_get(json_object_get(first, "calls"), 0), "model"), "pension");
        json_decref(out);
        done(r);
}

/* --- drafts -------------------------------------------------------------------------------------------------------------------- */

static void draft_changes(void **state)
{
        struct rules_town r = fresh(state);
        json_t *draft = draft_new(&r, r.demo), *out;
        const char *source = text_of(draft, "source");
        char *xml = xml_with(&r, source, "pension", "<text>round half up(months / 12, 2)</text>",
                             "<text>round half up(months / 12, 2) + 1</text>");

        /* One cell of the table of years: the examples of the pack say at once what that breaks. */
        assert_int_equal(save(&r, source, "pension", xml, 1), SB_OK);
        out = ask(&r, "rules.cases", json_pack("{s:s,s:s}", "source", source, "model", "pension"));
        assert_true(json_integer_value(json_object_get(out, "failed")) > 0);
        assert_string_equal(text_of(json_array_get(json_object_get(out, "items"), 0), "outcome"), "failed");
        json_decref(out);
        out = ask(&r, "rules.model_compare", json_pack("{s:s,s:s}", "source", source, "model", "pension"));
        assert_int_equal(json_array_size(json_object_get(out, "changes")), 1);
        const json_t *change = json_array_get(json_object_get(out, "changes"), 0);
        assert_string_equal(text_of(change, "name"), "years_of");
        assert_string_equal(text_of(change, "what"), "table");
        assert_int_equal(
            json_integer_value(json_object_get(json_object_get(json_object_get(change, "table"), "counts"), "changed")), 1);
        json_decref(out);
        out = ask(&r, "rules.compare", json_pack("{s:s}", "source", source));
        assert_int_equal(json_array_size(json_object_get(out, "models")), 1);
        assert_int_equal(json_array_size(json_object_get(out, "figures")), 0);
        json_decref(out);

        /* Undone, the draft is its origin again: same hash, no difference, examples pass. */
        assert_int_equal(town_call(r.t, "rules.draft_undo", json_pack("{s:s,s:i}", "source", source, "version", 2), NULL),
                         SB_OK);
        out = ask(&r, "rules.check", json_pack("{s:s}", "source", source));
        assert_string_equal(text_of(out, "hash"), r.demo);
        assert_int_equal(json_integer_value(json_object_get(out, "errors")), 0);
        json_decref(out);
        assert_int_equal(town_call(r.t, "rules.draft_undo", json_pack("{s:s}", "source", source), NULL), SB_RULES_NO_STEP);
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM pack_draft_step"), 1); /* history stays */
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM pack_activation"), 0);
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM audit_row WHERE subject_kind = 'pack_draft'"), 3);
        free(xml);
        json_decref(draft);
        done(r);
}

static void draft_refuses(void **state)
{
        struct rules_town r = fresh(state);
        json_t *draft = draft_new(&r, r.hunan);
        const char *source = text_of(draft, "source");
        char *good = xml_with(&r, source, "retirement", "12 * age_years", "12 * age_years + 0");
        char *broken = xml_with(&r, source, "retirement", "month_number(birth)", "month_number(birth");
        char *renamed = xml_with(&r, source, "retirement", "name=\"retirement\"", "name=\"pensions\"");

        assert_int_equal(save(&r, source, "retirement", "<definitions", 0), SB_XML_SYNTAX);
        assert_non_null(strstr(r.t->err.where, "rules/retirement.dmn"));
        assert_int_equal(save(&r, source, "retirement", "<html/>", 0), SB_DMN_MODEL);
        assert_int_equal(save(&r, source, "retirement", broken, 0), SB_FEEL_SYNTAX);
        assert_string_not_equal(r.t->err.where, ""); /* the element */
        assert_int_equal(save(&r, source, "retirement", renamed, 0), SB_RULES_IDENTITY);
        assert_int_equal(save(&r, source, "tea", good, 0), SB_PACK_MODEL);
        assert_int_equal(save(&r, r.hunan, "retirement", good, 0), SB_RULES_NOT_DRAFT);
        assert_int_equal(save(&r, source, "retirement", good, 7), SB_OFFICE_VERSION);
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM pack_draft_step"), 0);

        /* Somebody else's draft; a clerk; a draft of a draft. */
        json_t *in = json_pack("{s:s,s:s,s:s}", "source", source, "model", "retirement", "xml", good);
        assert_int_equal(town_call_as(r.t, 2, ROLE_APPROVER, "", "rules.draft_save", json_incref(in), NULL), SB_RULES_OWNER);
        assert_int_equal(town_call_as(r.t, 1, ROLE_CLERK, "", "rules.draft_save", in, NULL), SB_CASE_ROLE);
        assert_int_equal(town_call(r.t, "rules.draft_create", json_pack("{s:s,s:s}", "source", source, "title", "x"), NULL),
                         SB_RULES_ORIGIN);

        /* Saved, the model of the parent has become the draft's own; saved again as it is, nothing is added. */
        assert_int_equal(save(&r, source, "retirement", good, 1), SB_OK);
        assert_int_equal(save(&r, source, "retirement", good, 2), SB_OK);
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM pack_draft_step"), 1);
        /* … and of it only the element that differs from the parent's is kept. */
        assert_int_equal(town_count(r.t, "SELECT COUNT(*) FROM pack_draft_step WHERE length(content) < 8000"), 1);
        json_t *model = model_of(&r, source, "retirement");
        assert_string_equal(text_of(model, "xml"), good);
        assert_true(json_is_true(json_object_get(model, "own")));
        json_decref(model);

        in = json_pack("{s:s}", "source", source);
        assert_int_equal(town_call_as(r.t, 2, ROLE_APPROVER, "", "rules.draft_discard", json_incref(in), NULL), SB_RULES_OWNER);
        assert_int_equal(town_call_as(r.t, 2, ROLE_ADMIN, "", "rules.draft_discard", in, NULL), SB_OK);
        assert_int_equal(save(&r, source, "retirement", good, 0), SB_RULES_CLOSED);
        free(good);
        free(broken);
        free(renamed);
        json_decref(draft);
        done(r);
}

/* Two packs: the models that one has alone, and figures by key and day. */
static void packs_compared(void **state)
{
        struct rules_town r = fresh(state);
        json_t *out = ask(&r, "rules.compare", json_pack("{s:s,s:s}", "source", r.hunan, "with", "cn"));
        const json_t *figures = json_object_get(out, "figures");

        assert_string_equal(text_of(json_object_get(out, "before"), "name"), "cn");
        assert_true(json_array_size(figures) > 10);
        assert_non_null(with(figures, "state", "added"));
        json_decref(out);
        assert_int_equal(town_call(r.t, "rules.compare", json_pack("{s:s}", "source", r.hunan), NULL), SB_FIELD_MISSING);
        done(r);
}

/* --- row by row ------------------------------------------------------------------------------------------------------------------ */

/* A table of one condition and one output: "a:1 b:2" are two rules. */
static json_t *table(const char *rows, const char *output)
{
        json_t *rules = json_array();

        for (const char *p = rows; *p != '\0'; p += p[3] == '\0' ? 3 : 4)
                json_array_append_new(rules, json_pack("{s:s,s:[s%],s:[s%],s:[]}", "id", "", "inputs", p, (size_t)1, "outputs",
                                                       p + 2, (size_t)1, "annotations"));
        return json_pack("{s:s,s:[{s:s}],s:[{s:s}],s:[],s:o}", "hit", "FIRST", "inputs", "text", "x", "outputs", "name", output,
                         "annotations", "rules", rules);
}

/* "=" same, "~" changed, ">" moved, "+" added, "-" removed; "~>" for a changed row that moved as well. */
static void assert_rows(const char *before, const char *after, const char *expected)
{
        struct error err = {0};
        json_t *b = table(before, "y"), *a = table(after, "y"), *out = NULL, *row;
        struct buf said;
        size_t i;

        buf_init(&said, 64);
        assert_ok(table_compare(&out, b, a, &err), err);
        json_array_foreach(json_object_get(out, "rows"), i, row)
        {
                static const char *const SIGNS[][2] = {
                    {"same", "="}, {"changed", "~"}, {"moved", ">"}, {"added", "+"}, {"removed", "-"}};
                for (size_t k = 0; k < sizeof SIGNS / sizeof SIGNS[0]; k++)
                        if (strcmp(text_of(row, "state"), SIGNS[k][0]) == 0)
                                buf_add_text(&said, SIGNS[k][1]);
                if (strcmp(text_of(row, "state"), "changed") == 0 && json_is_true(json_object_get(row, "moved")))
                        buf_add_text(&said, ">");
        }
        assert_string_equal(buf_text(&said), expected);
        buf_dispose(&said);
        json_decref(b);
        json_decref(a);
        json_decref(out);
}

static void rows(void **state)
{
        struct error err = {0};
        json_t *b = table("a:1 b:2", "y"), *a = table("a:1 b:2", "z"), *out = NULL;

        (void)state;
        assert_rows("a:1 b:2 c:3", "a:1 b:2 c:3", "===");
        assert_rows("", "a:1", "+");
        assert_rows("a:1", "", "-");
        assert_rows("a:1 b:2 c:3", "a:1 b:4 c:3", "=~=");
        assert_rows("a:1 b:2 c:3", "a:1 c:3", "=-=");
        assert_rows("a:1 c:3", "a:1 b:2 c:3", "=+=");
        assert_rows("a:1 b:2 c:3", "c:3 a:1 b:2", ">==");
        assert_rows("a:1 b:2 c:3 d:4", "a:1 c:3 d:4 b:5", "===~>");
        assert_rows("a:1 b:2", "e:8 f:9", "--++");
        assert_rows("a:1 a:1", "a:1", "=-");
        /* A lone output is the same column under another name. */
        assert_ok(table_compare(&out, b, a, &err), err);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(out, "counts"), "same")), 2);
        json_decref(out);
        json_decref(a);
        json_decref(b);
}

/* A table of n rows whose cells nobody shares: "B17" → "B17x". */
static json_t *long_table(const char *prefix, int n)
{
        json_t *o = table("", "y"), *rules = json_object_get(o, "rules");
        char name[32], value[34];

        for (int i = 0; i < n; i++) {
                text_format(name, sizeof name, "%s%d", prefix, i);
                text_format(value, sizeof value, "%sx", name);
                json_array_append_new(
                    rules, json_pack("{s:s,s:[s],s:[s],s:[]}", "id", "", "inputs", name, "outputs", value, "annotations"));
        }
        return o;
}

/* The work is bounded: many rows that have nothing in common are told, not pondered; too many are refused. */
static void long_tables(void **state)
{
        struct error err = {0};
        json_t *b = long_table("b", 1100), *a = long_table("a", 1100), *huge = long_table("h", 2001), *out = NULL;

        (void)state;
        assert_ok(table_compare(&out, b, a, &err), err);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(out, "counts"), "added")), 1100);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(out, "counts"), "removed")), 1100);
        json_decref(out);
        assert_error(table_compare(&out, b, huge, &err), err, SB_LIMIT);
        json_decref(a);
        json_decref(b);
        json_decref(huge);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows),      cmocka_unit_test(long_tables), TEST_ON_BOTH(lists),    TEST_ON_BOTH(damaged_pack),
            TEST_ON_BOTH(model_page),    TEST_ON_BOTH(tried),           TEST_ON_BOTH(examples), TEST_ON_BOTH(draft_changes),
            TEST_ON_BOTH(draft_refuses), TEST_ON_BOTH(packs_compared),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
