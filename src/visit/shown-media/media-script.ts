/** What a page says of the media that it shows; hostile, so nothing is believed but its shape. */
import { z } from 'zod';

const smallestPicturePx = 200;
/** An address that is itself the picture (`data:`) is long. */
const longestAddress = 6 * 1024 * 1024;

const source = z.object({
  url: z.string().max(longestAddress),
  type: z.string().max(200),
  width: z.number().int().positive().nullable(),
});

export const mediaInPage = z.object({
  found: z.array(
    z.object({
      kind: z.enum(['picture', 'video', 'audio', 'file']),
      sources: z.array(source),
      alt: z.string().max(4_000).nullable(),
      durationMs: z.number().nonnegative().nullable(),
      from: z.string().max(40),
    }),
  ),
  /** Pictures, videos and sounds that scripts put together in memory. */
  blobs: z.number().int().nonnegative(),
  /** Those among them that moved or sounded. */
  played: z.number().int().nonnegative(),
});

/** What one frame shows. */
export type MediaInPage = z.infer<typeof mediaInPage>;
export type Found = MediaInPage['found'][number];

/** A function for `FrameWorld.call`, which is given closed shadow roots. Limits keep what a hostile page can say small, and how long it takes. */
export const collectMedia = `function (...closed) {
  const most = 400, mostElements = 20000, mostRoots = 500, mostDataChars = 16 * 1024 * 1024;
  const all = [];
  let dataChars = 0, blobs = 0, played = 0, looked = 0;
  const absolute = (text) => {
    if (/^data:image\\//i.test(text)) {
      if (text.length > ${longestAddress} || (dataChars += text.length) > mostDataChars) return '';
      return text;
    }
    try { return new URL(text, document.baseURI).href.slice(0, 8000); } catch { return ''; }
  };
  const source = (url, type, width) => ({ url: absolute(String(url ?? '')), type: String(type ?? '').slice(0, 200), width: width > 0 ? Math.round(width) : null });
  const isBlob = (url) => /^blob:/.test(String(url));
  const add = (kind, from, sources, alt, durationMs) => {
    if (sources.some(({ url }) => isBlob(url))) blobs += 1;
    const usable = sources.filter(({ url }) => /^(https?:|data:image\\/)/i.test(url)).slice(0, 40);
    if (usable.length > 0 && all.length < most) all.push({ kind, from, sources: usable, alt: alt ? String(alt).slice(0, 4000) : null, durationMs: Number.isFinite(durationMs) ? durationMs : null });
  };
  const widthOf = (descriptor, shown) => {
    const [, number, unit] = /^([0-9.]+)([wx])$/.exec(descriptor) ?? [];
    return number === undefined ? 0 : unit === 'w' ? Number(number) : Number(number) * shown;
  };
  const srcset = (text, shown) => (text ?? '').split(/,\\s+|,(?=https?:)/).flatMap((part) => {
    const [url, descriptor = '1x'] = part.trim().split(/\\s+/);
    return url && !/^data:/i.test(url) ? [source(url, '', widthOf(descriptor, shown))] : [];
  });
  const isLarge = (width, height) => width >= ${smallestPicturePx} && height >= ${smallestPicturePx} / 2;
  const player = (media) => {
    const kind = media.localName === 'video' ? 'video' : 'audio';
    const named = [...media.querySelectorAll('source')].map((one) => source(one.src, one.type, 0));
    const playing = media.currentSrc || media.src;
    const label = media.getAttribute('aria-label') || media.title;
    if ((isBlob(playing) || media.srcObject) && media.readyState >= 2) played += 1;
    add(kind, 'video', playing ? [source(playing, '', 0), ...named] : named, label, media.duration * 1000);
    if (media.poster) add('picture', 'poster', [source(media.poster, '', 0)], label, NaN);
  };
  const picture = (image) => {
    const shown = image.getBoundingClientRect().width;
    const broken = image.complete && image.naturalWidth === 0;
    if (!broken && (Math.max(image.naturalWidth, shown) < ${smallestPicturePx} || image.naturalHeight < ${smallestPicturePx} / 2)) return;
    const sets = [image.srcset, ...[...(image.closest('picture')?.querySelectorAll('source') ?? [])].map((one) => one.srcset)];
    const wide = sets.flatMap((set) => srcset(set, shown)).sort((a, b) => (b.width ?? 0) - (a.width ?? 0));
    add('picture', broken ? 'broken' : 'img', [...wide, source(image.currentSrc || image.src, '', image.naturalWidth)], image.alt, NaN);
  };
  const kindOf = (type, url) => {
    if (/^(image|video|audio)\\//.test(type)) return type.startsWith('image/') ? 'picture' : type.slice(0, 5);
    if (type === 'application/pdf' || /\\.pdf($|[?#])/i.test(url)) return 'file';
    if (/\\.(jpe?g|png|gif|webp|avif|svg|bmp)($|[?#])/i.test(url)) return 'picture';
    return /\\.(mp4|m4v|webm|mov|ogv)($|[?#])/i.test(url) ? 'video' : null;
  };
  const embedded = (one) => {
    const url = one.localName === 'object' ? one.data : one.src;
    const kind = url ? kindOf(String(one.type ?? ''), String(url)) : null;
    if (kind !== null) add(kind, one.localName, [source(url, one.type, 0)], one.title, NaN);
  };
  const drawn = (image) => {
    const { width, height } = image.getBoundingClientRect();
    const url = image.href?.baseVal;
    if (url && isLarge(width, height)) add('picture', 'svg', [source(url, '', 0)], null, NaN);
  };
  const backgrounds = (element) => {
    const { width, height } = element.getBoundingClientRect();
    if (!isLarge(width, height)) return;
    for (const part of [null, '::before', '::after']) {
      const value = getComputedStyle(element, part).backgroundImage;
      if (!value || !value.includes('url(')) continue;
      for (const [, , url] of value.matchAll(/url\\((["']?)(.*?)\\1\\)/gs)) add('picture', 'background', [source(url.replace(/\\\\(.)/gs, '$1'), '', 0)], element.getAttribute('aria-label'), NaN);
    }
  };
  const roots = [document, ...closed.filter((one) => one instanceof ShadowRoot).slice(0, mostRoots)];
  for (const root of roots) {
    for (const element of root.querySelectorAll('*')) {
      if ((looked += 1) > mostElements) break;
      if (element.shadowRoot && roots.length < mostRoots) roots.push(element.shadowRoot);
      const name = element.localName;
      if (name === 'video' || name === 'audio') player(element);
      else if (name === 'img') picture(element);
      else if (name === 'image') drawn(element);
      else if (name === 'object' || name === 'embed') embedded(element);
      else if (name === 'input' && element.type === 'image' && isLarge(element.width, element.height)) add('picture', 'input', [source(element.src, '', 0)], element.alt, NaN);
      backgrounds(element);
    }
  }
  for (const meta of document.querySelectorAll('meta[property="og:video"], meta[property="og:video:url"], meta[property="og:video:secure_url"]')) {
    if (meta.content) add('video', 'og', [source(meta.content, '', 0)], null, NaN);
  }
  const objects = (value, depth) => {
    if (value === null || typeof value !== 'object' || depth > 8) return;
    if (typeof value.contentUrl === 'string' && [value['@type']].flat().includes('VideoObject')) {
      add('video', 'json-ld', [source(value.contentUrl, value.encodingFormat, 0)], value.name, NaN);
    }
    for (const inner of Object.values(value)) objects(inner, depth + 1);
  };
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    try { objects(JSON.parse(script.textContent), 0); } catch {}
  }
  return { found: all, blobs, played };
}`;
