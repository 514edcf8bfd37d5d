/** Keeps what a step recorded: its WARC part, large bodies once, what is restricted apart. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sealAtRest } from '../../base/at-rest.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Role } from '../../model/roles.ts';
import type { LargeBody, WarcPart, WarcResource } from '../../warc/part.ts';
import { writeWarcPart } from '../../warc/write-part.ts';
import type { Parts } from '../parts.ts';
import { restrictedKind, restrictedRole, restrictedType, warcNames } from '../warc-parts.ts';

/**
 * Writes the part into scratch and the vault. Large bodies go there too, each once, unless they
 * are there already; their files are taken over.
 * @returns artifacts of the step: `warc`, `warc.index`, `warc.large`, `warc.body`, `warc.restricted`
 */
export async function storeWarcPart(
  parts: Parts,
  part: Omit<WarcPart, 'info'>,
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  await using scratch = await parts.vault.scratch('warc');
  const at = (name: string) => join(scratch.folder, name);
  const written = await writeWarcPart(
    { ...part, info: await infoOf(parts) },
    {
      warc: at('part.warc.gz'),
      index: at('part.cdxj'),
      large: at('large.json'),
      restricted: at('restricted.warc.gz'),
    },
    signal,
  );
  const names = warcNames(part.step);
  const { files } = written;
  const keep = async (role: Role, name: string, mediaType: string, path: string) => ({
    role,
    name,
    mediaType,
    ...(await parts.vault.putFile(path, { signal })),
    derivedFrom: null,
  });
  const artifacts: NewArtifact[] = [
    await keep('warc', names.warc, 'application/warc', files.warc),
    await keep('warc.index', names.index, 'text/x-cdxj', files.index),
  ];
  if (written.hasLarge) {
    artifacts.push(await keep('warc.large', names.large, 'application/json', files.large));
  }
  if (written.hasRestricted) {
    artifacts.push(await keepRestricted(parts, names.restricted, files.restricted));
  }
  return [...artifacts, ...(await storeBodies(parts, written.largeBodies, signal))];
}

/** Encrypted as the profile is that it tells of: whoever copies the vault gets no log-in. */
async function keepRestricted(
  { home, vault }: Pick<Parts, 'home' | 'vault'>,
  name: string,
  path: string,
): Promise<NewArtifact> {
  const sealed = await sealAtRest(home.folder, restrictedKind, await readFile(path));
  const stored = await vault.put(sealed);
  return { role: restrictedRole, name, mediaType: restrictedType, ...stored, derivedFrom: null };
}

/** Artifacts of the capture as resources of its part: a reader of the WARC gets them too. */
export async function resourcesOf(
  parts: Pick<Parts, 'vault'>,
  artifacts: NewArtifact[],
  at: string,
): Promise<WarcResource[]> {
  const resources: WarcResource[] = [];
  for (const { name, mediaType, sha256, sizeBytes } of artifacts) {
    const path = await parts.vault.path(sha256);
    resources.push({
      target: `urn:holdfast:${name}`,
      mediaType,
      at,
      body: { path, sha256, sizeBytes },
    });
  }
  return resources;
}

async function storeBodies(
  parts: Pick<Parts, 'vault'>,
  bodies: LargeBody[],
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  const names = warcNames('');
  const artifacts = new Map<string, NewArtifact>();
  for (const { path, sha256, sizeBytes, url, mediaType } of bodies) {
    if (artifacts.has(sha256)) continue;
    // Media that the vault had before the WARC asked for it lie there under this very path.
    if (!(await parts.vault.has(sha256))) await parts.vault.putFile(path, { signal });
    artifacts.set(sha256, {
      role: 'warc.body',
      name: names.body(sha256),
      mediaType: mediaType ?? 'application/octet-stream',
      sizeBytes,
      sha256,
      derivedFrom: null,
      facts: { url },
    });
  }
  return [...artifacts.values()];
}

/** What `warcinfo` says of how the file came about. */
async function infoOf({
  tools,
  config,
  home,
}: Pick<Parts, 'config' | 'home' | 'tools'>): Promise<Record<string, string>> {
  const { holdfast, chromium } = await tools();
  return {
    software: `holdfast/${holdfast}`,
    ...(chromium ? { browser: String(chromium) } : {}),
    ...(config.operator ? { operator: config.operator } : {}),
    environment: home.environment,
    description:
      'Bodies are as the browser decoded them: transfer framing and content coding removed, the headers that told of them renamed to X-Orig-. Media and files over 32 MiB are fetched again, as served: X-Holdfast-Refetched says how many of the bytes that the browser was given were found in them.',
  };
}
