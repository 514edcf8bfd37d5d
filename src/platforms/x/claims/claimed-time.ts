/** Times as X writes them. */

const legacyTime = /^\w{3} (\w{3}) (\d{2}) (\d{2}:\d{2}:\d{2}) \+0000 (\d{4})$/;
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** `Wed Feb 12 18:13:24 +0000 2020` or ISO 8601 in UTC; anything else is no time. */
export function claimedTime(claimed: string | null): string | null {
  if (claimed === null) return null;
  const legacy = legacyTime.exec(claimed);
  if (legacy === null && !isoTime.test(claimed)) return null;
  const at = new Date(legacy ? `${legacy[2]} ${legacy[1]} ${legacy[4]} ${legacy[3]} UTC` : claimed);
  if (Number.isNaN(at.getTime())) return null;
  // A 30th of February is no day, and `Date` would make it one of March.
  const time = at.toISOString();
  const [day, clock] = legacy
    ? [legacy[2], legacy[3]]
    : [claimed.slice(8, 10), claimed.slice(11, 19)];
  return time.slice(8, 10) === day && time.slice(11, 19) === clock ? time : null;
}
