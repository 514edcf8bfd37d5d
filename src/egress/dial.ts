/**
 * The one way out: resolves once, judges every address, connects to one that was judged,
 * and writes down what happened. The door and the client have no other.
 */
import type { Socket } from 'node:net';
import { HoldfastError, PermanentError } from '../base/errors.ts';
import type { AddressPolicy } from './address-policy.ts';
import { isLocalName } from './local-names.ts';
import type { ResolveName } from './resolve-name.ts';
import type { Target } from './target.ts';
import { openSocket } from './tcp.ts';
import type { Upstream } from './upstream.ts';

export type DialOutcome =
  | 'connected'
  | 'refused-by-policy'
  | 'dns'
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'timed-out'
  | 'upstream-failed'
  /** Whoever asked went away before there was an answer. */
  | 'given-up';

export interface DialRecord {
  /** The address that was connected to, tried or refused. Null: there was none, or the upstream proxy chose it. */
  address: string | null;
  outcome: DialOutcome;
}

/** Fills in `record` and opens a connection. @throws PermanentError `address-refused`, TransientError */
export type Dial = (target: Target, record: DialRecord, signal: AbortSignal) => Promise<Socket>;

export interface DialParts {
  mayReach: AddressPolicy;
  /** The operator opened ranges that are not public: a local name may lead there. */
  opensPrivate: boolean;
  resolveName: ResolveName;
  upstream: Upstream | null;
}

const connectTimeoutMs = 15_000;
const upstreamTimeoutMs = 45_000;

export function dialler(parts: DialParts): Dial {
  return async (target, record, signal) => {
    try {
      const socket = await open(parts, target, record, signal);
      record.outcome = 'connected';
      return socket;
    } catch (error) {
      record.outcome = outcomeOf(error);
      throw error;
    }
  };
}

async function open(
  { mayReach, opensPrivate, resolveName, upstream }: DialParts,
  target: Target,
  record: DialRecord,
  signal: AbortSignal,
): Promise<Socket> {
  // Behind an upstream proxy nobody judges where a name leads.
  if (!target.isAddress && !(opensPrivate && upstream === null)) refuseLocal(target);
  if (target.isAddress) refuseUnless(mayReach, target, [target.host], record);
  if (upstream !== null) {
    if (target.isAddress) record.address = target.host;
    return upstream.connect(target, upstreamTimeoutMs, signal);
  }
  const addresses = target.isAddress ? [target.host] : await resolveName(target.host, signal);
  refuseUnless(mayReach, target, addresses, record);
  return firstThatConnects(addresses, target.port, record, signal);
}

function refuseLocal({ host }: Target): void {
  if (!isLocalName(host)) return;
  throw new PermanentError('address-refused', `${host} is a name of the local network`);
}

/** One bad address among several refuses them all: such a mixture is how names are rebound. */
function refuseUnless(
  mayReach: AddressPolicy,
  { host }: Target,
  addresses: string[],
  record: DialRecord,
): void {
  const refused = addresses.find((address) => !mayReach(address));
  if (refused === undefined) return;
  record.address = refused;
  const words = refused === host ? host : `${host} leads to ${refused}, which`;
  throw new PermanentError('address-refused', `${words} is not on the public internet`);
}

async function firstThatConnects(
  addresses: string[],
  port: number,
  record: DialRecord,
  signal: AbortSignal,
): Promise<Socket> {
  let failure: unknown;
  let failedAt: string | null = null;
  for (const address of addresses) {
    record.address = address;
    try {
      return await openSocket(address, port, connectTimeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The first says most: after a refusal over IPv4, "no IPv6 here" would only confuse.
      failure ??= error;
      failedAt ??= address;
    }
  }
  record.address = failedAt;
  throw failure;
}

const outcomes: Record<string, DialOutcome> = {
  'address-refused': 'refused-by-policy',
  dns: 'dns',
  refused: 'refused',
  reset: 'reset',
  unreachable: 'unreachable',
  'timed-out': 'timed-out',
  'upstream-failed': 'upstream-failed',
};

function outcomeOf(error: unknown): DialOutcome {
  return (error instanceof HoldfastError && outcomes[error.code]) || 'given-up';
}
