/**
 * In a network namespace where every address leads here, private ones included, and names
 * change what they lead to: a page that tries everything reaches nothing private, and no
 * packet leaves the browser but through its door. Size: spellings of private addresses.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { NamespaceReport, NamespaceRun } from '../internet/inside-namespace.ts';
import { privateSpelling } from '../support/private-addresses.ts';
import { fc } from '../support/property.ts';
import type { Proof } from './proof.ts';

const program = fileURLToPath(new URL('../internet/inside-namespace.ts', import.meta.url));

const names = [
  'inside.example.net',
  'inside6.example.net',
  'mixed.example.net',
  'rebinding.example.net',
  'localhost',
];
const links = ['http://rebinding.example.net/', 'http://inside.example.net/', 'http://10.1.2.3/'];

export const proof: Proof = {
  fullSize: 500,
  async prove({ size, seed, say }) {
    const hosts = [...names, ...fc.sample(privateSpelling, { numRuns: size, seed })];
    const pageTimeoutMs = 8_000 + 40 * size;
    const [guarded, open] = await Promise.all([
      inNamespace({ hosts, links, guarded: true, pageTimeoutMs }),
      // The same traps with the policy off: that nothing is caught must not be the traps' fault.
      inNamespace({ hosts: hosts.slice(0, 20), links: [], guarded: false, pageTimeoutMs: 8_000 }),
    ]);
    assert.ok(open.strays.length > 10, `traps catch without a guard: ${open.strays.length}`);
    assert.deepEqual(guarded.strays, [], 'nothing private was reached');
    assert.deepEqual(guarded.packets, { browser_tcp: 0, browser_other: 0, own_datagrams: 0 });
    const states = Object.fromEntries(guarded.records.map(({ link, state }) => [link, state]));
    assert.ok(guarded.records.every(({ state }) => state !== null));
    for (const link of links.slice(1)) assert.equal(states[link], 'failed', link);
    const again = guarded.served.filter((url) => url.startsWith('http://rebinding.example.net/'));
    assert.ok(again.length > 0, 'the rebinding name was reached while it led to a public address');
    say(`${size} spellings, ${names.length} names: 0 connections, 0 packets past the door;`);
    say(`with the policy off the same page reached ${open.strays.length} private addresses`);
  },
};

async function inNamespace(run: NamespaceRun): Promise<NamespaceReport> {
  const child = spawn('unshare', ['--net', '--', process.execPath, program, JSON.stringify(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = await text(child.stdout);
  const report = printed.trim().split('\n').at(-1) ?? '';
  assert.ok(report.startsWith('{'), `the program in the namespace printed: ${printed}`);
  return JSON.parse(report) as NamespaceReport;
}
