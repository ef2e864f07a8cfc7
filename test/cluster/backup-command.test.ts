import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readBackup } from '../backup/samples.js';
import { ended, start } from '../cli/recorded-command.js';
import { asBuilt, patient, RealCluster } from './real-cluster.js';
import { shell } from './shell.js';

const summary = /: \d+ bytes, index \d+, 2 keys, 1 lock, 1 election\n$/;

describe('conclave backup and conclave check', () => {
  let folder: string;
  let real: RealCluster;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'conclave-backup-'));
    real = await RealCluster.start(patient);
    env = { CONCLAVE_ENDPOINTS: real.names.map((name) => real.url(name, '')).join(',') };
    await real.request('node1', 'PUT', '/v2/keys/a', { value: '1' });
    await real.request('node2', 'PUT', '/v2/keys/_hidden/b', { value: '2' });
    await real.request('node3', 'POST', '/mod/v2/lock/l', { ttl: 600 });
    await real.request('node1', 'PUT', '/mod/v2/leader/e', { ttl: 600, name: 'n' });
  });
  after(async () => {
    await real[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  const run = (...args: readonly string[]) => ended(start(args, env));

  test('write a file through any member that lives, and tell what is in it', async () => {
    const file = join(folder, 'a.backup');
    writeFileSync(file, 'what was there before');
    await real.cluster.kill('node2');
    // The client asks any of them first.
    for (let times = 0; times < 3; times += 1) {
      const { code, stdout, stderr } = await run('backup', file);
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(stdout.startsWith(file) && summary.test(stdout), stdout);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(folder), ['a.backup']);
    }
    await real.cluster.restart('node2');
    const { head } = readBackup(readFileSync(file));
    const checked = await run('check', file);
    assert.deepEqual([checked.code, checked.stderr], [0, '']);
    assert.match(checked.stdout, /^kind: backup\nbytes: \d+\ntaken at: 20/);
    assert.match(
      checked.stdout,
      /\nkeys: 2\nlocks: 1\nelections: 1\nregistered names: node1, node2, node3\n$/,
    );
    const facts = JSON.parse((await run('check', file, '--json')).stdout);
    assert.deepEqual([facts.clusterId, facts.logIndex], [head.clusterId, head.index]);
  });

  test('work in pipes', async () => {
    const conclave = asBuilt.join(' ');
    const script = `export CONCLAVE_ENDPOINTS=${env['CONCLAVE_ENDPOINTS']}; set -o pipefail`;
    const bash = (line: string) => shell(`bash -c '${script}; ${line}'`);
    const whole = await bash(`${conclave} backup - | ${conclave} check -`);
    assert.equal(whole.code, 0, whole.stderr);
    assert.match(whole.stdout, /^kind: backup\n/);
    assert.match(whole.stderr, new RegExp(`conclave: backup${summary.source}`));
    const cut = await bash(`${conclave} backup - | head -c 99 | ${conclave} check -`);
    assert.equal(cut.code, 1);
    assert.match(
      cut.stderr,
      /conclave: check: the backup is damaged: it is cut off after 99 bytes/,
    );
  });

  test('refuse a file that is damaged, missing, or something else', async () => {
    const file = join(folder, 'b.backup');
    await run('backup', file);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const damaged = await run('check', file);
    assert.deepEqual([damaged.code, damaged.stdout], [1, '']);
    assert.match(
      damaged.stderr,
      /^conclave: check: \/.*: the backup is damaged: .*; take another one\n$/,
    );
    writeFileSync(file, 'key: value');
    assert.equal(
      (await run('check', file)).stderr,
      `conclave: check: ${file}: it is no backup of Conclave\n`,
    );
    const missing = await run('check', join(folder, 'none'));
    assert.deepEqual([missing.code, /no such file or directory/.test(missing.stderr)], [1, true]);
    const nowhere = await run('backup', join(folder, 'none', 'a'));
    assert.deepEqual([nowhere.code, /none is no directory\n$/.test(nowhere.stderr)], [2, true]);
  });

  test('leave what was there when no member serves', async () => {
    const file = join(folder, 'c.backup');
    writeFileSync(file, 'before');
    const nobody = await run('backup', file, '--endpoints', 'http://127.0.0.1:1');
    assert.deepEqual([nobody.code, nobody.stdout], [69, '']);
    assert.match(nobody.stderr, /^conclave: backup: no member was reached: /m);
    assert.equal(readFileSync(file, 'utf8'), 'before');
  });

  test('check the data directory of a stopped member, and refuse that of a running one', async () => {
    const dataDir = join(real.dataDir, 'node3');
    const used = await run('check', dataDir);
    assert.deepEqual([used.code, used.stdout], [75, '']);
    assert.match(used.stderr, /^conclave: check: process \d+ has the data directory .* open/);
    await real.cluster.kill('node3');
    const checked = await run('check', dataDir);
    assert.deepEqual([checked.code, checked.stderr], [0, '']);
    assert.match(
      checked.stdout,
      /^kind: data directory\ncluster id: \w+\nmember id: \w+\nmember name: node3\nstarts: 1\n/,
    );
    assert.match(checked.stdout, /\nlog: 1 to \d+\n/);
    await real.cluster.restart('node3');
    const foreign = await run('check', folder);
    assert.deepEqual([foreign.code, /is no data directory/.test(foreign.stderr)], [1, true]);
  });
});
