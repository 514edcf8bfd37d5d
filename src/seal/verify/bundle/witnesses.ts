/** Lines of witnesses in a bundle: who saw which checkpoint, and when by their own clocks. */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import { sameBytes } from '../formats/bytes.ts';
import {
  type NoteError,
  parseNote,
  parseVkey,
  type VerifierKey,
  verifyNote,
} from '../formats/note.ts';
import { stampToleranceMs, type TrustedTime } from '../order-of-time.ts';
import { type BundleFiles, readWhole } from './files.ts';
import {
  longestRecordBytes,
  messageOf,
  mostOwnKeys,
  type TrustedCheckpoints,
  textLines,
} from './log.ts';
import { paths } from './paths.ts';

/** Each witness that was named has co-signed a checkpoint here. @returns when they say that they did */
export async function* verifyWitnesses(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  given: string[],
): AsyncGenerator<BundleFinding, TrustedTime[]> {
  const own = await textLines(files, paths.witnesses);
  const asked = new Set(given.map((one) => one.trim()));
  if (own.length > mostOwnKeys)
    yield finding(
      'witness',
      'keys',
      'invalid',
      `the bundle names more than ${mostOwnKeys} witnesses`,
    );
  const keys: VerifierKey[] = [];
  for (const vkey of new Set([...given, ...own.slice(0, mostOwnKeys)])) {
    const key = await parseVkey(vkey).catch((error: NoteError) => error);
    if (key instanceof Error) yield finding('witness', vkey, 'invalid', key.message);
    else keys.push(key);
  }
  const seen = new Set<string>();
  const times: TrustedTime[] = [];
  for (const checkpoint of checkpoints) {
    const path = paths.cosigned(checkpoint.size);
    if (!files.sizes().has(path)) continue;
    try {
      const bytes = await readWhole(files, path, longestRecordBytes);
      // The checkpoint as it is, and lines of others under it: what nobody asks about is not looked at.
      if (!sameBytes(bytes.subarray(0, checkpoint.bytes.length), checkpoint.bytes))
        throw new Error('does not begin with the checkpoint');
      for (const { key, at } of await verifyNote(parseNote(bytes), keys)) {
        seen.add(key.vkey);
        const isAsked = asked.has(key.vkey);
        if (at !== null && isAsked) times.push(seenBy(key, checkpoint.size, at));
        const words = `saw the log of ${plural(checkpoint.size, 'entry', 'entries')} at ${at?.toISOString() ?? 'an unknown time'}`;
        // Whoever made up a bundle would have put a witness of theirs there.
        yield isAsked
          ? finding('witness', key.name, 'ok', words)
          : finding('witness', key.name, 'note', `${words}, by a key that only the bundle names`);
      }
    } catch (error) {
      yield finding('witness', path, 'invalid', messageOf(error));
    }
  }
  for (const vkey of given.filter((one) => !seen.has(one.trim())))
    yield finding('witness', vkey, 'incomplete', 'has co-signed no checkpoint in this bundle');
  return times;
}

function seenBy({ name }: VerifierKey, size: number, genTime: Date): TrustedTime {
  return { size, genTime, skewMs: stampToleranceMs, authority: `the witness ${name}` };
}
