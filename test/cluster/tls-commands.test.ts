import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { ended, start } from '../cli/recorded-command.js';
import { ApiServer } from '../support/api-server.js';
import { Authority, type Issued, pemOf } from '../support/certificates.js';
import { until } from './until.js';

describe('the commands by https', () => {
  const authority = new Authority();
  let server: ApiServer;
  let shown: Issued;
  before(async () => {
    shown = authority.issue({ commonName: 'a client', names: [] });
    const ca = readFileSync(authority.caFile, 'latin1');
    const contextOptions = { ...pemOf(authority.issue()), ca };
    const secure = {
      contextOptions,
      wantsCertificate: true,
      namesUsers: false,
      onReplaced: () => {},
    };
    server = await ApiServer.start({}, {}, secure);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    authority[Symbol.dispose]();
  });

  const url = () => `https://localhost:${server.port}`;
  const flags = () => [
    ...['--cacert', authority.caFile, '--cert', shown.certFile],
    ...['--cert-key', shown.keyFile],
  ];
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    ended(start(args, { CONCLAVE_ENDPOINTS: url(), ...env }));

  test('write, read and lock, with their certificate in flags or in the environment', async () => {
    assert.equal((await run(['set', '/a', '1', ...flags()])).stderr, '');
    const env = {
      CONCLAVE_CACERT: authority.caFile,
      CONCLAVE_CERT: shown.certFile,
      CONCLAVE_CERT_KEY: shown.keyFile,
    };
    assert.equal((await run(['get', '/a'], env)).stdout, '1\n');
    const taken = await run(['lock', 'job', ...flags()], env);
    assert.match(taken.stdout, /^\d+\n$/);
    const missing = await run(['get', '/none', ...flags()]);
    assert.deepEqual(
      [missing.code, missing.stderr],
      [1, 'conclave: /none: there is no such key\n'],
    );
  });

  test('watch, and end when they are told to', async () => {
    const child = start(['watch', '/w', ...flags()], { CONCLAVE_ENDPOINTS: url() });
    const { keys } = server.coordinator.state;
    await until(() => keys.statistics().watchers === 1, 'it watches', 30_000);
    const changed = once(child.stdout, 'data');
    assert.equal((await run(['set', '/w', 'x', ...flags()])).code, 0);
    assert.match(String((await changed)[0]), /x/);
    child.kill('SIGINT');
    await ended(child);
    await until(() => keys.statistics().watchers === 0, 'it has gone');
  });

  test('tell of a member’s health', async () => {
    const told = await run(['health', '--endpoints', url(), ...flags()]);
    assert.deepEqual([told.code, told.stdout], [0, `${url()} is healthy\n`]);
    const other = await run(['health', '--endpoints', url(), '--cacert', authority.caFile]);
    assert.equal(other.code, 1);
    const untrusted = await run(['health', '--endpoints', url()]);
    assert.match(untrusted.stdout, /is not healthy: (?:self-signed|unable to verify)/);
  });

  test('say in one line which of their files is wrong', async () => {
    const said = async (...args: readonly string[]) => {
      const { code, stderr } = await run(['get', '/a', ...args]);
      assert.equal(code, 2);
      return stderr.replaceAll(`${authority.folder}/`, '');
    };
    assert.equal(
      await said('--cacert', authority.path('none')),
      'conclave: --cacert none cannot be read: there is no such file\n',
    );
    assert.equal(
      await said('--cert', shown.certFile),
      'conclave: --cert and --cert-key belong together: give both, or none\n',
    );
    const other = authority.issue();
    assert.match(
      await said('--cert', shown.certFile, '--cert-key', other.keyFile),
      /^conclave: the certificates cannot be used: .*key values mismatch\n$/,
    );
  });
});
