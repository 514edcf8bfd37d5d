/**
 * Hosts of timestamp authorities in the small internet: `openssl ts` answers for the honest
 * one and for the one whose clock is wrong; the others answer garbage, or not at all.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTimeStamps } from '../support/timestamps.ts';
import type { Answer, SiteRequest } from './answer.ts';
import type { World } from './world.ts';

const run = promisify(execFile);

export interface TimestampHosts {
  /** PEM file of the root that tokens lead to. */
  rootsFile: string;
  honest: string;
  /** An hour ahead of everybody. */
  lying: string;
  garbage: string;
  /** Answers 503 for as long as `down.isDown`. */
  down: string;
  isDown: boolean;
}

/** @param folder a temporary one, for keys and questions */
export async function addTimestampHosts(world: World, folder: string): Promise<TimestampHosts> {
  const { rootFile } = await openTimeStamps(folder);
  const hosts: TimestampHosts = {
    rootsFile: rootFile,
    honest: 'http://tsa.example.org/stamp',
    lying: 'http://wrong-clock.example.org/stamp',
    garbage: 'http://garbage.example.org/stamp',
    down: 'http://down.example.org/stamp',
    isDown: true,
  };
  const reply = replier(folder);
  const stamp = (request: SiteRequest, at?: Date) => reply(request.body, at);
  world.addPage(hosts.honest, { handler: (request) => stamp(request) });
  world.addPage(hosts.lying, {
    handler: (request) => stamp(request, new Date(Date.now() + 3_600_000)),
  });
  world.addPage(hosts.garbage, { handler: () => answered('<html>Sign in to continue</html>') });
  world.addPage(hosts.down, {
    handler: (request) => (hosts.isDown ? { status: 503 } : stamp(request)),
  });
  return hosts;
}

/** One at a time: openssl does not lock the file with its serial numbers. */
function replier(folder: string): (query: Buffer, at?: Date) => Promise<Answer> {
  let turn: Promise<unknown> = Promise.resolve();
  let made = 0;
  async function reply(query: Buffer, at?: Date): Promise<Answer> {
    made += 1;
    const base = join(folder, `asked-${made}`);
    await writeFile(`${base}.tsq`, query);
    const args = `ts -reply -config ${folder}/tsa.cnf -section tsa -queryfile ${base}.tsq -out ${base}.tsr`;
    if (at === undefined) await run('openssl', args.split(' '));
    else {
      const time = at.toISOString().replace('T', ' ').slice(0, 19);
      const env = { ...process.env, TZ: 'UTC' };
      await run('faketime', [time, 'openssl', ...args.split(' ')], { env });
    }
    return answered(await readFile(`${base}.tsr`));
  }
  return (query, at) => {
    const answer = turn.then(() => reply(query, at));
    turn = answer.catch(() => undefined);
    return answer;
  };
}

function answered(body: Buffer | string): Answer {
  return { status: 200, headers: { 'content-type': 'application/timestamp-reply' }, body };
}
