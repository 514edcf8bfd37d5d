/**
 * Bundles that were asked for from the pages: written in a folder of their own, which goes when
 * serving ends, for each is to be saved elsewhere.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { uuidv7 } from 'uuidv7';
import { NotFoundError } from '../base/errors.ts';
import { exportBundle } from '../pipeline/export/bundle.ts';
import type { Parts } from '../pipeline/parts.ts';
import { publicKeys } from '../seal/keys.ts';
import { openStoredBundle } from '../seal/verify/bundle/stored-bundle.ts';
import {
  type BundleFinding,
  count,
  newTally,
  type Verdict,
  verdictOf,
} from '../seal/verify/findings.ts';
import { plainQuestion, verifyBundle } from '../seal/verify/verify-bundle.ts';
import type { Scratch } from '../vault/vault.ts';
import { failureOf } from './failure.ts';

export interface ExportedBundle {
  id: string;
  /** File name to save it under. */
  name: string;
  captures: number;
  startedAt: Date;
  state: 'running' | 'done' | 'failed';
  sizeBytes: number;
  /** Why it failed, in words. */
  failure: string | null;
  /** Why it has no `report.pdf`; `null` where it has one. */
  unprinted: string | null;
  verified: { at: Date; verdict: Verdict; findings: BundleFinding[] } | null;
}

export class Exports implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #scratch: Scratch;
  readonly #all = new Map<string, ExportedBundle>();
  readonly #running = new Set<Promise<void>>();
  readonly #over = new AbortController();

  private constructor(parts: Parts, scratch: Scratch) {
    this.#parts = parts;
    this.#scratch = scratch;
  }

  static async open(parts: Parts): Promise<Exports> {
    return new Exports(parts, await parts.vault.scratch('exports'));
  }

  /** The newest first. */
  list(): ExportedBundle[] {
    return [...this.#all.values()].reverse();
  }

  /** Begins at once, and goes on while pages are looked at. */
  start(
    captureIds: string[],
    { label, by, ofCase }: { label: string; by: string; ofCase?: string | undefined },
  ): ExportedBundle {
    const id = uuidv7();
    const bundle: ExportedBundle = {
      ...{ id, name: fileName(label), captures: captureIds.length, startedAt: new Date() },
      ...{ state: 'running', sizeBytes: 0, failure: null, unprinted: null, verified: null },
    };
    this.#all.set(id, bundle);
    const writing = this.#write(bundle, captureIds, { by, ofCase }).finally(() =>
      this.#running.delete(writing),
    );
    this.#running.add(writing);
    return bundle;
  }

  async #write(
    bundle: ExportedBundle,
    captureIds: string[],
    terms: { by: string; ofCase: string | undefined },
  ): Promise<void> {
    const options = { ...terms, restricted: false, roles: [], since: [], print: true };
    const path = this.#pathOf(bundle.id);
    try {
      const written = await exportBundle(this.#parts, captureIds, path, options, this.#over.signal);
      bundle.sizeBytes = written.sizeBytes;
      bundle.unprinted = written.unprinted?.message ?? null;
      bundle.state = 'done';
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'an export failed');
      bundle.state = 'failed';
      bundle.failure = failureOf(error).message;
    }
  }

  /** Checks it as a stranger would, with the keys of this archive. @throws NotFoundError `no-bundle` */
  async verify(id: string, signal: AbortSignal): Promise<void> {
    const bundle = this.#done(id);
    const vkeys = (await publicKeys(this.#parts.vault)).map(({ vkey }) => vkey);
    await using stored = await openStoredBundle(this.#pathOf(id));
    const tally = newTally();
    const findings: BundleFinding[] = [];
    for await (const one of verifyBundle(stored.files, { ...plainQuestion, vkeys, signal })) {
      count(tally, one);
      findings.push(one);
    }
    bundle.verified = { at: new Date(), verdict: verdictOf(tally), findings };
  }

  /** @throws NotFoundError `no-bundle` */
  send(id: string): Response {
    const { name } = this.#done(id);
    const bytes = Readable.toWeb(createReadStream(this.#pathOf(id))) as ReadableStream;
    return new Response(bytes, {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="${name}"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(new Error('serving ended'));
    await Promise.all(this.#running);
    await this.#scratch[Symbol.asyncDispose]();
  }

  #done(id: string): ExportedBundle {
    const bundle = this.#all.get(id);
    if (bundle?.state === 'done') return bundle;
    throw new NotFoundError('no-bundle', 'there is no such export: it may not be finished yet');
  }

  #pathOf(id: string): string {
    return join(this.#scratch.folder, `${id}.zip`);
  }
}

/** Letters and digits only: it becomes a header, and a name on somebody's disk. */
function fileName(label: string): string {
  const plain = label
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `holdfast-${plain === '' ? 'export' : plain}.zip`;
}
