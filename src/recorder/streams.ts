/** Bodies as a page is given them: the pieces that its session passes on, kept or only hashed. */
import { within } from '../base/time-limit.ts';
import type { BodyFile, BodyStore } from './body-store.ts';
import { largestStreamBytes } from './body-strategy.ts';
import type { Entry, ExchangeLedger } from './exchange-ledger.ts';
import type { ProtocolEvent, ProtocolSession } from './protocol.ts';
import type { MemoryReclaimer } from './reclaim-memory.ts';

/** A page that is too busy to answer gets nothing before it is read. */
const streamPatienceMs = 2_000;
/** Beyond the cap of a stream its pieces are thrown away; beyond this they are stopped. */
const mostGivenBytes = 3 * largestStreamBytes;
/** What is only hashed may be more: nothing of it is kept. */
const mostPassingBytes = 8 * mostGivenBytes;

export class Streams {
  readonly #ledger: ExchangeLedger;
  readonly #bodies: BodyStore;
  readonly #memory: MemoryReclaimer;
  readonly #signal: AbortSignal;
  /** Pieces of streams whose beginning is being asked for. */
  readonly #early = new Map<Entry, Buffer[]>();
  /** Sessions that are being told to pass on no more pieces. */
  readonly #stopping = new Set<ProtocolSession>();

  constructor(
    ledger: ExchangeLedger,
    bodies: BodyStore,
    memory: MemoryReclaimer,
    signal: AbortSignal,
  ) {
    this.#ledger = ledger;
    this.#bodies = bodies;
    this.#memory = memory;
    this.#signal = signal;
  }

  /** From here on the page's session passes on what the page is given. False: it can't. */
  async begin(
    entry: Entry,
    session: ProtocolSession,
    patienceMs = streamPatienceMs,
  ): Promise<boolean> {
    const early: Buffer[] = [];
    this.#early.set(entry, early);
    entry.isStreamed = true;
    const asked = session.send('Network.streamResourceContent', { requestId: entry.networkId });
    try {
      const begun = await within(patienceMs, this.#signal, asked);
      if (entry.passing === null) entry.body = this.#bodies.newBody();
      for (const bytes of [Buffer.from(begun.bufferedData, 'base64'), ...early])
        this.#takePiece(entry, bytes);
      return true;
    } catch {
      entry.isStreamed = false;
      return false;
    } finally {
      this.#early.delete(entry);
    }
  }

  /** A piece of a body as the page was given it; with its bytes where they were asked for. */
  given({ requestId, dataLength, data }: ProtocolEvent<'Network.dataReceived'>): void {
    const entry = this.#ledger.last(requestId);
    if (entry === undefined) return;
    entry.givenBytes += dataLength;
    entry.givenAtMs = Date.now();
    // Without its bytes here it still came through the door, in pieces of this process.
    this.#memory.piece(dataLength);
    if (!data) return;
    const most = entry.passing === null ? mostGivenBytes : mostPassingBytes;
    if (entry.givenBytes > most) this.#stopStreams(entry.session);
    if (!entry.isStreamed || entry.bodyTrouble !== null) return;
    const bytes = Buffer.from(data, 'base64');
    // What comes before the beginning has come waits for it.
    const early = this.#early.get(entry);
    if (early !== undefined) early.push(bytes);
    else this.#takePiece(entry, bytes);
  }

  #takePiece(entry: Entry, bytes: Buffer): void {
    const { body, passing } = entry;
    if (entry.bodyTrouble !== null) return;
    if (passing !== null) passing.append(bytes);
    else if (body !== null) this.#appendPiece(entry, body, bytes);
  }

  #appendPiece(entry: Entry, body: BodyFile, bytes: Buffer): void {
    const left = largestStreamBytes - body.sizeBytes;
    appendBody(entry, body, bytes.subarray(0, left));
    if (bytes.length > left) entry.bodyTrouble = 'capped';
  }

  /** There is no end to one stream alone: all of this session end, and say so. */
  #stopStreams(session: ProtocolSession | null): void {
    if (session === null || this.#stopping.has(session)) return;
    for (const entry of this.#ledger.open()) {
      if (entry.session !== session || !entry.isStreamed) continue;
      entry.bodyTrouble ??= 'capped';
      entry.isStreamed = false;
    }
    this.#stopping.add(session);
    const over = () => void this.#stopping.delete(session);
    session.send('Network.disable').catch(() => {});
    session.send('Network.enable').then(over, over);
  }
}

/** Puts bytes at the end of the body of an entry, which then says where they no longer have room. */
export function appendBody(entry: Entry, body: BodyFile, bytes: Buffer): void {
  void body.append(bytes).catch(() => {}); // told when the body ends
  if (body.isCapped) entry.bodyTrouble = 'capped';
}
