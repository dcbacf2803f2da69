// SPDX-License-Identifier: Apache-2.0
// The words of two records of one person: found, compared, merged, taken back.
export const zh = {
  title: '重复档案', lead: '同一人有两份档案时，缴费年限和账户分散在两处。先查找疑似重复，逐对核对后由一人提出、另一人审核合并；合并可以撤销。',
  look: '查找疑似重复', looking: '正在查找，已看到编号 {at} …', stop: '停止', looked: '查找完毕，共 {n} 对。', none: '没有疑似重复的档案', noneText: '出生日期、性别相同且姓名相同或同音的档案会列在这里。', unlooked: '尚未查找', unlookedText: '点击“查找疑似重复”，逐页比对全部档案。',
  found: '疑似重复', first: '档案一', second: '档案二', alike: '相同之处', apart: '证号相差位数', name: '姓名、出生日期、性别', sound: '姓名同音、出生日期、性别', compare: '核对',
  list: '合并记录', noList: '还没有合并记录', noListText: '提出、审核和撤销的合并都在此列出。', kept: '保留的档案', gone: '并入的档案', reason: '理由', entered: '提出', decided: '审核', at: '时间',
  states: { proposed: '待审核', merged: '已合并', refused: '未同意', undone: '已撤销', distinct: '确认为不同的人' },
  pair: '核对两份档案', pairLead: '“并入的档案”的缴费、用工、个人账户和亲属关系转到“保留的档案”，其证件号码此后查到保留的档案。', swap: '互换', months: '缴费月数', employments: '用工记录', balance: '个人账户余额（元）', awards: '在领待遇', birth: '出生日期', idNumber: '证件号码', number: '个人编号',
  clear: '没有障碍，可以提出合并。', against: '须先解决：', why: '依据（至少四个字）', whyHint: '例如：身份证原件与两份档案的复印件一致。', propose: '提出合并', distinct: '不是同一人', waits: '已由{who}提出，待他人审核。', own: '您提出的合并须由他人审核；需要时可请审核人撤销。',
  approve: '同意合并', refuse: '不同意', undo: '撤销', undoWhy: '撤销理由（至少四个字）', done: '已办理。', card: '重复档案', cardLead: '如本人另有一份档案，填写其编号或证件号码进行核对。', other: '另一份档案的编号或证件号码', nobody: '没有找到这份档案。', wentInto: '本档案已并入', tookIn: '并入了', toList: '重复档案清单', note: '审核意见',
}
export const en: typeof zh = {
  title: 'Duplicate records', lead: 'Who has two records has years and accounts in two places. Look for pairs that may be one person, compare each; one proposes the merge, another decides. A merge can be taken back.',
  look: 'Look for duplicates', looking: 'Looking, at record {at} …', stop: 'Stop', looked: 'All records were looked at: {n} pairs.', none: 'No records look alike', noneText: 'Records with the same birth, sex and name, or a name that sounds the same, stand here.', unlooked: 'Not looked for yet', unlookedText: '“Look for duplicates” compares all records page by page.',
  found: 'May be one person', first: 'One record', second: 'The other', alike: 'What is the same', apart: 'Digits that differ', name: 'name, birth, sex', sound: 'sound of the name, birth, sex', compare: 'Compare',
  list: 'Merges', noList: 'No merges yet', noListText: 'What was proposed, decided and taken back stands here.', kept: 'Record kept', gone: 'Record that goes', reason: 'Reason', entered: 'Proposed by', decided: 'Decided by', at: 'At',
  states: { proposed: 'to be decided', merged: 'merged', refused: 'refused', undone: 'taken back', distinct: 'two people' },
  pair: 'Compare two records', pairLead: 'Contributions, employments, personal accounts and kin of the record that goes move to the record that is kept; its identity number leads there from then on.', swap: 'Swap', months: 'Months insured', employments: 'Employments', balance: 'Personal accounts, yuan', awards: 'Benefits paid', birth: 'Born', idNumber: 'Identity number', number: 'Number',
  clear: 'Nothing stands against it: it may be proposed.', against: 'To be settled first:', why: 'Evidence (at least four characters)', whyHint: 'For example: the identity card agrees with the copies in both files.', propose: 'Propose the merge', distinct: 'Two people', waits: 'Proposed by {who}; another person decides.', own: 'You proposed it: another person decides, or takes it back.',
  approve: 'Merge', refuse: 'Refuse', undo: 'Take back', undoWhy: 'Why it is taken back (at least four characters)', done: 'Done.', card: 'Another record', cardLead: 'If this person has a second record, enter its number or identity number to compare.', other: 'Number or identity number of the other record', nobody: 'There is no such record.', wentInto: 'This record went into', tookIn: 'Took in', toList: 'Duplicate records', note: 'Note on the decision',
}
