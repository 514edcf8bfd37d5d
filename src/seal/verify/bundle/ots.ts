/** OpenTimestamps proofs in a bundle: each over its checkpoint, and the one that the log records. */

import { type BundleFinding, finding } from '../findings.ts';
import { BitcoinHeaders } from '../formats/bitcoin-headers.ts';
import { sha256Hex } from '../formats/bytes.ts';
import { otsLimits } from '../formats/ots-proof.ts';
import { type OtsFinding, otsFindings } from '../ots-findings.ts';
import { type BundleFiles, readWhole } from './files.ts';
import { messageOf, type TrustedCheckpoint, type TrustedCheckpoints } from './log.ts';
import type { LogFacts } from './log-facts.ts';
import { otsName } from './paths.ts';
import type { Stamp } from './times.ts';

/** How far the time in a block may be from the real one, by the rules of the network. */
const blockTimeSkewMs = 2 * 60 * 60_000;

/** @returns by when each checkpoint existed, where a header that was given shows it */
export async function* verifyOtsProofs(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  facts: LogFacts,
  given: Uint8Array | null,
): AsyncGenerator<BundleFinding, Stamp[]> {
  const headers = yield* readHeaders(given);
  const stamps: Stamp[] = [];
  const present = new Set<string>();
  for (const path of [...files.sizes().keys()].sort()) {
    const size = Number(otsName.exec(path)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) continue;
    const checkpoint = checkpoints.find((one) => one.size === size);
    if (checkpoint === undefined) {
      yield finding('ots', path, 'invalid', 'is over no trusted checkpoint');
      continue;
    }
    try {
      const proof = await readWhole(files, path, otsLimits.proofBytes);
      const proofSha256 = await sha256Hex(proof);
      present.add(proofSha256);
      const findings = await otsFindings(proof, checkpoint.bytes, headers);
      for (const { result, message } of findings) yield finding('ots', path, result, message);
      if (!facts.otsProofs.some(({ targets }) => targets.includes(proofSha256)))
        yield finding(
          'ots',
          path,
          'invalid',
          'no entry of the log here records it: it was altered',
        );
      else stamps.push(...stampsOf(checkpoint, findings, proofSha256));
    } catch (error) {
      yield finding('ots', path, 'invalid', messageOf(error));
    }
  }
  for (const { index, targets } of checkpoints.length === 0 ? [] : facts.otsProofs)
    for (const target of targets.filter((one) => !present.has(one)))
      yield finding(
        'ots',
        `entry ${index}`,
        'incomplete',
        `records the proof ${target}, which was not supplied or was altered`,
      );
  return stamps;
}

async function* readHeaders(
  given: Uint8Array | null,
): AsyncGenerator<BundleFinding, BitcoinHeaders | null> {
  if (given === null) return null;
  try {
    return await BitcoinHeaders.read(given);
  } catch (error) {
    yield finding('ots', 'Bitcoin headers', 'invalid', messageOf(error));
    return null;
  }
}

/** Only as "not after": a block says nothing of what came later. */
function stampsOf(
  { size }: TrustedCheckpoint,
  findings: OtsFinding[],
  tokenSha256: string,
): Stamp[] {
  return findings.flatMap(({ height, blockTime }) =>
    blockTime === null
      ? []
      : [
          {
            size,
            genTime: blockTime,
            skewMs: blockTimeSkewMs,
            authority: `Bitcoin block ${height}`,
            tokenSha256,
            recordedIn: null,
          },
        ],
  );
}
