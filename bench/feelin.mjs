// SPDX-License-Identifier: Apache-2.0
// Evaluations a second of FEEL expressions by feelin (npm), which parses in every call. Arguments: a JSON file {context, expressions}, seconds
// for each. A line an expression: evaluations a second, tab, result as JSON.
import { readFileSync } from 'node:fs';
import { evaluate } from 'feelin';

const { context, expressions } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const seconds = Number(process.argv[3]);

for (const expression of expressions) {
	const once = evaluate(expression, context);
	let best = 0;
	for (let round = 0; round < 3; round++) {
		const start = process.cpuUsage();
		let n = 0, spent = 0;
		while (spent < seconds / 3) {
			for (let i = 0; i < 50; i++) evaluate(expression, context);
			n += 50;
			const now = process.cpuUsage(start);
			spent = (now.user + now.system) / 1e6;
		}
		best = Math.max(best, n / spent);
	}
	console.log(`${best}\t${JSON.stringify(once !== null && typeof once === 'object' && 'value' in once ? once.value : once)}`);
}
