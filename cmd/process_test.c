/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver of the pure engine for conformance suites: it carries every effect at once, in order, with a clock of its own. Scripts
 * are the words of the suite; what they leave is the trace.
 */
#include "cmd/process_test.h"

#include "cmd/command.h"
#include "engine/bpmn/bpmn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)16 << 20)
#define INSTANCES_MAX 20
#define JOBS_MAX 4000
#define TRACE_MAX 400
#define EVENTS_MAX 20000
#define SECOND ((instant_t)1000000)

enum job_kind { JOB_WORK, JOB_THROW, JOB_TIMER };
struct job {
        enum job_kind kind;
        int instance;
        int64_t token, sequence;
        instant_t at;
        enum bpmn_trigger trigger;
        const char *name; /* of the script, message or signal; NULL without */
};
struct world {
        const struct bpmn_model *m;
        json_t *states[INSTANCES_MAX];
        int count;
        struct job jobs[JOBS_MAX];
        size_t job_count;
        instant_t now;
        const char *trace[TRACE_MAX];
        char words[TRACE_MAX][40];
        size_t trace_count;
        bool incident, marker, lost;
        instant_t span[2][2]; /* of the two timed scripts; begin 0: not run */
        int events;
        char why[400];
};

static void trace_add(struct world *w, const char *word)
{
        if (w->trace_count == TRACE_MAX) {
                w->lost = true;
                return;
        }
        text_copy(w->words[w->trace_count], sizeof w->words[0], str_from(word));
        w->trace[w->trace_count] = w->words[w->trace_count];
        w->trace_count++;
}

static void job_drop(struct world *w, size_t i)
{
        memmove(&w->jobs[i], &w->jobs[i + 1], (w->job_count - i - 1) * sizeof w->jobs[0]);
        w->job_count--;
}

static void jobs_cancel(struct world *w, int instance, int64_t token, int64_t sequence)
{
        for (size_t i = w->job_count; i-- > 0;)
                if (w->jobs[i].instance == instance &&
                    (token == 0 || (w->jobs[i].token == token && w->jobs[i].sequence == sequence)))
                        job_drop(w, i);
}

static instant_t duration_of(const char *script)
{
        bool slow = script != NULL && (strcmp(script, "WAIT_TEN_SECONDS") == 0 || strncmp(script, "CREATE_TIMESTAMP", 16) == 0);

        return slow ? 10 * SECOND : 0;
}

static void effect_take(struct world *w, int instance, const struct bpmn_effect *e)
{
        struct job j = {.instance = instance, .token = e->token, .sequence = e->sequence, .name = e->name, .at = w->now};

        if (e->kind == BPMN_DO_END || e->kind == BPMN_DO_CANCEL) {
                jobs_cancel(w, instance, e->token, e->sequence);
                return;
        }
        if (e->kind == BPMN_DO_LISTEN)
                return;                /* whoever throws asks every instance */
        if (e->kind == BPMN_DO_CALL) { /* a file of this suite is all that there is */
                w->incident = true;
                return;
        }
        j.kind = e->kind == BPMN_DO_TIMER                                  ? JOB_TIMER
                 : e->kind == BPMN_DO_SIGNAL || e->kind == BPMN_DO_MESSAGE ? JOB_THROW
                                                                           : JOB_WORK;
        j.trigger = e->kind == BPMN_DO_SIGNAL ? BPMN_SIGNAL : BPMN_MESSAGE;
        if (e->kind == BPMN_DO_TIMER)
                j.at = e->at;
        else if (j.kind == JOB_WORK)
                j.at += duration_of(e->name);
        if (w->job_count == JOBS_MAX)
                w->lost = true;
        else
                w->jobs[w->job_count++] = j;
}

/* A state goes through its text, as a store would keep it. */
static json_t *reread(struct world *w, const json_t *state)
{
        struct buf text;
        json_t *out = NULL;

        buf_init(&text, FILE_MAX);
        if (json_canonical(&text, state, NULL) < 0 || json_read(&out, (struct str){text.p, text.n}, NULL) < 0 ||
            !json_equal(out, state))
                w->lost = true;
        buf_dispose(&text);
        return out;
}

