// SPDX-License-Identifier: Apache-2.0
// The words of access beyond one's office in an emergency.
export const zh = {
  title: '紧急授权', lead: '紧急情况下，可在限定时间内办理本机构范围以外的事项。稽核和系统管理人员立即收到告警，其间办理的每一项都有标记，事后由稽核人员复核。', take: '申请紧急授权', takeLead: '只扩大机构范围，不增加岗位职责，也不减少复审、审批的人数。到时自动失效。', reason: '事由', reasonHint: '写明对象和原因，至少10个字，如：外地参保人突发工伤，需查阅其单位参保情况', minutes: '时长（分钟）', go: '启用并告知稽核', taken: '已启用至 {until}，稽核和系统管理人员已收到告警。',
  mine: '您正在使用紧急授权，至 {until} 自动结束；其间办理的每一项都有标记。', end: '立即结束', ended: '已结束，等待稽核复核。', alarm: '{name}（{office}）正在使用紧急授权，至 {until}：{reason}', waits: '{n} 次紧急授权等待复核。', look: '查看',
  list: '紧急授权记录', who: '人员', office: '机构', begun: '开始', until: '结束', uses: '办理项数', state: '状态', none: '没有紧急授权', noneText: '启用后在此显示，直至复核完成仍可查阅。',
  states: { open: '使用中', waits: '待复核', reviewed: '已复核' },
  of: '{name}的紧急授权', done: '其间办理的事项', when: '时间', what: '事项', subject: '对象', nothing: '其间没有办理任何事项。', endedBy: '由 {name} 提前结束', review: '复核', reviewLead: '对照事由逐项核对其间办理的事项。不得复核本人的授权。', justified: '理由成立', unjustified: '理由不成立', note: '复核意见', save: '提交复核', saved: '已复核。', verdict: '{name} 于 {at} 复核：{verdict}', back: '全部记录',
}
export const en: typeof zh = {
  title: 'Emergency access', lead: 'In an emergency you may work beyond your office for a limited time. Auditors and administrators are told at once, everything done meanwhile is marked, and an auditor reviews it afterwards.', take: 'Take emergency access', takeLead: 'It widens the offices, not your duties, and no second pair of eyes is spared. It ends by itself.', reason: 'Reason', reasonHint: 'Whom it concerns and why, as: work accident of somebody insured elsewhere, the registration of the employer is needed', minutes: 'Minutes', go: 'Take it and tell the auditors', taken: 'It holds until {until}; auditors and administrators have been told.',
  mine: 'You have emergency access until {until}; everything that you do is marked.', end: 'End it now', ended: 'It has ended and waits for the auditor.', alarm: '{name} ({office}) has emergency access until {until}: {reason}', waits: 'Emergency accesses to be reviewed: {n}.', look: 'Look',
  list: 'Emergency accesses', who: 'Who', office: 'Office', begun: 'From', until: 'Until', uses: 'Done', state: 'State', none: 'No emergency accesses', noneText: 'Whoever takes one is listed here, also after the review.',
  states: { open: 'in use', waits: 'to be reviewed', reviewed: 'reviewed' },
  of: 'Emergency access of {name}', done: 'What was done meanwhile', when: 'When', what: 'What', subject: 'On', nothing: 'Nothing was done meanwhile.', endedBy: 'ended early by {name}', review: 'Review', reviewLead: 'Hold what was done against the reason. Nobody reviews their own.', justified: 'Justified', unjustified: 'Not justified', note: 'Your finding', save: 'Record the review', saved: 'It is reviewed.', verdict: '{name} reviewed it at {at}: {verdict}', back: 'All of them',
}
