/** pbs.twimg.com and video.twimg.com: the files. */
import { type Answer, json, type SiteRequest } from '../answer.ts';
import { type ClipRecipe, type PictureRecipe, rungs, twoSecondClip } from '../content.ts';
import type { MediaFile } from '../post.ts';
import type { World } from '../world.ts';

const avatar: PictureRecipe = { width: 400, height: 400, lines: [], hue: 210, word: 'DEMO' };
const borrowedPicture: PictureRecipe = { width: 1200, height: 800, lines: [], hue: 120 };

/** The box that each `name=` fits a picture into. */
const boxes: Record<string, number> = { large: 2048, medium: 1200, small: 680, thumb: 150 };

export async function pictures(request: SiteRequest, world: World): Promise<Answer> {
  const asked = askedPicture(request.url);
  if (asked.path.startsWith('/profile_images/'))
    return file(await world.content.picture(avatar), 'image/jpeg');
  const path = `pbs.twimg.com${asked.path}`;
  const known = world.files.get(path);
  if (known) {
    return (
      withheld(known, request) ?? sized(await originalPicture(known, world), asked.name, world)
    );
  }
  const borrowed =
    world.borrowedFiles.has(path) || world.borrowedFiles.has(path.replace(/\.\w+$/, ''));
  return borrowed
    ? sized(await world.content.picture(borrowedPicture), asked.name, world)
    : { status: 404 };
}

/** Posters have one size only. `KEY.jpg`, `KEY.jpg:orig`, `KEY?format=jpg&name=orig`, `KEY.jpg?name=small`. */
function askedPicture(url: URL): { path: string; name: string } {
  const [path = '', suffix] = decodeURIComponent(url.pathname).split(':');
  const format = url.searchParams.get('format');
  const poster = !path.startsWith('/media/');
  const name = poster ? 'orig' : (url.searchParams.get('name') ?? suffix ?? 'medium');
  return { path: format === null || /\.\w+$/.test(path) ? path : `${path}.${format}`, name };
}

async function originalPicture({ media }: MediaFile, world: World): Promise<Buffer> {
  if (media.kind === 'picture') return world.content.picture(media.picture);
  const poster = await world.content.clipFile(media.clip, 'poster.jpg');
  if (!poster) throw new Error('the clip was made without a poster');
  return poster;
}

async function sized(original: Buffer, name: string, world: World): Promise<Answer> {
  const box = boxes[name] ?? Number(/^(\d+)x\d+$/.exec(name)?.[1] ?? 0);
  if (name !== 'orig' && box === 0) return { status: 404 };
  const png = original[0] === 0x89;
  if (name === 'orig' || box >= 4096) return file(original, png ? 'image/png' : 'image/jpeg');
  return file(await world.content.smallerPicture(original, box, name === 'thumb'), 'image/jpeg');
}

export async function videos(request: SiteRequest, world: World): Promise<Answer> {
  const path = `video.twimg.com${request.url.pathname}`;
  const known = world.files.get(path) ?? ownerOfHls(path, world);
  if (!known?.video) return borrowedVideo(path, world);
  if (known.media.kind === 'picture') return { status: 404 };
  const refusal = withheld(known, request);
  if (refusal) return refusal;
  if (path === known.video.master) return master(known.video.mediaId);
  const hls = /\/pl\/avc1\/(\d+x\d+\/(?:index\.m3u8|\d+\.ts))$/.exec(path)?.[1];
  if (hls !== undefined) return clipFile(known.media.clip, `hls/${hls}`, world);
  const size = /\/(\d+x\d+)\/[^/]+$/.exec(path)?.[1];
  return clipFile(known.media.clip, size === undefined ? 'silent.mp4' : `${size}.mp4`, world);
}

/** Renditions and segments lie under the folder of their master. */
function ownerOfHls(path: string, world: World): MediaFile | undefined {
  const folder = /^video\.twimg\.com\/ext_tw_video\/\d+\/pu\/pl\//.exec(path)?.[0];
  if (folder === undefined) return undefined;
  return [...world.files].find(([known]) => known.startsWith(folder))?.[1];
}

function borrowedVideo(path: string, world: World): Promise<Answer> | Answer {
  if (!world.borrowedFiles.has(path)) return { status: 404 };
  if (path.endsWith('.m3u8')) {
    return playlist('#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-ENDLIST\n');
  }
  const width = Number(/\/(\d+)x\d+\//.exec(path)?.[1] ?? 0);
  const rung = rungs.findLast((one) => one.width <= width) ?? rungs[0];
  const name = path.includes('/tweet_video/') ? 'silent.mp4' : `${rung?.width}x${rung?.height}.mp4`;
  return clipFile(twoSecondClip, name, world);
}

function master(mediaId: string): Answer {
  const lines = rungs.flatMap(({ width, height, bitrate }) => [
    `#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=${bitrate},BANDWIDTH=${bitrate * 2},RESOLUTION=${width}x${height},CODECS="mp4a.40.2,avc1.4D401F"`,
    `/ext_tw_video/${mediaId}/pu/pl/avc1/${width}x${height}/index.m3u8`,
  ]);
  return playlist(
    ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-INDEPENDENT-SEGMENTS', ...lines, ''].join('\n'),
  );
}

function playlist(text: string): Answer {
  return file(Buffer.from(text), 'application/x-mpegURL');
}

async function clipFile(clip: ClipRecipe, name: string, world: World): Promise<Answer> {
  const bytes = await world.content.clipFile(clip, name);
  if (!bytes) return { status: 404 };
  const types = { mp4: 'video/mp4', ts: 'video/mp2t', m3u8: 'application/x-mpegURL' };
  const extension = name.split('.').at(-1) as keyof typeof types;
  return file(bytes, types[extension]);
}

function withheld({ post }: MediaFile, request: SiteRequest): Answer | null {
  if (post.mediaAvailability === 'Dmcaed' && request.url.hostname === 'video.twimg.com') {
    return json({ error_code: 2, error_response: 'Dmcaed' }, 403);
  }
  return post.mediaAvailability === 'Available' ? null : { status: 404 };
}

function file(body: Buffer, mediaType: string): Answer {
  const headers = {
    'content-type': mediaType,
    'access-control-allow-origin': '*',
    'cache-control': 'max-age=604800, must-revalidate',
    'last-modified': 'Wed, 12 Feb 2020 12:00:00 GMT',
  };
  return { status: 200, headers, body, ranges: true };
}
