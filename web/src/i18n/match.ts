// SPDX-License-Identifier: Apache-2.0
// The words of what partners tell of people: matched, looked at, told, heard, decided.
export const zh = {
  title: '比对线索', lead: '民政、公安、法院等外部信息按规则与参保登记比对。未经核实、告知和听取陈述，不停发待遇；由未参与核实告知的人作决定。', none: '没有线索', noneText: '外部信息比中本机构参保人后列在这里。', all: '全部状态', person: '参保人', content: '事项', event: '发生日期', confidence: '吻合度', agrees: '相符字段', until: '陈述期至', feed: '来源',
  contents: { deaths: '死亡', prisoners: '服刑' }, fields: { id: '证号', name: '姓名', birth: '出生日期' },
  states: { look: '待核实', tell: '待告知', hearing: '陈述申辩中', stopped: '已停发', kept: '继续发放', other: '不是本人', noted: '留存' },
  one: '比对线索', ours: '参保登记', theirs: '对方报送', name: '姓名', idNumber: '证件号码', birth: '出生日期', awards: '在领待遇', noAwards: '没有在领待遇', toDate: '至',
  lookTitle: '核实是否同一人', lookNote: '核实依据（至少四个字）', same: '是同一人', other: '不是同一人', tellTitle: '告知本人', tellLead: '告知后本人可在{n}日内陈述申辩，期满前不停发。', unknownDays: '政策包未规定陈述申辩天数，尚不能告知。', means: '告知方式', meansOf: { post: '邮寄', telephone: '电话', visit: '上门', counter: '当面' }, reference: '凭据', day: '告知日期', toTell: '登记告知',
  hearTitle: '陈述申辩', hearNote: '本人或家属的陈述（至少四个字）', toHear: '登记陈述', heard: '已陈述', notHeard: '尚未陈述', decideTitle: '作出决定', decideNote: '理由（至少四个字）', stopFrom: '停发起始月', stop: '停发', keep: '继续发放', own: '核实或告知的人不能作决定。', runs: '陈述申辩期至 {day}，登记陈述后或期满后方可决定。', done: '已办理。', by: '{who}', looked: '核实', told: '告知', decided: '决定', stoppedFrom: '自 {month} 起停发',
}
export const en: typeof zh = {
  title: 'Matches of persons', lead: 'What civil affairs, police and courts tell is matched with the register by rule. No benefit is held before somebody looked, the person was told and heard; another member of staff decides.', none: 'No matches', noneText: 'Insured persons of whom a partner told something stand here.', all: 'All states', person: 'Person', content: 'What', event: 'On', confidence: 'Confidence, %', agrees: 'Fields that agree', until: 'Heard until', feed: 'Source',
  contents: { deaths: 'Death', prisoners: 'Prison' }, fields: { id: 'number', name: 'name', birth: 'birth' },
  states: { look: 'to look at', tell: 'to be told', hearing: 'may be heard', stopped: 'benefit held', kept: 'benefit goes on', other: 'somebody else', noted: 'noted' },
  one: 'Match of a person', ours: 'Register', theirs: 'As the partner told', name: 'Name', idNumber: 'Identity number', birth: 'Born', awards: 'Benefits paid', noAwards: 'No benefit is paid', toDate: 'until',
  lookTitle: 'The same person?', lookNote: 'Evidence (at least four characters)', same: 'The same person', other: 'Somebody else', tellTitle: 'Tell the person', tellLead: 'Once told, the person may be heard for {n} days; nothing is held before.', unknownDays: 'The pack does not say for how many days: nobody can be told yet.', means: 'Told by', meansOf: { post: 'post', telephone: 'telephone', visit: 'visit', counter: 'at the counter' }, reference: 'Reference', day: 'Day', toTell: 'Record that they were told',
  hearTitle: 'What the person says', hearNote: 'Statement (at least four characters)', toHear: 'Record the statement', heard: 'Heard', notHeard: 'Not heard yet', decideTitle: 'Decide', decideNote: 'Reason (at least four characters)', stopFrom: 'Held from', stop: 'Hold the benefits', keep: 'Let them go on', own: 'Who looked or told does not decide.', runs: 'May be heard until {day}: record a statement, or decide after that day.', done: 'Done.', by: '{who}', looked: 'Looked at', told: 'Told', decided: 'Decided', stoppedFrom: 'Held from {month}',
}
