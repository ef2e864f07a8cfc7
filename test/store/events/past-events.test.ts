import assert from 'node:assert/strict';
import { test } from 'node:test';
import { set } from '../commands.js';
import { eventOf, Log } from '../log.js';

test('an event tells what was left of a TTL, also to a member that applied everything at once', () => {
  const leftAt = (ownElapsedMs: number) => {
    const log = Log.empty();
    log.apply(set('/a', 'x', { ttlMs: 1000 }));
    log.apply({ type: 'advanceClock' });
    log.now = ownElapsedMs;
    log.clusterTimeMs = 700;
    return eventOf(log.apply(set('/a', 'y'))).prevNode?.ttl?.leftMs;
  };
  assert.equal(leftAt(700), 300);
  // One more than that: the cluster's clock shows whole milliseconds only.
  assert.equal(leftAt(0), 301);
});
