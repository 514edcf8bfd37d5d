/** An archive with something in every table and record that a claim rests on, for the proof of the seal. */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { artifactsOf } from '../../src/catalog/artifacts.ts';
import { insertCosignature, newestCheckpoint } from '../../src/catalog/checkpoints.ts';
import { keepSearchable } from '../../src/catalog/keep-searchable.ts';
import { recordStep, type StepExtras } from '../../src/catalog/steps.ts';
import { type FoundLink, readLinks } from '../../src/links/read-links.ts';
import type { NewArtifact } from '../../src/model/artifact.ts';
import type { Role } from '../../src/model/roles.ts';
import { defaultRule } from '../../src/model/watch-rules.ts';
import { decide } from '../../src/pipeline/copies/clusters.ts';
import { markGraphic } from '../../src/pipeline/copies/graphic.ts';
import { makeCheckpoint } from '../../src/pipeline/custody/checkpoint.ts';
import { noteCustody } from '../../src/pipeline/custody/custody-event.ts';
import { enterRecords } from '../../src/pipeline/custody/enter-records.ts';
import { type FilingDraft, fileAll } from '../../src/pipeline/custody/filing.ts';
import { sweepFixity } from '../../src/pipeline/custody/fixity.ts';
import { releaseHold, setHold } from '../../src/pipeline/custody/hold.ts';
import { askCalendars } from '../../src/pipeline/custody/ots.ts';
import { removeByOrder } from '../../src/pipeline/custody/removal.ts';
import { stampDue } from '../../src/pipeline/custody/stamp.ts';
import { cosignatureRow } from '../../src/pipeline/custody/witness.ts';
import { submitLinks } from '../../src/pipeline/intake/submit.ts';
import { keepRecord, noteEvents, withRecords } from '../../src/pipeline/keep-record.ts';
import type { Parts } from '../../src/pipeline/parts.ts';
import { concludeIn } from '../../src/pipeline/watching/conclude.ts';
import { type CheckRecord, writeCheck } from '../../src/pipeline/watching/observe.ts';
import { watchSource } from '../../src/pipeline/watching/watch.ts';
import { canonicalJson } from '../../src/seal/canonical-json.ts';
import { recordName } from '../../src/seal/log.ts';
import { cosign } from '../../src/seal/note-signing.ts';
import { addCalendarHosts, type CalendarHosts } from '../internet/calendar.ts';
import { startSmallInternet } from '../internet/small-internet.ts';
import { addTimestampHosts } from '../internet/timestamp-authority.ts';
import { type TestArchive, testArchive } from '../support/archive.ts';
import { attempt, observation, post } from '../support/catalog.ts';

export interface SealedArchive extends AsyncDisposable {
  archive: TestArchive;
  rootsFile: string;
  captureIds: string[];
  /** Empty, for copies and bundles. */
  folder: string;
}

const signal = new AbortController().signal;
const order = {
  authority: 'District Court',
  reference: '7 C 1/26',
  reason: 'a test',
  by: 'Jane Roe',
};

/** The roles of a capture's files. */
export const roles: Role[] = [
  'record.raw',
  'screenshot.full',
  'screenshot.viewport',
  'html.received',
  'dom.rendered',
  'text',
  'warc',
  'media.original',
  'keyframe',
  'contact-sheet',
  'render',
  'ocr',
];

