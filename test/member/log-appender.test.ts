import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError } from '../../src/assert.js';
import type { Stamp } from '../../src/command/envelope.js';
import { term } from '../../src/ids.js';
import { failure, ok } from '../../src/result.js';
import { decodeEnvelope, encodeCommand } from '../support/release-codec.js';
import { peer } from './members.js';
import { PartsRig } from './parts-rig.js';

const origin = { memberId: peer, boot: 1, sequence: 1, settledBelow: 1 };
const command = encodeCommand(origin, { type: 'keepAlive' });

function committedStamps(rig: PartsRig): readonly Stamp[] {
  rig.persist();
  const commands = rig.committed.filter(({ type }) => type === 'command');
  return commands.map(({ data }) => decodeEnvelope(data).stamp);
}

test('commands that are appended together carry one stamp: the time of the cluster, and what was applied', () => {
  const rig = PartsRig.elected();
  rig.apply({ ...origin, sequence: 9 }, { type: 'keepAlive' });
  rig.clock.advance(30);
  assert.equal(rig.parts.appender.append([command, command]).ok, true);
  const stamps = committedStamps(rig);
  const stamp = { clusterTimeMs: 30, appliedIndex: 1 };
  assert.deepEqual(stamps, [stamp, stamp]);
});

test('a member that does not lead appends nothing', () => {
  const rig = PartsRig.follower(6);
  assert.deepEqual(rig.parts.appender.append([command]), failure('notLeader'));
  assert.equal(rig.lastIndex, 0);
});

test('a leader appends what its log may have uncommitted, and is busy beyond it', () => {
  const rig = PartsRig.leader({ uncommittedBytesMax: 1 });
  const before = rig.lastIndex;
  assert.deepEqual(rig.parts.appender.append([command, command]), ok([command]));
  assert.deepEqual(rig.parts.appender.append([command]), failure('busy'));
  assert.equal(rig.lastIndex, before + 1);
});

test('nothing is stamped in a term for which the clock was not set', () => {
  const rig = PartsRig.elected();
  rig.observe({ currentTerm: term(0) });
  assert.throws(() => rig.parts.appender.append([command]), AssertionError);
});

test('a term begins at the time that the log shows, however long this member has run', () => {
  const rig = PartsRig.elected();
  rig.clock.advance(60_000);
  rig.observe({ role: 'follower', leaderId: undefined });
  rig.observe();
  rig.parts.appender.append([command]);
  assert.deepEqual(committedStamps(rig), [{ clusterTimeMs: 0, appliedIndex: 0 }]);
});
