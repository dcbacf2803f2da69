/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/house.h"
#include "cmd/command.h"

#include "case/case.h"
#include "office/audit/tables.h"
#include "office/manual/shelf.h"
#include "office/office.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TABLES_MAX 64
#define ID_BLOCK 32

const struct run_kind *const *house_runs(void)
{
        return office_runs;
}

int house_verbs(struct registry **out, struct error *err)
{
        const struct verb *tables[TABLES_MAX];
        size_t n = 0;

        tables[n++] = case_verbs;
        for (size_t i = 0; office_verbs[i] != NULL; i++) {
                assert(n < TABLES_MAX - 1); /* a table that does not fit would be routes that nobody misses */
                tables[n++] = office_verbs[i];
        }
        tables[n] = NULL;
        return registry_new(out, tables, office_scopes, err);
}

/* The key file of an SQLite database stands beside it unless another one is named. */
const char *house_keys_path(const struct house_options *o, char *out, size_t size)
{
        const char *named = o->keys != NULL ? o->keys : getenv("SHEBAO_KEYS");

        if (named != NULL && named[0] != '\0')
                return text_copy(out, size, str_from(named));
        if (strncmp(o->url, "sqlite:", 7) == 0 && o->url[7] != ':')
                return text_format(out, size, "%s.keys", o->url + 7);
        return NULL;
}

/* The folder of attachments, as the key file. */
static void files_settle(struct opened *o, const struct house_options *options)
{
        const char *named = options->files != NULL ? options->files : getenv("SHEBAO_FILES");

        if (named != NULL && named[0] != '\0')
                text_copy(o->files, sizeof o->files, str_from(named));
        else if (strncmp(options->url, "sqlite:", 7) == 0 && options->url[7] != ':')
                text_format(o->files, sizeof o->files, "%s.files", options->url + 7);
        o->house.files = o->files[0] == '\0' ? NULL : o->files;
}

int house_keys(struct keyring **out, const struct house_options *options, const struct installation *facts, struct error *err)
{
        char text[1024];

        if (facts->demonstration)
                return keyring_demo(out, facts->seed, err);
        const char *path = house_keys_path(options, text, sizeof text);
        if (path == NULL)
                return error_raise(err, SB_COMMAND_KEYS, "%s", "");
        if (!options->found && access(path, R_OK) != 0) /* keyring_open would make new ones */
                return error_raise(err, SB_COMMAND_KEYS, "%s", "");
        return keyring_open(out, path, err);
}

static int facts_settle(struct opened *o, const struct house_options *options, struct error *err)
{
        int rc = installation_read(o->house.store, &o->facts, err);

        if (rc == 0 && !options->found && !o->facts.installed)
                rc = error_raise(err, SB_COMMAND_NOT_INSTALLED, "%.200s", options->url);
        if (rc == 0 && options->found && o->facts.installed)
                rc = error_raise(err, SB_SETUP_INSTALLED, "%s", "");
        if (rc == 0 && options->found)
                o->facts = options->facts;
        o->house.home = o->facts.home;
        return rc;
}

/* Before the migrations: what they change is kept in the sums too. */
static int guard(struct opened *o, struct error *err)
{
        struct store_guard g = audit_guard(o->house.keys);

        return store_guard(o->house.store, &g, err);
}

int house_open(struct opened **out, const struct house_options *options, struct error *err)
{
        struct opened *o = calloc(1, sizeof *o);
        struct store_options store = {.create = options->found, .fast_load = options->fast_load};
        int rc = 0;

        if (o == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        o->house.clock = options->clock != NULL ? options->clock : clock_system();
        if (o->house.clock == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                o->house.log = log_new(stderr, options->log_level, o->house.clock);
        if (rc == 0)
                rc = store_open(&o->house.store, options->url, &store, err);
        if (rc == 0)
                rc = facts_settle(o, options, err);
        if (rc == 0)
                rc = house_keys(&o->house.keys, options, &o->facts, err);
        if (rc == 0)
                rc = guard(o, err);
        if (rc == 0)
                rc = store_migrate(o->house.store, o->house.clock, err);
        if (rc == 0)
                files_settle(o, options);
        if (rc == 0)
                rc = ids_open(&o->house.ids, o->house.store, o->house.home,
                              options->id_block > 0 ? options->id_block : ID_BLOCK, err);
        if (rc == 0)
                rc = pack_store_new(&o->house.packs, o->house.store, err);
        if (rc == 0)
                rc = manual_shelf_new(&o->house.manuals, err);
        if (rc == 0)
                rc = house_verbs(&o->verbs, err);
        o->house.verbs = o->verbs;
        if (rc == 0)
                *out = o;
        else
                house_close(o);
        return rc;
}

void house_close(struct opened *o)
{
        if (o == NULL)
                return;
        registry_free(o->verbs);
        manual_shelf_free(o->house.manuals);
        pack_store_free(o->house.packs);
        ids_close(o->house.ids);
        keyring_free(o->house.keys);
        store_close(o->house.store);
        log_free(o->house.log);
        clock_free(o->house.clock);
        free(o);
}

bool house_arguments(int *argc, char **argv, struct house_options *out)
{
        const char *log = command_option(argc, argv, "--log");

        out->url = command_option(argc, argv, "--db");
        out->keys = command_option(argc, argv, "--keys");
        out->files = command_option(argc, argv, "--files");
        out->log_level = log != NULL && strcmp(log, "debug") == 0  ? LOG_DEBUG
                         : log != NULL && strcmp(log, "info") == 0 ? LOG_INFO
                                                                   : LOG_WARN;
        return out->url != NULL;
}

/* Words of the phases of runs. */
static const char *phase_word(struct str phase)
{
        if (str_is(phase, "names"))
                return terminal_lang() == LANG_ZH ? "姓名编入索引" : "names into the index";
        return "…";
}

void progress_show(void *progress, struct str phase, int64_t done, int64_t total, double rows_per_s)
{
        struct progress *p = progress;
        double now = clock_monotonic();
        bool terminal = isatty(STDERR_FILENO) != 0;

        if (now - p->last < (terminal ? 0.1 : 1.0) && (done < total || phase.n > 0))
                return;
        p->last = now;
        p->open = terminal;
        if (phase.n > 0)
                fprintf(stderr, "%s%s: %s %lld / %lld%s", terminal ? "\r\033[K" : "", p->what, phase_word(phase),
                        (long long)done, (long long)total, terminal ? "" : "\n");
        else if (rows_per_s > 0)
                fprintf(stderr, "%s%s %lld / %lld (%.0f/s)%s", terminal ? "\r\033[K" : "", p->what, (long long)done,
                        (long long)total, rows_per_s, terminal ? "" : "\n");
        else
                fprintf(stderr, "%s%s %lld / %lld%s", terminal ? "\r\033[K" : "", p->what, (long long)done, (long long)total,
                        terminal ? "" : "\n");
}

void progress_end(struct progress *p)
{
        if (p->open)
                fputc('\n', stderr);
        p->open = false;
}

void house_hear(void *ctx, const struct audit_finding *f)
{
        struct house_heard *h = ctx;
        char name[8];

        if (h->findings++ == 0)
                text_format(h->first, sizeof h->first, "%s %s %.*s", error_name(f->code, name), f->table, (int)f->key.n,
                            f->key.p);
}

int house_work_dir(char out[256], struct error *err)
{
        const char *tmp = getenv("TMPDIR");
        char why[128];

        text_format(out, 256, "%s/shebao-XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
        if (mkdtemp(out) == NULL)
                return error_raise(err, SB_IO, "%s|%s", out, strerror_r(errno, why, sizeof why));
        return 0;
}
