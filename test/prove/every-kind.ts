/**
 * Archives that nobody touches. Together they hold every kind of capture that the small
 * internet can give, and each has been checked, watched, held, rehashed and cut by order.
 */
import { createHash } from 'node:crypto';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import { sweepFixity } from '../../src/pipeline/custody/fixity.ts';
import { setHold } from '../../src/pipeline/custody/hold.ts';
import { removeByOrder } from '../../src/pipeline/custody/removal.ts';
import { sweepSeal } from '../../src/pipeline/custody/stamp.ts';
import { checkSource } from '../../src/pipeline/watching/check.ts';
import { compareWaiting } from '../../src/pipeline/watching/compare.ts';
import { unwatchSource, watchSource } from '../../src/pipeline/watching/watch.ts';
import { base32 } from '../../src/platforms/wayback.ts';
import { twoSecondClip } from '../internet/content.ts';
import { addFoundingStory, reportUrl, storyText } from '../internet/founding-story.ts';
import type { NewPost } from '../internet/post.ts';
import type { World } from '../internet/world.ts';
import { type TestHoldfast, testHoldfast } from '../support/holdfast.ts';

export interface UntouchedArchive extends AsyncDisposable {
  archive: TestHoldfast['app'];
  what: string;
}

const signal = new AbortController().signal;
const author = { id: '90000031', handle: 'kinds', name: 'Kinds' };
const order = { authority: 'a court', reference: '7 C 12/26', reason: null, by: 'test' };

let serial = 0;

/** Of 2020-02-12, one second apart. */
function newId(): string {
  serial += 1;
  return String(1227400000000000000n + BigInt(serial) * 4_194_304_000n);
}

function post(world: World, described: Partial<NewPost> = {}): string {
  const id = newId();
  world.addPost({ id, author, text: `A post, number ${serial}`, ...described });
  return id;
}

const link = (id: string) => `https://x.com/${author.handle}/status/${id}`;

/** What each kind puts into the world; returns what is pasted. */
const kinds: Record<string, (world: World) => string | Promise<string>> = {
  'a text': (world) => link(post(world)),
  'a picture': (world) =>
    link(
      post(world, {
        media: [
          { kind: 'picture', picture: { width: 320, height: 240, lines: ['kinds'], hue: 10 } },
        ],
      }),
    ),
  'a video': (world) => link(post(world, { media: [{ kind: 'video', clip: twoSecondClip }] })),
  'a long text': (world) =>
    link(
      post(world, { text: 'The beginning of it', noteText: 'The beginning of it, and the end' }),
    ),
  'a reply': (world) => link(post(world, { replyTo: { id: post(world), account: author } })),
  'a quotation': (world) => link(post(world, { quoted: post(world) })),
  'an edited post': (world) => link(world.edit(post(world), 'edited').id),
  'a deleted post': (world) => gone(world, (id) => world.delete(id)),
  'a vanished post': (world) => gone(world, (id) => world.delete(id, 'nothing')),
  'a suspended account': (world) => gone(world, (id) => world.suspend(id)),
  'a protected account': (world) => gone(world, (id) => world.protect(id)),
  'an account that is gone': (world) => gone(world, (id) => world.removeAccount(id)),
  'an age gate': (world) => gone(world, (id) => world.ageGate(id)),
  'withheld media': (world) => {
    const id = post(world, {
      media: [
        { kind: 'picture', picture: { width: 320, height: 240, lines: ['withheld'], hue: 200 } },
      ],
    });
    world.withholdMedia(id, 'Geoblocked');
    return link(id);
  },
  'pasted text with short links': async (world) => {
    await addFoundingStory(world);
    return storyText;
  },
  'a report': async (world) => {
    await addFoundingStory(world);
    return reportUrl;
  },
  'a page': (world) => page(world, { html: '<title>A page</title><p>Words of a page.</p>' }),
  'a page that is not found': (world) => page(world, { status: 404, html: '<p>Not here.</p>' }),
  'a page behind a log-in': (world) =>
    page(world, { html: '<title>Log in</title><form><input type=password></form>' }),
  'a file': (world) =>
    page(world, { bytes: Buffer.from('{"a":1}'), mediaType: 'application/json' }),
  'a host that is not there': (world) => {
    serial += 1;
    const host = `gone-${serial}.example.net`;
    world.failDns(host);
    return `https://${host}/`;
  },
  'a post in the Wayback Machine': keptElsewhere,
  'a short link to nowhere': () => 'https://t.co/NoWhere001',
  'what is refused': () => 'mailto:nobody@example.org https://x.com/ a word',
};

function gone(world: World, become: (id: string) => void): string {
  const id = post(world);
  become(id);
  return link(id);
}

function page(world: World, content: Parameters<World['addPage']>[1]): string {
  serial += 1;
  const url = `https://pages.example.net/${serial}`;
  world.addPage(url, content);
  return url;
}

function keptElsewhere(world: World): string {
  const id = newId();
  const original = `https://twitter.com/i/web/status/${id}`;
  const kept = JSON.stringify({
    data: { id, text: 'Kept by somebody else: شاحنة', author_id: '42' },
    includes: { users: [{ id: '42', username: author.handle, name: author.name }] },
  });
  const sha1 = base32(createHash('sha1').update(kept).digest());
  const head = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'];
  const rows = [head, ['20200212160000', original, 'application/json', '200', sha1]];
  world.addPage('https://web.archive.org/cdx/search/cdx', {
    bytes: Buffer.from(JSON.stringify(rows)),
    mediaType: 'application/json',
  });
  world.addPage(`https://web.archive.org/web/20200212160000id_/${original}`, {
    bytes: Buffer.from(kept),
    mediaType: 'application/json',
  });
  return link(id);
}

/** The kinds in turn: of every four archives each kind is in one. */
export async function untouchedArchive(number: number): Promise<UntouchedArchive> {
  await using opened = new AsyncDisposableStack();
  const holdfast = opened.use(await testHoldfast({ backend: 'postgres' }));
  const { world } = holdfast.internet;
  const chosen = Object.entries(kinds).filter((_, place) => place % 4 === number % 4);
  const pasted: string[] = [];
  for (const [, make] of chosen) pasted.push(await make(world));
  const records = await holdfast.archive(pasted.join('\n\n'), { case: 'Kinds', tags: ['kind'] });
  await live(holdfast, records);
  const resources = opened.move();
  return {
    archive: holdfast.app,
    what: `${records.length} captures: ${chosen.map(([what]) => what).join(', ')}`,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What happens to an archive that is in use. */
async function live(holdfast: TestHoldfast, records: CaptureRecord[]): Promise<void> {
  const { parts } = holdfast.app;
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return;
  await sweepSeal(parts, signal);
  await watchSource(parts, first.source, '6h', { case: 'Kinds' });
  await watchSource(parts, last.source, 'adaptive');
  await watchSource(parts, 'case:Kinds', '1d');
  await checkSource(parts, first.source, signal);
  await holdfast.archive(first.link, { again: true });
  await compareWaiting(parts, signal);
  await unwatchSource(parts, last.source);
  await setHold(parts, { scopeKind: 'capture', scope: first.id, ...order });
  await sweepFixity(parts, { signal, before: new Date(Date.now() + 1_000) });
  if (last.id !== first.id)
    await removeByOrder(parts, { ...order, captureIds: [last.id], sha256s: [] });
  await parts.database.query(`update unlogged_records set noted_at = now() - interval '1 day'`);
  await sweepSeal(parts, signal);
  // Written down after the last batch.
  await checkSource(parts, first.source, signal);
}
