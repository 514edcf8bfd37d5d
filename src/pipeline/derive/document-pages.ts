/** Documents: their text, and a picture of each page. */
import type { ArtifactRow } from '../../catalog/artifacts.ts';
import type { CapturedText } from '../../catalog/texts.ts';
import {
  documentFacts,
  documentPages,
  documentText,
  mostPagesPictured,
} from '../../media/inspect/document.ts';
import { textOfFile } from '../../media/inspect/text-file.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Derivation, MadeDerivation } from '../../model/derivation.ts';
import { type Deriver, type Deriving, wantedOf } from './deriver.ts';

const textRole = 'document.text';

export const pages: Deriver = {
  kind: 'pages',
  tools: ['pdftotext', 'pdftoppm', 'sharp', 'libvips'],
  wanted: ({ artifacts }) =>
    wantedOf(
      'pages',
      artifacts.filter((artifact) => isPdf(artifact) || isText(artifact)),
    ),
  key: async ({ parts, wanted }) => {
    const { pdftotext } = await parts.tools();
    const reader = wanted.original !== null && isText(wanted.original) ? 'holdfast' : pdftotext;
    return `pages/1 ${mostPagesPictured} ${String(reader)}`;
  },
  make: read,
};

function isPdf({ role, mediaType }: ArtifactRow): boolean {
  return role === 'file.original' && mediaType === 'application/pdf';
}

function isText({ role, mediaType }: ArtifactRow): boolean {
  const isWords = /^text\/|[/+](?:json|xml)$/.test(mediaType);
  return role === 'file.original' && isWords;
}

async function read(deriving: Deriving): Promise<MadeDerivation> {
  const { original } = deriving.wanted;
  return original !== null && isText(original) ? readText(deriving, original) : readPdf(deriving);
}

async function readText(deriving: Deriving, { facts }: ArtifactRow): Promise<MadeDerivation> {
  const { parts, wanted } = deriving;
  const { text, isCut } = await textOfFile(await parts.vault.path(wanted.subject), facts.headers);
  const files = [await asText(deriving, text)];
  return { state: 'done', reason: null, files, detail: { characters: text.length, isCut } };
}

/** What of it can't be read is said; text without pictures is worth keeping, and the other way round. */
async function readPdf(deriving: Deriving): Promise<MadeDerivation> {
  const { parts, wanted, signal } = deriving;
  const path = await parts.vault.path(wanted.subject);
  await using scratch = await parts.vault.scratch('pages');
  const { title, pages: count } = await documentFacts(path, signal);
  const text = await documentText(path, signal);
  const files = [await asText(deriving, title === null ? text : `${title}\n\n${text}`)];
  for (const [index, page] of (await documentPages(path, scratch.folder, signal)).entries())
    files.push(await asPicture(deriving, page, index + 1));
  const unpictured = Math.max(0, (count ?? 0) - mostPagesPictured);
  return {
    state: 'done',
    reason: null,
    files,
    arguments: { mostPagesPictured },
    detail: { title, pages: count, characters: text.length, unpictured },
  };
}

async function asText({ parts, wanted }: Deriving, text: string): Promise<NewArtifact> {
  const stored = await parts.vault.put(Buffer.from(text, 'utf8'));
  return {
    role: textRole,
    name: 'text.txt',
    mediaType: 'text/plain',
    ...stored,
    derivedFrom: wanted.subject,
    facts: { charset: 'utf-8' },
  };
}

async function asPicture(
  { parts, pictures, wanted }: Deriving,
  path: string,
  number: number,
): Promise<NewArtifact> {
  const media = await pictures.size(path);
  const stored = await parts.vault.putFile(path);
  const name = `page-${String(number).padStart(3, '0')}.png`;
  const made = { role: 'document.page', name, mediaType: 'image/png' } as const;
  return { ...made, ...stored, derivedFrom: wanted.subject, media, facts: { page: number } };
}

/** For searching: what the document says, in its own words. */
export function wordsOf(
  { role, name, derivedFrom }: Derivation['files'][number],
  bytes: Buffer,
): CapturedText | null {
  if (role !== textRole || derivedFrom === null) return null;
  return { name, kind: 'document', readFrom: derivedFrom, body: bytes.toString('utf8') };
}
