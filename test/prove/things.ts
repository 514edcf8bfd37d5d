/**
 * Every kind of thing at things.example.org through the whole program, held against what the site
 * says must be kept of it. Size: how many of them, from the top of its list.
 */
import assert from 'node:assert/strict';
import { findCaptures } from '../../src/catalog/find.ts';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import type { ServedRequest } from '../internet/answer.ts';
import { everyThing, type Thing, thingsHost } from '../internet/sites/things.ts';
import { type TestHoldfast, testHoldfast } from '../support/holdfast.ts';
import type { Proof } from './proof.ts';

export const proof: Proof = {
  fullSize: everyThing.length,
  async prove({ size, say }) {
    const chosen = everyThing.slice(0, size);
    await using holdfast = await testHoldfast({
      backend: 'postgres',
      // What has no end takes as long as it may.
      variables: { HOLDFAST_MEDIA_TIMEOUT_MS: '5000' },
    });
    const links = chosen.map(({ link }) => addressOf(link));
    const submitted = await holdfast.submit(links.join('\n'));
    const workers = await holdfast.work();
    const ids = submitted.map(({ captureId }) => captureId ?? '');
    const records = await holdfast.untilClosed(ids).finally(() => workers.close(10_000));
    const wrong: string[] = [];
    for (const [index, thing] of chosen.entries()) {
      const faults = await judge(holdfast, thing, records[index]);
      say(
        `${thing.what}: ${records[index]?.state}${faults.length > 0 ? `, ${faults.join('; ')}` : ''}`,
      );
      wrong.push(...faults.map((fault) => `${thing.link} (${thing.what}): ${fault}`));
    }
    assert.deepEqual(wrong, []);
  },
};

function addressOf(link: string): string {
  return `https://${thingsHost}${link}`;
}

/** @returns what is not as it should be */
async function judge(
  { app, internet }: TestHoldfast,
  { expected }: Thing,
  record: CaptureRecord | undefined,
): Promise<string[]> {
  if (record === undefined) return ['there is no capture'];
  const manifest = JSON.parse(String(await app.parts.vault.readRecord('manifests', record.id)));
  const page = manifest.steps.find(({ name, final }: Step) => name === 'page' && final);
  const view = page?.detail.views?.[0] ?? {};
  const step = record.steps.find(({ required, state }) => required && /failed|blocked/.test(state));
  const faults = [
    differs('state', record.state, expected.state),
    differs('reason', step?.reason ?? undefined, expected.reason),
    expected.status && differs('status', view.httpStatus, expected.status),
    expected.availability &&
      differs('availability', record.sourceNow.availability, expected.availability),
    expected.notes && differs('notes', codes(view.notes ?? []), expected.notes.join()),
    expected.key && differs('key', record.source, `web:${addressOf(expected.key)}`),
    ...(expected.named ?? []).map((name) => lacksName(record, name)),
    ...(expected.derived ?? []).map((kind) => lacksDerivation(record, kind)),
    ...(expected.originals ?? []).map((path) => lacksOriginal(record, path, internet.log())),
  ];
  for (const text of expected.words ?? []) {
    const { rows } = await findCaptures(app.parts.database, { text });
    if (!rows.some(({ id }) => id === record.id)) faults.push(`"${text}" does not find it`);
  }
  return faults.filter((fault): fault is string => typeof fault === 'string');
}

interface Step {
  name: string;
  final: boolean;
}

function differs(what: string, found: unknown, expected: unknown): string | null {
  return found === expected ? null : `${what} ${String(found)} instead of ${String(expected)}`;
}

function codes(notes: { code: string }[]): string {
  return notes.map(({ code }) => code).join();
}

function lacksName({ artifacts }: CaptureRecord, name: string): string | null {
  const has = artifacts.some((one) => one.name.endsWith(name));
  return has ? null : `no ${name} among ${artifacts.map((one) => one.name).join(', ')}`;
}

function lacksDerivation({ derivations }: CaptureRecord, kind: string): string | null {
  const made = derivations.filter((one) => one.kind === kind);
  if (made.some(({ state }) => state === 'done')) return null;
  return `no ${kind} (${made.map(({ state, reason }) => `${state}: ${reason}`).join() || 'none'})`;
}

/** By the bytes that the site served at this path to whom it served them. */
function lacksOriginal(
  { artifacts }: CaptureRecord,
  path: string,
  served: ServedRequest[],
): string | null {
  const digests = new Set(
    served
      .filter(({ url, status }) => new URL(url).pathname === path && status === 200)
      .map(({ decodedSha256 }) => decodedSha256),
  );
  const originals = artifacts.filter(({ role }) => /^(media|file)\.original$/.test(role));
  return originals.some(({ sha256 }) => digests.has(sha256)) ? null : `no original of ${path}`;
}
