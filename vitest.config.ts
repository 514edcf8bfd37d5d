import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

// Every file has a process of its own: what Node compiled of a package for one serves the others.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('node_modules/.cache/holdfast-tests/compiled', import.meta.url),
);

// Whoever runs the tests may have an archive of their own: no test may reach it, or depend on its settings.
for (const name of Object.keys(process.env))
  if (/^(?:HOLDFAST_(?!TEST_)|DATABASE_URL|REDIS_URL)/.test(name)) delete process.env[name];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/one-server.ts',
    // On two cores: files wait for pages to become quiet about half of their time.
    maxWorkers: 3,
    maxConcurrency: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'text'] },
  },
});
