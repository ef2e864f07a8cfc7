import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeMembers, refuses, says } from './fake-members.js';

const node = { key: '/a/b', value: 'v', modifiedIndex: 7, createdIndex: 7 };

describe('keys', () => {
  test('are written as the caller says', async () => {
    const members = new FakeMembers(() => says(JSON.stringify({ action: 'set', node })));
    const { keys } = members.client;
    const fence = { name: 'ledger', token: 5 };
    const cases = [
      [keys.set('a/b', 'v', { ttl: 9 }), 'PUT', { value: 'v', ttl: '9' }],
      [keys.create('/a/b', 'v'), 'PUT', { value: 'v', prevExist: 'false' }],
      [keys.update('a/b', 'v'), 'PUT', { value: 'v', prevExist: 'true' }],
      [keys.compareAndSwap('a/b', 'v', { prevIndex: 3 }), 'PUT', { value: 'v', prevIndex: '3' }],
      [keys.compareAndSwap('a/b', 'v', { prevValue: 'u' }), 'PUT', { value: 'v', prevValue: 'u' }],
      [keys.delete('a/b', { condition: { prevIndex: 3 } }), 'DELETE', { prevIndex: '3' }],
      [keys.delete('a/b', { recursive: true }), 'DELETE', { recursive: 'true' }],
      [
        keys.set('a/b', 'v', { lock: fence }),
        'PUT',
        { value: 'v', lock: 'ledger', lockIndex: '5' },
      ],
      [keys.delete('a/b', { leader: fence }), 'DELETE', { leader: 'ledger', leaderIndex: '5' }],
    ] as const;
    for (const [at, [written, method, form]] of cases.entries()) {
      assert.deepEqual((await written).node, node);
      const asked = members.asked[at];
      assert.deepEqual([asked?.method, asked?.path], [method, '/v2/keys/a/b']);
      assert.deepEqual(asked?.form, form);
    }
  });

  test('are read with the index of the store', async () => {
    const members = new FakeMembers(() => says(JSON.stringify({ action: 'get', node }), 12));
    assert.deepEqual(await members.client.keys.read('a/b'), { node, index: 12 });
    await members.client.keys.get('a/b', { quorum: false, recursive: true });
    const form = { quorum: 'false', recursive: 'true', sorted: 'true' };
    assert.deepEqual(members.asked[1]?.form, form);
  });

  test('that are missing are undefined, and not an error', async () => {
    const members = new FakeMembers(() => refuses(404, 100, 12));
    assert.deepEqual(await members.client.keys.read('a'), { node: undefined, index: 12 });
    assert.equal(await members.client.keys.get('a'), undefined);
    assert.deepEqual(await members.client.keys.list('a'), []);
    await assert.rejects(members.client.keys.update('a', 'v'), { errorCode: 100 });
  });

  test('are listed, the root too, which comes without its key', async () => {
    const members = new FakeMembers(() => says('{"node":{"dir":true,"nodes":[{"key":"/a"}]}}'));
    assert.deepEqual(await members.client.keys.list('/'), [{ key: '/a' }]);
    assert.equal((await members.client.keys.get(''))?.key, '/');
    assert.equal(members.asked[0]?.path, '/v2/keys/');
  });

  test('have clean paths, or are refused before anything is sent', async () => {
    const members = new FakeMembers(() => says(JSON.stringify({ node })));
    await members.client.keys.get('//a///ü b/');
    assert.equal(members.asked[0]?.path, '/v2/keys/a/%C3%BC%20b');
    await assert.rejects(members.client.keys.get('a/../b'), TypeError);
    assert.equal(members.asked.length, 1);
  });
});

describe('an election', () => {
  test('is asked for with a name, and renewed and released by the place', async () => {
    const members = new FakeMembers(() => says('5\n'));
    const leadership = await members.client.elect('billing', { value: 'host1', ttl: 30 });
    assert.deepEqual(members.asked[0]?.form, { name: 'host1', ttl: '30', progress: '5' });
    await members.pass(10_000);
    assert.deepEqual(members.asked[1]?.form, { index: '5', ttl: '30', timeout: '0' });
    await leadership.release();
    assert.deepEqual(members.asked[2]?.form, { index: '5' });
    const path = '/mod/v2/leader/billing';
    assert.deepEqual(members.takeAsked(), [`a PUT ${path}`, `a PUT ${path}`, `a DELETE ${path}`]);
  });

  test('is lost when its place is gone', async () => {
    const members = new FakeMembers(() => says('5\n'));
    const { signal } = await members.client.elect('billing', { value: 'host1' });
    members.answer(() => refuses(404, 100));
    await members.pass(10_000);
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason.reason, 'removed');
  });
});

describe('a place', () => {
  test('is released by its token or its value, and may be gone already', async () => {
    const members = new FakeMembers(() => says(''));
    assert.equal(await members.client.release('a', { token: 5 }), true);
    assert.equal(await members.client.release('a', { value: 'me' }), true);
    assert.deepEqual(
      members.asked.map(({ form }) => form),
      [{ index: '5' }, { value: 'me' }],
    );
    members.answer(() => refuses(404, 100));
    assert.equal(await members.client.release('a', { token: 5 }), false);
  });

  test('is shown with its queue', async () => {
    const view = { name: 'a', limit: 1, index: 5, holders: [], queue: [] };
    const members = new FakeMembers(() => says(JSON.stringify(view)));
    assert.deepEqual(await members.client.inspect('a'), view);
    assert.equal(members.asked[0]?.headers.get('accept'), 'application/json');
  });
});
