/**
 * Block headers that the reader gives, to hold OpenTimestamps proofs against. A header
 * proves its own work, not that it is in the chain that everybody follows: for that the
 * reader must know where the file came from.
 */
import { type Bytes, fromHex, sameBytes, sha256, toHex } from './bytes.ts';

export interface BlockHeader {
  /** As explorers show it: last byte first. */
  hash: string;
  merkleRoot: Bytes;
  /** As its miner has it: the network lets it be some two hours off. */
  time: Date;
}

export class HeaderError extends Error {
  override name = 'HeaderError';
}

const headerBytes = 80;
const mostFileBytes = 512 * 1024 * 1024;
const numberedLine = /^(?:(\d{1,9}):)?([0-9a-f]{160})$/i;
const genesisHash = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';

export class BitcoinHeaders {
  readonly #numbered: Map<number, Uint8Array>;
  /** Whole headers, one after the other; from the first block on where that is said. */
  readonly #chain: Uint8Array;
  readonly #fromGenesis: boolean;

  private constructor(numbered: Map<number, Uint8Array>, chain: Uint8Array, fromGenesis: boolean) {
    this.#numbered = numbered;
    this.#chain = chain;
    this.#fromGenesis = fromGenesis;
  }

  /**
   * Lines `height:header`, or `header` alone, in hexadecimal (empty lines and lines that
   * begin with # are let be); or headers of 80 bytes one after the other, which count from
   * block 0 where the first is that of block 0.
   * @throws HeaderError
   */
  static async read(file: Uint8Array): Promise<BitcoinHeaders> {
    if (file.length > mostFileBytes) throw new HeaderError('the file of headers is too long');
    const lines = textLines(file);
    if (lines === null) {
      if (file.length === 0 || file.length % headerBytes !== 0)
        throw new HeaderError('neither lines height:header nor whole headers of 80 bytes');
      const first = await hashOf(file.subarray(0, headerBytes));
      return new BitcoinHeaders(new Map(), file, first === genesisHash);
    }
    const numbered = new Map<number, Uint8Array>();
    const others: Uint8Array[] = [];
    for (const line of lines) {
      const [, height, hex = ''] = numberedLine.exec(line) ?? [];
      if (hex === '') throw new HeaderError(`not height:header: ${line.slice(0, 40)}`);
      if (height === undefined) others.push(fromHex(hex));
      else numbered.set(Number(height), fromHex(hex));
    }
    if (lines.length === 0) throw new HeaderError('the file of headers holds none');
    const chain = new Uint8Array(others.length * headerBytes);
    for (const [place, header] of others.entries()) chain.set(header, place * headerBytes);
    return new BitcoinHeaders(numbered, chain, false);
  }

  /**
   * The header of a block: by its height, else, among those that came without one, by its
   * Merkle root. `null` where there is none.
   * @throws HeaderError where its hash does not have the work that it claims
   */
  async find(height: number, merkleRoot: Uint8Array): Promise<BlockHeader | null> {
    const header = this.#numbered.get(height) ?? this.#inChain(height, merkleRoot);
    return header === null ? null : readHeader(header, height);
  }

  #inChain(height: number, merkleRoot: Uint8Array): Uint8Array | null {
    const count = this.#chain.length / headerBytes;
    const at = (place: number) =>
      this.#chain.subarray(place * headerBytes, (place + 1) * headerBytes);
    if (this.#fromGenesis) return height < count ? at(height) : null;
    for (let place = 0; place < count; place += 1)
      if (sameBytes(at(place).subarray(36, 68), merkleRoot)) return at(place);
    return null;
  }
}

/** `null` where the file is no text. */
function textLines(file: Uint8Array): string[] | null {
  const start = file.subarray(0, 4_096);
  if (!start.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte > 31 && byte < 127)))
    return null;
  return new TextDecoder()
    .decode(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

async function readHeader(header: Uint8Array, height: number): Promise<BlockHeader> {
  const view = new DataView(header.buffer, header.byteOffset, headerBytes);
  const hash = await hashOf(header);
  if (BigInt(`0x${hash}`) > targetOf(view.getUint32(72, true)))
    throw new HeaderError(
      `the header that was given for block ${height} does not have the work that it claims: it was altered or is not a block header`,
    );
  return {
    hash,
    merkleRoot: header.slice(36, 68) as Bytes,
    time: new Date(view.getUint32(68, true) * 1_000),
  };
}

/** The highest hash that a block may have, from its field `bits`; 0 where that is nonsense. */
function targetOf(bits: number): bigint {
  const exponent = bits >>> 24;
  const mantissa = bits & 0x7fffff;
  if ((bits & 0x800000) !== 0 || exponent > 32) return 0n;
  return (BigInt(mantissa) << 256n) >> BigInt(280 - 8 * exponent);
}

async function hashOf(header: Uint8Array): Promise<string> {
  return backwards(await sha256(await sha256(header)));
}

/** Hashes of blocks and Merkle roots are shown with their last byte first. */
export function backwards(bytes: Uint8Array): string {
  return toHex(bytes.toReversed());
}
