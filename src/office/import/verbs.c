/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/block.h"

#define ANY "{\"type\":\"object\"}"
#define RUN "\"run\":{\"type\":\"integer\",\"minimum\":1}"

/* A run belongs to the office of who began it. */
static int run_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT s.office FROM run r JOIN staff s ON s.id = r.created_by WHERE r.home = ?1@int AND r.id = ?2@int",
                   "ii", (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        return rc == 1 ? office_within(tx, stmt_int(q, 0), c->who.office, within, err) : rc;
}

const struct scope_rule import_scopes[] = {{"run", "The run", "该批次", run_scope, NULL}, {0}};

const struct verb import_verbs[] = {
    {"import.start", VERB_WRITE, "people.import", "POST", "/api/imports", "Import a CSV file; a dry run only lists its faults",
     "导入 CSV 文件（可先试运行校验）",
     "{\"type\":\"object\",\"x-body\":[\"text/csv\"],\"additionalProperties\":false,\"required\":[\"kind\"],\"properties\":{"
     "\"kind\":{\"enum\":[\"persons\",\"employers\",\"employments\",\"contributions\",\"balances\"]},\"dry_run\":{\"type\":"
     "\"boolean\"},\"encoding\":{\"enum\":[\"utf-8\",\"gb18030\"]}}}",
     "{\"type\":\"object\",\"required\":[\"run\"],\"properties\":{" RUN "}}", import_start, SCOPE_EVERYWHERE},
    {"import.faults", VERB_READ, "people.import_read", "GET", "/api/runs/{run}/faults",
     "Faults of an import by line and column", "导入逐行校验结果",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"run\"],\"properties\":{" RUN
     ",\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}}}",
     ANY, import_faults, "run.run"},
    {"import.rejected", VERB_READ, "people.import_read", "GET", "/api/runs/{run}/rejected.csv",
     "Rejected rows of an import as CSV, each with its reason", "未导入行（CSV，注明原因）",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"run\"],\"properties\":{" RUN "}}", ANY,
     import_rejected_get, "run.run"},
    {0},
};
