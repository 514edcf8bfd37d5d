/**
 * Runs inside a network namespace of its own, in front of a tool that must reach the door and
 * nothing else: `node door-relay.ts LOOPBACK PORT SOCKET COMMAND…`. What the tool sends to PORT on its own
 * loopback comes out at the socket file, which leads to the door; there is no other network. LOOPBACK is
 * `down` where it must be switched on first.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [loopback = '', port = '', socketPath = '', command = '', ...options] = process.argv.slice(2);

if (loopback === 'down') execFileSync('ip', ['link', 'set', 'lo', 'up']);
const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ path: socketPath, allowHalfOpen: true });
  inside.pipe(outside).pipe(inside);
  for (const [one, other] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    one.on('error', () => other.destroy()).once('close', () => other.destroy());
  }
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');

const tool = spawn(command, options, { stdio: 'inherit' });
tool.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
tool.once('close', (code) => process.exit(code ?? 1));
