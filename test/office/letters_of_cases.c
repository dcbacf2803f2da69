/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters that cases ask for: each that a model names is in the pack, whole and in both languages, with a word for each of its fields;
 * an application that ends without a decision is told to the applicant; what was never served then holds no longer, and what a step had
 * asked for and never got does not come later.
 */
#include "office/every.h"
#include "office/manual/internal.h"

#include "case/sealed.h"
#include "support/cairo_leak.h"

#include <string.h>

/* --- what the models name ------------------------------------------------------------------------------------------------------------ */

/* What a letter may name of its case: filled by letter.issue itself. */
static const char *const FILLED[] = {"year",   "month", "day",     "iso",     "sequence", "number",      "code",
                                     "office", "case",  "process", "article", "name",     "status_code", "due_day"};

static void text_check(const char *where, const char *name, const json_t *text)
{
        static const char *const LANGS[] = {"zh", "en"};

        for (int k = 0; k < 2; k++) {
                const char *said = json_text(text, LANGS[k]), *open = said;
                if (said[0] == '\0')
                        fail_msg("%s: %s has no text in %s", where, name, LANGS[k]);
                while ((open = strchr(open, '{')) != NULL) {
                        bool known = false;
                        size_t n = strcspn(++open, "}");
                        for (size_t i = 0; i < sizeof FILLED / sizeof FILLED[0]; i++)
                                known = known || (strlen(FILLED[i]) == n && strncmp(open, FILLED[i], n) == 0);
                        if (!known)
                                fail_msg("%s: nothing fills in {%.*s} of %s", where, (int)n, open, name);
                }
        }
}

static json_t *file_of(const struct pack *pack, const char *path)
{
        struct error err = {0};
        struct str text;
        json_t *out = NULL;

        if (pack_file(pack, path, &text, &err) < 0 || json_read(&out, text, &err) < 0)
                fail_msg("%s is not in the pack, or broken", path);
        return out;
}

static void template_check(const struct pack *pack, const char *where, const char *name)
{
        static const char *const PARTS[] = {"title", "number", "opening", "duty", "closing"};
        char path[100], row[60];
        struct error err = {0};
        struct str letters;
        json_t *letter = file_of(pack, text_format(path, sizeof path, "letters/%s.json", name));

        for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++)
                if (i < 3 || json_object_get(letter, PARTS[i]) != NULL)
                        text_check(where, text_format(path, sizeof path, "letters/%s.json: %s", name, PARTS[i]),
                                   json_object_get(letter, PARTS[i]));
        json_decref(letter);
        assert_ok(pack_file(pack, "letters.csv", &letters, &err), err);
        if (strstr(letters.p, text_format(row, sizeof row, "\n%s,", name)) == NULL)
                fail_msg("%s: letters.csv has no row %s", where, name);
}

/* The names of an object in FEEL, {a: …, b: …}, each with a word in common.json. */
static size_t fields_check(const char *where, const json_t *labels, const char *feel)
{
        size_t n = 0;
        int depth = 0;
        bool quoted = false;

        for (const char *at = feel; *at != '\0'; at++) {
                if (*at == '"')
                        quoted = !quoted;
                if (quoted)
                        continue;
                bool begins = *at == '{' || (*at == ',' && depth == 1);
                depth += (*at == '{' || *at == '(' || *at == '[') - (*at == '}' || *at == ')' || *at == ']');
                if (!begins || depth != 1)
                        continue;
                const char *name = at + 1 + strspn(at + 1, " ");
                char field[60];
                text_copy(field, sizeof field, (struct str){name, strcspn(name, ": ")});
                if (json_object_get(labels, field) == NULL)
                        fail_msg("%s: the field %s has no word in letters/common.json", where, field);
                text_check(where, field, json_object_get(labels, field));
                n++;
        }
        return n;
}

