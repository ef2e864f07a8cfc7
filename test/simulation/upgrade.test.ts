import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFaults } from './faults.js';
import { Random } from './random.js';
import { describeFailure } from './run-seed.js';
import { Upgrade } from './upgrade.js';
import { World } from './world.js';

const durationMs = 30_000;
const seedsMax = 4;

/** The first seeds whose plan is a cluster of three. */
function seedsOfThree(): readonly number[] {
  return Array.from({ length: 100 }, (_, position) => position + 1)
    .filter((seed) => planFaults(new Random(seed, 'plan')).memberCount === 3)
    .slice(0, seedsMax);
}

test('a cluster of two releases serves in the older format, and switches when the last is restarted', async () => {
  for (const seed of seedsOfThree()) {
    const upgrade = new Upgrade('node3');
    const result = await new World({ seed, durationMs, follow: undefined, upgrade }).run();
    assert.equal(result.violation, undefined, describeFailure(result));
  }
});
