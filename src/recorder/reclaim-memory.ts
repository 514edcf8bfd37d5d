/**
 * Takes out the garbage of many requests while they go on. Each leaves tens of kB, old enough for
 * V8 to wait with them until they are as much as everything in use; and pieces of bodies are small
 * objects to it, with their bytes outside of its heap.
 */
import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from '../base/collect-garbage.ts';

const mostGarbageBytes = 12 * 1024 * 1024;
/** A piece is there five times on its way: in Base64 thrice. */
const mostPieceBytes = 1024 * 1024;
const lookEvery = 50;

export class MemoryReclaimer {
  #changes = 0;
  #pieceBytes = 0;
  #usedBytes = usedBytes();

  /** One more request began or ended. */
  request(): void {
    this.#changes += 1;
    if (this.#changes % lookEvery === 0) this.look();
  }

  /**
   * A piece of a body of so many bytes came. It goes once nobody on the way to here holds it any
   * more: taken out before, it would only move to where garbage stays for long.
   */
  piece(sizeBytes: number): void {
    this.#pieceBytes += sizeBytes;
    if (this.#pieceBytes < mostPieceBytes) return;
    this.#pieceBytes = 0;
    process.nextTick(() => {
      collectGarbage('minor');
      this.look();
    });
  }

  /** Something that held much may have ended. */
  look(): void {
    if (usedBytes() - this.#usedBytes < mostGarbageBytes) return;
    collectGarbage('major');
    this.#usedBytes = usedBytes();
  }
}

function usedBytes(): number {
  const { used_heap_size: inHeap, external_memory: outside } = getHeapStatistics();
  return inHeap + outside;
}
