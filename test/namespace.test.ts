/** The program with no proxy behind its door, where every address leads here and names change. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { proof } from './prove/namespace.ts';

const canUnshare = spawnSync('unshare', ['--net', '--', 'nft', 'list', 'ruleset']).status === 0;

test.skipIf(!canUnshare)(
  'in a network namespace of its own (needs root and nftables), a page that tries every carrier reaches nothing private, and nothing passes the door',
  async () => {
    const said: string[] = [];
    await proof.prove({ size: 60, seed: 20200212, say: (line) => void said.push(line) });
    expect(said.join(' ')).toContain('0 connections, 0 packets past the door');
  },
  240_000,
);
