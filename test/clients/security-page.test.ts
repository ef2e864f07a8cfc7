import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { root } from '../../scripts/packages.mjs';
import { asBuilt } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { etcdctlMissing } from './etcdctl.js';

const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
const [authority = '', server = '', clients = ''] = [
  ...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm),
].map(([, block = '']) => block);

const skip = etcdctlMissing;

test('what docs/security.md says makes an authority, a member and its clients', {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  const [clientPort, peerPort] = await freePorts(2);
  let member: ChildProcess | undefined;
  t.after(() => {
    member?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const here = (text: string) =>
    text
      .replaceAll(':4001', `:${clientPort}`)
      .replaceAll(':7001', `:${peerPort}`)
      .replaceAll(/^conclave /gm, `${asBuilt.map((part) => `'${part}'`).join(' ')} `);
  const run = (line: string) =>
    spawnSync('sh', ['-c', here(line)], { cwd: folder, encoding: 'utf8', timeout: 30_000 });

  const commands = authority.trim().split('\n');
  assert.equal(commands.length, 6);
  const made = commands.map(run);
  assert.deepEqual(
    made.map(({ status }) => status),
    [0, 0, 0, 0, 0, 0],
    made.map(({ stderr }) => stderr).join('\n'),
  );
  assert.equal(made[5]?.stdout, 'n1-peer.crt: OK\n');
  assert.equal(statSync(join(folder, 'n1.key')).mode & 0o077, 0);

  member = spawn('sh', ['-c', `exec ${here(server)}`], { cwd: folder });
  let log = '';
  member.stdout?.on('data', (text) => {
    log += text;
  });
  member.stderr?.on('data', (text) => {
    log += text;
  });
  await until(() => /serving on https/.test(log), 'it serves', 60_000);
  const answers = clients.trim().split('\n').map(run);
  assert.match(answers[0]?.stdout ?? '', /etcdserver/);
  assert.deepEqual(
    answers.slice(1).map(({ status }) => status),
    [0, 0, 0],
    answers.map(({ stderr }) => stderr).join('\n'),
  );
  assert.match(answers[2]?.stdout ?? '', /is healthy/);
  assert.equal(answers[3]?.stdout, '1\n');
  const [stranger = ''] = clients.split('\n');
  assert.notEqual(run(stranger.replace(/--cert \S+ --key \S+ /, '')).status, 0);
});
