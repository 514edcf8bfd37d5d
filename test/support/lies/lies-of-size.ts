/** Lies to whoever asks again: ranges, videos, files that are too large to keep piece by piece. */
import { longer } from '../page-sets.ts';
import { type Lie, page, plain } from './lie.ts';
import { paddedPng } from './lies-of-workers.ts';
import type { Answer, Stage } from './lying-site.ts';

const MiB = 1024 * 1024;

/** A file that may be asked for in parts. */
function inParts(bytes: Buffer, mediaType: string): Answer {
  return ({ headers: { range } }) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const headers = { 'content-type': mediaType, 'accept-ranges': 'bytes' };
    if (from === undefined) return { headers, body: bytes };
    const end = to ? Math.min(Number(to), bytes.length - 1) : bytes.length - 1;
    return {
      status: 206,
      headers: { ...headers, 'content-range': `bytes ${from}-${end}/${bytes.length}` },
      body: bytes.subarray(Number(from), end + 1),
    };
  };
}

/** The same clip but for its last bytes, or for its picture. */
function otherClip(clip: Buffer): Buffer {
  const other = Buffer.from(clip);
  other.fill(0x55, Math.floor(clip.length / 2), Math.floor(clip.length / 2) + 1_000);
  return other;
}

function video(stage: Stage, sizeBytes: number): void {
  const clip = longer(stage.clip, sizeBytes);
  const url = stage.lies(
    '/v.mp4',
    inParts(clip, 'video/mp4'),
    inParts(otherClip(clip), 'video/mp4'),
  );
  stage.gives('/', {
    body: page(
      `const video = document.querySelector('video'); await new Promise((go) => { video.onplaying = video.onerror = go }); show('playing')`,
      `<video src="${url}" autoplay muted width=160></video>`,
    ),
  });
}

function picture(stage: Stage, sizeMiB: number): void {
  const headers = { 'content-type': 'image/png' };
  const url = stage.lies(
    '/p.png',
    { headers, body: paddedPng(stage.word(), sizeMiB) },
    { headers, body: paddedPng(stage.word(), sizeMiB) },
  );
  stage.gives('/', {
    body: page(`await document.images[0].decode(); show('drawn')`, `<img src="${url}">`),
  });
}

export const liesOfSize: Lie[] = [
  {
    name: 'a part of a text',
    isKnown: true,
    isHeld: true,
    lay(stage) {
      const [shown, other] = [stage.text(4_000), stage.text(4_000)];
      const url = stage.lies('/t', inParts(Buffer.from(shown), 'text/plain'), {
        headers: plain,
        body: other,
      });
      stage.gives('/', {
        body: page(
          `show(await text('${url}', { headers: { Range: 'bytes=0-${stage.pick([99, 999])}' } }))`,
        ),
      });
    },
  },
  {
    name: 'a picture of 17 MiB',
    isKnown: true,
    isHeld: true,
    isAlone: true,
    lay: (stage) => picture(stage, 17),
  },
  {
    name: 'a picture that is too large to keep',
    isKnown: true,
    isHeld: false,
    lay: (stage) => picture(stage, 34),
  },
  {
    name: 'a small video',
    isKnown: true,
    isHeld: false,
    lay: (stage) => video(stage, stage.clip.length + 8),
  },
  { name: 'a video', isKnown: true, isHeld: false, lay: (stage) => video(stage, 3 * MiB) },
  {
    name: 'a video that is another one from part to part',
    isHeld: false,
    lay(stage) {
      const clip = longer(stage.clip, 3 * MiB);
      let asked = 0;
      const url = stage.gives('/v.mp4', (request, answer) => {
        asked += 1;
        const from = inParts(asked % 2 === 1 ? clip : otherClip(clip), 'video/mp4');
        return typeof from === 'function' ? from(request, answer) : from;
      });
      stage.gives('/', {
        body: page(
          `const video = document.querySelector('video'); await new Promise((go) => { video.onplaying = video.onerror = go }); for (const at of [0.9, 0.1]) { video.currentTime = at; await pause(200) } show('playing')`,
          `<video src="${url}" autoplay muted width=160></video>`,
        ),
      });
    },
  },
  {
    name: 'a large answer to a POST',
    isHeld: true,
    isAlone: true,
    lay(stage) {
      const url = stage.gives('/t', { headers: plain, body: stage.text(20 * MiB) });
      stage.gives('/', { body: page(`show(await text('${url}', { method: 'POST' }))`) });
    },
  },
  {
    name: 'a text of unknown length that is too large to keep',
    isHeld: false,
    isAlone: true,
    lay(stage) {
      const url = stage.gives('/t', {
        headers: plain,
        body: stage.text(34 * MiB),
        framing: 'chunked',
      });
      stage.gives('/', { body: page(`show(await text('${url}'))`) });
    },
  },
  {
    name: 'a document that is too large to keep',
    isHeld: false,
    isAlone: true,
    lay(stage) {
      const word = stage.word();
      const body = (said: string) => `<p>${said}</p><!--${' '.repeat(34 * MiB)}-->`;
      const url = stage.lies('/f', { body: body(word) }, { body: body('other') });
      stage.gives('/', { body: `<iframe src="${url}"></iframe>` });
    },
  },
];
