/** What the stages work with: built once by `app.ts`, handed to every stage. */

import type { Log } from '../base/log.ts';
import type { RenderBrowser } from '../browser/render-browser.ts';
import type { Database } from '../catalog/database.ts';
import type { Config } from '../config/config.ts';
import type { Home } from '../config/home.ts';
import type { Egress } from '../egress/egress.ts';
import type { HostPace } from '../egress/pace.ts';
import type { Platform } from '../platforms/platform.ts';
import type { Vault } from '../vault/vault.ts';

export interface Parts {
  config: Config;
  home: Home;
  log: Log;
  database: Database;
  vault: Vault;
  egress: Egress;
  pace: HostPace;
  renderBrowser: RenderBrowser;
  /** @throws PermanentError `unknown-platform` */
  platformOf(source: string): Promise<Platform>;
  /** The time at which links come in and sources are observed; absent: the clock's. Simulations have their own. */
  now?(): Date;
  /** Versions and digests of the tools used, for manifests. Looked up once a process. */
  tools(): Promise<Record<string, unknown>>;
}

/** One run of one stage for one capture, as the queue hands it over. */
export interface StageRun {
  captureId: string;
  round: number;
  attempt: number;
  /** Nobody tries again after this one: whatever happens is written down as final. */
  lastAttempt: boolean;
  /** How long this work has already been put off because hosts asked to wait. */
  waitedMs: number;
  signal: AbortSignal;
}

export function timeNow(parts: Pick<Parts, 'now'>): Date {
  return parts.now?.() ?? new Date();
}
