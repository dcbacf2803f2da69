/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables that only the manual reads, beyond what their schema says: articles of law as processes cite them (articles.csv), what
 * changed (changes.csv), and which decisions a process or a verb asks (process_rules.csv, verb_rules.csv). A row that no chapter could
 * ever show is a fault; articles that are cited and have no summary are counted in one note.
 */
#include "pack/citation.h"
#include "pack/pack_internal.h"

#include "engine/bpmn/bpmn.h"
#include "engine/dmn/dmn.h"

#include <string.h>

struct reading {
        struct pack *p;
        struct faults *f;
        struct table t;
        json_t *names;        /* processes of the pack: a set */
        json_t *verbs;        /* verbs that its models call */
        json_t *cited;        /* "LAW ARTICLE" of its processes and their papers */
        json_t *known;        /* of articles.csv */
        struct faults silent; /* what is wrong with a file itself is told by its schema */
};

static void wrong(struct reading *r, const char *column, const char *both)
{
        struct str value = table_field(&r->t, column);

        faults_tell(r->f, FAULT, r->p, r->t.item->path, r->t.line, SB_PACK_CELL, "%.*s|%s|%s",
                    (int)(value.n > 120 ? 120 : value.n), value.p, column, both);
}

static bool in_set(const json_t *set, struct str name)
{
        return json_object_getn(set, name.p, name.n) != NULL;
}

static int put(json_t *set, const char *name, struct error *err)
{
        return name[0] != '\0' && json_object_set_new(set, name, json_true()) != 0 ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static const char *field_text(const struct reading *r, const char *column, char *out, size_t size)
{
        return text_copy(out, size, table_field(&r->t, column));
}

/* --- what the processes have -------------------------------------------------------------------------------------------------- */

static int cite(struct reading *r, const char *text, struct error *err)
{
        struct citation c[CITATIONS_MAX];
        size_t n = citations_read(text, c, CITATIONS_MAX);
        char name[200];
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < n; i++)
                if (c[i].article[0] != '\0')
                        rc = put(r->cited, text_format(name, sizeof name, "%s %s", c[i].law, c[i].article), err);
        return rc;
}

static int model_look(struct reading *r, const struct bpmn_model *m, struct error *err)
{
        const struct bpmn_process *process;
        const struct bpmn_node *node;
        int rc = 0;

        for (int i = 0; rc == 0 && (process = bpmn_process(m, i)) != NULL; i++) {
                rc = cite(r, process->article, err);
                rc = rc ? rc : put(r->verbs, process->check, err);
        }
        for (int i = 0; rc == 0 && (node = bpmn_node(m, i)) != NULL; i++) {
                rc = cite(r, node->article, err);
                rc = rc ? rc : put(r->verbs, node->verb, err);
        }
        return rc;
}

static int models_look(struct reading *r, struct error *err)
{
        char name[PACK_PATH_MAX];
        int rc = 0;

        for (size_t i = 0; rc == 0 && pack_process_name(r->p, i, name, sizeof name); i++) {
                const struct bpmn_model *m = NULL;
                struct error told = {0}; /* a model that cannot be read is told of where models are checked */
                rc = put(r->names, name, err);
                if (rc == 0 && pack_process(r->p, name, &m, &told) == 0)
                        rc = model_look(r, m, err);
        }
        return rc;
}

/* The nearest file of that name; rows are asked for with table_next while it says true. */
static bool begin(struct reading *r, const char *file, bool own)
{
        const struct pack *owner = r->p;
        const struct pack_item *item = own ? files_find(r->p, file) : files_nearest(r->p, file, &owner);

        if (item == NULL)
                return false;
        if (table_open(&r->t, owner, item, NULL, &r->silent))
                return true;
        table_close(&r->t);
        return false;
}

/* A column of a table: names of processes when `names`, else what it cites. */
static int column_look(struct reading *r, const char *file, const char *column, bool names, struct error *err)
{
        char text[2000];
        int rc = 0;

        if (!begin(r, file, false))
                return 0;
        while (rc == 0 && table_next(&r->t)) {
                const char *value = field_text(r, column, text, sizeof text);
                rc = names ? put(r->names, value, err) : cite(r, value, err);
        }
        table_close(&r->t);
        return rc;
}

/* --- rows ------------------------------------------------------------------------------------------------------------------------ */

/* A law as citations name it: a row whose law has another form would never be found. */
static void article_row(struct reading *r)
{
        char law[200], article[40], text[260];
        struct citation c[2];

        field_text(r, "law", law, sizeof law);
        field_text(r, "article", article, sizeof article);
        if (article[strspn(article, "0123456789")] != '\0') {
                wrong(r, "article", ERROR_BOTH("it is the number of one article, or empty", "应为一条的序号，或者为空"));
        } else if (citations_read(text_format(text, sizeof text, "%s %s", law, article), c, 2) != 1 ||
                   strcmp(c[0].law, law) != 0 || strcmp(c[0].article, article) != 0)
                wrong(r, "law", ERROR_BOTH("laws are named without the number of the document", "法律名称不含文号"));
}

