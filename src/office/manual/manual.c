/* SPDX-License-Identifier: Apache-2.0 */
#include "office/manual/internal.h"

#include <stdlib.h>
#include <string.h>

const char *row_text(const struct manual *m, const json_t *row, const char *name)
{
        char column[60];

        return json_text(row, text_format(column, sizeof column, "%s_%s", name, SAY(m, "en", "zh")));
}

const json_t *row_find(const json_t *table, const char *column, const char *value)
{
        json_t *row;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)table, i, row) if (strcmp(json_text(row, column), value) == 0) return row;
        return NULL;
}

const char *role_said(const struct manual *m, const char *role)
{
        const char *name = row_text(m, row_find(m->roles, "role", role), "name");

        return name[0] == '\0' ? role : name;
}

const json_t *manual_row(const struct manual *m, const char *process)
{
        return row_find(m->processes, "process", process);
}

static const struct verb *verb_in(const struct verb *table, const char *name)
{
        for (const struct verb *v = table; v->name != NULL; v++)
                if (strcmp(v->name, name) == 0)
                        return v;
        return NULL;
}

const struct verb *verb_named(const char *name)
{
        const struct verb *v = verb_in(case_verbs, name);

        for (size_t t = 0; v == NULL && office_verbs[t] != NULL; t++)
                v = verb_in(office_verbs[t], name);
        return v;
}

bool manual_knows(const struct manual *m, const char *process)
{
        for (size_t i = 0; i < m->name_count; i++)
                if (strcmp(m->names[i], process) == 0)
                        return true;
        return false;
}

/* --- opening ------------------------------------------------------------------------------------------------------------------- */

static int name_add(struct manual *m, struct str name, struct error *err)
{
        char text[MANUAL_NAME];

        if (name.n == 0 || name.n >= MANUAL_NAME || manual_knows(m, text_copy(text, sizeof text, name)))
                return 0;
        if (m->name_count == MANUAL_NAMES_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", "processes of a manual", MANUAL_NAMES_MAX);
        text_copy(m->names[m->name_count++], MANUAL_NAME, name);
        return 0;
}

/* P2 before P10. */
static int by_number(const void *a, const void *b)
{
        const char *x = a, *y = b;
        long left = strtol(x + strcspn(x, "0123456789"), NULL, 10), right = strtol(y + strcspn(y, "0123456789"), NULL, 10);

        return left != right ? (left < right ? -1 : 1) : strcmp(x, y);
}

static int names_read(struct manual *m, struct error *err)
{
        const char *file;
        json_t *row;
        size_t i;
        int rc = 0;

        for (i = 0; rc == 0 && (file = pack_file_name(m->pack, "processes", i)) != NULL; i++) {
                const char *base = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;
                size_t n = strlen(base);
                if (n > 5 && strcmp(base + n - 5, ".bpmn") == 0)
                        rc = name_add(m, (struct str){base, n - 5}, err);
        }
        json_array_foreach(m->processes, i, row) if (rc == 0) rc = name_add(m, str_from(json_text(row, "process")), err);
        qsort(m->names, m->name_count, sizeof m->names[0], by_number);
        return rc;
}

int manual_open(struct manual **out, struct pack *p, enum lang lang, day_t day, struct error *err)
{
        struct manual *m = calloc(1, sizeof *m);
        int rc = m == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc == 0) {
                const struct {
                        json_t **table;
                        const char *file;
                } tables[] = {{&m->processes, "processes.csv"}, {&m->materials, "materials.csv"},
                              {&m->roles, "roles.csv"},         {&m->risk, "risk.csv"},
                              {&m->signing, "signing.csv"},     {&m->pauses, "pause_reasons.csv"},
                              {&m->articles, "articles.csv"},   {&m->changes, "changes.csv"},
                              {&m->rules, "process_rules.csv"}, {&m->verb_rules, "verb_rules.csv"}};
                m->pack = pack_ref(p);
                m->lang = lang;
                m->day = day;
                m->models = json_object();
                for (size_t i = 0; rc == 0 && i < sizeof tables / sizeof tables[0]; i++)
                        rc = pack_table_maybe(p, tables[i].file, tables[i].table, err);
        }
        if (rc == 0)
                rc = names_read(m, err);
        if (rc == 0) {
                *out = m;
                m = NULL;
        }
        manual_close(m);
        return rc;
}

void manual_close(struct manual *m)
{
        if (m == NULL)
                return;
        json_t *const tables[] = {m->processes, m->materials, m->roles, m->risk,       m->signing, m->pauses,
                                  m->articles,  m->changes,   m->rules, m->verb_rules, m->models};
        for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
                json_decref(tables[i]);
        manual_close(m->older);
        pack_free(m->pack);
        free(m);
}

int manual_older(struct manual *m, struct pack *p, day_t stored, struct error *err)
{
        struct manual **last = &m->older;

        while (*last != NULL)
                last = &(*last)->older;
        int rc = manual_open(last, p, m->lang, m->day, err);
        if (rc == 0)
                (*last)->stored = stored;
        return rc;
}

/* --- a chapter ------------------------------------------------------------------------------------------------------------------- */

static void diagram_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "diagram", SAY(m, "Diagram", "流程图"));
        const char *doc = json_text(facts, SAY(m, "doc_en", "doc_zh"));

        if (facts == NULL) {
                doc_note(blocks, "missing",
                         SAY(m, "The pack holds no model of this process yet: it can neither be drawn nor run.",
                             "政策包尚无本事项的流程模型：既不能绘图，也不能办理。"));
                return;
        }
        if (doc[0] != '\0')
                doc_p(blocks, doc);
        json_t *b = json_object();
        put_text(b, "k", "diagram");
        put_text(b, "process", process);
        json_array_append_new(blocks, b);
}

int manual_facts(json_t **out, const struct manual *m, const char *process, struct error *err)
{
        struct str unused;
        char path[120];

        *out = NULL;
        text_format(path, sizeof path, "processes/%s.bpmn", process);
        return pack_file(m->pack, path, &unused, NULL) == 0 ? model_facts(out, m->pack, process, err) : 0;
}

int manual_chapter(json_t **out, struct manual *m, const char *process, struct error *err)
{
        json_t *facts = NULL, *chapter;

        if (!manual_knows(m, process))
                return error_raise(err, SB_MANUAL_PROCESS, "%s|%.60s", pack_name(m->pack), process);
        int rc = manual_facts(&facts, m, process, err);
        if (rc < 0) {
                json_decref(facts);
                return rc;
        }
        const json_t *row = manual_row(m, process);
        const char *title = row_text(m, row, "name");
        chapter = json_object();
        put_text(chapter, "process", process);
        put_text(chapter, "title", title[0] != '\0' ? title : facts != NULL ? fact_title(m, facts) : process);
        put_text(chapter, "group", row_text(m, row, "group"));
        put_value(chapter, "sections", json_array());
        put_value(chapter, "articles", json_array());
        put_value(chapter, "roles", json_array());
        elements_section(m, chapter, facts, process);
        materials_section(m, chapter, process);
        diagram_section(m, chapter, facts, process);
        if (facts != NULL) {
                steps_section(m, chapter, facts, process);
                exceptions_section(m, chapter, facts, process);
                form_section(m, chapter, facts);
        }
        rules_section(m, chapter, facts, process);
        if (facts != NULL)
                letters_section(m, chapter, facts);
        control_section(m, chapter, facts, process);
        law_section(m, chapter, process);
        changes_section(m, chapter, facts, process);
        json_decref(facts);
        *out = chapter;
        return 0;
}
