/* SPDX-License-Identifier: Apache-2.0 */
#include "office/audit/internal.h"

#include <string.h>

void audit_check_begin(struct audit *a)
{
        a->result.checks++;
        a->told = 0;
}

void audit_found(struct audit *a, const struct audit_finding *f)
{
        int limit = a->options->limit > 0 ? a->options->limit : 1000;
        a->result.findings++;
        if (a->told++ < limit && a->report) {
                a->report(a->ctx, f);
        }
}

static int check(struct audit *a, const struct audit_check *c, struct error *err)
{
        struct stmt *q = NULL;
        audit_check_begin(a);
        int rc = tx_query(&q, a->tx, err, c->sql, "");
        while ((rc = row_next(rc, q, err)) == 1) {
                struct audit_finding f = {.code = c->code,
                                          .table = c->table,
                                          .key = stmt_text(q, 0),
                                          .field = stmt_text(q, 1),
                                          .expected = stmt_text(q, 2),
                                          .found = stmt_text(q, 3)};
                audit_found(a, &f);
        }
        return rc;
}

void audit_begin(struct audit *a, const struct audit_options *options, audit_report *report, void *ctx)
{
        *a = (struct audit){.options = options, .report = report, .ctx = ctx};
        a->signatures = options->keys != NULL || options->public_key != NULL;
        if (options->public_key != NULL) {
                memcpy(a->public_key, options->public_key, sizeof a->public_key);
        } else if (options->keys != NULL) {
                keyring_public(options->keys, a->public_key);
        }
}

void audit_tell(struct audit *a, enum error_code code, const char *table, int64_t home, int64_t id, const char *field,
                const char *expected, const char *found)
{
        char key[48];
        text_format(key, sizeof key, "%lld/%lld", (long long)home, (long long)id);
        struct audit_finding f = {.code = code,
                                  .table = table,
                                  .key = str_from(key),
                                  .field = str_from(field),
                                  .expected = str_from(expected),
                                  .found = str_from(found)};
        audit_found(a, &f);
}

int audit_run_in(struct audit_result *out, struct tx *tx, const struct audit_options *options, audit_report *report, void *ctx,
                 struct error *err)
{
        static const struct audit_options none = {0};
        const struct audit_check *const lists[] = {audit_money, audit_adjustments, audit_facts, audit_orphans};
        struct audit a;
        int rc = 0;
        audit_begin(&a, options ? options : &none, report, ctx);
        a.tx = tx;
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
                for (const struct audit_check *c = lists[i]; rc == 0 && c->sql; c++) {
                        rc = check(&a, c, err);
                }
        }
        if (rc == 0) {
                rc = audit_late_fees(&a, err);
        }
        if (rc == 0) {
                rc = audit_trail(&a, err);
        }
        if (rc == 0) {
                rc = audit_anchors(&a, err);
        }
        if (rc == 0) {
                rc = audit_tables(&a, err);
        }
        *out = a.result;
        return rc;
}

struct request {
        struct audit_result *out;
        const struct audit_options *options;
        audit_report *report;
        void *ctx;
};

static int run(struct tx *tx, void *ctx, struct error *err)
{
        struct request *r = ctx;
        return audit_run_in(r->out, tx, r->options, r->report, r->ctx, err);
}

int audit_run(struct audit_result *out, struct store *s, const struct audit_options *options, audit_report *report, void *ctx,
              struct error *err)
{
        struct request r = {out, options, report, ctx};
        return store_read(s, run, &r, err);
}
