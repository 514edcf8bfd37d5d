/** A closed capture in a vault of its own, without a catalog: what an export needs, and no more. */

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewArtifact } from '../../src/model/artifact.ts';
import type { Role } from '../../src/model/roles.ts';
import { storeWarcPart } from '../../src/pipeline/capture/store-warc.ts';
import { exportWacz } from '../../src/pipeline/export/wacz.ts';
import type { Parts } from '../../src/pipeline/parts.ts';
import { type Manifest, writeManifest } from '../../src/seal/manifest.ts';
import { openFileVault } from '../../src/vault/files.ts';
import type { Vault } from '../../src/vault/vault.ts';
import type { WarcPart } from '../../src/warc/part.ts';
import { part } from './recorded-exchanges.ts';

export const never = new AbortController().signal;

export class KeptCapture implements AsyncDisposable {
  readonly folder: string;
  readonly parts: Parts;
  readonly captureId = '0198c0de-0000-7000-8000-000000000001';
  readonly #artifacts: NewArtifact[] = [];

  constructor(folder: string, parts: Parts) {
    this.folder = folder;
    this.parts = parts;
  }

  /** Records a step, as its stage would. */
  async record(facts: Partial<WarcPart>): Promise<NewArtifact[]> {
    const made = await storeWarcPart(this.parts, part(facts), never);
    this.#artifacts.push(...made);
    return made;
  }

  /** Artifacts that a stage made. */
  add(artifacts: NewArtifact[]): void {
    this.#artifacts.push(...artifacts);
  }

  /** Keeps a file of our own, such as a screenshot. */
  async keep(role: Role, name: string, mediaType: string, bytes: string | Uint8Array) {
    const stored = await this.parts.vault.put(bytes);
    const artifact = { role, name, mediaType, ...stored, derivedFrom: null };
    this.#artifacts.push(artifact);
    const path = await this.parts.vault.path(stored.sha256);
    return { artifact, body: { path, sizeBytes: stored.sizeBytes, sha256: stored.sha256 } };
  }

  async close(pages: { view: string; finalUrl: string; title: string; text: string }[]) {
    for (const { view, text } of pages) {
      await this.keep('text', `${view}/text.txt`, 'text/plain', text);
    }
    const manifest = manifestOf(
      this.captureId,
      this.#artifacts,
      pages.map(({ view, finalUrl, title, text }) => ({
        view,
        finalUrl,
        httpStatus: 200,
        title,
        textSha256: createHash('sha256').update(text).digest('hex'),
      })),
    );
    const { bytes } = writeManifest(manifest);
    await this.parts.vault.keepRecord('manifests', this.captureId, bytes);
  }

  async export(name = 'capture.wacz'): Promise<string> {
    const path = join(this.folder, name);
    await exportWacz(this.parts, this.captureId, path, never);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** With a vault that is there already, or one of its own. */
export async function keptCapture(vault?: Vault): Promise<KeptCapture> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-wacz-'));
  const parts = {
    vault: vault ?? (await openFileVault(join(folder, 'vault'))),
    home: { folder: join(folder, 'home'), environment: 'live' },
    config: { operator: 'Example Archive' },
    tools: async () => ({ holdfast: '0.0.0-test', chromium: 'Chromium 1' }),
  } as unknown as Parts;
  return new KeptCapture(folder, parts);
}

function manifestOf(
  captureId: string,
  artifacts: NewArtifact[],
  pages: Manifest['pages'],
): Manifest {
  const at = '2026-03-04T05:06:00.000Z';
  return {
    schema: 'holdfast.manifest/1',
    captureId,
    environment: 'live',
    state: 'complete',
    link: 'https://news.example/story',
    source: 'web:https://news.example/story',
    requestedSource: 'web:https://news.example/story',
    submission: {
      id: captureId,
      case: null,
      tags: [],
      note: null,
      by: 'tester',
      reason: null,
      origin: 'human',
      facts: {},
      at,
    },
    openedAt: at,
    startedAt: at,
    finishedAt: '2026-03-04T05:07:00.000Z',
    aliases: [],
    steps: [],
    post: null,
    pages,
    observations: [],
    events: [],
    artifacts: artifacts.map((artifact) => ({
      facts: {},
      ...artifact,
      media: null,
      step: 'page',
      storedAt: at,
    })),
    conditions: {},
    tools: { holdfast: '0.0.0-test' },
  };
}
