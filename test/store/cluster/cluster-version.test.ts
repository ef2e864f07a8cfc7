import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '../../../src/command/command.js';
import { type LogIndex, logIndex, type MemberId, memberId, term } from '../../../src/ids.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import { encodeCommand, encodeEnvelope } from '../../support/release-codec.js';
import { register } from '../commands.js';

const older = { lowest: 1, highest: 1 };
const newer = { lowest: 1, highest: 3 };
const [one, other] = ['a', 'b'].map((digit) => memberId(digit.repeat(16)));

/**
 * The members register with what they understand, in turn; then the cluster is to be raised to each
 * version.
 */
function stateAfter(
  understood: readonly number[],
  raises: readonly number[],
  formats = newer,
  members?: readonly MemberId[],
) {
  const state = new StateMachine({ formats });
  const append = (command: Command, by: typeof one) => {
    const origin = by && { memberId: by, boot: 1, sequence: 1, settledBelow: 1 };
    const data = encodeEnvelope(
      { clusterTimeMs: 0, appliedIndex: 0 },
      encodeCommand(origin, command),
    );
    const index: LogIndex = logIndex(state.appliedIndex + 1);
    state.apply({ index, term: term(1), type: 'command', data }, 0);
  };
  for (const [position, formatVersionMax] of understood.entries()) {
    append({ ...register(`disk ${position}`), formatVersionMax }, position === 0 ? one : other);
  }
  for (const version of raises)
    append({ type: 'raiseClusterVersion', version, members }, undefined);
  return state;
}

test('the version rises to what all members understand', () => {
  assert.equal(stateAfter([3, 2], []).clusterVersion, 1);
  assert.equal(stateAfter([3, 2], [2]).clusterVersion, 2);
});

test('an entry has no effect that would shut out a member which has registered', () => {
  assert.equal(stateAfter([3, 2], [3]).clusterVersion, 1);
  assert.equal(stateAfter([2, 3], [3]).clusterVersion, 1);
});

test('a member that was removed holds nothing up, and one that is there does', () => {
  assert.ok(one !== undefined && other !== undefined);
  assert.equal(stateAfter([3, 2], [3], newer, [one]).clusterVersion, 3);
  assert.equal(stateAfter([3, 2], [3], newer, [one, other]).clusterVersion, 1);
});

test('the version never falls', () => {
  assert.equal(stateAfter([3, 3], [3, 2, 1]).clusterVersion, 3);
});

test('a member that does not understand the version that is reached stops by name', () => {
  assert.throws(() => stateAfter([3, 3], [2], older), {
    name: 'NewerFormatError',
    message: /the cluster has format 2; this release knows formats up to 1: upgrade it/,
  });
});

test('a snapshot brings the version, and begins with it', () => {
  const source = stateAfter([3, 3], [2]).snapshot();
  const bytes = Buffer.from(source.next(1024 * 1024) ?? assert.fail());
  assert.equal(bytes[0], 2);
  const restored = new StateMachine({ formats: newer });
  const restorer = restored.restorer(0);
  restorer.push(bytes);
  restorer.finish();
  restorer.install();
  assert.equal(restored.clusterVersion, 2);
  const refusing = new StateMachine({ formats: older }).restorer(0);
  assert.throws(() => refusing.push(bytes), { message: /the snapshot has format 2/ });
});

test('states that differ in the version alone have different hashes', () => {
  const hashes = [1, 2].map((version) => stateAfter([3, 3], [version]).stateHash());
  assert.notEqual(hashes[0], hashes[1]);
});
