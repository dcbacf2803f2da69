// SPDX-License-Identifier: Apache-2.0
// Words of what is stuck, and of moving ended cases to the past.
export const zh = {
  title: '异常与归档', lead: '出错停办的案件、消息和定时事项，以及原因；排除原因后重试，不会重复办理。', look: '刷新', act: '操作', list: '异常事项', what: '名称', why: '原因', step: '环节', since: '自', again: '重试', againOf: '重试 {name}',
  goesOn: '{name} 已重试，继续办理。', still: '{name} 已重试，仍未成功：原因见列表。', none: '没有异常事项', noneText: '所有案件、消息和定时事项均正常。',
  kind: { case: '案件', message: '消息', schedule: '定时事项' },
  past: '历史案件', pastLead: '把某月之前办结的案件按月转入历史库，日常查询更快；转入后查阅、查询进度、打印与以前一样，不影响正在办理的业务。', before: '转入此月之前办结的案件', beforeHint: '格式：2026-05', move: '开始转入',
}
export const en: typeof zh = {
  title: 'Stuck and past', lead: 'Cases, messages and dates that an error has stopped, with the reason. Mend the reason, then try again: nothing is done twice.', look: 'Look again', act: 'Action', list: 'What is stuck', what: 'What', why: 'Reason', step: 'Step', since: 'Since', again: 'Try again', againOf: 'Try again: {name}',
  goesOn: '{name} was tried again and goes on.', still: '{name} was tried again without success; the list says why.', none: 'Nothing is stuck', noneText: 'All cases, messages and dates go their way.',
  kind: { case: 'Case', message: 'Message', schedule: 'Date' },
  past: 'Past cases', pastLead: 'Cases that ended before a month go to the past, month by month, so that daily lists stay quick. They are read, asked for and printed as before, and nobody at work is held up.', before: 'Cases that ended before', beforeHint: 'As 2026-05', move: 'Move them',
}
