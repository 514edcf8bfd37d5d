/** The place in which one run of a tool happens: the words that lead to it, and what is tidied up afterwards. */
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeAll } from '../../base/close-all.ts';
import { packageFolder } from '../../base/own-package.ts';
import type { SystemUser } from '../../base/system-users.ts';
import { toolEnvironment } from '../../config/config.ts';
import { bubblewrap, type Sight } from './bubblewrap.ts';
import { type ConfinedTool, toolThreads } from './confined-run.ts';
import { meansOf, networkWithLoopback } from './confinement.ts';
import type { DoorSocket } from './door-socket.ts';
import { filesNamed, programFiles, type ShownFile } from './program-files.ts';
import { Copies, giveFolder, lend, takeBack } from './tool-user.ts';

export interface ToolPlace extends AsyncDisposable {
  /** Each program here replaces itself with the next, and the last with the tool. */
  words: string[];
  environment: Record<string, string>;
  /** The filter of system calls is awaited at descriptor 3. */
  takesFilter: boolean;
}

const addressLimitBytes = 4 * 1024 ** 3;
const fileLimitBytes = 8 * 1024 ** 3;
/** Of all tools that run as that user at a time, threads included. */
const taskLimit = 2_048;

/** What yields to everything else on this machine, see nice(1). */
const niceness = 10;

/** Compiled where this file is. */
const relay = fileURLToPath(new URL(`door-relay${extname(import.meta.filename)}`, import.meta.url));

/** All but bubblewrap comes with util-linux; elsewhere (macOS) only the time limit and whitelists hold. */
export async function openPlace(run: ConfinedTool): Promise<ToolPlace> {
  const means = await meansOf();
  const yielding = run.yielding ? ['nice', '-n', String(niceness)] : [];
  if (means.by === 'bubblewrap') return sandboxed(yielding, run, means.user);
  const words = [...yielding, ...(means.by === 'nothing' ? [] : await held(run, means.before))];
  const close = () => tidy(run);
  return {
    words: [...words, programOf(run)],
    environment: environmentFor(run),
    takesFilter: false,
    [Symbol.asyncDispose]: close,
  };
}

function environmentFor({ environment, folder }: ConfinedTool): Record<string, string> {
  return toolEnvironment({ ...(folder !== undefined && { TMPDIR: folder }), ...environment });
}

/** Elsewhere than here, a path that starts here would lead nowhere. */
function programOf({ executable }: ConfinedTool): string {
  return executable.includes('/') ? resolve(executable) : executable;
}

/** With no file system of its own. `setpriv` last: whoever enters a user namespace no longer dies with its parent. */
async function held(run: ConfinedTool, withoutNetwork: string[]): Promise<string[]> {
  const { doorSocket } = run;
  const network = doorSocket === undefined ? withoutNetwork : await networkWithLoopback();
  const toDoor =
    doorSocket !== undefined && network.length > 0 ? relayWords('down', doorSocket) : [];
  return [
    ...network,
    ...withParent,
    ...toDoor,
    ...powerless(toDoor.length > 0),
    ...limits(run, null),
  ];
}

async function sandboxed(
  before: string[],
  run: ConfinedTool,
  user: SystemUser | null,
): Promise<ToolPlace> {
  const { doorSocket, folder } = run;
  const written = writtenBy(run);
  const copies = new Copies();
  try {
    if (user !== null && written !== null) await giveFolder(written, user);
    const sight: Sight = {
      shown: await shownTo(run, user, copies),
      writes: [written ?? [], doorSocket?.socketPath ?? []].flat(),
      folder: folder ?? null,
    };
    const toDoor = doorSocket === undefined ? [] : relayWords('up', doorSocket);
    const within = [...toDoor, ...limits(run, user), programOf(run)];
    return {
      words: [...before, ...(await bubblewrap(sight, user)), ...within],
      environment: environmentFor(run),
      takesFilter: true,
      [Symbol.asyncDispose]: () => tidy(run, copies),
    };
  } catch (error) {
    await tidy(run, copies);
    throw error;
  }
}

function writtenBy({ folder, writes }: ConfinedTool): string | null {
  return writes ?? folder ?? null;
}

async function tidy(run: ConfinedTool, copies?: Copies): Promise<void> {
  const written = writtenBy(run);
  await closeAll([
    async () => (written === null ? undefined : takeBack(written)),
    async () => copies?.[Symbol.asyncDispose](),
  ]);
}

async function shownTo(
  { executable, inputs = [], operators = [], parts = [], doorSocket }: ConfinedTool,
  user: SystemUser | null,
  copies: Copies,
): Promise<ShownFile[]> {
  const shown = [...(await programFiles(executable)), ...(await filesNamed(operators))];
  shown.push(...parts.map((path) => ({ from: path, at: path })));
  if (doorSocket !== undefined)
    shown.push(...(await programFiles(process.execPath)), ...ownFiles());
  for (const at of inputs) {
    const from = user === null ? at : await lend(at, user, copies);
    shown.push({ from, at });
  }
  return shown;
}

/** The relay, and the file that tells Node what it is written in. */
function ownFiles(): ShownFile[] {
  return [relay, join(packageFolder, 'package.json')].map((path) => ({ from: path, at: path }));
}

/** bubblewrap has switched the loopback on. */
function relayWords(loopback: 'up' | 'down', { port, socketPath }: DoorSocket): string[] {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
  return [...node, relay, loopback, String(port), socketPath];
}

/** The first limit on time comes with a signal that says why (SIGXCPU), the second with one that can't be caught. */
function limits(
  { timeLimitMs, processorLimitMs = timeLimitMs * toolThreads, memoryBytes }: ConfinedTool,
  user: SystemUser | null,
): string[] {
  const cpuSeconds = Math.ceil(processorLimitMs / 1000);
  return [
    'prlimit',
    memoryBytes === undefined ? `--as=${addressLimitBytes}` : `--data=${memoryBytes}`,
    `--fsize=${fileLimitBytes}`,
    ...(Number.isFinite(cpuSeconds) ? [`--cpu=${cpuSeconds}:${cpuSeconds + 1}`] : []),
    // Counted by user: of this process's own, everything else of his would count, too.
    ...(user === null ? [] : [`--nproc=${taskLimit}`]),
    ...['--core=0', '--'],
  ];
}

const withParent = ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'];

/** Root, which one is inside a network to be switched on, may do nothing of what root may; others have nothing to lose. */
function powerless(behindRelay: boolean): string[] {
  if (process.getuid?.() !== 0 && !behindRelay) return [];
  const none = ['--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all'];
  return ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', ...none, '--'];
}
