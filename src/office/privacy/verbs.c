/* SPDX-License-Identifier: Apache-2.0 */
#include "office/privacy/privacy.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define OPENS "\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb privacy_verbs[] = {
    {"people.purposes", VERB_READ, "people.open", "GET", "/api/persons/{person}/purposes",
     "For what the own office may open a record, and the person’s cases here", "可选的查阅事由和本机构的案件",
     OBJECT("\"person\"", ID("person")), ANY, people_purposes, SCOPE_EVERYWHERE},
    {"people.open", VERB_WRITE, "people.open", "POST", "/api/persons/{person}/openings",
     "Open the record of a person for today, for a purpose", "说明事由后查阅参保人记录（当日有效）",
     OBJECT("\"person\",\"purpose\"",
            ID("person") ",\"purpose\":{\"type\":\"string\",\"maxLength\":30},\"case\":{\"type\":\"integer\",\"minimum\":1},"
                         "\"note\":{\"type\":\"string\",\"maxLength\":200}"),
     OBJECT("\"id\",\"purpose\"", ID("id") ",\"purpose\":{\"type\":\"string\"}"), people_open, SCOPE_EVERYWHERE},
    {"people.openings", VERB_READ, "people.openings", "GET", "/api/persons/{person}/openings",
     "Who opened the record of a person, when and why", "参保人记录的查阅情况", OBJECT("\"person\"", ID("person")), LIST,
     people_openings, SCOPE_EVERYWHERE},
    {"people.export", VERB_WRITE, "people.export", "POST", "/api/persons/{person}/export",
     "A copy of a person’s own record for them, as JSON or PDF", "为参保人复制其本人记录（JSON或PDF）",
     OBJECT("\"person\"", OPENS ",\"format\":{\"type\":\"string\",\"enum\":[\"json\",\"pdf\"]}"), ANY, people_export,
     SCOPE_EVERYWHERE},
    {"privacy.alarms", VERB_READ, "privacy.alarms", "GET", "/api/privacy/alarms",
     "Openings that look like curiosity, newest first", "异常查阅预警",
     OBJECT("", "\"state\":{\"type\":\"string\",\"enum\":[\"open\",\"justified\",\"misuse\"]},\"limit\":{\"type\":\"integer\","
                "\"minimum\":1,"
                "\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"),
     LIST, privacy_alarms, SCOPE_OFFICE},
    {"privacy.alarm_decide", VERB_WRITE, "privacy.alarms", "POST", "/api/privacy/alarms/{alarm}/finding",
     "What an auditor found about an alarm", "登记预警核查结论",
     OBJECT("\"alarm\",\"finding\",\"note\"",
            ID("alarm") ",\"finding\":{\"type\":\"string\",\"enum\":[\"justified\",\"misuse\"]},\"note\":{"
                        "\"type\":\"string\",\"maxLength\":400}"),
     ANY, privacy_alarm_decide, SCOPE_OFFICE},
    {"people.hold", VERB_WRITE, "privacy.hold", "POST", "/api/persons/{person}/holds",
     "Keep the record of a person although its time is over: a suit or an inspection needs it", "登记停止销毁（诉讼、调查）",
     OBJECT("\"person\",\"reason\"", ID("person") ",\"reason\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":200}"),
     OBJECT("\"id\"", ID("id")), people_hold, SCOPE_EVERYWHERE},
    {"people.hold_end", VERB_WRITE, "privacy.hold", "POST", "/api/holds/{hold}/end", "End such a hold today", "解除停止销毁",
     OBJECT("\"hold\"", ID("hold")), ANY, people_hold_end, SCOPE_EVERYWHERE},
    {"privacy.retention", VERB_READ, "privacy.retention", "GET", "/api/privacy/retention",
     "What may be kept no longer, by class, and how many rows it is", "保存期满的内容（按类别）", OBJECT("", ""), LIST,
     privacy_retention, SCOPE_ROOT},
    {"privacy.erase", VERB_WRITE, "privacy.erase", "POST", "/api/privacy/retention/{class}/erase",
     "Destroy the keys of what may be kept no longer, some hundreds at a time", "销毁保存期满的内容（分批）",
     OBJECT("\"class\"", "\"class\":{\"type\":\"string\",\"enum\":[\"person\",\"application\",\"letter\"]}"),
     OBJECT("\"erased\"", "\"erased\":{\"type\":\"integer\"}"), privacy_erase, SCOPE_ROOT},
    {0},
};
