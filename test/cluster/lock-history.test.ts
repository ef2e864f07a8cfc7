import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CampaignResult, LockCampaign } from './lock-campaign.js';
import { RealCluster } from './real-cluster.js';

/** Less would prove too little. */
const leastOften: Readonly<Record<string, number>> = {
  'acquire ok': 150,
  'acquire fail': 50,
  'acquire kept': 20,
  'return ok': 20,
  'renew ok': 80,
  'release ok': 100,
  'view ok': 50,
};

test('what clients of locks are told is one right history, while members are killed, paused and restarted', async (context) => {
  await using real = await RealCluster.start();
  const seed = Math.floor(Math.random() * 2 ** 32);
  context.diagnostic(`seed ${seed}`);
  await using campaign = new LockCampaign(real, {
    seed,
    clients: 32,
    durationMs: 8000,
    isEnough: (result) => missing(result).length === 0,
    limitMs: 90_000,
    generationMs: 20_000,
    thinkMsMax: 60,
    calmMsMax: 1000,
    awayMsMax: 1500,
    onProgress: () => {},
  });
  const result = await campaign.run();
  const { operations, outcomes, faults, violations } = result;
  context.diagnostic(`${operations} operations: ${JSON.stringify([...outcomes])}`);
  context.diagnostic(`faults: ${JSON.stringify(faults)}`);
  assert.deepEqual(violations, []);
  assert.deepEqual(missing(result), []);
});

/** What happened too rarely for the history to prove anything. */
function missing({ outcomes, faults }: CampaignResult): readonly string[] {
  const rare = Object.entries(leastOften).flatMap(([outcome, least]) => {
    const count = outcomes.get(outcome) ?? 0;
    return count < least ? [`${count} times "${outcome}"`] : [];
  });
  const absent = Object.entries(faults).flatMap(([kind, count]) => (count === 0 ? [kind] : []));
  return [...rare, ...absent];
}
