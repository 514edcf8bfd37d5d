/** A small log with captures that were made up, for tests of what checks them: same formats, no database. */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Readable } from 'node:stream';
import { uuidv7 } from 'uuidv7';
import type { Role } from '../../src/model/roles.ts';
import type {
  BundleCapture,
  BundleContent,
  BundleDerivation,
  BundleOtsProof,
} from '../../src/seal/bundle/bundle-content.ts';
import { canonicalJson } from '../../src/seal/canonical-json.ts';
import { type LogEntry, writeEntry } from '../../src/seal/log-entry.ts';
import { type Manifest, writeManifest } from '../../src/seal/manifest.ts';
import {
  consistencyProof,
  grow,
  inclusionProof,
  joinedBy,
  leafHash,
  type ReadNodes,
  rootOf,
} from '../../src/seal/merkle-tree.ts';
import { checkpointText, type NoteSigner, signNote, vkeyOf } from '../../src/seal/note-signing.ts';
import { anyBytes } from './seed.ts';
import type { TimeStamps } from './timestamps.ts';

export interface MadeUpCheckpoint {
  size: number;
  root: Buffer;
  note: Buffer;
  sha256: string;
  tokens: { authority: string; address: string; bytes: Buffer; genTime: Date }[];
  otsProofs: BundleOtsProof[];
  cosignatures: string[];
}

export interface MadeUpCapture extends BundleCapture {
  manifestSha256: string;
}

export class MadeUpLog {
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly caseId = anyBytes(16).toString('hex');
  readonly actor = anyBytes(16).toString('hex');
  readonly entries: Buffer[] = [];
  readonly checkpoints: MadeUpCheckpoint[] = [];
  readonly captures: MadeUpCapture[] = [];
  /** Handed over with every export. */
  readonly derivations: BundleDerivation[] = [];
  readonly details = new Map<string, Buffer>();
  readonly #nodes = new Map<string, Buffer>();
  readonly #heads = new Map<string, { seq: number; leaf: string }>();

  constructor(origin = 'archive.example.org/log', key?: KeyObject) {
    this.origin = origin;
    this.signer = { name: origin, key: key ?? generateKeyPairSync('ed25519').privateKey };
  }

  get vkey(): string {
    return vkeyOf(this.signer);
  }

  /** The same log and key, which goes its own way from here. */
  fork(size = this.entries.length): Promise<MadeUpLog> {
    return MadeUpLog.replay(this, this.entries.slice(0, size));
  }

  static async replay(like: MadeUpLog, entries: Buffer[]): Promise<MadeUpLog> {
    const copy = new MadeUpLog(like.origin, like.signer.key);
    Object.assign(copy, { caseId: like.caseId, actor: like.actor });
    for (const bytes of entries) await copy.appendBytes(bytes);
    for (const [sha256, bytes] of like.detailsOf(entries)) copy.details.set(sha256, bytes);
    return copy;
  }

  /** What these entries name by its digest. */
  detailsOf(entries: Buffer[]): [sha256: string, bytes: Buffer][] {
    const named = entries.map((bytes) => (JSON.parse(bytes.toString()) as LogEntry).detail_sha256);
    return [...this.details].filter(([sha256]) => named.includes(sha256));
  }

  /** What an entry names is not handed over. */
  forgetDetail(index: number): void {
    for (const [digest] of this.detailsOf(this.entries.slice(index, index + 1)))
      this.details.delete(digest);
  }

  async appendBytes(bytes: Buffer): Promise<void> {
    const leaf = leafHash(bytes);
    const joined = await this.#read(joinedBy(this.entries.length));
    for (const { level, idx, hash } of grow(this.entries.length, leaf, joined))
      this.#nodes.set(`${level}/${idx}`, hash);
    this.entries.push(bytes);
    const entry = JSON.parse(bytes.toString('utf8')) as LogEntry;
    this.#heads.set(entry.case ?? '', { seq: entry.case_seq, leaf: leaf.toString('hex') });
  }

