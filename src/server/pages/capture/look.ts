/** A capture, to look at: the post as it was, its pictures and recordings, and what is known of it. */
import { lastLook, noteLook } from '../../../catalog/last-looks.ts';
import type { CaptureRecord } from '../../../model/capture-record.ts';
import { definePage, type OfCapture } from '../../page.ts';
import { captured, capturedLines, code, withoutSteering } from '../../parts/captured.ts';
import { doing } from '../../parts/form.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { dataLinks } from '../../parts/layout.ts';
import { withheldNotice } from '../../parts/picture.ts';
import { exactTime, facts, reason, time, who } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import { filingPart } from './filing.ts';
import { type CaptureHead, captureHead, headOf } from './head.ts';
import { picturePart } from './pictures.ts';
import { playerPart } from './player.ts';
import { type PlayerState, playerState, replayPart } from './replay.ts';
import { webArchiveLink } from './web-archive.ts';

interface Capture extends CaptureHead {
  /** Which picture is asked for, by its name in the capture. */
  picture: string | null;
  /** A moment of the recordings. */
  atMs: number;
  /** The capture of this source that the reader saw before this one. */
  seenBefore: string | null;
  player: PlayerState;
  /** Somebody asked for it once more, and nothing was captured anew. */
  isKept: boolean;
}

export const capture = definePage<Capture, OfCapture>({
  path: '/captures/:id',
  ask: async (asked) => {
    const head = await headOf(asked);
    const { database } = asked.parts;
    const { id, source, state } = head.record;
    const before = (await lastLook(database, asked.who, source))?.captureId ?? null;
    const isNewest = head.later === null && state !== null;
    if (asked.looks && isNewest && before !== id)
      await noteLook(database, asked.who, source, { captureId: id, position: null });
    const at = Number(asked.query.get('t') ?? 0);
    return {
      ...head,
      picture: asked.query.get('picture'),
      atMs: Number.isFinite(at) && at > 0 ? Math.floor(at) : 0,
      isKept: asked.query.has('kept'),
      player: asked.looks ? await playerState(asked.parts.config.replayer) : 'missing',
      seenBefore: before === id || !asked.looks ? null : before,
    };
  },
  show: (answer, view) => {
    const { record, mark, title, seenBefore, isKept } = answer;
    const { capture: w } = view.words;
    const isWithheld = mark !== undefined && view.withholds(mark);
    return {
      title: withoutSteering(title),
      body: html`${captureHead(view, answer, '')}
${isKept ? html`<p class="note">${w.keptBefore} ${time(view, record.startedAt)}. ${w.keptAgain}</p>` : nothing}
${seenBefore === null ? nothing : html`<p class="note">${w.newSince} <a href="${view.link('/compare', { a: seenBefore, b: record.id })}">${w.compareWithSeen}</a></p>`}
<div class="aside-layout"><div>
${postPart(view, record)}
${isWithheld ? withheldNotice(view, mark, view.here) : html`${playerPart(view, record, answer.atMs)}${picturePart(view, record, answer.picture)}`}
</div><aside>${captureFacts(view, answer)}${filingPart(view, record)}${stepsPart(view, record)}${notesPart(view, record)}${view.acts ? careButtons(view, answer) : nothing}</aside></div>
${dataLinks(view)}`,
    };
  },
  record: ({ record }) => record,
  rows: ({ record }) => ({
    columns: ['role', 'name', 'media type', 'bytes', 'sha256', 'derived from'],
    rows: record.artifacts.map((file) => [
      ...[file.role, file.name, file.mediaType, file.sizeBytes, file.sha256, file.derivedFrom],
    ]),
  }),
});

function postPart(view: View, { post }: CaptureRecord): Html | string {
  if (post === null) return nothing;
  const { capture: w } = view.words;
  return html`<article class="post" aria-label="${w.post}">${post.text === '' ? html`<p class="empty">${w.noText}</p>` : capturedLines(post.text)}
<p class="quiet">${w.claimed} ${exactTime(view, post.claimedAt)} · ${w.fromId} ${exactTime(view, post.idTime)}</p></article>`;
}

