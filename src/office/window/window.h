/* SPDX-License-Identifier: Apache-2.0
 *
 * The window (服务窗口): booked slots, tickets and counters of a service hall; joint services that open several cases from one form;
 * cases accepted here for another office; and the applicant's own look at where a case stands. What a hall offers, when it is open
 * and who goes first stands in the pack (hall_services.csv, hall_counters.csv, hall_hours.csv, hall_priorities.csv, joint.csv). A
 * ticket holds no name: it is a number, a service, a counter and four instants, from which waiting and staffing are computed.
 */
#ifndef OFFICE_WINDOW_WINDOW_H
#define OFFICE_WINDOW_WINDOW_H

#include "case/application.h"
#include "office/office.h"

extern const struct verb window_verbs[];

/* The hall of the caller's office, by the pack in force today. */
struct hall {
        int64_t office;
        char code[32], name_zh[96], name_en[96];
        struct pack *pack; /* borrowed */
        json_t *services, *counters, *hours, *priorities;
};
int hall_open(struct call *c, struct hall *out, struct error *err);
void hall_close(struct hall *h);
const json_t *hall_service(const struct hall *h, const char *service, struct error *err); /* SB_WINDOW_SERVICE */
/* Does the row, of counters or hours, hold for this office? */
bool hall_here(const struct hall *h, const json_t *row);
/* Does the counter serve it? NULL: is there such a counter at all. */
bool hall_serves(const struct hall *h, const char *counter, const char *service);
/* "A012" */
char *hall_label(char out[16], const struct hall *h, const char *service, int64_t number);
/* Rank of a reason to go first (hall_priorities.csv), lower first; SB_WINDOW_PRIORITY. */
int hall_rank(const struct hall *h, const char *reason, int64_t *rank, struct error *err);

/* A ticket, taken in the caller's transaction. booking 0: walked in. */
struct ticket_new {
        const char *service, *reason;
        int64_t rank, booking;
};
int ticket_insert(struct tx *tx, struct call *c, const struct hall *h, const struct ticket_new *t, int64_t *id, int64_t *number,
                  struct error *err);

verb_run hall_describe, hall_counters, hall_slots, hall_book, hall_cancel, hall_arrive; /* hall.c, booking.c */
verb_run hall_ticket, hall_call, hall_recall, hall_no_show, hall_serve, hall_finish;    /* ticket.c */
verb_run hall_queue, hall_board, hall_statistics;                                       /* queue.c */
verb_run hall_forecast;                                                                 /* forecast.c */
verb_run status_case, status_code_get;                                                  /* status.c */
verb_run joint_list, joint_form, joint_open_verb, joint_get, joint_recent;              /* joint.c */
verb_run elsewhere_list, elsewhere_get, elsewhere_papers, elsewhere_hand;               /* elsewhere.c */

#endif
