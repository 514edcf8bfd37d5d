/**
 * Names that are local by definition: whatever they lead to is this machine, its network or its
 * cloud's own service, and nothing that a capture may reach. They are refused as names, because
 * behind an upstream proxy nobody here sees the address.
 */

/** RFC 6761, 6762 and 8375, ICANN's reservation of 2024, and what container platforms use. */
const localEndings = ['localhost', 'local', 'internal', 'home.arpa', 'localdomain', 'svc'];

/** Of clouds whose metadata answer to a name of the public kind. */
const metadataNames = [
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'metadata.platformequinix.com',
  'api.metadata.cloud.ibm.com',
];

/** @param host lower case, as `Target` has it; not an address */
export function isLocalName(host: string): boolean {
  const name = host.replace(/\.+$/, '');
  // No public name has but one label; such a one is looked up in the local network.
  if (!name.includes('.')) return true;
  return (
    metadataNames.includes(name) ||
    localEndings.some((ending) => name.endsWith(`.${ending}`) || name === ending)
  );
}
