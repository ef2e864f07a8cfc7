import assert from 'node:assert/strict';
import { test } from 'node:test';
import { set } from '../store/commands.js';
import { decodeEnvelope } from '../support/release-codec.js';
import { self } from './members.js';
import { PartsRig } from './parts-rig.js';

/** What the member has proposed at a tick, so much later. */
function proposedAfter(rig: PartsRig, ms: number): readonly string[] {
  rig.clock.advance(ms);
  rig.parts.expiryProposer.tick();
  rig.persist();
  const commands = rig.committed.filter(({ type }) => type === 'command');
  return commands.map(({ data }) => decodeEnvelope(data).command.type);
}

test('a leader proposes an expiry when the TTL is over, not before', () => {
  const rig = PartsRig.leader();
  rig.write(set('/k', 'v', { ttlMs: 400 }));
  assert.deepEqual(proposedAfter(rig, 399), []);
  assert.deepEqual(proposedAfter(rig, 1), ['expireKey']);
});

test('an expiry that is not applied yet is not proposed again', () => {
  const rig = PartsRig.leader();
  rig.write(set('/k', 'v', { ttlMs: 400 }));
  assert.equal(proposedAfter(rig, 400).length, 1);
  assert.equal(proposedAfter(rig, 1000).length, 1);
  rig.applyCommitted();
  assert.deepEqual(proposedAfter(rig, 1000), []);
});

test('expiries are proposed 256 at a time, the next ones once these are applied', () => {
  const rig = PartsRig.leader();
  for (let at = 0; at < 300; at += 1) rig.write(set(`/${at}`, 'v', { ttlMs: 400 }));
  assert.equal(proposedAfter(rig, 400).length, 256);
  assert.equal(proposedAfter(rig, 20).length, 256);
  rig.applyCommitted();
  assert.equal(proposedAfter(rig, 20).length, 44);
});

test('a leader ends TTLs only once it has applied the first entry of its own term', () => {
  const rig = PartsRig.elected();
  const origin = { memberId: self, boot: 1, sequence: 1, settledBelow: 1 };
  rig.apply(origin, set('/k', 'v', { ttlMs: 1000 }));
  rig.committed.length = 0;
  assert.deepEqual(proposedAfter(rig, 5000), []);
  rig.parts.leadership.onNoopApplied(rig.term);
  assert.deepEqual(proposedAfter(rig, 0), ['expireKey']);
});

test('a member that leads no more proposes no expiry', () => {
  const rig = PartsRig.leader();
  rig.write(set('/k', 'v', { ttlMs: 400 }));
  rig.observe({ role: 'follower', leaderId: undefined });
  const before = rig.lastIndex;
  assert.deepEqual(proposedAfter(rig, 1000), []);
  assert.equal(rig.lastIndex, before);
});

test('an expiry that the log has no room for is proposed again a second later', () => {
  const rig = PartsRig.leader({ uncommittedBytesMax: 1 });
  rig.write(set('/k', 'v', { ttlMs: 400 }));
  rig.clock.advance(400);
  rig.parts.appender.append([Buffer.alloc(10)]);
  const before = rig.lastIndex;
  rig.parts.expiryProposer.tick();
  assert.equal(rig.lastIndex, before);
  rig.persist();
  rig.committed.length = 0;
  assert.deepEqual(proposedAfter(rig, 1000), ['expireKey']);
});

test('while a TTL runs the time enters the log every half second, and otherwise not', () => {
  const rig = PartsRig.leader();
  assert.deepEqual(proposedAfter(rig, 10_000), []);
  rig.write(set('/k', 'v', { ttlMs: 60_000 }));
  assert.deepEqual(proposedAfter(rig, 499), []);
  assert.deepEqual(proposedAfter(rig, 1), ['advanceClock']);
  rig.applyCommitted();
  assert.deepEqual(proposedAfter(rig, 499), []);
  rig.write(set('/other', 'v'));
  assert.deepEqual(proposedAfter(rig, 1), []);
  assert.deepEqual(proposedAfter(rig, 499), ['advanceClock']);
});
