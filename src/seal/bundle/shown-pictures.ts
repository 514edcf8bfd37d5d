/** The pictures of a capture that a report shows: only those that Holdfast drew itself, never a file from outside. */
import type { Derivation } from '../../model/derivation.ts';
import type { Manifest } from '../manifest.ts';
import { paths } from '../verify/bundle/paths.ts';

export interface ShownPicture {
  /** In the bundle. */
  path: string;
  sha256: string;
  what: string;
  /** The address that it shows, where it shows one. */
  address: string | null;
  /** UTC, by the clock of the machine that made it: of a screenshot, when it was stored. */
  madeAt: string;
  role: string;
  /** Named, and not shown: somebody marked it as graphic, with these words or none. */
  graphic?: { note: string | null };
}

/** A derivation of which files are handed over. */
export interface HandedDerivation {
  derivation: Derivation;
  sha256: string;
  /** Names of its files that are in the bundle. */
  files: ReadonlySet<string>;
}

/** The best first: the post as rendered, as the browser showed it, then what its videos hold. */
export function shownPictures(
  manifest: Manifest,
  manifestSha256: string,
  handed: ReadonlySet<string>,
  derivations: HandedDerivation[],
): ShownPicture[] {
  const evidence = new Set(manifest.artifacts.map(({ sha256 }) => sha256));
  const own = derivations.filter(
    ({ derivation: { subject } }) => subject === manifestSha256 || evidence.has(subject),
  );
  const pictures = [...screenshots(manifest, handed), ...own.flatMap(derived)];
  return pictures.toSorted((one, other) => rank(one) - rank(other));
}

const order = ['render', 'screenshot.focal', 'screenshot.viewport', 'page-image', 'contact-sheet'];

function rank({ role }: ShownPicture): number {
  return order.indexOf(role);
}

const isPicture = (role: string, mediaType: string) =>
  order.includes(role) && ['image/png', 'image/jpeg'].includes(mediaType);

function screenshots(manifest: Manifest, handed: ReadonlySet<string>): ShownPicture[] {
  const kept = manifest.artifacts.filter(
    ({ name, role, mediaType }) => handed.has(name) && isPicture(role, mediaType),
  );
  const shots = kept.map(({ name, role, sha256, storedAt }) => {
    const page = manifest.pages.find(({ view }) => name.startsWith(`${view}/`));
    return {
      path: paths.file(manifest.captureId, name),
      ...{ sha256, role },
      what: role === 'screenshot.focal' ? 'Screenshot of the post' : 'Screenshot, first screen',
      address: page?.finalUrl ?? null,
      madeAt: storedAt,
    };
  });
  // Of a view that shows the post itself, the screen around it says no more.
  return shots.filter(
    ({ role, address }) =>
      role === 'screenshot.focal' ||
      !shots.some((other) => other.role === 'screenshot.focal' && other.address === address),
  );
}

const kinds: Record<string, string> = {
  render: 'The post as its record has it: drawn by Holdfast, not a screenshot',
  'page-image': 'A page of the document',
  'contact-sheet': 'Frames of the video',
};

function derived({ derivation, sha256: record, files }: HandedDerivation): ShownPicture[] {
  const shown = derivation.files.filter(
    ({ name, role, mediaType }) => files.has(name) && isPicture(role, mediaType),
  );
  // A sheet is there twice: as JPEG to look at, as PNG to print.
  return shown
    .filter(({ role, mediaType }) => role !== 'contact-sheet' || mediaType === 'image/jpeg')
    .map(({ name, role, sha256 }) => ({
      path: paths.derivedFile(record, name),
      ...{ sha256, role },
      what: kinds[role] ?? role,
      address: null,
      madeAt: derivation.finishedAt,
    }));
}
