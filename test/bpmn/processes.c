/* SPDX-License-Identifier: Apache-2.0
 *
 * The processes of the national pack, walked at random: forms filled in by chance, tasks decided one way or the other, messages that
 * come or do not before their timers, rules that find an exception or none. Whatever happens, no step fails, each walk comes to its
 * end once, and over the walks every element of every model is reached. What the product cannot do yet is listed beside this test.
 */
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include "base/rng.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "packs/cn/processes"
#define WALKS 400
#define STEPS_MAX 600
#define OPEN_MAX 40
#define NODES_MAX 200

struct open { /* asked of the world and not answered */
        int64_t token, sequence;
        enum bpmn_effect_kind kind;
        const struct bpmn_node *node;
        char name[80];
};
struct world {
        const struct bpmn_model *model;
        struct rng rng;
        struct open open[OPEN_MAX];
        size_t count;
        int ends;
        char heard[80]; /* the name of the message that comes next */
        bool reached[NODES_MAX];
};

static struct bpmn_model *model_open(const char *file)
{
        char path[300];
        struct buf text;
        struct bpmn_model *m = NULL;
        struct error err = {0};

        buf_init(&text, (size_t)1 << 22);
        text_format(path, sizeof path, FOLDER "/%s", file);
        assert_ok(file_read(&text, path, (size_t)1 << 22, &err), err);
        assert_ok(bpmn_open(&m, (struct str){text.p, text.n}, NULL, NULL, &err), err);
        buf_dispose(&text);
        return m;
}

/* One of the words of a list that blanks separate. */
static json_t *word_drawn(struct rng *rng, const char *words)
{
        uint32_t count = 1;

        for (const char *c = words; *c != '\0'; c++)
                count += *c == ' ';
        for (uint32_t k = rng_below(rng, count); k > 0; k--)
                words += strcspn(words, " ") + 1;
        return json_stringn(words, strcspn(words, " "));
}

static json_t *field_drawn(struct rng *rng, const struct bpmn_variable *v)
{
        if (!v->required && rng_below(rng, 4) == 0)
                return json_null();
        if (strcmp(v->type, "boolean") == 0)
                return json_boolean(rng_below(rng, 2));
        if (strcmp(v->type, "choice") == 0)
                return word_drawn(rng, v->values);
        if (strcmp(v->type, "number") == 0)
                return json_integer((json_int_t)rng_below(rng, 9));
        if (strcmp(v->type, "person") == 0 || strcmp(v->type, "employer") == 0)
                return json_integer(1 + (json_int_t)rng_below(rng, 9));
        return json_string(strcmp(v->type, "month") == 0   ? "2026-10"
                           : strcmp(v->type, "date") == 0  ? "2026-10-08"
                           : strcmp(v->type, "money") == 0 ? "1200.50"
                                                           : "x");
}

/* Personal fields are sealed beside the case and no variables of it. */
static json_t *form_drawn(struct world *w)
{
        const struct bpmn_process *p = bpmn_process(w->model, 0);
        json_t *form = json_object();

        for (size_t i = 0; i < p->variable_count; i++)
                if (!p->variables[i].personal)
                        json_object_set_new(form, p->variables[i].name, field_drawn(&w->rng, &p->variables[i]));
        return form;
}

/* What a person fills in beside the decision, by chance. */
static json_t *outcome_drawn(struct world *w, const struct open *o)
{
        static const char *const words[] = {
            "exceptional", "hearing",       "arrears",    "overlap",       "years_missing",  "refer",    "awaiting",
            "clear",       "difference",    "recovered",  "incident",      "corrected",      "revoke",   "elsewhere",
            "recheck",     "file_evidence", "extend",     "known",         "admitted",       "eligible", "done",
            "stopped",     "waits",         "payout_due", "survivors_due", "document_needed"};
        json_t *out = json_object(), *decision;

        if (o->kind == BPMN_DO_RULE) {
                json_object_set_new(out, "exception", json_boolean(rng_below(&w->rng, 2)));
                json_object_set_new(out, "reasons", json_array());
                return out;
        }
        decision = rng_below(&w->rng, 3) != 0 ? json_string("approve") : word_drawn(&w->rng, o->node->decisions);
        json_object_set_new(out, "decision", decision);
        json_object_set_new(out, "note", json_string("so"));
        json_object_set_new(out, "plan", json_string(rng_below(&w->rng, 2) ? "instalments" : "at_once"));
        json_object_set_new(out, "score", json_integer((json_int_t)rng_below(&w->rng, 2)));
        json_object_set_new(out, "experts", json_integer(rng_below(&w->rng, 2) ? 5 : 3));
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
                json_object_set_new(out, words[i], json_boolean(rng_below(&w->rng, 2)));
        return out;
}

