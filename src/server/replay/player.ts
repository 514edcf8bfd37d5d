/**
 * The player of web archives, which the operator installs and nobody ships: replayweb.page, in the
 * one version that was tried in the cage. Its files are known by their digests, and what was read
 * and found right is what is served.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const playerVersion = '2.5.3';

const digests = {
  'ui.js': 'ad95b260fa467a6c4799e669ad76ac8e7d5abefa71d1a2970ae6b63dc454a3c3',
  'sw.js': '29a833e871e2f9b7f135f5b86bba0476b69ad975c129c2473ff5055f73f5a2d0',
};

/** Its files, byte for byte. */
export type Player = Record<keyof typeof digests, Uint8Array<ArrayBuffer>>;

/** `missing`: not installed. `other`: its files are not those that were tried. */
export async function findPlayer(folder: string): Promise<Player | 'missing' | 'other'> {
  const [ui, sw] = await Promise.all([
    readFile(join(folder, 'ui.js')).catch(() => null),
    readFile(join(folder, 'sw.js')).catch(() => null),
  ]);
  if (ui === null || sw === null) return 'missing';
  const player: Player = { 'ui.js': new Uint8Array(ui), 'sw.js': new Uint8Array(sw) };
  return sha256(ui) === digests['ui.js'] && sha256(sw) === digests['sw.js'] ? player : 'other';
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
