/** The one way out, as it is where nothing is set: no proxy, no pace, the public internet only. */
import type { EgressConfig } from '../../src/config/config.ts';
import { type Egress, openEgress } from '../../src/egress/egress.ts';
import { silent } from './database.ts';

/** @param more what this test is about; servers on loopback need `allowPrivate: loopback` */
export function testEgress(more: Partial<EgressConfig> = {}): Promise<Egress> {
  const nothing: EgressConfig = {
    upstreamProxy: null,
    dnsServers: [],
    extraCaFile: null,
    allowPrivate: [],
    exitLabel: null,
    hostIntervalMs: 0,
  };
  return openEgress({ ...nothing, ...more }, silent);
}

export const loopback = ['127.0.0.0/8'];
