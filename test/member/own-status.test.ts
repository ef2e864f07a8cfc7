import assert from 'node:assert/strict';
import { memoryUsage } from 'node:process';
import { type TestContext, test } from 'node:test';
import { ownStatus } from '../../src/member/own-status.js';
import { LocalCoordinator } from '../support/local-coordinator.js';
import { ManualClock } from '../support/manual-clock.js';

test('a member that cannot measure its memory says so, and goes on', (t: TestContext) => {
  t.mock.method(memoryUsage, 'rss', () => {
    throw new Error('EMFILE: too many open files, uv_resident_set_memory');
  });
  const { rssBytes, heapUsedBytes } = ownStatus(
    new LocalCoordinator(new ManualClock(0)),
    '1.0.0',
    undefined,
  );
  assert.equal(rssBytes, undefined);
  assert.ok(heapUsedBytes > 0);
});
