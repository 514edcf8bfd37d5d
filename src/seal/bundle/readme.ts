/** README.txt of a bundle: what it is, and the lines by which a stranger checks it with sha256sum and openssl. */
import { plural } from '../../base/plural.ts';
import { paths } from '../verify/bundle/paths.ts';
import { bundleStatement } from '../verify/findings.ts';
import { demonstration } from '../verify/warnings.ts';
import type { BundleCheckpoint, BundleContent } from './bundle-content.ts';
import { sharedInWords } from './order-section.ts';

/** Lines that begin with four spaces are commands; each ends with 0 when what it checks is right. */
export function readmeText(
  content: BundleContent,
  { count, demo, shared }: { count: number; demo: boolean; shared: string[] },
): string {
  const parts = [
    ...(demo ? [`*** ${demonstration} ***`] : []),
    `This folder holds captures of web pages, posts or videos (${count}), and what is needed to check
that nobody has altered them since. It is a bag as RFC 8493 describes it. Begin with
${paths.report}, which a browser shows and prints; where there is a ${paths.printedReport}, it is the same on paper.

Where things are
  data/captures/ID/capture.json   the manifest: what was captured, when, how, and every file's digest
  data/captures/ID/files/         the files as they were kept
  data/captures/ID/capture.wacz   the same as a web archive, where there is one (for replay; made at export)
  data/log/                       entries of the log, proofs that they are in it, signed checkpoints, timestamps
  data/trust/                     public keys and roots, for convenience: get your own by another way`,
    ...(shared.length === 0
      ? []
      : [`${wrapped(sharedInWords(shared.length))}\n${shared.map((id) => `  ${id}`).join('\n')}`]),
    `Checking it without our program
Run these in this folder. Each says nothing, OK or "Verified", and ends without an error.

1. No file was altered since the bag was made:

    sha256sum --quiet -c tagmanifest-sha256.txt
    sha256sum --quiet -c manifest-sha256.txt
    sha512sum --quiet -c manifest-sha512.txt

2. The digest of each manifest stands in an entry of the log:

    for file in data/captures/*/capture.json; do grep -q "$(sha256sum < "$file" | cut -d ' ' -f 1)" ${paths.entries} || exit 1; done`,
    signatureLines(content),
    tokenLines(content),
    ...otsLines(content),
    `What these lines do not check is that the entries are in the tree under the checkpoint (the
proofs are files of the form c2sp.org/tlog-proof@v1 and RFC 6962), that no entry of the case
which was handed over was left out, and that the times fit together. For that, and for everything above at once:

  holdfast verify FOLDER --vkey KEY --tsa-roots ROOTS.pem --earlier OLD.note

It needs no network and no database. KEY is the public key of the log, got from its owner by
another way than this bundle, which names as its own:
${content.vkeys.map((vkey) => `  ${vkey}`).join('\n')}
OLD.note is any checkpoint of this log that you have kept from before.`,
    `What it proves\n${wrapped(bundleStatement)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The newest checkpoint: its text is signed, its signature is the last 64 bytes of a line. */
function signatureLines({ checkpoints, vkeys }: BundleContent): string {
  const newest = checkpoints.at(-1);
  const signed = newest && signatureOf(newest, vkeys);
  if (newest === undefined || signed === undefined) return '3. There is no checkpoint to check.';
  const note = paths.checkpoint(newest.size);
  return `3. The newest checkpoint, over ${plural(newest.size, 'entry', 'entries')}, is signed by the key of the log.
The key is in data/trust; compare it with the one that its owner publishes:

    head -n 3 ${note} > ../checkpoint.text
    sed -n ${signed.line}p ${note} | cut -d ' ' -f 3 | openssl base64 -d -A | tail -c 64 > ../checkpoint.sig
    openssl pkeyutl -verify -pubin -inkey ${paths.publicKey(signed.id)} -rawin -in ../checkpoint.text -sigfile ../checkpoint.sig`;
}

/** Which line of the note is signed by a key of ours, counted from 1. */
function signatureOf(
  { note }: BundleCheckpoint,
  vkeys: string[],
): { line: number; id: string } | undefined {
  const ids = vkeys.map((vkey) => vkey.split('+')[1] ?? '');
  for (const [position, text] of Buffer.from(note).toString('utf8').split('\n').entries()) {
    if (!text.startsWith('\u2014 ')) continue;
    const id = Buffer.from(text.split(' ').at(-1) ?? '', 'base64')
      .subarray(0, 4)
      .toString('hex');
    if (ids.includes(id)) return { line: position + 1, id };
  }
  return undefined;
}

function tokenLines({ checkpoints, tsaRoots }: BundleContent): string {
  const tokens = checkpoints.flatMap(({ size, tokens: own }) =>
    own.map((token) => ({ size, token })),
  );
  if (tokens.length === 0)
    return '4. No checkpoint here carries a timestamp: only the log itself says when.';
  const roots = tsaRoots === null ? 'ROOTS.pem' : paths.roots;
  const lines = tokens.map(({ size, token }) => {
    const at = Math.floor(token.genTime.getTime() / 1000);
    return `${tsaRoots === null ? '  ' : '    '}openssl ts -verify -data ${paths.checkpoint(size)} -in ${paths.token(size, token.authority)} -token_in -CAfile ${roots} -attime ${at}`;
  });
  const named = tsaRoots === null ? '; ROOTS.pem are the roots of the authorities' : '';
  return `4. Timestamp authorities saw the checkpoints when they say. -attime is the time in each
token, because the certificate of an authority may have run out since${named}:

${lines.join('\n')}`;
}

/** Not commands of ours: the client and the headers are the reader's. */
function otsLines({ checkpoints }: BundleContent): string[] {
  const proofs = checkpoints.flatMap(({ size, otsProofs }) =>
    otsProofs.map(({ calendar, claim }) => ({ size, calendar, claim })),
  );
  if (proofs.length === 0) return [];
  const lines = proofs.map(
    ({ size, calendar, claim }) =>
      `${wrapped(claim)}
  ots --no-bitcoin verify -f ${paths.checkpoint(size)} ${paths.otsProof(size, calendar)}`,
  );
  return [
    `5. OpenTimestamps proofs over the checkpoints. A pending one is the promise of a calendar and
proves nothing yet ("ots upgrade FILE" asks whether it was kept). A complete one shows that the
checkpoint existed before a Bitcoin block, if that block has the Merkle root which the proof
leads to. With the public client (opentimestamps-client), these print the root, to compare with
any block explorer; without --no-bitcoin they ask a Bitcoin node of yours:

${lines.join('\n\n')}

Our own program checks the same offline with --bitcoin-headers FILE: lines "height:header" in
hexadecimal, or a file of whole headers of 80 bytes, from a source that you trust.`,
  ];
}

function wrapped(text: string): string {
  return text.replace(/(.{60,90}?) /g, '$1\n');
}
