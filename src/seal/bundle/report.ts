/**
 * The report of a bundle: one HTML page without script, made for A4. First what was kept, in
 * pictures that Holdfast drew itself, then each capture, then every digest and entry. All other
 * content from outside is text here, and shown as such.
 */
import { createHash } from 'node:crypto';
import { plural } from '../../base/plural.ts';
import { readEntry } from '../log-entry.ts';
import type { Manifest } from '../manifest.ts';
import { bundleStatement } from '../verify/findings.ts';
import { demonstration } from '../verify/warnings.ts';
import type { BundleContent, HandedOrder } from './bundle-content.ts';
import { captureAppendix, captureSection } from './capture-section.ts';
import { derivedSection } from './derived-section.ts';
import { type Html, html, joinHtml, listOf, shownTime, tableOf } from './html.ts';
import { sharedInWords } from './order-section.ts';
import { styles } from './report-styles.ts';
import { type HandedDerivation, type ShownPicture, shownPictures } from './shown-pictures.ts';
import { summarySection } from './summary-section.ts';
import { toolsSection } from './tools-section.ts';

interface ReportedCapture {
  manifest: Manifest;
  sha256: string;
  order: HandedOrder | null;
  /** Names of its files that are in the bundle. */
  handed: ReadonlySet<string>;
  webArchive: boolean;
}

export class Report {
  readonly #content: BundleContent;
  readonly #captures: ReportedCapture[] = [];
  readonly #derivations: HandedDerivation[] = [];
  /** Place in the log, by digest of the manifest. */
  readonly #places = new Map<string, number>();
  readonly #entries: { cells: string[]; detail: string | undefined }[] = [];
  /** Who did it, by digest of the detail that names them. */
  readonly #doers = new Map<string, string>();

  constructor(content: BundleContent) {
    this.#content = content;
  }

  addCapture(capture: ReportedCapture): void {
    this.#captures.push(capture);
  }

  addDerivation(made: HandedDerivation): void {
    this.#derivations.push(made);
  }

  /** Of every capture, in the order in which they were added. */
  pictures(): ShownPicture[] {
    return this.#captures.flatMap((capture) => this.#picturesOf(capture));
  }

  #picturesOf({ manifest, sha256, handed }: ReportedCapture): ShownPicture[] {
    const pictures = shownPictures(manifest, sha256, handed, this.#derivations);
    const note = this.#content.graphic.get(manifest.captureId);
    return note === undefined
      ? pictures
      : pictures.map((picture) => ({ ...picture, graphic: { note } }));
  }

  addEntry(index: number, bytes: Uint8Array): void {
    const entry = readEntry(bytes);
    if (entry.type === 'capture' && entry.manifest_sha256 !== undefined)
      this.#places.set(entry.manifest_sha256, index);
    const about = entry.manifest_sha256 ?? entry.targets?.join(', ') ?? '';
    this.#entries.push({
      cells: [String(index), entry.at, entry.type, entry.actor, about],
      detail: entry.detail_sha256,
    });
  }

  addDetail(sha256: string, bytes: Uint8Array): void {
    const { by } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { by?: unknown };
    if (typeof by === 'string') this.#doers.set(sha256, by);
  }

  html(demo: boolean): string {
    const { origin, exportedAt, version, ofCase } = this.#content;
    const captures = this.#captures.map((capture) => ({
      ...capture,
      pictures: this.#picturesOf(capture),
      seal: this.#seal(capture.sha256),
    }));
    const body = html`<h1>Report</h1>
${demo ? html`<p class="warning">${demonstration}</p>` : html``}
${listOf([
  ['Log', origin],
  ['Exported', shownTime(exportedAt)],
  ['Made by', `holdfast ${version}`],
  ['Captures', String(this.#captures.length)],
  ...(ofCase === null ? [] : [['Case', ofCase] as [string, string]]),
])}
${this.#sharedInWords()}
${summarySection(captures)}
<h2>What this proves</h2><p>${bundleStatement}</p>
${joinHtml(captures.map(captureSection))}
<section class="begins"><h2>Appendix: steps, files and digests</h2></section>
${joinHtml(captures.map(captureAppendix))}
${toolsSection(this.#captures.map(({ manifest }) => manifest))}
${derivedSection(this.#derivations)}
${this.#custody()}
${this.#times()}`;
    return page(demo, body);
  }

  #sharedInWords(): Html {
    const shared = this.#captures.filter(({ order }) => order?.isShared).length;
    return shared === 0 ? html`` : html`<p>${sharedInWords(shared)}</p>`;
  }

  #seal(sha256: string): Html {
    const index = this.#places.get(sha256);
    if (index === undefined) return html`not in the log`;
    const stamps = this.#content.checkpoints
      .filter(({ size, tokens }) => size > index && tokens.length > 0)
      .flatMap(({ size, tokens }) => tokens.map(({ genTime }) => ({ size, genTime })))
      .sort((one, other) => one.genTime.getTime() - other.genTime.getTime());
    const first = stamps[0];
    const ots = this.#otsInWords(index);
    return first === undefined
      ? html`entry ${index} of the log; no timestamp: only the log itself says when${ots}`
      : html`entry ${index} of the log; existed by ${shownTime(first.genTime)} (timestamp over the checkpoint of ${plural(first.size, 'entry', 'entries')})${ots}`;
  }

  /** Short, because no proof of this kind proves anything by itself. */
  #otsInWords(index: number): string {
    const proofs = this.#content.checkpoints
      .filter(({ size }) => size > index)
      .flatMap(({ otsProofs }) => otsProofs);
    if (proofs.length === 0) return '';
    return `; OpenTimestamps proofs over checkpoints that cover it: ${proofs.length} (see the end). They prove nothing without the header of the Bitcoin block that they name, and a promise names none`;
  }

  #custody(): Html {
    const rows = this.#entries.map(({ cells, detail }) => [
      ...cells.slice(0, 3),
      this.#doers.get(detail ?? '') ?? `id ${cells[3]}`,
      cells[4] ?? '',
    ]);
    return html`<h2>Custody: entries of the log</h2>
<p>In order. Names come from the records beside the log; where there is none, the entry's own id is shown.</p>
${tableOf(['Entry', 'Time (UTC)', 'What', 'By', 'Of (SHA-256)'], rows, [8, 18, 12, 25, 37])}`;
  }

  #times(): Html {
    const rows = this.#content.checkpoints.flatMap(({ size, note, tokens }) => {
      const sha256 = createHash('sha256').update(note).digest('hex');
      return tokens.length === 0
        ? [[String(size), sha256, 'none', '']]
        : tokens.map(({ genTime, address }) => [String(size), sha256, shownTime(genTime), address]);
    });
    const proofs = this.#content.checkpoints.flatMap(({ size, otsProofs }) =>
      otsProofs.map(({ claim }) => [String(size), claim]),
    );
    return html`<h2>Checkpoints and timestamps</h2>
${tableOf(['Entries', 'SHA-256 of the checkpoint', 'Timestamp', 'Authority'], rows, [10, 37, 23, 30])}
${proofs.length === 0 ? html`` : html`<h3>OpenTimestamps proofs</h3>${tableOf(['Entries', 'What it says'], proofs, [10, 90])}`}`;
  }
}

function page(demo: boolean, body: Html): string {
  const title = demo ? 'Report - DEMONSTRATION' : 'Report';
  return `<!doctype html>
${html`<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<title>${title}</title><style>${styles(demo)}</style></head>
<body>${body}</body></html>`}
`;
}
