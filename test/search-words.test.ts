/** Words are found in every form that they can have, in every language; other words are not. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectLanguages, mainLanguage } from '../src/search/detect-language.ts';
import { indexWords } from '../src/search/index-words.ts';
import { conditionOf } from '../src/search/query/condition.ts';
import { parseQuery } from '../src/search/query/parse.ts';
import { snippetOf, soughtBy } from '../src/search/snippet.ts';
import { wordsIn } from '../src/search/words.ts';
import { absentWords } from './support/absent-words.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { fc } from './support/property.ts';

let held: TestDatabase;
beforeAll(async () => {
  held = await testDatabase();
});
afterAll(() => held.close());

/** Whether each text is found by the query beside it, as PostgreSQL has it. */
async function areFound(asked: { text: string; query: string }[]): Promise<boolean[]> {
  const texts = new Set(asked.map(({ text }) => text));
  const vectorOf = new Map(
    [...texts].map((text) => [text, indexWords([{ text, weight: 'A' }], []).vector]),
  );
  const { rows } = await held.database.query<{ found: boolean }>(
    `select vector::tsvector @@ query::tsquery as found
     from unnest($1::text[], $2::text[]) with ordinality as asked (vector, query, turn)
     order by turn`,
    [asked.map(({ text }) => vectorOf.get(text)), asked.map(({ query }) => lookUp(query))],
  );
  return rows.map(({ found }) => found);
}

function lookUp(query: string): string {
  const parsed = parseQuery(query);
  const condition = parsed === null ? null : conditionOf(parsed);
  if (condition?.kind !== 'words') throw new TypeError(`${query} is not one look-up`);
  return condition.query;
}

const recorded = '../shared/fixtures/search/queries.json';

function recordedSearches() {
  return JSON.parse(readFileSync(recorded, 'utf8')) as {
    documents: Record<string, string>;
    queries: { lang: string; query: string }[];
  };
}

/** A text and, after the arrow, what finds it. */
const finds: Record<string, string[]> = {
  'English: plurals, verb forms, irregular ones, possessives': [
    'Shells hit two hospitals -> hospital; shell; Hospital’s',
    'the women found three bodies in a well -> woman; body; find; wells',
    'soldiers were running, one was shot -> run; shoot; soldier',
    'They stopped the convoys -> stop; convoy; stopping',
  ],
  'Arabic: article, clitics, endings, broken plurals, vowel signs': [
    'وصلت الصَّوَارِيخ إلى المدارس -> صاروخ; مدرسة; المدرسة; للمدارس; صواريخ',
    'قتل جنود وأطفال في المخيمات -> جندي; طفل; مخيم; والأطفال',
    'شهداء وجرحى قرب المساجد -> شهيد; مسجد; بالمساجد',
    'نقل الطلاب الى المستشفيات -> طالب; مستشفى; المستشفى',
  ],
  'Persian: half spaces, plural endings, Arabic keyboards': [
    'بیمارستان‌های شهر بمباران شدند -> بیمارستان; بیمارستانها; بيمارستان; بیمارستان‌ها',
    'آن‌ها نمی‌روند -> نمیروند; نمی روند',
    'می‌گویند -> می‌گوید',
  ],
  'Urdu: cases and plurals': ['اسکولوں پر حملے ہوئے -> اسکول; حملہ; حملوں'],
  'Hebrew: prefixes, endings, points, acronyms': [
    'החיילים נכנסו לכפרים ולבתי הספר -> חייל; כפר; הכפרים; ספר',
    'דובר צה״ל מסר -> צהל; צה"ל',
    'שָׁלוֹם -> שלום',
    'בית החולים -> בתי חולים',
  ],
  'Russian and Ukrainian: cases, fleeting vowels, ё, apostrophes': [
    'В деревнях нашли самолёты и ракеты -> деревня; деревень; самолет; ракета; ракетой',
    'російські солдати зайшли в місто -> солдат; російський; міста',
    "у п'яти об’єктах -> обʼєкт; п’ять",
    'разрушенный мост -> разрушен; мосту',
  ],
  'Turkish: endings, dotted and dotless i, apostrophes': [
    'DİYARBAKIR’daki okulların çatıları -> diyarbakır; okul; çatı; okullar; Diyarbakir',
    'kitabı ve ışığı -> kitap; ışık',
  ],
  'German: umlauts, ß, cases, compounds': [
    'Die Flüchtlinge überquerten die Straße -> fluechtling; Flüchtlingen; strasse; Straßen',
    'Zwei Kampfflugzeuge und Luftangriffe -> Flugzeug; Angriff; Kampfflugzeug',
    'Haeuser brannten -> Haus; Häuser',
  ],
  'French, Spanish, Italian, Portuguese, Dutch': [
    'Les journaux d’Alep ont montré l’école détruite -> journal; alep; école; ecole; détruit',
    'Las ciudades y los soldados heridos -> ciudad; soldado; herida; cañones or ciudad',
    'Gli ospedali e le scuole -> ospedale; scuola',
    'As explosões e os hospitais não -> explosão; hospital; explosao',
    'De huizen en de straten van het dorp -> huis; straat; dorpen',
  ],
  Greek: ['Οι στρατιώτες έκαψαν τα χωριά -> στρατιωτης; χωριό; στρατιώτη'],
  'Hindi: cases, nasal signs, nuqta': ['गाँवों में फ़ौज के काफ़िले -> गांव; फौज; काफिला'],
  'Chinese, Japanese and Korean: any part, other writing, widths': [
    '難民在邊境被拘留 -> 难民; 边境; 邊境; 拘留; 難',
    '大阪の中央・図書館で火災 -> 図書館; 火災; 図书馆',
    'ﾃﾚﾋﾞとスター・ウォーズ -> テレビ; スターウォーズ; ウォーズ',
    '군인들이 학교를 파괴했다 -> 군인; 학교; 파괴; 군인은; 학교에서',
  ],
  'Thai, Lao, Khmer and Burmese': [
    'ทหารยิงโรงเรียน -> ทหาร; โรงเรียน; เรียน',
    'ທະຫານຍິງໂຮງຮຽນ -> ໂຮງຮຽນ',
    'ទាហានបានបាញ់សាលារៀន -> សាលារៀន; ទាហាន',
    'စစ်သားများကျောင်းကို -> ကျောင်း; စစ်သား',
  ],
  'any text: digits, widths, unseen signs, beginnings, phrases': [
    'في ٢٠٢٠ و ۱۲ -> 2020; 12',
    'ＡＢＣ sol\u00addiers in Alep\u200bpo -> abc; soldiers; aleppo',
    'hospitality -> hosp*',
    'the red cross came -> "red cross"; "the red cross"; red or blue; -blue red; (blue or red) cross',
    '新疆维吾尔自治区 -> "维吾尔自治"; "新疆"',
  ],
};

