/**
 * A program that uses the way out and fails in every way we know, closes it, and has nothing more
 * to do: `node after-failures.ts RUNS PROXY-URL MUTE-PORT MAIL-PORT`. At MUTE-PORT (TCP and UDP)
 * nobody says a word. Before it exits it says what is still open.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Door, Egress } from '../../src/egress/egress.ts';
import { sendMail } from '../../src/watch/alerts/mail.ts';
import { brokenHost, waysToBreak } from './broken-proxy.ts';
import { testEgress } from './egress.ts';

const [runs = '', proxyUrl = '', mutePort = '', mailPort = ''] = process.argv.slice(2);
/** Longer than any failure takes that says so. */
const patienceMs = 1_000;
const atOnce = 10;

async function ask({ client }: Egress, url: string): Promise<void> {
  const signal = new AbortController().signal;
  const answer = await client.request({ url, signal, timeoutMs: patienceMs });
  answer.body.destroy();
}

/** As a browser does it. */
async function throughDoor(door: Door, host: string): Promise<void> {
  const { hostname, port } = new URL(door.url);
  const asked = request({ hostname, port, method: 'CONNECT', path: `${host}:443`, agent: false });
  asked.once('connect', (_answer, socket: Socket) => greet(socket, host));
  asked.setTimeout(patienceMs, () => asked.destroy());
  await once(asked.end(), 'close');
}

function greet(socket: Socket, servername: string): void {
  const secure = connectTls({ socket, servername }).on('error', () => {});
  secure.setTimeout(patienceMs, () => secure.destroy());
  // Browsers go on talking to what has hung up on them.
  socket.on('error', () => {}).once('end', () => socket.write('one more'));
}

async function mail(port: string): Promise<void> {
  const channel = { kind: 'email', name: 'desk', smtp: `smtp://127.0.0.1:${port}` } as const;
  const addresses = { from: 'a@example.org', to: ['b@example.org'] };
  const message = { alertId: port, telling: 1, title: 'x', text: 'x' };
  await sendMail(
    { ...channel, ...addresses } as unknown as Parameters<typeof sendMail>[0],
    message as unknown as Parameters<typeof sendMail>[1],
    AbortSignal.timeout(patienceMs),
  );
}

async function failEveryWay(egress: Egress, door: Door): Promise<void> {
  await Promise.allSettled(
    waysToBreak.flatMap((way) => [
      ask(egress, `https://${brokenHost(way)}/`),
      ask(egress, `http://${brokenHost(way)}/`),
      throughDoor(door, brokenHost(way)),
    ]),
  );
}

{
  await using broken = await testEgress({ upstreamProxy: proxyUrl });
  await using notTls = await testEgress({ upstreamProxy: proxyUrl.replace('http:', 'https:') });
  await using mute = await testEgress({ upstreamProxy: `https://127.0.0.1:${mutePort}` });
  await using unnamed = await testEgress({ dnsServers: [`127.0.0.1:${mutePort}`] });
  await using door = await broken.openDoor();
  for (let left = Number(runs); left > 0; left -= atOnce) {
    const together = Array.from({ length: Math.min(left, atOnce) });
    await Promise.all(together.map(() => failEveryWay(broken, door)));
  }
  const others = [notTls, mute, unnamed].map((egress) => ask(egress, 'https://example.org/'));
  await Promise.allSettled([...others, mail(mutePort), mail(mailPort)]);
}
process.once('exit', () => {
  const open = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap');
  writeSync(1, `still open: ${open.join(' ') || 'nothing'}\n`);
});
console.log('closed');
