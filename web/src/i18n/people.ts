// SPDX-License-Identifier: Apache-2.0
// The words of offices, posts, leave, and of handing a task over.
export const zh = {
  level: { l1: '省级', l2: '市级', l3: '县级', l4: '乡镇（街道）', l5: '村（社区）', none: '无' },
  body: { social_insurance: '社会保险', medical_security: '医疗保障', tax: '税务', finance: '财政', civil_affairs: '民政', labour_capacity: '劳动能力鉴定', treasury: '国库', bank: '银行', public_security: '公安', court: '法院', health: '卫生健康', market: '市场监管', hotline: '服务热线', national: '国家平台' },
  offices: {
    title: '机构', lead: '五级机构，按所属系统排列；可查看任意一天的情况。', day: '查看日期', asOf: '{day} 的机构', all: '全部系统', name: '机构', code: '代码', level: '层级', body: '系统', territory: '行政区划', staff: '在岗人数', from: '设立', until: '撤销', none: '该日没有机构', noneText: '请换一个日期。',
    choose: '请选择机构', chooseText: '点开一行，可看岗位、窗口与沿革。', posts: '岗位', noPosts: '该机构没有岗位', noPostsText: '由系统管理人员在“人员与岗位”中任命。', counters: '窗口', counter: '窗口', serves: '受理业务', allServices: '全部业务', noCounters: '该机构没有窗口。', hours: '开放时间', weekdays: '工作日 {from}—{to}',
    history: '沿革', noHistory: '设立以来没有变更。', change: { open: '设立', rename: '更名', move: '变更上级', close: '撤销' }, pending: '待生效',
    manage: '变更机构', openBelow: '在此机构下设立', rename: '更名', move: '变更上级', close: '撤销', nameZh: '中文名称', nameEn: '英文名称', parent: '新的上级', successor: '承接其业务的机构', above: '上级机构', note: '依据文号', fromDay: '生效日期', save: '保存变更', done: '已登记。', closeLead: '在办案件和任务转给承接机构，岗位终止。',
  },
  staff: {
    title: '人员与岗位', lead: '谁在哪个机构担任什么岗位，谁在请假、由谁代理，谁能签批多少。', posts: '岗位', person: '姓名', role: '岗位', office: '机构', since: '任职自', until: '任职至', leave: '请假至', substitute: '代理人', tasks: '在手任务', all: '全部', away: '请假中', none: '没有岗位', noneText: '由系统管理人员任命。',
    appoint: '任命岗位', who: '人员', from: '自', to: '至（可不填）', go: '任命', endPost: '免去', endPostOf: '免去{name}的{role}岗位', ended: '已免去，在手任务退回机构。', appointed: '已任命。', signing: '签批权限', signingLead: '金额超过本级权限的，任务自动转到能签批的上级机构。', process: '事项', every: '全部', level: '层级', upTo: '可签批（元）', unlimited: '不限',
    risk: '风险等级', persons: '至少几人', blind: '批量审批', yes: '可抽查', no: '须逐件打开', routing: '流转规则', routingTo: '转到', routingLead: '小机构的复审和审批集中到上级。', noTable: '政策包没有此表。', requests: '请假与代理（本机构）',
  },
  leave: {
    title: '我的请假', lead: '请假经批准后生效；期间任务自动转给代理人，注明“代”谁办理，代理不得转代理。', ask: '申请请假', from: '起始日', to: '最后一天', reason: '事由', go: '提交申请', asked: '已提交，等待批准。', list: '请假记录', none: '没有请假记录', noneText: '填写上面的日期即可申请。', state: { asked: '待批准', confirmed: '已批准', cancelled: '已取消' }, cancel: '取消', confirm: '批准', decided: '办理人',
    substitutes: '代理人', name: '指定代理人', whoFor: '代理人', role: '岗位', everyRole: '全部岗位', goName: '指定', named: '已指定。', end: '终止', iAm: '您代理 {name}', standsIn: '{name} 代理您', for: '{absent} 由 {name} 代理', noSub: '没有指定代理人：请假期间，您在手的任务退回机构，任何同事可领取。', have: '您现有 {n} 件在手任务。', goTo: '批准后，这些任务转给 {name}。', away: '您正在请假，任务已转出。',
    for1: '为谁', self: '本人',
  },
  ties: { title: '近亲属与同户人员', add: '登记关系', none: '没有登记。工作人员不得办理本人近亲属或同户人员的案件。', kind: '对方是本人的', other: '对方', source: '依据', sourceHint: '如 户口簿、结婚证', save: '保存', spouse: '配偶', parent: '父母', child: '子女', sibling: '兄弟姐妹', grandparent: '祖父母、外祖父母', grandchild: '孙子女、外孙子女', in_law: '姻亲', household: '同户人员', spouse_of: '配偶', parent_of: '子女', child_of: '父母', sibling_of: '兄弟姐妹', grandparent_of: '孙子女、外孙子女', grandchild_of: '祖父母、外祖父母', in_law_of: '姻亲' },
  powers: { title: '代办权限', add: '登记代办人', none: '没有登记代办人。', kind: '身份', who: '代办人', document: '授权书或证明文件', processes: '适用事项（不填为全部）', until: '有效期至', all: '全部事项' },
  hand: {
    back: '放回待办', backLead: '放回后任何同事可领取。', over: '转交', overTo: '转交给', reason: '原因', go: '确认转交', goBack: '放回待办', cancel: '不转交', cannot: '不能承办', onLeave: '请假中', none: '没有其他人可以承办此任务。', behalf: '代 {name} 办理', who: '承办', mine: '本人', moves: '流转记录', to: '{from} → {to}', pool: '机构', loading: '正在查找可承办的人员…',
    kind: { take: '领取', give_back: '放回待办', hand_over: '转交', leave: '请假转出', return: '代理结束，退回', left: '岗位终止，退回', route: '转有权签批的机构', close: '机构撤销，转出' },
  },
}

