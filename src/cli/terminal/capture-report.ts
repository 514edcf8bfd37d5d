/** One capture, told to a tired investigator: what it is, what was kept, what is missing. */

import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import { reasonInWords } from '../../base/reasons.ts';
import { screenColumns } from '../../config/screen.ts';
import type { CaptureRecord, DerivationPart, OtsPart } from '../../model/capture-record.ts';
import { unnamed } from '../../model/submission.ts';
import { demonstration } from '../../seal/verify/warnings.ts';
import { displayWidth } from './display-width.ts';
import {
  type Format,
  type Listing,
  printListing,
  shortSize,
  shortTime,
  write,
  writeWrapped,
} from './output.ts';

type Artifact = CaptureRecord['artifacts'][number];

const captureListing: Listing<CaptureRecord> = {
  columns: [
    { title: 'CAPTURE', value: (record) => record.id },
    { title: 'STATE', value: (record) => record.state ?? 'unfinished' },
    { title: 'SOURCE', value: (record) => record.source, width: 48 },
    { title: 'AUTHOR', value: (record) => record.post?.author.handle ?? '', width: 20 },
    { title: 'FINISHED', value: (record) => shortTime(record.finishedAt) },
    { title: 'FILES', value: (record) => record.artifacts.length },
    {
      title: '',
      csvTitle: 'ENVIRONMENT',
      value: (record) => (record.environment === 'demo' ? 'DEMONSTRATION' : ''),
    },
  ],
  id: (record) => record.id,
  record: (record) => ({ ...record }),
  nothing: 'nothing was kept',
};

/** Whole reports for people, records for programs; of more than `mostWhole` a list for either. */
export function printCaptures(
  records: CaptureRecord[],
  format: Format,
  { mostWhole = Number.POSITIVE_INFINITY } = {},
): void {
  if (format === 'table' && records.length <= mostWhole) {
    records.forEach((record, index) => {
      if (index > 0) write('');
      printCapture(record);
    });
  } else printListing(records, captureListing, format);
}

function printCapture(record: CaptureRecord): void {
  const line = (name: string, value: string | null | undefined) => {
    if (value) writeWrapped(name.padEnd(12), forTerminal(value));
  };
  if (record.environment === 'demo') write(`*** ${demonstration} ***`);
  for (const warning of record.warnings.filter((one) => one !== demonstration))
    write(`*** ${forTerminal(warning)} ***`);
  line('capture', record.id);
  line('state', record.state ?? 'unfinished');
  line('link', record.link);
  line('source', record.source);
  line('source now', sourceNow(record));
  line(
    'captured',
    `${shortTime(record.startedAt)} to ${shortTime(record.finishedAt) || 'now'} (observed)`,
  );
  line('asked by', askedBy(record));
  for (const words of orderLines(record)) line(...words);
  if (record.post !== null) printPost(record.post, line);
  for (const step of record.steps) line('step', stepLine(step));
  for (const view of record.views) {
    line('page', pageLine(view));
    line('scrolled', scrolledLine(view));
    for (const words of actionLines(view)) line('action', words);
    for (const { code, message } of view.notes) line('note', `${view.name}: ${message} (${code})`);
    for (const words of notKeptLines(view)) line('not kept', words);
  }
  for (const artifact of record.artifacts)
    if (artifact.derivation === undefined) writeFileLine(artifact);
  for (const derivation of record.derivations) {
    line('derived', derivationLine(derivation));
    for (const artifact of record.artifacts)
      if (artifact.derivation !== undefined && artifact.derivation === derivation.id)
        writeFileLine(artifact);
  }
  line(
    'manifest',
    record.manifestSha256 === null ? 'not written yet' : `SHA-256 ${record.manifestSha256}`,
  );
  for (const words of sealLines(record.seal)) line('seal', words);
}

function printPost(
  post: NonNullable<CaptureRecord['post']>,
  line: (name: string, value: string | null | undefined) => void,
): void {
  line(
    'author',
    `${post.author.name ?? ''} @${post.author.handle ?? '?'} (id ${post.author.id ?? '?'})`,
  );
  line('text', post.text);
  line(
    'posted',
    `${shortTime(post.claimedAt) || 'unknown'} (claimed), ${shortTime(post.idTime) || 'unknown'} (from the id)`,
  );
}

function writeFileLine({ role, sizeBytes, sha256, name, removed }: Artifact): void {
  const head = `  ${role.padEnd(20)} ${shortSize(sizeBytes).padStart(9)}`;
  const shown = forTerminal(name) + (removed === undefined ? '' : ' (removed by order)');
  const line = `${head}  ${sha256}  ${shown}`;
  if (displayWidth(line) <= screenColumns(process.stdout)) {
    write(line);
    return;
  }
  // A digest is whole or of no use.
  write(`${head}  ${shown}`);
  write(`    ${sha256}`);
}

/** Made of the evidence, and no part of it. */
function derivationLine({ kind, state, reason, tool, logIndex }: DerivationPart): string {
  if (state === 'waiting') return `${kind}: waiting for a worker`;
  const why = reason === null ? '' : `: ${reasonInWords(reason)}`;
  const entry = logIndex === null ? '' : `, entry ${logIndex} of the log`;
  return `${kind} ${state}${why} (${tool}${entry})`;
}

function stepLine(step: CaptureRecord['steps'][number]): string {
  const why = step.reason === null ? '' : `: ${reasonInWords(step.reason)}`;
  const tries = step.attempts > 1 ? ` after ${step.attempts} attempts` : '';
  return `${step.name} ${step.state}${why}${tries}${step.required ? '' : ' (not required)'}`;
}

