// SPDX-License-Identifier: Apache-2.0
// The words of dmn-js that a table shows, in Chinese; English is dmn-js's own.
export const chinese: Record<string, string> = {
  'Hit policy:': '命中策略：', 'Hit policy': '命中策略', 'Aggregation:': '汇总：', 'Unique': '唯一', 'First': '首个', 'Priority': '优先', 'Any': '任一', 'Collect': '收集', 'Rule order': '规则次序', 'Output order': '输出次序',
  'Collect (Sum)': '收集（求和）', 'Collect (Min)': '收集（最小）', 'Collect (Max)': '收集（最大）', 'Collect (Count)': '收集（计数）',
  'No overlap is possible and all rules are disjoint. Only a single rule can be matched': '规则互不重叠，只会命中一条',
  'Rules may overlap. The first matching rule will be chosen': '规则可以重叠，取第一条命中的规则',
  'Rules can overlap. The output entries of all matched rules are collected': '规则可以重叠，收集所有命中的输出',
  'When': '当', 'And': '且', 'Then': '则', 'Annotations': '依据与说明', 'Input': '输入', 'Output': '输出', 'Expression': '表达式', 'Expression:': '表达式：', 'Input Label': '输入名称', 'Output Label': '输出名称', 'Label': '名称', 'Name': '名称', 'Type': '类型', 'Type:': '类型：',
  'Input label': '输入名称', 'Output label': '输出名称', 'Output name': '输出变量', 'Input expression': '输入表达式', 'Input variable': '输入变量', 'Enter expression': '填写表达式', 'Enter simple expression': '填写简单表达式', 'Predefined values:': '可选值：', 'Predefined values': '可选值', 'Add predefined values': '添加可选值', 'Input values': '输入值', 'Output values': '输出值', 'Values': '值', 'Allowed values': '允许值',
  'Add rule': '增加规则', 'Add input': '增加输入列', 'Add output': '增加输出列', 'Add': '增加', 'Add above': '上方增加', 'Add below': '下方增加', 'Remove': '删除', 'Copy': '复制', 'Cut': '剪切', 'Paste above': '粘贴到上方', 'Paste below': '粘贴到下方', 'Paste left': '粘贴到左侧', 'Paste right': '粘贴到右侧', 'Add left': '左侧增加', 'Add right': '右侧增加', 'Rules': '规则', 'Rule': '规则', 'Edit description': '编辑说明', 'Description': '说明', 'Add description': '添加说明', 'Delete rule': '删除规则',
  'Expression language': '表达式语言', 'Change cell expression language': '更改单元格表达式语言', 'View DRD': '查看决策图', 'Edit': '编辑', 'Change': '更改', 'none': '无', 'string': '文本', 'number': '数字', 'boolean': '是否', 'date': '日期',
}
