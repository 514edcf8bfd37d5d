import type { Command } from 'commander';
import { unnamed } from '../../model/submission.ts';
import { type Column, printListing, write } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

interface KeyRow {
  number: number;
  id: string;
  origin: string;
  vkey: string;
  publicKeyPem: string;
  state: string;
}

const columns: Column<KeyRow>[] = [
  { title: 'KEY', value: (row) => row.number },
  { title: 'STATE', value: (row) => row.state },
  { title: 'PUBLISH THIS LINE', value: (row) => row.vkey },
];

/** The public keys of the log, to be published where others look for them; or a new one. */
export async function keys(command: Command): Promise<void> {
  const options = globals(command);
  const own = command.opts<{ rotate?: boolean; reason?: string; by?: string; pem?: boolean }>();
  await withExisting(options, async ({ parts }) => {
    const { UsageError } = await import('../../base/errors.ts');
    const { logStore } = await import('../../pipeline/custody/checkpoint.ts');
    const { rotateKey } = await import('../../pipeline/custody/rotate-key.ts');
    const { privateKey, publicKeys, publicPem } = await import('../../seal/keys.ts');
    if (own.rotate === true) {
      if (!own.reason) throw new UsageError('reason-missing', 'say why with --reason');
      const by = own.by ?? parts.config.operator ?? unnamed;
      await rotateKey(parts, { by, reason: own.reason });
      console.error('a new key signs from now on: publish it where the old one was');
    }
    const known = await publicKeys(parts.vault);
    const rows: KeyRow[] = [];
    for (const { number, id, name, vkey } of known) {
      const here = (await privateKey(logStore(parts).keysFolder, id)) !== null;
      const newest = number === known.at(-1)?.number;
      const state = newest ? (here ? 'signs here' : 'signs on another machine') : 'replaced';
      rows.push({ number, id, origin: name, vkey, publicKeyPem: publicPem(vkey), state });
    }
    if (own.pem === true) {
      for (const { publicKeyPem } of rows) write(publicKeyPem.trimEnd());
      return;
    }
    printListing(
      rows,
      {
        columns,
        id: (row) => row.vkey,
        record: (row) => ({ schema: 'holdfast.key/1', ...row }),
        nothing: 'there is no key yet: the first is made with the first checkpoint',
      },
      formatOf(options),
    );
  });
}
