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
  openReader,
  type PictureText,
  plainText,
  readPicture,
} from '../src/media/inspect/ocr.ts';
import { transcribe } from '../src/media/inspect/transcribe.ts';
import { textsOf } from './support/captured-texts.ts';
import { open } from './support/catalog.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { fc } from './support/property.ts';

const english = ['Statement of the joint task force', 'A patrol met a checkpoint near Qamishli'];
const arabic = ['بيان صادر عن قوة المهام المشتركة', 'صادفت دورية نقطة تفتيش قرب القامشلي'];
const { signal } = new AbortController();

let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ocr-'));
  database = await testDatabase();
});
afterAll(async () => {
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
  return readPicture(reader, { path, sha256: 'a'.repeat(64), layout: 'page' }, folder, signal);
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
