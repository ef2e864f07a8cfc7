import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { type CampaignResult, runCampaign } from './campaign.js';
import { type Coverage, total } from './coverage.js';
import { describeFailure, runSeed } from './run-seed.js';

const jobs = availableParallelism();
const durationMs = 60_000;
/** Of the fixed set, and of new ones: `npm run soak` runs thousands. */
const seedCount = 8;

/**
 * Each tells a story that few seeds tell, named beside it. They are run again for as long as the
 * seed tells it: when what a seed decides changes, others take their place, and what they once
 * found stays a unit test.
 */
const rareStories: readonly number[] = [
  // A snapshot is sent to a follower whose log has its last entry, because the leader does not
  // know.
  67,
  // The longer log ends with the earlier term, and its member asks for votes.
  3,
  // A client comes back to a place that is gone.
  9,
  // A member crashes while it starts, and has to be started again.
  592433347308,
  // Entries are applied late, when the voters by whom they were counted have changed twice.
  1090000001063,
  // A leader that is the only voter commits an entry, and promotes a learner in the same turn.
  148137971114,
];

/** What all of these together may be without. They have all the rest, almost certainly. */
const rare: readonly (keyof Coverage)[] = [
  'stops',
  'membersMoved',
  'leadersRemoved',
  'connectionHolds',
  'authChanges',
  'guestsRefused',
  'namedServed',
  'usersRefused',
  'proofsOutlived',
  'waitsEnded',
];

function seedsFrom(first: number): readonly number[] {
  return Array.from({ length: seedCount }, (_, position) => first + position);
}

const clean: CampaignResult[] = [];

async function demandCleanRun(seeds: readonly number[]): Promise<void> {
  const budgetMs = Number.POSITIVE_INFINITY;
  const result = await runCampaign({ seeds, durationMs, jobs, budgetMs });
  const { coverage, seedsRun } = result;
  console.log(`${seedsRun} seeds from ${seeds[0]} on: ${JSON.stringify(coverage)}`);
  assert.equal(result.failures.length, 0, result.failures.join('\n\n'));
  clean.push(result);
}

test('the same seed gives the same run, event by event', async () => {
  const one = await runSeed(1, 10_000, undefined);
  const other = await runSeed(1, 10_000, undefined);
  assert.equal(one.violation, undefined, describeFailure(one));
  assert.ok(one.coverage.events > 1000);
  assert.equal(one.fingerprint, other.fingerprint);
  assert.deepEqual(one.coverage, other.coverage);
});

test('every promise holds in seeds with a rare story', () => demandCleanRun(rareStories));

test('every promise holds in a fixed set of seeds', () =>
  demandCleanRun(seedsFrom(1).filter((seed) => !rareStories.includes(seed))));

test('every promise holds in seeds that nobody has run before', () =>
  demandCleanRun(seedsFrom(Math.floor(Math.random() * 2 ** 40))));

test('what can happen has happened in them', () => {
  assert.equal(clean.length, 3);
  const counts = Object.entries(total(clean.map(({ coverage }) => coverage)));
  const missing = counts.flatMap(([what, count]) => (count === 0 ? [what] : []));
  const isRare = (what: string) => rare.some((each) => each === what);
  assert.deepEqual(
    missing.filter((what) => !isRare(what)),
    [],
  );
});
