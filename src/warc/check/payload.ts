/** The payload of an HTTP block: what is left when header and transfer coding are taken off. */

/**
 * Takes chunked transfer coding (RFC 9112, section 7.1) off a stream. `broken` once the bytes
 * are not in that coding: many archives keep the header and not the coding.
 */
export class Dechunker {
  #line = '';
  #left = 0;
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'end' = 'size';
  broken = false;

  get whole(): boolean {
    return !this.broken && this.#state === 'end';
  }

  feed(chunk: Buffer, onData: (data: Buffer) => void): void {
    let position = 0;
    while (position < chunk.byteLength && !this.broken) {
      if (this.#state === 'end') {
        this.broken = true;
      } else if (this.#state === 'data') {
        const data = chunk.subarray(position, position + this.#left);
        onData(data);
        position += data.byteLength;
        this.#left -= data.byteLength;
        if (this.#left === 0) this.#state = 'data-end';
      } else {
        const char = String.fromCharCode(chunk[position] ?? 0);
        position += 1;
        if (char === '\n') this.#lineEnded();
        else this.#line += char;
        if (this.#line.length > 8192) this.broken = true;
      }
    }
  }

  #lineEnded(): void {
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    if (this.#state === 'data-end') {
      if (line !== '') this.broken = true;
      this.#state = 'size';
    } else if (this.#state === 'trailer') {
      if (line === '') this.#state = 'end';
    } else {
      const size = /^([0-9a-f]{1,12})[ \t]*(;.*)?$/i.exec(line)?.[1];
      if (size === undefined) {
        this.broken = true;
        return;
      }
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    }
  }
}

/** First bytes of codings that have a mark of their own. */
const marks: Record<string, number[]> = {
  gzip: [0x1f, 0x8b],
  'x-gzip': [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
};

/** Whether bytes can be in that content coding; null where that can't be seen. */
export function looksCoded(coding: string, start: Buffer): boolean | null {
  const mark = marks[coding.trim().toLowerCase()];
  if (mark === undefined || start.byteLength < mark.length) return null;
  return mark.every((byte, index) => start[index] === byte);
}
