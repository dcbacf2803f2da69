// SPDX-License-Identifier: Apache-2.0
// Words of the manual.
export const zh = {
  title: '业务手册', lead: '每个事项一章，由系统实际运行的流程模型和规则生成；在任何步骤按 F1 打开本步骤所在章节。', key: '打开本步骤的业务手册',
  search: '检索手册', searchFor: '在业务手册中检索', placeholder: '事项、步骤、法条（如 社会保险法 16）或任意词句', none: '没有找到', noneText: '请减少词语，或改用法律名称加条号。',
  contents: '目录', sections: '本章内容', version: '{title} {edition} 版', old: '本案适用其开始办理时的版本（{edition}），现行版本为 {now}。', current: '现行版本',
  open: '在整页中打开', close: '关闭手册', number: '编号', byTitle: '事项名称', article: '法条', text: '正文', found: '找到 {n} 处', noPlace: '本页没有对应的事项，已打开手册目录。',
  noDrawing: '模型未附流程图。',
}
export const en: typeof zh = {
  title: 'Manual', lead: 'A chapter for each process, made from the models and rules that the system runs. F1 on any step opens its chapter.', key: 'Open the manual at this step',
  search: 'Search the manual', searchFor: 'Search the manual for it', placeholder: 'Process, step, number of an article, or any words', none: 'Nothing found', noneText: 'Try fewer words, or the name of a law with the number of the article.',
  contents: 'Contents', sections: 'In this chapter', version: '{title}, version {edition}', old: 'This case runs on the version with which it began ({edition}); the version in force is {now}.', current: 'in force',
  open: 'Open as a page', close: 'Close the manual', number: 'number', byTitle: 'title', article: 'article', text: 'text', found: '{n} places found', noPlace: 'This page belongs to no process; here are the contents.',
  noDrawing: 'The model carries no diagram.',
}
