/* SPDX-License-Identifier: Apache-2.0 */
#include "case/file_sweep.h"

#include "case/file_store.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct looking {
        struct house *house;
        struct hash hash;
        bool found;
        struct file_sweep *out;
};

/* A file that is being attached is on disk before its row is. */
static bool old_enough(const char *path)
{
        struct stat s;

        return stat(path, &s) == 0 && S_ISREG(s.st_mode) && time(NULL) - s.st_mtime > FILE_SWEEP_AGE_S;
}

static int row_find(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *l = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM attachment WHERE file_hash = ?1@blob AND state = 'kept' LIMIT 1", "b",
                        hash_str(&l->hash));

        l->found = rc == 1;
        return rc < 0 ? rc : 0;
}

static int file_judge(struct looking *l, const char *folder, const char *name, bool remove, struct error *err)
{
        char hex[72], path[900];

        text_format(hex, sizeof hex, "%.2s%.64s", strrchr(folder, '/') + 1, name);
        text_format(path, sizeof path, "%s/%s", folder, name);
        if (strlen(hex) != 64 || hash_parse(&l->hash, str_from(hex), NULL) < 0 || !old_enough(path))
                return 0; /* not one of ours, or too young to be judged */
        l->out->files++;
        int rc = store_read(l->house->store, row_find, l, err);
        if (rc < 0 || l->found)
                return rc;
        l->out->orphans++;
        l->out->removed += remove && unlink(path) == 0;
        return 0;
}

static int folder_sweep(struct looking *l, const char *folder, bool remove, struct error *err)
{
        DIR *d = opendir(folder);
        struct dirent *e;
        int rc = 0;

        while (d != NULL && rc == 0 && (e = readdir(d)) != NULL)
                if (e->d_name[0] != '.')
                        rc = file_judge(l, folder, e->d_name, remove, err);
        if (d != NULL)
                closedir(d);
        return rc;
}

static int rows_check(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *l = ctx;
        struct hash hash;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, "SELECT file_hash FROM attachment WHERE home = ?1@int AND state = 'kept'", "i",
                          (int64_t)l->house->home);

        l->out->rows = l->out->missing = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                (void)hash_take(&hash, stmt_blob(q, 0));
                l->out->rows++;
                l->out->missing += !file_kept(l->house->files, &hash);
        }
        return rc;
}

int file_sweep(struct house *h, bool remove, struct file_sweep *out, struct error *err)
{
        struct looking l = {.house = h, .out = out};
        struct dirent *e;
        char folder[800];

        *out = (struct file_sweep){.rows = 0};
        if (h->files == NULL)
                return error_raise(err, SB_CASE_FILES, "%s", "");
        int rc = store_read(h->store, rows_check, &l, err);
        DIR *d = rc < 0 ? NULL : opendir(h->files); /* nothing was ever attached: no folder */
        while (d != NULL && rc == 0 && (e = readdir(d)) != NULL)
                if (e->d_name[0] != '.' && strlen(e->d_name) == 2)
                        rc = folder_sweep(&l, text_format(folder, sizeof folder, "%s/%s", h->files, e->d_name), remove, err);
        if (d != NULL)
                closedir(d);
        return rc;
}
