import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { type CommandProcess, ended, start } from '../cli/recorded-command.js';
import { ApiServer } from '../support/api-server.js';
import { until } from './until.js';

describe('conclave locks', () => {
  let server: ApiServer;
  before(async () => {
    server = await ApiServer.start();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  const startHere = (...args: readonly string[]) =>
    start(['locks', ...args], { CONCLAVE_ENDPOINTS: `http://127.0.0.1:${server.port}` });
  const run = (...args: readonly string[]) => ended(startHere(...args));
  const acquire = async (name: string, value: string) =>
    (await server.ask('POST', `/mod/v2/lock/${name}?ttl=60`, `value=${value}`)).body;
  const drop = (name: string, index: string) =>
    server.ask('DELETE', `/mod/v2/lock/${name}?index=${index}`);

  /** The next line that it prints is this one. */
  const reading = (child: CommandProcess) => {
    let output = '';
    child.stdout.on('data', (text: string) => {
      output += text;
    });
    return async (expected: RegExp) => {
      await until(() => output.includes('\n'), `a line like ${expected}`);
      const end = output.indexOf('\n');
      const line = output.slice(0, end);
      output = output.slice(end + 1);
      assert.match(line, expected);
    };
  };
  const stop = async (child: CommandProcess) => {
    const over = once(child, 'close');
    child.kill();
    await over;
  };

  test('release takes a lock away, and the history says that it was forced', async () => {
    const index = await acquire('job', 'ann');
    const released = await run('release', 'job', '--index', index);
    assert.deepEqual(released, { code: 0, signal: null, stdout: '', stderr: '' });
    const headers = { Accept: 'application/json' };
    const { body } = await server.askFor({ method: 'GET', path: '/mod/v2/lock/job', headers });
    assert.equal(JSON.parse(body).history.at(-1).action, 'forced');
  });

  test('shows a lock that has the name of the subcommand', async () => {
    await acquire('release', 'ann');
    assert.match((await run('/release')).stdout, /^holds: ann /);
    await run('release', 'release', '--index', await acquire('release', 'ann'));
    assert.equal((await run('/release')).stdout, 'free\n');
  });

  test('release of a place that is not there says so, and who holds the lock', async () => {
    const index = await acquire('taken', 'bob');
    const taken = await run('release', 'taken', '--index', '999999');
    const holder = `held by bob (index ${index})`;
    const line = `conclave: taken: there is no place 999999; ${holder}\n`;
    assert.deepEqual([taken.code, taken.stderr], [1, line]);
    const free = await run('release', 'free', '--index', index);
    const nobody = `conclave: free: there is no place ${index}; nobody holds it\n`;
    assert.deepEqual([free.code, free.stderr], [1, nobody]);
    const unnamed = await run('release', 'taken');
    const usage = 'conclave: say with --index which place is meant\n';
    assert.deepEqual([unnamed.code, unnamed.stderr], [2, usage]);
    await drop('taken', index);
  });

  test('--watch tells one lock and each change of who holds it or waits, but no renewal', async () => {
    await acquire('deep', 'other');
    const child = startHere('deep/one', '--watch');
    const line = reading(child);
    await line(/^deep\/one: free$/);
    const first = await acquire('deep/one', 'ann');
    await line(/^deep\/one: held by ann \(index \d+\); 0 waiting$/);
    await server.ask('PUT', `/mod/v2/lock/deep/one?ttl=60&index=${first}`);
    await acquire('deep/one/below', 'eve');
    const waits = server.ask('POST', '/mod/v2/lock/deep/one?ttl=60', 'value=bob');
    await line(/^deep\/one: held by ann \(index \d+\); 1 waiting$/);
    await drop('deep/one', first);
    await line(/^deep\/one: held by bob \(index \d+\); 0 waiting$/);
    await drop('deep/one', (await waits).body);
    await line(/^deep\/one: free$/);
    await stop(child);
  });

  test('--watch tells all locks, each in its line, and those that come and go', async () => {
    const old = await acquire('a/old', 'ann');
    const child = startHere('--watch', '--json');
    const line = reading(child);
    const lock = (name: string, holding: number) =>
      new RegExp(`^{"name":"${name}","limit":1,"holders":.*,"holding":${holding},"waiting":0}$`);
    await line(lock('a/old', 1));
    for (const name of ['deep', 'deep/one/below']) await line(lock(name, 1));
    const next = await acquire('new', 'bob');
    await line(lock('new', 1));
    await drop('a/old', old);
    await line(lock('a/old', 0));
    await drop('new', next);
    await line(lock('new', 0));
    await stop(child);
  });
});
