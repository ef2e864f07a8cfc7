import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberId } from '../../src/ids.js';
import { ApiServer } from '../support/api-server.js';
import { ended, start } from './recorded-command.js';

for (const isLearner of [true, false]) {
  const state = isLearner ? 'learner that does not answer' : 'does not answer';
  test(`member list says of a member that is gone: ${state}`, async () => {
    await using server = await ApiServer.start();
    const peerUrls = ['http://127.0.0.1:9'];
    server.coordinator.configured = [
      {
        memberId: memberId('00000000000000bb'),
        name: 'bob',
        peerUrls,
        isLearner,
        staysLearner: false,
      },
    ];
    const endpoints = ['--endpoints', `http://127.0.0.1:${server.port}`];
    const listed = await ended(start(['member', 'list', ...endpoints]));
    assert.deepEqual([listed.code, listed.stderr], [0, '']);
    const [line] = listed.stdout.split('\n');
    assert.equal(line, `bob (00000000000000bb): ${state}`);
  });
}