static size_t step_check(const struct pack *pack, const char *process, const json_t *node, const json_t *labels)
{
        const json_t *inputs = json_object_get(node, "inputs");
        const char *feel = json_text(row_find(inputs, "name", "template"), "value"), *open = feel;
        char where[80], name[60];
        size_t n = 0;

        text_format(where, sizeof where, "%s, %s", process, json_text(node, "id"));
        while ((open = strchr(open, '"')) != NULL) {
                size_t length = strcspn(open + 1, "\"");
                text_copy(name, sizeof name, (struct str){open + 1, length});
                template_check(pack, where, name);
                open += length + 2;
                n++;
        }
        if (n == 0)
                fail_msg("%s names no template", where);
        if (fields_check(where, labels, json_text(row_find(inputs, "name", "fields"), "value")) == 0)
                fail_msg("%s gives its letter no field", where);
        return n;
}

static void every_letter_of_a_model_is_in_the_pack(void **state)
{
        static const char *const PACKS[] = {"packs/cn", "packs/demo"};
        struct error err = {0};
        struct str processes;

        (void)state;
        for (size_t k = 0; k < sizeof PACKS / sizeof PACKS[0]; k++) {
                struct pack *pack = NULL;
                size_t models = 0, letters = 0, i;
                char process[8] = "", last[8] = "";
                assert_ok(pack_open(&pack, PACKS[k], &err), err);
                json_t *common = file_of(pack, "letters/common.json"), *labels = json_object_get(common, "labels"), *node;
                assert_ok(pack_file(pack, "processes.csv", &processes, &err), err);
                for (const char *line = strchr(processes.p, '\n'); line != NULL; line = strchr(line + 1, '\n')) {
                        json_t *facts = NULL;
                        text_copy(process, sizeof process, (struct str){line + 1, strcspn(line + 1, ",\n")});
                        if (process[0] != 'P' || strlen(process) != 3 || strcmp(process, last) == 0)
                                continue;
                        text_copy(last, sizeof last, str_from(process));
                        assert_ok(model_facts(&facts, pack, process, &err), err);
                        json_array_foreach(json_object_get(facts, "nodes"), i,
                                           node) if (strcmp(json_text(node, "verb"), "letter.issue") == 0) letters +=
                            step_check(pack, process, node, labels);
                        models++;
                        json_decref(facts);
                }
                assert_int_equal(models, 52);
                assert_true(letters >= 52 + 37); /* an outcome each, and the application that ends without one */
                text_check("cases.ask", "note", json_object_get(labels, "note"));
                text_check("cases.ask", "until", json_object_get(labels, "until"));
                json_decref(common);
                pack_free(pack);
        }
}

/* --- cases --------------------------------------------------------------------------------------------------------------------------- */

static struct town *founded(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        return t;
}

static int64_t case_of(struct town *t, const char *kind)
{
        json_t *out = NULL;
        json_t *in = json_pack("{s:s,s:{s:s,s:s,s:s,s:s},s:{s:s,s:s}}", "process", "P01", "form", "name", "云山茶业有限公司",
                               "uscc", "91990101MA0000017J", "industry", "C15", "bank_name", "云山银行", "applicant", "kind",
                               kind, "name", "云山茶业有限公司");

        if (strcmp(kind, "office") == 0)
                json_object_del(json_object_get(in, "applicant"), "name");
        assert_int_equal(town_call(t, "cases.open", in, &out), SB_OK);
        int64_t id = town_whole(out, "case");
        json_decref(out);
        return id;
}

/* A complaint about an employer, by somebody who gives a name. */
static int64_t complaint(struct town *t, int64_t employer)
{
        json_t *out = NULL;
        json_t *form = json_pack("{s:s,s:s,s:I,s:b}", "kind", "report", "content", "少报工资", "about_employer",
                                 (json_int_t)employer, "anonymous", false);
        json_t *in = json_pack("{s:s,s:o,s:{s:s,s:s},s:[{s:s,s:s}]}", "process", "P52", "form", form, "applicant", "kind",
                               "self", "name", "云中雁", "papers", "material", "text", "state", "given");

        assert_int_equal(town_call(t, "cases.open", in, &out), SB_OK);
        int64_t id = town_whole(out, "case");
        json_decref(out);
        return id;
}

static int64_t receipt(struct town *t, int64_t instance)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, "letters.write",
                                   json_pack("{s:I,s:s}", "case", (json_int_t)instance, "template", "acceptance-receipt"),
                                   &out),
                         SB_OK);
        int64_t document = town_whole(out, "document");
        json_decref(out);
        return document;
}

