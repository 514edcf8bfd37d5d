/** Reasons of the media step when the video of another site was asked of the extractor (yt-dlp). */
import { codeTable } from './entry.ts';

export const extractorReasons = codeTable({
  'extractor-broken': {
    meaning: 'The extractor no longer understands the site.',
    when: 'It asked to report the issue to its makers.',
    todo: 'Update yt-dlp, then `holdfast retry`.',
  },
  'extractor-drm': {
    meaning: 'The video is protected by DRM. Holdfast does not circumvent it.',
    when: 'The extractor said so.',
    todo: 'Nothing.',
  },
  'extractor-failed': {
    meaning: 'The extractor brought nothing, for a reason that it did not name.',
    when: 'Its last words are in the step’s detail.',
    todo: 'Read them; update yt-dlp, then `holdfast retry`.',
  },
  'extractor-geo-blocked': {
    meaning: 'The site does not show the video in this country.',
    when: 'The extractor said so.',
    todo: 'Use another network exit (`HOLDFAST_UPSTREAM_PROXY`).',
  },
  'extractor-live-stream': {
    meaning: 'The video is a live stream that has not begun or not ended. It is skipped.',
    when: 'The extractor said so.',
    todo: 'Capture it again when the broadcast is over.',
  },
  'extractor-login-wanted': {
    meaning: 'The site shows the video only to who is logged in.',
    when: 'The extractor said so.',
    todo: 'Nothing: the extractor is never logged in.',
  },
  'extractor-no-format': {
    meaning: 'The site offers the video in no usable form.',
    when: 'The extractor said so.',
    todo: 'Update yt-dlp, then `holdfast retry`.',
  },
  'extractor-none': {
    meaning: 'The extractor knows no video at this address.',
    when: 'It does not support the site, or the page has no video.',
    todo: 'Nothing.',
  },
  'extractor-timed-out': {
    meaning: 'The extractor took longer than it may.',
    when: 'A very long video, or a slow site.',
    todo: 'Raise `HOLDFAST_MEDIA_TIMEOUT_MS`, then `holdfast retry`.',
  },
  'extractor-too-large': {
    meaning: 'The video is larger than the limit allows.',
    when: 'It is over `HOLDFAST_MEDIA_MAX_BYTES`.',
    todo: 'Raise the limit, then `holdfast retry`.',
  },
});

/** What the media step says where the extractor was not asked. */
export const extractorOutcomes = codeTable({
  kept: {
    meaning: 'The extractor’s files are kept.',
    when: 'In this attempt or an earlier one.',
    todo: 'Nothing.',
  },
  'no-extractor': {
    meaning: 'There is no extractor on this machine.',
    when: 'yt-dlp is not installed.',
    todo: 'Install it, or name it in `HOLDFAST_YTDLP`.',
  },
  'no-player': {
    meaning: 'Nothing in the page speaks of a player, so the extractor was not asked.',
    when: 'The visit found no video or sound, no player’s frame, and no address of a media file.',
    todo: 'Nothing.',
  },
  'switched-off': {
    meaning: 'The extractor is switched off.',
    when: '`HOLDFAST_YTDLP` is `none`.',
    todo: 'Nothing.',
  },
});
