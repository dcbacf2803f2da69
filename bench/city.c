/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/city.h"

#include "office/audit/tables.h"
#include "office/demo/internal.h"
#include "office/import/import.h"
#include "office/setup/setup.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { WORKERS = 25, SEED = 11, FIRST_YEAR = 2006, MOVE_YEAR = 2015 };

static const struct run_kind *const KINDS[] = {&import_run, NULL};

void city_die(const struct error *err)
{
        char text[1400];

        fprintf(stderr, "%s\n", error_text(err, LANG_EN, text, sizeof text));
        exit(1);
}

void city_must(int rc, const struct error *err)
{
        if (rc != 0)
                city_die(err);
}

int city_sizes(int argc, char **argv, int64_t out[CITY_SIZES_MAX])
{
        static const int64_t usual[CITY_SIZES_MAX] = {10000, 100000, 1000000};

        memcpy(out, usual, sizeof usual);
        if (argc < 2)
                return CITY_SIZES_MAX;
        if (!text_to_int(str_from(argv[1]), &out[0]) || out[0] < 100 || out[0] > 16000000) {
                fprintf(stderr, "%s [PERSONS]: from 100 to 16000000\n", argv[0]);
                exit(2);
        }
        return 1;
}

/* Folders are large: they go also when the program is stopped in the middle. Only exit handlers and signals need this state. */
static char folder_made[200];
static pid_t folder_maker;

static void folder_tidy(void)
{
        if (folder_made[0] != '\0' && getpid() == folder_maker)
                city_folder_remove(folder_made);
}

static void stopped(int number)
{
        exit(128 + number);
}

void city_folder_new(char out[200], int64_t bytes)
{
        const char *base = getenv("TMPDIR");
        struct statvfs fs;

        base = base != NULL && base[0] != '\0' ? base : "/tmp";
        if (statvfs(base, &fs) != 0 || (int64_t)fs.f_bavail * (int64_t)fs.f_frsize < bytes) {
                fprintf(stderr, "%s: this needs %.1f GB there (TMPDIR names another place)\n", base, (double)bytes / 1e9);
                exit(1);
        }
        text_format(out, 200, "%s/shebao-bench-XXXXXX", base);
        if (mkdtemp(out) == NULL) {
                perror(out);
                exit(1);
        }
        if (folder_maker == 0) {
                atexit(folder_tidy);
                signal(SIGINT, stopped);
                signal(SIGTERM, stopped);
        }
        folder_maker = getpid();
        text_copy(folder_made, sizeof folder_made, str_from(out));
}

void city_folder_remove(const char *folder)
{
        DIR *d = opendir(folder);
        char path[512];

        for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
                if (e->d_name[0] != '.')
                        unlink(text_format(path, sizeof path, "%s/%s", folder, e->d_name));
        if (d != NULL)
                closedir(d);
        rmdir(folder);
}

static int places_read(struct tx *tx, void *ctx, struct error *err)
{
        struct place *c = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT id FROM pool WHERE code = 'YS-EP'", "");

        if (rc != 1)
                return rc; /* not founded yet */
        rc = pool_read(tx, stmt_int(q, 0), &c->pool, err);
        return rc == 0 ? office_by_code(tx, "", &c->office, err) : rc;
}

void city_open(struct place *c, const char *db, bool fast)
{
        struct store_options options = {.create = true, .fast_load = fast};

        city_open_with(c, db, &options, NULL);
}

