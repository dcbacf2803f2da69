/* SPDX-License-Identifier: Apache-2.0
 *
 * Decisions: the DMN models of a pack, compiled once for the pack that asks, with its dated parameters as the functions of an
 * import: parameters.KEY(day, dimension …), the dimensions in the order of the key's declaration. A figure that is missing ends
 * the evaluation with its key; null propagation does not swallow it.
 */
#include "pack/pack_internal.h"

#include "engine/dmn/dmn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define DIMS_TEXT 256

struct external { /* ctx of one function */
        const struct pack *pack;
        const struct key *key;
        size_t first, count; /* its rows */
};
struct compiled {
        char *name;
        struct dmn_model *model;
        struct compiled *next;
};
struct models {
        pthread_mutex_t lock;
        struct compiled *first;
        struct dmn_external *externals;
        struct external *contexts;
        const char **parameter_names; /* per key: "day", dimensions */
        size_t count;
        struct feel_value *figures; /* per row of the pack */
};

/* Text of what is no text without a detour over a buffer that grows. */
static struct str plain_text(const struct feel_value *v, char room[DIMS_TEXT])
{
        struct buf b;

        if (v->kind == FEEL_STRING)
                return v->string;
        if (v->kind == FEEL_NUMBER && v->number.exponent == 0)
                return str_from(decimal_text(v->number, room));
        buf_init(&b, DIMS_TEXT - 1);
        feel_print(&b, v);
        text_copy(room, DIMS_TEXT, str_from(buf_text(&b)));
        bool ok = !b.failed;
        buf_dispose(&b);
        return ok ? str_from(room) : (struct str){NULL, DIMS_TEXT};
}

/* "scheme=EP;party=person" from the arguments behind the day. */
static bool dims_text(const struct key *k, const struct feel_value *args, char out[DIMS_TEXT])
{
        char room[DIMS_TEXT];
        size_t n = 0;

        for (size_t i = 0; i < k->dim_count; i++) {
                const struct feel_value *v = &args[i + 1];
                if (v->kind == FEEL_NULL || v->kind == FEEL_LIST || v->kind == FEEL_CONTEXT)
                        return false;
                struct str value = plain_text(v, room);
                size_t name = strlen(k->dims[i]);
                if (n + name + value.n + 3 > DIMS_TEXT)
                        return false;
                if (i > 0)
                        out[n++] = ';';
                memcpy(out + n, k->dims[i], name);
                n += name;
                out[n++] = '=';
                if (value.n > 0)
                        memcpy(out + n, value.p, value.n);
                n += value.n;
        }
        out[n] = '\0';
        return true;
}

/* The figure as a model sees it: a percent as a ratio, a date as a date, a month as its first day. Texts stay in the pack. */
static bool figure_make(const struct key *k, const char *value, struct feel_value *out)
{
        day_t day;
        month_t month;

        switch (k->unit->kind) {
        case UNIT_NUMBER:
        case UNIT_WHOLE:
                *out = (struct feel_value){.kind = FEEL_NUMBER};
                if (!decimal_parse(&out->number, str_from(value)))
                        return false;
                if (out->number.coefficient != 0)
                        out->number.exponent = (int16_t)(out->number.exponent - k->unit->scale);
                return true;
        case UNIT_TEXT:
                *out = (struct feel_value){.kind = FEEL_STRING, .string = str_from(value)};
                return true;
        case UNIT_BOOL:
                *out = (struct feel_value){.kind = FEEL_BOOLEAN, .boolean = strcmp(value, "true") == 0};
                return out->boolean || strcmp(value, "false") == 0;
        case UNIT_DATE:
                if (day_parse(&day, str_from(value), NULL) < 0)
                        return false;
                *out = (struct feel_value){.kind = FEEL_DATE, .moment = {.day = day}};
                return true;
        case UNIT_MONTH:
                if (month_parse(&month, str_from(value), NULL) < 0)
                        return false;
                *out = (struct feel_value){.kind = FEEL_DATE, .moment = {.day = month_first(month)}};
                return true;
        }
        return false;
}

/* Every figure is read once, when the pack is opened; one that cannot be read stays null and is an error when it is asked for. */
static int figures_make(struct pack *p, struct models *s, struct error *err)
{
        s->figures = calloc(p->row_count + 1, sizeof *s->figures);
        if (s->figures == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < p->row_count; i++)
                if (p->rows[i].key == NULL || !figure_make(p->rows[i].key, p->rows[i].p.value, &s->figures[i]))
                        s->figures[i] = (struct feel_value){.kind = FEEL_NULL};
        return 0;
}

/* The row in force without dimensions, straight from the key's rows; NULL when there is none, which pack_parameter explains. */
static const struct parameter *undivided(const struct external *e, day_t day)
{
        size_t low = e->first, high = e->first + e->count;
        const struct row *rows = e->pack->rows;

        while (low < high) { /* the last that began */
                size_t middle = (low + high) / 2;
                if (rows[middle].p.valid_from <= day)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == e->first || day >= rows[low - 1].p.valid_to || rows[low - 1].p.value[0] == '\0')
                return NULL;
        return &rows[low - 1].p;
}

