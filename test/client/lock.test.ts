import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Lock, LockLostError } from '../../src/client/index.js';
import { settle } from '../support/settle.js';
import { type Answering, breaks, FakeMembers, isSilent, refuses, says } from './fake-members.js';

/** Answers an acquire with 5, and everything else with success. */
const grants: Answering = ({ method }) => says(method === 'POST' ? '5\n' : '');

const path = '/mod/v2/lock/reports/nightly';

async function heldBy(members: FakeMembers, ttl = 30): Promise<Lock> {
  const lock = await members.client.lock('reports/nightly', { ttl });
  members.takeAsked();
  return lock;
}

describe('a lock', () => {
  test('is asked for with a random value, and has the index as its token', async () => {
    const members = new FakeMembers(grants);
    const locks = await Promise.all([1, 2].map(() => members.client.lock('reports/nightly')));
    const [first, second] = members.asked.map(({ form }) => form);
    assert.deepEqual(
      locks.map(({ token }) => token),
      [5, 5],
    );
    assert.deepEqual([first?.['ttl'], first?.['timeout']], ['30', undefined]);
    assert.equal(first?.['value']?.length, 36);
    assert.notEqual(first?.['value'], second?.['value']);
    assert.deepEqual(members.takeAsked(), [`a POST ${path}`, `a POST ${path}`]);
  });

  test('is asked for with everything that the caller wants', async () => {
    const members = new FakeMembers(grants);
    await members.client.lock('pool', { ttl: 9, timeout: 3, value: 'me', limit: 4 });
    const [asked] = members.asked;
    assert.deepEqual(asked?.form, {
      value: 'me',
      ttl: '9',
      timeout: '3',
      limit: '4',
      progress: '5',
    });
    await members.client.lock('book', { value: 'me', mode: 'shared', timeout: 0 });
    assert.equal(members.asked[1]?.form['mode'], 'shared');
    assert.equal(members.asked[1]?.form['timeout'], '0');
  });

  test('is asked for again with the same value when the answer is lost', async () => {
    const members = new FakeMembers((asked) => (asked.member === 'a' ? breaks() : grants(asked)));
    await members.client.lock('reports/nightly');
    const values = members.asked.map(({ form }) => form['value']);
    assert.equal(values.length, 2);
    assert.equal(new Set(values).size, 1);
  });

  test('is renewed a third of the TTL after the last request that was granted was sent', async () => {
    const members = new FakeMembers(grants);
    await heldBy(members);
    await members.pass(9950);
    assert.deepEqual(members.takeAsked(), []);
    await members.pass(50);
    assert.deepEqual(members.takeAsked(), [`a PUT ${path}`]);
    await members.pass(10_000);
    assert.deepEqual(members.takeAsked(), [`a PUT ${path}`]);
  });

  test('is not renewed by itself when the caller does that', async () => {
    const members = new FakeMembers(grants);
    const lock = await members.client.lock('reports/nightly', { renew: false });
    members.takeAsked();
    await members.pass(20_000);
    assert.deepEqual(members.takeAsked(), []);
    await lock.renew();
    assert.deepEqual(members.takeAsked(), [`a PUT ${path}`]);
    assert.equal(lock.remainingMs, 27_000);
  });

  test('tells each renewal, with the new deadline', async () => {
    const members = new FakeMembers(grants);
    const deadlines: number[] = [];
    await members.client.lock('a', { onRenewed: ({ deadline }) => deadlines.push(deadline) });
    await members.pass(20_000);
    assert.deepEqual(deadlines, [1000 + 10_000 + 27_000, 1000 + 20_000 + 27_000]);
  });

  test('is renewed through another member when the first one is silent', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    members.answer((asked) => (asked.member === 'a' ? isSilent() : grants(asked)));
    await members.pass(14_000);
    assert.deepEqual(members.takeAsked(), [`a PUT ${path}`, `b PUT ${path}`]);
    assert.ok(lock.held);
    await members.pass(60_000);
    assert.ok(lock.held);
  });
});

