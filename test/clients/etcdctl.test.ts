import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { shell } from '../cluster/shell.js';
import { until } from '../cluster/until.js';
import { Etcd, installedEtcd } from '../referee/etcd.js';
import { Console, parseTranscript } from '../support/transcript.js';
import { EtcdctlProcess, etcdctlMissing, etcdctlPrelude } from './etcdctl.js';

const sections = parseTranscript(readFileSync(new URL('etcdctl.txt', import.meta.url), 'utf8'));
const skip = etcdctlMissing;
const etcdMissing = installedEtcd() === undefined && 'etcd is not installed';

describe('etcdctl 3.4 works with Conclave as with etcd', () => {
  let cluster: RealCluster;
  let urls: readonly string[];
  before(async () => {
    if (skip !== false) return;
    cluster = await RealCluster.start(patient);
    urls = cluster.names.map((name) => cluster.url(name, ''));
  });
  after(async () => await cluster?.[Symbol.asyncDispose]());

  const currentIndex = async () =>
    Number((await cluster.get('node1', '/v2/keys/')).headers.get('x-etcd-index'));
  const run = async (endpoints: readonly string[], command: string) =>
    await shell(`${etcdctlPrelude(endpoints)}\n${command}`);

  // Writes and reads of one run go through the same member, those of the other through all in turn.
  for (const who of ['one member', 'the members in turn, and whichever it picks of all']) {
    test(`through ${who}`, { skip }, async (t) => {
      const start = await currentIndex();
      const ways = who === 'one member' ? [urls.slice(-1)] : [...urls.map((url) => [url]), urls];
      const transcript = new Console((text) => fromStart(text, start));
      let step = 0;
      for (const { title, steps } of sections) {
        await t.test(title, async () => {
          for (const each of steps) {
            await transcript.run(each, etcdctlPrelude(ways[step % ways.length] ?? []));
            step += 1;
          }
        });
      }
    });
  }

  test('a read of one member sees what that member has acknowledged', { skip }, async () => {
    for (const [position, url] of urls.entries()) {
      await run([url], `etcdctl set /local ${position}`);
      assert.equal((await run([url], 'etcdctl get /local')).stdout, `${position}\n`);
      assert.equal((await run([url], 'etcdctl ls /local')).stdout, '/local\n');
    }
  });

  test('watch --forever shows every event, in order, whoever caused it', { skip }, async () => {
    const start = await currentIndex();
    const flags = ['--recursive', '--forever', '--after-index', String(start)];
    await using watch = new EtcdctlProcess(urls, ['watch', ...flags, '/forever']);
    await run([urls[0] ?? ''], 'etcdctl set /forever/a 1');
    await run([urls[1] ?? ''], 'etcdctl set /elsewhere 2');
    await watch.prints('[set] /forever/a\n1');
    await run([urls[2] ?? ''], 'etcdctl update --ttl 1 /forever/a 3');
    await watch.prints('[set] /forever/a\n1\n[update] /forever/a\n3\n[expire] /forever/a');
  });

  test('exec-watch runs its command for every event', { skip }, async () => {
    const start = await currentIndex();
    const flags = ['--recursive', '--after-index', String(start)];
    const command = ['sh', '-c', 'echo $ETCD_WATCH_ACTION $ETCD_WATCH_KEY $ETCD_WATCH_VALUE'];
    await using watch = new EtcdctlProcess(urls, ['exec-watch', ...flags, ...command, '/exec']);
    await run(urls, 'etcdctl set /exec/a 1');
    await watch.prints('set /exec/a 1');
    await run(urls, 'etcdctl rm /exec/a');
    await watch.prints('set /exec/a 1\ndelete /exec/a');
  });

  test('it finds the other members by itself', { skip }, async () => {
    const { stdout } = await run([urls[0] ?? ''], 'command etcdctl --debug set /found 1 2>&1');
    assert.match(stdout, /start to sync cluster using endpoints/);
    const [, found = ''] = /got endpoints\(([^)]*)\) after sync/.exec(stdout) ?? [];
    assert.deepEqual(found.split(',').sort(), [...urls].sort());
  });

  test('member list names every member and the leader', { skip }, async () => {
    const leader = await cluster.leader();
    for (const endpoints of [...urls.map((url) => [url]), urls]) {
      const { code, stdout } = await run(endpoints, 'etcdctl member list');
      assert.equal(code, 0);
      const members = stdout.trimEnd().split('\n').sort(byName);
      assert.equal(members.length, 3);
      for (const [position, member] of members.entries()) {
        const name = `node${position + 1}`;
        const form = `^[0-9a-f]{16}: name=${name} peerURLs=http://127\\.0\\.0\\.1:\\d+ clientURLs=${urls[position]} isLeader=${name === leader}$`;
        assert.match(member, new RegExp(form));
      }
    }
  });

  test('there are no users, and the one role that etcd has from the start', { skip }, async () => {
    for (const [command, says] of [
      ['user list', ''],
      ['role list', 'root\n'],
    ] as const) {
      const { code, stdout } = await run(urls, `etcdctl ${command}`);
      assert.deepEqual([code, stdout], [0, says], command);
    }
  });

  test('what is refused has a reason that etcdctl shows', { skip }, async () => {
    for (const [command, says] of [
      ['auth enable', /No root user available, please create one/],
      ['role remove root', /Cannot modify role root: is root role/],
      ['member remove 123', /Couldn't find a member in the cluster with an ID of 123/],
    ] as const) {
      const { code, stdout } = await run(urls, `etcdctl ${command} 2>&1`);
      assert.match(stdout, says, command);
      assert.equal(code, 1, command);
    }
  });

  test('a member is added, moved and removed', { skip }, async () => {
    const added = await run(urls, 'etcdctl member add node4 http://127.0.0.1:1');
    const [, id = ''] =
      /^Added member named node4 with ID (\w+) to cluster/.exec(added.stdout) ?? [];
    assert.notEqual(id, '', added.stderr);
    assert.match(added.stdout, /ETCD_INITIAL_CLUSTER=".*node4=http:\/\/127\.0\.0\.1:1/);
    const moved = await run(urls, `etcdctl member update ${id} http://127.0.0.1:2`);
    assert.match(moved.stdout, new RegExp(`^Updated member with ID ${id} in cluster`));
    const taken = await run(urls, 'etcdctl member add node5 http://127.0.0.1:2 2>&1');
    assert.match(taken.stdout, /membership: peerURL exists/);
    const listed = await run(urls, 'etcdctl member list');
    assert.match(listed.stdout, new RegExp(`^${id}.*peerURLs=http://127.0.0.1:2`, 'm'));
    const removed = await run(urls, `etcdctl member remove ${id}`);
    assert.match(removed.stdout, new RegExp(`^Removed member ${id} from cluster`));
    assert.doesNotMatch((await run(urls, 'etcdctl member list')).stdout, new RegExp(id));
  });

  test('cluster-health follows the members', { skip }, async () => {
    const whole = await run(urls, 'etcdctl cluster-health');
    assert.equal(whole.code, 0);
    assert.equal(whole.stdout.match(/is healthy: got healthy result/g)?.length, 3);
    assert.match(whole.stdout, /\ncluster is healthy\n$/);

    const [first, second] = cluster.names.filter((name) => name !== 'node1');
    await cluster.cluster.kill(first ?? '');
    const others = urls.filter((_, position) => cluster.names[position] !== first);
    for (const url of others) {
      await until(async () => (await fetch(`${url}/health`)).ok, `${url} knows a leader again`);
    }
    const degraded = await run([urls[0] ?? ''], 'etcdctl cluster-health');
    assert.match(degraded.stdout, /is unreachable: .*\n/);
    assert.match(degraded.stdout, /\ncluster is degraded\n$/);
    assert.equal(degraded.code, 5);

    await cluster.cluster.kill(second ?? '');
    const lost = await run([urls[0] ?? ''], 'etcdctl cluster-health');
    assert.match(lost.stdout, /is unhealthy: got unhealthy result/);
    assert.match(lost.stdout, /\ncluster is unavailable\n$/);
    assert.equal(lost.code, 5);
  });

  test('without a majority a write ends with the exit code of a server error', {
    skip,
  }, async () => {
    const { code, stderr } = await run([urls[0] ?? ''], 'etcdctl set /a 1');
    assert.equal(code, 4, stderr);
  });
});

test('what is expected of Conclave is what etcd does', { skip: skip || etcdMissing }, async () => {
  await using etcd = await Etcd.start();
  const url = `http://127.0.0.1:${etcd.port}`;
  const start = Number((await fetch(`${url}/v2/keys/`)).headers.get('x-etcd-index'));
  const transcript = new Console((text) => fromStart(text, start));
  for (const step of sections.flatMap(({ steps }) => steps)) {
    await transcript.run(step, etcdctlPrelude([url]));
  }
});

/** `<3>` is the third index after the start, with as many digits as are written. */
function fromStart(text: string, start: number): string {
  return text.replaceAll(/<(\d+)>/g, (_, digits: string) =>
    String(start + Number(digits)).padStart(digits.length, '0'),
  );
}

function byName(one: string, other: string): number {
  return (/name=\S+/.exec(one)?.[0] ?? '') < (/name=\S+/.exec(other)?.[0] ?? '') ? -1 : 1;
}
