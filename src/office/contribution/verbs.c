/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/adjust.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define MONTH "\"month\":{\"type\":\"string\",\"format\":\"month\"}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define OF_DECLARATION "{\"type\":\"object\",\"required\":[\"declaration\"],\"properties\":{" ID("declaration") "}}"
#define OF_RECEIPT "{\"type\":\"object\",\"required\":[\"receipt\"],\"properties\":{" ID("receipt") "}}"
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

/* A correction as a form has it, or the variables of its case; judged field by field by the verb. */
#define WHO(name) "\"" name "\":{\"type\":[\"integer\",\"null\"],\"minimum\":1}"
#define WORD(name) "\"" name "\":{\"type\":[\"string\",\"null\"],\"maxLength\":20}"
#define ADJUSTMENT(who, more)                                                                                                  \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"employer\",\"kind\"],\"properties\":{" who        \
        "," WORD("kind") "," WORD("settle") "," WORD("fault") "," WORD("scheme") "," WORD("from_month") "," WORD(              \
            "to_month") "," WORD("right_month") ",\"wage\":{\"type\":[\"string\",\"number\",\"null\"]},\"adjustment\":{"       \
                                                "\"type\":[\"integer\",\"string\",\"null\"]}" more "}}"
#define OF_CASE                                                                                                                \
        ADJUSTMENT(ID("employer") "," WHO("person"), ",\"document\":{\"type\":[\"boolean\",\"null\"]},\"amount\":{\"type\":"   \
                                                     "[\"string\",\"number\",\"null\"]}")

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

static int receipt_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT employer FROM receipt WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        if (rc != 1)
                return rc;
        rc = scope_need(tx, c, "employer", stmt_int(q, 0), err);
        *within = rc == 0;
        return rc;
}

const struct scope_rule contribution_scopes[] = {{"declaration", "The declaration", "该申报", declaration_scope, NULL},
                                                 {"receipt", "The receipt", "该收款", receipt_scope, NULL},
                                                 {0}};

