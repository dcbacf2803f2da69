// SPDX-License-Identifier: Apache-2.0
// Words of the applications to be registered (P01, P02).
export const zh = {
  accepted: '{name} 的登记申请已受理，转复审', opened: '{name} 的登记申请已立案，材料待补', another: '继续登记',
  papers: '申请材料', papersHint: '默认均已当面查验；未带的请改为承诺、容缺或未交。', known: '该号码已登记：{name}（{number}）',
}
export const en: typeof zh = {
  accepted: 'The application of {name} is accepted and goes to review', opened: 'The application of {name} is open; papers are missing', another: 'Register another',
  papers: 'Papers', papersHint: 'Taken as seen at the counter; change what was not brought.', known: 'This number is registered already: {name} ({number})',
}
