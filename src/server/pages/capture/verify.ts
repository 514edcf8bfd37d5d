/** What can be proved of a capture, what can't, and a button that looks again. */

import { captureIdFrom } from '../../../catalog/capture-id.ts';
import type { CaptureRecord } from '../../../model/capture-record.ts';
import { verifyCapture } from '../../../pipeline/verify/captures.ts';
import { type Action, definePage, field, type OfCapture } from '../../page.ts';
import { captured, code, withoutSteering } from '../../parts/captured.ts';
import { doing } from '../../parts/form.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { dataLinks } from '../../parts/layout.ts';
import { exactTime, facts, number } from '../../parts/words-of.ts';
import type { Verified } from '../../session.ts';
import type { View } from '../../view.ts';
import { type CaptureHead, captureHead, headOf } from './head.ts';

interface Verification extends CaptureHead {
  verified: Verified | null;
}

export const captureVerify = definePage<Verification, OfCapture>({
  path: '/captures/:id/verify',
  ask: async (asked) => {
    const head = await headOf(asked);
    return { ...head, verified: asked.session.verified.get(head.record.id) ?? null };
  },
  show: (answer, view) => {
    const { verify: w } = view.words;
    const { record, verified } = answer;
    const claims = (title: string, lines: readonly string[], look: string) =>
      html`<section class="claims ${look}"><h2>${title}</h2><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
    return {
      title: `${view.words.capture.tabs['/verify']} · ${withoutSteering(answer.title)}`,
      body: html`${captureHead(view, answer, '/verify')}
<div class="aside-layout"><div>
${doing(view, '/verify', w.now, { capture: record.id }, 'main')}
${view.acts ? result(view, verified) : html`<p>${view.words.site.statement}</p>`}
<div class="columns">${claims(w.provesTitle, w.proves, isPassed(verified) ? 'proves' : 'would-prove')}${claims(w.provesNotTitle, w.provesNot, 'proves-not')}${claims(w.restsTitle, w.rests, 'rests')}</div>
</div><aside>${ladder(view, record)}${sealFacts(view, record)}</aside></div>
${dataLinks(view)}`,
    };
  },
  record: ({ record, verified }) => ({
    capture: record.id,
    seal: record.seal,
    manifestSha256: record.manifestSha256,
    verifiedAt: verified?.at ?? null,
    findings: verified?.findings.map((one) => ({ schema: 'holdfast.finding/1', ...one })) ?? [],
  }),
  rows: ({ verified }) => ({
    columns: ['capture', 'subject', 'ok', 'message'],
    rows:
      verified?.findings.map(({ captureId, subject, ok, message }) => [
        ...[captureId, subject, String(ok), message],
      ]) ?? [],
  }),
});

/** Nothing is ticked off before somebody looked. */
function isPassed(verified: Verified | null): boolean {
  return verified?.findings.every(({ ok }) => ok) ?? false;
}

const rungs = ['stored', 'closed', 'sealed', 'stamped', 'witnessed'] as const;

/** How far up the capture has come. */
function ladder(view: View, { manifestSha256, seal }: CaptureRecord): Html {
  const { capture: w, verify } = view.words;
  const reached = seal?.stage ?? (manifestSha256 === null ? 'stored' : 'closed');
  const height = rungs.indexOf(reached);
  return html`<h2>${verify.ladder}</h2><ol class="ladder">${rungs.map(
    (rung, index) =>
      html`<li class="${index <= height ? 'reached' : 'ahead'}"><strong>${w.stages[rung]}</strong> <span class="quiet">${(index <= height ? verify.stageMeanings : verify.stagesAhead)[rung]}</span></li>`,
  )}</ol>`;
}

function sealFacts(view: View, { manifestSha256, seal }: CaptureRecord): Html {
  const { verify: w } = view.words;
  return facts([
    [w.manifest, manifestSha256 === null ? null : code(manifestSha256)],
    [w.entry, seal === null ? null : number(view, seal.logIndex)],
    [w.checkpoint, seal?.checkpoint == null ? null : number(view, seal.checkpoint)],
    ...(seal?.timestamps ?? []).map(
      ({ authority, at }) => [authority, exactTime(view, at)] as [string, Html],
    ),
    ...(seal?.witnesses ?? []).map(({ name, at }) => [name, exactTime(view, at)] as [string, Html]),
  ]);
}

function result(view: View, verified: Verified | null): Html {
  const { verify: w } = view.words;
  if (verified === null) return html`<p class="quiet">${w.notLooked}</p>`;
  const faults = verified.findings.filter(({ ok }) => !ok);
  const sorted = [...faults, ...verified.findings.filter(({ ok }) => ok)];
  return html`<section class="verdict ${faults.length === 0 ? 'good' : 'bad'}" role="status"><h2>${
    faults.length === 0 ? w.passed : w.failed(number(view, faults.length))
  }</h2><p class="quiet">${w.at} ${exactTime(view, verified.at)}</p>
<details${faults.length === 0 ? nothing : html` open`}><summary>${w.findings(number(view, sorted.length))}</summary><ul class="findings">${sorted.map(
    ({ subject, ok, message }) =>
      html`<li class="${ok ? 'ok' : 'fault'}"><strong>${ok ? w.ok : w.fault}</strong> ${captured(subject)} <span class="quiet">${captured(message)}</span></li>`,
  )}</ul></details></section>`;
}

/** Hashes every file of it again. */
export const verifyAction: Action = {
  path: '/verify',
  act: async ({ parts, session, signal }, form) => {
    const id = await captureIdFrom(parts.database, field(form, 'capture'));
    const findings = [];
    for await (const finding of verifyCapture(parts, id, signal)) findings.push(finding);
    session.verified.set(id, { at: new Date(), findings });
    return `/captures/${id}/verify`;
  },
};