export const en: typeof zh = {
  level: { l1: 'Province', l2: 'City', l3: 'County', l4: 'Street or township', l5: 'Village agent', none: 'none' },
  body: { social_insurance: 'Social insurance', medical_security: 'Medical security', tax: 'Tax', finance: 'Finance', civil_affairs: 'Civil affairs', labour_capacity: 'Labour-capacity committee', treasury: 'Treasury', bank: 'Bank', public_security: 'Public security', court: 'Court', health: 'Health', market: 'Market regulation', hotline: 'Hotline', national: 'National platform' },
  offices: {
    title: 'Offices', lead: 'Offices of five levels, by the body that they belong to, as of any day.', day: 'As of', asOf: 'Offices on {day}', all: 'All bodies', name: 'Office', code: 'Code', level: 'Level', body: 'Body', territory: 'Territory', staff: 'Staff', from: 'Opened', until: 'Closed', none: 'No office on that day', noneText: 'Choose another day.',
    choose: 'Choose an office', chooseText: 'Open a row to see posts, counters and history.', posts: 'Posts', noPosts: 'No posts here', noPostsText: 'The administrator appoints under Staff and posts.', counters: 'Counters', counter: 'Counter', serves: 'Serves', allServices: 'everything', noCounters: 'This office has no counters.', hours: 'Open', weekdays: 'working days {from}–{to}',
    history: 'History', noHistory: 'No change since it was opened.', change: { open: 'Opened', rename: 'Renamed', move: 'Moved', close: 'Closed' }, pending: 'to come',
    manage: 'Change the office', openBelow: 'Open an office below', rename: 'Rename', move: 'Move', close: 'Close', nameZh: 'Name in Chinese', nameEn: 'Name in English', parent: 'New office above', successor: 'Office that takes over', above: 'The office above', note: 'Number of the decree', fromDay: 'From', save: 'Save the change', done: 'Saved.', closeLead: 'Open cases and tasks go to the office that takes over; posts end.',
  },
  staff: {
    title: 'Staff and posts', lead: 'Who has which role where, who is on leave and who stands in, and who may sign how much.', posts: 'Posts', person: 'Name', role: 'Role', office: 'Office', since: 'Since', until: 'Until', leave: 'On leave until', substitute: 'Substitute', tasks: 'Tasks in hand', all: 'All', away: 'On leave', none: 'No posts', noneText: 'The administrator appoints.',
    appoint: 'Appoint', who: 'Who', from: 'From', to: 'Until (may be left empty)', go: 'Appoint', endPost: 'End', endPostOf: 'End the post {role} of {name}', ended: 'Ended; the tasks in hand went back to the office.', appointed: 'Appointed.', signing: 'Signing power', signingLead: 'Beyond the power of a level, a task goes to the office above that may sign it.', process: 'Process', every: 'all', level: 'Level', upTo: 'Up to (yuan)', unlimited: 'any amount',
    risk: 'Class of risk', persons: 'Persons at least', blind: 'Many at once', yes: 'by sample', no: 'each is opened', routing: 'Routing', routingTo: 'goes to', routingLead: 'Small offices send reviews and approvals up.', noTable: 'The pack has no such table.', requests: 'Leave and substitutes of the office',
  },
  leave: {
    title: 'My leave', lead: 'Leave counts once it is confirmed. Your tasks then go to your substitute, who acts on your behalf; nobody stands in for a substitute.', ask: 'Ask for leave', from: 'First day', to: 'Last day', reason: 'Reason', go: 'Ask', asked: 'Asked for; it waits to be confirmed.', list: 'Leave', none: 'No leave', noneText: 'Fill in the days above to ask for it.', state: { asked: 'to be confirmed', confirmed: 'confirmed', cancelled: 'cancelled' }, cancel: 'Cancel', confirm: 'Confirm', decided: 'Decided by',
    substitutes: 'Substitutes', name: 'Name a substitute', whoFor: 'Substitute', role: 'Role', everyRole: 'all roles', goName: 'Name', named: 'Named.', end: 'End', iAm: 'You stand in for {name}', standsIn: '{name} stands in for you', for: '{name} stands in for {absent}', noSub: 'Nobody stands in for you: while you are away your tasks go back to the office and any colleague may take them.', have: 'You have {n} tasks in hand.', goTo: 'Once it is confirmed they go to {name}.', away: 'You are on leave; your tasks were passed on.',
    for1: 'For', self: 'Myself',
  },
  ties: { title: 'Family and household', add: 'Record a relation', none: 'Nothing recorded. Nobody handles a case of their own family or household.', kind: 'The other is the person\'s', other: 'The other person', source: 'By what', sourceHint: 'household register, marriage certificate', save: 'Save', spouse: 'spouse', parent: 'parent', child: 'child', sibling: 'sibling', grandparent: 'grandparent', grandchild: 'grandchild', in_law: 'in-law', household: 'same household', spouse_of: 'spouse', parent_of: 'child', child_of: 'parent', sibling_of: 'sibling', grandparent_of: 'grandchild', grandchild_of: 'grandparent', in_law_of: 'in-law' },
  powers: { title: 'Who may apply for them', add: 'Record an applicant', none: 'Nobody is recorded.', kind: 'As', who: 'Who', document: 'Document', processes: 'Processes (none: all)', until: 'Until', all: 'all processes' },
  hand: {
    back: 'Give back', backLead: 'Any colleague may take it then.', over: 'Hand over', overTo: 'Hand over to', reason: 'Reason', go: 'Hand over', goBack: 'Give back', cancel: 'Keep it', cannot: 'may not', onLeave: 'on leave', none: 'Nobody else may do this task.', behalf: 'on behalf of {name}', who: 'With', mine: 'me', moves: 'How it changed hands', to: '{from} → {to}', pool: 'the office', loading: 'Looking for who may take it…',
    kind: { take: 'taken', give_back: 'given back', hand_over: 'handed over', leave: 'passed on: leave', return: 'returned: substitution over', left: 'returned: post ended', route: 'sent to where it can be signed', close: 'passed on: office closed' },
  },
}
