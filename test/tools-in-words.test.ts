/** How the programs that made something are named to people. */
import { expect, test } from 'vitest';
import { toolsInWords } from '../src/base/tools-in-words.ts';

test('programs are named with their versions, and by what they were held', () => {
  const tools = {
    chromium: 'Chromium 156.0.8078.114 built on Debian GNU/Linux 12 (bookworm)',
    ffmpeg: 'ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers',
    sharp: '0.35.5',
    exiftool: null,
    digests: { ffmpeg: { '/usr/bin/ffmpeg': 'c0' } },
  };
  expect(toolsInWords(tools)).toBe(
    'Chromium 156.0.8078.114, ffmpeg 5.1.9-0+deb12u1, sharp 0.35.5, exiftool',
  );
  const held = 'bubblewrap: sees its input and its own folder only, no network';
  expect(toolsInWords({ sharp: '0.35.5', confinement: held })).toBe(
    'sharp 0.35.5; confined by bubblewrap',
  );
  for (const loose of [
    'not confined: time limit only',
    'not confined to its input, because bubblewrap is missing or refused here: no network',
  ])
    expect(toolsInWords({ confinement: loose })).toMatch(/; not confined(?: to its input)?$/);
});
