/* SPDX-License-Identifier: Apache-2.0
 *
 * The house of a run on its disk: opened, asked, broken, opened again.
 */
#include "office/sim/internal.h"

#include "case/case.h"
#include "office/audit/tables.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 40, FAULT_IN = 60 };

void sim_fail(struct world *w, const char *fmt, ...)
{
        va_list args;

        if (w->failed)
                return;
        w->failed = true;
        w->out->failed = true;
        va_start(args, fmt);
        vsnprintf(w->out->why, sizeof w->out->why, fmt, args);
        va_end(args);
}

void sim_trace(struct world *w, const char *fmt, ...)
{
        char line[400];
        va_list args;

        if (w->o->trace == NULL)
                return;
        va_start(args, fmt);
        vsnprintf(line, sizeof line, fmt, args);
        va_end(args);
        w->o->trace(w->o->ctx, line);
}

bool chance(struct world *w, int percent)
{
        return (int)rng_below(&w->rng, 100) < percent;
}

int pick(struct world *w, int n)
{
        return (int)rng_below(&w->rng, (uint32_t)n);
}

int somebody(struct world *w, uint32_t role, int64_t office)
{
        int from = pick(w, w->t->staff_count);
        day_t today = clock_today(w->house.clock);

        for (int k = 0; k < w->t->staff_count; k++) {
                int i = (from + k) % w->t->staff_count;
                if ((w->staff[i].roles & role) != 0 && w->staff[i].away_until <= today &&
                    (office == 0 || w->staff[i].office == office))
                        return i;
        }
        return -1;
}

int64_t number_of(const json_t *o, const char *name)
{
        return json_integer_value(json_object_get(o, name));
}

bool allowed(struct world *w, enum error_code code, const char *what, const enum error_code *refusals)
{
        char name[8];

        if (code == SB_OK)
                return true;
        for (size_t i = 0; refusals != NULL && refusals[i] != SB_OK; i++)
                if (refusals[i] == code)
                        return false;
        sim_fail(w, "%s was refused with %s", what, error_name(code, name));
        return false;
}

/* --- the house ---------------------------------------------------------------------------------------------------------- */

static int house_begin(struct world *w, struct error *err)
{
        struct store_guard guard = audit_guard(w->t->keys);
        struct store_options o = {.attempts = 3, .vfs = w->disk == NULL ? NULL : disk_vfs(w->disk)};
        int rc = store_open(&w->house.store, w->disk == NULL ? w->t->url : disk_url(w->disk), &o, err);

        if (rc == 0)
                rc = store_guard(w->house.store, &guard, err);
        pack_store_rebind(w->t->packs, w->house.store);
        w->house.packs = w->t->packs;
        return rc ? rc : ids_open(&w->house.ids, w->house.store, w->house.home, 200, err);
}

static void house_end(struct world *w)
{
        ids_close(w->house.ids);
        w->house.ids = NULL;
        store_close(w->house.store);
        w->house.store = NULL;
}

