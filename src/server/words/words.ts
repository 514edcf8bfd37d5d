/** The words of the pages, in each language that there is. */
import { ar } from './ar.ts';
import { en } from './en.ts';

export type Words = typeof en;

export const languages = ['en', 'ar'] as const;
export type Language = (typeof languages)[number];

const tables: Record<Language, Words> = { en, ar };

export function wordsOf(language: Language): Words {
  return tables[language];
}