/* An instance whose step fails ends in an incident. */
static void step(struct world *w, int instance, const struct bpmn_event *e)
{
        struct bpmn_step out;
        struct error err = {0};
        char text[300];

        if (e->kind != BPMN_BEGIN && w->states[instance] == NULL)
                return;
        if (++w->events > EVENTS_MAX) {
                w->lost = true;
                return;
        }
        if (bpmn_step(&out, w->m, w->states[instance], e, &err) < 0) {
                w->incident = true;
                text_format(w->why, sizeof w->why, "%.80s: %s", err.where, error_text(&err, LANG_EN, text, sizeof text));
                jobs_cancel(w, instance, 0, 0);
                json_decref(w->states[instance]);
                w->states[instance] = NULL;
                return;
        }
        json_decref(w->states[instance]);
        w->states[instance] = reread(w, out.state);
        for (size_t i = 0; i < out.count; i++)
                effect_take(w, instance, &out.effects[i]);
        bpmn_step_dispose(&out);
}

static void begin(struct world *w, int process, int start, const json_t *variables)
{
        struct bpmn_event e = {.kind = BPMN_BEGIN, .process = process, .start = start, .data = variables, .now = w->now};

        if (w->count == INSTANCES_MAX) {
                w->lost = true;
                return;
        }
        step(w, w->count++, &e);
}

/* --- work ------------------------------------------------------------------------------------------------------------------ */

static json_t *variable(const struct world *w, int instance, const char *name)
{
        return json_object_get(json_object_get(w->states[instance], "variables"), name);
}

static void script_do(struct world *w, const struct job *j, struct bpmn_event *e, json_t *data)
{
        char word[40];
        const char *s = j->name == NULL ? "" : j->name;

        if (strncmp(s, "SCRIPT_task", 11) == 0)
                trace_add(w, text_format(word, sizeof word, "Task%.20s", s + 11));
        else if (strncmp(s, "INCREMENT_INTEGER_VARIABLE", 26) == 0) {
                int64_t n = json_integer_value(variable(w, j->instance, "integerVariable"));
                json_object_set_new(data, "integerVariable", json_integer(n + 1));
                if (strcmp(s + 26, "_AND_LOG") == 0)
                        trace_add(w, "Increment");
        } else if (strcmp(s, "CREATE_MARKER_FILE") == 0)
                w->marker = true;
        else if (strcmp(s, "SET_STRING_DATA") == 0)
                json_object_set_new(data, "data", json_string("String"));
        else if (strcmp(s, "LOG_DATA") == 0) {
                const char *text = json_string_value(variable(w, j->instance, "data"));
                if (text != NULL && strcmp(text, "String") == 0)
                        trace_add(w, "DataCorrect");
        } else if (strncmp(s, "CREATE_TIMESTAMP_LOG_", 21) == 0) {
                int k = s[21] == '1' ? 0 : 1;
                w->span[k][0] = j->at - 10 * SECOND;
                w->span[k][1] = j->at;
        } else if (strcmp(s, "THROW_ERROR") == 0)
                e->kind = BPMN_FAIL;
}

static void work_do(struct world *w, const struct job *j)
{
        json_t *data = json_object();
        struct bpmn_event e = {.kind = BPMN_COMPLETE, .token = j->token, .sequence = j->sequence, .data = data, .now = w->now};

        script_do(w, j, &e, data);
        step(w, j->instance, &e);
        json_decref(data);
}

/* Whether the instance waits for the message now. */
static bool heard(struct world *w, int instance, const struct bpmn_event *e)
{
        json_t *before = w->states[instance] == NULL ? NULL : json_incref(w->states[instance]);

        if (before == NULL)
                return false;
        step(w, instance, e);
        bool changed = w->states[instance] == NULL || !json_equal(before, w->states[instance]);
        json_decref(before);
        return changed;
}

