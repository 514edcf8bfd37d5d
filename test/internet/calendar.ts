/**
 * Hosts of OpenTimestamps calendars in the small internet, and a chain of blocks that the
 * tests mine: one calendar keeps its promises, one lies about them, one answers garbage,
 * one promises in another's name, and one is down.
 */
import { createHash } from 'node:crypto';
import { writeOtsTree } from '../../src/seal/ots-writer.ts';
import type { OtsNode, OtsOperation } from '../../src/seal/verify/formats/ots-proof.ts';
import { noise } from '../support/noise.ts';
import type { Answer, SiteRequest } from './answer.ts';
import type { World } from './world.ts';

export interface MinedBlock {
  height: number;
  /** 80 bytes. */
  header: Buffer;
  /** As `--bitcoin-headers` takes it. */
  line: string;
}

export interface CalendarHosts {
  honest: string;
  /** What it says of a message is true of another one. */
  lying: string;
  garbage: string;
  /** Promises in the name of a calendar that nobody named. */
  elsewhere: string;
  /** Answers 503 for as long as `isDown`. */
  down: string;
  isDown: boolean;
  /** Every digest that was submitted to any of them, hexadecimal. */
  submitted: string[];
  /** Puts everything that was promised so far into a block each. */
  mine(): MinedBlock[];
}

export function addCalendarHosts(world: World): CalendarHosts {
  const promised = new Map<string, { message: Buffer; calendar: string }>();
  let height = 900_000;
  const hosts: CalendarHosts = {
    honest: 'https://calendar.example.org',
    lying: 'https://lying-calendar.example.org',
    garbage: 'https://garbage-calendar.example.org',
    elsewhere: 'https://pool.example.org',
    down: 'https://down-calendar.example.org',
    isDown: true,
    submitted: [],
    mine: () =>
      [...promised].map(([hex, { message, calendar }]) => {
        promised.delete(hex);
        height += 1;
        const about = calendar === hosts.lying ? sha256(message) : message;
        const { block, tree } = mined(about, height);
        const body = writeOtsTree(tree);
        world.addPage(`${calendar}/timestamp/${hex}`, { handler: () => ({ status: 200, body }) });
        return block;
      }),
  };
  const submit = (calendar: string, named = calendar) => ({
    handler: ({ body }: SiteRequest): Answer => {
      hosts.submitted.push(body.toString('hex'));
      const salt = drawnFrom(body, 'salt', 8);
      const message = sha256(Buffer.concat([body, salt]));
      promised.set(message.toString('hex'), { message, calendar });
      const pending: OtsNode = {
        attestations: [{ kind: 'pending', calendar: named }],
        branches: [],
      };
      return { status: 200, body: writeOtsTree(along([added('append', salt), hash], pending)) };
    },
  });
  for (const calendar of [hosts.honest, hosts.lying])
    world.addPage(`${calendar}/digest`, submit(calendar));
  world.addPage(
    `${hosts.elsewhere}/digest`,
    submit(hosts.elsewhere, 'https://unnamed.example.org'),
  );
  world.addPage(`${hosts.garbage}/digest`, {
    handler: () => ({ status: 200, body: '<html>Sign in to continue</html>' }),
  });
  const down = submit(hosts.down);
  world.addPage(`${hosts.down}/digest`, {
    handler: (request) => (hosts.isDown ? { status: 503 } : down.handler(request)),
  });
  return hosts;
}

const hash: OtsOperation = { kind: 'sha256' };

function added(kind: 'append' | 'prepend', bytes: Buffer): OtsOperation {
  return { kind, bytes: new Uint8Array(bytes) };
}

/** A path of operations, with what stands at its end. */
function along(operations: OtsOperation[], end: OtsNode): OtsNode {
  return operations.reduceRight<OtsNode>(
    (next, operation) => ({ attestations: [], branches: [{ operation, next }] }),
    end,
  );
}

/** A block of two transactions, the second of which carries the message. */
function mined(message: Buffer, height: number): { block: MinedBlock; tree: OtsNode } {
  const before = drawnFrom(message, 'before', 40);
  const after = drawnFrom(message, 'after', 12);
  const other = drawnFrom(message, 'other', 32);
  const transaction = twice(Buffer.concat([before, message, after]));
  const header = workedOn(twice(Buffer.concat([other, transaction])));
  const tree = along(
    [
      ...[added('prepend', before), added('append', after), hash, hash],
      ...[added('prepend', other), hash, hash],
    ],
    { attestations: [{ kind: 'bitcoin', height }], branches: [] },
  );
  return { block: { height, header, line: `${height}:${header.toString('hex')}` }, tree };
}

/** The field `bits`, for hashes that begin with twelve zero bits: some thousand tries. */
const easyWork = 0x1f0fffff;

function workedOn(merkleRoot: Buffer): Buffer {
  const header = Buffer.alloc(80);
  header.writeUInt32LE(0x20000000, 0);
  drawnFrom(merkleRoot, 'block before', 32).copy(header, 4);
  merkleRoot.copy(header, 36);
  header.writeUInt32LE(Math.floor(Date.now() / 1_000), 68);
  header.writeUInt32LE(easyWork, 72);
  for (let nonce = 0; ; nonce += 1) {
    header.writeUInt32LE(nonce, 76);
    const found = twice(header);
    if (found[31] === 0 && (found[30] ?? 255) < 0x0f) return header;
  }
}

/** Bytes that nobody can guess, the same for the same message: no run of a test differs by them. */
function drawnFrom(message: Buffer, name: string, sizeBytes: number): Buffer {
  return noise(`${name} ${message.toString('hex')}`, sizeBytes);
}

function twice(bytes: Buffer): Buffer {
  return sha256(sha256(bytes));
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
