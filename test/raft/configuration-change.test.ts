import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { membersMax } from '../../src/raft/configuration.js';
import { type ConfigurationChange, changed } from '../../src/raft/configuration-change.js';
import type { Configuration } from '../../src/raft/entry.js';
import { majority } from '../../src/raft/quorum.js';
import { configurationOf, id, nameOf } from './peer.js';

function change(
  configuration: Configuration,
  type: ConfigurationChange['type'],
  member: string,
): string {
  const result = changed(configuration, { type, member: id(member) });
  if (!result.ok) return result.error;
  const { voters, learners, removed = [] } = result.value;
  return [voters, learners, removed].map((ids) => ids.map(nameOf).join('')).join('|');
}

const known = { ...configurationOf(['a', 'b'], ['c']), removed: [id('d')] };

test('a member is added as a learner, promoted, and removed', () => {
  assert.equal(change(known, 'addLearner', 'e'), 'ab|ce|d');
  assert.equal(change(known, 'promote', 'c'), 'abc||d');
  assert.equal(change(known, 'remove', 'b'), 'a|c|db');
  assert.equal(change(known, 'remove', 'c'), 'ab||dc');
});

test('an update leaves everybody what they are, and all changes may bring new addresses', () => {
  const addresses = Uint8Array.of(1, 2);
  const earlier = { ...known, addresses: Uint8Array.of(3) };
  const updated = changed(earlier, { type: 'update', member: id('c'), addresses });
  assert.deepEqual(updated, { ok: true, value: { ...known, addresses } });
  const promoted = changed(earlier, { type: 'promote', member: id('c') });
  assert.ok(promoted.ok && promoted.value.addresses === earlier.addresses);
  assert.equal(change(known, 'update', 'e'), 'unknown');
});

test('a change concerns one member: other learners stay what they are', () => {
  const before = configurationOf(['a'], ['b', 'c', 'd']);
  assert.equal(change(before, 'promote', 'c'), 'ac|bd|');
  assert.equal(change(before, 'remove', 'b'), 'a|cd|b');
});

// Reference: what etcd/raft makes an empty entry and reports as done (etcd-io/raft issue 354).
test('a change that cannot be is refused by a name, and is never a change to nothing', () => {
  const cases = [
    { type: 'addLearner', member: 'a', error: 'exists' },
    { type: 'addLearner', member: 'c', error: 'exists' },
    { type: 'promote', member: 'a', error: 'exists' },
    { type: 'promote', member: 'f', error: 'unknown' },
    { type: 'remove', member: 'f', error: 'unknown' },
  ] as const;
  for (const { type, member, error } of cases) {
    assert.equal(change(known, type, member), error, `${type} ${member}`);
  }
});

test('the id of a removed member is never used again, by no change', () => {
  for (const type of ['addLearner', 'promote', 'remove'] as const) {
    assert.equal(change(known, type, 'd'), 'removed', type);
  }
});

test('the last voter stays, however many learners there are', () => {
  assert.equal(change(configurationOf(['a'], ['b', 'c']), 'remove', 'a'), 'lastVoter');
});

test('there are only so many members', () => {
  const many = Array.from({ length: membersMax }, (_, at) => (at + 256).toString(16));
  assert.equal(change(configurationOf(['a'], many), 'addLearner', 'b'), 'tooMany');
  assert.equal(change(configurationOf(many, ['a']), 'addLearner', 'b'), 'tooMany');
});

// Reference: thesis, section 4.1: that is what lets one configuration follow the other at once.
test('a majority before a change and one after it have a member in common, for 1 to 7 voters', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', '1', '2'];
  const size = fc.integer({ min: 1, max: 7 });
  const types = fc.constantFrom('promote' as const, 'remove' as const, 'addLearner' as const);
  fc.assert(
    fc.property(size, types, fc.integer(), fc.integer(), (count, type, one, other) => {
      const before = configurationOf(names.slice(0, count), ['8']);
      const member = { promote: '8', remove: 'a', addLearner: '9' }[type];
      const result = changed(before, { type, member: id(member) });
      if (!result.ok) return;
      const pick = (voters: readonly string[], turn: number) => {
        const start = Math.abs(turn) % voters.length;
        const turned = [...voters.slice(start), ...voters.slice(0, start)];
        return turned.slice(0, majority(voters.length));
      };
      const old = pick(before.voters, one);
      assert.ok(pick(result.value.voters, other).some((voter) => old.includes(voter)));
    }),
  );
});