static void drop(struct world *w, int64_t token)
{
        for (size_t i = 0; i < w->count;)
                if (w->open[i].token == token)
                        w->open[i] = w->open[--w->count];
                else
                        i++;
}

static void effects_take(struct world *w, const struct bpmn_step *step)
{
        for (size_t i = 0; i < step->count; i++) {
                const struct bpmn_effect *e = &step->effects[i];
                if (e->kind == BPMN_DO_END)
                        w->ends++;
                else if (e->kind == BPMN_DO_CANCEL)
                        drop(w, e->token);
                else {
                        struct open *o = &w->open[w->count++];
                        assert_true(w->count <= OPEN_MAX);
                        *o = (struct open){e->token, e->sequence, e->kind, e->node, ""};
                        text_copy(o->name, sizeof o->name, str_from(e->name == NULL ? "" : e->name));
                        assert_true(e->kind != BPMN_DO_TIMER || e->working_days > 0);
                }
                if (e->node == NULL)
                        continue;
                for (int k = 0; bpmn_node(w->model, k) != NULL; k++)
                        w->reached[k] |= bpmn_node(w->model, k) == e->node;
        }
}

static void answer(struct world *w, struct bpmn_event *e, json_t **data)
{
        struct open o = w->open[rng_below(&w->rng, (uint32_t)w->count)];

        drop(w, o.token);
        text_copy(w->heard, sizeof w->heard, str_from(o.name));
        *data = o.kind == BPMN_DO_TIMER || o.kind == BPMN_DO_LISTEN ? json_object() : outcome_drawn(w, &o);
        *e = (struct bpmn_event){.kind = o.kind == BPMN_DO_TIMER    ? BPMN_DUE
                                         : o.kind == BPMN_DO_LISTEN ? BPMN_HEAR
                                                                    : BPMN_COMPLETE,
                                 .trigger = BPMN_MESSAGE,
                                 .name = o.kind == BPMN_DO_LISTEN ? w->heard : NULL,
                                 .token = o.token,
                                 .sequence = o.sequence,
                                 .data = *data};
        if (o.kind == BPMN_DO_LISTEN)
                json_object_set_new(*data, "text", json_string("heard"));
}

