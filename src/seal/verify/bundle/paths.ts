/** Where things lie in a bundle. Numbers in names have twelve digits, so that names sort as numbers do. */

const logFolder = 'data/log';
export const paths = {
  readme: 'data/README.txt',
  report: 'data/report.html',
  printedReport: 'data/report.pdf',
  certificate: 'data/certificate-902-draft.txt',
  demonstration: 'data/DEMONSTRATION.txt',
  captures: 'data/captures',
  entries: `${logFolder}/entries.jsonl`,
  vkeys: 'data/trust/vkey.txt',
  roots: 'data/trust/tsa-roots.pem',
  witnesses: 'data/trust/witnesses.txt',
  publicKey: (id: string) => `data/trust/log-key-${id}.pem`,
  proof: (index: number) => `${logFolder}/proofs/${digits(index)}.tlog-proof`,
  detail: (sha256: string) => `${logFolder}/details/${sha256}.json`,
  checkpoint: (size: number) => `${logFolder}/checkpoints/${digits(size)}.note`,
  cosigned: (size: number) => `${logFolder}/checkpoints/${digits(size)}.cosigned`,
  token: (size: number, authority: string) =>
    `${logFolder}/checkpoints/${digits(size)}.${authority}.tst`,
  otsProof: (size: number, calendar: string) =>
    `${logFolder}/checkpoints/${digits(size)}.${calendar}.ots`,
  consistency: (oldSize: number, size: number) =>
    `${logFolder}/consistency/${digits(oldSize)}-${digits(size)}.txt`,
  manifest: (captureId: string) => `data/captures/${captureId}/capture.json`,
  file: (captureId: string, name: string) => `data/captures/${captureId}/files/${name}`,
  derivation: (sha256: string) => `data/derivations/${sha256}/derivation.json`,
  derivedFile: (sha256: string, name: string) => `data/derivations/${sha256}/files/${name}`,
  webArchive: (captureId: string) => `data/captures/${captureId}/capture.wacz`,
} as const;

/** Lists and labels that make a folder a bag (RFC 8493), and nothing else beside `data`. */
export const bagFiles: readonly string[] = [
  'bagit.txt',
  'bag-info.txt',
  'manifest-sha256.txt',
  'manifest-sha512.txt',
  'tagmanifest-sha256.txt',
];

export const checkpointName = /^data\/log\/checkpoints\/(\d{12})\.note$/;
export const tokenName = /^data\/log\/checkpoints\/(\d{12})\.([0-9a-z-]+)\.tst$/;
export const otsName = /^data\/log\/checkpoints\/(\d{12})\.([0-9a-z-]+)\.ots$/;
export const cosignedName = /^data\/log\/checkpoints\/(\d{12})\.cosigned$/;
export const consistencyName = /^data\/log\/consistency\/(\d{12})-(\d{12})\.txt$/;
export const proofName = /^data\/log\/proofs\/\d{12}\.tlog-proof$/;
export const publicKeyName = /^data\/trust\/log-key-([0-9a-f]{8})\.pem$/;
export const manifestName = /^data\/captures\/([^/]+)\/capture\.json$/;

export const derivationName = /^data\/derivations\/([0-9a-f]{64})\/derivation\.json$/;

function digits(number: number): string {
  return String(number).padStart(12, '0');
}
