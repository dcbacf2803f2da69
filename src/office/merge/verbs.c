/* SPDX-License-Identifier: Apache-2.0 */
#include "office/merge/merge.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define REASON(name) "\"" name "\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":400}"
#define PAGED "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"
#define PAIR OBJECT("\"person\",\"other\",\"reason\"", ID("person") "," ID("other") "," REASON("reason"))

/* A person is served at any counter, and so are two that are one. */
const struct verb merge_verbs[] = {
    {"merge.candidates", VERB_READ, "people.merge_read", "GET", "/api/merges/candidates",
     "Records that may be one person; page on until next is null, pages may be empty", "疑似重复的参保档案", OBJECT("", PAGED),
     LIST, merge_candidates, SCOPE_EVERYWHERE},
    {"merge.list", VERB_READ, "people.merge_read", "GET", "/api/merges", "Merges of records, latest first", "档案合并清单",
     OBJECT("", ID("person") ",\"state\":{\"enum\":[\"proposed\",\"merged\",\"refused\",\"undone\",\"distinct\"]}," PAGED),
     LIST, merge_list, SCOPE_EVERYWHERE},
    {"merge.preview", VERB_READ, "people.merge_read", "GET", "/api/persons/{person}/merge/{other}",
     "What would move when a record goes into another, and what stands against it", "档案合并试办",
     OBJECT("\"person\",\"other\"", "\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}," ID("other")), ANY,
     merge_preview, SCOPE_EVERYWHERE},
    {"merge.propose", VERB_WRITE, "people.merge", "POST", "/api/merges", "Propose that a record goes into another",
     "提出档案合并", PAIR, ANY, merge_propose, SCOPE_EVERYWHERE},
    {"merge.distinct", VERB_WRITE, "people.merge", "POST", "/api/merges/distinct",
     "Record that two records are two people; they are not offered again", "登记为不同的人", PAIR, ANY, merge_distinct,
     SCOPE_EVERYWHERE},
    {"merge.decide", VERB_WRITE, "people.merge_decide", "POST", "/api/merges/{merge}/decision",
     "Merge as proposed, or refuse it; not by who proposed it", "审核档案合并",
     OBJECT("\"merge\",\"decision\"",
            ID("merge") ",\"decision\":{\"enum\":[\"approve\",\"refuse\"]},\"note\":{\"type\":\"string\","
                        "\"maxLength\":400}"),
     ANY, merge_decide, SCOPE_EVERYWHERE},
    {"merge.undo", VERB_WRITE, "people.merge_decide", "POST", "/api/merges/{merge}/undo",
     "Take a merge, a proposal, or the word that two are different back", "撤销档案合并",
     OBJECT("\"merge\",\"reason\"", ID("merge") "," REASON("reason")), ANY, merge_undo, SCOPE_EVERYWHERE},
    {0},
};
