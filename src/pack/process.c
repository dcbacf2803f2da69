/* SPDX-License-Identifier: Apache-2.0
 *
 * Process models of a pack: processes/NAME.bpmn of the pack or its nearest ancestor, compiled once for the pack that asks and
 * shared between threads.
 */
#include "pack/pack_internal.h"

#include "engine/bpmn/bpmn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct process {
        char *name;
        struct bpmn_model *model;
        struct process *next;
};
struct processes {
        pthread_mutex_t lock;
        struct process *first;
        const char **paths; /* of all models in order, borrowed from the packs */
        size_t path_count;
};

/* A walk along all files, once. Other files of the folder are passed over. */
static int paths_find(const struct pack *p, struct error *err)
{
        struct processes *x = p->processes;
        size_t cap = 0;

        for (const char *path = NULL; (path = pack_path_after(p, "processes", path)) != NULL;) {
                size_t n = strlen(path);
                if (n < strlen("processes/x.bpmn") || strcmp(path + n - 5, ".bpmn") != 0)
                        continue;
                if (x->path_count == cap) {
                        cap = cap == 0 ? 64 : 2 * cap;
                        const char **more = realloc(x->paths, cap * sizeof *more);
                        if (more == NULL)
                                return error_raise(err, SB_MEMORY, "%s", "");
                        x->paths = more;
                }
                x->paths[x->path_count++] = path;
        }
        return 0;
}

int processes_new(struct pack *p, struct error *err)
{
        p->processes = calloc(1, sizeof *p->processes);
        if (p->processes == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        pthread_mutex_init(&p->processes->lock, NULL);
        return paths_find(p, err);
}

void processes_free(struct pack *p)
{
        if (p->processes == NULL)
                return;
        for (struct process *x = p->processes->first; x != NULL;) {
                struct process *next = x->next;
                bpmn_free(x->model);
                free(x->name);
                free(x);
                x = next;
        }
        pthread_mutex_destroy(&p->processes->lock);
        free(p->processes->paths);
        free(p->processes);
        p->processes = NULL;
}

static int process_open(const struct pack *p, const char *name, struct bpmn_model **out, struct error *err)
{
        char path[PACK_PATH_MAX];
        struct str xml;

        text_format(path, sizeof path, "processes/%s.bpmn", name);
        if (pack_file(p, path, &xml, NULL) < 0)
                return error_raise(err, SB_PACK_PROCESS, "%s|%.100s", p->name, name);
        int rc = bpmn_open(out, xml, NULL, NULL, err);
        if (rc == 0 && bpmn_process_find(*out, name) < 0) {
                bpmn_free(*out);
                rc = error_raise(err, SB_BPMN_PROCESS, "%.100s", name);
        }
        return rc < 0 ? error_where(err, "%s", path) : 0;
}

/* Called with the lock held. */
static int process_find(const struct pack *p, const char *name, const struct bpmn_model **out, struct error *err)
{
        struct process *x = p->processes->first;

        while (x != NULL && strcmp(x->name, name) != 0)
                x = x->next;
        if (x == NULL) {
                x = calloc(1, sizeof *x);
                if (x == NULL || (x->name = strdup(name)) == NULL) {
                        free(x);
                        return error_raise(err, SB_MEMORY, "%s", "");
                }
                int rc = process_open(p, name, &x->model, err);
                if (rc < 0) {
                        free(x->name);
                        free(x);
                        return rc;
                }
                x->next = p->processes->first;
                p->processes->first = x;
        }
        *out = x->model;
        return 0;
}

int pack_process(struct pack *p, const char *name, const struct bpmn_model **out, struct error *err)
{
        pthread_mutex_lock(&p->processes->lock);
        int rc = process_find(p, name, out, err);
        pthread_mutex_unlock(&p->processes->lock);
        return rc;
}

bool pack_process_name(const struct pack *p, size_t i, char *out, size_t size)
{
        const struct processes *x = p->processes;

        if (i >= x->path_count)
                return false;
        const char *file = x->paths[i] + strlen("processes/");
        text_copy(out, size, (struct str){file, strlen(file) - 5});
        return true;
}

struct telling {
        const struct pack *pack;
        const char *file;
        struct faults *faults;
};

static void fault_take(void *ctx, const struct error *fault)
{
        struct telling *t = ctx;
        struct error e = *fault;

        text_format(e.where, sizeof e.where, "%s/%s!%s", t->pack->label, t->file, fault->where);
        faults_add(t->faults, FAULT, &e);
}

static bool role_known(const json_t *roles, const char *role)
{
        json_t *row;
        size_t i;

        json_array_foreach(roles, i, row)
        {
                const char *name = json_string_value(json_object_get(row, "role"));
                if (name != NULL && strcmp(name, role) == 0)
                        return true;
        }
        return false;
}

/* What the engine cannot know: the roles of the pack, both languages, and that the process is found by its file's name. */
static void process_check(struct telling *t, const struct bpmn_model *m, const char *name)
{
        const struct bpmn_node *n;
        json_t *roles = NULL;
        struct error e = {0};

        if (bpmn_process_find(m, name) < 0) {
                error_raise(&e, SB_BPMN_PROCESS, "%.100s", name);
                error_where(&e, "%s", name);
                fault_take(t, &e);
        }
        if (pack_table(t->pack, "roles.csv", &roles, NULL) < 0)
                roles = NULL;
        for (int i = 0; (n = bpmn_node(m, i)) != NULL; i++) {
                struct error fault = {0};
                if (n->kind == BPMN_USER_TASK && roles != NULL && !role_known(roles, n->role))
                        error_raise(&fault, SB_BPMN_ROLE, "%.60s", n->role);
                else if ((n->kind == BPMN_USER_TASK || n->kind == BPMN_SERVICE_TASK) &&
                         strcmp(n->title[LANG_ZH], n->title[LANG_EN]) == 0)
                        error_raise(&fault, SB_PACK_TRANSLATION, "%.100s|%s", n->id,
                                    ERROR_BOTH("English (shebao:titleEn)", "英文（shebao:titleEn）"));
                if (fault.code == SB_OK)
                        continue;
                error_where(&fault, "%s line %d", n->id, n->line);
                fault_take(t, &fault);
        }
        json_decref(roles);
}

int processes_check(struct pack *p, struct faults *f, struct error *err)
{
        const char *file;

        (void)err;
        for (size_t i = 0; (file = pack_file_name(p, "processes", i)) != NULL; i++) {
                const char *base = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;
                char name[PACK_PATH_MAX], path[PACK_PATH_MAX];
                struct bpmn_model *model = NULL;
                struct error first = {0};
                struct str xml;
                size_t n = strlen(base);

                if (n < 6 || strcmp(base + n - 5, ".bpmn") != 0)
                        continue;
                text_copy(name, sizeof name, (struct str){base, n - 5});
                text_format(path, sizeof path, "processes/%s", base);
                struct telling t = {.pack = p, .file = path, .faults = f};
                if (pack_file(p, path, &xml, NULL) == 0 && bpmn_open(&model, xml, fault_take, &t, &first) == 0) {
                        process_check(&t, model, name);
                        persons_check(p, model, name, fault_take, &t);
                        process_loosens(p, path, name, model, f);
                }
                bpmn_free(model);
        }
        materials_loosen(p, f);
        authority_loosens(p, f);
        return 0;
}
