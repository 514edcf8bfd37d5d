/** Text in pictures: read with the real tesseract, kept with its boxes, found by its words. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCaptures } from '../src/catalog/find.ts';
import { insertTexts } from '../src/catalog/texts.ts';
import {
  linesIn,
  makeReady,
  openReader,
  type PictureText,
  plainText,
  readPicture,
} from '../src/media/inspect/ocr.ts';
import { textEvidence } from '../src/media/inspect/text-evidence.ts';
import { transcribe } from '../src/media/inspect/transcribe.ts';
import { openPictures } from '../src/media/pictures/pictures.ts';
import { chance } from './prove/chance.ts';
import { textsOf } from './support/captured-texts.ts';
import { open } from './support/catalog.ts';
import { costOf } from './support/cpu-time.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { fc } from './support/property.ts';

const english = ['Statement of the joint task force', 'A patrol met a checkpoint near Qamishli'];
const arabic = ['بيان صادر عن قوة المهام المشتركة', 'صادفت دورية نقطة تفتيش قرب القامشلي'];
const { signal } = new AbortController();

let folder: string;
let database: TestDatabase;
const pictures = openPictures(signal);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ocr-'));
  database = await testDatabase();
});
afterAll(async () => {
  await pictures[Symbol.asyncDispose]();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

interface Drawn {
  paper?: string;
  ink?: string;
}

async function picture(
  name: string,
  lines: string[],
  { paper = '#ffffff', ink = '#111111' }: Drawn,
) {
  const words = lines.map(
    (line, index) =>
      `<text x="650" y="${90 + index * 80}" text-anchor="middle" font-size="40" fill="${ink}" ` +
      `font-family="Noto Sans Arabic, DejaVu Sans">${line}</text>`,
  );
  const height = 100 + lines.length * 80;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1300" height="${height}"><rect width="1300" height="${height}" fill="${paper}"/>${words.join('')}</svg>`;
  const path = join(folder, name);
  await sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toFile(path);
  return path;
}

async function read(path: string): Promise<PictureText> {
  const reader = await openReader('tesseract', ['eng', 'ara'], signal);
  const picture = await makeReady(pictures, { path, sha256: 'a'.repeat(64) }, folder);
  return (await readPicture(reader, { picture, layout: 'page' }, 60_000, signal)).text;
}

/** Share of characters that are wrong. */
function errors(found: string, wanted: string): number {
  const row = Array.from({ length: wanted.length + 1 }, (_, index) => index);
  for (let i = 1; i <= found.length; i++) {
    let diagonal = row[0] as number;
    row[0] = i;
    for (let j = 1; j <= wanted.length; j++) {
      const above = row[j] as number;
      const same = found[i - 1] === wanted[j - 1] ? 0 : 1;
      row[j] = Math.min(above + 1, (row[j - 1] as number) + 1, diagonal + same);
      diagonal = above;
    }
  }
  return (row[wanted.length] as number) / wanted.length;
}

const bare = (text: string) => text.replaceAll(/[\u200E\u200F\u202A-\u202E]/g, '');

describe('a picture with text', () => {
  test('English, Arabic under it: each line in the language that fits it, with its box', async () => {
    const text = await read(await picture('both.jpg', [...english, ...arabic], {}));
    expect(errors(bare(plainText(text)), [...english, ...arabic].join('\n'))).toBeLessThan(0.05);
    expect(text.lines.map(({ language }) => language)).toEqual(['eng', 'eng', 'ara', 'ara']);
    expect(text).toMatchObject({ inverted: false, width: 1300, scale: 1 });
    for (const [index, { box, words }] of text.lines.entries()) {
      const baseline = 90 + index * 80;
      expect(box[1]).toBeLessThan(baseline);
      expect(box[1] + box[3]).toBeGreaterThan(baseline - 12);
      expect(words.length).toBeGreaterThan(3);
    }
    expect(text.passes.map(({ language, failed }) => [language, failed])).toEqual([
      ['eng', null],
      ['ara', null],
    ]);
    expect(text.passes[0]?.tsv).toContain('level\tpage_num');
    expect(text.reader.version).toMatch(/^tesseract \d/);
    expect(text.reader.models.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
  });

  test('white on dark is read as its negative', async () => {
    const dark = await picture('dark.jpg', arabic, { paper: '#10131c', ink: '#f4f4f4' });
    const text = await read(dark);
    expect(text.inverted).toBe(true);
    expect(errors(bare(plainText(text)), arabic.join('\n'))).toBeLessThan(0.05);
  });

  test('lying on its side by EXIF is read upright', async () => {
    const upright = await picture('upright.jpg', english, {});
    const lying = join(folder, 'lying.jpg');
    await sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).toFile(lying);
    const text = await read(lying);
    expect(errors(plainText(text), english.join('\n'))).toBeLessThan(0.05);
    expect(text.width).toBe(1300);
  });
});