static void throw_do(struct world *w, const struct job *j)
{
        struct bpmn_event hear = {.kind = BPMN_HEAR, .trigger = j->trigger, .name = j->name, .now = w->now};
        struct bpmn_event done = {.kind = BPMN_COMPLETE, .token = j->token, .sequence = j->sequence, .now = w->now};
        bool taken = false;
        int count = w->count;

        /* Those who are interrupted meanwhile throw no more: the token is asked for below. */
        for (int i = 0; i < count && !(taken && j->trigger == BPMN_MESSAGE); i++)
                taken = heard(w, i, &hear) || taken;
        for (int n = bpmn_start_find(w->m, j->trigger, j->name, -1); n >= 0 && !(taken && j->trigger == BPMN_MESSAGE);
             n = bpmn_start_find(w->m, j->trigger, j->name, n)) {
                begin(w, bpmn_node(w->m, n)->process, n + 1, NULL);
                taken = true;
        }
        const json_t *tokens = w->states[j->instance] == NULL ? NULL : json_object_get(w->states[j->instance], "tokens");
        json_t *t;
        size_t k;
        json_array_foreach((json_t *)(uintptr_t)tokens, k, t)
        {
                if (json_integer_value(json_object_get(t, "id")) == j->token &&
                    json_integer_value(json_object_get(t, "sequence")) == j->sequence) {
                        step(w, j->instance, &done);
                        return;
                }
        }
}

/* --- time -------------------------------------------------------------------------------------------------------------------- */

/* What is next: work that is ready, then what is thrown, then time. -1 nothing until the limit. */
static int job_next(const struct world *w, instant_t limit)
{
        int best = -1;
        bool working = false;

        for (size_t i = 0; i < w->job_count; i++)
                if (w->jobs[i].kind == JOB_WORK && w->jobs[i].at <= w->now)
                        return (int)i;
        for (size_t i = 0; i < w->job_count; i++)
                if (w->jobs[i].kind == JOB_THROW)
                        return (int)i;
        for (size_t i = 0; i < w->job_count; i++) {
                working = working || w->jobs[i].kind == JOB_WORK;
                if (best < 0 || w->jobs[i].at < w->jobs[best].at)
                        best = (int)i;
        }
        return best < 0 || (w->jobs[best].at > limit && !working) ? -1 : best;
}

static void run(struct world *w, instant_t limit)
{
        int i;

        while (!w->lost && (i = job_next(w, limit)) >= 0) {
                struct job j = w->jobs[i];
                job_drop(w, (size_t)i);
                if (j.at > w->now)
                        w->now = j.at;
                if (j.kind == JOB_WORK)
                        work_do(w, &j);
                else if (j.kind == JOB_THROW)
                        throw_do(w, &j);
                else
                        step(w, j.instance,
                             &(struct bpmn_event){.kind = BPMN_DUE, .token = j.token, .sequence = j.sequence, .now = w->now});
        }
}

/* --- cases -------------------------------------------------------------------------------------------------------------------- */

static bool incident_word(const char *word)
{
        return strcmp(word, "RuntimeException") == 0 || strcmp(word, "GenericError") == 0 ||
               strcmp(word, "ErrorThrownErrorEvent") == 0;
}

static bool trace_take(struct world *w, const char *word)
{
        for (size_t i = 0; i < w->trace_count; i++)
                if (w->trace[i] != NULL && strcmp(w->trace[i], word) == 0) {
                        w->trace[i] = NULL;
                        return true;
                }
        return false;
}

/* Whether the trace is the one expected, as a multiset; it is used up. */
static bool trace_fits(struct world *w, const json_t *expect)
{
        bool fits = !w->lost, incident = false;
        json_t *x;
        size_t k;

        json_array_foreach((json_t *)(uintptr_t)expect, k, x)
        {
                const char *word = json_string_value(x) == NULL ? "" : json_string_value(x);
                if (incident_word(word)) {
                        incident = true;
                        fits = fits && w->incident;
                } else if (strcmp(word, "MarkerExists") == 0)
                        fits = fits && w->marker;
                else if (strcmp(word, "ExecutionParallel") == 0)
                        fits = fits && w->span[0][1] > 0 && w->span[1][1] > 0 && w->span[0][0] < w->span[1][1] &&
                               w->span[1][0] < w->span[0][1];
                else
                        fits = trace_take(w, word) && fits;
        }
        for (size_t i = 0; i < w->trace_count; i++)
                fits = fits && w->trace[i] == NULL;
        return fits && incident == w->incident;
}

