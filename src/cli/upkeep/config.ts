import type { Command } from 'commander';
import { HoldfastError } from '../../base/errors.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { existingHome } from '../../config/config.ts';
import { queueAddressOf } from '../../pipeline/queue-address.ts';
import { submitPayload } from '../../pipeline/requests/submit-job.ts';
import { write, writeDocument } from '../terminal/output.ts';
import { configFor, documentFormatOf, type GlobalOptions, globals, withExisting } from '../verb.ts';

/** Prints the settings in force, and where other programs enqueue; whatever could be a secret is hidden. */
export async function config(command: Command): Promise<void> {
  const options = globals(command);
  const format = documentFormatOf(options);
  const { databaseUrl, redisUrl, x, egress, seal, saveElsewhere, ...rest } =
    await configFor(options);
  const shown = {
    ...rest,
    databaseUrl: hidden(databaseUrl),
    redisUrl: hidden(redisUrl),
    egress: { ...egress, upstreamProxy: hidden(egress.upstreamProxy) },
    seal: { ...seal, tsaUrls: seal.tsaUrls.map(hidden) },
    saveElsewhere: { ...saveElsewhere, key: saveElsewhere.key === null ? null : '(set)' },
    x: { bearer: x.bearer === null ? null : '(set)', queryIds: x.queryIds },
    jobs: await jobsOf(options),
  };
  if (writeDocument({ schema: 'holdfast.config/1', ...shown }, format)) return;
  const lines = flattened(shown);
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, value] of lines) write(`${name.padEnd(width)}  ${forTerminal(value)}`);
}

/**
 * Under which names the queues are found, and what other programs may put there. The names hold
 * the id of the catalog, so there are none where no catalog is, or it can't be asked.
 */
async function jobsOf(options: GlobalOptions): Promise<Record<string, unknown>> {
  const payloads = { submit: submitPayload };
  if (existingHome(options.home) === null) return { ...unknownNames, payloads };
  try {
    return { ...(await withExisting(options, ({ parts }) => queueAddressOf(parts))), payloads };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    console.error(`the names of the queues are not known: ${forTerminal(error.message)}`);
    return { ...unknownNames, payloads };
  }
}

const unknownNames = { backend: null, prefix: null, queues: null };

/** The address without its password, and without its query, where passwords and paid keys stand too. */
function hidden(address: string | null): string | null {
  if (address === null) return null;
  try {
    const url = new URL(address);
    if (url.password !== '') url.password = 'hidden';
    if (url.search !== '') url.search = '?(hidden)';
    return url.href;
  } catch {
    return '(set)';
  }
}

function flattened(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner))
      return flattened(inner, path);
    return [
      [path, inner === null ? '-' : Array.isArray(inner) ? inner.join(', ') || '-' : String(inner)],
    ];
  });
}
