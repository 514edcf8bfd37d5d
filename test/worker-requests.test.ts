/** What workers ask for, also while they wait for it and hear nothing else. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPageServer, type Route } from './support/page-server.ts';
import { openRecordingRig, type RecordingRig } from './support/recording-rig.ts';

let rig: RecordingRig;
beforeAll(async () => {
  rig = await openRecordingRig();
});
afterAll(() => rig?.[Symbol.asyncDispose]());

/** Asks and waits: nothing reaches the worker before the answer has. */
const asking = (name: string) =>
  `const asked = new XMLHttpRequest(); asked.open('GET', from + '/${name}.txt', false); asked.send(); tell(asked.responseText);`;

/** Scripts that are at no address of the server, so they are told where it is. */
const telling = `'const from = ' + JSON.stringify(location.origin) + ', tell = (said) => postMessage(said);'`;
const blob = (script: string) =>
  `URL.createObjectURL(new Blob([${script}], { type: 'text/javascript' }))`;
const ask = (name: string) => JSON.stringify(asking(name));
const shared = `'const from = ' + JSON.stringify(location.origin) + '; onconnect = ({ ports: [port] }) => { const tell = (said) => port.postMessage(said);' + ${ask('shared')} + '}'`;

const workers: Record<string, string> = {
  dedicated: `new Worker('/dedicated.js')`,
  blob: `new Worker(${blob(`${telling} + ${ask('blob')}`)})`,
  data: `new Worker('data:text/javascript,' + encodeURIComponent(${telling} + ${ask('data')}))`,
  module: `new Worker(${blob(`${telling} + ${ask('module')}`)}, { type: 'module' })`,
  nested: `new Worker(${blob(`'new Worker(' + JSON.stringify(${blob(`${telling} + ${ask('nested')}`)}) + ').onmessage = ({ data }) => postMessage(data)'`)})`,
  shared: `new SharedWorker(${blob(shared)}).port`,
};

const open: Route = (asked, answer, served) => {
  // Of no announced length: only its session tells that it has ended.
  answer.writeHead(200, { 'content-type': 'text/plain', 'access-control-allow-origin': '*' });
  const body = Buffer.from(`for ${asked.url}`);
  served(body);
  answer.write(body);
  answer.end();
};

test('what a worker waits for is recorded, whatever kind of worker it is', async () => {
  const names = Object.keys(workers);
  const starting = names.map((name) => `${workers[name]}.onmessage = show;`).join('\n');
  await using server = await openPageServer({
    '/favicon.ico': { status: 204 },
    '/': {
      body: `<h1>workers</h1><script>const show = ({ data }) => document.body.append(data + ' ');\n${starting}</script>`,
    },
    '/dedicated.js': {
      headers: { 'content-type': 'text/javascript' },
      body: `const from = '', tell = (said) => postMessage(said); ${asking('dedicated')}`,
    },
    ...Object.fromEntries(names.map((name) => [`/${name}.txt`, open])),
  });
  const made = await rig.visit(server.url('/'), { timeoutMs: 15_000 });
  expect(made.facts.notKept).toEqual([]);
  for (const name of names) {
    const found = made.exchanges.filter(({ url }) => url === server.url(`/${name}.txt`));
    expect(found.map((one) => [name, one.class])).toEqual([[name, 'recorded']]);
    const body = await readFile(found[0]?.response?.body?.path ?? '', 'utf8');
    expect(body).toBe(`for /${name}.txt`);
    expect(made.text).toContain(body);
  }
}, 60_000);
