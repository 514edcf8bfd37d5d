/** A process of its own that puts endless bytes into a vault, until it is killed. */
import { Readable } from 'node:stream';
import { openFileVault } from '../../src/vault/files.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: vault-putter.ts FOLDER');

const vault = await openFileVault(folder);
await vault.scratch('browser');
const chunk = Buffer.alloc(256 * 1024, 'x');
async function* endless() {
  for (;;) yield chunk;
}
let said = false;
await vault.put(Readable.from(endless()), {
  onBytes: (total) => {
    if (said || total < 4 * chunk.length) return;
    said = true;
    console.log('putting');
  },
});
