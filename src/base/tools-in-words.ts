/** The programs that made something, as a person reads them; the record has their digests and full versions. */

/** `ffmpeg 5.1.9-0+deb12u1, sharp 0.35.5; confined by bubblewrap` */
export function toolsInWords({
  digests: _,
  confinement,
  ...tools
}: Record<string, unknown>): string {
  const named = Object.entries(tools)
    .map(([name, version]) => inWords(name, version))
    .join(', ');
  return confinement === undefined ? named : `${named}; ${heldInWords(String(confinement))}`;
}

/** Programs say their version with their name, and with more than anybody asked for. */
function inWords(name: string, version: unknown): string {
  const said = String(version ?? '')
    .replace(/ (?:Copyright|built on) .*$/s, '')
    .replace(/ version /, ' ');
  return /^\d|^$/.test(said) ? `${name} ${said}`.trim() : said;
}

/** What confined them is enough; from what exactly, the record tells. */
function heldInWords(confinement: string): string {
  const [by = ''] = confinement.split(/[:,]/);
  return by.startsWith('not confined') ? by : `confined by ${by}`;
}
