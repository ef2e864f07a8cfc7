import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ConclaveClient,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from '../../src/client/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';
import {
  breaks,
  FakeMembers,
  isDown,
  isSilent,
  isStopping,
  isUnavailable,
  isUntrusted,
  refuses,
  says,
} from './fake-members.js';

const event = JSON.stringify({
  action: 'set',
  node: { key: '/k', value: 'v', modifiedIndex: 7, createdIndex: 7 },
});

describe('the time', () => {
  test('is that of the member that answers', async () => {
    const date = 'Tue, 01 Jan 2030 15:00:00 GMT';
    const members = new FakeMembers(({ member }) =>
      member === 'a' ? isDown() : Promise.resolve(new Response('{}', { headers: { Date: date } })),
    );
    assert.equal((await members.client.time()).toISOString(), '2030-01-01T15:00:00.000Z');
    assert.deepEqual(members.takeAsked(), ['a GET /health', 'b GET /health']);
  });

  test('is not made up where the answer has none', async () => {
    const members = new FakeMembers(() => says('{}'));
    await assert.rejects(members.client.time(), (error) => {
      assert.ok(error instanceof UnavailableError);
      assert.equal(error.message, 'the cluster cannot serve: the answer has no date');
      return true;
    });
  });
});

describe('a read', () => {
  test('is repeated at the next member until one answers', async () => {
    const members = new FakeMembers(({ member }) =>
      member === 'a' ? breaks() : member === 'b' ? isDown() : says(event),
    );
    assert.equal((await members.client.keys.get('k'))?.value, 'v');
    assert.deepEqual(
      members.takeAsked(),
      ['a', 'b', 'c'].map((member) => `${member} GET /v2/keys/k`),
    );
  });

  test('stays with the member that answers', async () => {
    const members = new FakeMembers(({ member }) => (member === 'a' ? isDown() : says(event)));
    for (let reads = 0; reads < 3; reads += 1) await members.client.keys.get('k');
    const asked = members.takeAsked().map((line) => line.slice(0, 1));
    assert.deepEqual(asked, ['a', 'b', 'b', 'b']);
  });

  test('leaves a member that is silent for five seconds', async () => {
    const members = new FakeMembers(({ member }) => (member === 'a' ? isSilent() : says(event)));
    const read = members.client.keys.get('k');
    await members.pass(4950);
    assert.deepEqual(members.takeAsked(), ['a GET /v2/keys/k']);
    await members.pass(50);
    assert.equal((await read)?.value, 'v');
    assert.deepEqual(members.takeAsked(), ['b GET /v2/keys/k']);
  });

  test('ends when its ten seconds are over, and says what the matter was', async () => {
    const members = new FakeMembers(isDown);
    const read = members.client.keys.get('k');
    const ended = assert.rejects(read, (error) => {
      assert.ok(error instanceof UnavailableError);
      assert.equal(error.message, 'no member was reached: connect ECONNREFUSED');
      assert.deepEqual([error.code, error.reached], ['unavailable', false]);
      return true;
    });
    await members.pass(10_000);
    await ended;
    // With pauses that grow to a second, halved by chance, three members cannot be asked more
    // often.
    assert.ok(members.asked.length < 100, `${members.asked.length} requests`);
  });

  test('forgets earlier failures of a member that has answered', async () => {
    const members = new FakeMembers(isDown, ['http://a']);
    const inHalfASecond = async () => {
      members.takeAsked();
      const stop = new AbortController();
      const ended = assert.rejects(members.client.keys.get('k', { signal: stop.signal }));
      await members.pass(500);
      stop.abort(new Error('enough'));
      await ended;
      return members.takeAsked().length;
    };
    const atFirst = await inHalfASecond();
    await inHalfASecond();
    members.answer(() => says(event));
    const read = members.client.keys.get('k');
    await members.pass(1000);
    await read;
    members.answer(isDown);
    assert.equal(await inHalfASecond(), atFirst);
  });

  test('says whether a member was reached at all', async () => {
    const members = new FakeMembers(() => refuses(503, 301));
    const ended = assert.rejects(members.client.keys.get('k'), { reached: true });
    await members.pass(10_000);
    await ended;
  });

  test('ends with the reason of its signal, without another request', async () => {
    const members = new FakeMembers(isSilent);
    const stop = new AbortController();
    const read = members.client.keys.get('k', { signal: stop.signal });
    await members.pass(50);
    stop.abort(new Error('enough'));
    await assert.rejects(read, { message: 'enough' });
    assert.equal(members.takeAsked().length, 1);
    await assert.rejects(members.client.keys.get('k', { signal: stop.signal }));
    assert.equal(members.takeAsked().length, 0);
  });
});

