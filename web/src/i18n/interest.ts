// SPDX-License-Identifier: Apache-2.0
// The words of the interest of a year on personal accounts.
export const zh = {
  title: '个人账户计息', lead: '年度终了，按公布的记账利率逐户计息。立案前个人账户合计须与总账一致；记错的年度由另一人整批冲销。', pool: '统筹区', trial: '试算平衡', equal: '账账相符', unequal: '账账不符', accounts: '个人账户数', sum: '个人账户合计（元）', ledger: '总账（元）', difference: '差额（元）', differing: '不符的账户或凭证', kind: '类别', expected: '应为（元）', found: '实为（元）',
  years: '历年计息', year: '年度', total: '利息合计（元）', at: '记入时间', reason: '冲销原因', none: '还没有计息', noneText: '立案并经审批后，每个年度在此列出。', open: '年度计息立案', openLead: '立案后由复审核对试算平衡，审批同意后系统逐户记入。', go: '立案', back: '整批冲销', backOf: '整批冲销 {year} 年度利息', backLead: '逐户生成相反的记录，原记录保留；不得由准予记入的人员冲销。', backDone: '{year} 年度利息正在冲销。', toInterest: '个人账户计息',
}
export const en: typeof zh = {
  title: 'Interest of personal accounts', lead: 'When a year is over each account earns the published rate. Before that the accounts must equal the ledger; a year posted wrongly is taken back as a whole by another person.', pool: 'Pool', trial: 'Trial balance', equal: 'equal', unequal: 'not equal', accounts: 'Personal accounts', sum: 'Sum of accounts, yuan', ledger: 'Ledger, yuan', difference: 'Difference, yuan', differing: 'Accounts or postings that differ', kind: 'Kind', expected: 'Expected, yuan', found: 'Found, yuan',
  years: 'Interest by year', year: 'Year', total: 'Interest, yuan', at: 'Posted at', reason: 'Why taken back', none: 'No interest posted yet', noneText: 'Each year stands here once its case was approved.', open: 'Open the case of a year', openLead: 'A reviewer holds the accounts against the ledger; with the approval each account gets its interest.', go: 'Open the case', back: 'Take back', backOf: 'Take back the interest of {year}', backLead: 'Books the exact opposite for each account; the original stays. Never by who let it be posted.', backDone: 'The interest of {year} is being taken back.', toInterest: 'Interest of accounts',
}
