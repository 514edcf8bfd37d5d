/**
 * X's numbers. Ids are strings from end to end, because a JavaScript number can't hold one.
 * Posts and uploaded media share the same scheme ("snowflake"): the upper bits are the
 * server's clock in milliseconds.
 */
const largestId = 2n ** 63n - 1n;
/** The first id made by that scheme, 2010-11-04. Smaller ids were counted and hold no time. */
const firstSnowflake = 29_700_859_247n;
const epochMs = 1_288_834_974_657n;

/** 1 to 19 digits, at most 2^63-1, no leading zero: anything else is refused, never cut. */
export function isId(text: string): boolean {
  return /^[1-9][0-9]{0,18}$/.test(text) && BigInt(text) <= largestId;
}

/**
 * When the server gave out this id, as ISO 8601 with milliseconds; `null` for what is no id
 * and for ids older than the scheme. It doesn't say when the shown event happened.
 *
 * Some programs ignore all ids below 3e14 (the scheme's first day), in case counted ids went
 * on for a while beside it. None was found, so the documented first id is the border here.
 */
export function idTime(id: string): string | null {
  if (!isId(id) || BigInt(id) < firstSnowflake) return null;
  return new Date(Number((BigInt(id) >> 22n) + epochMs)).toISOString();
}

/**
 * When a video, picture or animation was uploaded: takes the digits of a video or the key of
 * a picture or animation (`EQmZ0hPXUAAxxxx`), whose first eight bytes, base64url, are its id.
 * A time long before the post's own says that the media was uploaded for something else.
 */
export function mediaIdTime(idOrKey: string): string | null {
  if (/^[0-9]+$/.test(idOrKey)) return idTime(idOrKey);
  if (!/^[A-Za-z0-9_-]{15}$/.test(idOrKey)) return null;
  return idTime(Buffer.from(idOrKey, 'base64url').readBigUInt64BE(0).toString());
}

/**
 * The token that the syndication service expects beside an id. Number, not BigInt: the loss
 * of precision and the engine's base-36 digits are part of what clients send.
 */
export function syndicationToken(id: string): string {
  return ((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\.)/g, '');
}