describe('Retry-After', () => {
  test('keeps the client from the member that asked for it, for as long', async () => {
    let calls = 0;
    const members = new FakeMembers(() => {
      calls += 1;
      return calls <= 3 ? refuses(503, 301) : says(event);
    });
    const read = members.client.keys.get('k');
    await members.pass(950);
    assert.deepEqual(members.takeAsked().length, 3, 'each member was asked once');
    await members.pass(50);
    assert.equal((await read)?.value, 'v');
    assert.deepEqual(members.takeAsked(), ['a GET /v2/keys/k']);
  });
});

describe('a write', () => {
  test('is not repeated when its answer is lost', async () => {
    const members = new FakeMembers(breaks);
    await assert.rejects(members.client.keys.set('k', 'v'), OutcomeUnknownError);
    assert.deepEqual(members.takeAsked(), ['a PUT /v2/keys/k']);
  });

  test('is not repeated when a member without a leader may have passed it on', async () => {
    const members = new FakeMembers(() => refuses(503, 301));
    await assert.rejects(members.client.keys.create('k', 'v'), OutcomeUnknownError);
    assert.equal(members.takeAsked().length, 1);
  });

  test('is not repeated when the member is silent', async () => {
    const members = new FakeMembers(isSilent);
    const ended = assert.rejects(members.client.keys.delete('k'), { code: 'outcomeUnknown' });
    await members.pass(5000);
    await ended;
    assert.equal(members.takeAsked().length, 1);
  });

  test('is repeated when no connection was opened, or nothing was done yet', async () => {
    const members = new FakeMembers(({ member }) =>
      member === 'a' ? isDown() : member === 'b' ? isUnavailable(301) : says(event),
    );
    assert.equal((await members.client.keys.set('k', 'v')).action, 'set');
    assert.equal(members.takeAsked().length, 3);
  });

  test('is repeated when the connection was reset before it was open', async () => {
    const members = new FakeMembers(({ member }) => (member === 'a' ? isStopping() : says(event)));
    assert.equal((await members.client.keys.set('k', 'v')).action, 'set');
    assert.equal(members.takeAsked().length, 2);
  });

  test('is repeated when it crossed the end of its connection', async () => {
    const members = new FakeMembers(({ member }) =>
      member === 'a' ? refuses(408, 223) : says(event),
    );
    assert.equal((await members.client.keys.set('k', 'v')).action, 'set');
    assert.equal(members.takeAsked().length, 2);
  });

  for (const code of [
    ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED'],
    ...['CERT_NOT_YET_VALID', 'CERT_REVOKED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'INVALID_PURPOSE'],
    ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'INVALID_CA'],
  ]) {
    test(`is not sent to a member whose certificate is refused: ${code}`, async () => {
      const members = new FakeMembers(({ member }) =>
        member === 'a' ? isUntrusted(code) : says(event),
      );
      assert.equal((await members.client.keys.set('k', 'v')).action, 'set');
      members.answer(() => isUntrusted(code));
      const ended = assert.rejects(members.client.keys.set('k', 'v'), UnavailableError);
      await members.pass(10_000);
      await ended;
    });
  }

  test('is not sent in the last moment, of which a timer is early', async () => {
    const clock = new ManualClock(0);
    let calls = 0;
    const client = new ConclaveClient({
      endpoints: ['http://a'],
      requestTimeoutMs: 40,
      random: () => 0,
      clock: { now: () => clock.now(), after: (ms, call) => clock.after(ms - 1, call) },
      fetch: () => {
        calls += 1;
        return calls === 1 ? isDown() : breaks();
      },
    });
    const ended = assert.rejects(client.keys.set('k', 'v'), UnavailableError);
    await settle();
    clock.advance(39);
    await ended;
    assert.equal(calls, 1);
  });

  test('had no effect at members that refuse the certificate of the client, and says so', async () => {
    const codes = ['TLSV13_ALERT_CERTIFICATE_REQUIRED', 'SSLV3_ALERT_BAD_CERTIFICATE'];
    for (const code of [...codes, 'TLSV1_ALERT_UNKNOWN_CA']) {
      const members = new FakeMembers(() => isUntrusted(`ERR_SSL_${code}`));
      const message = /no member was reached: the member wants a certificate that it trusts$/;
      const ended = assert.rejects(members.client.keys.set('k', 'v'), { message });
      await members.pass(11_000);
      await ended;
    }
  });

  test('had no effect when no audit log can be written', async () => {
    const members = new FakeMembers(() => isUnavailable(303));
    const ended = assert.rejects(members.client.keys.set('k', 'v'), UnavailableError);
    await members.pass(1000);
    assert.ok(members.takeAsked().length > 3, 'each member was asked, and one again');
    await members.pass(9000);
    await ended;
  });

  test('is repeated when its address has failed to log in too often', async () => {
    let calls = 0;
    const members = new FakeMembers(() => {
      calls += 1;
      return calls <= 3 ? refuses(429, 118) : says(event);
    });
    const write = members.client.keys.set('k', 'v');
    await members.pass(950);
    assert.equal(members.takeAsked().length, 3, 'each member was asked once');
    await members.pass(50);
    assert.equal((await write).action, 'set');
    assert.deepEqual(members.takeAsked(), ['a PUT /v2/keys/k']);
  });

  test('had no effect when its address fails to log in for too long', async () => {
    const members = new FakeMembers(() => refuses(429, 118));
    const ended = assert.rejects(members.client.keys.set('k', 'v'), (error) => {
      assert.ok(error instanceof UnavailableError);
      assert.equal(error.message, 'the cluster cannot serve: No: because');
      return true;
    });
    await members.pass(10_000);
    await ended;
  });

  test('is repeated when the caller says that it may be', async () => {
    const members = new FakeMembers(({ member }) => (member === 'a' ? breaks() : says(event)));
    await members.client.keys.set('k', 'v', { idempotent: true });
    assert.equal(members.takeAsked().length, 2);
  });

  test('that was repeated and never answered may have taken effect', async () => {
    const members = new FakeMembers(({ member }) => (member === 'a' ? breaks() : isDown()));
    const write = members.client.keys.set('k', 'v', { idempotent: true });
    const ended = assert.rejects(write, OutcomeUnknownError);
    await members.pass(10_000);
    await ended;
  });

  test('that is refused is an error with the errorCode, and is not repeated', async () => {
    const members = new FakeMembers(() => refuses(412, 101, 9));
    const write = members.client.keys.compareAndSwap('k', 'v', { prevIndex: 3 });
    await assert.rejects(write, (error) => {
      assert.ok(error instanceof RefusedError);
      const { status, errorCode, detail, index, message } = error;
      assert.deepEqual([status, errorCode, detail, index], [412, 101, 'because', 9]);
      assert.equal(message, 'No: because');
      return true;
    });
    assert.equal(members.takeAsked().length, 1);
  });

  test('an answer that is not of the API is an error, too', async () => {
    const members = new FakeMembers(async () => new Response('who?', { status: 403 }));
    const error = { status: 403, errorCode: undefined, detail: 'who?' };
    await assert.rejects(members.client.keys.set('k', 'v'), error);
  });
});

test('an endpoint that is given twice keeps nobody from the others', async () => {
  const members = new FakeMembers(
    ({ member }) => (member === 'a' ? breaks() : says(event)),
    ['http://a', 'http://a/', 'http://b'],
  );
  assert.equal((await members.client.keys.get('k'))?.value, 'v');
  assert.deepEqual(members.takeAsked(), ['a GET /v2/keys/k', 'b GET /v2/keys/k']);
});

test('clients with the same list of members begin with different ones', async () => {
  const asked: string[] = [];
  for (const random of [0, 0.4, 0.9]) {
    const client = new ConclaveClient({
      endpoints: ['http://a', 'http://b', 'http://c'],
      random: () => random,
      fetch: (url) => {
        asked.push(new URL(url).hostname);
        return says(event);
      },
    });
    await client.keys.get('k');
  }
  assert.deepEqual(asked, ['a', 'b', 'c']);
});

test('an endpoint that is not a URL is refused, and so is none', () => {
  assert.throws(() => new ConclaveClient({ endpoints: ['127.0.0.1:4001'] }), TypeError);
  assert.throws(() => new ConclaveClient({ endpoints: [] }), TypeError);
});
