// SPDX-License-Identifier: Apache-2.0
// Words of the processes that begin on a subject's own page.
export const zh = {
  toCase: '查看办件', review: '待复审：须经两级复审后方可放行。', toReview: '前往复审',
  checking: '到账已登记，先列暂收，复审后入账；与核定不符的，还须审批。', toAssessment: '核定办件',
}
export const en: typeof zh = {
  toCase: 'Open the case', review: 'Waiting for review: two reviewers look at it before it can be released.', toReview: 'Go to the review',
  checking: 'The money is booked and lies in suspense until a reviewer has looked at it; what does not agree with the assessment an approver decides as well.', toAssessment: 'Case of the assessment',
}
