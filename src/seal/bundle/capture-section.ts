/** One capture in the report: what its manifest says, for people to read. */
import { z } from 'zod';
import { reasonInWords } from '../../base/reasons.ts';
import type { Manifest } from '../manifest.ts';
import { warningsOf } from '../verify/warnings.ts';
import type { HandedOrder } from './bundle-content.ts';
import { type Html, html, joinHtml, listOf, tableOf } from './html.ts';
import { orderSection } from './order-section.ts';
import { picturesOf } from './picture-section.ts';
import { postSection } from './post-section.ts';
import type { ShownPicture } from './shown-pictures.ts';
import { anchorOf } from './summary-section.ts';

const readClock = z.object({
  source: z.string(),
  synchronised: z.boolean().nullable(),
  offsetMs: z.number().nullable(),
  readAt: z.string(),
});

/** How far the machine's clock could be believed, as far as anything on the machine said. */
function clockInWords(clock: unknown): string {
  const read = readClock.safeParse(clock);
  if (!read.success) return 'not recorded';
  const { source, synchronised, offsetMs, readAt } = read.data;
  if (source === 'unknown')
    return `nothing on the machine told how right its clock was (${readAt})`;
  const state = synchronised === true ? 'synchronised' : 'not known to be synchronised';
  const offset = offsetMs === null ? '' : `, ${offsetMs} ms off its reference`;
  return `${state} by ${source}${offset} (read ${readAt})`;
}

/** What is kept byte for byte as somebody else served it. */
const receivedRoles = new Set([
  'record.raw',
  'html.received',
  'media.original',
  'media.playlist',
  'media.segment',
  'warc.body',
  'third-party',
]);

export interface CaptureInReport {
  manifest: Manifest;
  /** Of the manifest. */
  sha256: string;
  /** Names of its files that are in the bundle. */
  handed: ReadonlySet<string>;
  webArchive: boolean;
  pictures: ShownPicture[];
  seal: Html;
  order: HandedOrder | null;
}

/** What a reader wants to know first: what it is, how it was kept, and how it looked. */
export function captureSection(capture: CaptureInReport): Html {
  const { manifest, sha256, webArchive, pictures, seal, order } = capture;
  const warnings = warningsOf(manifest);
  const { collector, clock, submission, post, captureId } = manifest;
  return html`<section id="${anchorOf(captureId)}"><h2>Capture ${captureId}</h2>
${joinHtml(warnings.map((warning) => html`<p class="warning">${warning}</p>`))}
${listOf([
  ['State', manifest.state],
  ['Link as it was given', manifest.link],
  ['Source', manifest.source],
  ...(order?.isShared === true ? [] : askedFor(submission)),
  [
    'Organisation, legal basis',
    collector ? `${collector.organisation}; ${collector.legalBasis}` : 'not recorded',
  ],
  ['Captured', `${manifest.startedAt} to ${manifest.finishedAt}`],
  ['Clock', clockInWords(clock)],
  ['Manifest', `SHA-256 ${sha256}`],
  ['Seal', seal],
  ['Web archive', webArchive ? 'capture.wacz, made at export' : 'none'],
  ['Not collected', manifest.notCollected?.join(', ') ?? 'not recorded'],
])}
${postSection(post)}
${orderSection(order)}
<h3>How it looked</h3>
${picturesOf(captureId, manifest.source, pictures)}</section>`;
}

/** Of a capture first kept for another case its manifest alone says who asked for it. */
function askedFor({ at, by, reason, case: caseName }: Manifest['submission']): [string, string][] {
  return [
    ['Asked for', `${at} by ${by}`],
    ['Reason', reason ?? 'not stated'],
    ['Case', caseName ?? 'none'],
  ];
}

/** Steps, pages, files with their digests: for whoever checks. */
export function captureAppendix({ manifest, handed }: CaptureInReport): Html {
  return html`<section class="appendix"><h2>Capture ${manifest.captureId}</h2>
<h3>Steps</h3>
${tableOf(
  ['Step', 'Attempt', 'Outcome', 'Began', 'Ended'],
  manifest.steps.map((step) => [
    `${step.name}${step.required ? '' : ' (not required)'}`,
    String(step.attempt),
    step.reason === null ? step.state : `${step.state}: ${reasonInWords(step.reason)}`,
    step.startedAt,
    step.finishedAt,
  ]),
  [24, 9, 21, 23, 23],
)}
<h3>Pages</h3>
${tableOf(
  ['View', 'Final address', 'Status', 'Title'],
  manifest.pages.map(({ view, finalUrl, httpStatus, title }) => [
    view,
    finalUrl,
    String(httpStatus ?? ''),
    title ?? '',
  ]),
  [10, 50, 8, 32],
)}
<h3>Files</h3>
${tableOf(
  ['File', 'Role', 'Bytes', 'SHA-256', 'Made from'],
  manifest.artifacts.map(({ name, role, sizeBytes, sha256: digest, derivedFrom }) => [
    handed.has(name) ? name : `${name} (not handed over)`,
    role,
    String(sizeBytes),
    digest,
    derivedFrom ?? (receivedRoles.has(role) ? 'received from outside' : 'written here, at capture'),
  ]),
  [22, 13, 9, 31, 25],
)}</section>`;
}
