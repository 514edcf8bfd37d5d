/** What one visit has kept so far, and what it could not keep. */

import { Readable } from 'node:stream';
import { within } from '../base/time-limit.ts';
import { viewDefaults } from '../browser/browser.ts';
import type { NewArtifact } from '../model/artifact.ts';
import type { Role } from '../model/roles.ts';
import type { Vault } from '../vault/vault.ts';
import type { Note } from './page-events.ts';
import { pngSize } from './png-rows.ts';
import type { Shot } from './screenshots.ts';

export const viewport = { widthPx: 1280, heightPx: 900 };
const lookLimitMs = 25_000;

export class VisitArtifacts {
  readonly artifacts: NewArtifact[];
  readonly #view: string;
  readonly #vault: Vault;
  readonly #signal: AbortSignal;
  readonly #note: (code: Note['code'], message: string) => void;
  /** What each look at the page says of itself. */
  readonly #label: Record<string, unknown>;
  readonly #folder: string;

  constructor(
    view: string,
    vault: Vault,
    note: (code: Note['code'], message: string) => void,
    signal: AbortSignal,
    label: Record<string, unknown> = {},
    within: { artifacts: NewArtifact[]; folder: string } = { artifacts: [], folder: '' },
  ) {
    this.#view = view;
    this.#vault = vault;
    this.#note = note;
    this.#signal = signal;
    this.#label = label;
    this.#folder = within.folder;
    this.artifacts = within.artifacts;
  }

  /** For another look at the same page: among the others, in a folder of their own. */
  again(folder: string, label: Record<string, unknown>): VisitArtifacts {
    const within = { artifacts: this.artifacts, folder: `${folder}/` };
    return new VisitArtifacts(this.#view, this.#vault, this.#note, this.#signal, label, within);
  }

  /** For what is kept when looks at the page are over. */
  goingOn(signal: AbortSignal): VisitArtifacts {
    const within = { artifacts: this.artifacts, folder: this.#folder };
    return new VisitArtifacts(this.#view, this.#vault, this.#note, signal, this.#label, within);
  }

  /** `name` without its view. @throws what the vault throws */
  async add(
    role: Role,
    name: string,
    mediaType: string,
    bytes: Parameters<Vault['put']>[0],
    facts: Record<string, unknown>,
  ): Promise<NewArtifact> {
    // Its file may go before anybody has begun to read it: whoever reads it is told so too.
    if (bytes instanceof Readable) bytes.on('error', () => {});
    const stored = await this.#vault.put(bytes, { signal: this.#signal });
    this.#signal.throwIfAborted();
    const artifact: NewArtifact = {
      role,
      name: `${this.#view}/${this.#folder}${name}`,
      mediaType,
      ...stored,
      derivedFrom: null,
      facts: { view: this.#view, ...facts },
    };
    this.artifacts.push(artifact);
    return artifact;
  }

  async addShot(shot: Shot | null): Promise<void> {
    if (shot === null) return;
    const artifact = await this.add(shot.role, `${shot.role}.png`, 'image/png', shot.png, {
      ...this.#label,
      ...shot.facts,
      viewport,
      ...viewDefaults,
    });
    artifact.media = pngSize(shot.png);
  }

  /** One look at the page. A page that doesn't let itself be looked at costs that one thing, and a note. */
  async attempt<Value>(what: string, look: () => Promise<Value>): Promise<Value | null> {
    this.#signal.throwIfAborted(); // nobody would hear how a look ends that begins after the end
    try {
      return await within(lookLimitMs, this.#signal, look());
    } catch (error) {
      this.#signal.throwIfAborted();
      const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      this.#note('not-kept', `${what}: ${words.slice(0, 300)}`);
      return null;
    }
  }
}