static enum error_code withdrawn(struct town *t, int64_t instance)
{
        return town_call(t, "cases.withdraw", json_pack("{s:I,s:s}", "case", (json_int_t)instance, "reason", "另行办理"), NULL);
}

#define HOLDS "SELECT COUNT(*) FROM letter WHERE instance = ?1@int AND state = 'issued'"
#define ALL_OF "SELECT COUNT(*) FROM letter WHERE instance = ?1@int"
#define ENDED "SELECT COUNT(*) FROM letter WHERE instance = ?1@int AND state = 'issued' AND template = 'withdrawal'"

struct letter_text {
        struct town *town;
        int64_t instance;
        const char *template;
        struct buf content;
};

static int letter_open(struct tx *tx, void *ctx, struct error *err)
{
        struct letter_text *l = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT wrapped, sealed FROM letter WHERE instance = ?1@int AND template = ?2@text AND lang = 'zh'",
                        "it", l->instance, l->template);

        buf_clear(&l->content);
        return rc == 1 ? sealed_open(l->town->house.keys, "letter.sealed", stmt_blob(q, 0), stmt_blob(q, 1), &l->content, err)
                       : rc;
}

static void says(struct town *t, int64_t instance, const char *template, const char *words)
{
        struct letter_text l = {.town = t, .instance = instance, .template = template};

        buf_init(&l.content, 1 << 20);
        assert_ok(store_read(t->house.store, letter_open, &l, &t->err), t->err);
        if (strstr(buf_text(&l.content), words) == NULL)
                fail_msg("%s does not say %s: %s", template, words, buf_text(&l.content));
        buf_dispose(&l.content);
}

/* The second application of one applicant is withdrawn: it is told, and its receipt holds no longer; the first goes on. */
static void an_application_withdrawn_is_told(void **state)
{
        struct town *t = founded(state);
        int64_t first = case_of(t, "employer"), second = case_of(t, "employer");

        int64_t kept = receipt(t, first), void_one = receipt(t, second);
        assert_int_equal(withdrawn(t, second), SB_OK);
        assert_int_equal(town_ask(t, ENDED, second), 2); /* in two languages */
        assert_int_equal(town_ask(t, HOLDS, second), 2);
        assert_int_equal(town_ask(t, HOLDS, first), 2);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM letter WHERE id = ?1@int AND state = 'replaced'", void_one), 1);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM letter WHERE id = ?1@int AND state = 'issued'", kept), 1);
        says(t, second, "withdrawal", "另行办理");
        says(t, second, "withdrawal", "云山茶业有限公司：");
        /* It is in the file of the case, and its text is set when somebody reads it. */
        int64_t document =
            town_ask(t, "SELECT MIN(id) FROM letter WHERE template = 'withdrawal' AND instance = ?1@int", second);
        assert_int_equal(town_ask(t, "SELECT size FROM document WHERE id = ?1@int", document), 0);
        assert_int_equal(town_call(t, "documents.get", json_pack("{s:I}", "document", (json_int_t)document), NULL), SB_OK);
        assert_true(town_ask(t, "SELECT size FROM document WHERE id = ?1@int", document) > 1000);
        assert_int_equal(withdrawn(t, second), SB_CASE_STATE);
        assert_int_equal(town_ask(t, ALL_OF, second), 4);
        town_free(t);
}

/* What was served stays as it is; what the office opened itself ends without a letter, and leaves none in force. */
static void what_was_served_stays(void **state)
{
        struct town *t = founded(state);
        int64_t id = case_of(t, "employer"), document = receipt(t, id);

        assert_int_equal(town_call(t, "letters.serve",
                                   json_pack("{s:I,s:s,s:s,s:s}", "document", (json_int_t)document, "way", "counter",
                                             "reference", "", "day", "2026-11-24"),
                                   NULL),
                         SB_OK);
        assert_int_equal(withdrawn(t, id), SB_OK);
        assert_int_equal(town_ask(t, HOLDS, id), 4); /* the receipt and the letter of the end */
        id = case_of(t, "office");
        receipt(t, id);
        assert_int_equal(withdrawn(t, id), SB_OK);
        assert_int_equal(town_ask(t, HOLDS, id), 0);
        assert_int_equal(town_ask(t, ALL_OF, id), 2);
        town_free(t);
}

