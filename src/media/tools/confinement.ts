/**
 * What holds tools on this machine. Tried once a process, because a container or a hardened system
 * may refuse any of it; what is made says what really held.
 */
import { spawn } from 'node:child_process';
import type { SystemUser } from '../../base/system-users.ts';
import { toolEnvironment } from '../../config/config.ts';
import { bubblewrap, type Sight } from './bubblewrap.ts';
import { systemCallFilter } from './system-call-filter.ts';
import { toolUser } from './tool-user.ts';

/** In falling order of what they hold. */
export type Means =
  | { by: 'bubblewrap'; user: SystemUser | null }
  /** `before` gives a network of its own; empty where even that is refused. */
  | { by: 'unshare'; before: string[] }
  | { by: 'nothing' };

/** As which user and with what else a tool can be held here. */
export function meansOf(): Promise<Means> {
  means ??= process.platform === 'linux' ? best() : Promise.resolve({ by: 'nothing' });
  return means;
}

let means: Promise<Means> | null = null;

const nothingToSee: Sight = { shown: [], writes: [], folder: null };

async function best(): Promise<Means> {
  for (const user of new Set([await toolUser(), null])) {
    if (await runs([...(await bubblewrap(nothingToSee, user)), 'true'])) {
      return { by: 'bubblewrap', user };
    }
  }
  return { by: 'unshare', before: await firstThatRuns(ownNetwork('--map-current-user')) };
}

/** Root may make a network of its own, others where user namespaces are allowed. */
function ownNetwork(map: string): string[][] {
  return [
    ['unshare', '--net', '--'],
    ['unshare', '--user', map, '--net', '--'],
  ];
}

/** A network whose loopback can be switched on, which takes `ip` and its privileges inside. */
export function networkWithLoopback(): Promise<string[]> {
  triedForDoor ??= firstThatRuns(ownNetwork('--map-root-user'), ['ip', 'link', 'set', 'lo', 'up']);
  return triedForDoor;
}

let triedForDoor: Promise<string[]> | null = null;

async function firstThatRuns(candidates: string[][], what = ['true']): Promise<string[]> {
  for (const words of candidates) if (await runs([...words, ...what])) return words;
  return [];
}

function runs([command = '', ...options]: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, options, {
      env: toolEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    handFilter(child.stdio[3]);
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

/** To a bubblewrap that was just started, at the descriptor where it waits for it. */
export function handFilter(to: unknown): void {
  const pipe = to as NodeJS.WritableStream | null | undefined;
  // It may have ended before it read anything.
  pipe?.on('error', () => {});
  pipe?.end(systemCallFilter() ?? Buffer.alloc(0));
}

const always = 'no new privileges, limits on memory, files and time';

/** For the record of what was made: what held the tool. */
export async function confinement(): Promise<string> {
  const held = await meansOf();
  if (held.by === 'bubblewrap') return sandboxed(held.user, 'no network');
  if (held.by === 'nothing') return 'not confined: time limit only';
  const network = held.before.length > 0 ? 'no network' : 'the network could not be taken away';
  return `not confined to its input, because bubblewrap is missing or refused here: ${network}, ${always}`;
}

/** Whether a tool that is given a way out can go nowhere else. */
export async function holdsToDoor(): Promise<boolean> {
  const held = await meansOf();
  if (held.by === 'bubblewrap') return true;
  return held.by === 'unshare' && (await networkWithLoopback()).length > 0;
}

/** The same in words, for the record. */
export async function doorConfinement(): Promise<string> {
  const held = await meansOf();
  const door = 'a network of its own that leads to the door only';
  if (held.by === 'bubblewrap') return sandboxed(held.user, door);
  if (held.by === 'nothing') return 'not confined: told to use the door, time limit only';
  const network = (await holdsToDoor())
    ? door
    : 'told to use the door and nothing else, which could not be enforced';
  return `not confined to its input, because bubblewrap is missing or refused here: ${network}, ${always}`;
}

function sandboxed(user: SystemUser | null, network: string): string {
  const who = user === null ? 'in namespaces of its own' : `as the system user ${user.name}`;
  const calls = systemCallFilter() === null ? 'system calls not filtered' : 'system calls filtered';
  return `bubblewrap: sees its input and its own folder only, ${who}, ${network}, no capabilities, ${calls}, ${always}`;
}
