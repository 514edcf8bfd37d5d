/** Style and script of the pages: read or bundled once, named by what is in them. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { contentName } from './policy.ts';

/** In the order in which they hold. */
export const styleSheets = ['base', 'frame', 'parts', 'pages', 'compare'] as const;

/** Beside this file in an installed package; a checkout bundles it when it is first asked for. */
export const bundledScript = 'client.bundle.js';

const here = (name: string) => new URL(name, import.meta.url);

export interface AssetNames {
  style: string;
  script: string;
}

export interface Assets extends AssetNames {
  /** @returns `null` for a name that is none of ours */
  read(path: string): { text: string; type: string } | null;
}

export async function openAssets(): Promise<Assets> {
  const css = await readStyle();
  const js = await scriptText();
  const style = `/assets/${contentName(css)}.css`;
  const script = `/assets/${contentName(js)}.js`;
  return {
    style,
    script,
    read: (path) => {
      if (path === style) return { text: css, type: 'text/css; charset=utf-8' };
      if (path === script) return { text: js, type: 'text/javascript; charset=utf-8' };
      return null;
    },
  };
}

export async function readStyle(): Promise<string> {
  const sheets = styleSheets.map((name) => readFile(here(`style/${name}.css`), 'utf8'));
  return (await Promise.all(sheets)).join('\n');
}

async function scriptText(): Promise<string> {
  const bundled = here(bundledScript);
  if (existsSync(bundled)) return readFile(bundled, 'utf8');
  // Where what only development needs is left out, as in an image, pages do without script.
  return bundleScript().catch(() => '/* not bundled: this checkout has no rolldown */');
}

/** One file of all custom elements, for browsers. Needs `rolldown`, which a checkout has. */
export async function bundleScript(): Promise<string> {
  const { rolldown } = await import('rolldown');
  await using bundle = await rolldown({
    input: here('client/main.ts').pathname,
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
  return output[0].code;
}