static int seals_end(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "UPDATE seal SET valid_to = ?1@int WHERE kind = ?2@text", "it", (int64_t)0, (const char *)ctx);
}

static int64_t accepting(struct town *t, int64_t instance)
{
        return town_ask(t, "SELECT id FROM task WHERE instance = ?1@int AND node = 'accept'", instance);
}

#define WANTED "SELECT COUNT(*) FROM effect WHERE instance = ?1@int AND verb = 'letter.issue' AND state IN ('open', 'failed')"

/* A letter that a step asked for and the office could not issue: the case is withdrawn, and the letter never comes. */
static void a_letter_not_issued_does_not_come_later(void **state)
{
        struct town *t = founded(state);
        int64_t id = case_of(t, "employer");

        assert_ok(store_write(t->house.store, seals_end, "official", &t->err), t->err);
        assert_int_equal(town_decide(t, id, 1, "refuse"), SB_OK);
        town_work(t);
        assert_int_equal(town_ask(t, WANTED, id), 1);
        assert_int_equal(town_ask(t, ALL_OF, id), 0);
        assert_int_equal(withdrawn(t, id), SB_OK);
        assert_int_equal(town_ask(t, WANTED, id), 0);
        clock_advance(t->house.clock, (instant_t)86400 * 1000000);
        town_work(t);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM letter WHERE instance = ?1@int AND template <> 'withdrawal'", id),
                         0);
        assert_int_equal(town_ask(t, ENDED, id), 2);
        /* Without any seal it ends all the same, untold. */
        assert_ok(store_write(t->house.store, seals_end, "business", &t->err), t->err);
        id = case_of(t, "employer");
        assert_int_equal(withdrawn(t, id), SB_OK);
        assert_int_equal(town_ask(t, ALL_OF, id), 0);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'cancelled'", id), 1);
        town_free(t);
}

/* A step whose letter went out is not taken back; one that asked for none is, and leaves nothing behind. */
static void a_step_with_a_letter_is_not_undone(void **state)
{
        struct town *t = founded(state);
        int64_t employer = town_employer(t, "云山茶业有限公司", "91990101MA0000017", "990101");
        int64_t refused = complaint(t, employer), accepted = complaint(t, employer);

        assert_int_equal(town_decide(t, refused, 1, "refuse"), SB_OK);
        town_work(t);
        assert_int_equal(town_ask(t, HOLDS, refused), 2);
        says(t, refused, "not-accepted", "\"addressee\":\"云中雁：\""); /* never whom the complaint is about */
        assert_int_equal(town_call(t, "tasks.undo", json_pack("{s:I}", "task", (json_int_t)accepting(t, refused)), NULL),
                         SB_CASE_UNDO);
        assert_int_equal(town_ask(t, HOLDS, refused), 2);
        assert_int_equal(town_decide(t, accepted, 1, "approve"), SB_OK);
        assert_int_equal(town_call(t, "tasks.undo", json_pack("{s:I}", "task", (json_int_t)accepting(t, accepted)), NULL),
                         SB_OK);
        town_work(t);
        assert_int_equal(town_ask(t, ALL_OF, accepted), 0);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM effect WHERE instance = ?1@int AND state = 'open'", accepted), 0);
        town_free(t);
}

/* The notice of all that is missing names the papers, each in its language. */
static void the_notice_names_the_papers(void **state)
{
        struct town *t = founded(state);
        int64_t id = case_of(t, "employer");

        assert_int_equal(town_call(t, "cases.ask",
                                   json_pack("{s:I,s:[s,s],s:s}", "case", (json_int_t)id, "materials", "licence", "legal_rep",
                                             "note", "请加盖公章"),
                                   NULL),
                         SB_OK);
        says(t, id, "one-time-notice", "法定代表人身份证件；营业执照或登记信息\"");
        says(t, id, "one-time-notice", "请加盖公章");
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_letter_of_a_model_is_in_the_pack),
            TEST_ON_BOTH(an_application_withdrawn_is_told),
            TEST_ON_BOTH(what_was_served_stays),
            TEST_ON_BOTH(a_letter_not_issued_does_not_come_later),
            TEST_ON_BOTH(a_step_with_a_letter_is_not_undone),
            TEST_ON_BOTH(the_notice_names_the_papers),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
