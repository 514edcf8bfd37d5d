/** From one pasted piece, without spaces, to the http(s) address that it means. */

import type { Rejection } from '../platforms/identity.ts';
import { isId } from '../platforms/x/identity.ts';

/** No address that anybody publishes is longer, and parsing must stay cheap. */
const longestAddress = 16_384;

/** Schemes that show up in pasted text and can't be captured. */
const foreign =
  /^(?:javascript|vbscript|data|mailto|tel|sms|file|ftps?|sftp|ssh|git|blob|about|chrome|edge|magnet|geo|wss?|tg|whatsapp|fb|app|urn|doi|ipfs|ipns|gemini|gopher|news|irc|xmpp|sip|skype|steam|market|itms-apps?|res|jar|cid|mid):/i;

/** `null`: no address at all. */
export function pastedAddress(text: string): URL | Rejection | null {
  if (text.length > longestAddress) return { rejected: 'bad-address' };
  if (/^[0-9]{15,}$/.test(text)) return bareId(text);
  if (/^https?:/i.test(text)) return parsed(text);
  if (/^(?:twitter|intent|android-app|view-source|hxxps?):/i.test(text)) return ownScheme(text);
  if (foreign.test(text) || /^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return { rejected: 'scheme' };
  if (text.startsWith('//')) return parsed(`https:${text}`);
  const pathOfPost = /^\/?@?[A-Za-z0-9_]{1,15}\/status(?:es)?\/[0-9]/;
  if (pathOfPost.test(text)) return parsed(`https://x.com/${text.replace(/^\//, '')}`);
  // Any host with a dot and a name for its last part, the way browsers take it.
  const host =
    /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.(?:\p{L}{2,}|xn--[a-z0-9-]+)\.?(?::[0-9]{1,5})?(?:[/?#]|$)/iu;
  return host.test(text) ? parsed(`https://${text}`) : null;
}

/** A number alone is a post of X when it is long enough not to be a year or a telephone. */
function bareId(digits: string): URL | Rejection | null {
  if (digits.startsWith('0')) return null;
  return isId(digits) ? new URL(`https://x.com/i/status/${digits}`) : { rejected: 'bad-id' };
}

function parsed(address: string): URL | Rejection {
  return URL.canParse(address) ? new URL(address) : { rejected: 'bad-address' };
}

/** Schemes of apps and browsers that carry an ordinary address. */
function ownScheme(text: string): URL | Rejection | null {
  const [, scheme = '', rest = ''] = /^([a-z-]+):(.*)$/is.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'view-source':
      return pastedAddress(rest);
    case 'intent':
      return parsed(`https:${rest.replace(/#Intent;.*$/s, '')}`);
    case 'android-app':
      return parsed(rest.replace(/^\/\/[^/]+\/(https?)\//i, '$1://'));
    case 'twitter':
      return twitterApp(text);
    default:
      return parsed(text.replace(/^hxxp/i, 'http'));
  }
}

/** `twitter://status?id=…`, `twitter://user?screen_name=…`; other views name nothing to keep. */
function twitterApp(text: string): URL | Rejection {
  if (!URL.canParse(text)) return { rejected: 'bad-address' };
  const { host, searchParams: query } = new URL(text);
  const id = query.get('id') ?? query.get('status_id');
  const handle = query.get('screen_name');
  if (/^(?:status|tweet)$/i.test(host) && id !== null)
    return parsed(`https://x.com/i/status/${id}`);
  if (/^user$/i.test(host) && handle !== null) return parsed(`https://x.com/${handle}`);
  return { rejected: 'x-other' };
}
