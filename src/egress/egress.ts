/** The one door to the network. Whatever a capture, a timestamp or a check sends goes through here. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { closeAll } from '../base/close-all.ts';
import { ConfigError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EgressConfig } from '../config/config.ts';
import { addressPolicy } from './address-policy.ts';
import { ownCallers } from './callers.ts';
import { type HttpClient, openClient } from './client.ts';
import { dialler } from './dial.ts';
import { type Door, openDoor } from './door.ts';
import { nameResolver } from './resolve-name.ts';
import { upstreamOf } from './upstream.ts';
import { type WayOut, wayOut } from './way-out.ts';

export type { HttpClient, HttpRequest, HttpResponse } from './client.ts';
export type { Door, DoorConnection } from './door.ts';
export { followRedirects, type RedirectHop } from './redirects.ts';

export interface Egress extends AsyncDisposable {
  client: HttpClient;
  /** A proxy listener on loopback for one browser or tool; closed by whoever opened it. */
  openDoor(): Promise<Door>;
  facts: EgressFacts;
  wayOut: WayOut;
  extraCa: ExtraCa | null;
}

/** What about the network could let somebody forge a capture: part of every manifest. */
export interface EgressFacts {
  /** `host:port` of the proxy behind the door. */
  upstreamHost: string | null;
  extraCaSha256: string | null;
  allowedPrivate: string[];
  dnsServers: string[];
  exitLabel: string | null;
}

export interface ExtraCa {
  /** Absolute path. */
  file: string;
  /** Of the file's bytes. */
  sha256: string;
  pem: string;
}

/**
 * Hosts that Chromium calls for itself. Pages have no business with them, so a door refuses
 * them by name; flags keep most of these calls from being made at all.
 */
const browsersOwnHosts: ReadonlySet<string> = new Set([
  'android.clients.google.com',
  'clients2.google.com',
  'clients4.google.com',
  'clientservices.googleapis.com',
  'content-autofill.googleapis.com',
  'edgedl.me.gvt1.com',
  'mtalk.google.com',
  'optimizationguide-pa.googleapis.com',
  'redirector.gvt1.com',
  'safebrowsing.googleapis.com',
  'safebrowsingohttpgateway.googleapis.com',
  'sb-ssl.google.com',
  'update.googleapis.com',
]);

/** @throws ConfigError */
export async function openEgress(config: EgressConfig, log: Log): Promise<Egress> {
  const extraCa = config.extraCaFile === null ? null : await readExtraCa(config.extraCaFile);
  const upstream = config.upstreamProxy === null ? null : upstreamOf(config.upstreamProxy);
  const dial = dialler({
    mayReach: addressPolicy(config.allowPrivate),
    opensPrivate: config.allowPrivate.length > 0,
    resolveName: nameResolver(config.dnsServers),
    upstream,
  });
  const client = openClient(dial, extraCa?.pem ?? null);
  const doors = new Set<Door>();
  const mayCall = ownCallers();
  return {
    client,
    extraCa,
    wayOut: wayOut(upstream?.label ?? null),
    facts: {
      upstreamHost: upstream?.label ?? null,
      extraCaSha256: extraCa?.sha256 ?? null,
      allowedPrivate: config.allowPrivate,
      dnsServers: config.dnsServers,
      exitLabel: config.exitLabel,
    },
    async openDoor() {
      const guard = { mayCall: await mayCall, refusedHosts: browsersOwnHosts };
      const door = await openDoor(dial, guard, log, () => doors.delete(door));
      doors.add(door);
      return door;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await closeAll([...doors].map((door) => () => door[Symbol.asyncDispose]()));
    },
  };
}

async function readExtraCa(path: string): Promise<ExtraCa> {
  const file = resolve(path);
  try {
    const bytes = await readFile(file);
    const pem = bytes.toString('utf8');
    new X509Certificate(pem);
    return { file, pem, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    throw new ConfigError([
      `HOLDFAST_EXTRA_CA: no certificate can be read from ${file} (${String(error)})`,
    ]);
  }
}
