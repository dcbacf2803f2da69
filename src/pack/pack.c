/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void faults_add(struct faults *f, int severity, const struct error *e)
{
        if (severity == FAULT) {
                f->errors++;
                if (f->first != NULL && f->first->code == SB_OK)
                        *f->first = *e;
        }
        if (f->report != NULL)
                f->report(f->ctx, severity, e);
}

void faults_at(struct faults *f, int severity, const struct pack *p, const char *file, size_t line, struct error *e)
{
        char path[240];
        text_format(path, sizeof path, "%s/%s", p->label, file);
        if (line > 0)
                error_where(e, "%zu", line);
        error_in(e, path);
        faults_add(f, severity, e);
}

struct pack *pack_ref(struct pack *p)
{
        assert(p != NULL);
        atomic_fetch_add(&p->refs, 1);
        return p;
}

void pack_free(struct pack *p)
{
        if (p == NULL || atomic_fetch_sub(&p->refs, 1) > 1)
                return;
        models_free(p);
        processes_free(p);
        permissions_free(p);
        calendar_free(p->calendar);
        json_decref(p->manifest);
        free(p->items);
        free(p->units);
        free(p->keys);
        free(p->rows);
        free(p->views);
        free(p->texts);
        arena_free(p->arena);
        pack_free(p->parent);
        free(p);
}

const char *pack_keep(struct pack *p, struct str s)
{
        const char *copy = arena_text(p->arena, s);
        if (copy != NULL)
                return copy;
        p->full = true;
        return "";
}

static struct pack *pack_new(const char *label)
{
        struct pack *p = calloc(1, sizeof *p);
        if (p == NULL)
                return NULL;
        atomic_init(&p->refs, 1);
        p->arena = arena_new(2 * PACK_MAX_BYTES);
        p->label = p->arena == NULL ? NULL : arena_text(p->arena, str_from(label));
        p->name = p->label;
        if (p->label == NULL) {
                pack_free(p);
                return NULL;
        }
        return p;
}

static int open_dir(struct pack **out, const char *dir, int depth, struct faults *f, struct error *err);

/* The folder of the parent stands beside DIR. */
static int parent_open(struct pack *p, const char *dir, int depth, struct faults *f, struct error *err)
{
        char path[4096];
        size_t n = strlen(dir);
        while (n > 1 && dir[n - 1] == '/')
                n--;
        size_t base = n;
        while (base > 0 && dir[base - 1] != '/')
                base--;
        struct str last = {dir + base, n - base};
        if (depth + 1 >= PACK_MAX_DEPTH)
                return error_raise(
                    err, SB_PACK_PARENT,
                    "%s|" ERROR_BOTH("more than %d packs in line; is it a circle?", "继承超过%d层，是否循环继承？"),
                    p->parent_name, PACK_MAX_DEPTH, PACK_MAX_DEPTH);
        if (str_is(last, ".") || str_is(last, ".."))
                snprintf(path, sizeof path, "%.*s/../%s", (int)n, dir, p->parent_name);
        else
                snprintf(path, sizeof path, "%.*s%s", (int)base, dir, p->parent_name);
        return open_dir(&p->parent, path, depth + 1, f, err);
}

/* What a parent must be, however it came. */
static int parent_check(const struct pack *p, struct error *err)
{
        const struct pack *parent = p->parent;
        if (p->parent_name == NULL && parent == NULL)
                return 0;
        if (p->parent_name == NULL || parent == NULL || strcmp(p->parent_name, parent->name) != 0)
                return error_raise(err, SB_PACK_PARENT,
                                   "%s|" ERROR_BOTH("another pack was found: %s", "找到的是其他政策包：%s"),
                                   p->parent_name == NULL ? "-" : p->parent_name, parent == NULL ? "-" : parent->name,
                                   parent == NULL ? "-" : parent->name);
        if (parent->demonstration)
                return error_raise(err, SB_PACK_DEMONSTRATION, "%s", parent->name);
        if (p->pinned && memcmp(&p->parent_hash, &parent->hash, sizeof parent->hash) != 0) {
                char is[65];
                return error_raise(err, SB_PACK_PARENT,
                                   "%s|" ERROR_BOTH("its hash is %s, not the pinned one", "其散列值为%s，与锁定值不符"),
                                   parent->name, hash_hex(&parent->hash, is), is);
        }
        return 0;
}

static int hash_make(struct pack *p, struct error *err)
{
        struct buf b;
        buf_init(&b, 2 * PACK_MAX_BYTES);
        int rc = pack_archive(p, &b, err);
        if (rc == 0)
                p->hash = hash_of(b.p, b.n);
        buf_dispose(&b);
        return rc;
}

/* Everything that is the same for a folder and an archive: faults of content go to f, the rest to
 * err. */
static int pack_load(struct pack *p, struct faults *f, struct error *err)
{
        int rc = hash_make(p, err);
        if (rc == 0)
                rc = overlays_read(p, f, err);
        if (rc == 0)
                rc = keys_read(p, f, err);
        if (rc == 0)
                rc = parameters_read(p, f, err);
        if (rc == 0)
                rc = parameters_check(p, f, err);
        if (rc == 0)
                rc = calendar_read(p, f, err);
        if (rc == 0)
                rc = texts_read(p, f, err);
        if (rc == 0)
                rc = permissions_read(p, f, err);
        if (rc == 0)
                rc = letters_check(p, f, err);
        if (rc == 0)
                rc = tables_check(p, f, err);
        if (rc == 0)
                rc = models_new(p, err);
        if (rc == 0)
                rc = processes_new(p, err);
        if (rc == 0 && p->full)
                rc = error_raise(err, SB_LIMIT, "%s|%zu", p->label, 2 * PACK_MAX_BYTES);
        return rc;
}