/** Where the link led. */
function pageLine({ name, finalUrl, httpStatus }: CaptureRecord['views'][number]): string | null {
  if (finalUrl === null) return null;
  return `${name}: ${finalUrl}${httpStatus === null ? '' : ` (HTTP ${httpStatus})`}`;
}

/** How far a page was scrolled before its pictures were taken. */
function scrolledLine({ name, scrolled }: CaptureRecord['views'][number]): string | null {
  if (scrolled === null) return null;
  const { of, toPx, ofPx, screens, ended } = scrolled;
  if (of === 'nothing') return `${name}: nothing to scroll`;
  const what = of === 'page' ? name : `${name}, its largest ${of}`;
  const far = `${what}: ${toPx} of ${ofPx} px in ${plural(screens, 'screen')}`;
  return ended === 'end' ? far : `${far}, ended by ${endings[ended] ?? ended}`;
}

function actionLines({ name, actions }: CaptureRecord['views'][number]): string[] {
  return (actions?.outcomes ?? []).map((one) => {
    const what = one.target === null ? one.do : `${one.do} ${one.target}`;
    const times = one.times === undefined ? '' : `, ${plural(one.times, 'click')}`;
    const why = one.reason === null ? '' : `: ${one.reason}`;
    return `${name}: ${what} ${one.state}${why} (${one.tookMs} ms${times})`;
  });
}

const mostNotKept = 10;

/** Why the capture of a page is not complete. */
function notKeptLines({ name, notKept }: CaptureRecord['views'][number]): string[] {
  const named = notKept.slice(0, mostNotKept);
  const lines = named.map(({ url, reason }) => `${url}: ${reasonInWords(reason)}`);
  const more = notKept.length - named.length;
  return more === 0 ? lines : [...lines, `${name}: ${more} more, see show --json`];
}

const endings: Record<string, string> = {
  'height-limit': 'the limit of height',
  'time-limit': 'the limit of time',
  stuck: 'the page, which scrolls no farther',
  unresponsive: 'the page, which stopped answering',
};

/** What each rung of the ladder proves, and no more. */
function sealLines(seal: CaptureRecord['seal']): string[] {
  if (seal === null) {
    return ['none: not in the log, so a pass of verify does not prove when this was made'];
  }
  if (seal.checkpoint === null) {
    return [`entry ${seal.logIndex} of the log, not under a signed checkpoint yet`];
  }
  const lines = [
    `entry ${seal.logIndex} of the log, signed at ${plural(seal.checkpoint, 'entry', 'entries')}`,
  ];
  for (const { authority, at } of seal.timestamps)
    lines.push(`no later than ${at}, says ${authority}`);
  for (const { name, at } of seal.witnesses) lines.push(`seen by the witness ${name} at ${at}`);
  lines.push(...(seal.openTimestamps ?? []).map(otsInWords));
  if (seal.timestamps.length === 0) {
    lines.push('no timestamp from another party yet: all times are from our own clock');
  }
  return lines;
}

/** A promise is only a promise, and a block's number says nothing without its header. */
function otsInWords({ state, checkpoint, blocks, calendars }: OtsPart): string {
  const of = `OpenTimestamps over the checkpoint of ${plural(checkpoint, 'entry', 'entries')}`;
  if (state === 'pending')
    return `${of}: promised by ${calendars.join(', ') || 'a calendar'}, which proves nothing`;
  return `${of}: names Bitcoin block ${blocks.join(', ')}; proves nothing until held against that block's header (verify --all --bitcoin-headers FILE)`;
}

function sourceNow({ sourceNow: now }: CaptureRecord): string {
  const kind = now.kind === null ? '' : ` (${now.kind})`;
  return `${now.availability}${kind}${now.lastCheck === null ? '' : `, last checked ${shortTime(now.lastCheck)}`}`;
}

const mostAsked = 20;

/** In which cases it is, who else asked for it, and what people filed about it. */
function orderLines({ cases, tags, submissions, filings, submission }: CaptureRecord) {
  const lines: [string, string][] = [];
  if (cases.length > 0) lines.push(['cases', cases.join(', ')]);
  if (tags.length > 0) lines.push(['tags', tags.join(', ')]);
  const others = submissions.filter(({ at, by }) => at !== submission.at || by !== submission.by);
  for (const other of others.slice(0, mostAsked))
    lines.push(['also submitted', askedBy({ submission: other })]);
  if (others.length > mostAsked)
    lines.push(['also submitted', `${others.length - mostAsked} times more`]);
  for (const { kind, change, value, on, case: caseName, by, at, logIndex } of filings) {
    const what = kind === 'note' ? 'note' : `${kind} ${change}`;
    const where = on === 'capture' ? ', on this capture' : '';
    const of = kind === 'case' || caseName === null ? '' : `, for the case ${caseName}`;
    lines.push([
      'filed',
      `${what}: ${value} (${by}, ${shortTime(at)}${where}${of}, entry ${logIndex})`,
    ]);
  }
  return lines;
}

function askedBy({ submission }: Pick<CaptureRecord, 'submission'>): string {
  const by = submission.by === unnamed ? 'no name given' : submission.by;
  const parts = [by, shortTime(submission.at)];
  if (submission.case !== null) parts.push(`case ${submission.case}`);
  if (submission.tags.length > 0) parts.push(`tags ${submission.tags.join(', ')}`);
  if (submission.note !== null) parts.push(`note: ${submission.note}`);
  return parts.join(', ');
}
