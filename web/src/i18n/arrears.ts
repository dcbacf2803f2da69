// SPDX-License-Identifier: Apache-2.0
// Words of arrears: what is overdue, late fees, orders to pay.
export const zh = {
  title: '欠费追缴', lead: '逾期未缴的社会保险费和未缴的滞纳金，按单位列出；立案后先催缴，逾期仍未缴的作出限期缴纳决定。',
  none: '没有欠费单位', noneText: '应缴额过了缴费截止日仍未到账的单位会出现在这里。',
  of: '{employer}：欠费与滞纳金', ofEmployer: '欠费与滞纳金', to: '滞纳金计算至', open: '立案催缴', opened: '查看在办案件', atWork: '催缴中', inCase: '办理',
  principal: '欠缴社会保险费', feeTo: '试算滞纳金', feeOwed: '已决定未缴的滞纳金', total: '合计应缴',
  missing: '政策包缺少计算滞纳金所需的参数，只列出欠缴金额：',
  months: '欠费月份', noMonths: '没有逾期欠费', noMonthsText: '截至所选日期，该单位没有逾期未缴的社会保险费。',
  monthsOwed: '欠费月数', span: '所属期', oldest: '最早截止日', daysLate: '逾期天数', openYuan: '欠缴（元）', feeYuan: '滞纳金（元）', orderedFee: '已决定滞纳金（元）', feeOwedYuan: '未缴滞纳金（元）', orderedOn: '决定日期',
  orders: '限期缴纳决定', noOrders: '还没有作出限期缴纳决定。', order: '{day} 限期缴纳决定', letter: '决定书（PDF）', orderCase: '办件', feeReceived: '已缴滞纳金', handed: '移交机关', handedDay: '移交日期', handedReference: '文号',
  period: '计费期间', orderedPrincipal: '当时欠缴（元）', paidFee: '已缴（元）', lines: '逐笔滞纳金（{n} 笔）', why: '计算依据', whyOf: '{scheme}滞纳金',
}
export const en: typeof zh = {
  title: 'Arrears', lead: 'Contributions that are overdue and late fees that are not paid, by employer. A case begins with a reminder; what is still unpaid is ordered to be paid.',
  none: 'Nobody owes anything', noneText: 'Employers whose contributions are unpaid after the due day appear here.',
  of: '{employer}: arrears and late fee', ofEmployer: 'Arrears and late fee', to: 'Late fee to', open: 'Open a case', opened: 'Go to the open case', atWork: 'case open', inCase: 'Case',
  principal: 'Contributions owed', feeTo: 'Late fee, computed now', feeOwed: 'Late fees ordered, unpaid', total: 'To be paid in all',
  missing: 'The policy pack lacks a figure for the late fee; only the contributions are shown:',
  months: 'Months owed', noMonths: 'Nothing is overdue', noMonthsText: 'On the chosen day this employer owed no overdue contributions.',
  monthsOwed: 'Months owed', span: 'Of the months', oldest: 'Due first on', daysLate: 'Days late', openYuan: 'Owed (yuan)', feeYuan: 'Late fee (yuan)', orderedFee: 'Ordered before (yuan)', feeOwedYuan: 'Late fees unpaid (yuan)', orderedOn: 'Ordered on',
  orders: 'Orders to pay', noOrders: 'No order to pay has been made yet.', order: 'Order to pay of {day}', letter: 'The order (PDF)', orderCase: 'Case', feeReceived: 'Late fee received', handed: 'Handed over to', handedDay: 'On', handedReference: 'Number',
  period: 'Charged for', orderedPrincipal: 'Owed then (yuan)', paidFee: 'Received (yuan)', lines: 'Each late fee ({n})', why: 'How it was computed', whyOf: 'Late fee: {scheme}',
}
