/* SPDX-License-Identifier: Apache-2.0 */
#include "office/roster/roster.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define TEXT(name, max) "\"" name "\":{\"type\":\"string\",\"maxLength\":" max "}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define STATE TEXT("state", "15")
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"
/* What stands in a line is judged by the verb, so that a fault is told at its line. */
#define BATCH                                                                                                                           \
        "{\"type\":\"object\",\"x-body\":[\"text/csv\"],\"additionalProperties\":false,\"required\":[\"employer\"],"                    \
        "\"properties\":{" ID(                                                                                                          \
            "employer") ",\"act\":{\"enum\":[\"join\",\"leave\"]},\"encoding\":{\"enum\":[\"utf-8\","                                   \
                        "\"gb18030\"]}," TEXT(                                                                                          \
                            "note",                                                                                                     \
                            "400") ",\"lines\":{\"type\":\"array\",\"maxItems\":"                                                       \
                                   "20000,\"items\":{\"type\":\"object\","                                                              \
                                   "\"additionalProperties\":false,"                                                                    \
                                   "\"properties\":{" TEXT("act", "400") "," TEXT("id_number", "400") "," TEXT("number", "40"           \
                                                                                                                         "0") "," TEXT( \
                                       "name",                                                                                          \
                                       "400") "," TEXT("day",                                                                           \
                                                       "400") "," TEXT("wage",                                                          \
                                                                       "400") "," TEXT("category",                                      \
                                                                                       "400") "," TEXT("telephone",                     \
                                                                                                       "400") "," TEXT("reaso"          \
                                                                                                                       "n",             \
                                                                                                                       "400") "}}}}}"

static int roster_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT employer FROM roster WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        if (rc != 1)
                return rc;
        rc = scope_need(tx, c, "employer", stmt_int(q, 0), err);
        *within = rc == 0;
        return rc;
}

const struct scope_rule roster_scopes[] = {{"roster", "The batch", "该批次", roster_scope, NULL}, {0}};

const struct verb roster_verbs[] = {
    {"roster.preview", VERB_READ, "rosters.enter", "POST", "/api/rosters/preview",
     "Check joiners and leavers line by line, with what they change in a month's bill", "增减员逐行校验及每月应缴额变动试算",
     BATCH, ANY, roster_preview, "employer.employer"},
    {"roster.enter", VERB_WRITE, "rosters.enter", "POST", "/api/rosters",
     "Enter a batch of joiners and leavers; a second person posts it", "录入增减员批次（由另一人准予记入）", BATCH, ANY,
     roster_enter, "employer.employer"},
    {"roster.list", VERB_READ, "rosters.read", "GET", "/api/rosters", "Batches of joiners and leavers, newest first",
     "增减员批次列表", OBJECT("", ID("employer") "," STATE "," PAGE), LIST, roster_list, SCOPE_OFFICE},
    {"roster.get", VERB_READ, "rosters.read", "GET", "/api/rosters/{roster}", "A batch of joiners and leavers with its lines",
     "增减员批次及明细", OBJECT("\"roster\"", ID("roster") "," STATE "," PAGE), ANY, roster_get, "roster.roster"},
    {"roster.drop", VERB_WRITE, "rosters.enter", "POST", "/api/rosters/{roster}/drop", "Drop a batch that was not posted",
     "撤回未记入的增减员批次", OBJECT("\"roster\"", ID("roster")), ANY, roster_drop, "roster.roster"},
    {"roster.post", VERB_WRITE, "rosters.post", "POST", "/api/rosters/{roster}/post",
     "Post a batch as one run; never by who entered it", "准予记入增减员批次（不得由录入人员办理）",
     OBJECT("\"roster\"", ID("roster")), ANY, roster_post, "roster.roster"},
    {"roster.reverse", VERB_WRITE, "rosters.reverse", "POST", "/api/rosters/{roster}/reverse",
     "Take a posted batch back as a whole; never by who let it be posted", "整批撤销已记入的增减员（不得由准予记入的人员撤销）",
     OBJECT("\"roster\",\"reason\"", ID("roster") ",\"reason\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":400}"), ANY,
     roster_reverse, "roster.roster"},
    {0},
};
