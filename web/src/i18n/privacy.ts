// SPDX-License-Identifier: Apache-2.0
// The words of opening a record, of who opened it, and of alarms.
export const zh = {
  why: { title: '为何查阅这份记录？', lead: '选择后当日有效。查阅人、时间和事由将予记录，参保人可以查询。', cases: '办理案件', purposes: '其他事由', none: '您的岗位没有可用的查阅事由。', cancel: '不查阅', ended: '已办结' },
  log: { title: '记录查阅情况', lead: '谁、何时、因何查阅了这份记录；参保人有权知道。', none: '还没有人查阅', noneText: '每次查阅都会记录在此。', when: '时间', who: '经办人', office: '机构', why: '事由', basis: '依据', case: '案件' },
  copy: { title: '为本人复制记录', lead: '依个人信息保护法第四十五条，参保人可以查阅、复制本人记录。', json: '机器可读（JSON）', pdf: '打印用（PDF）', done: '已生成，并记入审计记录。' },
  alarms: {
    title: '异常查阅', lead: '查阅记录中少见于正常经办的情形。预警是疑问，不是结论。', none: '没有预警', noneText: '规则见政策包 alarms.csv。', rule: '情形', when: '时间', who: '查阅人', office: '机构', why: '所称事由', record: '被查阅记录', person: '参保人', state: '状态', open: '待核查', justified: '理由正当', misuse: '违规查阅',
    note: '核查情况（至少4个字）', judge: '核查', save: '登记结论', found: '结论', by: '核查人',
  },
}

export const en: typeof zh = {
  why: { title: 'Why do you open this record?', lead: 'The choice holds for today. Who opens it, when and why is written down, and the person may see it.', cases: 'Work on the case', purposes: 'Another purpose', none: 'Your role has no purpose for which it opens records.', cancel: 'Do not open', ended: 'ended' },
  log: { title: 'Who opened the record', lead: 'Who opened this record, when and why; the person has the right to know.', none: 'Nobody opened it yet', noneText: 'Each opening is listed here.', when: 'When', who: 'Staff', office: 'Office', why: 'Why', basis: 'Basis', case: 'Case' },
  copy: { title: 'A copy for the person', lead: 'By article 45 of the Personal Information Protection Law people may see and copy their own record.', json: 'For machines (JSON)', pdf: 'For print (PDF)', done: 'Made, and written into the audit trail.' },
  alarms: {
    title: 'Curiosity alarms', lead: 'Openings of records that honest work seldom has. An alarm is a question, not a finding.', none: 'No alarms', noneText: 'The rules are the pack\'s alarms.csv.', rule: 'What', when: 'When', who: 'Opened by', office: 'Office', why: 'Purpose given', record: 'Record', person: 'Person', state: 'State', open: 'open', justified: 'justified', misuse: 'misuse',
    note: 'What was found (at least 4 characters)', judge: 'Judge', save: 'Record the finding', found: 'Finding', by: 'Judged by',
  },
}
