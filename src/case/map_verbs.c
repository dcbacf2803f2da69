/* SPDX-License-Identifier: Apache-2.0 */
#include "case/map.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define DAY(name) "\"" name "\":{\"type\":\"string\",\"format\":\"date\"}"
#define PROCESS "\"process\":{\"type\":\"string\",\"maxLength\":39}"
#define MAP "{\"type\":\"object\",\"required\":[\"xml\"],\"properties\":{\"xml\":{\"type\":\"string\"}}}"

const struct verb map_verbs[] = {
    {"cases.map", VERB_READ, "cases.read", "GET", "/api/cases/{case}/map",
     "The diagram that a case follows: where it stands, what was done and when", "案件流程图：所在环节、已办环节与用时",
     OBJECT("\"case\"", ID("case")), MAP, cases_map, SCOPE_OFFICE},
    {"processes.overview", VERB_READ, "cases.statistics", "GET", "/api/process-figures",
     "The processes by what waits, is overdue and was done in a period, of an office and those below it",
     "各业务事项的在办、超期与办结情况", OBJECT("", ID("office") "," DAY("from") "," DAY("to")),
     "{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"type\":"
     "\"object\"}}}}",
     processes_overview, SCOPE_OFFICE},
    {"processes.statistics", VERB_READ, "cases.statistics", "GET", "/api/processes/{process}/statistics",
     "A process node by node: waiting, overdue, waiting and working time, rework and cost, of an office and those below it",
     "业务事项各环节的在办、超期、用时、返工与成本",
     OBJECT("\"process\"", PROCESS "," ID("office") "," DAY("from") "," DAY("to")), MAP, processes_statistics, SCOPE_OFFICE},
    {0},
};