static int parameter_find(const struct external *e, const struct feel_value *args, char dims[DIMS_TEXT],
                          const struct parameter **out, struct error *err)
{
        day_t day = (day_t)args[0].moment.day;

        dims[0] = '\0';
        *out = e->key->dim_count == 0 ? undivided(e, day) : NULL;
        if (*out != NULL)
                return 0;
        if (!dims_text(e->key, args, dims))
                return error_raise(err, SB_PARAMETER_DIMENSIONS, "%s|%s|%s", "?", e->key->name, "day, …");
        return pack_parameter(e->pack, e->key->name, dims, day, out, err);
}

/* A date, or the date of a date and time, of the years that a pack knows. */
static bool day_known(const struct feel_value *v)
{
        return (v->kind == FEEL_DATE || v->kind == FEEL_DATE_TIME) && v->moment.day >= -DAY_END && v->moment.day <= DAY_END;
}

static int parameter_call(void *ctx, struct feel_machine *m, const struct feel_value *args, size_t count,
                          struct feel_value *out, struct error *err)
{
        const struct external *e = ctx;
        const struct parameter *p;
        char dims[DIMS_TEXT];

        (void)m;
        if (count != e->key->dim_count + 1 || !day_known(&args[0]))
                return error_raise(err, SB_PARAMETER_DIMENSIONS, "%s|%s|%s", "?", e->key->name, "day, …");
        if (parameter_find(e, args, dims, &p, err) < 0)
                return ERR;
        *out = e->pack->models->figures[(const struct row *)(const void *)p - e->pack->rows];
        return out->kind != FEEL_NULL ? 0 : error_raise(err, SB_PARAMETER_VALUE, "%s|%s|%s", p->value, p->key, p->unit);
}

static int put(json_t *o, const char *name, const char *value)
{
        return json_object_set_new_nocheck(o, name, json_string_nocheck(value));
}

/* What the derivation says of a figure: the row as it stands in the pack, with source and evidence. */
static json_t *parameter_describe(void *ctx, const struct feel_function *f, const struct feel_value *args, size_t count,
                                  const struct feel_value *result)
{
        const struct external *e = f->ctx;
        const struct parameter *p;
        char dims[DIMS_TEXT], day[16];
        json_t *o;

        (void)ctx;
        (void)count;
        (void)result;
        if (!day_known(&args[0]) || parameter_find(e, args, dims, &p, NULL) < 0 || (o = json_object()) == NULL)
                return NULL;
        if (put(o, "key", p->key) < 0 || put(o, "dims", dims) < 0 ||
            put(o, "day", day_text((day_t)args[0].moment.day, day)) < 0 || put(o, "value", p->value) < 0 ||
            put(o, "unit", p->unit) < 0 || put(o, "source", p->source) < 0 || put(o, "evidence", p->evidence) < 0 ||
            put(o, "pack", p->pack) < 0) {
                json_decref(o);
                return NULL;
        }
        return o;
}

