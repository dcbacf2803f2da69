// SPDX-License-Identifier: Apache-2.0
// Words of letters: the card of a case, the register of seals, the public page for verifying.
export const zh = {
  card: {
    title: '文书与送达', none: '本案尚未制发文书', receipt: '出具受理回执', notice: '出具一次性告知书', open: '打开PDF', english: '英文', chinese: '中文', sealed: '用印', notServed: '未送达', served: '{day} 视为送达', willServe: '{day} 起视为送达', unproven: '缺送达凭据，未计送达', record: '登记送达', way: '送达方式', reference: '凭据（邮件号码、公告载体、接收号码）', consent: '受送达人同意电子送达', day: '日期', save: '登记', withdraw: '撤回文书', reason: '撤回原因', state: { issued: '有效', withdrawn: '已撤回', replaced: '已被代替' }, by: '{way}，{day}，{by}',
  },
  seals: {
    title: '印章登记簿', lead: '各机构持有的印章、保管人和每次用印；停用或挂失之日起不得再用。', office: '机构', kind: '种类', name: '印文', holder: '保管人', from: '启用', to: '停用', uses: '用印次数', state: '状态', valid: '在用', ended: '已停用', kindOf: { official: '公章', business: '业务专用章' }, reasonOf: { ended: '停用', lost: '挂失', damaged: '损坏', replaced: '更换' }, nobody: '未指定', end: '停用', why: '原因', log: '用印记录', logOf: '“{name}”的用印记录', at: '时间', order: '批准人', number: '文书编号', add: '登记印章', nameZh: '印文（中文）', nameEn: '英文名称', none: '没有登记印章', noneText: '由系统管理员登记印章后，方可制发需用印的文书。', noUse: '尚未用印', case: '案件',
  },
  verify: {
    title: '文书核验', lead: '核对社会保险文书的真伪：输入文书上的核验码，或粘贴二维码内容，或上传PDF文件。', code: '核验码或二维码内容', file: '上传PDF文件', ask: '核验', again: '核验其他文书', number: '文书编号', day: '制发日期', body: '制发机构', kind: '文书种类', keys: '离线核验公钥', keysText: '没有网络时，用此公钥文件和核验程序也能核验。', since: '自 {at}',
    state: { valid: '有效', withdrawn: '已撤回', replaced: '已被新文书代替', changed: '内容已被改动', forged: '签名不符，不是本机构签发', unknown: '查无此文书' },
    text: { valid: '本文书由下列机构签发，现行有效。请核对文书编号、日期与您手中的文书一致。', withdrawn: '本文书由下列机构签发，但已撤回，不再有效。', replaced: '本文书由下列机构签发，但已被新文书代替，不再有效。', changed: '文件在签发后被改动，不得作为凭据。', forged: '核验码的签名不是本机构的密钥所签，或者被改动。', unknown: '没有制发过这份文书；请核对输入是否正确。' },
    only: '本页只显示文书上已载明的编号、日期和机构，不显示个人信息。上传纸质文书的扫描件不能核验，请使用二维码。',
  },
}
export const en: typeof zh = {
  card: {
    title: 'Letters and service', none: 'No letter has been issued yet', receipt: 'Write the receipt', notice: 'Write the notice of missing papers', open: 'Open the PDF', english: 'English', chinese: 'Chinese (served)', sealed: 'Seal', notServed: 'not served', served: 'counts as served on {day}', willServe: 'counts as served from {day}', unproven: 'proof is missing: does not count', record: 'Record a service', way: 'How', reference: 'Proof (tracking number, paper of the notice, number that received it)', consent: 'The addressee agreed to electronic service', day: 'Day', save: 'Record', withdraw: 'Withdraw', reason: 'Why it is withdrawn', state: { issued: 'in force', withdrawn: 'withdrawn', replaced: 'replaced' }, by: '{way}, {day}, {by}',
  },
  seals: {
    title: 'Register of seals', lead: 'The seals of the offices, who keeps them, and each use. From the day on which one is ended or lost it is used no more.', office: 'Office', kind: 'Kind', name: 'Name on it', holder: 'Kept by', from: 'From', to: 'To', uses: 'Uses', state: 'State', valid: 'in use', ended: 'ended', kindOf: { official: 'Official seal', business: 'Seal for business' }, reasonOf: { ended: 'ended', lost: 'lost', damaged: 'damaged', replaced: 'replaced' }, nobody: 'nobody named', end: 'End', why: 'Why', log: 'Uses', logOf: 'Uses of “{name}”', at: 'When', order: 'On whose order', number: 'Letter', add: 'Register a seal', nameZh: 'Name on it (Chinese)', nameEn: 'English name', none: 'No seals are registered', noneText: 'An administrator registers seals here; letters that need one go out after that.', noUse: 'Not used yet', case: 'Case',
  },
  verify: {
    title: 'Verify a letter', lead: 'Is a letter of the social insurance genuine? Enter the code printed on it, paste the text of its QR code, or upload the PDF.', code: 'Code, or text of the QR code', file: 'Upload the PDF', ask: 'Verify', again: 'Verify another letter', number: 'Letter', day: 'Day', body: 'Issued by', kind: 'Kind', keys: 'Public keys for verifying offline', keysText: 'With this file of keys a verifier needs no network.', since: 'since {at}',
    state: { valid: 'Valid', withdrawn: 'Withdrawn', replaced: 'Replaced by a later letter', changed: 'Changed', forged: 'Not signed by us', unknown: 'No such letter' },
    text: { valid: 'The letter was issued by the office named below and is in force. Compare number and day with the letter in your hand.', withdrawn: 'The letter was issued by the office named below, and was withdrawn.', replaced: 'The letter was issued by the office named below, and a later one took its place.', changed: 'The file was changed after it was signed; it proves nothing.', forged: 'The signature of the code is not by a key of ours, or was changed.', unknown: 'No such letter was issued; look whether the code is complete.' },
    only: 'This page shows the number, day and office that stand on the letter, and nothing of persons. A scan of a paper letter cannot be verified; use its QR code.',
  },
}
