/**
 * `rebuild --drop` as a process of its own, to be killed: says when the old catalog is gone
 * and half of the new one is there, and goes no further. Settings from the environment.
 */
import { openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { replaceCatalog } from '../../src/pipeline/rebuild/catalog.ts';
import type { Vault } from '../../src/vault/vault.ts';

const app = await openApp(readConfig(), { make: null, behind: 'allow' });
await replaceCatalog({ ...app.parts, vault: endlessAt('watch-plans', app.parts.vault) });

function endlessAt(kind: string, vault: Vault): Vault {
  return new Proxy(vault, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) =>
        name === 'records' && given[0] === kind ? saysSoAndWaits() : value.apply(target, given);
    },
  });
}

async function* saysSoAndWaits(): AsyncGenerator<never> {
  console.log('in the middle');
  await new Promise((resolve) => setInterval(resolve, 2 ** 30));
}
