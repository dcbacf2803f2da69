/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/contribution.h"

#define DESK (ROLE_CLERK | ROLE_REVIEWER | ROLE_APPROVER | ROLE_FINANCE | ROLE_AUDITOR)
#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define MONTH "\"month\":{\"type\":\"string\",\"format\":\"month\"}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"
/* The lines are checked one by one by the verb, so that a fault is told at its field. */
#define DECLARATION                                                                                                            \
        "{\"type\":\"object\",\"x-body\":[\"text/csv\"],\"additionalProperties\":false,\"required\":[\"employer\",\"month\"]," \
        "\"properties\":{" ID(                                                                                                 \
            "employer") "," MONTH ",\"channel\":{\"enum\":[\"form\",\"csv\",\"api\"]},"                                        \
                        "\"encoding\":{\"enum\":[\"utf-8\",\"gb18030\"]},\"lines\":{\"type\":\"array\",\"items\":{\"type\":"   \
                        "\"object\","                                                                                          \
                        "\"additionalProperties\":false,\"properties\":{\"person\":{},\"wage\":{},\"name\":{},\"number\":{},"  \
                        "\"id_number_masked\":{}}}}}}"

static int declaration_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT employer FROM declaration WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        if (rc != 1)
                return rc;
        rc = scope_need(tx, c, "employer", stmt_int(q, 0), err);
        *within = rc == 0;
        return rc;
}

const struct scope_rule contribution_scopes[] = {{"declaration", "The declaration", "该申报", declaration_scope}, {0}};

const struct verb contribution_verbs[] = {
    {"contribution.declare", VERB_WRITE, ROLE_CLERK, "POST", "/api/declarations",
     "Declare a month's wages; a reviewer confirms before it is assessed", "申报当月工资（经复核后核定）", DECLARATION,
     OBJECT("\"id\",\"state\"", ID("id") ",\"state\":{\"type\":\"string\"}," ID("case") "," ID(
                                    "workers") ",\"due_day\":{\"type\":[\"string\",\"null\"]}"),
     contribution_declare, "employer.employer"},
    {"contribution.preview", VERB_READ, DESK, "POST", "/api/declarations/preview",
     "What a declaration would cost, and every fault of its lines", "申报试算及逐行校验", DECLARATION, ANY,
     contribution_preview, "employer.employer"},
    {"contribution.get", VERB_READ, DESK, "GET", "/api/declarations/{declaration}",
     "A declaration with its assessments and lines", "申报及核定明细", OBJECT("\"declaration\"", ID("declaration") "," PAGE),
     ANY, contribution_get, "declaration.declaration"},
    {"contribution.list", VERB_READ, DESK, "GET", "/api/declarations", "Declarations, newest first", "申报列表",
     OBJECT("", ID("employer") "," MONTH ",\"state\":{\"type\":\"string\",\"maxLength\":15}," PAGE), LIST, contribution_list,
     SCOPE_OFFICE},
    {"contribution.receive", VERB_WRITE, ROLE_FINANCE, "POST", "/api/receipts", "Book money received from an employer",
     "登记单位缴费到账",
     OBJECT(
         "\"employer\",\"amount\",\"bank_ref\"",
         ID("employer") ",\"amount\":{\"type\":\"string\",\"format\":\"money\"},"
                        "\"day\":{\"type\":\"string\",\"format\":\"date\"},\"bank_ref\":{\"type\":\"string\",\"minLength\":1,"
                        "\"maxLength\":60}"),
     ANY, contribution_receive, "employer.employer"},
    {"contribution.history", VERB_READ, DESK, "GET", "/api/persons/{person}/contributions",
     "Contribution history of a person in a scheme", "个人缴费记录",
     OBJECT("\"person\"", ID("person") ",\"scheme\":{\"type\":\"string\",\"maxLength\":15}"), ANY, contribution_history_get,
     SCOPE_EVERYWHERE},
    /* Called by the process: the payload carries the case's variables. */
    {"contribution.assess", VERB_WRITE, 0, NULL, NULL, "Assess a confirmed declaration", "核定应缴费额",
     "{\"type\":\"object\",\"required\":[\"declaration\"],\"properties\":{" ID("declaration") "}}", ANY, contribution_assess,
     NULL},
    {"contribution.return", VERB_WRITE, 0, NULL, NULL, "Send a declaration back to who entered it", "退回申报",
     "{\"type\":\"object\",\"required\":[\"declaration\"],\"properties\":{" ID("declaration") "}}", ANY, contribution_return,
     NULL},
    {0},
};
