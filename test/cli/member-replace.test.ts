import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId } from '../../src/ids.js';
import { AuthServer } from '../http/access/auth-server.js';
import { ApiServer } from '../support/api-server.js';
import { ended, start } from './recorded-command.js';

const bob = memberId('00000000000000bb');

for (const staysLearner of [true, false]) {
  const kind = staysLearner ? 'a learner for good' : 'a voter';
  test(`who takes the place of ${kind} is the same`, async () => {
    await using server = await ApiServer.start();
    const peerUrls = ['http://10.0.0.2:7001'];
    server.coordinator.configured = [
      { memberId: bob, name: 'bob', peerUrls, isLearner: staysLearner, staysLearner },
    ];
    const endpoints = ['--endpoints', `http://127.0.0.1:${server.port}`];
    const replaced = await ended(start(['member', 'replace', 'bob', ...endpoints]));
    assert.deepEqual([replaced.code, replaced.stderr], [0, '']);
    const [removal, addition] = server.coordinator.membersChanges;
    assert.deepEqual(removal, { type: 'remove', memberId: bob });
    assert.ok(addition?.type === 'add');
    const { memberId: _, ...others } = addition.member;
    assert.deepEqual(others, { name: 'bob', peerUrls, staysLearner });
  });
}

test('who takes the place is added with the rights by which the lost one was removed', async () => {
  await using server = await AuthServer.start();
  const { coordinator, port } = server.api;
  const peerUrls = ['http://10.0.0.2:7001'];
  coordinator.configured = [
    { memberId: bob, name: 'bob', peerUrls, isLearner: false, staysLearner: false },
  ];
  const asked = ['--endpoints', `http://127.0.0.1:${port}`, '--user', 'alice:wonderland'];
  const replaced = await ended(start(['member', 'replace', 'bob', ...asked]));
  assert.deepEqual([replaced.code, replaced.stderr], [0, '']);
  const changes = coordinator.membersChanges.map(({ type }) => type);
  assert.deepEqual(changes, ['remove', 'add']);
});
