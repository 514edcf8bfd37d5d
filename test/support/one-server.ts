/** Before the first test file: one PostgreSQL for all of them, and a migrated database to copy from. */
import { makeTemplate } from './database.ts';

export default async function (): Promise<() => Promise<void>> {
  const template = await makeTemplate();
  process.env.HOLDFAST_TEST_TEMPLATE = template.name;
  return template.close;
}
