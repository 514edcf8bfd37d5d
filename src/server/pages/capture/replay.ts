/** The way to a replay of a capture: the recorded page, shown again in an origin of its own that reaches nothing else. */
import { StateError } from '../../../base/errors.ts';
import type { CaptureRecord } from '../../../model/capture-record.ts';
import type { Download } from '../../page.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { findPlayer, playerVersion } from '../../replay/player.ts';
import type { View } from '../../view.ts';
import { languages } from '../../words/words.ts';
import { headOf } from './head.ts';
import { isReplayable, refuseWithheld } from './web-archive.ts';

export type PlayerState = 'there' | 'missing' | 'other';

export async function playerState(folder: string): Promise<PlayerState> {
  const player = await findPlayer(folder);
  return typeof player === 'string' ? player : 'there';
}

/** Without a player, how to get one. */
export function replayPart(
  view: View,
  record: CaptureRecord,
  player: PlayerState,
  isWithheld: boolean,
): Html | string {
  const { replay: w } = view.words;
  if (!isReplayable(record) || isWithheld) return nothing;
  if (player !== 'there')
    return html`<p class="quiet">${player === 'other' ? w.otherPlayer : w.noPlayer} <code dir="ltr">holdfast setup --replay</code></p>`;
  const to = view.link(`/captures/${record.id}/replay`, { language: view.language });
  return html`<a class="button" href="${to}" target="_blank" rel="noreferrer noopener">${w.title}</a><p class="quiet">${w.short}</p>`;
}

/** Begins one. @throws StateError `graphic-withheld`, `no-player`, `not-recorded` */
export const replayOpening: Download = {
  path: '/captures/:id/replay',
  send: async (asked) => {
    const { parts, replays, session, query } = asked;
    const { record } = await headOf(asked);
    await refuseWithheld(parts, session, record.id);
    if (!isReplayable(record))
      throw new StateError(
        'not-recorded',
        'no requests of this capture were recorded, or it is still under way: there is nothing to replay',
      );
    const player = await findPlayer(parts.config.replayer);
    if (typeof player === 'string')
      throw new StateError(
        'no-player',
        `replayweb.page ${playerVersion} is not installed: run holdfast setup --replay, then open the replay again`,
      );
    const language = languages.find((one) => one === query.get('language')) ?? 'en';
    const location = replays.start({ session, record, language, player });
    return new Response(null, {
      status: 303,
      headers: { location, 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' },
    });
  },
};
