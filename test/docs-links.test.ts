/** Whatever a document or a comment points at is there: files, headings, folders. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const made = /^(?:\.git|node_modules|dist|coverage|holdfast-[a-z-]+)$/;
const files = readdirSync(root)
  .filter((name) => !made.test(name))
  .flatMap(filesBelow);
const documents = files.filter((path) => path.endsWith('.md'));
const commented = files.filter((path) => /\.(?:ts|sh|yml)$|^Dockerfile$|^\.ci\//.test(path));

function filesBelow(name: string): string[] {
  const path = join(root, name);
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  } catch {
    return [name];
  }
}

/** Links of a document that lead nowhere, as `target: why`. */
function deadLinks(path: string, text: string): string[] {
  return linksIn(text).flatMap((target) => {
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const found = file === '' ? join(root, path) : resolve(root, dirname(path), decodeURI(file));
    if (relative(root, found).startsWith('..')) return [`${target}: outside the repository`];
    if (!existsSync(found)) return [`${target}: no such file`];
    if (anchor === undefined || !found.endsWith('.md')) return [];
    const headings = found === join(root, path) ? text : readFileSync(found, 'utf8');
    return anchorsOf(headings).has(anchor) ? [] : [`${target}: no such heading`];
  });
}

/** `[text](target)`, pictures, `[name]: target`, and `href`, `src` of HTML; code is no link. */
function linksIn(text: string): string[] {
  const prose = withoutFences(text).replace(/(`+)(?!`).*?[^`]\1(?!`)/gs, '');
  const written =
    /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)|\b(?:href|src)="([^"]+)"/gm;
  return [...prose.matchAll(written)].map(([, link, named, html]) => link ?? named ?? html ?? '');
}

function withoutFences(text: string): string {
  return text.replace(/^ {0,3}(`{3,}|~{3,})[^\n]*\n.*?^ {0,3}\1[^\n]*$/gms, '');
}

/** Anchors of headings as GitHub, GitLab and Gitea make them, and those that are set by hand. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...withoutFences(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(
    ([, title = '']) => {
      const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const slug = plain.replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    },
  );
  const byHand = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = '']) => name);
  return new Set([...headings, ...byHand]);
}

/** The comments of a program, by lines; a `#` begins one where it is not TypeScript. */
function commentsOf(path: string, text: string): string[] {
  const comment = path.endsWith('.ts') ? /^\s*(?:\/?\*|\/\/).*| \/\/ .*/gm : /(?:^|\s)#(?!!).*/gm;
  return [...text.matchAll(comment)].map(([line]) => line.trim());
}

/** What comments name and a clone has not, as `what: the comment`. */
function missingFrom(path: string, text: string): string[] {
  return commentsOf(path, text).flatMap((comment) =>
    [...documentsNamed(comment).filter((name) => !isDocument(name)), ...elsewhere(comment)].map(
      (name) => `${name}: ${comment}`,
    ),
  );
}

function documentsNamed(comment: string): string[] {
  const named =
    /(?<![\w/.-])(?:(?:src|workers|scripts|test|docs|docker|examples)\/[\w./-]*\w|[\w./-]+\.md)\b/g;
  return [...comment.matchAll(named)].map(([name]) => name);
}

const isDocument = (name: string) =>
  existsSync(join(root, name)) || documents.some((path) => basename(path) === name);

/** Papers that lie beside a checkout at best. Fixtures may: tests skip by name what they don't find. */
function elsewhere(comment: string): string[] {
  const papers =
    /\b(?:the|our) (?:contract|design)\b|\bdesign (?:section|of the)\b|(?<!docs\/)\breference\/|\bshared\/(?!fixtures)/g;
  return [...comment.matchAll(papers)].map(([name]) => name);
}

describe('documents', () => {
  test.each(documents)('%s has no dead link', (path) => {
    expect(deadLinks(path, readFileSync(join(root, path), 'utf8'))).toEqual([]);
  });

  test('are all found', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/proofs.md']),
    );
  });
});

describe('comments', () => {
  test('name no document that a clone does not have', () => {
    const found = commented.flatMap((path) =>
      missingFrom(path, readFileSync(join(root, path), 'utf8')).map((what) => `${path}: ${what}`),
    );
    expect(found).toEqual([]);
  });
});

describe('what finds dead links', () => {
  const text = `# One word\n\n## It's \`code\`, twice\n## One word\n<a id="by-hand"></a>\n`;

  test.each([
    ['[x](NOWHERE.md)', 'NOWHERE.md: no such file'],
    ['![x](docs/nowhere.png "title")', 'docs/nowhere.png: no such file'],
    ['[x]\n\n[x]: <docs/nowhere.md>', 'docs/nowhere.md: no such file'],
    ['<img src="docs/nowhere.png">', 'docs/nowhere.png: no such file'],
    ['[x](../shared/design.md)', '../shared/design.md: outside the repository'],
    ['[x](#two-words)', '#two-words: no such heading'],
    ['[x](CONTRIBUTING.md#nowhere)', 'CONTRIBUTING.md#nowhere: no such heading'],
  ])('finds %s', (link, fault) => {
    expect(deadLinks('README.md', `${text}${link}\n`)).toEqual([fault]);
  });

  test.each([
    '[x](LICENSE)',
    '[x](#one-word) [x](#one-word-1) [x](#its-code-twice) [x](#by-hand)',
    '[x](docs/) [x](CONTRIBUTING.md#tests)',
    '[x](https://example.org/nowhere) [x](mailto:someone@example.org)',
    '`[x](nowhere.md)`\n\n```\n[x](nowhere.md)\n```',
  ])('leaves %s alone', (link) => {
    expect(deadLinks('README.md', `${text}${link}\n`)).toEqual([]);
  });

  test.each([
    ['a.ts', '/** As design section 6 names it. */'],
    ['a.ts', '/** The list is in the contract. */'],
    ['a.ts', ' * see reference/recording.md, 3.3'],
    ['a.ts', '// see docs/nowhere.md'],
    ['a.ts', '// see src/nowhere.ts'],
    ['a.sh', 'true # see NOWHERE.md'],
  ])('finds in %s: %s', (path, line) => {
    expect(missingFrom(path, line)).not.toEqual([]);
  });

  test.each([
    ['a.ts', '// see ARCHITECTURE.md, docs/proofs.md and src/index.ts'],
    ['a.ts', "const x = 'docs/nowhere.md';"],
    ['a.ts', '/** Vectors of ../shared/fixtures, where they are there. */'],
  ])('leaves alone in %s: %s', (path, line) => {
    expect(missingFrom(path, line)).toEqual([]);
  });
});
