import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { shell } from '../cluster/shell.js';
import { until } from '../cluster/until.js';
import {
  type Answer,
  type AsyncCall,
  Etcd,
  Events,
  nodeEtcdMissing,
  type Seen,
} from './node-etcd.js';

const skip = nodeEtcdMissing;

describe('node-etcd 7 works with Conclave as with etcd', () => {
  let cluster: RealCluster;
  let etcd: Etcd;
  before(async () => {
    if (skip !== false) return;
    cluster = await RealCluster.start(patient);
    etcd = new Etcd(cluster.names.map((name) => cluster.url(name, '')));
  });
  after(async () => await cluster?.[Symbol.asyncDispose]());

  const currentIndex = async () => {
    const { headers } = await cluster.request('node1', 'DELETE', '/v2/keys/no-such-key');
    return Number(headers.get('x-etcd-index'));
  };
  const ask = async (name: AsyncCall, ...args: readonly unknown[]) =>
    succeeded(await etcd.call(name, ...args)).body;
  /**
   * A watch looks at what its member has applied, and any member may serve it. A read makes each
   * apply all.
   */
  const allCurrent = async () => {
    for (const name of cluster.names) await cluster.get(name, '/v2/keys');
  };
  const refusal = async (name: AsyncCall, ...args: readonly unknown[]) => {
    const { error } = await etcd.call(name, ...args);
    assert.ok(error !== null, `${name} ${args.join(' ')} succeeds`);
    return error.error;
  };

  test('set and get', { skip }, async () => {
    const at = (await currentIndex()) + 1;
    const node = { key: '/key', value: 'a value & more', modifiedIndex: at, createdIndex: at };
    const { body, headers } = succeeded(await etcd.call('set', 'key', node.value));
    assert.deepEqual(body, { action: 'set', node });
    assert.equal(headers['x-etcd-index'], String(at));
    assert.deepEqual(await ask('get', '/key'), { action: 'get', node });
    const missing = { errorCode: 100, message: 'Key not found', cause: '/none', index: at };
    assert.deepEqual(await refusal('get', 'none'), missing);
  });

  test('set with a condition or a ttl', { skip }, async () => {
    const at = (await currentIndex()) + 1;
    await ask('set', 'cond', '1', { prevExist: false, ttl: 100 });
    const got = JSON.stringify(await ask('get', 'cond'));
    assert.match(got, /"expiration":"[^"]+Z","ttl":\d+,/);
    const exists = { errorCode: 105, message: 'Key already exists', cause: '/cond', index: at };
    assert.deepEqual(await refusal('set', 'cond', '2', { prevExist: false }), exists);
    await ask('set', 'cond', '2', { prevIndex: at, maxRetries: 1 });
    const cause = `[${at} != ${at + 1}]`;
    const failed = { errorCode: 101, message: 'Compare failed', cause, index: at + 1 };
    assert.deepEqual(await refusal('set', 'cond', '3', { prevIndex: at }), failed);
  });

  test('compareAndSwap, compareAndDelete and their other names', { skip }, async () => {
    const at = (await currentIndex()) + 1;
    await ask('set', 'swap', 'a');
    await ask('compareAndSwap', 'swap', 'b', 'a');
    const prevNode = { key: '/swap', value: 'b', modifiedIndex: at + 1, createdIndex: at };
    const node = { ...prevNode, value: 'c', modifiedIndex: at + 2 };
    const swapped = { action: 'compareAndSwap', node, prevNode };
    assert.deepEqual(await ask('testAndSet', 'swap', 'c', 'b'), swapped);
    const failed = { errorCode: 101, message: 'Compare failed', cause: '[a != c]', index: at + 2 };
    assert.deepEqual(await refusal('compareAndSwap', 'swap', 'd', 'a'), failed);
    assert.deepEqual(await refusal('testAndDelete', 'swap', 'a'), failed);
    assert.deepEqual(await ask('compareAndDelete', 'swap', 'c'), {
      action: 'compareAndDelete',
      node: { key: '/swap', modifiedIndex: at + 3, createdIndex: at },
      prevNode: node,
    });
  });

  test('create and post name keys in order', { skip }, async () => {
    const at = (await currentIndex()) + 1;
    await ask('create', 'queue', 'first');
    await ask('post', 'queue', 'second', { ttl: 100 });
    const listed = JSON.stringify(await ask('get', 'queue', { sorted: true }));
    const keys = [at, at + 1].map((index) => `/queue/${String(index).padStart(20, '0')}`);
    assert.deepEqual(listed.match(/\/queue\/\d+/g), keys);
  });

  test('mkdir, rmdir, del and delete', { skip }, async () => {
    const at = (await currentIndex()) + 1;
    const node = { key: '/dir', dir: true, modifiedIndex: at, createdIndex: at };
    assert.deepEqual(await ask('mkdir', 'dir'), { action: 'set', node });
    const again = { errorCode: 102, message: 'Not a file', cause: '/dir', index: at };
    assert.deepEqual(await refusal('mkdir', 'dir'), again);
    await ask('set', 'dir/sub/key', '1');
    const full = { errorCode: 108, message: 'Directory not empty', cause: '/dir', index: at + 1 };
    assert.deepEqual(await refusal('rmdir', 'dir'), full);
    await ask('del', 'dir/sub/key');
    await ask('rmdir', 'dir/sub');
    await ask('delete', 'dir', { recursive: true });
    const gone = { errorCode: 100, message: 'Key not found', cause: '/dir', index: at + 4 };
    assert.deepEqual(await refusal('get', 'dir'), gone);
  });

  test('watch waits for the next change, watchIndex for one that may be past', {
    skip,
  }, async () => {
    const at = (await currentIndex()) + 1;
    await ask('set', 'watched', 'old');
    const past = await ask('watchIndex', 'watched', at);
    const node = { key: '/watched', value: 'old', modifiedIndex: at, createdIndex: at };
    assert.deepEqual(past, { action: 'set', node });
    await allCurrent();
    const next = ask('watch', 'watched', { recursive: true });
    await until(async () => (await watchers(cluster)) === 1, 'it watches');
    await ask('set', 'watched', 'new');
    assert.match(JSON.stringify(await next), /"value":"new"/);
  });

  test('a watch that is cancelled leaves nothing behind', { skip }, async () => {
    await allCurrent();
    const token = etcd.start('watch', 'watched');
    await until(async () => (await watchers(cluster)) === 1, 'it watches');
    token.cancel();
    await until(async () => (await watchers(cluster)) === 0, 'the watcher is gone');
  });

  test('raw asks for any path', { skip }, async () => {
    await ask('raw', 'PUT', 'v2/keys/raw', 'value', { ttl: 100 });
    assert.match(JSON.stringify(await ask('raw', 'GET', 'v2/keys/raw', null)), /"value":"value"/);
    assert.match(JSON.stringify(await ask('raw', 'GET', 'v2/stats/store', null)), /"getsSuccess":/);
    const index = await ask('raw', 'POST', 'mod/v2/lock/raw', 'me', { ttl: 100 });
    const lock = JSON.stringify(await ask('raw', 'GET', 'mod/v2/lock/raw', null));
    assert.match(lock, new RegExp(`"index":${index},"value":"me"`));
  });

  test('leader, leaderStats, selfStats and version tell of the cluster', { skip }, async () => {
    const peer = String(await ask('leader'));
    assert.match(peer, /^http:\/\/127\.0\.0\.1:\d+$/);
    for (const name of cluster.names) {
      const one = new Etcd([cluster.url(name, '')]);
      const leads = (await cluster.leader()) === name;
      const self = JSON.stringify((await one.call('selfStats')).body);
      assert.match(self, leads ? /"state":"StateLeader"/ : /"state":"StateFollower"/);
      const stats = JSON.stringify((await one.call('leaderStats')).body);
      if (leads) assert.match(stats, /^{"leader":"[0-9a-f]+","followers":{"[0-9a-f]+":{"latency":/);
      else assert.equal(stats, '{"message":"not current leader"}');
    }
    const version = JSON.stringify(await ask('version'));
    assert.match(version, /^{"etcdserver":"3\.4\.0","etcdcluster":"3\.4\.0","conclave":"[\d.]+"}$/);
  });

  test('machines asks for a key that etcd 3.4 has not, either', { skip }, async () => {
    const answer = JSON.stringify(await refusal('machines'));
    assert.match(answer, /^{"errorCode":100,"message":"Key not found","cause":"\/_etcd/);
  });

  test('every call that has a synchronous form', { skip }, async () => {
    const script = fileURLToPath(new URL('sync-calls.mjs', import.meta.url));
    const { stdout } = await shell(`'${process.execPath}' '${script}' ${cluster.url('node1', '')}`);
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      ...['set /sync', 'get /sync', 'delete /sync'],
      ...['set /sync', 'delete /sync', 'error 100'],
    ]);
  });

  test('a watcher tells of every kind of event', { skip }, async () => {
    const at = (await currentIndex()) + 1;
    using watcher = new Events(etcd.watcher('kinds', at, { recursive: true }));
    await ask('set', 'kinds/a', '1');
    await ask('create', 'kinds', '1');
    await ask('set', 'kinds/a', '2', { prevExist: true, ttl: 1 });
    const actions = ['set', 'create', 'update', 'expire', 'delete'];
    const expected = actions.map((action, event): Seen => [action, at + event]);
    await watcher.are(expected.slice(0, -1));
    await ask('delete', 'kinds', { recursive: true });
    await watcher.are(expected);
  });

  test('a watcher without an index sees what comes after it began', { skip }, async () => {
    using watcher = new Events(etcd.watcher('fresh', null, {}));
    await until(async () => (await watchers(cluster)) === 1, 'it watches');
    const at = (await currentIndex()) + 1;
    for (let write = 0; write < 20; write += 1) await ask('set', 'fresh', String(write));
    await watcher.are(Array.from({ length: 20 }, (_, write): Seen => ['set', at + write]));
  });

  test('a watcher that comes too late goes on from the present', { skip }, async () => {
    const history = 1000;
    const at = await currentIndex();
    const writes = Array.from({ length: history + 1 }, (_, write) =>
      ask('set', 'late', `${write}`),
    );
    await Promise.all(writes);
    await allCurrent();
    const watcher = etcd.watcher('late', at + 1, {});
    using events = new Events(watcher);
    const [error] = await once(watcher, 'resync', { signal: AbortSignal.timeout(10_000) });
    assert.deepEqual(error.error, {
      errorCode: 401,
      message: 'The event in requested index is outdated and cleared',
      cause: `the requested history has been cleared [${at + 2}/${at + 1}]`,
      index: at + history + 1,
    });
    await ask('set', 'late', 'present');
    const present = at + history + 1;
    await events.are([present, present + 1].map((index) => ['set', index]));
  });

  test('watchers see every event, in order, while the leader dies and comes back', {
    skip,
  }, async () => {
    const at = (await currentIndex()) + 1;
    const leader = (await cluster.leader()) ?? '';
    const expected: Seen[] = [];
    const write = async () => {
      expected.push(['set', at + expected.length]);
      await ask('set', `through/${expected.length % 3}`, String(expected.length));
    };
    // Each of the first asks another member after every event; the last asks the leader only.
    const watch = (from: Etcd, maxRetries: number) =>
      new Events(from.watcher('through', at, { recursive: true, maxRetries }));
    const free = Array.from({ length: 6 }, () => watch(etcd, 3));
    const bound = watch(new Etcd([cluster.url(leader, '')]), 0);
    try {
      await write();
      await until(async () => (await watchers(cluster)) === 7, 'all watch again');
      while ((await watchers(cluster, leader)) < 2) {
        await write();
        await until(async () => (await watchers(cluster)) === 7, 'all watch again');
      }
      await cluster.cluster.kill(leader);
      for (let count = 0; count < 20; count += 1) await write();
      for (const watcher of free) await watcher.are(expected);
      await cluster.cluster.restart(leader);
      for (let count = 0; count < 10; count += 1) await write();
      for (const watcher of [...free, bound]) await watcher.are(expected);
    } finally {
      for (const watcher of [...free, bound]) watcher[Symbol.dispose]();
    }
  });
});

function succeeded(answer: Answer): Answer {
  assert.equal(answer.error, null);
  return answer;
}

/** How many watch, at one member or at all. */
async function watchers(cluster: RealCluster, ...only: readonly string[]): Promise<number> {
  const names = only.length === 0 ? cluster.names : only;
  const counts = await Promise.all(
    names.map(async (name) => {
      const statistics: { watchers: number } = JSON.parse(
        await (await cluster.get(name, '/v2/stats/store')).text(),
      );
      return statistics.watchers;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
