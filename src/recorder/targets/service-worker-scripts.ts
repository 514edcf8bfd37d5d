/**
 * Scripts of service workers, as far as no session tells of them: what a worker imports before it
 * has been met, and the script itself as long as it has not come.
 */
import { headerOf } from '../content-length.ts';
import type { Entry, ExchangeLedger } from '../exchange-ledger.ts';
import type { ProtocolSession } from '../protocol.ts';

/** Chromium gives it one of these when its script has run, which none does that lacks an import. */
const afterItsScript = new Set(['installing', 'installed', 'activating', 'activated']);

export class ServiceWorkerScripts {
  readonly #ledger: ExchangeLedger;
  /** Addresses of all that Chromium was told to load. */
  readonly #begun = new Set<string>();

  constructor(ledger: ExchangeLedger) {
    this.#ledger = ledger;
  }

  /** Hears of the service workers of a page, and of all that is below it. */
  async hear(page: ProtocolSession): Promise<void> {
    page.listen({
      'ServiceWorker.workerVersionUpdated': ({ versions }) => {
        for (const { scriptURL, status } of versions) {
          this.#begun.add(scriptURL);
          if (afterItsScript.has(status)) this.#endImports(scriptURL);
        }
      },
    });
    await page.send('ServiceWorker.enable');
  }

  /** Of which nobody has told: the answer has not come, or Chromium let it pass without a pause. */
  unheardOf(): string[] {
    const known = new Set(this.#ledger.entries.map(({ url }) => url));
    return [...this.#begun].filter((url) => !known.has(url));
  }

  #endImports(worker: string): void {
    for (const entry of [...this.#ledger.open()])
      if (isUntold(entry) && refererOf(entry) === worker) this.#ledger.end(entry, null);
  }
}

/** Given to whoever asked for it, as it was read here to its end. */
function isUntold({ session, isWhole, isHeld, type }: Entry): boolean {
  return session === null && isWhole && !isHeld && type === 'script';
}

function refererOf({ requestHeaders }: Entry): string {
  return headerOf({ headers: Object.entries(requestHeaders) }, 'referer');
}