const doesNotFind: string[] = [
  'Shells hit two hospitals -> hospitality; hit -shells; "hospitals two"',
  'the universities of the north and of the south -> universal; universe',
  'القوافل تعبر الجسر -> جسم; قرار; قتل',
  'взрыве -> взрыватель; взрослый',
  'Krankenhauses -> Krankheit; Haut',
  'the red cross came -> "red came"; hos*',
  '東京都庁 -> 大阪; 東都',
  'colonne -> colonel',
];

const pairsIn = (line: string) => {
  const [text = '', queries = ''] = line.split(' -> ');
  return queries.split('; ').map((query) => ({ text, query }));
};

describe('words are found in the forms that people type', () => {
  test.each(Object.entries(finds))('%s', async (_, lines) => {
    const asked = lines.flatMap(pairsIn);
    const found = await areFound(asked);
    expect(asked.filter((_, i) => found[i] !== true)).toEqual([]);
  });

  test('other words are not', async () => {
    const asked = doesNotFind.flatMap(pairsIn);
    const found = await areFound(asked);
    expect(asked.filter((_, i) => found[i] === true)).toEqual([]);
  });

  test.skipIf(!existsSync(recorded))('documents of 14 languages by recorded queries', async () => {
    const { documents, queries } = recordedSearches();
    const asked = queries.map(({ lang, query }) => ({ text: documents[lang] ?? '', query }));
    const found = await areFound(asked);
    expect(asked.filter((_, i) => found[i] !== true)).toEqual([]);
    expect(asked.length).toBeGreaterThan(20);
  });
});

/** A soldier, and what is military: one root, and fair to find. */
const foundAllTheSame = ['tr: asker in tr'];

describe.skipIf(!existsSync(recorded))('of 224 everyday words that stand in no document', () => {
  test('none finds any, but for one of the same root', async () => {
    const { documents } = recordedSearches();
    const asked = Object.entries(absentWords).flatMap(([lang, words]) =>
      words.split(' ').flatMap((query) =>
        Object.entries(documents).map(([of, text]) => ({
          text,
          query,
          as: `${lang}: ${query} in ${of}`,
        })),
      ),
    );
    const found = await areFound(asked);
    expect(asked.filter((_, i) => found[i] === true).map(({ as }) => as)).toEqual(foundAllTheSame);
    expect(asked.length).toBe(224 * 16);
  });
});

// Every archive's rows are compared with what this code makes of the vault. Who changes what a text
// is found by also adds a migration that marks every row as stale (as 0023 does), then this digest.
test('what a text is found by is what it was when rows were last made again', () => {
  const texts = Object.values(finds)
    .flat()
    .map((line) => ({ text: line, weight: 'A' as const }));
  const { vector } = indexWords(texts, []);
  const digest = createHash('sha256').update(vector).digest('hex').slice(0, 16);
  expect(digest).toBe('d31991639f30439b');
});

