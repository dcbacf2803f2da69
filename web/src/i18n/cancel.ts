// SPDX-License-Identifier: Apache-2.0
// The words of a cancelled registration (P05).
export const zh = {
  title: '注销登记', lead: '先核验注销条件，再提出申请；申请经复审、审批后由系统注销。', cause: '注销原因', day: '事由发生日期', lost: '已丧失中国国籍并书面申请终止', look: '核验注销条件', go: '申请注销', clear: '没有障碍，可以申请注销。', waits: '缴清后自动继续：', stops: '须先解决：', since: '已于 {day} 注销（{cause}）', back: '再参保时沿用原编号', past: '历次注销', toCase: '查看案件',
  causes: { dissolved: '单位解散', bankrupt: '单位破产', merged: '单位合并', moved: '迁出本统筹区', death: '死亡', emigration: '出国（境）定居', duplicate: '重复登记' },
  states: { cancelled: '已注销', undone: '已撤回', returned: '已重新参保' },
}
export const en: typeof zh = {
  title: 'Cancel the registration', lead: 'First see what stands against it, then apply; reviewed and approved, the system cancels.', cause: 'Cause', day: 'Day of the event', lost: 'Chinese nationality lost, the end asked for in writing', look: 'See what stands against it', go: 'Apply for the cancellation', clear: 'Nothing stands against it: it may be applied for.', waits: 'Goes on by itself once paid:', stops: 'To be settled first:', since: 'Cancelled as of {day} ({cause})', back: 'Who registers again keeps the number', past: 'Cancellations', toCase: 'Open the case',
  causes: { dissolved: 'Dissolved', bankrupt: 'Bankrupt', merged: 'Merged', moved: 'Moved to another pool', death: 'Death', emigration: 'Settled abroad', duplicate: 'Registered twice' },
  states: { cancelled: 'cancelled', undone: 'taken back', returned: 'registered again' },
}
