/** What the decoder of pictures is made of: all that is shown to it of this machine's own files. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256OfFile } from '../../base/file-digest.ts';
import { packageFolder } from '../../base/own-package.ts';
import { toolEnvironment } from '../../config/config.ts';

/** Compiled where this file is. */
const main = `inside/main${extname(import.meta.filename)}`;

export const decoderProgram = fileURLToPath(new URL(main, import.meta.url));

/** Letters on contact sheets; without its cache every font would be read anew. */
const fonts = ['/etc/fonts', '/var/cache/fontconfig'];

/** Its own few files, sharp with what it needs, and fonts. Looked up once a process. */
export function decoderFiles(): string[] {
  found ??= [
    ...[dirname(decoderProgram), join(packageFolder, 'package.json')],
    ...withDependencies('sharp', import.meta.dirname),
    ...fontFiles(),
  ];
  return found;
}

function fontFiles(): string[] {
  const { FONTCONFIG_PATH = '', FONTCONFIG_FILE = '' } = toolEnvironment();
  return [...fonts, FONTCONFIG_PATH, FONTCONFIG_FILE].filter((path) => existsSync(path));
}

let found: string[] | null = null;

/** Folders of a package and of all that it says it needs and that is there, under each name that leads to them. */
function withDependencies(name: string, from: string, seen = new Set<string>()): string[] {
  const folder = packageNear(name, from);
  if (folder === null || seen.has(folder)) return [...seen];
  const real = realpathSync(folder);
  seen.add(folder).add(real);
  const said = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8'));
  for (const needed of Object.keys({ ...said.dependencies, ...said.optionalDependencies }))
    withDependencies(needed, real, seen);
  return [...seen];
}

/** As Node looks for it. */
function packageNear(name: string, from: string): string | null {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  return from === dirname(from) ? null : packageNear(name, dirname(from));
}

/** Compiled code, on any system. */
const native = /\.(?:node|dylib|dll|so(?:\.\d+)*)$/;

/** SHA-256 of the compiled code of sharp and of libvips that the decoder is shown, by file name. */
export async function decoderDigests(): Promise<Record<'sharp' | 'libvips', Digests>> {
  const digests: Record<'sharp' | 'libvips', Digests> = { sharp: {}, libvips: {} };
  for (const folder of new Set(withDependencies('sharp', import.meta.dirname).map(real))) {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const name = basename(path);
      if (!native.test(name)) continue;
      const of = name.startsWith('libvips') ? 'libvips' : 'sharp';
      digests[of][name] = await sha256OfFile(join(folder, path));
    }
  }
  return digests;
}

type Digests = Record<string, string>;

function real(path: string): string {
  return realpathSync(path);
}
