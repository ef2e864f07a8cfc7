import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId, term } from '../../src/ids.js';
import { RecentEvents, recentEventsMax } from '../../src/service/recent-events.js';
import { ManualClock } from '../support/manual-clock.js';

const refusal = { type: 'requestsRefused', reason: 'too many commands wait' } as const;

test('the newest events are kept, and no more than the limit', () => {
  const events = new RecentEvents(new ManualClock(0));
  for (let n = 1; n <= recentEventsMax + 10; n += 1) {
    events.record({ type: 'leaderLost', term: term(n) });
  }
  const kept = events.list().map(({ content }) => content);
  assert.equal(kept.length, recentEventsMax);
  assert.deepEqual(kept.at(-1), { type: 'leaderLost', term: recentEventsMax + 10 });
  assert.equal(events.recorded, recentEventsMax + 10);
});

test('refusals that follow each other are one event with a count, so that they push nothing out', () => {
  const clock = new ManualClock(0);
  const events = new RecentEvents(clock);
  events.record({ type: 'leaderLost', term: term(1) });
  for (let n = 0; n < 10_000; n += 1) events.record(refusal);
  clock.advance(59_000);
  events.record(refusal);
  assert.deepEqual(
    events.list().map(({ count }) => count),
    [1, 10_001],
  );
  clock.advance(60_000);
  events.record(refusal);
  assert.deepEqual(
    events.list().map(({ at, count }) => [at, count]),
    [
      [0, 1],
      [0, 10_001],
      [119_000, 1],
    ],
  );
});

test('a text of a client takes a bounded part of an event', () => {
  const events = new RecentEvents(new ManualClock(0));
  const peer = memberId('00000000000000aa');
  events.record({ type: 'peerRefused', peer, by: 'self', reason: 'x'.repeat(100_000) });
  const [event] = events.list();
  assert.ok(event?.content.type === 'peerRefused' && event.content.reason.length === 256);
});