describe('a lock whose address has failed to log in too often', () => {
  test('is renewed at another member', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    members.answer((asked) => (asked.member === 'a' ? refuses(429, 118) : grants(asked)));
    await members.pass(30_000);
    assert.ok(lock.held);
  });

  test('is held until the deadline when no member lets it in', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    members.answer(() => refuses(429, 118));
    await members.pass(26_950);
    assert.ok(lock.held);
    members.answer(grants);
    await members.pass(50);
    assert.equal(lock.held, false);
  });

  test('is acquired when that is over', async () => {
    const members = new FakeMembers(() => refuses(429, 118));
    const locks = [{}, { timeout: 0 }].map((options) => members.client.lock('a', options));
    await members.pass(1500);
    members.answer(grants);
    await members.pass(1000);
    for (const lock of locks) assert.equal((await lock).token, 5);
  });
});

describe('the deadline of a lock', () => {
  test('is nine tenths of the TTL after the request was sent, not after its answer', async () => {
    const members = new FakeMembers(isSilent);
    let answer: (response: Response) => void = () => undefined;
    members.answer(() => new Promise((resolve) => (answer = resolve)));
    const asked = members.client.lock('a', { ttl: 30 });
    await members.pass(3000);
    answer(await says('5\n'));
    const lock = await asked;
    assert.equal(lock.deadline, 1000 + 27_000);
    assert.equal(lock.remainingMs, 24_000);
  });

  test('moves with a renewal to nine tenths of the TTL after that was sent', async () => {
    const members = new FakeMembers(grants);
    const lock = await members.client.lock('a', { ttl: 30, renew: false });
    await members.pass(5000);
    let answer: (response: Response) => void = () => undefined;
    members.answer(() => new Promise((resolve) => (answer = resolve)));
    const renewed = lock.renew();
    await members.pass(2000);
    answer(await says(''));
    await renewed;
    assert.equal(lock.deadline, 1000 + 5000 + 27_000);
  });

  test('is known by a renewal when the wait was long', async () => {
    const members = new FakeMembers(isSilent);
    let answer: (response: Response) => void = () => undefined;
    members.answer((asked) =>
      asked.method === 'POST' ? new Promise((resolve) => (answer = resolve)) : says(''),
    );
    const asked = members.client.lock('a', { ttl: 20 });
    await members.pass(7000);
    answer(await says('5\n'));
    const lock = await asked;
    assert.deepEqual(members.takeAsked(), ['a POST /mod/v2/lock/a', 'a PUT /mod/v2/lock/a']);
    assert.equal(lock.remainingMs, 18_000);
  });

  test('aborts the signal when no renewal succeeds until then, and not before', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    members.answer(isSilent);
    await members.pass(26_950);
    assert.ok(lock.held && !lock.signal.aborted);
    await members.pass(50);
    assert.ok(lock.signal.aborted && !lock.held);
    const { reason } = lock.signal;
    assert.ok(reason instanceof LockLostError);
    assert.equal(reason.reason, 'expired');
    assert.match(reason.message, /^lost lock "reports\/nightly": place 5 was not renewed in time$/);
    members.answer(grants);
    members.takeAsked();
    await members.pass(60_000);
    assert.deepEqual(members.takeAsked(), [], 'nobody renews what is lost');
    await assert.rejects(lock.renew(), LockLostError);
  });

  test('counts also while the process stood still', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    members.clock.standStill(27_000);
    assert.equal(lock.held, false, 'before any timer came');
    assert.ok(lock.signal.aborted);
  });

  test('is not moved any more, once it has passed, by a renewal that succeeded late', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    let answer: (response: Response) => void = () => undefined;
    members.answer(() => new Promise((resolve) => (answer = resolve)));
    await members.pass(26_000);
    members.clock.standStill(2000);
    assert.equal(lock.held, false);
    answer(await says(''));
    await settle();
    assert.equal(lock.held, false);
    assert.ok(lock.signal.aborted);
  });

  test('is that of the TTL of one second, too', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members, 1);
    await members.pass(5000);
    assert.ok(lock.held);
    members.takeAsked();
    members.answer(isSilent);
    await members.pass(1000);
    assert.ok(members.asked.length >= 2, 'a silent member does not use up the time');
    assert.equal(lock.held, false);
  });
});

