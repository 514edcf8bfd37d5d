/** Why the extractor brought nothing: read from its own words, and from nothing else. */
import type { Reason } from '../../base/reasons.ts';
import type { DoorConnection } from '../../egress/egress.ts';
import type { ExtractorOutcome } from './run-extractor.ts';

export interface ExtractorFailure {
  /** `extractor-…`, or `address-refused` where the door would not let it through. */
  reason: Reason;
  /** The cause may pass. */
  transient: boolean;
  /** It had found a video, or a site that it knows by name told it no: then something was not had. */
  missed: boolean;
  /** What was read: its last `ERROR:` and the lines below. */
  words: string | null;
}

/**
 * Phrases that the program itself adds to whatever a site says (`raise_login_required`,
 * `raise_geo_restricted`, `report_drm` and their like in its `extractor/common.py`): no site's
 * own wording is interpreted.
 */
const phrases: [RegExp, reason: Reason][] = [
  [/Unsupported URL: /, 'extractor-none'],
  [/for the authentication|to provide account credentials/, 'extractor-login-wanted'],
  [/You might want to use a VPN or a proxy server/, 'extractor-geo-blocked'],
  [/This video is DRM protected|known to use DRM protection/, 'extractor-drm'],
  [/This live event will begin|The channel is not currently live/, 'extractor-live-stream'],
  [/Requested format is not available/, 'extractor-no-format'],
  [/please report this issue on/, 'extractor-broken'],
];

const passing =
  /HTTP Error (429|5\d\d)|Read timed out|timed out|Connection reset|Temporary failure|Tunnel connection failed: 50[24]/i;

export function failureOf(
  { complaints, said, stopped, found, kept }: ExtractorOutcome,
  connections: DoorConnection[],
): ExtractorFailure {
  const at = complaints.findLastIndex((line) => line.startsWith('ERROR: '));
  // What it adds to a site's words may stand on lines of its own below.
  const words = at === -1 ? null : complaints.slice(at).join('\n');
  const missed = found.length > 0 || stopped !== null || isOfSite(words);
  const fails = (reason: Reason, transient = false) => ({ reason, transient, missed, words });
  if (stopped === 'timed-out') return fails('extractor-timed-out');
  if (
    stopped === 'too-large' ||
    said.some((line) => line.includes('File is larger than max-filesize'))
  )
    return fails('extractor-too-large');
  if (words === null && found.some(({ is_live }) => is_live === true))
    return fails('extractor-live-stream');
  if (words === null) return fails(kept.length > 0 ? 'extractor-no-file' : 'extractor-failed');
  const told = phrases.find(([phrase]) => phrase.test(words));
  if (told !== undefined) return fails(told[1]);
  if (connections.some(({ outcome }) => outcome === 'refused-by-policy'))
    return fails('address-refused');
  return fails('extractor-failed', passing.test(words));
}

/** `ERROR: [youtube] …` names who speaks; `generic` knows no site. */
function isOfSite(words: string | null): boolean {
  const speaker = /^ERROR: \[([\w:.+-]+)\]/.exec(words ?? '')?.[1];
  return speaker !== undefined && !/^(generic|download)$/i.test(speaker);
}
