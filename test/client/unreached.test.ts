import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ConclaveClient, UnavailableError } from '../../src/client/index.js';
import { FakeMembers, isDown, isSilent, isUnavailable, isUntrusted, says } from './fake-members.js';

const event = JSON.stringify({ action: 'get', node: { key: '/k', value: 'v', modifiedIndex: 7 } });
const refused = 'DEPTH_ZERO_SELF_SIGNED_CERT';

/** What a client may ask first. */
const requests: Readonly<Record<string, (client: ConclaveClient) => Promise<unknown>>> = {
  'a read': (client) => client.keys.get('k'),
  'a write': (client) => client.keys.set('k', 'v'),
  'a wait for a lock': (client) => client.lock('deploy'),
  'an attempt at a lock': (client) => client.lock('deploy', { timeout: 0 }),
  'a watch': (client) => client.keys.watch('k').next(),
  'an observer': (client) => client.observe('e').next(),
  'a backup': (client) => client.backup(),
};

describe('where no certificate is accepted', () => {
  for (const [what, ask] of Object.entries(requests)) {
    test(`${what} ends at once, when each endpoint was asked`, async () => {
      for (const code of [refused, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED']) {
        const members = new FakeMembers(() => isUntrusted(code));
        await assert.rejects(ask(members.client), (error) => {
          assert.ok(error instanceof UnavailableError);
          assert.match(error.message, /^no member was reached: (connect DEPTH|the member wants)/);
          return true;
        });
        assert.deepEqual(
          members.takeAsked().map((line) => line.slice(0, 1)),
          ['a', 'b', 'c'],
        );
      }
    });
  }

  test('a request goes on for as long as another endpoint may come back', async () => {
    const members = new FakeMembers(({ member }) =>
      member === 'a' ? isUntrusted(refused) : isDown(),
    );
    const read = members.client.keys.get('k');
    await members.pass(9000);
    members.answer(({ member }) => (member === 'c' ? says(event) : isUntrusted(refused)));
    await members.pass(900);
    assert.equal((await read)?.value, 'v');
  });

  test('a lock that is held is tried to be renewed until its deadline', async () => {
    const members = new FakeMembers(() => says('5\n'));
    const lock = await members.client.lock('deploy', { ttl: 10 });
    members.answer(() => isUntrusted(refused));
    await members.pass(8950);
    assert.equal(lock.held, true);
    await members.pass(50);
    assert.equal(lock.held, false);
  });
});

describe('where no endpoint can be connected to', () => {
  const impatient = { unreachedTimeoutMs: 2000 };

  test('a request goes on for ten seconds, in which members may be started again', async () => {
    const members = new FakeMembers(isDown);
    const read = members.client.keys.get('k');
    await members.pass(9000);
    members.answer(() => says(event));
    await members.pass(950);
    assert.equal((await read)?.value, 'v');
  });

  test('a request ends when the time is over that the caller gives it', async () => {
    const members = new FakeMembers(isDown, ['http://a', 'http://b'], impatient);
    let isOver = false;
    const ended = assert.rejects(members.client.keys.set('k', 'v'), UnavailableError).then(() => {
      isOver = true;
    });
    await members.pass(1950);
    assert.equal(isOver, false);
    await members.pass(50);
    await ended;
  });

  test('that time does not count for a member that answers, if only that it cannot serve', async () => {
    const members = new FakeMembers(isDown, ['http://a'], impatient);
    const read = members.client.keys.get('k');
    await members.pass(1500);
    members.answer(() => isUnavailable(301));
    await members.pass(5000);
    members.answer(() => says(event));
    await members.pass(1000);
    assert.equal((await read)?.value, 'v');
  });

  test('that time does not count for one that may be asked, and is silent', async () => {
    const members = new FakeMembers(
      ({ member }) => (member === 'a' ? isSilent() : isDown()),
      ['http://a', 'http://b'],
      impatient,
    );
    let isOver = false;
    const ended = assert.rejects(members.client.keys.get('k'), UnavailableError).then(() => {
      isOver = true;
    });
    await members.pass(9950);
    assert.equal(isOver, false);
    await members.pass(50);
    await ended;
  });

  test('that time does not shorten the attempt that reaches a member at its end', async () => {
    const members = new FakeMembers(isDown, ['http://a'], impatient);
    const write = members.client.keys.set('k', 'v');
    await members.pass(1000);
    let answer: (response: Response) => void = () => undefined;
    members.answer(() => new Promise((resolve) => (answer = resolve)));
    await members.pass(3000);
    answer(await says(event));
    assert.equal((await write).node.value, 'v');
  });

  test('that time is not for waits: for a lock, for a change, and for a leader', async () => {
    const members = new FakeMembers(isDown, ['http://a'], impatient);
    const { client } = members;
    let ended = 0;
    const waits = [
      client.lock('deploy'),
      client.keys.watch('k').next(),
      client.observe('e').next(),
    ];
    for (const wait of waits) wait.then(undefined, () => (ended += 1));
    await members.pass(9950);
    assert.equal(ended, 0);
    await members.pass(1000);
    assert.equal(ended, 1, 'a lock is given up after ten seconds without a member');
  });
});