void city_open_with(struct place *c, const char *db, const struct store_options *options, const struct verb *more)
{
        const struct verb *tables[40] = {case_verbs, more};
        size_t own = more == NULL ? 1 : 2;
        struct error err = {0};
        char url[512];

        *c = (struct place){.house = {.home = 1}};
        c->house.clock = clock_virtual(day_instant(day_from(2026, 11, 24)));
        text_format(url, sizeof url, "%s%s", strchr(db, ':') == NULL ? "sqlite:" : "", db);
        city_must(store_open(&c->house.store, url, options, &err), &err);
        city_must(store_migrate(c->house.store, c->house.clock, &err), &err);
        city_must(keyring_demo(&c->house.keys, SEED, &err), &err);
        struct store_guard guard = audit_guard(c->house.keys);
        city_must(store_guard(c->house.store, &guard, &err), &err);
        city_must(ids_open(&c->house.ids, c->house.store, 1, 10000, &err), &err);
        city_must(pack_store_new(&c->house.packs, c->house.store, &err), &err);
        for (size_t i = 0; office_verbs[i] != NULL; i++)
                tables[own + i] = office_verbs[i];
        city_must(registry_new(&c->verbs, tables, office_scopes, &err), &err);
        c->house.verbs = c->verbs;
        city_must(store_read(c->house.store, places_read, c, &err), &err);
}

void city_close(struct place *c)
{
        registry_free(c->verbs);
        pack_store_free(c->house.packs);
        ids_close(c->house.ids);
        keyring_free(c->house.keys);
        store_close(c->house.store);
        clock_free(c->house.clock);
}

void city_found(const char *db)
{
        struct error err = {0};
        struct pack *pack = NULL;

        city_must(pack_open(&pack, BENCH_PACKS "/demo", &err), &err);
        city_found_with(db, pack);
        pack_free(pack);
}

void city_found_with(const char *db, struct pack *pack)
{
        struct installation facts = {.home = 1, .demonstration = true, .seed = SEED};
        struct error err = {0};
        struct place c;

        city_open(&c, db, true);
        city_must(setup_found(&c.house, pack, &facts, &err), &err);
        city_close(&c);
}

/* --- files ------------------------------------------------------------------------------------------------------------------ */

enum { PERSONS, EMPLOYERS, EMPLOYMENTS, CONTRIBUTIONS, BALANCES, FILES };
static const char *const NAMES[FILES] = {"persons", "employers", "employments", "contributions", "balances"};
static const char *const HEADERS[FILES] = {"name,id_number,category,telephone,bank_name,bank_account", "name,uscc,territory",
                                           "id_number,uscc,from,to", "id_number,scheme,from,to,base,uscc",
                                           "id_number,scheme,balance"};

/* Born 1950 to 1999; odd sequence numbers are men. */
static enum sex id_number_of(int64_t i, char out[24])
{
        int64_t day = i % (50 * 12 * 28), serial = i / (50 * 12 * 28);
        char first[24];

        text_format(first, sizeof first, "990101%04d%02d%02d%03d", 1950 + (int)(day / 336), 1 + (int)(day / 28 % 12),
                    1 + (int)(day % 28), (int)serial);
        text_format(out, 24, "%s%c", first, id_number_digit(first));
        return serial % 2 == 1 ? SEX_MALE : SEX_FEMALE;
}

static void uscc_of(int64_t i, char out[24])
{
        char first[24];

        text_format(first, sizeof first, "91990101MA%07d", (int)i);
        text_format(out, 24, "%s%c", first, uscc_digit(first));
}

static void employer_put(FILE *f, int64_t i, struct rng *r)
{
        char name[160], uscc[24];

        name_of_employer(r, i, name);
        uscc_of(i, uscc);
        fprintf(f, "%s,%s,990101\n", name, uscc);
}

