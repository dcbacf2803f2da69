/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the verbs about offices and who works there.
 */
#include "office/staff/staff.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define DAY(name) "\"" name "\":{\"type\":\"string\",\"format\":\"date\"}"
#define WORD(name) "\"" name "\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":90}"
#define NOTE "\"note\":{\"type\":\"string\",\"maxLength\":300}"
#define ROLE "\"role\":{\"enum\":[\"clerk\",\"reviewer\",\"approver\",\"finance\",\"auditor\",\"admin\"]}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb staff_verbs[] = {
    {"offices.list", VERB_READ, DUTY_ALL, "GET", "/api/offices",
     "The tree of offices from the own one down, or of every body, as of a day", "机构树（本机构及下级，或全部）",
     OBJECT("", DAY("day") ",\"all\":{\"type\":\"boolean\"}"), LIST, offices_list, SCOPE_OFFICE},
    {"offices.get", VERB_READ, DUTY_ALL, "GET", "/api/offices/{office}", "An office: posts, leave, substitutions and history",
     "机构：岗位、请假、代理与沿革", OBJECT("\"office\"", ID("office")), ANY, offices_get, SCOPE_OFFICE},
    {"offices.open", VERB_WRITE, "system.offices", "POST", "/api/offices", "Open an office below another", "设立机构",
     OBJECT("\"code\",\"parent\",\"name_zh\",\"name_en\",\"territory\"",
            "\"code\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9-]{1,31}$\"}," ID("parent") "," WORD("name_zh") "," WORD(
                "name_en") ",\"territory\":{\"type\":\"string\",\"pattern\":\"^[0-9]{6,12}$\"}," DAY("day") "," NOTE),
     ANY, offices_open, SCOPE_OFFICE},
    {"offices.change", VERB_WRITE, "system.offices", "POST", "/api/offices/{office}/changes",
     "Rename, move or close an office from a day on", "机构更名、变更上级或撤销",
     OBJECT("\"office\",\"kind\"", ID("office") ",\"kind\":{\"enum\":[\"rename\",\"move\",\"close\"]}," DAY("day") "," ID(
                                       "parent") "," WORD("name_zh") "," WORD("name_en") "," NOTE),
     ANY, offices_change_verb, SCOPE_OFFICE},
    {"staff.list", VERB_READ, DUTY_ALL, "GET", "/api/staff", "Who works in the own office and those below it today",
     "在岗人员（本机构及下级）", OBJECT("", ROLE), LIST, staff_list, SCOPE_OFFICE},
    {"staff.powers", VERB_READ, DUTY_ALL, "GET", "/api/staff/powers",
     "Who signs what, how many persons a class of risk needs, where tasks go: the tables of the pack in force",
     "签批权限、风险等级与流转规则", OBJECT("", ""), ANY, staff_powers, SCOPE_EVERYWHERE},
    {"posts.appoint", VERB_WRITE, "system.staff", "POST", "/api/posts", "Appoint somebody to a role at an office", "任命岗位",
     OBJECT("\"staff\",\"office\",\"role\"", ID("staff") "," ID("office") "," ROLE "," DAY("valid_from") "," DAY("last_day")),
     ANY, posts_appoint, SCOPE_OFFICE},
    {"posts.end", VERB_WRITE, "system.staff", "POST", "/api/posts/end", "End a post; its open tasks go back to the pool",
     "免去岗位", OBJECT("\"staff\",\"office\",\"role\"", ID("staff") "," ID("office") "," ROLE "," DAY("last_day")), ANY,
     posts_end, SCOPE_OFFICE},
    {"staff.end", VERB_WRITE, "system.staff", "POST", "/api/staff/{staff}/end",
     "Somebody leaves for good: posts end, open tasks go back to the pool", "人员离岗（任务退回）",
     OBJECT("\"staff\"", ID("staff") "," DAY("last_day")), ANY, staff_end, SCOPE_OFFICE},
    {"leave.list", VERB_READ, DUTY_ALL, "GET", "/api/leave", "Own leave and who stands in; with all=true, of the office",
     "请假与代理", OBJECT("", "\"all\":{\"type\":\"boolean\"}"), ANY, leave_list, SCOPE_OFFICE},
    {"leave.enter", VERB_WRITE, DUTY_ALL, "POST", "/api/leave", "Enter own leave; the administrator also for others",
     "登记请假",
     OBJECT("\"valid_from\",\"last_day\"",
            ID("staff") "," DAY("valid_from") "," DAY("last_day") ",\"reason\":{\"type\":\"string\",\"maxLength\":120}"),
     ANY, leave_enter, SCOPE_OFFICE},
    {"leave.decide", VERB_WRITE, DUTY_ALL, "POST", "/api/leave/{leave}/decide",
     "Confirm leave (approver of the office or administrator, never one's own) or cancel it", "批准或取消请假",
     OBJECT("\"leave\",\"decision\"", ID("leave") ",\"decision\":{\"enum\":[\"confirm\",\"cancel\"]}"), ANY, leave_decide,
     SCOPE_OFFICE},
    {"substitution.add", VERB_WRITE, DUTY_ALL, "POST", "/api/substitutions",
     "Say who stands in for somebody while they are on leave", "指定代理人",
     OBJECT("\"substitute\",\"valid_from\",\"last_day\"",
            ID("absent") "," ID("substitute") "," ROLE "," DAY("valid_from") "," DAY("last_day")),
     ANY, substitution_add, SCOPE_OFFICE},
    {"substitution.end", VERB_WRITE, DUTY_ALL, "POST", "/api/substitutions/{substitution}/end", "End a substitution today",
     "终止代理", OBJECT("\"substitution\"", ID("substitution")), ANY, substitution_end, SCOPE_OFFICE},
    {0},
};