export async function sealedArchive(captures: number): Promise<SealedArchive> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-seal-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const internet = opened.use(await startSmallInternet());
  const hosts = await addTimestampHosts(internet.world, join(folder, 'authority'));
  const calendars = addCalendarHosts(internet.world);
  const archive = opened.use(
    await testArchive({
      variables: {
        ...internet.environment,
        HOLDFAST_TSA_URLS: hosts.honest,
        HOLDFAST_TSA_ROOTS: hosts.rootsFile,
        HOLDFAST_OTS_CALENDARS: calendars.honest,
        HOLDFAST_ORGANISATION: 'An archive',
      },
    }),
  );
  const { parts } = archive;
  await stamped(parts);
  const captureIds: string[] = [];
  for (let number = 0; number < captures; number += 1) {
    captureIds.push(await fullCapture(archive, number));
    if (number % 10 === 0) await stamped(parts);
  }
  await custody(archive, captureIds[0] ?? '');
  await stamped(parts);
  await provedByBlock(parts, calendars);
  await cosigned(parts);
  await keepSearchable(parts.database, { wait: true });
  const resources = opened.move();
  return {
    archive,
    captureIds,
    folder,
    rootsFile: hosts.rootsFile,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function stamped(parts: Parts): Promise<void> {
  await noteCustody(parts, { type: 'viewed', by: 'Jane Roe', detail: { what: 'the list' } });
  await makeCheckpoint(parts);
  await stampDue(parts, signal);
}

/** A pending proof, and the complete one that a block makes of it. */
async function provedByBlock(parts: Parts, calendars: CalendarHosts): Promise<void> {
  await askCalendars(parts, signal);
  calendars.mine();
  await parts.database.query('update timestamp_schedule set next_at = now()');
  await askCalendars(parts, signal);
}

async function fullCapture(archive: TestArchive, number: number): Promise<string> {
  const { parts } = archive;
  const link = `https://example.org/${number}`;
  const submit = {
    case: 'convoy',
    tags: ['one', 'two'],
    note: 'a note',
    reason: 'a test',
    priority: 3,
  };
  // The second is not worked on; the third is refused.
  const asked: FoundLink[] = [
    ...readLinks(`${link} https://x.com/a/status/1227381802398646272/photo/1`),
    { link: 'mailto:nobody@example.org', rejected: 'scheme' },
  ];
  const [row] = await submitLinks(parts, asked, submit);
  const captureId = row?.captureId ?? '';
  const at = new Date();
  const artifacts: NewArtifact[] = [];
  for (const [place, role] of roles.entries()) {
    const words = `${role} of ${number} `.repeat(50 + place);
    const stored = await parts.vault.put(role === 'ocr' ? pictureText(words) : words);
    artifacts.push({
      role,
      name: role === 'text' ? 'page/text.txt' : `${role.replace('.', '/')}.bin`,
      mediaType: 'application/octet-stream',
      derivedFrom: ['keyframe', 'ocr'].includes(role) ? (artifacts[0]?.sha256 ?? null) : null,
      media: { width: 640, height: 480 },
      facts: { url: link, tool: { name: 'test', version: '1' } },
      ...stored,
    });
  }
  const extras: StepExtras = {
    artifacts,
    observations: [
      {
        ...observation('web:https://example.org/', 'present', at.toISOString()),
        statement: 'it said so',
        failure: 'none',
        headers: [['etag', '"1"']],
        bodySha256: artifacts[0]?.sha256 ?? null,
        exitLabel: 'DE, a network',
      },
    ],
    texts: [
      {
        name: 'ocr.bin',
        kind: 'ocr',
        readFrom: artifacts[0]?.sha256 ?? '',
        body: `ocr of ${number} `.repeat(50 + roles.indexOf('ocr')),
      },
    ],
    post: post({ text: `text of ${number}` }),
    pages: [
      {
        view: 'page',
        finalUrl: link,
        httpStatus: 200,
        title: 'A page',
        body: (await parts.vault.read(artifacts[5]?.sha256 ?? '')).toString('utf8'),
      },
    ],
    aliases: [
      {
        aliasKey: 'x:tco:abc',
        sourceKey: 'web:https://example.org/',
        hops: [{ url: link }],
        seenAt: at,
      },
    ],
    events: [{ kind: 'changed', sourceKey: 'web:https://example.org/', detail: { hops: 2 }, at }],
  };
  const made = attempt(captureId, { step: 'page', reason: 'slow', detail: { views: [] } });
  await recordStep(parts.database, made, extras);
  await recordStep(parts.database, attempt(captureId));
  await archive.seal(captureId);
  return captureId;
}

/** Something of every other kind that can happen to what is kept. */
async function custody(archive: TestArchive, captureId: string): Promise<void> {
  const { parts } = archive;
  const hold = await setHold(parts, { ...order, scopeKind: 'capture', scope: captureId });
  await releaseHold(parts, hold.id, order);
  const removed = await fullCapture(archive, 9_999);
  await removeByOrder(parts, { ...order, captureIds: [removed], sha256s: [] });
  await sweepFixity(parts, { signal, before: new Date(Date.now() + 1_000) });
  const record: CheckRecord = {
    schema: 'holdfast.observations/1',
    id: uuidv7(),
    platform: 'web',
    origin: 'check',
    held: false,
    checkedAt: new Date(),
    sources: ['web:https://example.org/'],
    observations: [
      {
        ...observation('web:https://example.org/', 'present', new Date().toISOString()),
        id: uuidv7(),
        canary: 'passed',
        contentSha256: 'c'.repeat(64),
        counters: { likes: 7 },
      },
    ],
    warnings: [],
    rule: defaultRule,
  };
  const bytes = canonicalJson(JSON.parse(JSON.stringify(record)));
  await parts.database.transaction(async (tx) => {
    await keepRecord(parts, tx, 'observations', `${record.id}.json`, bytes);
    await writeCheck(tx, record);
    await concludeIn(parts, tx, record.sources);
  });
  await watchSource(parts, 'https://example.org/', '6h', { note: 'a note', quiet: '22:00-06:00' });
  await decideOn(archive, captureId);
  await putInOrder(parts);
  const down = {
    kind: 'worker.down',
    sourceKey: null,
    detail: { host: 'a' },
    at: new Date(),
  } as const;
  await withRecords(parts, (tx) => noteEvents(parts, tx, [down]));
  await parts.database.query(`update unlogged_records set noted_at = now() - interval '1 hour'`);
  await enterRecords(parts, signal);
  // One more, which waits for the next batch.
  await watchSource(parts, 'https://example.org/other', '1d');
}

/** Somebody says which copy to cite. */
async function decideOn({ parts }: TestArchive, captureId: string): Promise<void> {
  const artifacts = await artifactsOf(parts.database, captureId);
  const original = artifacts.find(({ role }) => role === 'media.original')?.sha256 ?? '';
  await decide(parts, 'primary', [original], { note: 'the sharpest', by: 'Jane Roe' });
  await markGraphic(parts, 'web:https://example.org/', { note: 'a wound', by: 'Jane Roe' });
}

/** Into another case, with a tag and a note. */
async function putInOrder(parts: Parts): Promise<void> {
  const of = { sourceKey: 'web:https://example.org/', captureId: null, caseName: 'convoy' };
  const acts: Pick<FilingDraft, 'kind' | 'value'>[] = [
    { kind: 'case', value: 'bridge' },
    { kind: 'tag', value: 'vehicles' },
    { kind: 'note', value: 'Seen from the other side.' },
  ];
  const drafts = acts.map((act) => ({ ...act, ...of, change: 'added' as const }));
  await fileAll(parts, drafts, 'Jane Roe');
}

/** As a witness would: its line in the vault first, then its row. */
async function cosigned(parts: Parts): Promise<void> {
  const newest = await newestCheckpoint(parts.database);
  if (newest === null) throw new Error('there is no checkpoint');
  const key = generateKeyPairSync('ed25519').privateKey;
  const text = newest.note.toString('utf8').split('\n\n')[0] ?? '';
  const line = cosign(`${text}\n`, { name: 'witness.example.org', key }, new Date());
  await parts.vault.keepRecord('cosignatures', `${recordName(newest.size)}.witness`, line);
  await insertCosignature(parts.database, cosignatureRow(newest.size, line));
}

/** As much of what is read in a picture as its rows are made from. */
function pictureText(words: string): string {
  return JSON.stringify({
    schema: 'holdfast.text-in-picture/1',
    lines: [{ text: words, confidence: 99 }],
  });
}
