import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { root } from '../../scripts/packages.mjs';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { Program } from '../programs/program.js';

describe('each program of examples/ does what it says', () => {
  let real: RealCluster;
  before(async () => {
    real = await RealCluster.start(patient);
  });
  after(async () => await real[Symbol.asyncDispose]());

  const start = (file: string, env: Readonly<Record<string, string>> = {}) => {
    const CONCLAVE_ENDPOINTS = real.names.map((name) => real.url(name, '')).join();
    const command = [process.execPath, join(root, 'examples', file)];
    return new Program(command, { CONCLAVE_ENDPOINTS, ...env });
  };

  test('node-cron.mjs: of two, one runs each fire, and the other goes on alone', async () => {
    await using first = start('node-cron.mjs');
    await using second = start('node-cron.mjs');
    const fires = () => (first.output + second.output).match(/^.*\n/gm) ?? [];
    await until(() => fires().length >= 4, 'some fires were run', 30_000);
    await first.end('SIGKILL');
    const before = second.output.length;
    await until(() => second.output.length > before, 'the other one runs the next fire', 30_000);
    const all = fires();
    assert.match(all[0] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z\n$/);
    assert.equal(new Set(all).size, all.length, all.join(''));
  });

  test('worker.mjs: one works, and what it writes after a long pause is refused', async () => {
    const addJob = async (value: string) => {
      const answer = await real.request('node1', 'POST', '/v2/keys/jobs/waiting', { value });
      assert.equal(answer.status, 201);
    };
    const done = async () => {
      const answer = await real.get('node2', '/v2/keys/jobs/done?sorted=true');
      const { node } = (await answer.json()) as { readonly node?: Done };
      return (node?.nodes ?? []).map(({ value }) => value);
    };
    await addJob('one');
    await using first = start('worker.mjs');
    await until(async () => (await done()).length === 1, 'a job is done', 30_000);
    await using second = start('worker.mjs');
    await addJob('two');
    await until(async () => (await done()).length === 2, 'another job is done');
    await addJob('three');
    await first.prints('begins three');
    process.kill(first.pid, 'SIGSTOP');
    await until(async () => (await done()).length === 3, 'it is replaced', 30_000);
    process.kill(first.pid, 'SIGCONT');
    await first.prints(/^lost lock "jobs": place \d+ /m);
    assert.deepEqual(await done(), [
      `ONE by ${first.pid}`,
      `TWO by ${first.pid}`,
      `THREE by ${second.pid}`,
    ]);
    assert.match(second.output, /^works as \d+\nbegins three\n$/);
  });

  test('koa-singleton.mjs: one instance leads, and the next one when that is stopped', async () => {
    const ports = await freePorts(2);
    const programs = ports.map((port) => start('koa-singleton.mjs', { PORT: String(port) }));
    const [first, second] = programs as [Program, Program];
    try {
      const status = async (port: number | undefined) => {
        const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
        return ((await answer?.json()) as { readonly leads: boolean } | undefined)?.leads;
      };
      let leads: readonly (boolean | undefined)[] = [];
      const oneLeads = async () => {
        leads = await Promise.all(ports.map(status));
        return !leads.includes(undefined) && leads.includes(true);
      };
      await until(oneLeads, 'both serve, and one leads', 30_000);
      assert.deepEqual(leads.toSorted(), [false, true]);
      const [leader, other] = leads[0] === true ? [first, second] : [second, first];
      await leader.prints('the only one that does this');
      await leader.end('SIGTERM');
      await other.prints('the only one that does this');
      await other.end('SIGTERM');
    } finally {
      for (const program of programs) await program[Symbol.asyncDispose]();
    }
  });

  /** As Terraform sends it, version 1.11. */
  const lockInfo = (id: string) =>
    `{"ID":"${id}","Operation":"OperationTypeApply","Info":"","Who":"root@${id}",` +
    '"Version":"1.11.4","Created":"2030-01-01T00:00:00.448306193Z","Path":""}';

  const startBackend = async (env: Readonly<Record<string, string>> = {}) => {
    const [port = 0] = await freePorts(1);
    const program = start('terraform-backend.mjs', { PORT: String(port), ...env });
    const ask = async (method: string, path: string, body?: string) => {
      const init = body === undefined ? { method } : { method, body };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
      return [answer.status, await answer.text()] as const;
    };
    const serves = async () => {
      const answer = await ask('GET', '/no-such-state').catch(() => undefined);
      return answer?.[0] === 404;
    };
    await until(serves, 'the backend serves', 30_000);
    return { program, ask };
  };

  test('terraform-backend.mjs: locks, keeps the state, and says who has the lock', async () => {
    const { program, ask } = await startBackend();
    await using _ = program;
    const [ann, bob] = [lockInfo('ann'), lockInfo('bob')];
    const state = JSON.stringify({ version: 4, serial: 1, outputs: {} }, null, 2);
    const steps: readonly (readonly [string, string, string | undefined, number, string?])[] = [
      ['LOCK', '/prod', ann, 200, ''],
      ['GET', '/prod', undefined, 404],
      ['LOCK', '/prod', bob, 423, ann],
      ['POST', '/prod?ID=bob', state, 409],
      ['POST', '/prod?ID=ann', state, 200],
      ['GET', '/prod', undefined, 200, state],
      ['UNLOCK', '/prod', bob, 409, ann],
      ['UNLOCK', '/prod', ann, 200, ''],
      ['POST', '/prod?ID=ann', state, 409, 'the lock is lost\n'],
      ['LOCK', '/prod', bob, 200, ''],
      // terraform force-unlock
      ['UNLOCK', '/prod', '', 200, ''],
      ['LOCK', '/prod', ann, 200, ''],
      ['LOCK', '/prod', '{', 423, ann],
      ['UNLOCK', '/prod', '{', 503],
    ];
    for (const [method, path, body, status, expected] of steps) {
      const answer = await ask(method, path, body);
      assert.equal(answer[0], status, `${method} ${path}: ${answer[1]}`);
      if (expected !== undefined) assert.equal(answer[1], expected, `${method} ${path}`);
    }
  });

  test('terraform-backend.mjs: a lock ends with its TTL, and a late state is refused', async () => {
    const { program, ask } = await startBackend({ TTL: '1' });
    await using _ = program;
    assert.equal((await ask('LOCK', '/late', lockInfo('ann')))[0], 200);
    const isFree = async () => (await ask('LOCK', '/late', lockInfo('bob')))[0] === 200;
    await until(isFree, 'the TTL is over');
    assert.equal((await ask('POST', '/late?ID=ann', '{}'))[0], 409);
  });
});

test('examples/README.md lists every example, and each is run by a test', () => {
  const page = readFileSync(join(root, 'examples', 'README.md'), 'utf8');
  const listed = [...page.matchAll(/^\| \[([^\]]+)\]\(\1\) /gm)].map(([, file = '']) => file);
  const files = readdirSync(join(root, 'examples')).filter((file) => file !== 'README.md');
  assert.deepEqual(listed.toSorted(), files.toSorted());
  const tests = ['examples.test.ts', 'nginx.test.ts'].map((file) =>
    readFileSync(join(root, 'test', 'examples', file), 'utf8'),
  );
  assert.deepEqual(
    files.filter((file) => !tests.join('').includes(`'${file}'`)),
    [],
  );
});

interface Done {
  readonly nodes?: readonly { readonly value: string }[];
}
