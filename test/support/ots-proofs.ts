/** OpenTimestamps proofs in tests, without a network. */

import { begunProof, completedTree, writeOtsProof } from '../../src/seal/ots-writer.ts';
import { attestedMessages } from '../../src/seal/verify/formats/ots-messages.ts';
import { readOtsTree } from '../../src/seal/verify/formats/ots-proof.ts';
import { addCalendarHosts, type MinedBlock } from '../internet/calendar.ts';
import { World } from '../internet/world.ts';
import { anyBytes } from './seed.ts';

/** A complete proof over the bytes, as two rounds with the honest calendar make it, and its block. */
export async function provedNote(note: Buffer): Promise<{ proof: Buffer; blocks: MinedBlock[] }> {
  const world = new World();
  const hosts = addCalendarHosts(world);
  const answered = async (url: string, body: Buffer = Buffer.of()) => {
    const page = world.page(new URL(url));
    const answer = await page?.handler?.({ method: 'POST', url: new URL(url), headers: {}, body });
    return readOtsTree(Buffer.from(answer?.body ?? ''));
  };
  const begun = await begunProof(note, anyBytes(16), (digest) =>
    answered(`${hosts.honest}/digest`, digest),
  );
  const blocks = hosts.mine();
  const [promised] = await attestedMessages(begun.digest, begun.tree);
  const hex = Buffer.from(promised?.message ?? []).toString('hex');
  const answer = await answered(`${hosts.honest}/timestamp/${hex}`);
  const tree = completedTree(begun.tree, promised?.node ?? begun.tree, answer);
  const proof = writeOtsProof({ digest: begun.digest, tree });
  return { proof, blocks };
}
