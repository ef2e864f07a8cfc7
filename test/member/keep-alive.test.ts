import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acquire, set } from '../store/commands.js';
import { settle } from '../support/settle.js';
import { peer, self } from './members.js';
import { PartsRig } from './parts-rig.js';

const done = { type: 'done', etcdIndex: 3 } as const;
const boot = 1;

/** A member that follows its peer, and whose commands are answered at once. */
class Follower {
  readonly rig = PartsRig.follower(6);

  /** A connection to this member waits for a lock that a client of the peer holds. */
  waitsFor(name: string, ttlMs: number, sequence: number): void {
    this.rig.apply({ memberId: peer, boot, sequence, settledBelow: 1 }, acquire(name, 'holder'));
    const origin = { memberId: self, boot, sequence: 1000 + sequence, settledBelow: 1 };
    this.rig.apply(origin, acquire(name, 'waiter', { ttlMs }));
  }

  /** So much later: the commands that the member has forwarded. */
  sentAfter(ms: number): readonly number[] {
    const { keepAlive, submissions } = this.rig.parts;
    this.rig.clock.advance(ms);
    keepAlive.tick();
    submissions.submit();
    return this.rig.forwarded.splice(0).map(({ id }) => id);
  }

  async settle(sequence: number | undefined): Promise<void> {
    assert.ok(sequence !== undefined);
    const origin = { memberId: self, boot, sequence, settledBelow: 1 };
    this.rig.parts.submissions.onApplied(origin, done);
    await settle();
  }
}

test('a member for which nobody waits says nothing', () => {
  const follower = new Follower();
  assert.deepEqual(follower.sentAfter(60_000), []);
});

for (const [ttlMs, intervalMs, why] of [
  [3000, 1000, 'three times in the shortest TTL of its waiters'],
  [60_000, 5000, 'every 5 seconds, however long their TTLs are'],
] as const) {
  test(`a member says that its waiters are still there ${why}`, async () => {
    const follower = new Follower();
    follower.waitsFor('one', ttlMs, 1);
    follower.waitsFor('other', 90_000, 2);
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(follower.sentAfter(intervalMs - 1), []);
      const sent = follower.sentAfter(1);
      assert.equal(sent.length, 1);
      await follower.settle(sent[0]);
    }
  });
}

test('a keep-alive that is not confirmed yet is not followed by another', async () => {
  const follower = new Follower();
  follower.waitsFor('one', 3000, 1);
  const sent = follower.sentAfter(1000);
  assert.equal(sent.length, 1);
  assert.deepEqual(follower.sentAfter(10_000), []);
  await follower.settle(sent[0]);
  assert.equal(follower.sentAfter(0).length, 1);
});

test('a keep-alive that nobody confirms in time is not the last', async () => {
  const follower = new Follower();
  follower.waitsFor('one', 3000, 1);
  assert.equal(follower.sentAfter(1000).length, 1);
  follower.rig.clock.advance(1000);
  follower.rig.parts.submissions.tick();
  await settle();
  assert.equal(follower.sentAfter(0).length, 1);
});

test('a member that is idle for a second says once that its results are settled', async () => {
  const follower = new Follower();
  const { submissions } = follower.rig.parts;
  const written = submissions.propose(set('/k', 'v'), 10_000);
  const [sequence] = follower.sentAfter(0);
  await follower.settle(sequence);
  await written;
  assert.deepEqual(follower.sentAfter(999), []);
  const told = follower.sentAfter(1);
  assert.equal(told.length, 1);
  await follower.settle(told[0]);
  assert.deepEqual(follower.sentAfter(60_000), []);
});

test('a member says nothing of its results where nobody leads', async () => {
  const follower = new Follower();
  const { submissions } = follower.rig.parts;
  submissions.propose(set('/k', 'v'), 10_000).catch(() => {});
  const [sequence] = follower.sentAfter(0);
  await follower.settle(sequence);
  follower.rig.observe({ leaderId: undefined });
  assert.deepEqual(follower.sentAfter(5000), []);
  follower.rig.observe({ leaderId: peer });
  assert.deepEqual(follower.sentAfter(0), [2]);
  submissions.close();
});
