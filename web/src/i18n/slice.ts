// SPDX-License-Identifier: Apache-2.0
// Words of the processes that begin on a subject's own page.
export const zh = {
  toCase: '查看办件', review: '待复审：须经两级复审后方可放行。', toReview: '前往复审',
  checking: '到账已登记，与核定不完全相符，先列暂收，待复审、审批后入账。', toAssessment: '核定办件',
}
export const en: typeof zh = {
  toCase: 'Open the case', review: 'Waiting for review: two reviewers look at it before it can be released.', toReview: 'Go to the review',
  checking: 'The money is booked. It does not agree with what is assessed, so it lies in suspense until a reviewer and an approver have decided.', toAssessment: 'Case of the assessment',
}
