/* SPDX-License-Identifier: Apache-2.0 */
#include "office/arrears/arrears.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define DAY "\"day\":{\"type\":\"string\",\"format\":\"date\"}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define OF_EMPLOYER "{\"type\":\"object\",\"required\":[\"employer\"],\"properties\":{" ID("employer") "}}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb arrears_verbs[] = {
    {"arrears.list", VERB_READ, "contributions.read", "GET", "/api/arrears", "Assessments that are overdue, oldest first",
     "欠费清单", OBJECT("", ID("employer") "," ID("pool") "," DAY "," PAGE), LIST, arrears_list, SCOPE_OFFICE},
    {"arrears.employers", VERB_READ, "contributions.read", "GET", "/api/arrears/employers",
     "Employers with overdue contributions or late fees", "欠费单位清单", OBJECT("", PAGE), LIST, arrears_employers,
     SCOPE_OFFICE},
    {"arrears.preview", VERB_READ, "contributions.read", "GET", "/api/employers/{employer}/arrears",
     "What an employer owes, the late fee to a day, and the orders made", "单位欠费、滞纳金试算及已发决定",
     OBJECT("\"employer\"", ID("employer") "," DAY), ANY, arrears_preview, "employer.employer"},
    {"arrears.open", VERB_WRITE, "arrears.open", "POST", "/api/arrears", "Open the case of an employer in arrears",
     "对欠费单位立案催缴", OBJECT("\"employer\"", ID("employer")), ANY, arrears_case_open, "employer.employer"},
    /* Called by the process: the payload carries the case's variables. */
    {"arrears.compute", VERB_WRITE, NULL, NULL, NULL, "Compute arrears and late fees", "计算欠费和滞纳金", OF_EMPLOYER, ANY,
     arrears_compute, NULL},
    {"arrears.order", VERB_WRITE, NULL, NULL, NULL, "Order to pay: the late fee becomes receivable",
     "限期缴纳决定：滞纳金记入应收", OF_EMPLOYER, ANY, arrears_order, NULL},
    {"arrears.enforce", VERB_WRITE, NULL, NULL, NULL, "Record that an order was handed over for enforcement",
     "登记移交强制执行",
     "{\"type\":\"object\",\"required\":[\"order\",\"body\",\"day\"],\"properties\":{" ID(
         "order") ",\"body\":{\"type\":\"string\",\"minLength\":1},\"day\":{\"type\":\"string\",\"format\":\"date\"},"
                  "\"reference\":{\"type\":[\"string\",\"null\"]}}}",
     ANY, arrears_enforce, NULL},
    {0},
};
