import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LockNotAcquiredError } from '../../src/client/index.js';
import { settle } from '../support/settle.js';
import { FakeMembers, FakeStream, isDown, isSilent, refuses, says } from './fake-members.js';

describe('the wait for a lock', () => {
  test('lasts as long as a member gives a sign of life every five seconds', async () => {
    const stream = new FakeStream(3);
    const members = new FakeMembers((asked) =>
      asked.method === 'POST' ? stream.response(asked) : says(''),
    );
    const asked = members.client.lock('a', { ttl: 60 });
    for (let times = 0; times < 60; times += 1) {
      await members.pass(5000);
      stream.send('\n');
    }
    assert.equal(members.asked.length, 1);
    assert.equal(members.asked[0]?.form['progress'], '5');
    stream.send('5\n');
    assert.equal((await asked).token, 5);
  });

  test('goes on at the next member, at the same place, when one falls silent', async () => {
    const streams = [new FakeStream(3), new FakeStream(3)];
    const members = new FakeMembers(async (asked) => {
      const stream = streams[members.asked.length - 1];
      return stream === undefined ? says('') : stream.response(asked);
    });
    const asked = members.client.lock('a', { ttl: 600, timeout: 60 });
    await members.pass(5000);
    streams[0]?.send('\n');
    await members.pass(7900);
    assert.equal(members.asked.length, 1);
    await members.pass(200);
    streams[1]?.send('5\n');
    assert.equal((await asked).token, 5);
    const [first, second] = members.asked;
    assert.deepEqual([first?.member, second?.member], ['a', 'b']);
    assert.equal(first?.form['value'], second?.form['value']);
    assert.deepEqual([first?.form['timeout'], second?.form['timeout']], ['60', '47']);
  });

  test('that reached nobody had no effect', async () => {
    const members = new FakeMembers(isDown);
    const asked = assert.rejects(members.client.lock('a'), { code: 'unavailable', reached: false });
    await members.pass(10_000);
    await asked;
  });

  test('takes no token from an answer that broke off within it', async () => {
    const stream = new FakeStream(3);
    const members = new FakeMembers((asked) =>
      asked.member === 'a' ? stream.response(asked) : says('512\n'),
    );
    const asked = members.client.lock('a');
    await settle();
    stream.send('\n51');
    await settle();
    stream.breakOff();
    assert.equal((await asked).token, 512);
  });

  test('reads an error from the last line, where it has no status', async () => {
    const line = (errorCode: number) =>
      `\n${JSON.stringify({ errorCode, message: 'No', cause: 'because', index: 7 })}\n`;
    const refused = new FakeMembers(() => says(line(112)));
    await assert.rejects(refused.client.lock('a'), { errorCode: 112, status: 409 });
    const busy = new FakeMembers(({ member }) => says(member === 'a' ? line(301) : '5\n'));
    assert.equal((await busy.client.lock('a')).token, 5);
  });

  test('ends when the time is over, and gives the place back', async () => {
    const members = new FakeMembers(async ({ form }) => {
      members.clock.standStill(Number(form['timeout'] ?? 0) * 1000);
      return refuses(409, 111);
    });
    const asked = members.client.lock('a', { timeout: 70 });
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof LockNotAcquiredError);
      assert.deepEqual([error.code, error.errorCode], ['lockNotAcquired', 111]);
      assert.equal(error.message, 'lock "a" was not free within 70 s');
      return true;
    });
    assert.deepEqual(members.takeAsked(), ['a POST /mod/v2/lock/a', 'a DELETE /mod/v2/lock/a']);
  });

  test('is one request when it is a try', async () => {
    const members = new FakeMembers(() => refuses(409, 111));
    await assert.rejects(members.client.lock('a', { timeout: 0, value: 'me' }));
    assert.deepEqual(members.takeAsked(), ['a POST /mod/v2/lock/a']);
  });

  test('starts anew when the place was removed', async () => {
    let calls = 0;
    const members = new FakeMembers(() => {
      calls += 1;
      return calls === 1 ? refuses(404, 100) : says('9\n');
    });
    assert.equal((await members.client.lock('a')).token, 9);
  });

  test('starts anew when the place was gone before the lock was used', async () => {
    let calls = 0;
    const members = new FakeMembers(async ({ method }) => {
      calls += 1;
      if (method === 'PUT') return refuses(404, 100);
      if (calls === 1) members.clock.standStill(20_000);
      return says(`${calls}\n`);
    });
    assert.equal((await members.client.lock('a')).token, 3);
  });

  test('gives back a grant of which no renewal could tell how long it lasts', async () => {
    const members = new FakeMembers(async ({ method }) => {
      if (method === 'PUT') return await isDown();
      if (method === 'POST') members.clock.standStill(20_000);
      return says('3\n');
    });
    const asked = assert.rejects(members.client.lock('a'), { code: 'unavailable' });
    await members.pass(60_000);
    await asked;
    const [first] = members.asked;
    const last = members.asked.at(-1);
    assert.deepEqual([last?.method, last?.form], ['DELETE', { value: first?.form['value'] }]);
  });

  test('ends with the reason of its signal, and gives the place back', async () => {
    const members = new FakeMembers(isSilent);
    const stop = new AbortController();
    const asked = members.client.lock('a', { signal: stop.signal });
    await members.pass(100);
    stop.abort(new Error('enough'));
    await assert.rejects(asked, { message: 'enough' });
    await settle();
    const [first, second] = members.asked;
    assert.deepEqual(members.takeAsked(), ['a POST /mod/v2/lock/a', 'a DELETE /mod/v2/lock/a']);
    assert.deepEqual(second?.form, { value: first?.form['value'] });
  });

  test('does not give back a place that others may share', async () => {
    const members = new FakeMembers(isSilent);
    const stop = new AbortController();
    const asked = members.client.lock('a', { value: 'joint', signal: stop.signal });
    await members.pass(100);
    stop.abort(new Error('enough'));
    await assert.rejects(asked, { message: 'enough' });
    await settle();
    assert.deepEqual(members.takeAsked(), ['a POST /mod/v2/lock/a']);
  });

  test('is refused as it is when the lock has another limit', async () => {
    const members = new FakeMembers(() => refuses(409, 112));
    await assert.rejects(members.client.lock('a', { limit: 3 }), { errorCode: 112 });
    assert.equal(members.takeAsked().length, 1);
  });
});
