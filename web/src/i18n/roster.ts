// SPDX-License-Identifier: Apache-2.0
// The words of joiners and leavers in batches.
export const zh = {
  title: '批量增减员', lead: '一次为一个单位办理多名职工的增员或减员：逐行校验，试算每月应缴额的变动；录入后由另一人准予记入，可整批撤销。', new: '录入新批次',
  none: '还没有增减员批次', noneText: '从电子表格粘贴或上传文件，系统逐行校验后录入。', of: '{employer}：增减员批次',
  newTitle: '录入增减员', newLead: '从电子表格粘贴，或上传 CSV；也可以逐行填写。表头可用中文，没有表头时按内容识别各列。',
  defaultAct: '未注明的行按', join: '增员', leave: '减员', act: '增减', day: '日期', dayHint: '增员填用工之日，减员填最后在职日', wage: '月工资（元）', category: '类别', reason: '原因', telephone: '电话',
  paste: '粘贴名单', pasteHint: '例：身份号码（已登记的可用编号）、姓名、日期、工资，一行一人', take: '读入', upload: '上传文件', addLine: '添加一行', remove: '删除第 {n} 行', clear: '清空', read: '已读入 {n} 行。', unread: '{n} 行未能识别，首行：{first}',
  grid: '逐行校验', line: '行', check: '校验结果', good: '可以记入', isNew: '随批次登记', newText: '登记库中没有此人，记入时一并登记。',
  faults: '{n} 行有差错', notices: '{n} 处提示', faultLines: '只看有差错的行', allLines: '显示全部行',
  bill: '每月应缴额变动', change: '合计', billText: '增员按政策包核算，减员按最近一次核定额减少；实际应缴额以申报核定为准。', perMonth: '单位 {employer}，个人 {own}', billMissing: '不能试算：', joining: '增员 {n} 人', leaving: '减员 {n} 人', newPeople: '其中随批次登记 {n} 人',
  note: '依据', noteHint: '如：单位申请表编号', enter: '录入 {n} 行', checking: '正在校验…', employerFirst: '先选择单位', employerFirstText: '选择单位后粘贴名单、上传文件或逐行填写。', noLines: '还没有内容', noLinesText: '粘贴名单、上传文件，或添加一行。',
  employerPays: '单位缴纳（元/月）', ownPays: '个人缴纳（元/月）', changeYuan: '变动（元/月）', lines: '行数', done: '已记入', failed: '未记入', noticed: '有提示', enteredAt: '录入时间', postedAt: '记入时间',
  waits: '等待另一人准予记入', waitsOwn: '本批次由您录入，须由另一人准予记入。', post: '准予记入', postText: '共 {n} 行，其中 {noticed} 行有提示，请先查看。', drop: '撤回本批次', dropped: '本批次已撤回，未记入任何内容。',
  back: '整批撤销', backText: '每行恢复到记入前的状态；已申报缴费或另有变更的，整批不能撤销。不得由准予记入的人员撤销。', backReason: '撤销原因', reversedText: '本批次已整批撤销。', failedText: '{n} 行在记入时情况已经变化，未记入，原因见各行。', keptText: '{n} 行已有后续业务，保留不变。',
  toCheck: '需要查看的提示', toBatches: '增减员批次', template: '下载空表',
}
export const en: typeof zh = {
  title: 'Joiners and leavers', lead: 'Many workers of an employer at once: each line is checked, the change of the monthly bill is shown; another person posts what was entered, and the whole batch can be taken back.', new: 'Enter a batch',
  none: 'No batches yet', noneText: 'Paste from a spreadsheet or load a file; every line is checked before it is entered.', of: '{employer}: joiners and leavers',
  newTitle: 'Enter joiners and leavers', newLead: 'Paste from a spreadsheet or load a CSV, or fill in line by line. A head may be in Chinese or English; without one the columns are told by what is in them.',
  defaultAct: 'A line that does not say', join: 'joins', leave: 'leaves', act: 'Joins or leaves', day: 'Day', dayHint: 'The first day of a joiner, the last of a leaver', wage: 'Monthly wage (yuan)', category: 'Class', reason: 'Reason', telephone: 'Telephone',
  paste: 'Paste a list', pasteHint: 'For example identity number (or the number here of somebody registered), name, day, wage: a line a worker', take: 'Read it', upload: 'Load a file', addLine: 'Add a line', remove: 'Remove line {n}', clear: 'Clear', read: 'Read {n} rows.', unread: '{n} rows were not understood, the first: {first}',
  grid: 'Line by line', line: 'Line', check: 'Check', good: 'can be posted', isNew: 'registered with the batch', newText: 'Nobody is registered under this number; the posting registers the worker, too.',
  faults: '{n} rows with faults', notices: 'Notices: {n}', faultLines: 'Only lines with faults', allLines: 'All lines',
  bill: 'Change of the monthly bill', change: 'In all', billText: 'A joiner as the policy pack says, a leaver as last assessed; what is due is decided when the month is declared.', perMonth: 'employer {employer}, workers {own}', billMissing: 'Cannot be computed: ', joining: '{n} join', leaving: '{n} leave', newPeople: '{n} registered with the batch',
  note: 'Rests on', noteHint: 'For example the number of the application', enter: 'Enter {n} rows', checking: 'Checking…', employerFirst: 'Choose the employer first', employerFirstText: 'Then paste a list, load a file or fill in line by line.', noLines: 'Nothing here yet', noLinesText: 'Paste a list, load a file, or add a line.',
  employerPays: 'Employer pays (yuan a month)', ownPays: 'Worker pays (yuan a month)', changeYuan: 'Change (yuan a month)', lines: 'Lines', done: 'Posted', failed: 'Not posted', noticed: 'With notices', enteredAt: 'Entered at', postedAt: 'Posted at',
  waits: 'Waits for another person to post it', waitsOwn: 'You entered this batch; another person has to post it.', post: 'Post the batch', postText: '{n} lines, {noticed} of them with notices: look at those first.', drop: 'Withdraw the batch', dropped: 'This batch was withdrawn; nothing was posted.',
  back: 'Take the batch back', backText: 'Every line stands again as it did before. Not possible once a joiner was declared or something was changed. Never by who posted it.', backReason: 'Why it is taken back', reversedText: 'This batch was taken back as a whole.', failedText: '{n} lines could not be posted any more, because something had changed; the reason stands at each.', keptText: '{n} lines stay: something rests on them by now.',
  toCheck: 'Notices to look at', toBatches: 'Joiners and leavers', template: 'Empty sheet',
}