describe('whether there is writing in a picture', () => {
  const letters = async (path: string) =>
    (await makeReady(pictures, { path, sha256: 'e'.repeat(64) }, folder)).letters;

  /** Words on a ground of noise; without words the ground alone. */
  async function onNoise(words: string, sizePx: number, deviation: number, drawn: Drawn = {}) {
    const { paper = '#c8c8c8', ink = '#202020' } = drawn;
    const box = { width: 1280, height: 720 };
    const text = `<text x="640" y="600" text-anchor="middle" font-size="${sizePx}" fill="${ink}" font-family="Noto Sans Arabic, DejaVu Sans">${words}</text>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720"><rect width="1280" height="720" fill="${paper}"/>${text}</svg>`;
    const pixels = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
    const random = chance(sizePx);
    for (let at = 0; at < pixels.length; at++) {
      // Three throws of a die are nearly a bell.
      const off = 2 * deviation * (random() + random() + random() - 1.5);
      pixels[at] = Math.max(0, Math.min(255, (pixels[at] as number) + off));
    }
    const path = join(folder, `noise-${sizePx}.jpg`);
    await sharp(pixels, { raw: { ...box, channels: 3 } })
      .jpeg({ quality: 60 })
      .toFile(path);
    return path;
  }

  test.each([
    ['a small caption', 'Checkpoint near Qamishli', 13, 4, {}],
    ['one short word', 'Exit', 22, 8, {}],
    ['one word in Arabic', 'القامشلي', 20, 8, {}],
    ['Arabic, light on dark', 'قوة المهام المشتركة', 28, 16, { paper: '#14161c', ink: '#f0f0f0' }],
    ['large letters under strong noise', 'Qamishli', 120, 40, {}],
    ['yellow on blue', 'Joint task force', 30, 16, { paper: '#204080', ink: '#ffe040' }],
    ['grey on grey', 'Joint task force', 30, 4, { paper: '#b0b0b0', ink: '#808080' }],
    ['a time', '14:35', 24, 8, {}],
  ])('%s is seen', async (_, words, sizePx, deviation, drawn) => {
    expect(await letters(await onNoise(words, sizePx, deviation, drawn))).toBeGreaterThan(2);
  });

  // Stronger noise has rows by chance, and is read: what that may cost is limited.
  test.each([0, 4, 8, 12])('noise of %d levels is none', async (deviation) => {
    expect(await letters(await onNoise('', 10, deviation))).toBe(0);
  });

  test('a page of it is seen in a fraction of the time in which it is read', async () => {
    const grey = { data: Buffer.alloc(2400 * 1600, 128), width: 2400, height: 1600 };
    for (let at = 0; at < grey.data.length; at++) grey.data[at] = (at * 7919) % 251;
    const { cpuMs } = await costOf(() => textEvidence(grey));
    expect(cpuMs).toBeLessThan(3_000);
  });
});

describe('what a picture may cost', () => {
  /** Specks that tesseract takes for letters, all over: minutes of work. */
  async function specks(): Promise<string> {
    const path = join(folder, 'specks.png');
    const [width, height] = [1280, 720];
    let cells = Array.from({ length: width }, (_, at) => Number(at % 97 === 0 || at % 41 === 3));
    const rows: number[] = [];
    for (let row = 0; row < height; row++) {
      rows.push(...cells.map((cell) => 255 * cell));
      // Rule 110 of one-dimensional cellular automata.
      cells = cells.map((cell, at) => {
        const [left, right] = [cells.at(at - 1) ?? 0, cells[(at + 1) % width] ?? 0];
        return (110 >> (4 * left + 2 * cell + right)) & 1;
      });
    }
    const raw = { width, height, channels: 1 } as const;
    await sharp(Buffer.from(rows), { raw }).png().toFile(path);
    return path;
  }

  test('it ends when its processor time is spent, and is not taken for read', async () => {
    const reader = await openReader('tesseract', ['eng', 'ara'], signal);
    const picture = await makeReady(
      pictures,
      { path: await specks(), sha256: 'f'.repeat(64) },
      folder,
    );
    const asked = { picture, layout: 'scattered' } as const;
    const { text, processorMs, outOfTime } = await readPicture(reader, asked, 1_000, signal);
    expect(outOfTime).toBe(true);
    expect(processorMs).toBeLessThan(3_000);
    expect(text.passes).toMatchObject([{ language: 'eng', failed: 'processor-limit' }]);
    expect(text.lines).toEqual([]);
  });

  test('with no time left nothing is started', async () => {
    const reader = await openReader('tesseract', ['eng'], signal);
    const path = await picture('unread.jpg', english, {});
    const ready = await makeReady(pictures, { path, sha256: 'f'.repeat(64) }, folder);
    const asked = { picture: ready, layout: 'page' } as const;
    const read = await readPicture(reader, asked, 0, signal);
    expect(read).toMatchObject({ outOfTime: true, processorMs: 0, text: { passes: [] } });
  });
});

