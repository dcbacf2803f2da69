/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao import: a CSV file of this machine through the import run, with its faults and rejected rows.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "case/access.h"
#include "office/import/import.h"

#include <stdio.h>
#include <string.h>

#define FAULTS_SHOWN 50
#define REJECTS_MAX ((size_t)512 << 20)

/* 1 when there were faults, 0, ERR. */
static int faults_tell(struct opened *o, int64_t run, const char *rejects, struct error *err)
{
        struct buf faults, rows;
        int64_t n;
        int rc = 0;

        buf_init(&faults, (size_t)1 << 20);
        buf_init(&rows, REJECTS_MAX);
        n = import_faults_text(&o->house, run, terminal_lang(), FAULTS_SHOWN, &faults, err);
        if (n < 0)
                rc = ERR;
        if (n > 0) {
                fputs(buf_text(&faults), stderr);
                if (n > FAULTS_SHOWN)
                        fprintf(stderr, "… %lld\n", (long long)n - FAULTS_SHOWN);
        }
        if (rc == 0 && n > 0 && rejects != NULL) {
                rc = import_rejected(&o->house, run, terminal_lang(), &rows, err);
                if (rc == 0)
                        rc = file_write(rejects, rows.p, rows.n, err);
        }
        buf_dispose(&faults);
        buf_dispose(&rows);
        return rc < 0 ? rc : n > 0;
}

static int import_file(const struct house_options *options, const char *login, const struct import_request *q,
                       const char *rejects, struct error *err)
{
        struct opened *o = NULL;
        struct progress p = {.what = q->kind};
        struct call c = {.key = NULL};
        int64_t run = 0;
        int rc = house_open(&o, options, err);

        if (rc == 0) {
                c.house = &o->house;
                rc = house_staff(&o->house, login, &c.who, err);
        }
        if (rc == 0)
                rc = access_may(&c, registry_find(o->verbs, "import.start"), err);
        if (rc == 0)
                rc = import_create(&c, q, &run, err);
        if (rc == 0)
                rc = run_follow(&o->house, run, &p, err);
        progress_end(&p);
        if (rc == 0)
                rc = run_print(&o->house, run, err);
        if (rc == 0)
                rc = faults_tell(o, run, rejects, err);
        house_close(o);
        return rc;
}

int cmd_import(int argc, char **argv)
{
        struct house_options options = {.id_block = 1000};
        struct import_request q = {.encoding = "utf-8"};
        struct error err = {0};
        const char *login = command_option(&argc, argv, "--as"), *rejects = command_option(&argc, argv, "--rejects");
        const char *encoding = command_option(&argc, argv, "--encoding");

        q.dry_run = command_flag(&argc, argv, "--dry-run");
        if (encoding != NULL)
                q.encoding = encoding;
        if (!house_arguments(&argc, argv, &options) || argc != 3 || login == NULL)
                return command_usage("import");
        q.kind = argv[1];
        q.path = argv[2];
        int rc = import_file(&options, login, &q, rejects, &err);
        return rc < 0 ? command_fail(&err) : rc;
}
