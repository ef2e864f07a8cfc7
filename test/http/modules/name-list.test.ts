import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageLengthMax } from '../../../src/http/modules/name-list.js';
import { ApiServer, until } from '../../support/api-server.js';

const json = { Accept: 'application/json' };

async function lock(server: ApiServer, ...names: readonly string[]): Promise<void> {
  for (const name of names) await server.ask('POST', `/mod/v2/lock/${name}?ttl=60&timeout=0`);
}

async function listed(server: ApiServer, query = '', path = '/mod/v2/lock/') {
  const answer = await server.askFor({ method: 'GET', path: `${path}${query}`, headers: json });
  assert.equal(answer.status, 200);
  return { ...JSON.parse(answer.body), etcdIndex: Number(answer.headers['x-etcd-index']) };
}

const namesOf = ({ locks }: { locks: readonly { name: string }[] }) =>
  locks.map(({ name }) => name);

test('the names that are held or waited for are listed, one on a line, in order', async () => {
  await using server = await ApiServer.start();
  assert.equal((await server.ask('GET', '/mod/v2/lock/')).body, '');
  await lock(server, 'b', 'a/c', 'a', '_hidden');
  await server.ask('PUT', '/mod/v2/leader/elected?ttl=60&name=me');
  for (const path of ['/mod/v2/lock/', '/mod/v2/lock']) {
    const answer = await server.ask('GET', path);
    assert.equal(answer.body, '_hidden\na\na/c\nb\n');
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  }
  assert.equal((await server.ask('GET', '/mod/v2/leader/')).body, 'elected\n');
  await server.ask('DELETE', '/mod/v2/lock/a?index=99');
  await server.ask('DELETE', '/mod/v2/leader/elected?name=me');
  assert.equal((await server.ask('GET', '/mod/v2/leader/')).body, '');
});

test('a line is a name escaped as in a path', async () => {
  await using server = await ApiServer.start();
  await lock(server, 'a%0Ab/c%20d', '%C3%BC%25');
  assert.equal((await server.ask('GET', '/mod/v2/lock/')).body, 'a%0Ab/c%20d\n%C3%BC%25\n');
  assert.deepEqual(namesOf(await listed(server)), ['a\nb/c d', 'ü%']);
});

test('as JSON each lock shows who holds it, and how many wait', async () => {
  await using server = await ApiServer.start();
  const { body: index } = await server.ask('POST', '/mod/v2/lock/a?ttl=60&value=first');
  const waiting = server.open({ method: 'POST', path: '/mod/v2/lock/a?ttl=60&value=second' });
  await until(() => server.coordinator.state.locks.queueSize('lock', 'a').waiting === 1);
  for (const value of ['x', 'y']) {
    await server.ask('POST', `/mod/v2/lock/b?ttl=60&limit=3&value=${value}`);
  }
  server.clock.advance(1500);
  const list = await listed(server);
  assert.equal(list.index, list.etcdIndex);
  assert.equal(list.next, null);
  const [a, b] = list.locks;
  const { since, ...holder } = a.holders[0];
  assert.match(since, /^\d{4}-/);
  assert.deepEqual(
    { ...a, holders: [holder] },
    {
      name: 'a',
      limit: 1,
      holders: [
        { index: Number(index), value: 'first', mode: 'exclusive', ttl: 60, ttlLeft: 58.5 },
      ],
      holding: 1,
      waiting: 1,
    },
  );
  assert.deepEqual([b.limit, b.holding, b.waiting], [3, 2, 0]);
  assert.deepEqual(
    b.holders.map(({ value }: { value: string }) => value),
    ['x', 'y'],
  );
  waiting.leave();
});

