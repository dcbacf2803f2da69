/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs of this floor by file; their table is in verbs.c.
 */
#ifndef CASE_VERBS_H
#define CASE_VERBS_H

#include "case/answer.h"
#include "case/case.h"

verb_run tasks_list, cases_get, cases_list;                         /* view.c */
verb_run documents_get, decisions_get;                              /* document_view.c */
verb_run cases_answer;                                              /* outcome.c */
verb_run cases_message;                                             /* message.c */
verb_run runs_list, runs_get, runs_pause, runs_resume, runs_cancel; /* run_verbs.c */
verb_run packs_list, packs_parameters, packs_activate;              /* pack_verbs.c */
verb_run processes_list, cases_form, cases_check, cases_open;       /* application_verbs.c */
verb_run cases_draft, cases_drafts, cases_draft_get, cases_draft_drop;
verb_run cases_papers, cases_ask, cases_pause, cases_resume, cases_note, cases_withdraw; /* file_verbs.c */
verb_run attachments_add, attachments_get, attachments_remove;                           /* attachment.c */
verb_run tasks_give_back, tasks_hand_over;                                               /* task_verbs.c */
verb_run tasks_takers, cases_moves;                                                      /* takers.c */
verb_run applicants_add, applicants_end, applicants_list;                                /* applicant.c */
verb_run incidents_list, incidents_retry;                                                /* incident.c */
verb_run tasks_undo;                                                                     /* undo.c */
verb_run case_archive_verb, cases_archive_file;                                          /* archive.c */

/* "subject_title" of each row with subject_kind and subject; left out when the office cannot tell (view.c). */
void subject_titles(struct call *c, json_t *rows);

/* After a refusal for want of signing power: the task goes to where it can be signed (task_verbs.c). */
void task_send_up(struct call *c, int64_t task, const struct error *refusal);

#endif
