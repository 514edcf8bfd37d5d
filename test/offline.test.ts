/** A machine without a network: links wait, and nothing is said of any source. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureRecord } from '../src/catalog/show.ts';
import { archiveWithProgress } from '../src/cli/capture/archive.ts';
import { hasDefaultRoute, hasDefaultRoute6, type WayOut, wayOut } from '../src/egress/way-out.ts';
import { startWorkers } from '../workers/main.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';

describe('the kernel’s routes', () => {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n';
  test.each([
    ['eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\n', true],
    ['eth0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\n', false],
    ['eth0\t00000000\t0102A8C0\t0002\t0\t0\t100\t00000000\n', false],
    ['', false],
  ])('%j lead out: %s', (line, expected) => expect(hasDefaultRoute(head + line)).toBe(expected));

  const zero = '0'.repeat(32);
  test.each([
    [`${zero} 00 ${zero} 00 fe80${'0'.repeat(28)} 00000400 00000001 00000000 00000003 eth0`, true],
    [`${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo`, false],
    [`fe80${'0'.repeat(28)} 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 eth0`, false],
  ])('of IPv6, %s: %s', (line, expected) => expect(hasDefaultRoute6(line)).toBe(expected));
});

test('a proxy on this machine is a way out that only it knows', async () => {
  expect(await wayOut('127.0.0.1:9050').isGone()).toBe(false);
});

describe('a capture', () => {
  let holdfast: TestHoldfast;
  beforeAll(async () => {
    holdfast = await testHoldfast({ backend: 'postgres' });
  });
  afterAll(() => holdfast[Symbol.asyncDispose]());

  test('waits without a network, unfinished and untried, and is made when there is one', async () => {
    const { app, internet } = holdfast;
    let gone = true;
    const cut: WayOut = {
      get wasGone() {
        return gone;
      },
      isGone: async () => gone,
    };
    Object.assign(app.parts.egress, { wayOut: cut });
    const url = 'https://waiting.example.org/';
    const submitted = await holdfast.submit(url);
    const ids = submitted.flatMap(({ captureId }) => captureId ?? []);
    const [open] = await archiveWithProgress(app, (one) => startWorkers(one), ids);
    expect(open).toMatchObject({ state: null, finishedAt: null, sourceNow: { kind: null } });
    expect(open?.steps.filter(({ name }) => name === 'page')).toEqual([]);

    gone = false;
    internet.world.addPage(url, { html: '<title>There</title><p>It was there all the time.</p>' });
    const workers = await holdfast.work();
    await holdfast.untilClosed(ids).finally(() => workers.close(10_000));
    expect(await captureRecord(app.parts.database, ids[0] ?? '')).toMatchObject({
      state: 'complete',
      sourceNow: { availability: 'available' },
    });
  }, 90_000);
});