const struct verb contribution_verbs[] = {
    {"contribution.declare", VERB_WRITE, "contributions.enter", "POST", "/api/declarations",
     "Declare a month's wages; a reviewer confirms before it is assessed", "申报当月工资（经复核后核定）", DECLARATION,
     OBJECT("\"id\",\"state\"", ID("id") ",\"state\":{\"type\":\"string\"}," ID("case") "," ID(
                                    "workers") ",\"due_day\":{\"type\":[\"string\",\"null\"]}"),
     contribution_declare, "employer.employer"},
    {"contribution.preview", VERB_READ, "contributions.read", "POST", "/api/declarations/preview",
     "What a declaration would cost, and every fault of its lines", "申报试算及逐行校验", DECLARATION, ANY,
     contribution_preview, "employer.employer"},
    {"contribution.get", VERB_READ, "contributions.read", "GET", "/api/declarations/{declaration}",
     "A declaration with its assessments and lines", "申报及核定明细", OBJECT("\"declaration\"", ID("declaration") "," PAGE),
     ANY, contribution_get, "declaration.declaration"},
    {"contribution.list", VERB_READ, "contributions.read", "GET", "/api/declarations", "Declarations, newest first", "申报列表",
     OBJECT("", ID("employer") "," MONTH ",\"state\":{\"type\":\"string\",\"maxLength\":15}," PAGE), LIST, contribution_list,
     SCOPE_OFFICE},
    {"contribution.receive", VERB_WRITE, "contributions.receive", "POST", "/api/receipts",
     "Book money received from an employer", "登记单位缴费到账",
     OBJECT(
         "\"employer\",\"amount\",\"bank_ref\"",
         ID("employer") ",\"amount\":{\"type\":\"string\",\"format\":\"money\"},"
                        "\"day\":{\"type\":\"string\",\"format\":\"date\"},\"bank_ref\":{\"type\":\"string\",\"minLength\":1,"
                        "\"maxLength\":60}"),
     ANY, contribution_receive, "employer.employer"},
    {"contribution.history", VERB_READ, "contributions.read", "GET", "/api/persons/{person}/contributions",
     "Contribution history of a person in a scheme", "个人缴费记录",
     OBJECT("\"person\"", "\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"},\"scheme\":{\"type\":"
                          "\"string\",\"maxLength\":15}"),
     ANY, contribution_history_get, SCOPE_EVERYWHERE},
    {"contribution.receipt_get", VERB_READ, "contributions.read", "GET", "/api/receipts/{receipt}",
     "A receipt, what it paid and its case", "收款及其冲抵", OBJECT("\"receipt\"", ID("receipt")), ANY,
     contribution_receipt_get, "receipt.receipt"},
    {"contribution.estimate", VERB_WRITE, "contributions.enter", "POST", "/api/assessments/estimate",
     "Assess a month that was not declared, from the month before; opened as a case", "对未申报月份按上月缴费额核定（立案）",
     OBJECT("\"employer\",\"month\"", ID("employer") "," MONTH), ANY, contribution_estimate, "employer.employer"},
    {"contribution.adjust_preview", VERB_READ, "contributions.read", "POST", "/api/adjustments/preview",
     "What a correction of assessed months would come to, by fund and personal account; nothing is written",
     "补缴、退费试算：逐月、逐基金和个人账户的变动（不入账）",
     ADJUSTMENT(ID("employer") ",\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}", ""), ANY,
     contribution_adjust_preview, "employer.employer"},
    {"contribution.employer_adjustments", VERB_READ, "contributions.read", "GET", "/api/employers/{employer}/adjustments",
     "Corrections of an employer's contributions, newest first; with a case, those that it made", "单位缴费调整记录",
     OBJECT("\"employer\"", ID("employer") "," ID("case")), LIST, contribution_employer_adjustments, "employer.employer"},
    {"contribution.person_adjustments", VERB_READ, "contributions.read", "GET", "/api/persons/{person}/adjustments",
     "Corrections of a person's contributions, newest first", "个人缴费调整记录",
     OBJECT("\"person\"", "\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}," ID("case")), LIST,
     contribution_person_adjustments, SCOPE_EVERYWHERE},
    /* Called by the process: the payload carries the case's variables. */
    {"contribution.check", VERB_WRITE, NULL, NULL, NULL, "Check a declaration against the month before", "比对申报与上月",
     OF_DECLARATION, ANY, contribution_check, NULL},
    {"contribution.post", VERB_WRITE, NULL, NULL, NULL, "Post a confirmed declaration", "申报入账", OF_DECLARATION, ANY,
     contribution_post, NULL},
    {"contribution.assessment_open", VERB_WRITE, NULL, NULL, NULL, "Open the assessment of a posted declaration",
     "对已入账申报立案核定", OF_DECLARATION, ANY, contribution_assessment_open, NULL},
    {"contribution.compute", VERB_WRITE, NULL, NULL, NULL, "Compute and check an assessment", "试算并核验应缴额",
     OF_DECLARATION, ANY, contribution_compute, NULL},
    {"contribution.transfer", VERB_WRITE, NULL, NULL, NULL, "Hand an assessment to who collects it", "移交征收", OF_DECLARATION,
     ANY, contribution_transfer, NULL},
    {"contribution.match", VERB_WRITE, NULL, NULL, NULL, "Match a receipt with assessments and their lines", "三方比对收款",
     OF_RECEIPT, ANY, contribution_match, NULL},
    {"contribution.allocate", VERB_WRITE, NULL, NULL, NULL, "Let a receipt pay what is assessed", "收款入账冲抵", OF_RECEIPT,
     ANY, contribution_allocate, NULL},
    {"contribution.assess", VERB_WRITE, NULL, NULL, NULL, "Assess a confirmed declaration", "核定应缴费额", OF_DECLARATION, ANY,
     contribution_assess, NULL},
    {"contribution.adjust_form", VERB_READ, NULL, NULL, NULL, "Whether a correction can be applied for as the form says",
     "查验补缴退费申请表", "{\"type\":\"object\",\"properties\":{\"form\":{\"type\":\"object\"}},\"required\":[\"form\"]}", ANY,
     contribution_adjust_form, NULL},
    {"contribution.adjust_check", VERB_WRITE, NULL, NULL, NULL, "Compute a correction and ask the pack what stands against it",
     "试算并核验补缴退费", OF_CASE, ANY, contribution_adjust_check, NULL},
    {"contribution.adjust", VERB_WRITE, NULL, NULL, NULL,
     "Correct assessed months: supplement, credit, personal account, refund or set-off", "补缴退费：核定调整、记账、退款或抵缴",
     OF_CASE, ANY, contribution_adjust, NULL},
    {"contribution.return", VERB_WRITE, NULL, NULL, NULL, "Send a declaration back to who entered it", "退回申报",
     OF_DECLARATION, ANY, contribution_return, NULL},
    {0},
};
