/** What the door says to an address at once, before any name is resolved. */
import { type AddressPolicy, addressPolicy } from './address-policy.ts';
import { isLocalName } from './local-names.ts';
import { targetOfUrl } from './target.ts';

interface Terms {
  /** CIDRs that the operator opened. */
  allowPrivate: string[];
  hasUpstream: boolean;
}

/** Whether policy refuses a link by its host alone. A public name may still lead to a private address. */
export function refusedUnasked({ allowPrivate, hasUpstream }: Terms): (url: URL) => boolean {
  const mayReach: AddressPolicy = addressPolicy(allowPrivate);
  const mayBeLocal = allowPrivate.length > 0 && !hasUpstream;
  return (url) => {
    const { host, isAddress } = targetOfUrl(url);
    return isAddress ? !mayReach(host) : !mayBeLocal && isLocalName(host);
  };
}