static void walk(struct world *w, const char *file, int start)
{
        json_t *data = form_drawn(w), *state = NULL;
        struct bpmn_event e = {.kind = BPMN_BEGIN, .start = start, .data = data};
        int steps = 0;

        w->count = 0;
        w->ends = 0;
        do {
                struct bpmn_step step;
                struct error err = {0};
                if (bpmn_step(&step, w->model, state, &e, &err) < 0)
                        fail_msg("%s: %s %s", file, err.where, err.args);
                effects_take(w, &step);
                json_decref(state);
                state = json_incref(step.state);
                bpmn_step_dispose(&step);
                json_decref(data);
                data = NULL;
                if (w->count > 0)
                        answer(w, &e, &data);
        } while (data != NULL && ++steps < STEPS_MAX);
        json_decref(data);
        if (w->ends != 1)
                fail_msg("%s: a walk came to its end %d times", file, w->ends);
        json_decref(state);
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t files_read(char *files[100])
{
        DIR *dir = opendir(FOLDER);
        struct dirent *entry;
        size_t count = 0;

        assert_non_null(dir);
        while ((entry = readdir(dir)) != NULL)
                if (entry->d_name[0] == 'P') {
                        assert_true(count < 100);
                        files[count++] = strdup(entry->d_name);
                }
        closedir(dir);
        qsort(files, count, sizeof *files, by_name);
        return count;
}

static bool asks_the_world(const struct bpmn_node *n)
{
        return n->kind == BPMN_USER_TASK || n->kind == BPMN_SERVICE_TASK || n->kind == BPMN_RULE_TASK || n->kind == BPMN_CALL ||
               n->kind == BPMN_CATCH || n->kind == BPMN_BOUNDARY || n->kind == BPMN_THROW;
}

static void every_element_is_reached_and_every_walk_ends(void **state)
{
        char *files[100];
        size_t count = files_read(files);

        (void)state;
        assert_true(count >= 45);
        for (size_t i = 0; i < count; i++) {
                struct bpmn_model *m = model_open(files[i]);
                struct world w = {.model = m, .rng = rng_new(31, i)};
                const struct bpmn_node *n;
                bool form = true;
                const struct bpmn_process *p = bpmn_process(m, 0);
                for (size_t v = 0; v < p->variable_count; v++)
                        form &= p->variables[v].type[0] != '\0';
                for (int k = 0; form && k < WALKS; k++)
                        walk(&w, files[i], 0);
                for (int k = 0; form && (n = bpmn_node(m, k)) != NULL; k++) {
                        assert_true(k < NODES_MAX);
                        if (n->kind == BPMN_START && n->trigger == BPMN_MESSAGE)
                                walk(&w, files[i], k + 1);
                        if (asks_the_world(n) && !w.reached[k])
                                fail_msg("%s: no walk reaches %s", files[i], n->id);
                }
                bpmn_free(m);
                free(files[i]);
        }
}

/* The verb that is meant stands as the first input of the step, a text. */
static void intended(const char *file, const char *node, char *out, size_t size)
{
        char path[300], key[120];
        struct buf text;
        struct error err = {0};

        buf_init(&text, (size_t)1 << 22);
        text_format(path, sizeof path, FOLDER "/%s", file);
        assert_ok(file_read(&text, path, (size_t)1 << 22, &err), err);
        const char *at = strstr(buf_text(&text), text_format(key, sizeof key, "<bpmn:serviceTask id=\"%s\"", node));
        at = at == NULL ? NULL : strstr(at, "name=\"verb\" value=\"&quot;");
        assert_non_null(at);
        at += strlen("name=\"verb\" value=\"&quot;");
        text_copy(out, size, (struct str){at, strcspn(at, "&")});
        buf_dispose(&text);
}

/* test/bpmn/not_yet.csv says what is done by hand; it changes with the models, in both directions. */
static void what_is_done_by_hand_is_listed(void **state)
{
        char *files[100], line[200];
        size_t count = files_read(files);
        struct buf found, listed;
        struct error err = {0};

        (void)state;
        buf_init(&found, (size_t)1 << 16);
        buf_init(&listed, (size_t)1 << 16);
        buf_add_text(&found, "process,step,verb\n");
        for (size_t i = 0; i < count; i++) {
                struct bpmn_model *m = model_open(files[i]);
                const struct bpmn_node *n;
                char verb[80];
                for (int k = 0; (n = bpmn_node(m, k)) != NULL; k++) {
                        if (strcmp(n->verb, "office.not_yet") != 0)
                                continue;
                        intended(files[i], n->id, verb, sizeof verb);
                        buf_add_text(&found, text_format(line, sizeof line, "%.*s,%s,%s\n", (int)strcspn(files[i], "."),
                                                         files[i], n->id, verb));
                }
                bpmn_free(m);
                free(files[i]);
        }
        assert_ok(file_read(&listed, "test/bpmn/not_yet.csv", (size_t)1 << 16, &err), err);
        assert_string_equal(buf_text(&found), buf_text(&listed));
        buf_dispose(&found);
        buf_dispose(&listed);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_element_is_reached_and_every_walk_ends),
            cmocka_unit_test(what_is_done_by_hand_is_listed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
