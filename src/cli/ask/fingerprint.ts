import type { Command } from 'commander';
import { HoldfastError } from '../../base/errors.ts';
import { exits } from '../../base/exit-codes.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { hashToHex } from '../../fingerprint/hash.ts';
import { openPictures } from '../../media/pictures/pictures.ts';
import { type FileFingerprint, fingerprintFile } from '../../pipeline/copies/ask-similar.ts';
import { askingAbout } from '../../pipeline/copies/named-file.ts';
import { type Listing, printListing } from '../terminal/output.ts';
import { formatOf, globals } from '../verb.ts';

interface Row extends FileFingerprint {
  file: string;
}

const listing: Listing<Row> = {
  columns: [
    { title: 'FILE', value: (row) => row.file, width: 40 },
    { title: 'SHA256', value: (row) => row.sha256 },
    { title: 'PDQ', value: (row) => hashToHex(row.pdq.hash) },
    { title: 'QUALITY', value: (row) => row.pdq.quality },
  ],
  id: (row) => hashToHex(row.pdq.hash),
  // Scripts rely on exactly these members.
  record: ({ file, sha256, pdq }) => ({
    file,
    sha256,
    pdq: { hash: hashToHex(pdq.hash), quality: pdq.quality },
  }),
  nothing: 'no picture could be read',
};

/** Needs no data folder, and stores nothing. */
export async function fingerprint(files: string[], command: Command): Promise<void> {
  const never = new AbortController().signal;
  const rows: Row[] = [];
  await using pictures = openPictures(never);
  for (const file of files) {
    try {
      const found = await askingAbout(file, () =>
        fingerprintFile(pictures.forAnotherJob(), file, never),
      );
      rows.push({ file, ...found });
    } catch (error) {
      if (!(error instanceof HoldfastError) || files.length === 1) throw error;
      console.error(forTerminal(error.message));
      process.exitCode = exits.someFailed.code;
    }
  }
  printListing(rows, listing, formatOf(globals(command)));
}
