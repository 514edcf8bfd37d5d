/**
 * Makes the package that is published: node scripts/package.ts [FOLDER]
 * Everything happens in a folder of its own, so that a checkout stays as it is, whatever happens.
 */
import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packageFolder } from '../src/base/own-package.ts';
import { bundledScript, bundleScript } from '../src/server/assets.ts';

const run = promisify(execFile);
const compiled = ['src', 'workers'];
const alsoPacked = ['README.md', 'LICENSE', 'THIRD-PARTY.md', 'bin', 'scripts/setup.sh'];

/** @returns the path of the package, a `.tgz` file in `target` */
export async function pack(target: string): Promise<string> {
  const stage = await mkdtemp(join(tmpdir(), 'holdfast-pack-'));
  try {
    await compile(stage);
    await copyAssets(stage);
    await writeFile(join(stage, 'dist/src/server', bundledScript), await bundleScript());
    for (const path of alsoPacked) {
      await cp(join(packageFolder, path), join(stage, path), { recursive: true });
    }
    await writeFile(join(stage, 'package.json'), await publishedDescription());
    const { stdout } = await run('npm', ['pack', '--silent', `--pack-destination=${target}`], {
      cwd: stage,
    });
    return join(target, stdout.trim());
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** JavaScript and source maps into `dist`, and of the declarations those that a program can reach. */
async function compile(stage: string): Promise<void> {
  const declarations = join(stage, 'declarations');
  await run(process.execPath, [
    join(packageFolder, 'node_modules/typescript/bin/tsc'),
    ...['--project', join(packageFolder, 'tsconfig.build.json')],
    ...['--outDir', join(stage, 'dist'), '--declarationDir', declarations],
  ]);
  for (const path of await reachable(declarations, 'src/index.d.ts')) {
    await copy(join(declarations, path), join(stage, 'dist', path));
  }
  await rm(declarations, { recursive: true });
}

/** Declarations that one mentions, and those that they mention. */
async function reachable(folder: string, first: string): Promise<Set<string>> {
  const found = new Set([first]);
  for (const path of found) {
    const text = await readFile(join(folder, path), 'utf8');
    for (const [, mentioned = ''] of text.matchAll(/(?:from|import)\s*\(?["'](\.[^"']+)\.ts["']/g))
      found.add(`${join(dirname(path), mentioned)}.d.ts`);
  }
  return found;
}

/** Whatever lies beside the code and isn't code is read by it: SQL, scripts that it starts. */
async function copyAssets(stage: string): Promise<void> {
  for await (const entry of glob(`{${compiled.join()}}/**/*`, {
    cwd: packageFolder,
    withFileTypes: true,
  })) {
    if (!entry.isFile() || extname(entry.name) === '.ts') continue;
    const path = join(entry.parentPath, entry.name);
    await copy(path, join(stage, 'dist', path.slice(packageFolder.length)));
  }
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}

/**
 * `package.json` as an installed copy has it: what `publishConfig` says in place of what holds in a
 * checkout, and nothing that only a checkout needs, which brings a Node of its own along too.
 */
async function publishedDescription(): Promise<string> {
  const text = await readFile(join(packageFolder, 'package.json'), 'utf8');
  const { scripts, devDependencies, overrides, allowScripts, publishConfig, ...kept } =
    JSON.parse(text);
  const optional = Object.entries(kept.optionalDependencies).filter(
    ([name]) => !name.startsWith('node-'),
  );
  const published = {
    ...kept,
    ...publishConfig,
    optionalDependencies: Object.fromEntries(optional),
  };
  return `${JSON.stringify(published, null, 2)}\n`;
}

if (import.meta.main) console.log(await pack(resolve(process.argv[2] ?? '.')));
