/**
 * Run by `unshare --net`: the whole program in a world where every address leads to this
 * machine, with a name server that changes its mind. Captures traps, then prints what was
 * reached and what the captures say. Argument: JSON of `NamespaceRun`.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../src/app.ts';
import { unfinishedAmong } from '../../src/catalog/captures.ts';
import { captureRecord } from '../../src/catalog/show.ts';
import { readConfig } from '../../src/config/config.ts';
import { readLinks } from '../../src/links/read-links.ts';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import { addLinks } from '../../src/pipeline/intake/add.ts';
import { startWorkers } from '../../workers/main.ts';
import { testDatabase, urlOf } from '../support/database.ts';
import { until } from '../support/queues.ts';
import { openPlanet, siteAddress } from './planet.ts';
import { addTrap } from './sites/trap.ts';
import { startSmallInternet } from './small-internet.ts';
import { watchWire } from './wire.ts';

export interface NamespaceRun {
  /** Spellings of private addresses that the trap page leads to. */
  hosts: string[];
  /** Links to be captured beside the trap. */
  links: string[];
  /** Whether the address policy holds; off to see that the traps themselves work. */
  guarded: boolean;
  pageTimeoutMs: number;
}

export interface NamespaceReport {
  /** By requested link. */
  records: { link: string; state: string | null; steps: CaptureRecord['steps'] }[];
  strays: string[];
  packets: Record<string, number>;
  /** URLs that the site itself answered. */
  served: string[];
}

const run = JSON.parse(process.argv[2] ?? '{}') as NamespaceRun;
console.log(JSON.stringify(await inNamespace(run)));
process.exit(0);

async function inNamespace({
  hosts,
  links,
  guarded,
  pageTimeoutMs,
}: NamespaceRun): Promise<NamespaceReport> {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'holdfast-namespace-'));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  const internet = opened.use(await startSmallInternet());
  const planet = opened.use(await openPlanet(internet));
  const rebinding = turns([siteAddress], ['10.0.0.7']);
  planet.names['rebinding.example.net'] = rebinding;
  planet.names['mixed.example.net'] = [siteAddress, '10.0.0.8'];
  planet.names['inside.example.net'] = ['192.168.7.7'];
  planet.names['inside6.example.net'] = ['fd00::7'];
  internet.world.addPage('http://rebinding.example.net/', {
    html: '<!doctype html><title>Rebinding</title><script>for (let i = 0; i < 40; i += 1) setTimeout(() => fetch("/again?" + i), i * 30)</script>',
  });
  const trap = addTrap(internet.world, hosts);
  const wire = watchWire({ browserUser: 'holdfast-browser', dns: planet.dns });
  const database = await testDatabase();
  opened.defer(() => database.close());
  const config = {
    ...readConfig({
      HOLDFAST_HOME: join(home, 'data'),
      HOLDFAST_DNS: planet.dns,
      HOLDFAST_EXTRA_CA: internet.caFile,
      HOLDFAST_ALLOW_PRIVATE: guarded ? '' : '0.0.0.0/0,::/0',
      HOLDFAST_HOST_INTERVAL_MS: '0',
      HOLDFAST_RETRY_BASE_MS: '50',
      HOLDFAST_PAGE_TIMEOUT_MS: String(pageTimeoutMs),
      HOLDFAST_LOG_LEVEL: 'silent',
    }),
    databaseUrl: urlOf(database.connection),
  };
  const app = opened.use(await openApp(config, { make: 'live' }));
  const openDoor = app.parts.egress.openDoor;
  app.parts.egress.openDoor = async () => {
    const door = await openDoor();
    wire.allowDoor(Number(new URL(door.url).port));
    return door;
  };
  const asked = [trap, ...links].join('\n');
  const submitted = await addLinks(app.parts, await app.queue(), readLinks(asked), {});
  const ids = [...new Set(submitted.flatMap(({ captureId }) => captureId ?? []))];
  const workers = await startWorkers(app);
  opened.defer(() => workers.close(10_000));
  await until(async () => (await unfinishedAmong(app.parts.database, ids)).length === 0, 240_000);
  const records = await Promise.all(ids.map((id) => captureRecord(app.parts.database, id)));
  return {
    records: records
      .filter((record) => record !== null)
      .map(({ link, state, steps }) => ({ link, state, steps })),
    strays: planet.strays(),
    packets: wire.strays(),
    served: internet.log().map(({ url }) => url),
  };
}

function turns(...answers: string[][]): () => string[] {
  let asked = 0;
  return () => answers[asked++ % answers.length] ?? [];
}
