/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"
#include "cmd/process_migrate.h"
#include "cmd/process_test.h"

#include "case/case.h"
#include "engine/bpmn/bpmn.h"
#include "office/office.h"

#include <stdio.h>
#include <string.h>

#define FILE_MAX ((size_t)16 << 20)

struct checking {
        const char *file;
        int faults;
};

static void print_fault(void *ctx, const struct error *fault)
{
        struct checking *c = ctx;
        struct error bare = *fault;
        char name[8], text[2048];

        bare.where[0] = '\0';
        c->faults++;
        printf("error %s!%s %s %s\n", c->file, fault->where[0] == '\0' ? "-" : fault->where, error_name(fault->code, name),
               error_text(&bare, LANG_EN, text, sizeof text));
}

static const struct verb *verb_in(const struct verb *table, const char *name)
{
        while (table->name != NULL && strcmp(table->name, name) != 0)
                table++;
        return table->name == NULL ? NULL : table;
}

static const struct verb *verb_find(const char *name)
{
        const struct verb *v = verb_in(case_verbs, name);

        for (size_t t = 0; v == NULL && office_verbs[t] != NULL; t++)
                v = verb_in(office_verbs[t], name);
        return v;
}

static void verb_check(struct checking *c, const char *verb, const char *id, int line)
{
        struct error fault = {0};

        if (verb_find(verb) != NULL)
                return;
        error_raise(&fault, SB_CASE_VERB_UNKNOWN, "%.80s", verb);
        error_where(&fault, "%s line %d", id, line);
        print_fault(c, &fault);
}

/* The engine does not know which verbs there are; this binary does. */
static void verbs_check(struct checking *c, const struct bpmn_model *m)
{
        const struct bpmn_process *p;
        const struct bpmn_node *n;

        for (int i = 0; (p = bpmn_process(m, i)) != NULL; i++)
                if (p->check[0] != '\0')
                        verb_check(c, p->check, p->id, p->start < 0 ? 0 : bpmn_node(m, p->start)->line);
        for (int i = 0; (n = bpmn_node(m, i)) != NULL; i++)
                if (n->kind == BPMN_SERVICE_TASK)
                        verb_check(c, n->verb, n->id, n->line);
}

static int model_read(struct bpmn_model **out, const char *path, struct error *err)
{
        struct buf text;

        buf_init(&text, FILE_MAX);
        int rc = file_read(&text, path, FILE_MAX, err);
        if (rc == 0 && (rc = bpmn_open(out, (struct str){text.p, text.n}, NULL, NULL, err)) < 0)
                error_in(err, path);
        buf_dispose(&text);
        return rc;
}

/* A model that carries our words is one of the office: it is also proved as the office runs it. */
static bool of_the_office(struct str xml)
{
        static const char words[] = BPMN_NS_SHEBAO;
        size_t length = sizeof words - 1;

        for (size_t i = 0; i + length <= xml.n; i++)
                if (memcmp(xml.p + i, words, length) == 0)
                        return true;
        return false;
}

static int check_file(const char *path)
{
        struct checking c = {.file = path};
        struct bpmn_model *m = NULL;
        struct error err = {0};
        struct buf text;

        buf_init(&text, FILE_MAX);
        if (file_read(&text, path, FILE_MAX, &err) != 0)
                print_fault(&c, &err);
        else {
                struct str xml = {text.p, text.n};
                bpmn_rules(xml, print_fault, &c, &err);
                if (c.faults == 0 && of_the_office(xml) && bpmn_open(&m, xml, print_fault, &c, &err) == 0)
                        verbs_check(&c, m);
        }
        bpmn_free(m);
        buf_dispose(&text);
        return c.faults;
}

static int check(int argc, char **argv)
{
        int faults = 0;

        if (argc < 2)
                return command_usage("process");
        for (int i = 1; i < argc; i++)
                faults += check_file(argv[i]);
        printf("%d process models, %d faults\n", argc - 1, faults);
        return faults == 0 ? 0 : 1;
}

static void print_node(const struct bpmn_node *n)
{
        printf("%s\t%s\t%s\t%s", n->id, bpmn_kind_name(n->kind), n->title[LANG_ZH], n->title[LANG_EN]);
        if (n->role[0] != '\0')
                printf("\trole %s", n->role);
        if (n->verb[0] != '\0')
                printf("\tverb %s", n->verb);
        if (n->limit_days > 0)
                printf("\t%d %s days", n->limit_days, n->limit_calendar ? "calendar" : "working");
        if (n->article[0] != '\0')
                printf("\t%s", n->article);
        putchar('\n');
}

static int show(int argc, char **argv)
{
        const struct bpmn_process *p;
        const struct bpmn_node *n;
        struct bpmn_model *m = NULL;
        struct error err = {0};

        if (argc != 2)
                return command_usage("process");
        if (model_read(&m, argv[1], &err) != 0)
                return command_fail(&err);
        for (int i = 0; (p = bpmn_process(m, i)) != NULL; i++) {
                printf("%s · %s · %s%s%s\n", p->id, p->title[LANG_ZH], p->title[LANG_EN], p->article[0] == '\0' ? "" : " · ",
                       p->article);
                for (int k = 0; (n = bpmn_node(m, k)) != NULL; k++)
                        if (n->process == i)
                                print_node(n);
        }
        bpmn_free(m);
        return 0;
}

int cmd_process(int argc, char **argv)
{
        const char *verb = argc > 1 ? argv[1] : "";

        if (strcmp(verb, "check") == 0)
                return check(argc - 1, argv + 1);
        if (strcmp(verb, "show") == 0)
                return show(argc - 1, argv + 1);
        if (strcmp(verb, "migrate") == 0)
                return process_migrate(argc - 1, argv + 1);
        if (strcmp(verb, "test") == 0 && argc == 3)
                return process_test(argv[2]);
        return command_usage(argv[0]);
}
