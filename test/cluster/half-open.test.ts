import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startReachableMember } from './reachable-member.js';
import { SeparateHost } from './separate-host.js';
import { until } from './until.js';

/** Undefined when this machine has none to give. */
async function separateHost(context: TestContext): Promise<SeparateHost | undefined> {
  const host = await SeparateHost.start();
  if (typeof host !== 'string') {
    context.after(async () => await host[Symbol.asyncDispose]());
    return host;
  }
  context.skip(`needs a network namespace (root; apt-get install iproute2 nftables): ${host}`);
  return undefined;
}

interface Client {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly leftWithinMs: number;
}

/** Some wait behind somebody else, and some hold for as long as they are connected. */
const vanishing: readonly Client[] = [
  { method: 'POST', path: 'lock/door', query: 'ttl=12&value=gone', leftWithinMs: 12_000 },
  { method: 'PUT', path: 'leader/door', query: 'ttl=12&name=gone', leftWithinMs: 12_000 },
  { method: 'POST', path: 'lock/hut', query: 'ttl=4&value=gone', leftWithinMs: 4_000 },
  // As the client library waits: a blank line is on its way when the host vanishes, or soon after.
  ...['ttl=60&value=gone&progress=5', 'ttl=60&value=gone&progress=8'].map((query, at) => {
    return { method: 'POST', path: `lock/loft${at}`, query, leftWithinMs: 16_500 };
  }),
  {
    method: 'POST',
    path: 'lock/attic',
    query: 'ttl=12&value=gone&progress=5',
    leftWithinMs: 12_000,
  },
  ...[
    { path: 'lock/room', ttl: 12, leftWithinMs: 12_000 },
    { path: 'lock/cell', ttl: 5, leftWithinMs: 5_000 },
    // Somebody else holds it until the host has vanished, which then never confirms the grant.
    { path: 'lock/late', ttl: 60, leftWithinMs: 12_000 },
  ].map(({ path, ttl, leftWithinMs }) => {
    const query = `ttl=${ttl}&value=gone&hold=connection`;
    return { method: 'POST', path, query, leftWithinMs };
  }),
];

/** Somebody else holds these first. */
const waitedFor = ['door', 'hut', 'late', 'loft0', 'loft1', 'attic'].map((name) => `lock/${name}`);

/** The index of the queue entry that vanishes; undefined when there is none. */
async function entryAt(url: string): Promise<number | undefined> {
  const answer = await fetch(url, { headers: { Accept: 'application/json' } });
  if (answer.status !== 200) return undefined;
  const { holders, queue } = JSON.parse(await answer.text());
  return [...holders, ...queue].find(({ value }) => value === 'gone')?.index;
}

test('clients whose host vanishes without a word have lost their queue entries before their TTL is over', async (context) => {
  const host = await separateHost(context);
  if (host === undefined) return;
  const port = await startReachableMember(context, host.gateway);
  const url = (path: string) => `http://127.0.0.1:${port}${path}`;
  const take = async (method: string, path: string, query: string) =>
    (await fetch(url(`/mod/v2/${path}?ttl=60&${query}`), { method })).status;
  const release = async (path: string) =>
    (await fetch(url(`/mod/v2/${path}?value=holder`), { method: 'DELETE' })).status;
  const entriesNow = () =>
    Promise.all(vanishing.map(({ path }) => entryAt(url(`/mod/v2/${path}`))));
  const leavesAt = async (path: string, index: number | undefined) => {
    const key = `/_etcd/mod/${path}/${String(index).padStart(20, '0')}`;
    const signal = AbortSignal.timeout(20_000);
    let event = { action: '', node: { modifiedIndex: Number(index) } };
    // A queue entry that is held by a connection is renewed until it is left.
    while (event.action !== 'delete') {
      const query = `wait=true&waitIndex=${event.node.modifiedIndex + 1}`;
      const answer = await fetch(url(`/v2/keys${key}?${query}`), { signal });
      event = JSON.parse(await answer.text());
      assert.notEqual(event.action, 'expire');
    }
    return performance.now();
  };

  for (const lock of waitedFor) {
    assert.equal(await take('POST', lock, 'value=holder'), 200);
  }
  assert.equal(await take('PUT', 'leader/door', 'name=holder'), 200);
  for (const { method, path, query } of vanishing) {
    const there = `http://${host.gateway}:${port}/mod/v2/${path}?${query}`;
    host.spawn('curl', ['-sfN', '-X', method, there]);
  }
  const allQueued = async () => (await entriesNow()).every((index) => index !== undefined);
  await until(allQueued, 'all have a queue entry');
  // TCP repeats unacknowledged bytes again and again, and gives up only much later.
  await until(() => host.hasConfirmed(vanishing.length), 'the host has confirmed what it was sent');
  const entries = await entriesNow();
  const vanishedAt = performance.now();
  await host.vanish();
  assert.deepEqual(await entriesNow(), entries);

  assert.equal(await release('lock/late'), 200);
  const behind = ['lock/door', 'lock/room', 'lock/cell', 'lock/late'].map((path) =>
    take('POST', path, 'value=behind'),
  );
  const departures = vanishing.map(async ({ path, query, leftWithinMs }, client) => {
    const afterMs = Math.round((await leavesAt(path, entries[client])) - vanishedAt);
    const what = `${path}?${query} was left after ${afterMs} ms`;
    context.diagnostic(what);
    assert.ok(afterMs > 1_000 && afterMs < leftWithinMs, what);
  });
  await Promise.all(departures);
  assert.equal(await release('lock/door'), 200);
  assert.deepEqual(await Promise.all(behind), [200, 200, 200, 200]);
});
