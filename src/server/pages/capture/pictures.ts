/** The pictures of a capture, one at a time: as rendered, as the browser saw it, as it was attached. */
import type { CaptureRecord } from '../../../model/capture-record.ts';
import type { KeptFile } from '../../kept-address.ts';
import { captured, withoutSteering } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { largePicture } from '../../parts/picture.ts';
import { digest, size } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';

export type File = CaptureRecord['artifacts'][number];

/** In the order in which they tell most. */
const pictureRoles = [
  'render',
  'screenshot.focal',
  'screenshot.viewport',
  'screenshot.full',
  'screenshot.clean',
  'contact-sheet',
  'document.page',
  'media.original',
  'third-party',
];

export function keptFile(record: CaptureRecord, file: File): KeptFile {
  const { sha256, mediaType, sizeBytes, name } = file;
  return { captureId: record.id, sha256, mediaType, sizeBytes, name };
}

export function picturesOf({ artifacts }: CaptureRecord): File[] {
  return artifacts
    .filter(({ role, mediaType }) => pictureRoles.includes(role) && mediaType.startsWith('image/'))
    .filter(({ role, name }) => role !== 'contact-sheet' || !name.endsWith('.png'))
    .toSorted((a, b) => pictureRoles.indexOf(a.role) - pictureRoles.indexOf(b.role));
}

export function picturePart(view: View, record: CaptureRecord, asked: string | null): Html {
  const { picture: w } = view.words;
  const pictures = picturesOf(record).filter((file) => view.hands(file));
  const shown = pictures.find(({ name }) => name === asked) ?? pictures[0];
  if (shown === undefined)
    return html`${framePart(view, record)}<p class="empty">${w.noneKept}</p>`;
  const label = (file: File) => view.words.roles[file.role] ?? file.role;
  // Nothing answers which one is asked for.
  if (!view.acts)
    return html`<section class="pictures" aria-labelledby="pictures"><h2 id="pictures">${w.title}</h2>${pictures.map((file) => pictureFigure(view, record, file, label(file)))}</section>`;
  return html`<section class="pictures" aria-labelledby="pictures"><h2 id="pictures">${w.title}</h2>
<ul class="chips">${pictures.map(
    (file) =>
      html`<li><a class="chip" href="${view.link(`/captures/${record.id}`, { picture: file.name })}#pictures"${file === shown ? html` aria-current="true"` : nothing}>${label(file)}${isTwice(pictures, file) ? html` <bdi>(${view.words.compare.views[folderOf(file)] ?? folderOf(file)})</bdi>` : nothing}</a></li>`,
  )}</ul>
${pictureFigure(view, record, shown, label(shown))}
</section>${framePart(view, record)}`;
}

function pictureFigure(view: View, record: CaptureRecord, file: File, label: string): Html {
  const { picture: w } = view.words;
  return html`<figure>${largePicture(view, keptFile(record, file), label)}
<figcaption>${label} · ${captured(file.name)} · ${size(view, file.sizeBytes)} · ${isOpenable(file) ? html`<a href="${view.kept('play', keptFile(record, file))}" target="_blank" rel="noreferrer noopener">${w.open}</a> · ` : nothing}<a href="${view.kept('save', keptFile(record, file))}">${w.save}</a><br>${file.derivation === undefined ? w.evidence : w.derived} ${digest(file.sha256)}</figcaption></figure>`;
}

/** As a whole in a window of its own, by a browser that draws it and runs nothing. */
function isOpenable({ mediaType }: File): boolean {
  return /^image\/(?:png|jpeg|webp|gif|avif)$/.test(mediaType);
}

function isTwice(pictures: File[], { role }: File): boolean {
  return pictures.filter((file) => file.role === role).length > 1;
}

/** The view that it was seen in, and after what; of an original its own name. */
function folderOf({ role, name }: File): string {
  const isOwn = role === 'media.original' || role === 'document.page';
  const said = isOwn ? name.replace(/^.*\//, '') : name.replace(/\/[^/]*$/, '');
  return withoutSteering(said);
}

/** The stored HTML, in a frame of another origin without script and network; loaded when it is opened. */
function framePart(view: View, record: CaptureRecord): Html | string {
  const { picture: w } = view.words;
  const stored = record.artifacts.find(({ role }) => role === 'dom.rendered');
  const file = stored ?? record.artifacts.find(({ role }) => role === 'html.received');
  // On a disk, captured HTML would stand among our own pages.
  if (file === undefined || !view.acts) return nothing;
  return html`<details class="stored-page"><summary>${w.storedPage}</summary><p class="quiet">${w.storedPageMeaning}</p>
<iframe title="${w.storedPage}" sandbox="" referrerpolicy="no-referrer" loading="lazy" src="${view.kept('frame', keptFile(record, file))}"></iframe></details>`;
}
