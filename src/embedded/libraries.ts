/**
 * PostgreSQL's programs look for some libraries by shorter names, which are symbolic links. An npm
 * package holds no links: its install script would make them, and here they are made instead, so
 * that nothing depends on whether install scripts run.
 */
import { access, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { Place } from './place.ts';

/** As the package lists them: paths in it; the link stands at `target` and leads to `source`. */
const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

interface Link {
  path: string;
  leadsTo: string;
}

/**
 * Makes what is missing in the package itself or, where that is read-only, beside the database.
 * @returns what the programs' environment must hold for that
 */
export async function linkLibraries(
  packageFolder: string,
  place: Pick<Place, 'folder'>,
): Promise<Record<string, string>> {
  const missing = await missingLinks(packageFolder);
  try {
    for (const { path, leadsTo } of missing) {
      await symlink(relative(dirname(path), leadsTo), path).catch(unlessItExists);
    }
    return {};
  } catch (error) {
    if (!isReadOnly(error)) throw error;
  }
  const folder = join(place.folder, 'lib');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { path, leadsTo } of missing) await replaceLink(join(folder, basename(path)), leadsTo);
  // Both: a library that is found by a link looks for others where the link is.
  return { [searchPath]: [folder, join(packageFolder, 'native', 'lib')].join(delimiter) };
}

const searchPath = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';

async function missingLinks(packageFolder: string): Promise<Link[]> {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  const links = linkList.parse(JSON.parse(await readFile(list, 'utf8')));
  const missing: Link[] = [];
  for (const { source, target } of links) {
    const link = { path: join(packageFolder, target), leadsTo: join(packageFolder, source) };
    await access(link.path).catch(() => missing.push(link));
  }
  return missing;
}

/** Whatever it led to before: another version, or a place that the package has left. */
async function replaceLink(path: string, leadsTo: string): Promise<void> {
  const fresh = `${path}.new-${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(leadsTo, fresh);
  await rename(fresh, path);
}

function unlessItExists(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function isReadOnly(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}
