/** All files of a capture as they are shown: its evidence, and what was made of it by the newest derivations. */
import type { DerivationKind } from '../model/derivation.ts';
import { type ArtifactRow, artifactsOf } from './artifacts.ts';
import { outcomeOf } from './captures.ts';
import type { Queryable } from './database.ts';
import { type DerivedFileRow, derivedFilesOf, pdqOf } from './derivations.ts';

export interface HeldFile extends ArtifactRow {
  /** Id of the derivation that made it; `null` for evidence, and for what a manifest of 0.1.0 holds. */
  derivation: string | null;
}

/** Roles of derived files, where manifests of 0.1.0 hold them as artifacts. */
const rolesOf: Record<DerivationKind, string[]> = {
  preview: ['preview'],
  keyframes: ['keyframe', 'contact-sheet', 'hash-track', 'sound-print'],
  fingerprints: [],
  render: ['render', 'render.html'],
  metadata: ['metadata'],
  pages: ['document.page', 'document.text'],
  transcript: ['transcript'],
  ocr: ['ocr'],
};

/** What can be derived from: each evidence file by its digest, and the manifest, of which the rendering is made. */
export async function subjectsOf(db: Queryable, captureId: string): Promise<Map<string, string>> {
  const evidence = (await artifactsOf(db, captureId)).filter(isOriginal);
  const subjects = new Map<string, string>();
  for (const { sha256, name } of evidence) if (!subjects.has(sha256)) subjects.set(sha256, name);
  const outcome = await outcomeOf(db, captureId);
  if (outcome !== null) subjects.set(outcome.manifestSha256, '');
  return subjects;
}

export function isOriginal({ role }: Pick<ArtifactRow, 'role'>): boolean {
  return role === 'media.original' || role === 'media.joined' || role === 'file.original';
}

/** Evidence in the order in which it was stored, then derived files by kind and name. */
export async function heldFiles(db: Queryable, captureId: string): Promise<HeldFile[]> {
  const subjects = await subjectsOf(db, captureId);
  const derived = await derivedFilesOf(db, [...subjects.keys()]);
  const pdq = await pdqOf(db, [...subjects.keys()]);
  const stored = withoutOutdated(await artifactsOf(db, captureId), derived);
  return [
    ...stored.map((artifact) => ({
      ...artifact,
      pdq: artifact.pdq ?? pdq.get(artifact.sha256) ?? null,
      derivation: null,
    })),
    ...derived.map((file) => asHeld(captureId, file, subjects.get(file.subject) ?? '')),
  ];
}

/** What a manifest of 0.1.0 holds gives way to what was made anew of the same original. */
function withoutOutdated(stored: ArtifactRow[], derived: DerivedFileRow[]): ArtifactRow[] {
  const anew = new Set(derived.map(({ kind, subject }) => `${kind} ${subject}`));
  const madeOf = new Map(stored.map(({ sha256, derivedFrom }) => [sha256, derivedFrom]));
  const isOutdated = ({ role, derivedFrom }: ArtifactRow) =>
    Object.entries(rolesOf).some(([kind, roles]) => {
      if (!roles.includes(role)) return false;
      if (kind === 'render') return derived.some((file) => file.kind === 'render');
      // Words are read in frames, which are made of the video.
      const origins = [derivedFrom, madeOf.get(derivedFrom ?? '')];
      return origins.some((origin) => anew.has(`${kind} ${origin}`));
    });
  return stored.filter((artifact) => !isOutdated(artifact));
}

function asHeld(captureId: string, file: DerivedFileRow, subjectName: string): HeldFile {
  const { derivationId, kind, finishedAt, subject: _, ...rest } = file;
  return {
    ...rest,
    id: derivationId,
    captureId,
    step: kind,
    name: nameInCapture(kind, subjectName, file.name),
    storedAt: finishedAt,
    derivation: derivationId,
  };
}

/** `media/3.mp4` and `00001.jpg` → `keyframes/3/00001.jpg`; of the whole capture `render/post.png`. */
export function nameInCapture(kind: DerivationKind, subjectName: string, name: string): string {
  // A preview lies with the frames that it announces.
  const folder = kind === 'preview' ? 'keyframes' : kind;
  const ref = subjectName.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  return ref === '' ? `${folder}/${name}` : `${folder}/${ref}/${name}`;
}
