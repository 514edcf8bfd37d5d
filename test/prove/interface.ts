/**
 * Every page of the interface in each light, width and language: no rule of accessibility (WCAG 2.2
 * AA, by axe) is broken, nothing is wider than the screen, no policy of ours is violated. Size: looks,
 * of which there are eight.
 */
import assert from 'node:assert/strict';
import { everyLook, everyPath, judgePages, plainBrowser } from '../support/judged-pages.ts';
import { seed, serveArchive, testArchive } from '../support/pages.ts';
import type { Proof } from './proof.ts';

export const proof: Proof = {
  fullSize: everyLook.length,
  async prove({ size, say }) {
    const archive = await testArchive();
    const seeded = await seed(archive, 'http://canary.invalid');
    await using site = await serveArchive(archive);
    await using browser = await plainBrowser();
    const paths = [
      ...everyPath(seeded),
      ...['/items?view=sheet', '/items?q=bridge&order=best', '/items?q=(bridge'],
      `/captures/${seeded.hostile}`,
    ];
    await site.post('/add/read', { text: 'https://example.org/one ftp://a.example https://b' });
    const wrong: string[] = [];
    for (const look of everyLook.slice(0, size)) {
      const { colorScheme, viewport, locale } = look;
      const found = await judgePages(browser, site, look, paths);
      say(
        `${colorScheme}, ${viewport.width} px, ${locale}: ${paths.length} pages, ${found.length} faults`,
      );
      for (const fault of found) say(fault);
      wrong.push(...found);
    }
    say(`pages: ${paths.map((path) => path.replace(/[0-9a-f-]{36}/g, 'ID')).join(' ')}`);
    assert.deepEqual(wrong, []);
  },
};
