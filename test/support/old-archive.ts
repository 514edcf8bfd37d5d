/** What version 0.1.0 left behind, unpacked; and its archive, opened by the program of today. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { commandLine, type Ran } from './command-line.ts';
import { load, newDatabase, urlOf } from './database.ts';

export const packedFile = fileURLToPath(
  new URL('../old-archives/version-0.1.0.tar.br', import.meta.url),
);

/** A question to the command line, and what version 0.1.0 answered with `--json`. */
export interface Answer {
  args: string[];
  answer: object;
}

export interface OldArchive extends AsyncDisposable {
  home: string;
  run(...args: string[]): Promise<Ran>;
  /** The answer as JSON. @throws where the verb ends with another code than 0, or 3 for an empty list */
  ask(...args: string[]): Promise<unknown>;
}

/** Into a new folder: `home`, `catalog.sql`, `bundles`, `trust` and `answers.json`. */
export async function unpack(folder: string): Promise<void> {
  await mkdir(folder);
  const tar = spawn('tar', ['-x', '-p', '--no-same-owner', '-C', folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(tar, 'exit');
  await pipeline(createReadStream(packedFile), createBrotliDecompress(), tar.stdin);
  const [code] = await ended;
  if (code !== 0) throw new Error(`tar ended with ${code}`);
}

/** A copy of the unpacked archive, with its catalog or, where that was lost, without. */
export async function openOldArchive(
  unpacked: string,
  home: string,
  catalog: 'kept' | 'lost',
): Promise<OldArchive> {
  await cp(join(unpacked, 'home'), home, { recursive: true });
  const { connection, drop } = await newDatabase();
  if (catalog === 'kept')
    await load(connection, await readFile(join(unpacked, 'catalog.sql'), 'utf8'));
  const settings = {
    DATABASE_URL: urlOf(connection),
    HOLDFAST_OPERATOR: 'test',
    // As it was set then: a rebuilt catalog concludes by the rule in force.
    HOLDFAST_STATED_MINUTES: '1',
    HOLDFAST_TSA_ROOTS: join(unpacked, 'trust', 'tsa-roots.pem'),
  };
  await writeFile(join(home, 'config.json'), JSON.stringify(settings));
  const program = commandLine(unpacked);
  const run = (...args: string[]) => program(args, { home });
  return {
    home,
    run,
    async ask(...args) {
      const { code, stdout, stderr } = await run(...args, '--json');
      if (code !== 0 && code !== 3) throw new Error(`${args.join(' ')}: ${code} ${stderr}`);
      return JSON.parse(stdout);
    },
    [Symbol.asyncDispose]: drop,
  };
}
