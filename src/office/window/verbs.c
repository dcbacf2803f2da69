/* SPDX-License-Identifier: Apache-2.0 */
#include "office/window/window.h"

#include "case/applicant.h"
#include "case/paper.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define WORD(name) "\"" name "\":{\"type\":\"string\",\"maxLength\":64}"
#define DAY(name) "\"" name "\":{\"type\":\"string\",\"format\":\"date\"}"
#define TIME "\"time\":{\"type\":\"string\",\"pattern\":\"^[0-2][0-9]:[0-5][0-9]$\"}"
#define PAPERS "\"papers\":" PAPERS_IN
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb window_verbs[] = {
    {"hall.describe", VERB_READ, "hall.read", "GET", "/api/hall", "Services, counters and hours of the hall of this office",
     "本机构大厅的业务类别、窗口与开放时间", OBJECT("", ""), ANY, hall_describe, SCOPE_OFFICE},
    {"hall.counters", VERB_READ, DUTY_ALL, "GET", "/api/offices/{office}/counters",
     "Counters of an office, what each serves, and when it is open", "机构的窗口与开放时间", OBJECT("\"office\"", ID("office")),
     ANY, hall_counters, SCOPE_EVERYWHERE},
    {"hall.slots", VERB_READ, "hall.read", "GET", "/api/hall/slots", "Slots of a day and how many seats are free", "可预约时段",
     OBJECT("\"service\",\"day\"", WORD("service") "," DAY("day")), LIST, hall_slots, SCOPE_OFFICE},
    {"hall.book", VERB_WRITE, "hall.serve", "POST", "/api/hall/bookings", "Book a slot; the code is told once", "预约时段",
     OBJECT("\"service\",\"day\",\"time\"", WORD("service") "," DAY("day") "," TIME), ANY, hall_book, SCOPE_OFFICE},
    {"hall.cancel", VERB_WRITE, "hall.serve", "POST", "/api/hall/bookings/cancel", "Give a booked slot back", "取消预约",
     OBJECT("\"code\"", WORD("code")), ANY, hall_cancel, SCOPE_OFFICE},
    {"hall.arrive", VERB_WRITE, "hall.serve", "POST", "/api/hall/bookings/arrive", "Who booked has come: a ticket",
     "预约签到取号", OBJECT("\"code\"", WORD("code") "," WORD("reason")), ANY, hall_arrive, SCOPE_OFFICE},
    {"hall.ticket", VERB_WRITE, "hall.serve", "POST", "/api/hall/tickets", "A ticket for who walked in", "现场取号",
     OBJECT("\"service\"", WORD("service") "," WORD("reason")), ANY, hall_ticket, SCOPE_OFFICE},
    {"hall.call", VERB_WRITE, "hall.serve", "POST", "/api/hall/call", "Call the next ticket that this counter serves", "叫号",
     OBJECT("\"counter\"", WORD("counter")), ANY, hall_call, SCOPE_OFFICE},
    {"hall.recall", VERB_WRITE, "hall.serve", "POST", "/api/hall/tickets/{ticket}/recall", "Call a ticket once more", "重呼",
     OBJECT("\"ticket\"", ID("ticket")), ANY, hall_recall, SCOPE_OFFICE},
    {"hall.no_show", VERB_WRITE, "hall.serve", "POST", "/api/hall/tickets/{ticket}/no-show", "Nobody came to the counter",
     "过号", OBJECT("\"ticket\"", ID("ticket")), ANY, hall_no_show, SCOPE_OFFICE},
    {"hall.serve", VERB_WRITE, "hall.serve", "POST", "/api/hall/tickets/{ticket}/serve", "Begin to serve a ticket", "开始办理",
     OBJECT("\"ticket\"", ID("ticket")), ANY, hall_serve, SCOPE_OFFICE},
    {"hall.finish", VERB_WRITE, "hall.serve", "POST", "/api/hall/tickets/{ticket}/finish",
     "Finish a ticket, with the case that came of it", "办结", OBJECT("\"ticket\"", ID("ticket") "," ID("case")), ANY,
     hall_finish, SCOPE_OFFICE},
    {"hall.queue", VERB_READ, "hall.read", "GET", "/api/hall/queue", "Who waits and who is called, in order", "排队情况",
     OBJECT("", ""), ANY, hall_queue, SCOPE_OFFICE},
    {"hall.board", VERB_READ, DUTY_ALL, "GET", "/api/hall/board", "What the screen of the hall shows", "大厅显示屏",
     OBJECT("", ""), ANY, hall_board, SCOPE_OFFICE},
    {"hall.statistics", VERB_READ, "hall.read", "GET", "/api/hall/statistics",
     "Arrivals, waiting and service times by day, hour, service and counter", "排队与办理时长统计",
     OBJECT("", DAY("from") "," DAY("to")), LIST, hall_statistics, SCOPE_OFFICE},
    {"hall.forecast", VERB_READ, DUTY_ALL, "GET", "/api/hall/forecast",
     "How many must serve by windows and hour of a day, from arrivals and service times, and how many are planned",
     "窗口人力预测：各钟点需要与计划的人数",
     OBJECT("",
            ID("office") "," DAY("day") ",\"weeks\":{\"type\":\"integer\",\"minimum\":2,\"maximum\":26},\"target_minutes\":{"
                                        "\"type\":\"integer\",\"minimum\":1,\"maximum\":240},\"share\":{\"type\":\"integer\","
                                        "\"minimum\":50,\"maximum\":99}"),
     ANY, hall_forecast, SCOPE_OFFICE},
    {"joint.list", VERB_READ, "hall.read", "GET", "/api/joint", "Joint services: several processes begun from one form",
     "一件事联办目录", OBJECT("", ""), LIST, joint_list, SCOPE_EVERYWHERE},
    {"joint.form", VERB_READ, "hall.read", "GET", "/api/joint/{service}",
     "The one form of a joint service: what several ask is asked once", "一件事联办申请表",
     OBJECT("\"service\"", WORD("service")), ANY, joint_form, SCOPE_EVERYWHERE},
    {"joint.open", VERB_WRITE, "hall.serve", "POST", "/api/joint/{service}",
     "Accept a joint application: all its cases begin, or none", "受理一件事联办",
     OBJECT(
         "\"service\",\"processes\",\"form\"",
         WORD("service") ",\"processes\":{\"type\":\"array\",\"maxItems\":12,\"items\":{\"type\":\"string\",\"maxLength\":40}},"
                         "\"form\":{\"type\":\"object\"},\"applicant\":" APPLICANT_IN "," PAPERS "," ID("handling_office")),
     ANY, joint_open_verb, SCOPE_OFFICE},
    {"joint.get", VERB_READ, "hall.read", "GET", "/api/joint-applications/{joint}",
     "How far the cases of a joint application are", "联办件进度", OBJECT("\"joint\"", ID("joint")), ANY, joint_get,
     SCOPE_OFFICE},
    {"joint.recent", VERB_READ, "hall.read", "GET", "/api/joint-applications",
     "Joint applications that this office and those below it accepted, newest first", "联办件列表", OBJECT("", ""), LIST,
     joint_recent, SCOPE_OFFICE},
    {"elsewhere.list", VERB_READ, "hall.read", "GET", "/api/elsewhere", "Cases that this office accepted for another",
     "跨区域通办代收件",
     OBJECT("",
            "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"),
     LIST, elsewhere_list, SCOPE_OFFICE},
    {"elsewhere.get", VERB_READ, "hall.read", "GET", "/api/elsewhere/{case}",
     "Follow a case that was accepted here for another office", "代收件进度", OBJECT("\"case\"", ID("case")), ANY,
     elsewhere_get, SCOPE_OFFICE},
    {"elsewhere.papers", VERB_WRITE, "hall.serve", "POST", "/api/elsewhere/{case}/papers",
     "Receive papers here for a case that another office handles", "代收材料",
     OBJECT("\"case\",\"papers\"", ID("case") "," PAPERS), ANY, elsewhere_papers, SCOPE_OFFICE},
    {"elsewhere.hand", VERB_WRITE, "hall.serve", "POST", "/api/elsewhere/{case}/hand", "Hand out the result of a case here",
     "发放办理结果",
     OBJECT("\"case\",\"receiver\"",
            ID("case") ",\"receiver\":{\"type\":\"string\",\"enum\":[\"applicant\",\"agent\",\"post\"]}"),
     ANY, elsewhere_hand, SCOPE_OFFICE},
    {"status.code", VERB_READ, "hall.read", "GET", "/api/cases/{case}/code",
     "The code of a case for the receipt of its applicant", "办件查询码（印于受理回执）", OBJECT("\"case\"", ID("case")), ANY,
     status_code_get, SCOPE_OFFICE},
    /* Reached without a session by POST /api/public/status. */
    {"status.case", VERB_READ, NULL, NULL, NULL, "Where a case stands, for its applicant", "办件进度查询",
     OBJECT("\"number\",\"code\"", WORD("number") "," WORD("code")), ANY, status_case, NULL},
    {0},
};
