import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeMembers, says } from './fake-members.js';

test('every request shows whose rights it has, be its body a form, JSON or none', async () => {
  const credentials = { user: 'alice', password: 'wonderland' };
  const members = new FakeMembers(
    ({ path }) =>
      says(path.startsWith('/v2/keys') ? '{"action":"set","node":{"key":"/k"}}' : '{"id":"1"}'),
    ['http://a'],
    credentials,
  );
  const { client } = members;
  const peerURLs = ['http://10.0.0.4:7001'];
  await client.keys.get('k');
  await client.keys.set('k', 'v');
  await client.addMember({ name: 'n4', peerURLs });
  await client.updateMember('1', peerURLs);
  await client.removeMember('1');
  const shown = members.asked.map(({ headers }) => headers.get('Authorization'));
  assert.deepEqual(shown, Array(5).fill(`Basic ${btoa('alice:wonderland')}`));
});