describe('a lock that is gone', () => {
  test('is lost at once, when a member says so', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    members.answer(() => refuses(404, 100));
    await members.pass(10_000);
    assert.ok(lock.signal.aborted);
    assert.equal(lock.signal.reason.reason, 'removed');
    assert.equal(members.takeAsked().length, 1);
  });
});

describe('a release', () => {
  test('names the place, ends the renewals, and may be repeated', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    await lock.release();
    assert.deepEqual(members.asked[0]?.form, { index: '5' });
    assert.deepEqual(members.takeAsked(), [`a DELETE ${path}`]);
    members.answer(() => refuses(404, 100));
    await lock.release();
    members.takeAsked();
    await members.pass(60_000);
    assert.deepEqual(members.takeAsked(), []);
    assert.equal(lock.held, false);
    assert.equal(lock.signal.aborted, false, 'it was not lost');
    assert.equal(members.clock.timerCount, 0);
  });

  test('is repeated at the next member', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    members.answer((asked) => (asked.member === 'a' ? breaks() : grants(asked)));
    await lock.release();
    assert.deepEqual(members.takeAsked(), [`a DELETE ${path}`, `b DELETE ${path}`]);
  });

  test('comes with the end of the block that the lock is used in', async () => {
    const members = new FakeMembers(grants);
    {
      await using lock = await heldBy(members);
      assert.ok(lock.held);
    }
    assert.deepEqual(members.takeAsked(), [`a DELETE ${path}`]);
  });

  test('is left to the TTL when the lock is left alone', async () => {
    const members = new FakeMembers(grants);
    const lock = await heldBy(members);
    lock.leave();
    await members.pass(60_000);
    assert.deepEqual(members.takeAsked(), []);
    assert.deepEqual([lock.held, lock.signal.aborted, members.clock.timerCount], [false, false, 0]);
  });

  test('that reaches nobody does not hide what was done under the lock', async () => {
    const members = new FakeMembers(({ method }) => (method === 'DELETE' ? breaks() : says('5\n')));
    const result = members.client.using('a', {}, async () => 'done');
    await members.pass(10_000);
    assert.equal(await result, 'done');
  });
});

describe('using a lock', () => {
  test('gives what the work gives, and releases it', async () => {
    const members = new FakeMembers(grants);
    assert.equal(await members.client.using('a', {}, async ({ token }) => token + 1), 6);
    assert.equal(members.takeAsked().at(-1), 'a DELETE /mod/v2/lock/a');
  });

  test('fails as the work fails, and releases it', async () => {
    const members = new FakeMembers(grants);
    const failing = members.client.using('a', {}, () => Promise.reject(new Error('broken')));
    await assert.rejects(failing, { message: 'broken' });
    assert.equal(members.takeAsked().at(-1), 'a DELETE /mod/v2/lock/a');
  });

  test('fails when the lock was lost, whatever the work made of it', async () => {
    for (const ending of [async () => 'done', () => Promise.reject(new Error('aborted'))]) {
      const members = new FakeMembers(grants);
      const used = members.client.using('a', {}, async ({ signal }) => {
        members.answer(() => refuses(404, 100));
        await new Promise((lost) => signal.addEventListener('abort', lost));
        return await ending();
      });
      const ended = assert.rejects(used, LockLostError);
      await members.pass(10_000);
      await ended;
    }
  });
});

test('a name is escaped, but for its slashes', async () => {
  const members = new FakeMembers(grants);
  await members.client.lock('a b/ü?&#');
  assert.deepEqual(members.takeAsked(), ['a POST /mod/v2/lock/a%20b/%C3%BC%3F%26%23']);
  for (const name of ['', '.', 'a/../b']) {
    await assert.rejects(async () => members.client.lock(name), TypeError);
  }
});
