/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/model_folder.h"

#include "base/xml.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_FILE_MAX ((size_t)16 << 20)
#define FILES_MAX 512

struct model_file {
        char *ns;
        struct buf text;
};
struct model_folder {
        struct model_file files[FILES_MAX];
        size_t count;
        struct dmn_model *model;
};

static int model_file_read(struct model_folder *f, const char *path, struct error *err)
{
        struct model_file *file = &f->files[f->count];
        struct arena *a = arena_new((size_t)64 << 20);
        const struct xml_node *root;
        struct error broken = {0};

        if (a == NULL || f->count == FILES_MAX) {
                arena_free(a);
                return error_raise(err, SB_LIMIT, "%s|%d", path, FILES_MAX);
        }
        buf_init(&file->text, MODEL_FILE_MAX);
        int rc = file_read(&file->text, path, MODEL_FILE_MAX, err);
        if (rc == 0 && xml_parse(&root, a, (struct str){file->text.p, file->text.n}, NULL, &broken) == 0 &&
            xml_attr(root, "namespace") != NULL) {
                file->ns = strdup(xml_attr(root, "namespace"));
                f->count++;
        } else {
                buf_dispose(&file->text);
        }
        arena_free(a);
        return rc;
}

static int files_read(struct model_folder *f, const char *dir, struct error *err)
{
        DIR *d = opendir(dir);
        struct dirent *e;
        int rc = 0;

        if (d == NULL)
                return error_raise(err, SB_IO, "%s|%s", dir, strerror(errno));
        while (rc == 0 && (e = readdir(d)) != NULL) {
                char path[1024];
                size_t n = strlen(e->d_name);
                if (n < 5 || strcmp(e->d_name + n - 4, ".dmn") != 0)
                        continue;
                text_format(path, sizeof path, "%s/%s", dir, e->d_name);
                rc = model_file_read(f, path, err);
        }
        closedir(d);
        return rc;
}

int model_folder_resolve(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err)
{
        struct model_folder *f = ctx;

        (void)location;
        for (size_t i = 0; i < f->count; i++)
                if (f->files[i].ns != NULL && strcmp(f->files[i].ns, ns) == 0) {
                        *xml = (struct str){f->files[i].text.p, f->files[i].text.n};
                        return 0;
                }
        return error_raise(err, SB_DMN_MODEL, "no model of namespace %s is in the folder", ns);
}

int model_folder_read(struct model_folder **out, const char *dir, struct error *err)
{
        struct model_folder *f = calloc(1, sizeof *f);

        if (f == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if (files_read(f, dir, err) < 0) {
                model_folder_free(f);
                return ERR;
        }
        *out = f;
        return 0;
}

int model_folder_open(struct model_folder **out, const char *path, const struct dmn_options *with, struct dmn_model **borrowed,
                      struct error *err)
{
        struct model_folder *f = calloc(1, sizeof *f);
        const char *slash = strrchr(path, '/');
        char dir[1024];
        struct buf text;

        if (f == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        text_copy(dir, sizeof dir, slash == NULL ? STR(".") : (struct str){path, (size_t)(slash - path)});
        buf_init(&text, MODEL_FILE_MAX);
        struct dmn_options o = with == NULL ? (struct dmn_options){.resolve = NULL} : *with;
        o.resolve = model_folder_resolve;
        o.resolve_ctx = f;
        int rc = file_read(&text, path, MODEL_FILE_MAX, err);
        if (rc == 0)
                rc = files_read(f, dir, err);
        if (rc == 0)
                rc = dmn_open(&f->model, (struct str){text.p, text.n}, &o, err);
        buf_dispose(&text);
        if (rc < 0) {
                model_folder_free(f);
                return rc;
        }
        *borrowed = f->model;
        *out = f;
        return 0;
}

void model_folder_free(struct model_folder *f)
{
        if (f == NULL)
                return;
        dmn_free(f->model);
        for (size_t i = 0; i < f->count; i++) {
                free(f->files[i].ns);
                buf_dispose(&f->files[i].text);
        }
        free(f);
}