static void person_put(FILE *const f[FILES], int64_t i, int64_t employers, struct rng *r, enum city_history history)
{
        char id[24], name[64], first[24], second[24];
        enum sex sex = id_number_of(i, id);
        int64_t base = rng_between(r, 300000, 600000), balance = 0;
        bool moved = rng_below(r, 2) == 1;

        name_of_person(r, sex, name);
        uscc_of((int64_t)rng_below(r, (uint32_t)employers), first);
        uscc_of((int64_t)rng_below(r, (uint32_t)employers), second);
        if (!moved)
                memcpy(second, first, sizeof second);
        fprintf(f[PERSONS], "%s,%s,%s,139%08d,云城银行,6299%012lld\n", name, id, sex == SEX_MALE ? "male" : "f55",
                (int)rng_below(r, 100000000), (long long)i);
        if (history == CITY_PERSONS_ONLY)
                return;
        if (moved)
                fprintf(f[EMPLOYMENTS], "%s,%s,%d-01-01,%d-12-31\n%s,%s,%d-01-01,\n", id, first, FIRST_YEAR, MOVE_YEAR - 1, id,
                        second, MOVE_YEAR);
        else
                fprintf(f[EMPLOYMENTS], "%s,%s,%d-01-01,\n", id, first, FIRST_YEAR);
        for (int year = FIRST_YEAR; year < FIRST_YEAR + CITY_YEARS; year++) {
                fprintf(f[CONTRIBUTIONS], "%s,EP,%d-01,%d-12,%lld.%02d,%s\n", id, year, year, (long long)(base / 100),
                        (int)(base % 100), year < MOVE_YEAR ? first : second);
                balance += base * 12 * 8 / 100;
                base += base * rng_between(r, 2, 9) / 100;
        }
        fprintf(f[BALANCES], "%s,EP,%lld.%02d\n", id, (long long)(balance / 100), (int)(balance % 100));
}

void city_files(const char *folder, int64_t persons, enum city_history history)
{
        FILE *f[FILES];
        char path[300];
        struct rng r = rng_new(SEED, 1);
        int64_t employers = persons / WORKERS + 1;

        for (int i = 0; i < FILES; i++) {
                f[i] = fopen(text_format(path, sizeof path, "%s/%s.csv", folder, NAMES[i]), "w");
                if (f[i] == NULL || fprintf(f[i], "%s\n", HEADERS[i]) < 0) {
                        perror(path);
                        exit(1);
                }
        }
        for (int64_t i = 0; i < employers; i++)
                employer_put(f[EMPLOYERS], i, &r);
        for (int64_t i = 0; i < persons; i++)
                person_put(f, i, employers, &r, history);
        for (int i = 0; i < FILES; i++)
                if (fclose(f[i]) != 0) {
                        perror(folder);
                        exit(1);
                }
}

/* --- importing --------------------------------------------------------------------------------------------------------------- */

struct outcome {
        int64_t run, done, failed;
        char state[16];
};

static int outcome_read(struct tx *tx, void *ctx, struct error *err)
{
        struct outcome *o = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT done, failed, state FROM run WHERE home = 1 AND id = ?1@int", "i", o->run);

        if (rc != 1)
                return rc;
        o->done = stmt_int(q, 0);
        o->failed = stmt_int(q, 1);
        text_copy(o->state, sizeof o->state, stmt_text(q, 2));
        return 0;
}

void city_import(struct place *c, const char *folder, const char *kind, int64_t rows)
{
        struct call call = {.house = &c->house, .who = {.staff = 1, .office = c->office, .roles = ROLE_ANY}};
        char path[300];
        struct import_request q = {
            .kind = kind, .path = text_format(path, sizeof path, "%s/%s.csv", folder, kind), .encoding = "utf-8"};
        struct error err = {0};
        struct outcome o = {0};

        city_must(import_create(&call, &q, &o.run, &err), &err);
        city_must(run_work(&c->house, KINDS, o.run, NULL, NULL, &err), &err);
        city_must(store_read(c->house.store, outcome_read, &o, &err), &err);
        if (strcmp(o.state, "done") != 0 || o.failed != 0 || (rows > 0 && o.done != rows)) {
                fprintf(stderr, "%s: %lld rows, %lld rejected, %s\n", kind, (long long)o.done, (long long)o.failed, o.state);
                exit(1);
        }
}

/* --- pensions ---------------------------------------------------------------------------------------------------------------- */

enum { AWARDS_AT_ONCE = 2000 };

struct awarding {
        struct place *place;
        const struct city_awards *how;
        int64_t after, count;
        struct award_import rows[AWARDS_AT_ONCE];
        struct seal_key keys[AWARDS_AT_ONCE];
};

