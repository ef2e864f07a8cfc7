import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configuredMembers, foundingConfiguration, stepFor } from '../../src/member/membership.js';
import { changed } from '../../src/raft/configuration-change.js';
import type { Configuration } from '../../src/raft/entry.js';
import type { MembersChange } from '../../src/view/members-change.js';
import { otherPeer, peer, self } from './members.js';

const one = 'http://10.0.0.1:7001';
const two = 'http://10.0.0.2:7001';
const three = 'http://10.0.0.3:7001';
const founded = foundingConfiguration([
  { memberId: peer, name: 'n2', peerUrls: [two] },
  { memberId: self, name: 'n1', peerUrls: [one] },
]);

function after(configuration: Configuration, change: MembersChange): Configuration {
  const step = stepFor(configuration, change);
  assert.ok(step.ok, 'there is a step');
  const next = changed(configuration, step.value);
  assert.ok(next.ok, 'it is possible');
  return next.value;
}

function described(configuration: Configuration): readonly string[] {
  return configuredMembers(configuration).map(
    ({ name, peerUrls, isLearner }) => `${name} ${peerUrls}${isLearner ? ' learner' : ''}`,
  );
}

const newcomer = { memberId: otherPeer, name: 'n3', peerUrls: [three], staysLearner: false };
const add: MembersChange = { type: 'add', member: newcomer };

test('names and addresses come and go with the members', () => {
  assert.deepEqual(described(founded), [`n1 ${one}`, `n2 ${two}`]);
  const grown = after(founded, add);
  assert.deepEqual(described(grown), [`n1 ${one}`, `n2 ${two}`, `n3 ${three} learner`]);
  const shrunk = after(grown, { type: 'remove', memberId: peer });
  assert.deepEqual(described(shrunk), [`n1 ${one}`, `n3 ${three} learner`]);
  const moved = after(shrunk, { type: 'update', memberId: self, peerUrls: [two] });
  assert.deepEqual(described(moved), [`n1 ${two}`, `n3 ${three} learner`]);
});

test('an address or a name that another member has is refused; the own one is not', () => {
  const refusal = (configuration: Configuration, change: MembersChange) => {
    const step = stepFor(configuration, change);
    return step.ok ? undefined : step.error;
  };
  const taken = { ...newcomer, peerUrls: [three, two] };
  assert.equal(refusal(founded, { type: 'add', member: taken }), 'urlTaken');
  assert.equal(refusal(founded, { type: 'add', member: { ...newcomer, name: 'n1' } }), 'nameTaken');
  assert.equal(refusal(founded, { type: 'add', member: { ...newcomer, name: '' } }), undefined);
  assert.equal(refusal(after(founded, add), add), 'exists');
  assert.equal(refusal(founded, { type: 'update', memberId: self, peerUrls: [two] }), 'urlTaken');
  assert.equal(refusal(founded, { type: 'update', memberId: self, peerUrls: [one] }), undefined);
});

test('members whose addresses were never told are members all the same', () => {
  const members = configuredMembers({ voters: [self], learners: [peer] });
  assert.deepEqual(
    members.map(({ memberId, name, peerUrls, isLearner }) => [memberId, name, peerUrls, isLearner]),
    [
      [self, '', [], false],
      [peer, '', [], true],
    ],
  );
});