describe('what can’t be read', () => {
  test('noise gives nothing to search for, and bytes that are no picture are said', async () => {
    const noise = join(folder, 'noise.png');
    const raw = { width: 300, height: 200, channels: 1 } as const;
    const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 251));
    await sharp(bytes, { raw }).png().toFile(noise);
    expect(plainText(await read(noise)).length).toBeLessThan(40);
    await writeFile(join(folder, 'none.png'), 'no picture');
    await expect(read(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'not-decodable' });
  });

  test('an absent tool, and absent languages, have a reason each', async () => {
    const absent = openReader('no-such-tesseract', ['eng'], signal);
    await expect(absent).rejects.toMatchObject({ code: 'tool-missing' });
    const unknown = openReader('tesseract', ['xyz'], signal);
    await expect(unknown).rejects.toMatchObject({ code: 'no-languages' });
    expect((await openReader('tesseract', ['eng', 'xyz'], signal)).missing).toEqual(['xyz']);
  });

  test('whatever a tool prints, reading it never throws', () => {
    const cell = fc.oneof(fc.constantFrom('5', '-1', '96.5', 'NaN', '', 'word'), fc.string());
    const row = fc.array(cell, { maxLength: 14 }).map((cells) => cells.join('\t'));
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        for (const { text, confidence } of linesIn(rows.join('\n'), 'eng', 1)) {
          expect(text).not.toBe('');
          expect(confidence).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('what was read is found', () => {
  const found = async (text: string) =>
    (await findCaptures(database.database, { text })).rows.map(({ id }) => id);

  test('by its words, in whatever spelling they are asked for', async () => {
    const [id = ''] = await open(database.database, {});
    const texts = [
      {
        name: 'ocr/a.json',
        kind: 'ocr' as const,
        readFrom: 'b'.repeat(64),
        body: 'قُــرب المدينة أمس ١٢ ﬁelds burned',
      },
      { name: 'ocr/b.json', kind: 'ocr' as const, readFrom: 'c'.repeat(64), body: '  ' },
    ];
    await insertTexts(database.database, id, texts);
    expect((await textsOf(database.database, id)).map(({ name }) => name)).toEqual(['ocr/a.json']);
    for (const asked of [
      'قرب',
      'المدينه',
      'امس',
      '12',
      'fields',
      'field burning',
      '"fields burned"',
    ]) {
      expect(await found(asked), asked).toEqual([id]);
    }
    expect(await found('absent')).toEqual([]);
    const changing = database.database.query('update captured_texts set body = body');
    await expect(changing).rejects.toMatchObject({ code: 'append-only' });
  });
});

describe('speech', () => {
  test('is written down by the program that the operator names, its files’ digests beside it', async () => {
    const said = { language: 'ar', segments: [{ startMs: 0, endMs: 900, text: 'مرحبا' }] };
    const program = join(folder, 'stt');
    await writeFile(program, `#!/bin/sh\necho '${JSON.stringify(said)}'\n`, { mode: 0o755 });
    const model = join(folder, 'model.bin');
    await writeFile(model, 'weights');
    const recording = { path: program, sha256: 'd'.repeat(64) };
    const transcript = await transcribe([program, '--model', model], recording, 10_000, signal);
    expect(transcript).toMatchObject(said);
    expect(Object.keys(transcript.files)).toEqual([program, model]);
    const failing = transcribe(['false'], recording, 10_000, signal);
    await expect(failing).rejects.toMatchObject({ code: 'transcriber-failed' });
    const absent = transcribe(['no-such-program'], recording, 10_000, signal);
    await expect(absent).rejects.toMatchObject({ code: 'tool-missing' });
  });
});
