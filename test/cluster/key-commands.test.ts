import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { ended, start } from '../cli/recorded-command.js';
import { ApiServer } from '../support/api-server.js';
import { until } from './until.js';

describe('the commands for keys', () => {
  let server: ApiServer;
  before(async () => {
    server = await ApiServer.start();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  const env = () => ({ CONCLAVE_ENDPOINTS: `http://127.0.0.1:${server.port}` });
  const startHere = (args: readonly string[]) => start(args, env());
  const run = (...args: readonly string[]) => ended(startHere(args));

  test('write, read, list and remove', async () => {
    assert.deepEqual(await run('set', '/a/b', 'two words', '--ttl', '1h'), {
      ...{ code: 0, signal: null, stdout: '', stderr: '' },
    });
    await server.ask('PUT', '/v2/keys/a/dir/c', 'value=-5');
    const got = await Promise.all([
      run('get', 'a/b'),
      run('get', '/a/b', '--json'),
      run('get', '/a/dir/c'),
      run('ls', '/a'),
      run('ls', '--recursive'),
    ]);
    assert.equal(got[0]?.stdout, 'two words\n');
    const { key, value, ttl } = JSON.parse(got[1]?.stdout ?? '');
    assert.deepEqual([key, value, ttl > 0], ['/a/b', 'two words', true]);
    assert.deepEqual(
      got.slice(2).map(({ stdout }) => stdout),
      ['-5\n', '/a/b\n/a/dir/\n', '/a/\n/a/b\n/a/dir/\n/a/dir/c\n'],
    );
    const removed = await run('rm', '/a', '--recursive', '--json');
    assert.equal(JSON.parse(removed.stdout).action, 'delete');
  });

  test('say in one line what was wrong', async () => {
    await server.ask('PUT', '/v2/keys/dir/file', 'value=1');
    const cases = [
      [['get', '/no'], 1, /^conclave: \/no: there is no such key\n$/],
      [['rm', '/no'], 1, /^conclave: \/no: there is no such key\n$/],
      [['get', '/dir'], 1, /^conclave: \/dir: it is a directory; conclave ls lists it.*\n$/],
      [['rm', '/dir'], 1, /it is a directory; .*conclave rm --recursive removes it\n$/],
      [['set', '/dir/file/x', '1'], 1, /a key with a value is in the way.*\n$/],
      [
        ['set', '/x', '1', '--ttl', 'soon'],
        2,
        /^conclave: --ttl must be seconds, or a duration.*\n$/,
      ],
      [['watch', '/x', '--since', '0'], 2, /^conclave: --since must be a whole number.*\n$/],
      [['get', '/a/..'], 2, /^conclave: "\/a\/.." is no name.*\n$/],
      [['locks', ''], 2, /^conclave: "" is no name.*\n$/],
    ] as const;
    const told = await Promise.all(cases.map(([args]) => run(...args)));
    for (const [position, [, code, line]] of cases.entries()) {
      assert.equal(told[position]?.code, code);
      assert.match(told[position]?.stderr ?? '', line);
      assert.equal(told[position]?.stdout, '');
    }
  });

  test('watch tells changes from the past, and ends quietly with its reader', async () => {
    const { headers } = await server.ask('PUT', '/v2/keys/w', 'value=1');
    const since = String(headers['x-etcd-index']);
    const child = startHere(['watch', '/w', '--since', since]);
    const over = once(child, 'close');
    let stderr = '';
    child.stderr.on('data', (text: string) => {
      stderr += text;
    });
    const [first]: unknown[] = await once(child.stdout, 'data');
    assert.equal(first, 'set /w 1\n');
    child.stdout.destroy();
    await server.ask('DELETE', '/v2/keys/w');
    assert.deepEqual([...(await over), stderr], [0, null, '']);
  });

  test('locks tells who holds each of more locks than a page has, and who waits', async () => {
    for (let number = 1; number <= 1001; number += 1) {
      const name = `n${String(number).padStart(4, '0')}`;
      await server.ask('POST', `/mod/v2/lock/${name}?ttl=60`, `value=v${number}`);
    }
    const waiting = server.open({ method: 'POST', path: '/mod/v2/lock/n0001?ttl=60&value=late' });
    const headers = { Accept: 'application/json' };
    const lock = { method: 'GET', path: '/mod/v2/lock/n0001', headers };
    const waits = async () => (await server.askFor(lock)).body.includes('"late"');
    await until(waits, 'it waits');
    const [all, one, json] = await Promise.all([
      run('locks'),
      run('locks', 'n0001'),
      run('locks', 'n0001', '--json'),
    ]);
    const lines = all.stdout.trimEnd().split('\n');
    assert.equal(lines.length, 1001);
    assert.match(lines[0] ?? '', /^n0001: held by v1 \(index \d+\); 1 waiting$/);
    assert.match(lines[1000] ?? '', /^n1001: held by v1001 \(index \d+\); 0 waiting$/);
    assert.match(one.stdout, /^holds: v1 \(index \d+\)\nwaits: late \(index \d+\)\n$/);
    assert.equal(JSON.parse(json.stdout).queue[0].value, 'late');
    waiting.leave();
  });

  test('leader tells who leads, and each change', async () => {
    const nobody = await run('leader', 'jobs');
    assert.deepEqual([nobody.code, nobody.stdout], [1, '']);
    assert.equal(nobody.stderr, 'conclave: jobs: nobody leads\n');
    await server.ask('PUT', '/mod/v2/leader/jobs?ttl=60', 'name=ann');
    assert.equal((await run('leader', 'jobs')).stdout, 'ann\n');
    const child = startHere(['leader', 'jobs', '--watch']);
    const over = once(child, 'close');
    assert.deepEqual(await once(child.stdout, 'data'), ['ann\n']);
    await server.ask('DELETE', '/mod/v2/leader/jobs?name=ann');
    assert.deepEqual(await once(child.stdout, 'data'), ['\n']);
    child.kill();
    await over;
  });

  test('exit with 69 when no member is reached', async () => {
    const [port = 0] = await freePorts(1);
    const told = await run('get', '/x', '--endpoints', `http://127.0.0.1:${port}`);
    assert.equal(told.code, 69);
    assert.match(told.stderr, /^conclave: \/x: no member was reached: .*\n$/);
  });
});
