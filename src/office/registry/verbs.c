/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/registry.h"

#define DESK (ROLE_CLERK | ROLE_REVIEWER | ROLE_APPROVER | ROLE_FINANCE | ROLE_AUDITOR)
#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define TEXT(name) "\"" name "\":{\"type\":\"string\",\"maxLength\":200}"
#define DAY(name) "\"" name "\":{\"type\":\"string\",\"format\":\"date\"}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define REGISTERED OBJECT("\"id\",\"number\",\"version\"", ID("id") "," TEXT("number") "," ID("version"))
#define NEW_ID OBJECT("\"id\"", ID("id"))
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb registry_verbs[] = {
    {"registry.person_register", VERB_WRITE, ROLE_CLERK, "POST", "/api/persons", "Register a person", "登记参保人",
     OBJECT("\"name\",\"id_number\"", TEXT("name") "," TEXT("id_number") "," TEXT("category") "," TEXT("telephone") "," TEXT(
                                          "bank_name") "," TEXT("bank_account") "," TEXT("valid_from")),
     REGISTERED, registry_person_register},
    {"registry.person_get", VERB_READ, DESK, "GET", "/api/persons/{person}", "A person as known now", "参保人当前信息",
     OBJECT("\"person\"", ID("person")), ANY, registry_person_get},
    {"registry.person_reveal", VERB_WRITE, DESK, "POST", "/api/persons/{person}/reveal",
     "Look at the numbers in full; recorded with the reason", "查看完整号码（连同理由记录）",
     OBJECT("\"person\",\"reason\"", ID("person") ",\"reason\":{\"type\":\"string\",\"maxLength\":400}"), ANY,
     registry_person_reveal},
    {"registry.person_timeline", VERB_READ, DESK, "GET", "/api/persons/{person}/timeline", "The life line of a person",
     "人员生命线", OBJECT("\"person\"", ID("person")), ANY, registry_person_timeline},
    {"registry.person_correct", VERB_WRITE, ROLE_CLERK, "POST", "/api/persons/{person}/facts", "Correct a fact from a day on",
     "更正人员信息",
     OBJECT("\"person\",\"field\",\"value\",\"source\",\"version\"",
            ID("person") "," TEXT("field") "," TEXT("value") "," DAY(
                "valid_from") ",\"source\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":120}," ID("version")),
     OBJECT("\"id\",\"version\"", ID("id") "," ID("version")), registry_person_correct},
    {"registry.employer_register", VERB_WRITE, ROLE_CLERK, "POST", "/api/employers", "Register an employer", "登记参保单位",
     OBJECT("\"name\",\"uscc\"", TEXT("name") "," TEXT("uscc") "," TEXT("kind") "," TEXT("industry") "," TEXT(
                                     "territory") "," TEXT("bank_name") "," TEXT("bank_account") "," TEXT("contact")),
     REGISTERED, registry_employer_register},
    {"registry.employer_get", VERB_READ, DESK, "GET", "/api/employers/{employer}", "An employer as known now",
     "参保单位当前信息", OBJECT("\"employer\"", ID("employer")), ANY, registry_employer_get},
    {"registry.employer_workers", VERB_READ, DESK, "GET", "/api/employers/{employer}/workers",
     "Who works for the employer in a month", "单位当月职工",
     OBJECT("\"employer\"", ID("employer") ",\"month\":{\"type\":\"string\",\"format\":\"month\"}," PAGE), LIST,
     registry_employer_workers},
    {"registry.employment_open", VERB_WRITE, ROLE_CLERK, "POST", "/api/employments", "Begin a spell of employment",
     "办理职工增员",
     OBJECT("\"person\",\"employer\",\"from\"",
            ID("person") "," ID("employer") ","
                                            "\"category\":{\"type\":\"string\",\"maxLength\":30}," DAY("from") "," DAY("to")),
     NEW_ID, registry_employment_open},
    {"registry.employment_end", VERB_WRITE, ROLE_CLERK, "POST", "/api/employments/{employment}/end",
     "End a spell of employment", "办理职工减员",
     OBJECT("\"employment\",\"to\",\"reason\"", ID("employment") "," DAY("to") "," TEXT("reason")), NEW_ID,
     registry_employment_end},
    {0},
};