static int externals_make(struct pack *p, struct models *s, struct error *err)
{
        s->externals = calloc(p->key_count + 1, sizeof *s->externals);
        s->contexts = calloc(p->key_count + 1, sizeof *s->contexts);
        s->parameter_names = calloc((p->key_count + 1) * 9, sizeof *s->parameter_names);
        if (s->externals == NULL || s->contexts == NULL || s->parameter_names == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        s->count = p->key_count;
        for (size_t i = 0; i < p->key_count; i++) {
                const char **names = s->parameter_names + i * 9;
                const struct key *k = &p->keys[i];
                names[0] = "day";
                memcpy(names + 1, k->dims, k->dim_count * sizeof *names);
                const struct parameter *rows;
                size_t count = pack_parameters(p, k->name, &rows);
                s->contexts[i] = (struct external){p, k, (size_t)(rows - p->views), count};
                s->externals[i] = (struct dmn_external){k->name, names, k->dim_count + 1, parameter_call, &s->contexts[i]};
        }
        return 0;
}

int models_new(struct pack *p, struct error *err)
{
        p->models = calloc(1, sizeof *p->models);
        if (p->models == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        pthread_mutex_init(&p->models->lock, NULL);
        return figures_make(p, p->models, err) < 0 ? ERR : externals_make(p, p->models, err);
}

void models_free(struct pack *p)
{
        struct models *s = p->models;

        if (s == NULL)
                return;
        for (struct compiled *c = s->first; c != NULL;) {
                struct compiled *next = c->next;
                dmn_free(c->model);
                free(c->name);
                free(c);
                c = next;
        }
        pthread_mutex_destroy(&s->lock);
        free(s->externals);
        free(s->figures);
        free(s->contexts);
        free(s->parameter_names);
        free(s);
        p->models = NULL;
}

/* An import is a model of this pack or its ancestors: urn:shebao:rules:NAME is rules/NAME.dmn. */
int model_resolve(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err)
{
        static const char PREFIX[] = "urn:shebao:rules:";
        const struct pack *p = ctx;
        char path[PACK_PATH_MAX];

        (void)location;
        if (strncmp(ns, PREFIX, sizeof PREFIX - 1) != 0)
                return error_raise(err, SB_PACK_MODEL, "%s|%.100s", p->name, ns);
        text_format(path, sizeof path, "rules/%s.dmn", ns + sizeof PREFIX - 1);
        return pack_file(p, path, xml, err);
}

static int model_open(const struct pack *p, const char *name, struct dmn_model **out, struct error *err)
{
        struct dmn_options o = {.resolve = model_resolve,
                                .resolve_ctx = (void *)(uintptr_t)p,
                                .external_ns = PARAMETERS_NS,
                                .externals = p->models->externals,
                                .external_count = p->models->count};
        char path[PACK_PATH_MAX];
        struct str xml;

        text_format(path, sizeof path, "rules/%s.dmn", name);
        if (pack_file(p, path, &xml, NULL) < 0)
                return error_raise(err, SB_PACK_MODEL, "%s|%.100s", p->name, name);
        return dmn_open(out, xml, &o, err);
}

/* Called with the lock held. */
static int model_find(const struct pack *p, const char *name, struct dmn_model **out, struct error *err)
{
        struct models *s = p->models;
        struct compiled *c = s->first;

        while (c != NULL && strcmp(c->name, name) != 0)
                c = c->next;
        if (c != NULL) {
                *out = c->model;
                return 0;
        }
        c = calloc(1, sizeof *c);
        if (c == NULL || (c->name = strdup(name)) == NULL) {
                free(c);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        int rc = model_open(p, name, &c->model, err);
        if (rc < 0) {
                free(c->name);
                free(c);
                return rc;
        }
        c->next = s->first;
        s->first = c;
        *out = c->model;
        return 0;
}

int models_check(struct pack *p, struct faults *f, struct error *err)
{
        const char *file;

        (void)err;
        for (size_t i = 0; (file = pack_file_name(p, "rules", i)) != NULL; i++) {
                struct dmn_model *model = NULL;
                struct error broken = {0};
                char name[PACK_PATH_MAX];
                const char *base = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;
                size_t n = strlen(base);
                if (n < 5 || strcmp(base + n - 4, ".dmn") != 0)
                        continue;
                text_copy(name, sizeof name, (struct str){base, n - 4});
                if (model_open(p, name, &model, &broken) < 0)
                        faults_at(f, FAULT, p, file, 0, &broken);
                else if (model_rules_check(p, name, f, &broken) < 0)
                        faults_at(f, FAULT, p, file, 0, &broken);
                dmn_free(model);
        }
        return 0;
}

/* Compiled models live as long as the pack, so the lock is held only to find one. */
static int model_get(struct pack *p, const char *model, struct dmn_model **m, struct error *err)
{
        pthread_mutex_lock(&p->models->lock);
        int rc = model_find(p, model, m, err);
        pthread_mutex_unlock(&p->models->lock);
        return rc;
}

int pack_model(struct pack *p, const char *model, const struct dmn_model **out, struct error *err)
{
        struct dmn_model *m = NULL;
        int rc = model_get(p, model, &m, err);

        *out = m;
        return rc;
}

int pack_model_check(struct pack *p, const char *model, struct error *err)
{
        struct dmn_model *m = NULL;

        return model_get(p, model, &m, err);
}

int pack_try(struct pack *p, const char *model, const char *decision, day_t day, const json_t *inputs, json_t **result,
             json_t **derivation, char *diagnostic, struct error *err)
{
        struct dmn_model *m = NULL;
        struct dmn_answer answer;
        json_t *with_day = json_copy((json_t *)(uintptr_t)inputs);

        if (with_day == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = model_get(p, model, &m, err);
        if (rc == 0 && json_object_get(with_day, "day") == NULL)
                rc = json_put_day(with_day, "day", day, err);
        struct dmn_call call = {
            .decision = decision, .inputs = with_day, .explain = derivation != NULL, .describe = parameter_describe};
        if (rc == 0)
                rc = dmn_eval(m, &call, &answer, err);
        if (rc == 0) {
                *result = answer.result;
                if (derivation != NULL)
                        *derivation = answer.derivation;
                if (diagnostic != NULL)
                        text_copy(diagnostic, sizeof answer.diagnostic,
                                  str_from(answer.diagnostics > 0 ? answer.diagnostic : ""));
        }
        json_decref(with_day);
        return rc;
}

int pack_decide(struct pack *p, const char *model, const char *decision, day_t day, const json_t *inputs, json_t **result,
                json_t **derivation, struct error *err)
{
        return pack_try(p, model, decision, day, inputs, result, derivation, NULL, err);
}

int pack_money(const json_t *v, fen_t *out, struct error *err)
{
        if (json_is_integer(v)) {
                *out = json_integer_value(v) * 100;
                return 0;
        }
        return money_parse(out, str_from(json_string_value(v) == NULL ? "" : json_string_value(v)), err);
}

int pack_result_money(const json_t *result, const char *name, fen_t *out, struct error *err)
{
        const json_t *v = json_object_get(result, name);

        return json_is_integer(v) ? pack_money(v, out, err) : json_get_money(result, name, true, out, err);
}