static int articles_look(struct reading *r, struct error *err)
{
        char law[200], article[40], name[260];
        int rc = 0;

        if (!begin(r, "articles.csv", false))
                return 0;
        while (rc == 0 && table_next(&r->t))
                rc = put(r->known,
                         text_format(name, sizeof name, "%s %s", field_text(r, "law", law, sizeof law),
                                     field_text(r, "article", article, sizeof article)),
                         err);
        table_close(&r->t);
        return rc;
}

static bool has_decision(const struct dmn_model *m, const char *name)
{
        const struct dmn_element *e;

        for (size_t i = 0; (e = dmn_decision(m, i)) != NULL; i++)
                if (strcmp(e->name, name) == 0 || strcmp(e->id, name) == 0)
                        return true;
        return false;
}

static void decision_row(struct reading *r)
{
        char model[PACK_PATH_MAX], decision[200], path[PACK_PATH_MAX + 20];
        const struct dmn_model *m = NULL;
        struct error told = {0};
        struct str unused;

        field_text(r, "model", model, sizeof model);
        field_text(r, "decision", decision, sizeof decision);
        text_format(path, sizeof path, "rules/%s.dmn", model);
        if (pack_file(r->p, path, &unused, NULL) < 0)
                wrong(r, "model", ERROR_BOTH("the pack has no such rules", "政策包没有该规则模型"));
        else if (pack_model(r->p, model, &m, &told) == 0 && !has_decision(m, decision))
                wrong(r, "decision", ERROR_BOTH("the rules have no such decision", "规则模型没有该决策"));
}

static void process_row(struct reading *r)
{
        struct str name = table_field(&r->t, "process");

        if (name.n > 0 && !str_is(name, "*") && !in_set(r->names, name))
                wrong(r, "process", ERROR_BOTH("the pack has no such process", "政策包没有该事项"));
}

static void process_rules_row(struct reading *r)
{
        process_row(r);
        decision_row(r);
}

static void verb_rules_row(struct reading *r)
{
        struct str verb = table_field(&r->t, "verb");

        if (verb.n > 0 && !in_set(r->verbs, verb))
                wrong(r, "verb", ERROR_BOTH("no process of the pack calls it", "政策包中没有事项使用该动作"));
        decision_row(r);
}

static void rows_look(struct reading *r, const char *file, void (*look)(struct reading *r))
{
        if (!begin(r, file, true))
                return;
        while (table_next(&r->t))
                look(r);
        table_close(&r->t);
}

/* Told once, by the pack that brings the processes or the summaries. */
static void laws_tell(struct reading *r)
{
        size_t all = json_object_size(r->cited), without = 0;
        const char *name;
        json_t *one;
        bool own = files_find(r->p, "articles.csv") != NULL;

        for (size_t i = 0; !own && i < r->p->item_count; i++)
                own = strncmp(r->p->items[i].path, "processes/", strlen("processes/")) == 0;
        json_object_foreach(r->cited, name, one) without += json_object_get(r->known, name) == NULL;
        if (own && without > 0)
                faults_tell(r->f, NOTE, r->p, "articles.csv", 0, SB_PACK_ARTICLES, "%zu|%zu", without, all);
}

int manual_check(struct pack *p, struct faults *f, struct error *err)
{
        struct reading r = {
            .p = p, .f = f, .names = json_object(), .verbs = json_object(), .cited = json_object(), .known = json_object()};
        int rc = r.names == NULL || r.verbs == NULL || r.cited == NULL || r.known == NULL
                     ? error_raise(err, SB_MEMORY, "%s", "")
                     : models_look(&r, err);

        rc = rc ? rc : column_look(&r, "processes.csv", "process", true, err);
        rc = rc ? rc : column_look(&r, "processes.csv", "article", false, err);
        rc = rc ? rc : column_look(&r, "materials.csv", "source", false, err);
        rc = rc ? rc : articles_look(&r, err);
        if (rc == 0) {
                rows_look(&r, "articles.csv", article_row);
                rows_look(&r, "changes.csv", process_row);
                rows_look(&r, "process_rules.csv", process_rules_row);
                rows_look(&r, "verb_rules.csv", verb_rules_row);
                laws_tell(&r);
        }
        json_decref(r.names);
        json_decref(r.verbs);
        json_decref(r.cited);
        json_decref(r.known);
        return rc;
}
