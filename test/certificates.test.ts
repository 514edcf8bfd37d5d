/** Certificates are the servers' to make: one that can't be read is left out, and the page is kept. */
import { expect, test } from 'vitest';
import { certificatesOf } from '../src/recorder/certificates.ts';
import { never } from './support/kept-capture.ts';

test('a certificate that is none is left out', async () => {
  const session = { listen() {}, send: async () => ({ tableNames: ['bm9uZQ=='] }) };
  expect(await certificatesOf(session, ['https://example.org/'], never)).toEqual([]);
});
