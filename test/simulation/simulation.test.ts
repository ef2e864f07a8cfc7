import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { runCampaign } from './campaign.js';
import type { Coverage } from './coverage.js';
import { describeFailure, runSeed } from './run-seed.js';

const jobs = availableParallelism();
const durationMs = 60_000;
/** Of each campaign. All of this file takes about 70 seconds on two cores. */
const budgetMs = 30_000;
const seedsMax = 100_000;

/**
 * Each tells a story that few seeds tell, named beside it. They are run again for as long as the
 * seed tells it: when what a seed decides changes, others take their place, and what they once
 * found stays a unit test.
 */
const rareStories: readonly number[] = [
  // A queue entry that an ended boot left behind keeps those behind it from holding.
  6,
  // A grant and the end of its TTL reach a member together, which has waited for the grant. And the
  // longer log ends with the earlier term, and its member asks for votes.
  10,
  // A follower that writes entries to its disk gets others of a later term in their place.
  26,
  // A snapshot is sent to a follower whose log has its last entry, because the leader does not
  // know.
  66,
  // A member crashes while it starts, and has to be started again.
  592433347308,
];

type SeedCounts = Partial<Record<keyof Coverage, number>>;

/** A campaign of so many seeds has some, almost certainly. */
const usualSeeds = 20;
const rareSeeds: SeedCounts = { stops: 500 };
/** Of twenty seeds, one time in twelve none has any. The fixed ones have. */
const rareFreshSeeds: SeedCounts = { ...rareSeeds, connectionHolds: 100 };

function seedsFrom(first: number): readonly number[] {
  return Array.from({ length: seedsMax }, (_, position) => first + position);
}

async function demandCleanRun(seeds: readonly number[], rare: SeedCounts): Promise<void> {
  const result = await runCampaign({ seeds, durationMs, jobs, budgetMs });
  const { coverage, seedsRun } = result;
  console.log(`${seedsRun} seeds from ${seeds[0]} on: ${JSON.stringify(coverage)}`);
  assert.equal(result.failures.length, 0, result.failures.join('\n\n'));
  const seedsFor: Readonly<Record<string, number>> = rare;
  for (const [what, count] of Object.entries(coverage)) {
    const mayBeNone = seedsRun < (seedsFor[what] ?? usualSeeds);
    assert.ok(count > 0 || mayBeNone, `${seedsRun} seeds without any ${what} prove too little`);
  }
}

test('the same seed gives the same run, event by event', async () => {
  const one = await runSeed(1, 10_000, undefined);
  const other = await runSeed(1, 10_000, undefined);
  assert.equal(one.violation, undefined, describeFailure(one));
  assert.ok(one.coverage.events > 1000);
  assert.equal(one.fingerprint, other.fingerprint);
  assert.deepEqual(one.coverage, other.coverage);
});

test('seeds with a rare story pass', async () => {
  for (const seed of rareStories) {
    const result = await runSeed(seed, durationMs, undefined);
    assert.equal(result.violation, undefined, describeFailure(result));
  }
});

test('every promise holds in a fixed set of seeds', () => demandCleanRun(seedsFrom(1), rareSeeds));

test('every promise holds in seeds that nobody has run before', () =>
  demandCleanRun(seedsFrom(Math.floor(Math.random() * 2 ** 40)), rareFreshSeeds));
