/**
 * Recorded and constructed answers, and phone videos, served under their own addresses,
 * through the whole pipeline: each ends in the state that its record deserves. Needs the
 * folder of fixtures; says so where it is absent.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import type { Proof } from './proof.ts';
import { type ProvingGround, provingGround } from './proving-ground.ts';

const fixtures = fileURLToPath(new URL('../../../shared/fixtures/', import.meta.url));
export const haveFixtures = existsSync(join(fixtures, 'tweets'));

interface Expected {
  file: string;
  route: 'syndication' | 'graphql';
  state: CaptureRecord['state'];
  availability: CaptureRecord['sourceNow']['availability'];
  kind?: string;
  /** Originals of the post itself. */
  originals?: number;
}

const gone = { state: 'complete', availability: 'suspect' } as const;
const wall = { state: 'blocked', availability: 'restricted' } as const;
const kept = { state: 'complete', availability: 'available' } as const;
/** Known to one route only: no page of the small internet shows such a post, so no picture of it is kept. */
const unseen = { state: 'partial', availability: 'available' } as const;
const syndication = (file: string, expected: Omit<Expected, 'file' | 'route'>): Expected => ({
  file,
  route: 'syndication',
  ...expected,
});
const graphql = (file: string, expected: Omit<Expected, 'file' | 'route'>): Expected => ({
  file,
  route: 'graphql',
  ...expected,
});

/** What each record deserves. Where only one route was recorded, the others answer "no such post". */
const expectations: Expected[] = [
  syndication('syndication/mbedfx_text.json', { ...kept, originals: 0 }),
  syndication('syndication/mbedfx_photo.json', { ...kept, originals: 1 }),
  syndication('syndication/mbedfx_multiphoto.json', { ...kept, originals: 2 }),
  syndication('syndication/mbedfx_video.json', { ...kept, originals: 1 }),
  syndication('syndication/mbedfx_gif.json', { ...kept, originals: 1 }),
  syndication('syndication/mbedfx_quote.json', kept),
  syndication('syndication/mbedfx_reply.json', { ...kept, originals: 0 }),
  syndication('syndication/metascraper_article.json', kept),
  syndication('syndication/metascraper_tweet-photo.json', { ...kept, originals: 1 }),
  syndication('syndication/mbedfx_tombstone.json', { ...wall, kind: 'login-required' }),
  syndication('constructed/syndication_tombstone_deleted.json', {
    ...gone,
    kind: 'deleted-by-author',
  }),
  syndication('constructed/syndication_tombstone_account-gone.json', {
    ...gone,
    kind: 'account-gone',
  }),
  syndication('constructed/syndication_tombstone_suspended-text-seen-only-on-graphql.json', {
    ...gone,
    kind: 'account-suspended',
  }),
  syndication('constructed/syndication_empty-object.json', { ...gone, kind: 'not-found' }),
  graphql('graphql/fxembed_TweetResultByRestId_1841206275088290279.json', {
    ...unseen,
    originals: 1,
  }),
  graphql('graphql/fxembed_TweetResultByRestId_1848831595014459513.json', {
    ...unseen,
    originals: 3,
  }),
  graphql('graphql/mbedfx_guest-tweet.json', { ...kept, originals: 0 }),
  graphql('graphql/mbedfx_guest-reply.json', { ...kept, originals: 0 }),
  graphql('graphql/mbedfx_guest-blurred-tombstone.json', { ...wall, kind: 'login-required' }),
  graphql('constructed/graphql_unavailable_Suspended.json', { ...gone, kind: 'account-suspended' }),
  graphql('constructed/graphql_unavailable_Deleted.json', { ...gone, kind: 'deleted-by-author' }),
  graphql('constructed/graphql_unavailable_Protected.json', { ...wall, kind: 'protected' }),
  graphql('constructed/graphql_unavailable_NsfwLoggedOut.json', {
    ...wall,
    kind: 'login-required',
  }),
  graphql('constructed/graphql_bare-tombstone.json', { ...wall, kind: 'login-required' }),
  graphql('constructed/graphql_not-found_empty.json', { ...gone, kind: 'not-found' }),
];