describe('a long list', () => {
  test('comes in pages, which together are all of it', async () => {
    await using server = await ApiServer.start();
    const names = Array.from({ length: 25 }, (_, at) => `n${String(at).padStart(2, '0')}`);
    await lock(server, ...names);
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await listed(server, `?max=10&after=${next}`);
      seen.push(...namesOf(page));
      next = page.next;
    }
    assert.deepEqual(seen, names);
    const text = await server.ask('GET', '/mod/v2/lock/?max=10&prefix=n1');
    assert.equal(text.body.split('\n').length, 11);
    assert.equal(text.headers['link'], undefined, 'ten names begin with n1');
    const first = await server.ask('GET', '/mod/v2/lock/?max=2&prefix=n1');
    const [, link = ''] = /^<(.*)>; rel="next"$/.exec(String(first.headers['link'])) ?? [];
    assert.equal((await server.ask('GET', `/mod/v2/lock/${link}`)).body, 'n12\nn13\n');
  });

  test('ends a page after long values, too, not only after a number of names', async () => {
    await using server = await ApiServer.start();
    const value = 'x'.repeat(pageLengthMax / 2);
    for (const name of ['a', 'b', 'c', 'd']) {
      await server.ask('POST', `/mod/v2/lock/${name}?ttl=60`, `value=${value}`);
    }
    const first = await listed(server);
    assert.deepEqual([namesOf(first), first.next], [['a', 'b'], 'b']);
    assert.deepEqual(namesOf(await listed(server, '?after=b')), ['c', 'd']);
  });

  for (const [query, names] of [
    ['?prefix=a', ['a', 'a/b', 'ab']],
    ['?prefix=a/', ['a/b']],
    ['?after=a/b', ['ab', 'b']],
    ['?prefix=a&after=a', ['a/b', 'ab']],
    ['?prefix=b&after=a', ['b']],
    ['?prefix=a&after=b', []],
    ['?after=a0', ['ab', 'b']],
    ['?prefix=%C3%BC', []],
  ] as const) {
    test(`${query} shows ${names.join(' ')}`, async () => {
      await using server = await ApiServer.start();
      await lock(server, 'b', 'ab', 'a/b', 'a');
      assert.deepEqual(namesOf(await listed(server, query)), names);
    });
  }

  for (const max of ['0', '10001', '-1', 'all', '']) {
    test(`has no pages of "${max}" names`, async () => {
      await using server = await ApiServer.start();
      const answer = await server.ask('GET', `/mod/v2/lock/?max=${max}`);
      assert.deepEqual([answer.status, JSON.parse(answer.body).errorCode], [400, 209]);
    });
  }
});

describe('waiting for a change of the list', () => {
  test('ends when a queue entry comes, goes or begins to hold, and not with a renewal', async () => {
    await using server = await ApiServer.start();
    let waitIndex = (await listed(server)).index + 1;
    const next = async (change: () => Promise<unknown>, renewals = 0) => {
      const before = server.coordinator.barriers;
      const waiting = listed(server, `?wait=true&waitIndex=${waitIndex}`);
      await until(() => server.coordinator.barriers === before + 1);
      for (let count = 0; count < renewals; count += 1) {
        await server.ask('PUT', '/mod/v2/lock/a?ttl=60&value=first');
        await server.ask('PUT', '/mod/v2/leader/a?ttl=60&name=me');
      }
      await change();
      const list = await waiting;
      waitIndex = list.index + 1;
      return list.locks.map(({ name, waiting }: { name: string; waiting: number }) => [
        name,
        waiting,
      ]);
    };
    const first = await next(() => server.ask('POST', '/mod/v2/lock/a?ttl=60&value=first'));
    assert.deepEqual(first, [['a', 0]]);
    const waiter = server.open({ method: 'POST', path: '/mod/v2/lock/a?ttl=60&value=second' });
    assert.deepEqual(await next(async () => {}), [['a', 1]]);
    const left = await next(async () => waiter.leave(), 3);
    assert.deepEqual(left, [['a', 0]]);
    assert.deepEqual(await next(() => server.ask('DELETE', '/mod/v2/lock/a?value=first')), []);
  });

  test('ends at once when there was one since', async () => {
    await using server = await ApiServer.start();
    const { index } = await listed(server);
    await lock(server, 'a');
    await server.ask('PUT', '/v2/keys/other', 'value=1');
    const list = await listed(server, `?wait=true&waitIndex=${index + 1}`);
    assert.deepEqual(namesOf(list), ['a']);
  });
});
