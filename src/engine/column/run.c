/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/column/plan.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_THREAD 100000
#define THREADS_MAX 64
#define SPAN_MAX 65536  /* ends further apart: not looked at for few values */
#define VALUES_MAX 4096 /* more different values are many */
#define SCALAR_SHARE 50 /* one row in so many by the scalar path: the next call plans anew */
#define SCALAR_MEMORY ((size_t)64 << 20)

struct column_program {
        const struct dmn_model *model;
        struct plan *plan;
        /* What the plan was made for. */
        struct column_job shape;
        struct column_input inputs[INPUTS_MAX];
        struct column_output *outputs;
        struct domain domains[INPUTS_MAX];
        bool stale;
};

int column_open(struct column_program **out, const struct dmn_model *model, struct error *err)
{
        struct column_program *p = calloc(1, sizeof *p);

        if (p == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        p->model = model;
        *out = p;
        return 0;
}

static void plan_forget(struct column_program *p)
{
        column_plan_free(p->plan);
        p->plan = NULL;
        for (size_t i = 0; i < INPUTS_MAX; i++) {
                free(p->domains[i].values);
                free(p->domains[i].code_of);
                p->domains[i] = (struct domain){0};
        }
        free(p->outputs);
        p->outputs = NULL;
}

void column_close(struct column_program *p)
{
        if (p == NULL)
                return;
        plan_forget(p);
        free(p);
}

static bool is_missing(const struct column_input *in, size_t row)
{
        return in->missing != NULL && in->missing[row] != 0;
}

#define ENDS(type)                                                                                                             \
        do {                                                                                                                   \
                const type *d = in->data;                                                                                      \
                type lo = d[first], hi = d[first];                                                                             \
                for (size_t i = first; i < last; i++) {                                                                        \
                        lo = d[i] < lo ? d[i] : lo;                                                                            \
                        hi = d[i] > hi ? d[i] : hi;                                                                            \
                }                                                                                                              \
                *low = lo;                                                                                                     \
                *high = hi;                                                                                                    \
        } while (0)

/* Least and greatest; what stands in missing rows counts too, which widens the range only. */
WIDE_LOOP static void ends(const struct column_input *in, size_t first, size_t last, int64_t *low, int64_t *high)
{
        switch (in->bytes) {
        case 1:
                ENDS(int8_t);
                break;
        case 2:
                ENDS(int16_t);
                break;
        case 4:
                ENDS(int32_t);
                break;
        default:
                ENDS(int64_t);
        }
}

/* Which values there are; many when there are too many. */
static int domain_read(struct domain *d, const struct column_input *in, size_t rows, struct error *err)
{
        int64_t block[BLOCK_ROWS];
        uint8_t *seen;
        size_t n = 0;

        if (d->high - (wide_t)d->low >= SPAN_MAX)
                return 0;
        size_t span = (size_t)(d->high - d->low) + 1;
        seen = calloc(span, 1);
        if (seen == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t row = 0; row < rows; row += BLOCK_ROWS) {
                size_t some = rows - row < BLOCK_ROWS ? rows - row : BLOCK_ROWS;
                column_load(in, row, some, block);
                for (size_t i = 0; i < some; i++)
                        seen[block[i] - d->low] = 1;
        }
        for (size_t v = 0; v < span; v++)
                n += seen[v];
        if (n <= VALUES_MAX && (n <= rows / 8 || n <= 16)) {
                d->values = calloc(n, sizeof *d->values);
                d->code_of = calloc(span, sizeof *d->code_of);
                if (d->values == NULL || d->code_of == NULL) {
                        free(seen);
                        return error_raise(err, SB_MEMORY, "%s", "");
                }
                for (size_t v = 0; v < span; v++) {
                        d->code_of[v] = seen[v] ? (uint16_t)d->count : CODE_NONE;
                        if (seen[v])
                                d->values[d->count++] = d->low + (int64_t)v;
                }
        }
        free(seen);
        return 0;
}

static bool same_shape(const struct column_program *p, const struct column_job *job)
{
        if (p->plan == NULL || p->stale || job->input_count != p->shape.input_count ||
            job->output_count != p->shape.output_count)
                return false;
        for (size_t i = 0; i < job->input_count; i++) {
                const struct column_input *a = &p->inputs[i], *b = &job->inputs[i];
                if (strcmp(a->name, b->name) != 0 || (a->same == NULL) != (b->same == NULL) ||
                    (a->same != NULL && !feel_is(a->same, b->same)))
                        return false;
                if (a->same == NULL &&
                    (a->kind != b->kind || a->bytes != b->bytes || a->scale != b->scale || a->texts != b->texts))
                        return false;
        }
        for (size_t i = 0; i < job->output_count; i++) {
                const struct column_output *a = &p->outputs[i], *b = &job->outputs[i];
                bool field = (a->field == NULL) == (b->field == NULL) && (a->field == NULL || strcmp(a->field, b->field) == 0);
                if (!field || strcmp(a->decision, b->decision) != 0 || a->kind != b->kind || a->scale != b->scale)
                        return false;
        }
        return true;
}

static int plan_remember(struct column_program *p, const struct column_job *job, struct error *err)
{
        for (size_t i = 0; i < job->input_count; i++)
                p->inputs[i] = job->inputs[i];
        p->outputs = calloc(job->output_count + 1, sizeof *p->outputs);
        if (p->outputs == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        memcpy(p->outputs, job->outputs, job->output_count * sizeof *p->outputs);
        p->shape = *job;
        p->stale = false;
        return 0;
}

/* The plan that is there, when the job has its shape: rows that it was not made for are found by its kernels. Else a new one. */
static int plan_ready(struct column_program *p, const struct column_job *job, struct column_report *report, struct error *err)
{
        int64_t low[INPUTS_MAX], high[INPUTS_MAX];

        if (same_shape(p, job))
                return 0;
        plan_forget(p);
        for (size_t i = 0; i < job->input_count; i++)
                if (job->inputs[i].same == NULL)
                        ends(&job->inputs[i], 0, job->rows, &low[i], &high[i]);
        report->planned = true;
        for (size_t i = 0; i < job->input_count; i++) {
                if (job->inputs[i].same != NULL)
                        continue;
                p->domains[i].low = low[i];
                p->domains[i].high = high[i];
                if (domain_read(&p->domains[i], &job->inputs[i], job->rows, err) < 0)
                        return ERR;
        }
        if (column_plan_make(&p->plan, p->model, job, p->domains, err) < 0)
                return ERR;
        return plan_remember(p, job, err);
}

/* Rows first … last of a job, in a thread of their own. */
struct worker {
        struct column_program *program;
        const struct column_job *job;
        size_t first, last;
        int64_t **regs, *room;
        struct dmn_context *context;
        struct feel_entry *entries;
        struct column_report report;
        struct error err;
        int rc;
};

static int worker_open(struct worker *w)
{
        const struct plan *p = w->program->plan;
        size_t n = (size_t)p->phys + 1;

        w->regs = calloc(n, sizeof *w->regs);
        w->room = calloc(n * BLOCK_ROWS, sizeof *w->room);
        w->entries = calloc(w->job->input_count + 1, sizeof *w->entries);
        if (w->regs == NULL || w->room == NULL || w->entries == NULL)
                return error_raise(&w->err, SB_MEMORY, "%s", "");
        for (int r = 0; r < p->phys; r++) {
                w->regs[r] = w->room + (size_t)r * BLOCK_ROWS;
                for (size_t i = 0; p->is_constant[r] && i < BLOCK_ROWS; i++)
                        w->regs[r][i] = p->constants[r];
        }
        return 0;
}

static void worker_close(struct worker *w)
{
        free(w->regs);
        free(w->room);
        free(w->entries);
        dmn_context_free(w->context);
}

static const struct feel_value *field_of(const struct feel_value *v, const char *field)
{
        static const struct feel_value NOTHING = {.kind = FEEL_NULL};
        const struct feel_value *f = field == NULL ? v : v->kind == FEEL_CONTEXT ? feel_get(v, field) : NULL;

        return f == NULL ? &NOTHING : f;
}

/* A value of the scalar path as an output has it. */
static enum column_state value_store(const struct column_output *o, const struct feel_value *v, int64_t *out)
{
        *out = 0;
        switch (v->kind) {
        case FEEL_NULL:
                return COLUMN_NULL;
        case FEEL_NUMBER:
                return o->kind == COLUMN_NUMBER && decimal_to_scaled(v->number, o->scale, out) ? COLUMN_OK : COLUMN_MISFIT;
        case FEEL_BOOLEAN:
                *out = o->kind == COLUMN_BOOLEAN && v->boolean;
                return o->kind == COLUMN_BOOLEAN ? COLUMN_OK : COLUMN_MISFIT;
        case FEEL_DATE:
                *out = o->kind == COLUMN_DATE ? v->moment.day : 0;
                return o->kind == COLUMN_DATE ? COLUMN_OK : COLUMN_MISFIT;
        case FEEL_STRING:
                for (size_t i = 0; o->kind == COLUMN_TEXT && i < o->text_count; i++)
                        if (str_equal(v->string, str_from(o->texts[i]))) {
                                *out = (int64_t)i;
                                return COLUMN_OK;
                        }
                return COLUMN_MISFIT;
        default:
                return COLUMN_MISFIT;
        }
}

static struct feel_value input_at(const struct column_input *in, size_t row)
{
        if (in->same != NULL)
                return *in->same;
        if (is_missing(in, row))
                return feel_nothing();
        int64_t v = column_at(in, row);
        switch (in->kind) {
        case COLUMN_NUMBER:
                return feel_number(decimal_from_scaled(v, in->scale));
        case COLUMN_BOOLEAN:
                return feel_bool(v != 0);
        case COLUMN_DATE:
                return (struct feel_value){.kind = FEEL_DATE, .moment = {.day = v}};
        default:
                return v >= 0 && (size_t)v < in->text_count ? feel_string(str_from(in->texts[v])) : feel_nothing();
        }
}

/* A row by the scalar path, each decision once. */
static int row_scalar(struct worker *w, size_t row)
{
        const struct column_job *job = w->job;
        bool failed = false;

        if (w->context == NULL && dmn_context_new(&w->context, w->program->model, SCALAR_MEMORY, &w->err) < 0)
                return ERR;
        for (size_t i = 0; i < job->input_count; i++)
                w->entries[i] = (struct feel_entry){job->inputs[i].name, input_at(&job->inputs[i], row)};
        for (size_t i = 0; i < job->output_count; i++) {
                struct error err = {0};
                struct feel_value v;
                bool done = false;
                for (size_t k = 0; k < i && !done; k++)
                        done = strcmp(job->outputs[k].decision, job->outputs[i].decision) == 0;
                if (done)
                        continue;
                int rc = dmn_run(w->context, job->outputs[i].decision, w->entries, job->input_count, &v, &err);
                for (size_t k = i; k < job->output_count; k++) {
                        const struct column_output *o = &job->outputs[k];
                        if (strcmp(o->decision, job->outputs[i].decision) != 0)
                                continue;
                        o->data[row] = 0;
                        o->state[row] = rc < 0 ? COLUMN_ERROR : (uint8_t)value_store(o, field_of(&v, o->field), &o->data[row]);
                }
                if (rc < 0 && w->report.failed_rows == 0 && !failed)
                        w->report.failure = err;
                failed = failed || rc < 0;
        }
        if (failed && w->report.failed_rows++ == 0)
                w->report.first_failed = row;
        w->report.scalar_rows++;
        return 0;
}

static const int64_t TEN[] = {1,        10,        100,        1000,        10000,        100000,       1000000,
                              10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000};

/* A register as an output; a kind that it has not, or decimals that it needs, make a misfit. */
static void block_store(const struct plan *p, const struct plan_output *from, const struct column_output *o, const int64_t *reg,
                        size_t first, size_t n)
{
        static const enum column_kind KINDS[] = {COLUMN_NUMBER, COLUMN_BOOLEAN, COLUMN_DATE, COLUMN_TEXT};
        int64_t *data = o->data + first;
        uint8_t *state = o->state + first;

        if (KINDS[from->type] != o->kind) {
                memset(data, 0, n * sizeof *data);
                memset(state, COLUMN_MISFIT, n);
        } else if (from->type == REG_TEXT) {
                for (size_t i = 0; i < n; i++) {
                        struct feel_value v =
                            feel_string(reg[i] >= 0 && (size_t)reg[i] < p->text_count ? p->texts[reg[i]] : STR(""));
                        state[i] = (uint8_t)value_store(o, &v, &data[i]);
                }
        } else if (from->type == REG_NUMBER && from->scale > o->scale) {
                int64_t by = TEN[from->scale - o->scale];
                for (size_t i = 0; i < n; i++) {
                        bool fits = reg[i] % by == 0;
                        data[i] = fits ? reg[i] / by : 0;
                        state[i] = fits ? COLUMN_OK : COLUMN_MISFIT;
                }
        } else {
                if (reg != data)
                        memcpy(data, reg, n * sizeof *data);
                memset(state, COLUMN_OK, n);
        }
}

/* Whether an output is what its register holds, so that the kernel may write it where it belongs. */
static bool output_direct(const struct plan *p, const struct column_job *job, size_t i)
{
        const struct plan_output *from = &p->outputs[i];

        if (from->same || from->reg == NO_REG || p->is_constant[from->reg] || from->type == REG_TEXT)
                return false;
        for (size_t k = 0; k < i; k++)
                if (p->outputs[k].reg == from->reg)
                        return false;
        return from->type == REG_NUMBER    ? job->outputs[i].kind == COLUMN_NUMBER && from->scale == job->outputs[i].scale
               : from->type == REG_BOOLEAN ? job->outputs[i].kind == COLUMN_BOOLEAN
                                           : job->outputs[i].kind == COLUMN_DATE;
}

static int block_run(struct worker *w, size_t first, size_t n)
{
        const struct plan *p = w->program->plan;
        const struct column_job *job = w->job;
        uint8_t bad[BLOCK_ROWS] = {0};
        bool all = false;

        for (size_t i = 0; i < job->input_count; i++)
                for (size_t r = 0; job->inputs[i].missing != NULL && r < n; r++)
                        bad[r] |= job->inputs[i].missing[first + r] != 0;
        for (size_t i = 0; i < job->output_count; i++)
                if (output_direct(p, job, i))
                        w->regs[p->outputs[i].reg] = job->outputs[i].data + first;
        kernel_run(p, job, first, n, w->regs, bad);
        for (size_t i = 0; i < job->output_count; i++) {
                const struct column_output *o = &job->outputs[i];
                int64_t value;
                if (p->outputs[i].same) {
                        enum column_state state = value_store(o, &p->outputs[i].value, &value);
                        for (size_t r = 0; r < n; r++)
                                o->data[first + r] = value;
                        memset(o->state + first, (int)state, n);
                } else if (p->outputs[i].reg == NO_REG) {
                        all = true;
                } else {
                        block_store(p, &p->outputs[i], o, w->regs[p->outputs[i].reg], first, n);
                }
        }
        bool any = all || memchr(bad, 1, n) != NULL;
        for (size_t r = 0; any && r < n; r++)
                if ((bad[r] != 0 || all) && row_scalar(w, first + r) < 0)
                        return ERR;
        return 0;
}

static void *work(void *worker)
{
        struct worker *w = worker;

        w->rc = worker_open(w);
        for (size_t at = w->first; w->rc == 0 && at < w->last; at += BLOCK_ROWS)
                w->rc = block_run(w, at, w->last - at < BLOCK_ROWS ? w->last - at : BLOCK_ROWS);
        worker_close(w);
        return NULL;
}

static unsigned threads_of(const struct column_job *job)
{
        size_t most = job->rows / ROWS_PER_THREAD, wanted = job->threads == 0 ? 1 : job->threads;

        wanted = wanted < most ? wanted : most;
        return (unsigned)(wanted == 0 ? 1 : wanted > THREADS_MAX ? THREADS_MAX : wanted);
}

static int workers_run(struct column_program *p, const struct column_job *job, struct column_report *report, struct error *err)
{
        unsigned n = threads_of(job);
        struct worker *workers = calloc(n, sizeof *workers);
        pthread_t threads[THREADS_MAX];
        bool started[THREADS_MAX] = {false};
        int rc = 0;

        if (workers == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (unsigned t = 0; t < n; t++) {
                workers[t] =
                    (struct worker){.program = p, .job = job, .first = job->rows * t / n, .last = job->rows * (t + 1) / n};
                started[t] = t > 0 && pthread_create(&threads[t], NULL, work, &workers[t]) == 0;
        }
        for (unsigned t = 0; t < n; t++)
                if (!started[t])
                        work(&workers[t]);
        for (unsigned t = 0; t < n; t++) {
                struct worker *w = &workers[t];
                if (started[t])
                        pthread_join(threads[t], NULL);
                if (w->rc < 0 && rc == 0 && err != NULL)
                        *err = w->err;
                rc = w->rc < 0 ? ERR : rc;
                if (report->failed_rows == 0 && w->report.failed_rows > 0) {
                        report->first_failed = w->report.first_failed;
                        report->failure = w->report.failure;
                }
                report->failed_rows += w->report.failed_rows;
                report->scalar_rows += w->report.scalar_rows;
        }
        free(workers);
        return rc;
}

static int job_check(const struct column_program *p, const struct column_job *job, struct error *err)
{
        if (job->input_count > INPUTS_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("columns of inputs", "输入列数"), INPUTS_MAX);
        for (size_t i = 0; i < job->input_count; i++) {
                const struct column_input *in = &job->inputs[i];
                bool known = false;
                for (size_t k = 0; k < p->model->element_count && !known; k++)
                        known = p->model->elements[k].kind == ELEMENT_INPUT &&
                                strcmp(p->model->elements[k].face.name, in->name) == 0;
                if (!known)
                        return error_raise(err, SB_DMN_INPUT, "%s|%s", in->name,
                                           ERROR_BOTH("an input of the model", "模型的输入"));
                assert(in->same != NULL || in->bytes == 1 || in->bytes == 2 || in->bytes == 4 || in->bytes == 8);
                assert(in->same != NULL || (in->scale >= 0 && in->scale <= 9));
        }
        return 0;
}

int column_run(struct column_program *p, const struct column_job *job, struct column_report *report, struct error *err)
{
        memset(report, 0, sizeof *report);
        if (job_check(p, job, err) < 0)
                return ERR;
        if (job->rows == 0)
                return 0;
        if (plan_ready(p, job, report, err) < 0)
                return ERR;
        report->kernels = (unsigned)p->plan->op_count;
        report->tables = p->plan->tables;
        int rc = workers_run(p, job, report, err);
        p->stale = report->scalar_rows > job->rows / SCALAR_SHARE;
        return rc;
}