static void trace_print(const struct world *w, char *out, size_t size)
{
        size_t n = 0;

        out[0] = '\0';
        for (size_t i = 0; i < w->trace_count && n + 50 < size; i++)
                n += strlen(text_format(out + n, size - n, "%s ", w->words[i]));
}

static bool case_run(const struct bpmn_model *m, const char *name, const json_t *c)
{
        struct world *w = calloc(1, sizeof *w);
        int main_process = bpmn_process_find(m, name);
        const json_t *input = json_object_get(c, "input");
        json_t *variables =
            json_pack("{s:O,s:I}", "test", input, "integerVariable", json_integer_value(json_object_get(c, "integer")));
        char said[600];

        if (w == NULL || variables == NULL || main_process < 0) {
                printf("fail %s: it cannot be run\n", name);
                json_decref(variables);
                free(w);
                return false;
        }
        w->m = m;
        w->now = day_instant(20000);
        instant_t limit = w->now + (instant_t)json_integer_value(json_object_get(c, "delay_ms")) * 1000;
        for (int p = 0; json_is_true(json_object_get(c, "with_parallel_process")) && bpmn_process(m, p) != NULL; p++)
                if (p != main_process && bpmn_process(m, p)->start >= 0) {
                        begin(w, p, 0, variables);
                        break;
                }
        begin(w, main_process, 0, variables);
        run(w, limit);
        trace_print(w, said, sizeof said);
        bool fits = trace_fits(w, json_object_get(c, "expect"));
        if (!fits) {
                char *want = json_dumps(c, JSON_COMPACT);
                printf("fail %s %s: left %s%s%s\n", name, want == NULL ? "" : want, said, w->incident ? "incident " : "",
                       w->why);
                free(want);
        }
        for (int i = 0; i < w->count; i++)
                json_decref(w->states[i]);
        json_decref(variables);
        free(w);
        return fits;
}

static int model_open(struct bpmn_model **m, const char *dir, const char *file, struct error *err)
{
        char path[1024];
        struct buf text;

        buf_init(&text, FILE_MAX);
        int rc = file_read(&text, text_format(path, sizeof path, "%s/%s", dir, file), FILE_MAX, err);
        rc = rc ? rc : bpmn_rules((struct str){text.p, text.n}, NULL, NULL, err);
        rc = rc ? rc : bpmn_open_full(m, (struct str){text.p, text.n}, NULL, NULL, err);
        buf_dispose(&text);
        return rc;
}

static void process_run(const char *dir, const json_t *p, int *passed, int *failed)
{
        const char *name = json_string_value(json_object_get(p, "name")), *file = json_string_value(json_object_get(p, "file"));
        struct bpmn_model *m = NULL;
        struct error err = {0};
        char text[600];
        json_t *c;
        size_t i;

        if (name == NULL || file == NULL || model_open(&m, dir, file, &err) < 0) {
                printf("fail %s: %s %s\n", name == NULL ? "?" : name, err.where, error_text(&err, LANG_EN, text, sizeof text));
                *failed += (int)json_array_size(json_object_get(p, "cases"));
                return;
        }
        json_array_foreach(json_object_get(p, "cases"), i, c)
        {
                if (case_run(m, name, c))
                        ++*passed;
                else
                        ++*failed;
        }
        bpmn_free(m);
}

int process_test(const char *dir)
{
        char path[1024];
        struct buf text;
        struct error err = {0};
        int passed = 0, failed = 0;
        json_t *all = NULL, *p;
        size_t i;

        buf_init(&text, FILE_MAX);
        int rc = file_read(&text, text_format(path, sizeof path, "%s/cases.json", dir), FILE_MAX, &err);
        if (rc == 0)
                rc = json_read(&all, (struct str){text.p, text.n}, &err);
        buf_dispose(&text);
        if (rc < 0)
                return command_fail(&err);
        json_array_foreach(all, i, p) process_run(dir, p, &passed, &failed);
        json_decref(all);
        printf("%d passed, %d failed\n", passed, failed);
        return failed == 0 && passed > 0 ? 0 : 1;
}