describe('the language of a text', () => {
  test.each([
    ['en', 'the convoy of the army was seen on the bridge'],
    ['fr', 'les témoins ont vu une colonne dans la ville'],
    ['de', 'die Zeugen und der Konvoi in der Stadt'],
    ['es', 'los testigos de una explosión en la ciudad'],
    ['tr', 'konvoy İstanbul yolunda görüldü, ışıklar söndü'],
    ['ru', 'жители сообщили о взрыве рядом с больницей, был замечен'],
    ['uk', 'мешканці повідомили про вибух поблизу лікарні'],
    ['ar', 'وقوع انفجار قرب المستشفى في المدينة'],
    ['fa', 'خبرنگاران می‌گویند کاروان گذشت از پل'],
    ['ur', 'عینی شاہدین نے ہسپتال کے قریب'],
    ['ja', '東京都庁の前で大規模なデモ'],
    ['zh', '联合国调查人员发现了证据'],
    ['ko', '주민들은 병원 근처에서'],
    ['th', 'ชาวบ้านรายงานว่า'],
    [null, 'Aleppo 2016'],
  ])('%s', (language, text) => {
    const folded = [...wordsIn(text)].flatMap(({ pair, forms }) => (pair === null ? forms : []));
    expect(mainLanguage(text, detectLanguages(text, folded))).toBe(language);
  });
});

describe('snippets', () => {
  const marked = (text: string, query: string): string[] | undefined => {
    const sought = soughtBy(parseQuery(query));
    const snippet = sought === null ? null : snippetOf(text, sought);
    return snippet?.marks.map(([from, to]) => snippet.text.slice(from, to));
  };

  test.each([
    [
      'Witnesses saw the convoys near hospitals',
      'hospital convoy -bridge',
      ['convoys', 'hospitals'],
    ],
    ['وصل إلى المستشفى', 'مستشفى', ['المستشفى']],
    ['près de l’hôpital', 'hopital', ['l’hôpital']],
    ['東京都庁の前で', '都庁', ['都庁']],
    ['a hospital', 'hosp*', ['hospital']],
    ['nothing of it', 'platform:x -nothing', undefined],
    ['nothing of it', 'elsewhere', undefined],
  ])('%s by %s', (text, query, words) => {
    expect(marked(text, query)).toEqual(words);
  });

  test('one line from the middle of a long text, cut between words', () => {
    const text = `${'lorem ipsum '.repeat(100)}\nthe\tconvoy\u0007 came ${'dolor amet '.repeat(100)}`;
    const snippet = snippetOf(text, soughtBy(parseQuery('convoys')) ?? (() => false));
    expect(snippet?.text).toMatch(/^…(?:lorem|ipsum) [^\n\t\u0007]*the convoy {2}came.*…$/u);
    expect(snippet?.text.length).toBeLessThan(260);
  });
});

describe('hostile text', () => {
  const signs = fc.constantFrom(
    ...'abcİıß\'’"\\*()-:&|!<> \0\u200c\u200d\u200b\u202e\u0301\ud800東京ー・ﾞا  ل‌قвії\u0e01\u0e33٢',
    'or ',
    'case:',
    'a'.repeat(300),
    '\u0301'.repeat(50),
    '\u200c'.repeat(40),
  );

  test('no text makes a vector, and no query a look-up, that PostgreSQL refuses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(signs, { maxLength: 40 }), async (pieces) => {
        const text = pieces.join('');
        const { vector } = indexWords(
          [
            { text, weight: 'A' },
            { text, weight: 'D' },
          ],
          ["=a '\\"],
        );
        await held.database.query('select $1::tsvector', [vector]);
        const query = (() => {
          try {
            return parseQuery(text);
          } catch (error) {
            expect(error).toMatchObject({ code: 'bad-query' });
            return null;
          }
        })();
        if (query === null) return;
        const condition = conditionOf(query);
        if (condition.kind === 'words')
          await held.database.query('select $1::tsquery', [condition.query]);
        const sought = soughtBy(query);
        if (sought !== null) snippetOf(text, sought);
      }),
      { numRuns: 200 },
    );
  });

  test('reading is linear: a long run of anything takes no longer than as much text', () => {
    const unit = (sign: string) => sign.repeat(Math.ceil(100_000 / sign.length));
    for (const sign of [
      'a',
      'a’',
      '\u200c',
      'ا\u200c',
      '東',
      '・',
      '"',
      'a\u0301',
      '\u0301',
      'ß',
      '٢',
    ]) {
      const startedAt = process.cpuUsage().user;
      indexWords([{ text: unit(sign), weight: 'A' }], []);
      expect((process.cpuUsage().user - startedAt) / 1e6, JSON.stringify(sign)).toBeLessThan(2);
    }
  });
});
