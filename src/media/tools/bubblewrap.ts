/**
 * bubblewrap: a file system of a tool's own, in which there is its input, the folder that it may
 * write to, its program, and nothing else; process numbers, network and the like are its own too.
 */
import { lstat, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SystemUser } from '../../base/system-users.ts';
import { type ShownFile, systemFolders } from './program-files.ts';
import { systemCallFilter } from './system-call-filter.ts';

/** What a tool finds in its file system. */
export interface Sight {
  /** Only to be read. */
  shown: ShownFile[];
  /** To be written to. */
  writes: string[];
  /** Where it starts. */
  folder: string | null;
}

/** The descriptor at which bubblewrap finds the filter, after the usual three. */
const filterAt = 3;

/** Beside programs and libraries: where libraries are found, and which of several that are alike. */
const systemFiles = ['/etc/ld.so.cache', '/etc/alternatives'];

/** Root's own, before it becomes another user: without these bubblewrap would leave it none. */
const toBecome = ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'];

/**
 * @param user whom root becomes inside; `null`: the same user, in a user namespace of its own
 * @returns the words before the tool
 */
export async function bubblewrap(sight: Sight, user: SystemUser | null): Promise<string[]> {
  const namespaces =
    user === null
      ? ['--unshare-all', '--unshare-user']
      : [
          '--unshare-ipc',
          '--unshare-pid',
          '--unshare-net',
          '--unshare-uts',
          '--unshare-cgroup-try',
        ];
  return [
    ...['bwrap', ...namespaces, '--die-with-parent'],
    ...(user === null ? [] : toBecome.flatMap((capability) => ['--cap-add', capability])),
    ...(await systemView()),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...foldersAbove([...sight.writes, ...sight.shown.map(({ at }) => at), ...systemFiles]),
    ...systemFiles.flatMap((path) => ['--ro-bind-try', path, path]),
    ...sight.writes.flatMap((path) => ['--bind', path, path]),
    ...(await Promise.all(outermost(sight.shown).map(inSight))).flat(),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', sight.folder ?? '/'],
    ...(systemCallFilter() === null ? [] : ['--seccomp', String(filterAt)]),
    '--',
    ...(user === null ? [] : become(user)),
  ];
}

/** The last step, inside: from here on it can do what any stranger on this machine could. */
function become({ uid, gid }: SystemUser): string[] {
  return [
    ...['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups'],
    ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'],
  ];
}

/** A link stays one, or what Node finds beside the file that it leads to would lie elsewhere. */
async function inSight({ from, at }: ShownFile): Promise<string[]> {
  const isLink = from === at && (await lstat(at)).isSymbolicLink();
  return isLink ? ['--symlink', await readlink(at), at] : ['--ro-bind', from, at];
}

/** What lies in a folder that is shown is there already; nothing can be put over a link in it. */
function outermost(shown: ShownFile[]): ShownFile[] {
  return shown.filter(({ at }) => !shown.some((other) => at.startsWith(`${other.at}/`)));
}

/** Bubblewrap makes them too, and lets only their owner in. */
function foldersAbove(paths: string[]): string[] {
  const above = new Set<string>(['/tmp']);
  for (const path of paths) {
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) above.add(folder);
  }
  return [...above].toSorted().flatMap((folder) => ['--dir', folder]);
}

/** Links stay links, as in systems where `/bin` leads to `/usr/bin`. Asked once a process. */
function systemView(): Promise<string[]> {
  view ??= lookAround();
  return view;
}

let view: Promise<string[]> | null = null;

async function lookAround(): Promise<string[]> {
  const words: string[] = [];
  for (const path of systemFolders) {
    const found = await lstat(path).catch(() => null);
    if (found?.isSymbolicLink()) words.push('--symlink', await readlink(path), path);
    else if (found !== null) words.push('--ro-bind', path, path);
  }
  return words;
}