/* Parents are read silently: their faults are theirs. */
static int open_dir(struct pack **out, const char *dir, int depth, struct faults *f, struct error *err)
{
        struct pack *p = pack_new(dir);
        struct error parent_error = {0};
        struct faults above = {.first = &parent_error};
        if (p == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = files_read(p, dir, err);
        if (rc == 0)
                rc = manifest_read(p, err);
        if (rc == 0 && p->parent_name != NULL)
                rc = parent_open(p, dir, depth, &above, err);
        if (rc == 0 && above.errors > 0) {
                *err = parent_error;
                rc = ERR;
        }
        if (rc == 0) {
                rc = parent_check(p, err);
                if (rc != 0)
                        error_where(err, "%s/pack.json", p->label);
        }
        if (rc == 0)
                rc = pack_load(p, f, err);
        if (rc == 0) {
                *out = p;
                p = NULL;
        }
        pack_free(p);
        return rc;
}

int pack_open(struct pack **out, const char *dir, struct error *err)
{
        struct error spare = {0}, *e = err == NULL ? &spare : err;
        struct pack *p = NULL;
        struct faults f = {.first = e};
        int rc = open_dir(&p, dir, 0, &f, e);
        if (rc == 0 && f.errors > 0)
                rc = ERR;
        if (rc == 0) {
                *out = p;
                p = NULL;
        }
        pack_free(p);
        return rc;
}

/* Everything but the faults of its content, which go to f. */
static int open_archive(struct pack **out, struct str archive, struct pack *parent, struct faults *f, struct error *e)
{
        struct pack *p = pack_new("archive");
        struct hash wanted;
        bool has_parent = false;
        if (p == NULL)
                return error_raise(e, SB_MEMORY, "%s", "");
        int rc = files_unpack(p, archive, &wanted, &has_parent, e);
        if (rc == 0)
                rc = manifest_read(p, e);
        if (rc == 0) {
                p->label = p->name;
                p->parent = parent == NULL ? NULL : pack_ref(parent);
                rc = parent_check(p, e);
        }
        if (rc == 0 && (has_parent != (parent != NULL) || (has_parent && memcmp(&wanted, &parent->hash, sizeof wanted) != 0)))
                rc = error_raise(e, SB_PACK_PARENT, "%s|" ERROR_BOTH("it is not the one of the archive", "与归档文件所记不符"),
                                 p->parent_name == NULL ? "-" : p->parent_name);
        if (rc == 0)
                rc = pack_load(p, f, e);
        if (rc == 0) {
                *out = p;
                p = NULL;
        }
        pack_free(p);
        return rc;
}

int pack_open_archive(struct pack **out, struct str archive, struct pack *parent, struct error *err)
{
        struct error spare = {0}, *e = err == NULL ? &spare : err;
        struct pack *p = NULL;
        struct faults f = {.first = e};
        int rc = open_archive(&p, archive, parent, &f, e);
        if (rc == 0 && f.errors > 0)
                rc = ERR;
        if (rc == 0) {
                *out = p;
                p = NULL;
        }
        pack_free(p);
        return rc;
}

/* What is told of an opened pack; a pack that cannot be read at all is one fault, and only a want of memory is an error of the
 * call. rc: of opening it; takes p. */
static int check_end(struct pack *p, int rc, const char *label, struct faults *f, struct error *hard, int *errors,
                     struct error *err)
{
        if (rc == 0)
                rc = models_check(p, f, hard);
        if (rc == 0)
                rc = processes_check(p, f, hard);
        if (rc == 0)
                rc = manual_check(p, f, hard);
        if (rc == 0)
                rc = layouts_check(p, f, hard);
        if (rc != 0 && hard->code == SB_MEMORY) {
                rc = error_raise(err, SB_MEMORY, "%s", "");
        } else if (rc != 0) {
                error_where(hard, "%s", label);
                faults_add(f, FAULT, hard);
                rc = 0;
        }
        *errors = f->errors;
        pack_free(p);
        return rc;
}

int pack_check(const char *dir, pack_report *report, void *ctx, int *errors, struct error *err)
{
        struct pack *p = NULL;
        struct error first = {0}, hard = {0};
        struct faults f = {.report = report, .ctx = ctx, .first = &first};
        int rc = open_dir(&p, dir, 0, &f, &hard);
        return check_end(p, rc, dir, &f, &hard, errors, err);
}

int pack_check_archive(struct str archive, struct pack *parent, pack_report *report, void *ctx, int *errors, struct error *err)
{
        struct pack *p = NULL;
        struct error first = {0}, hard = {0};
        struct faults f = {.report = report, .ctx = ctx, .first = &first};
        int rc = open_archive(&p, archive, parent, &f, &hard);
        return check_end(p, rc, "pack.json", &f, &hard, errors, err);
}

const char *pack_name(const struct pack *p)
{
        return p->name;
}

const char *pack_title(const struct pack *p, enum lang lang)
{
        return p->title[lang];
}

const char *pack_version(const struct pack *p)
{
        return p->version;
}

const char *pack_territory(const struct pack *p)
{
        return p->territory;
}

bool pack_is_demonstration(const struct pack *p)
{
        return p->demonstration;
}

const struct pack *pack_parent(const struct pack *p)
{
        return p->parent;
}

const struct hash *pack_hash(const struct pack *p)
{
        return &p->hash;
}

const struct calendar *pack_calendar(const struct pack *p)
{
        return p->calendar;
}

size_t pack_key_count(const struct pack *p)
{
        return p->key_count;
}

const char *pack_key_name(const struct pack *p, size_t i)
{
        return p->keys[i].name;
}