function captureFacts(view: View, { record, isAskedElsewhere }: Capture): Html {
  const { capture: w } = view.words;
  const { submission, seal, sourceNow } = record;
  return html`<h2>${w.facts}</h2>${facts([
    [
      w.link,
      view.acts
        ? html`<a href="${view.leave(record.link)}">${code(record.link)}</a>`
        : code(record.link),
    ],
    [w.started, exactTime(view, record.startedAt)],
    [w.finished, record.finishedAt === null ? null : exactTime(view, record.finishedAt)],
    [w.by, isAskedElsewhere ? w.askedElsewhere : who(view, submission.by)],
    [w.reason, submission.reason === null ? null : captured(submission.reason)],
    [
      w.seal,
      html`<a href="${view.link(`/captures/${record.id}/verify`)}">${seal === null ? w.notSealed : w.stages[seal.stage]}</a>`,
    ],
    [w.checked, sourceNow.lastCheck === null ? null : time(view, sourceNow.lastCheck)],
    [w.id, code(record.id)],
  ])}`;
}

function stepsPart(view: View, { steps }: CaptureRecord): Html {
  const { capture: w, steps: names, stepStates } = view.words;
  return html`<h2>${w.steps}</h2><ul class="steps">${steps.map(
    ({ name, required, state, reason: why }) =>
      html`<li class="step-${state}"><span>${names[name] ?? name}${required ? nothing : html` <span class="quiet">${w.optional}</span>`}</span> <span>${stepStates[state]}${why === null ? nothing : html` ${reason(view, why)}`}</span></li>`,
  )}</ul>`;
}

const mostNotKept = 20;

/** What limits it, which the steps alone don't tell. */
function notesPart(view: View, { views }: CaptureRecord): Html | string {
  const { capture: w } = view.words;
  const notes = views.flatMap((one) => one.notes);
  const notKept = views.flatMap((one) => one.notKept);
  const more = notKept.length - mostNotKept;
  return html`${notes.length === 0 ? nothing : html`<h2>${w.notes}</h2><ul lang="en" dir="ltr">${notes.map(({ message }) => html`<li>${captured(message)}</li>`)}</ul>`}${
    notKept.length === 0
      ? nothing
      : html`<h2>${w.notKept}</h2><ul class="steps">${notKept.slice(0, mostNotKept).map(({ url, reason: why }) => html`<li><span>${code(url)}</span> <span>${reason(view, why)}</span></li>`)}${more > 0 ? html`<li>+${more}</li>` : nothing}</ul>`
  }`;
}

function careButtons(view: View, { record, mark, player }: Capture): Html {
  const { capture: w, graphic } = view.words;
  const isWithheld = mark !== undefined && view.withholds(mark);
  const back = `/captures/${record.id}`;
  return html`<h2>${w.doing}</h2><div class="buttons stacked">
${record.state === null ? nothing : doing(view, '/export', w.exportBundle, { captures: record.id })}
${replayPart(view, record, player, isWithheld)}
${webArchiveLink(view, record, isWithheld)}
${doing(view, '/again', w.again, { capture: record.id })}
${
  mark === undefined
    ? html`<details><summary>${graphic.mark}</summary>${markForm(view, record.source, back)}</details>`
    : html`<p class="quiet">${graphic.markedBy} ${captured(mark.by)} ${time(view, mark.at)}</p>${doing(view, '/graphic/unmark', graphic.unmark, { source: mark.sourceKey ?? '', back })}${
        view.withholds(mark)
          ? nothing
          : doing(view, '/graphic/hide', graphic.hide, { source: mark.sourceKey ?? '', back })
      }`
}
</div>`;
}

function markForm(view: View, source: string, back: string): Html {
  const { graphic } = view.words;
  return html`<form method="post" action="${view.link('/graphic/mark')}"><input type="hidden" name="csrf" value="${view.session.csrf}"><input type="hidden" name="source" value="${source}"><input type="hidden" name="back" value="${back}">
<label>${graphic.noteLabel} <input name="note" dir="auto" maxlength="300"></label><p class="quiet">${graphic.markMeaning}</p><button>${graphic.mark}</button></form>`;
}
