import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BulkWriters } from './bulk-writers.js';
import { patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const megabyte = 1_000_000;

/** In a period the follower is stopped first, and then runs. */
const periodMs = 300;
const stoppedShare = 0.85;
const durationMs = 30_000;

/**
 * On its four links together. Each of its two peers may try once in 1.4 s while it is silent: an
 * attempt takes a second, and the pause behind it 0.4 s. The rest is for snapshots, each of which
 * has a connection of its own.
 */
const dialsPerSecondMax = 2;

const standstillMs = 22_000;
const valueBytes = 1.4 * megabyte;

/**
 * More than the leader's log keeps, so that the follower needs a snapshot; and what is enough on a
 * fast machine.
 */
const leastWrites = 60;
const mostWrites = 352;

/** Of its peer, to find it again and to send it a snapshot. */
const transferStartMsMax = 2_000;
/** A quick machine needs 4 s; the bytes alone, 100 MB twice, take others 12 s. */
const catchUpLimitMs = 30_000;

interface Pair {
  readonly real: RealCluster;
  readonly leader: string;
  readonly follower: string;
}

async function startPair(): Promise<Pair> {
  const real = await RealCluster.start(patient);
  const leader = (await real.leader()) ?? '';
  const follower = real.names.find((name) => name !== leader) ?? '';
  return { real, leader, follower };
}

async function indexesOf(real: RealCluster, name: string): Promise<readonly [number, number]> {
  const answer = await real.get(name, '/v2/stats/self');
  if (answer.status !== 200) return [0, 0];
  const { commitIndex, appliedIndex } = JSON.parse(await answer.text());
  return [commitIndex, appliedIndex];
}

/** How long it takes until the follower has applied what is committed now. */
async function catchUpMs({ real, leader, follower }: Pair, limitMs: number): Promise<number> {
  const since = performance.now();
  const [commitIndex] = await indexesOf(real, (await real.leader()) ?? leader);
  assert.ok(commitIndex > 0, 'somebody leads');
  const caughtUp = async () => (await indexesOf(real, follower))[1] >= commitIndex;
  await until(caughtUp, `${follower} has applied ${commitIndex} entries`, limitMs);
  return performance.now() - since;
}

/** Of its peers to it, and of it to them. */
function dialsOf({ real, follower }: Pair): number {
  const { cluster, names } = real;
  return names
    .filter((name) => name !== follower)
    .flatMap((peer) => [cluster.traffic(peer, follower), cluster.traffic(follower, peer)])
    .reduce((total, { dialled }) => total + dialled, 0);
}

function tell(context: TestContext, what: string, ms: number): void {
  context.diagnostic(`${what} after ${(ms / 1000).toFixed(1)} s`);
}

test('a follower that is stopped most of the time causes no storm of connections, and catches up', async (context) => {
  const pair = await startPair();
  await using real = pair.real;
  await using writers = new BulkWriters(real, { clients: 16, keys: 16, valueBytes: megabyte });
  await until(() => writers.acknowledged.size === 16, 'every key is written', 30_000);
  const dialsBefore = dialsOf(pair);
  const since = performance.now();
  while (performance.now() - since < durationMs) {
    real.cluster.pause(pair.follower);
    await sleep(periodMs * stoppedShare);
    real.cluster.resume(pair.follower);
    await sleep(periodMs * (1 - stoppedShare));
  }
  const seconds = (performance.now() - since) / 1000;
  const dials = dialsOf(pair) - dialsBefore;
  await writers.stop();
  context.diagnostic(`${(writers.bytes / megabyte).toFixed(0)} writes of 1 MB`);
  context.diagnostic(`${dials} connections in ${seconds.toFixed(0)} s`);
  tell(context, 'caught up', await catchUpMs(pair, 10_000));
  assert.ok(dials <= seconds * dialsPerSecondMax, `${dials} connections were dialled`);
});

/** Of every snapshot that a member has sent since `resumedAt`, how long after it that began. */
function transferStartsMs(real: RealCluster, resumedAt: number): readonly number[] {
  return real.names
    .flatMap((name) => real.logLines(name))
    .filter(({ msg, time }) => msg === 'snapshot sent' && Date.parse(time) >= resumedAt)
    .map(({ time, tookMs }) => Date.parse(time) - Number(tookMs) - resumedAt);
}

test('a follower that stood still for 22 s under large writes gets one snapshot, at once, and catches up', async (context) => {
  const pair = await startPair();
  await using real = pair.real;
  real.cluster.pause(pair.follower);
  const since = performance.now();
  await using writers = new BulkWriters(real, { clients: 4, keys: 16, valueBytes });
  const elapsedMs = () => performance.now() - since;
  const isEnough = () => {
    const writes = writers.bytes / valueBytes;
    return writes >= (elapsedMs() < standstillMs ? mostWrites : leastWrites);
  };
  await until(isEnough, `${leastWrites} values are written`, 60_000);
  await writers.stop();
  await sleep(standstillMs - elapsedMs());
  const writes = `${(writers.bytes / valueBytes).toFixed(0)} writes`;
  context.diagnostic(`stood still for ${(elapsedMs() / 1000).toFixed(0)} s, and missed ${writes}`);
  const resumedAt = Date.now();
  real.cluster.resume(pair.follower);
  const ms = await catchUpMs(pair, catchUpLimitMs);
  tell(context, 'caught up', ms);
  const starts = transferStartsMs(real, resumedAt);
  assert.equal(starts.length, 1, `snapshots were sent after ${starts.join(', ')} ms`);
  const [startMs = Number.NaN] = starts;
  tell(context, 'got a snapshot', startMs);
  assert.ok(startMs <= transferStartMsMax, `a snapshot was sent after ${startMs} ms`);
});

/** A length of time is what these tests are about. */
async function sleep(ms: number): Promise<void> {
  await new Promise((later) => setTimeout(later, Math.max(0, ms)));
}
