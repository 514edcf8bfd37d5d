/** Recordings of a capture: muted and still until somebody plays them, with their keyframes as a way in. */
import type { CaptureRecord } from '../../../model/capture-record.ts';
import { captured } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { digest, moment, size } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import { type File, keptFile } from './pictures.ts';

const mostFrames = 120;

export function playerPart(view: View, record: CaptureRecord, atMs: number): Html | string {
  const recordings = record.artifacts.filter(
    ({ role, mediaType }) =>
      ['media.original', 'media.joined', 'file.original'].includes(role) &&
      /^(?:video|audio)\//.test(mediaType),
  );
  const handed = recordings.filter((file) => view.hands(file));
  if (handed.length === 0) return nothing;
  return html`${handed.map((file, index) => player(view, record, file, index, atMs))}`;
}

function player(view: View, record: CaptureRecord, file: File, index: number, atMs: number): Html {
  const { player: w } = view.words;
  const id = `recording-${index + 1}`;
  const frames = framesOf(record, file);
  const source = `${view.kept('play', keptFile(record, file))}${atMs > 0 ? `#t=${atMs / 1000}` : ''}`;
  const toPage = (at: number) => `${view.link(`/captures/${record.id}`, { t: at })}#${id}`;
  const toMoment = (at: number) => `${view.kept('play', keptFile(record, file))}#t=${at / 1000}`;
  const [first] = frames;
  const kept = { src: source, poster: first && view.kept('large', keptFile(record, first)) };
  return html`<section class="player" aria-labelledby="${id}"><h2 id="${id}">${w.title} <span class="quiet">${captured(file.name)}</span></h2>
<frame-player>${
    file.mediaType.startsWith('audio/')
      ? html`<audio controls preload="none" src="${kept.src}"></audio>`
      : html`<video controls muted playsinline preload="${atMs > 0 ? 'metadata' : 'none'}" ${kept.poster === undefined ? nothing : html`poster="${kept.poster}" `}src="${kept.src}"></video>`
  }
${frames.length === 0 ? html`<p class="quiet">${w.noFrames}</p>` : strip(view, record, frames, view.acts ? toPage : toMoment)}</frame-player>
<p class="quiet">${w.muted} ${size(view, file.sizeBytes)}${file.media?.durationMs === undefined ? nothing : html` · ${moment(file.media.durationMs)}`} · <a href="${view.kept('save', keptFile(record, file))}">${w.save}</a><br>${view.words.picture.evidence} ${digest(file.sha256)}</p></section>`;
}

export function framesOf({ artifacts }: CaptureRecord, { sha256 }: File): File[] {
  return artifacts
    .filter(({ role, derivedFrom }) => role === 'keyframe' && derivedFrom === sha256)
    .toSorted((a, b) => (a.media?.ptsMs ?? 0) - (b.media?.ptsMs ?? 0))
    .slice(0, mostFrames);
}

/** Each leads to its moment: by script, by loading the page again, or in the recording alone. */
function strip(
  view: View,
  record: CaptureRecord,
  frames: File[],
  open: (atMs: number) => string,
): Html {
  const { player: w } = view.words;
  return html`<ol class="strip" tabindex="0" aria-label="${w.frames}">${frames.map((frame) => {
    const at = frame.media?.ptsMs ?? 0;
    return html`<li><a href="${open(at)}" data-at="${at / 1000}"><img src="${view.kept('small', keptFile(record, frame))}" alt="" loading="lazy" decoding="async">${moment(at)}</a></li>`;
  })}</ol>`;
}
