import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  firstShardMax,
  ShardedMap,
  shardCount,
  shardOf,
} from '../../../src/store/part/sharded-map.js';

interface Step {
  readonly adds: boolean;
  readonly at: number;
  readonly value: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  adds: fc.boolean(),
  at: fc.nat({ max: 40 }),
  value: fc.nat(),
});
const steps = fc.array(step, { maxLength: 300, size: 'max' });

class Both {
  readonly map = new ShardedMap<number>();
  readonly model = new Map<string, number>();

  set(key: string, value: number): void {
    this.map.set(key, value);
    this.model.set(key, value);
  }

  delete(key: string): void {
    this.map.delete(key);
    this.model.delete(key);
  }

  compareAt(key: string): void {
    assert.equal(this.map.get(key), this.model.get(key));
    assert.equal(this.map.has(key), this.model.has(key));
    assert.equal(this.map.size, this.model.size);
  }

  compareAll(): void {
    assert.deepEqual(
      [...this.map.values()].sort(byNumber),
      [...this.model.values()].sort(byNumber),
    );
  }
}

function compare(filled: number, steps: readonly Step[]): void {
  const both = new Both();
  for (let at = 0; at < filled; at += 1) both.set(`key${at}`, at);
  for (const { adds, at, value } of steps) {
    // Some are among the first entries, and some can only be behind them.
    const key = `key${at % 2 === 0 ? at : firstShardMax + at}`;
    if (adds) both.set(key, value);
    else both.delete(key);
    both.compareAt(key);
  }
  both.compareAll();
}

describe('a sharded map', () => {
  for (const filled of [0, firstShardMax - 10, firstShardMax + 10]) {
    test(`is like a Map, from ${filled} entries on`, () => {
      const runs = fc.property(steps, (all) => compare(filled, all));
      fc.assert(runs, { numRuns: filled === 0 ? 100 : 5 });
    });
  }

  test('shows each entry that stays once while others come and go', () => {
    const map = new ShardedMap<string>();
    const stays = Array.from({ length: 2 * firstShardMax }, (_, at) => `stays${at}`);
    for (const key of stays) map.set(key, key);
    for (let at = 0; at < 1000; at += 1) map.set(`goes${at}`, 'goes');
    const seen: string[] = [];
    let changes = 0;
    for (const value of map.values()) {
      if (value.startsWith('stays')) seen.push(value);
      map.delete(`goes${changes % 1000}`);
      map.set(`comes${changes}`, 'comes');
      changes += 1;
    }
    assert.deepEqual(seen.sort(), [...stays].sort());
  });

  const namings: Readonly<Record<string, (at: number) => string>> = {
    numbers: (at) => `${at}`,
    'a number behind a name': (at) => `worker-1-${at}`,
    'a number before a name': (at) => `${at}-of-the-workers-in-the-second-region`,
    'padded numbers': (at) => `${at}`.padStart(20, '0'),
    'long names': (at) => `${'service/'.repeat(20)}${at}${'/instance'.repeat(20)}`,
    'hexadecimal numbers': (at) => (at * 2654435761).toString(16),
  };
  for (const [what, nameOf] of Object.entries(namings)) {
    test(`has small shards, which do not double together, for ${what}`, () => {
      const sizes: number[] = new Array(shardCount).fill(0);
      const each = 400;
      for (let at = 0; at < each * shardCount; at += 1) {
        const shard = shardOf(nameOf(at));
        sizes[shard] = (sizes[shard] ?? 0) + 1;
      }
      assert.ok(Math.max(...sizes) < 2 * each, `${Math.max(...sizes)} instead of ${each}`);
      const [smallest, largest] = [sizes.slice(0, 16), sizes.slice(-16)].map(sum);
      assert.ok(largest !== undefined && smallest !== undefined && largest > 1.6 * smallest);
    });
  }
});

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

function byNumber(a: number, b: number): number {
  return a - b;
}