  async append(
    type: LogEntry['type'],
    fields: Partial<LogEntry> = {},
    detail?: object,
  ): Promise<number> {
    const caseId = fields.case === undefined ? this.caseId : fields.case;
    const head = this.#heads.get(caseId ?? '');
    const detailBytes = detail && Buffer.from(canonicalJson(detail));
    const detailSha256 = detailBytes && sha256(detailBytes);
    if (detailBytes && detailSha256) this.details.set(detailSha256, detailBytes);
    const entry: LogEntry = {
      v: 1,
      type,
      id: uuidv7(),
      at: new Date().toISOString(),
      actor: this.actor,
      case_seq: (head?.seq ?? -1) + 1,
      case_prev: head?.leaf ?? null,
      ...(detailSha256 ? { detail_sha256: detailSha256 } : {}),
      ...fields,
      case: caseId,
    };
    await this.appendBytes(writeEntry(entry));
    return this.entries.length - 1;
  }

  /** Over the log as it is now: the one that exists, or a new one. */
  async checkpoint(): Promise<MadeUpCheckpoint> {
    const size = this.entries.length;
    const known = this.checkpoints.find((one) => one.size === size);
    if (known !== undefined) return known;
    const root = await rootOf(size, this.#read);
    const note = Buffer.from(
      signNote(checkpointText({ origin: this.origin, size, root }), [this.signer]),
    );
    const made = {
      size,
      root,
      note,
      sha256: sha256(note),
      tokens: [],
      otsProofs: [],
      cosignatures: [],
    };
    this.checkpoints.push(made);
    return made;
  }

  /** A token over the newest checkpoint, recorded in the log. */
  async stamp(
    authority: TimeStamps,
    options: { at?: Date; recorded?: boolean } = {},
  ): Promise<void> {
    const checkpoint = this.checkpoints.at(-1);
    if (checkpoint === undefined) throw new Error('there is no checkpoint');
    const bytes = await authority.token(checkpoint.note, options.at ? { at: options.at } : {});
    const genTime = options.at ?? new Date();
    const name = sha256(Buffer.from(authority.rootPem)).slice(0, 16);
    checkpoint.tokens.push({ authority: name, address: 'http://tsa.example', bytes, genTime });
    if (options.recorded === false) return;
    const detail = { size: checkpoint.size, authority: 'http://tsa.example' };
    await this.append('timestamped', { case: null, targets: [sha256(bytes)] }, detail);
  }

  /** An OpenTimestamps proof over the newest checkpoint, recorded in the log. */
  async addOtsProof(bytes: Buffer, claim: string): Promise<void> {
    this.checkpoints.at(-1)?.otsProofs.push({ calendar: 'c0ffee', bytes, claim });
    await this.append('ots-proof', { case: null, targets: [sha256(bytes)] });
  }

  /** A capture of made-up files, entered in the log. */
  async capture(
    changes: Partial<Manifest> = {},
    files?: Record<string, Buffer>,
  ): Promise<MadeUpCapture> {
    const contents = files ?? madeUpFiles(this.captures.length);
    const prior = this.checkpoints.at(-1);
    const now = new Date().toISOString();
    const captureId = uuidv7();
    const manifest = madeUpManifest(captureId, now, contents, {
      case: { id: this.caseId, name: 'convoy' },
      priorCheckpoint: prior
        ? {
            origin: this.origin,
            size: prior.size,
            root: prior.root.toString('base64'),
            sha256: prior.sha256,
          }
        : null,
      ...changes,
    });
    const { bytes, sha256: manifestSha256 } = writeManifest(manifest);
    const capture = {
      captureId,
      manifest: Buffer.from(bytes),
      manifestSha256,
      files: Object.entries(contents).map(([name, content]) => ({
        name,
        sha256: sha256(content),
        open: async () => Readable.from([content]),
      })),
      webArchive: null,
      order: null,
    };
    this.captures.push(capture);
    await this.append('capture', { manifest_sha256: manifestSha256 });
    return capture;
  }

  /** What an export hands over: its own entry, a checkpoint over it, and all of the log. */
  async content(
    captures: BundleCapture[] = this.captures,
    tsaRoots: string | null = null,
    more: object = {},
  ): Promise<BundleContent> {
    const targets = captures.map(({ manifest }) => sha256(Buffer.from(manifest)));
    const detail = { by: 'A. Person', manifests: targets, ...more };
    const index = await this.append('exported', { targets: targets.slice(0, 500) }, detail);
    await this.checkpoint();
    return this.assemble(captures, tsaRoots, index);
  }

  async assemble(
    captures: BundleCapture[],
    tsaRoots: string | null,
    exportIndex: number,
  ): Promise<BundleContent> {
    const newest = this.checkpoints.at(-1);
    if (newest === undefined) throw new Error('there is no checkpoint');
    const { at } = JSON.parse((this.entries[exportIndex] ?? '{}').toString()) as LogEntry;
    const indexes = [...this.entries.keys()].filter((index) => index < newest.size);
    return {
      exportedAt: new Date(at),
      origin: this.origin,
      version: '0.0.0-test',
      captures,
      entries: await Promise.all(
        indexes.map(async (index) => ({
          index,
          bytes: this.entries[index] ?? Buffer.alloc(0),
          proof: await inclusionProof(index, newest.size, this.#read),
          checkpointSize: newest.size,
        })),
      ),
      derivations: this.derivations,
      details: this.detailsOf(indexes.map((index) => this.entries[index] ?? Buffer.of())).map(
        ([digest, bytes]) => ({ sha256: digest, bytes }),
      ),
      checkpoints: this.checkpoints,
      consistency: await Promise.all(
        this.checkpoints
          .slice(1)
          .map(({ size }, position) =>
            this.consistency(this.checkpoints[position]?.size ?? 0, size),
          ),
      ),
      vkeys: [this.vkey],
      tsaRoots,
      witnesses: [],
      graphic: new Map(),
      ofCase: null,
      print: null,
    };
  }

  async consistency(oldSize: number, size: number) {
    return { oldSize, size, proof: await consistencyProof(oldSize, size, this.#read) };
  }

  readonly #read: ReadNodes = async (wanted) =>
    wanted.map(({ level, idx }) => {
      const hash = this.#nodes.get(`${level}/${idx}`);
      if (hash === undefined) throw new Error(`no node ${level}/${idx}`);
      return hash;
    });
}

/** Every role that a capture of a post has, with content that differs from capture to capture. */
function madeUpFiles(number: number): Record<string, Buffer> {
  const names = [
    'record/syndication.json',
    'page/screenshot.full.png',
    'page/html.received.html',
    'page/dom.rendered.html',
    'page/text.txt',
    'media/1.original.mp4',
    'keyframes/0001.jpg',
    'render/render.png',
  ];
  return Object.fromEntries(
    names.map((name, place) => [name, Buffer.from(`${name} of ${number}\n`.repeat(20 + place))]),
  );
}

function madeUpManifest(
  captureId: string,
  at: string,
  files: Record<string, Buffer>,
  changes: Partial<Manifest>,
): Manifest {
  return {
    schema: 'holdfast.manifest/1',
    captureId,
    environment: 'live',
    state: 'complete',
    link: 'https://example.org/<script>alert(1)</script>',
    source: 'web:https://example.org/',
    requestedSource: 'web:https://example.org/',
    submission: {
      id: uuidv7(),
      case: 'convoy',
      tags: [],
      note: null,
      by: 'A. Person',
      reason: 'a test',
      origin: 'human',
      facts: {},
      at,
    },
    openedAt: at,
    startedAt: at,
    finishedAt: at,
    aliases: [],
    steps: [
      {
        name: 'page',
        attempt: 1,
        required: true,
        state: 'done',
        final: true,
        reason: null,
        detail: {},
        startedAt: at,
        finishedAt: at,
      },
    ],
    post: null,
    pages: [],
    observations: [],
    events: [],
    artifacts: Object.entries(files).map(([name, content]) => ({
      role: (name.split('/')[1] ?? 'text') as Role,
      name,
      step: 'page',
      mediaType: 'application/octet-stream',
      sizeBytes: content.length,
      sha256: sha256(content),
      derivedFrom: null,
      media: null,
      facts: {},
      storedAt: at,
    })),
    conditions: { browserSandbox: true },
    tools: { holdfast: '0.0.0-test' },
    nonce: anyBytes(32).toString('hex'),
    sha512: Object.fromEntries(
      Object.values(files).map((content) => [
        sha256(content),
        createHash('sha512').update(content).digest('hex'),
      ]),
    ),
    ...changes,
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