static int persons_read(struct tx *tx, void *ctx, struct error *err)
{
        struct awarding *a = ctx;
        struct stmt *q;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, key_wrapped FROM person WHERE home = 1 AND id > ?1@int AND id % ?2@int = 0 ORDER BY id LIMIT ?3@int",
            "iii", a->after, (int64_t)a->how->every, (int64_t)AWARDS_AT_ONCE);

        a->count = 0;
        while (rc == 0 && a->count < AWARDS_AT_ONCE && (rc = stmt_step(q, err)) == 1) {
                struct award_import *r = &a->rows[a->count];
                *r = (struct award_import){.person = stmt_int(q, 0),
                                           .from = 2020 * 12,
                                           .basic = 150000 + stmt_int(q, 0) % 90000,
                                           .account = 30000 + stmt_int(q, 0) % 40000,
                                           .key = &a->keys[a->count],
                                           .payee_name = "王云",
                                           .bank_name = "云城银行",
                                           .bank_account = "6299000000000001"};
                rc = keyring_unwrap(a->place->house.keys, stmt_blob(q, 1), &a->keys[a->count++], err);
        }
        return rc < 0 ? rc : 0;
}

static int awards_write(struct tx *tx, void *ctx, struct error *err)
{
        struct awarding *a = ctx;
        struct house *h = &a->place->house;
        instant_t known = clock_now(h->clock) - 1000000;
        int64_t first = 0;
        int rc = ids_range(h->ids, a->count, &first, err);

        for (int64_t i = 0; i < a->count; i++)
                a->rows[i].id = first + i;
        if (rc == 0)
                rc = award_import_bulk(tx, &a->place->pool, a->rows, (size_t)a->count, 0, known, err);
        for (int64_t i = 0; rc == 0 && a->how->held > 0 && i < a->count; i += a->how->held)
                rc = award_hold(tx, h->ids, h->home, a->rows[i].id, "survey", a->how->paid_until + 1, 1, known, err);
        return rc;
}

static int funds_put(struct tx *tx, void *ctx, struct error *err)
{
        const struct awarding *a = ctx;
        struct place *c = a->place;
        struct house *h = &c->house;
        fen_t much = (fen_t)1000000 * 1000000;
        struct posting postings[] = {{c->pool.id, LEDGER_BANK, much}, {c->pool.id, LEDGER_OPENING, -much}};
        struct ledger_transaction t = {.home = 1,
                                       .month = a->how->paid_until,
                                       .day = clock_today(h->clock) - 40,
                                       .kind = "opening",
                                       .ref_kind = "run",
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = 2};
        int rc = ids_next(h->ids, &t.id, err);

        if (rc == 0)
                rc = ledger_post(tx, h->ids, &t, err);
        return rc == 0 ? payment_takeover(tx, h->ids, &c->pool, a->how->paid_until, 1, clock_now(h->clock), err) : rc;
}

void city_awards(struct place *c, const struct city_awards *how)
{
        struct awarding *a = calloc(1, sizeof *a);
        struct error err = {0};

        if (a == NULL)
                exit(1);
        a->place = c;
        for (a->how = how; a->count == AWARDS_AT_ONCE || a->after == 0; a->after = a->rows[a->count - 1].person) {
                city_must(store_read(c->house.store, persons_read, a, &err), &err);
                if (a->count == 0)
                        break;
                city_must(store_write(c->house.store, awards_write, a, &err), &err);
        }
        city_must(store_write(c->house.store, funds_put, a, &err), &err);
        free(a);
}

/* --- verbs ------------------------------------------------------------------------------------------------------------------- */

json_t *city_call(struct place *c, int64_t staff, const char *verb, json_t *in)
{
        const struct verb *v = registry_find(c->verbs, verb);
        char key[64];
        struct call call = {.house = &c->house, .who = {.staff = staff, .office = c->office, .roles = ROLE_ANY}};
        struct error err = {0};
        json_t *out = NULL;
        int64_t id;

        if (v->kind == VERB_WRITE) {
                city_must(ids_next(c->house.ids, &id, &err), &err);
                call.key = text_format(key, sizeof key, "bench-%lld", (long long)id);
        }
        city_must(verb_call(&call, v, in, &out, &err), &err);
        json_decref(in);
        return out;
}
