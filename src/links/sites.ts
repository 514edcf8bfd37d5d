/** The sites whose posts and clips people embed: their names, their posts, their buttons for sharing. */
import type { FoundLink } from './found-link.ts';

interface Site {
  name: string;
  /** Its hosts, without `www.` and the like. */
  hosts: RegExp;
  /** Path and query of one post or clip. */
  post: RegExp;
}

const sites: Site[] = [
  {
    name: 'telegram',
    hosts: /^(?:t\.me|telegram\.(?:me|dog))$/,
    post: /^\/(?:s\/|c\/)?[\w+]+\/[0-9]+/,
  },
  {
    name: 'youtube',
    hosts: /^(?:(?:m\.|music\.)?youtube(?:-nocookie)?\.com|youtu\.be)$/,
    post: /^\/(?:watch\?|(?:embed|shorts|live|v|clip)\/|[\w-]{11}(?:$|\?))/,
  },
  {
    name: 'facebook',
    hosts: /^(?:m|web|mbasic|[a-z]{2}-[a-z]{2})?\.?facebook\.com$/,
    post: /\/(?:posts|videos|reel|permalink|photos)\/|^\/(?:watch\/?\?|permalink\.php|story\.php|photo(?:\.php|\/)|share\/[prv]\/|plugins\/(?:post|video)\.php)/,
  },
  { name: 'facebook', hosts: /^fb\.watch$/, post: /^\/\w/ },
  { name: 'instagram', hosts: /^instagram\.com$/, post: /^\/(?:[\w.]+\/)?(?:p|reels?|tv)\/[\w-]+/ },
  {
    name: 'tiktok',
    hosts: /^(?:(?:m|vm|vt)\.)?tiktok\.com$/,
    post: /^\/(?:@[\w.]+\/(?:video|photo)\/|embed\/|v\/|t\/|[\w]{9}\/?$)/,
  },
  {
    name: 'bluesky',
    hosts: /^(?:embed\.)?bsky\.app$/,
    post: /^\/(?:profile\/[^/]+\/post|embed)\//,
  },
  {
    name: 'reddit',
    hosts: /^(?:(?:old|np|embed)\.)?(?:reddit|redditmedia)\.com$/,
    post: /\/(?:comments|s)\/\w+/,
  },
  {
    name: 'vk',
    hosts: /^(?:m\.)?vk\.(?:com|ru)$/,
    post: /(?:wall|video|clip|photo)-?[0-9]+_[0-9]+/,
  },
  { name: 'ok', hosts: /^(?:m\.)?ok\.ru$/, post: /^\/(?:video(?:embed)?\/|[\w-]+\/topic\/)/ },
  { name: 'threads', hosts: /^threads\.(?:net|com)$/, post: /\/post\/\w+/ },
  { name: 'vimeo', hosts: /^(?:player\.)?vimeo\.com$/, post: /^\/(?:video\/)?[0-9]+/ },
  {
    name: 'dailymotion',
    hosts: /^(?:(?:geo\.)?dailymotion\.com|dai\.ly)$/,
    post: /^\/(?:embed\/)?(?:video\/|player|\w{6,8}$)/,
  },
  { name: 'rumble', hosts: /^rumble\.com$/, post: /^\/(?:embed\/|v\w+-)/ },
  { name: 'odysee', hosts: /^odysee\.com$/, post: /^\/(?:@[^/]+\/|\$\/embed\/)/ },
  { name: 'bitchute', hosts: /^bitchute\.com$/, post: /^\/(?:video|embed)\// },
  { name: 'streamable', hosts: /^streamable\.com$/, post: /^\/(?:[eos]\/)?\w+/ },
  { name: 'soundcloud', hosts: /^(?:w\.)?soundcloud\.com$/, post: /^\/(?:player|[\w-]+\/[\w-]+)/ },
  { name: 'linkedin', hosts: /^linkedin\.com$/, post: /^\/(?:posts|feed\/update|embed)\// },
];

/** What `--platform` knows: `web` is every other site. */
export const platformNames = [...new Set(['x', ...sites.map(({ name }) => name), 'web'])];

/** The platform of a key, by the site's name. */
export function platformOfKey(key: string): string {
  if (!key.startsWith('web:')) return key.split(':', 1)[0] ?? key;
  return siteOf(addressIn(key))?.name ?? 'web';
}

const postKeys = /^x:(?:status|tco|photo|video|gif|broadcast|space|article):/;
const files =
  /\.(?:mp4|m4v|webm|mov|mkv|avi|m3u8|mp3|m4a|ogg|opus|wav|aac|flac|jpe?g|png|gif|webp|avif|heic|tiff?|pdf|docx?|xlsx?|pptx?|od[tsp]|csv|zip|rar|7z|kml|kmz|geojson)$/i;

/** One post, clip, picture or document: what a text speaks of when it links to it. */
export function isPostOrFile(key: string): boolean {
  if (!key.startsWith('web:')) return postKeys.test(key);
  const url = addressIn(key);
  if (url === null) return false;
  return files.test(url.pathname) || siteOf(url)?.post.test(url.pathname + url.search) === true;
}

/** A page of a network that is no post: somebody's account, as under "follow us". */
export function isAccount(key: string): boolean {
  if (key.startsWith('x:user:')) return true;
  return key.startsWith('web:') && siteOf(addressIn(key)) !== null && !isPostOrFile(key);
}

const buttons: [host: RegExp, path: RegExp][] = [
  [/^(?:mobile\.)?(?:twitter|x)\.com$/, /^\/(?:share\b|intent\/|home\?status=)/],
  [/^(?:[a-z-]+\.)?facebook\.com$/, /^\/(?:share\.php|sharer|dialog\/(?:share|send|feed))/],
  [/^linkedin\.com$/, /^\/(?:sharearticle|sharing\/|cws\/share)/],
  [/^(?:api\.|web\.)?whatsapp\.com$|^wa\.me$/, /^\/(?:send\b|\?text=)/],
  [/^(?:t\.me|telegram\.me)$/, /^\/share\b/],
  [/^(?:old\.)?reddit\.com$/, /^\/submit\b/],
  [/^(?:[a-z]{2}\.)?pinterest\.(?:com|[a-z]{2})$/, /^\/pin\/create\b/],
  [/^tumblr\.com$/, /^\/(?:share|widgets\/share)/],
  [/^(?:m\.)?vk\.(?:com|ru)$/, /^\/share\.php/],
  [/^connect\.ok\.ru$/, /^\/(?:offer|dk\b)/],
  [/^bsky\.app$/, /^\/intent\//],
  [/^threads\.(?:net|com)$/, /^\/intent\//],
  [/^news\.ycombinator\.com$/, /^\/submitlink/],
  [/^(?:social-plugins\.)?line\.(?:me|naver\.jp)$/, /^\/(?:lineit\/share|r\/msg)/],
  [/^(?:share\.)?flipboard\.com$/, /^\/bookmarklet|^\/flipit/],
  [/^getpocket\.com$/, /^\/(?:save|edit)\b/],
  [/^addtoany\.com$|^addthis\.com$|^sharethis\.com$|^toolbar\.sharethis\.com$/, /./],
  [/^(?:plus\.google|mail\.google)\.com$/, /^\/(?:share|mail\/\?)/],
];

/** A button that shares the page it is on: no content, wherever it stands. */
export function isShareButton(link: string): boolean {
  const url = URL.parse(link.startsWith('//') ? `https:${link}` : link);
  if (url === null) return false;
  const [host, path] = [bare(url.hostname), (url.pathname + url.search).toLowerCase()];
  return buttons.some(([hosts, paths]) => hosts.test(host) && paths.test(path));
}

/** The site that a host belongs to, `news.example` for `www.news.example`: by its name, without a list. */
export function siteOfHost(hostname: string): string {
  const labels = bare(hostname).split('.');
  const isTwoPart = /^(?:co|com|org|net|gov|edu|ac|gob|or|ne)$/.test(labels.at(-2) ?? '');
  return labels.slice(isTwoPart && labels.at(-1)?.length === 2 ? -3 : -2).join('.');
}

/** Null: the key is of no page. */
export function siteOfLink(found: FoundLink): string | null {
  const host = hostOfLink(found);
  return host === null ? null : siteOfHost(host);
}

/** Without `www.`. Null: the key is of no page. */
export function hostOfLink(found: FoundLink): string | null {
  const url = 'key' in found ? addressIn(found.key) : null;
  return url === null ? null : bare(url.hostname);
}

function siteOf(url: URL | null): Site | null {
  if (url === null) return null;
  const host = bare(url.hostname);
  return sites.find(({ hosts }) => hosts.test(host)) ?? null;
}

function addressIn(key: string): URL | null {
  return key.startsWith('web:') ? URL.parse(key.slice('web:'.length)) : null;
}

/** Without `www.`, in lower case. */
export function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^www\./, '');
}