/** Size: how many of the answers and of the videos, at most. */
export const proof: Proof = {
  fullSize: 1_000,
  async prove({ size, say }) {
    if (!haveFixtures) return say(`skipped: there is no ${fixtures}`);
    await using ground = await provingGround('postgres');
    const worker = ground.startWorker();
    await proveAnswers(ground, expectations.slice(0, size), say);
    await proveVideos(ground, size, say);
    await worker.stop();
  },
};

async function proveAnswers(
  ground: ProvingGround,
  answers: Expected[],
  say: (line: string) => void,
): Promise<void> {
  const links: string[] = [];
  for (const [index, { file, route }] of answers.entries()) {
    const bytes = readFileSync(join(fixtures, 'tweets', file));
    const id =
      idIn(bytes.toString('utf8')) ?? String(1227381802398646272n + BigInt(index + 1) * 4194304n);
    // One id on two routes would be one source: the same post gets a world of its own.
    links.push(`https://x.com/i/status/${id}`);
    ground.internet.world.raw(id, route, bytes);
  }
  const ids = await ground.submit([...new Set(links)].join('\n'));
  const records = await ground.untilClosed(ids, 15 * 60_000);
  for (const [index, expected] of answers.entries()) {
    const record = records.find(({ link }) => link === links[index]);
    checkRecord(record, expected);
    say(
      `${expected.file}: ${record?.state}, source ${record?.sourceNow.availability}${record?.sourceNow.kind ? ` (${record.sourceNow.kind})` : ''}, ${record?.artifacts.length} files`,
    );
  }
}

function checkRecord(record: CaptureRecord | undefined, expected: Expected): void {
  const why = `${expected.file}: ${JSON.stringify(record?.steps)}`;
  assert.equal(record?.state, expected.state, why);
  assert.equal(record?.sourceNow.availability, expected.availability, why);
  if (expected.kind !== undefined) assert.equal(record?.sourceNow.kind, expected.kind, why);
  if (expected.originals === undefined) return;
  const own = record?.artifacts.filter(
    ({ role, name }) => role === 'media.original' && /^media\/\d+\./.test(name),
  );
  assert.equal(own?.length, expected.originals, why);
}

function idIn(text: string): string | null {
  const found: unknown = JSON.parse(text, (key, value) => (key === '' ? value : value));
  const record = found as {
    id_str?: string;
    data?: { tweetResult?: { result?: { rest_id?: string } } };
  };
  return record.id_str ?? record.data?.tweetResult?.result?.rest_id ?? null;
}

/** Real phone footage, each on a page of its own: kept whole, with frames whose times are exact. */
async function proveVideos(
  ground: ProvingGround,
  size: number,
  say: (line: string) => void,
): Promise<void> {
  const folder = join(fixtures, 'pdq', 'vpdq', 'videos');
  const names = existsSync(folder) ? readdirSync(folder).slice(0, size) : [];
  const links = names.map((name, index) => {
    const page = `https://phone-${index}.example.org/`;
    const video = `https://phone-${index}.example.org/${encodeURIComponent(name)}`;
    ground.internet.world.addPage(video, {
      bytes: readFileSync(join(folder, name)),
      mediaType: 'video/mp4',
    });
    ground.internet.world.addPage(page, {
      html: `<!doctype html><title>${index}</title><video src="${video}" preload="none"></video>`,
    });
    return page;
  });
  if (links.length === 0) return;
  const records = await ground.untilClosed(await ground.submit(links.join('\n')), 15 * 60_000);
  for (const record of records) {
    assert.equal(record.state, 'complete', JSON.stringify(record.steps));
    const frames = record.artifacts.filter(({ role }) => role === 'keyframe').length;
    assert.ok(frames > 0, record.link);
    say(`${names[links.indexOf(record.link)]}: complete, ${frames} keyframes`);
  }
}
