/** Added by those who pass a link on, never read by the page. `ref`, `s`, `si` may be read: kept. */
const tracking =
  /^(?:utm_[a-z0-9_]+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|igshid|igsh|twclid|ttclid|li_fat_id|mc_cid|mc_eid|ref_src|_ga|_gl|_hsenc|_hsmi|mkt_tok|vero_id|oly_anon_id|oly_enc_id|__twitter_impression)$/i;

/** Whether this part of a query, `name` or `name=value`, only counts visitors. */
export function isTracking(part: string): boolean {
  return tracking.test(part.split('=', 1)[0] ?? '');
}