int world_open(struct world *w, struct error *err)
{
        int rc = 0;

        w->house = (struct house){.home = 1, .verbs = w->t->verbs, .keys = w->t->keys};
        w->rng = rng_new(w->o->seed, 1);
        w->chance = rng_new(w->o->seed, 2);
        w->house.clock = clock_virtual(w->t->begins);
        w->forms = json_object();
        w->m = calloc(1, sizeof *w->m);
        w->pending = calloc(EVENTS_MAX, sizeof *w->pending);
        memcpy(w->staff, w->t->staff, sizeof w->staff);
        if (w->house.clock == NULL || w->forms == NULL || w->m == NULL || w->pending == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                clock_step(w->house.clock, 7);
        if (rc == 0 && w->t->url == NULL)
                rc = disk_new(&w->disk, w->t->disk, w->o->seed, err);
        rc = rc ? rc : house_begin(w, err);
        return rc ? rc : model_begin(w, err);
}

void world_close(struct world *w)
{
        house_end(w);
        model_free(w->m);
        free(w->pending);
        json_decref(w->forms);
        clock_free(w->house.clock);
        disk_free(w->disk);
}

/* The power was gone: the program begins anew on what the disk still has. */
static void restart(struct world *w)
{
        struct error err = {0};
        char text[300];

        w->out->power++;
        house_end(w);
        disk_restart(w->disk);
        if (house_begin(w, &err) < 0) {
                sim_fail(w, "the database does not open after a power failure: %s",
                         error_text(&err, LANG_EN, text, sizeof text));
                return;
        }
        sim_trace(w, "power failed and is back");
        audit(w);
        w->compare_due = true;
}

/* --- what goes wrong ------------------------------------------------------------------------------------------------------ */

static void fault_plan(struct world *w)
{
        static const enum disk_fault kinds[] = {DISK_POWER, DISK_POWER, DISK_FULL, DISK_FULL, DISK_WRITE,
                                                DISK_SHORT, DISK_SYNC,  DISK_READ, DISK_READ};

        if (w->o->no_faults || rng_below(&w->chance, FAULT_IN) != 0)
                return;
        if (w->disk == NULL) {
                store_cut(w->house.store);
                w->out->faults++;
                return;
        }
        enum disk_fault what = kinds[rng_below(&w->chance, sizeof kinds / sizeof kinds[0])];
        int64_t nth = rng_between(&w->chance, 1, rng_below(&w->chance, 8) == 0 ? 60 : 12);
        int64_t times = what == DISK_POWER ? 1 : rng_between(&w->chance, 1, what == DISK_FULL ? 30 : 4);
        disk_fail(w->disk, what, nth, times);
}

static int64_t faults_of(const struct world *w)
{
        return w->disk == NULL ? 0 : disk_failed(w->disk);
}

static bool of_the_store(enum error_code code)
{
        return code >= SB_STORE_UNIQUE && code <= SB_STORE_READONLY && code != SB_STORE_UNIQUE && code != SB_STORE_CONSTRAINT &&
               code != SB_STORE_CORRUPT;
}

/* After something was done: is it to be done again? What fails through the disk's fault says so. */
static bool again(struct world *w, const char *what, int rc, const struct error *err, bool hit)
{
        char text[300], name[8];

        if (w->disk != NULL && disk_down(w->disk)) {
                restart(w);
                return rc != 0 && !w->failed;
        }
        if (w->disk != NULL)
                disk_heal(w->disk);
        if (rc == 0)
                return false;
        if (of_the_store(err->code))
                return true;
        if (error_http(err->code) >= 500 || (hit && err->code == SB_MEMORY))
                sim_fail(w, "%s: %s %s%s", what, error_name(err->code, name), error_text(err, LANG_EN, text, sizeof text),
                         hit ? " (the disk had failed)" : "");
        return false;
}

/* --- asking ------------------------------------------------------------------------------------------------------------------ */

static void digest_add(struct world *w, const char *text)
{
        for (; *text != '\0'; text++) {
                w->digest[0] = (w->digest[0] ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
                w->digest[1] = (w->digest[1] + w->digest[0]) * UINT64_C(0x9e3779b97f4a7c15);
        }
}

static void said(struct world *w, const char *verb, enum error_code code)
{
        char line[160];
        uint32_t h = 5381;

        for (const char *p = verb; *p != '\0'; p++)
                h = h * 33 + (unsigned char)*p;
        if (code == SB_OK && w->used[h % sizeof w->used] == 0) {
                w->used[h % sizeof w->used] = 1;
                w->out->verbs++;
        }
        digest_add(w, text_format(line, sizeof line, "%s %d %lld;", verb, (int)code, (long long)clock_now(w->house.clock)));
}

enum error_code ask_body(struct world *w, int staff, const char *verb, json_t *in, struct str body, json_t **out)
{
        const struct verb *v = registry_find(w->t->verbs, verb);
        struct error err = {0}, first = {0};
        json_t *answer = NULL;
        char key[40], text[300], name[8];
        bool hit = false, masked = false;
        int rc = ERR;

        settle(w);
        if (w->failed || v == NULL || in == NULL || staff < 0) {
                if (v == NULL)
                        sim_fail(w, "there is no verb %s", verb);
                json_decref(in);
                if (out != NULL)
                        *out = NULL;
                return SB_INTERNAL;
        }
        clock_advance(w->house.clock, (int64_t)(5 + pick(w, 300)) * 1000000);
        text_format(key, sizeof key, "sim-%lld", (long long)++w->keys);
        w->out->calls++;
        fault_plan(w);
        for (int attempt = 0; attempt < ATTEMPTS && !w->failed; attempt++) {
                struct call c = {
                    .house = &w->house,
                    .who = {.staff = w->staff[staff].id, .office = w->staff[staff].office, .roles = w->staff[staff].roles},
                    .key = v->kind == VERB_WRITE ? key : NULL,
                    .body = body,
                    .body_type = body.n > 0 ? "application/xml" : NULL};
                int64_t before = faults_of(w);
                err = (struct error){0};
                rc = verb_call(&c, v, in, &answer, &err);
                hit = faults_of(w) > before;
                w->out->faults += hit;
                if (hit && rc < 0 && !of_the_store(err.code) && !disk_down(w->disk)) {
                        /* Asked again without the fault: it has to be refused for the same reason. */
                        disk_heal(w->disk);
                        first = err;
                        masked = true;
                        continue;
                }
                if (!again(w, verb, rc, &err, hit))
                        break;
        }
        json_decref(in);
        if (!w->failed && masked && first.code != err.code)
                sim_fail(w, "%s: a fault of the disk was told as %s %s", verb, error_name(first.code, name),
                         error_text(&first, LANG_EN, text, sizeof text));
        if (!w->failed && rc < 0 && of_the_store(err.code))
                sim_fail(w, "%s does not get through: %s", verb, error_text(&err, LANG_EN, text, sizeof text));
        if (!w->failed && rc < 0 && err.code == SB_OK)
                sim_fail(w, "%s failed without an error", verb);
        enum error_code code = rc == 0 ? SB_OK : err.code;
        w->out->refused += rc < 0;
        said(w, verb, code);
        if (w->o->trace != NULL)
                sim_trace(w, "%s as %lld: %s %s", verb, (long long)w->staff[staff].id, error_name(code, name),
                          rc == 0 ? "" : error_text(&err, LANG_EN, text, sizeof text));
        if (out != NULL)
                *out = answer;
        else
                json_decref(answer);
        if (!w->failed && v->kind == VERB_WRITE)
                events(w, rc == 0 ? verb : NULL, w->staff[staff].id);
        return w->failed ? SB_INTERNAL : code;
}

enum error_code ask(struct world *w, int staff, const char *verb, json_t *in, json_t **out)
{
        return ask_body(w, staff, verb, in, STR(""), out);
}

static bool work_cases(struct world *w)
{
        struct error err = {0};
        int64_t before = faults_of(w);
        int done = 0;
        int rc = case_work(&w->house, 1000, &done, &err);
        bool hit = faults_of(w) > before;

        w->out->faults += hit;
        if (again(w, "case_work", rc, &err, hit))
                return true;
        if (rc < 0)
                sim_fail(w, "case_work failed");
        return done > 0;
}

static bool work_runs(struct world *w)
{
        struct error err = {0};
        int64_t before = faults_of(w);
        bool worked = false;
        int rc = run_work_any(&w->house, w->t->runs, &worked, &err);
        bool hit = faults_of(w) > before;

        w->out->faults += hit;
        /* A worker that died has its lease until it ends. */
        if (w->disk != NULL && disk_down(w->disk))
                clock_advance(w->house.clock, (int64_t)60 * 1000000);
        if (again(w, "run_work_any", rc, &err, hit))
                return true;
        if (rc < 0)
                sim_fail(w, "run_work_any failed");
        return worked;
}

void work(struct world *w)
{
        bool more = true;

        settle(w);
        fault_plan(w);
        for (int k = 0; more && k < ATTEMPTS && !w->failed; k++) {
                more = work_cases(w);
                events(w, NULL, 0);
                settle(w);
                more = work_runs(w) || more;
                events(w, NULL, 0);
                settle(w);
        }
        if (more)
                sim_fail(w, "the workers do not come to an end");
}

static int books_seal(struct tx *tx, void *ctx, struct error *err)
{
        struct world *w = ctx;

        return ledger_seal(tx, w->house.ids, w->house.home, month_first(month_of(clock_today(w->house.clock))),
                           clock_now(w->house.clock), err);
}

void seal_books(struct world *w)
{
        bool more = true;

        for (int k = 0; more && k < ATTEMPTS && !w->failed; k++) {
                struct error err = {0};
                int sealed = 0;
                int64_t before = faults_of(w);
                fault_plan(w);
                int rc = audit_seal(&w->house, clock_now(w->house.clock), &sealed, &err);
                rc = rc < 0 ? rc : store_write(w->house.store, books_seal, w, &err);
                bool hit = faults_of(w) > before;
                w->out->faults += hit;
                more = again(w, "sealing", rc, &err, hit);
                if (!more && rc < 0)
                        sim_fail(w, "the books cannot be sealed");
        }
}

/* --- looking, without the office ------------------------------------------------------------------------------------------- */

static int look_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct reading *r = ctx;

        return r->read(tx, r, err);
}

void look(struct world *w, int (*read)(struct tx *tx, struct reading *r, struct error *err), void *ctx)
{
        struct reading r = {.w = w, .read = read, .ctx = ctx};
        struct error err = {0};
        char text[300];

        if (!w->failed && store_read(w->house.store, look_apply, &r, &err) < 0)
                sim_fail(w, "reading: %s", error_text(&err, LANG_EN, text, sizeof text));
}
