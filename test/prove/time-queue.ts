/** Whoever is due next: a binary heap of times. */
export class TimeQueue {
  readonly #heap: { at: number; index: number }[] = [];

  push(at: number, index: number): void {
    const heap = this.#heap;
    const added = { at, index };
    let place = heap.push(added) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.at <= at) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = added;
  }

  pop(): { at: number; index: number } | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(falling: { at: number; index: number }): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && right.at < left.at;
      const least = isRight ? right : left;
      if (least.at >= falling.at) break;
      heap[place] = least;
      place = 2 * place + (isRight ? 2 : 1);
    }
    heap[place] = falling;
  }
}
