import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId } from '../../src/ids.js';
import { RecentEvents } from '../../src/service/recent-events.js';
import { samplesMax } from '../../src/service/sample-history.js';
import { Sampler } from '../../src/service/sampler.js';
import { LocalCoordinator } from '../support/local-coordinator.js';
import { ManualClock } from '../support/manual-clock.js';

const peer = memberId('00000000000000bb');

interface Bench {
  readonly clock: ManualClock;
  readonly events: RecentEvents;
  readonly sampler: Sampler;
  answers(reachable: boolean, roundTripMs?: number): void;
}

function bench(): Bench {
  const clock = new ManualClock(0);
  const coordinator = new LocalCoordinator(clock);
  const answers = (reachable: boolean, roundTripMs = 2) => {
    const well = { status: undefined, fault: undefined, refusal: undefined };
    const contact = { reachable, silentMs: 0, roundTripMs, ...well };
    coordinator.peerContacts.set(peer, contact);
  };
  answers(false);
  const events = new RecentEvents(clock);
  const sampler = new Sampler(coordinator, events);
  sampler.start();
  return { clock, events, sampler, answers };
}

test('a sample is taken every 5 s, and those of the last hour are kept', () => {
  const { clock, sampler, answers } = bench();
  answers(true, 7);
  clock.advance(5_000);
  answers(false);
  clock.advance(5_000);
  const first = sampler.history.list();
  assert.deepEqual(
    first.map(({ at, latencyMs }) => [at, latencyMs.get(peer)]),
    [
      [5_000, 7],
      [10_000, undefined],
    ],
  );
  assert.ok(first.every(({ rssBytes, waitingForLocks }) => rssBytes > 0 && waitingForLocks === 0));
  clock.advance(2 * 3_600_000);
  const times = sampler.history.list().map(({ at }) => at);
  assert.equal(times.length, samplesMax);
  assert.deepEqual([times[0], times.at(-1)], [3_615_000, 7_210_000]);
});

test('after a pause of the process there is a hole, and no burst of samples', () => {
  const { clock, sampler } = bench();
  clock.advance(5_000);
  clock.standStill(60_000);
  clock.advance(6_000);
  const times = sampler.history.list().map(({ at }) => at);
  assert.deepEqual(times.slice(0, 2), [5_000, 65_000]);
  assert.ok(times.length <= 4, String(times));
});

test('a peer that is lost and found is an event each, and one that never answered is none', () => {
  const { clock, events, answers } = bench();
  clock.advance(10_000);
  for (const reachable of [true, false, true]) {
    answers(reachable);
    clock.advance(3_000);
  }
  assert.deepEqual(
    events.list().map(({ at, content }) => [at, content]),
    [
      [14_000, { type: 'peerLost', peer }],
      [17_000, { type: 'peerFound', peer }],
    ],
  );
});

test('it stops with its service', () => {
  const { clock, sampler } = bench();
  sampler.close();
  assert.equal(clock.timerCount, 0);
});
