// SPDX-License-Identifier: Apache-2.0
// Instances a second of the five-step process by bpmn-engine (npm), which keeps everything in memory; the model is read once. Arguments:
// the model, seconds.
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { Engine } from 'bpmn-engine';
import BpmnModdle from 'bpmn-moddle';

const source = readFileSync(process.argv[2], 'utf8').replaceAll('<bpmn:serviceTask', '<bpmn:serviceTask implementation="${environment.services.execute}"');
const seconds = Number(process.argv[3]);
const moddleContext = await new BpmnModdle().fromXML(source);

async function once() {
	const listener = new EventEmitter();
	listener.on('activity.wait', (api) => api.signal({ decision: 'approve' }));
	const engine = new Engine({ name: 'five', moddleContext, services: { execute: (scope, done) => done(null, {}) } });
	const ended = engine.waitFor('end');
	await engine.execute({ listener });
	await ended;
}

await once();
const start = process.hrtime.bigint();
let n = 0;
while (Number(process.hrtime.bigint() - start) < seconds * 1e9) {
	await once();
	n++;
}
console.log(n / (Number(process.hrtime.bigint() - start) / 1e9));
