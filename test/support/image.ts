/** What the Dockerfile makes of an empty folder, without a container engine: its COPY lines and its install line. */
import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join, matchesGlob, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('../..', import.meta.url));

export interface Instruction {
  name: string;
  words: string;
}

/** The instructions in order; continued lines are joined, comments left out. */
export async function readDockerfile(): Promise<Instruction[]> {
  const text = await readFile(join(checkout, 'Dockerfile'), 'utf8');
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n');
  return lines.flatMap((line) => {
    const [, name, words] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return name === undefined || words === undefined ? [] : [{ name, words }];
  });
}

/** The install line of the image, word for word. */
export function installLine(instructions: Instruction[]): string {
  const lines = instructions.filter(({ name, words }) => name === 'RUN' && /\bnpm\b/.test(words));
  if (lines.length !== 1) throw new Error(`${lines.length} lines of the Dockerfile run npm, not 1`);
  return lines[0]?.words ?? '';
}

/** Copies and installs into `folder` what the image has in its working directory, in the same order. */
export async function layOut(instructions: Instruction[], folder: string): Promise<void> {
  const install = installLine(instructions);
  for (const { name, words } of instructions) {
    if (name === 'COPY') await copy(words.split(/\s+/), folder);
    if (name === 'RUN' && words === install) await run('sh', ['-c', words], inFolder(folder));
  }
}

/** `npm test` tells its children where its own project lies; an install elsewhere must not hear of it. */
function inFolder(cwd: string) {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:config_local_prefix|lifecycle|package)/.test(name),
  );
  return { cwd, env: { ...Object.fromEntries(own), npm_config_prefer_offline: 'true' } };
}

async function copy(paths: string[], folder: string): Promise<void> {
  const target = join(folder, paths.at(-1) ?? '');
  const ignored = await ignoredPaths();
  const filter = (path: string) =>
    !ignored.some((pattern) => matchesGlob(relative(checkout, path), pattern));
  for (const path of paths.slice(0, -1)) {
    const into =
      paths.length === 2 && !/^\.?\/?$/.test(paths[1] ?? '') ? target : join(target, path);
    await cp(join(checkout, path), into, { recursive: true, filter });
  }
}

/** Patterns of `.dockerignore`: none of ours begins with `!`. */
async function ignoredPaths(): Promise<string[]> {
  const text = await readFile(join(checkout, '.dockerignore'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
