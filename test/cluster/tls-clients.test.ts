import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { etcdctlMissing } from '../clients/etcdctl.js';
import { Authority, type Issued } from '../support/certificates.js';
import { asBuilt } from './real-cluster.js';
import { until } from './until.js';

const authority = new Authority();
after(() => authority[Symbol.dispose]());
const own = authority.issue();
const client = authority.issue({ commonName: 'a client', names: [] });

/** A member alone, by https and http, with its metrics by https. */
async function start(
  context: TestContext,
  flags: readonly string[],
  given?: { readonly ports: readonly number[] },
) {
  const ports = given?.ports ?? (await freePorts(4));
  const [https = 0, http = 0, metrics = 0, peers = 0] = ports;
  const dataDir = join(authority.folder, `${https}`);
  const [file = '', ...before] = asBuilt;
  const child = spawn(file, [
    ...[...before, 'server', '--name', 'n1', '--data-dir', dataDir],
    ...['--listen-client-urls', `https://127.0.0.1:${https},http://127.0.0.1:${http}`],
    ...['--listen-metrics-urls', `https://127.0.0.1:${metrics}`],
    ...['--listen-peer-urls', `http://127.0.0.1:${peers}`, ...flags],
  ]);
  context.after(() => child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    printed.stdout += text;
  });
  child.stderr.on('data', (text) => {
    printed.stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => code);
  return { child, printed, ended, ports, dataDir, https, http, metrics };
}

const pair = ['--cert-file', own.certFile, '--key-file', own.keyFile];
const trusted = ['--trusted-ca-file', authority.caFile];
const run = promisify(execFile);

/** What curl prints; undefined when it fails. */
async function curl(...args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run('curl', ['-s', '--max-time', '20', ...args])).stdout;
  } catch {
    return undefined;
  }
}

describe('a member with a certificate', () => {
  test('serves http and https side by side, and stops as ever', async (context) => {
    const member = await start(context, pair);
    await until(() => /"serving on https/.test(member.printed.stdout), 'it serves', 30_000);
    const byTls = await curl(
      ...['--cacert', authority.caFile, '-X', 'PUT', '-d', 'value=1'],
      `https://localhost:${member.https}/v2/keys/a`,
    );
    assert.match(byTls ?? '', /"action":"set"/);
    assert.match((await curl(`http://127.0.0.1:${member.http}/v2/keys/a`)) ?? '', /"value":"1"/);
    const metrics = `https://localhost:${member.metrics}/metrics`;
    assert.match((await curl('--cacert', authority.caFile, metrics)) ?? '', /etcd_server_has_lea/);
    const members = await curl(`http://127.0.0.1:${member.http}/v2/members`);
    const { clientURLs } = JSON.parse(members ?? '').members[0];
    assert.deepEqual(clientURLs, [
      `https://127.0.0.1:${member.https}`,
      `http://127.0.0.1:${member.http}`,
    ]);
    assert.equal(await curl(`https://localhost:${member.https}/version`), undefined);
    member.child.kill('SIGTERM');
    assert.equal(await member.ended, 0);
  });

  test('and --trusted-ca-file serves no curl without a certificate', async (context) => {
    const member = await start(context, [...pair, ...trusted, '--client-cert-auth']);
    await until(() => /"serving on https/.test(member.printed.stdout), 'it serves', 30_000);
    const ask = (...more: readonly string[]) =>
      curl('--cacert', authority.caFile, ...more, `https://localhost:${member.https}/version`);
    assert.equal(await ask(), undefined);
    const shown = ['--cert', client.certFile, '--key', client.keyFile];
    assert.match((await ask(...shown)) ?? '', /etcdserver/);
    assert.match((await ask(...shown, '--tls-max', '1.2')) ?? '', /etcdserver/);
    assert.equal(await ask('--tls-max', '1.2'), undefined);
  });

  test('speaks TLS 1.3 only where it is told to', async (context) => {
    const member = await start(context, [...pair, '--tls-min-version', 'TLS1.3']);
    await until(() => /"serving on https/.test(member.printed.stdout), 'it serves', 30_000);
    const ask = (...more: readonly string[]) =>
      curl('--cacert', authority.caFile, ...more, `https://localhost:${member.https}/version`);
    assert.equal(await ask('--tls-max', '1.2'), undefined);
    assert.match((await ask()) ?? '', /etcdserver/);
  });
});

test('SIGHUP has a member read its certificate anew, and open its audit log', async (context) => {
  const files = { certFile: authority.path('hup.crt'), keyFile: authority.path('hup.key') };
  const replace = (by: Issued) => {
    copyFileSync(by.certFile, files.certFile);
    copyFileSync(by.keyFile, files.keyFile);
  };
  replace(own);
  const [auditLog, moved] = [authority.path('audit.log'), authority.path('audit.log.1')];
  const flags = ['--cert-file', files.certFile, '--key-file', files.keyFile];
  const member = await start(context, [...flags, '--audit-log', auditLog]);
  await until(() => /"serving on https/.test(member.printed.stdout), 'it serves', 30_000);
  const put = (key: string) =>
    curl(
      ...['--cacert', authority.caFile, '-X', 'PUT', '-d', 'value=1'],
      `https://localhost:${member.https}/v2/keys/${key}`,
    );
  assert.match((await put('before')) ?? '', /"action":"set"/);
  await until(() => /before/.test(readFileSync(auditLog, 'latin1')), 'the change is told', 20_000);
  renameSync(auditLog, moved);
  replace(authority.issue());
  member.child.kill('SIGHUP');
  const isRead = () => /"certificates read again"/.test(member.printed.stdout);
  await until(isRead, 'the certificate is read', 20_000);
  const isOpened = () => /"opened the audit log anew"/.test(member.printed.stdout);
  await until(isOpened, 'the audit log is opened', 20_000);
  assert.match((await put('after')) ?? '', /"action":"set"/);
  await until(() => /after/.test(readFileSync(auditLog, 'latin1')), 'the next is told', 20_000);
  assert.doesNotMatch(readFileSync(auditLog, 'latin1'), /before/);
  assert.doesNotMatch(readFileSync(moved, 'latin1'), /after/);
});

test('a client whose certificate names a user is that user, and etcdctl, too', {
  skip: etcdctlMissing,
}, async (context) => {
  const alice = authority.issue({ commonName: 'alice', names: [] });
  const eve = authority.issue({ commonName: 'eve', names: [] });
  const member = await start(context, [...pair, ...trusted, '--client-cert-auth']);
  await until(() => /"serving on https/.test(member.printed.stdout), 'it serves', 30_000);
  const here = ['--no-sync', '--endpoints', `https://localhost:${member.https}`];
  const etcdctl = async (by: Issued, ...args: readonly string[]) => {
    const shown = ['--ca-file', authority.caFile, '--cert-file', by.certFile];
    const env = { ...process.env, ETCDCTL_API: '2' };
    const all = [...here, ...shown, '--key-file', by.keyFile, ...args];
    try {
      return (await run('etcdctl', all, { env })).stdout.trim();
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  const root = authority.issue({ commonName: 'root', names: [] });
  // A new cluster keeps users a moment after it serves.
  const isAdded = async () => /created/.test(await etcdctl(root, 'user', 'add', 'root:secret'));
  await until(isAdded, 'the cluster keeps users', 20_000);
  for (const line of ['user add alice:unknown', 'role add dev', 'auth enable']) {
    await etcdctl(root, ...line.split(' '));
  }
  await etcdctl(root, ...'role grant dev --path /a/* --readwrite'.split(' '));
  await etcdctl(root, ...'user grant alice --roles dev'.split(' '));
  await etcdctl(root, ...'role revoke guest --path /* --readwrite'.split(' '));
  assert.equal(await etcdctl(root, 'user', 'list'), 'alice\nroot');
  assert.equal(await etcdctl(alice, 'set', '/a/b', '1'), '1');
  assert.equal(await etcdctl(alice, 'get', '/a/b'), '1');
  assert.match(await etcdctl(alice, 'get', '/b'), /Insufficient credentials/);
  assert.match(await etcdctl(eve, 'get', '/a/b'), /names "eve", and no user has that name/);
  assert.equal(await etcdctl(eve, '--username', 'alice:unknown', 'get', '/a/b'), '1');
});

describe('a member with --auto-tls', () => {
  const made = /"made a self-signed certificate"/;

  test('makes its certificate, and uses it again at the next start', async (context) => {
    const first = await start(context, ['--auto-tls']);
    await until(() => /"serving on https/.test(first.printed.stdout), 'it serves', 30_000);
    assert.match(first.printed.stdout, made);
    const own = join(first.dataDir, 'fixtures', 'client', 'cert.pem');
    const before = readFileSync(own, 'latin1');
    const page = `https://localhost:${first.https}/version`;
    assert.match((await curl('--cacert', own, page)) ?? '', /etcdserver/);
    const metrics = `https://127.0.0.1:${first.metrics}/metrics`;
    assert.match((await curl('--cacert', own, metrics)) ?? '', /etcd_server_has_lea/);
    assert.equal(await curl(page), undefined);
    first.child.kill('SIGTERM');
    assert.equal(await first.ended, 0);
    const second = await start(context, ['--auto-tls'], first);
    await until(() => /"serving on https/.test(second.printed.stdout), 'it serves', 30_000);
    assert.doesNotMatch(second.printed.stdout, made);
    assert.equal(readFileSync(own, 'latin1'), before);
    assert.match((await curl('--cacert', own, page)) ?? '', /etcdserver/);
  });

  test('leaves a foreign directory as it is', async (context) => {
    const ports = await freePorts(4);
    const dataDir = join(authority.folder, `${ports[0]}`);
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'thesis.txt'), '');
    const member = await start(context, ['--auto-tls'], { ports });
    assert.equal(await member.ended, 1);
    assert.match(member.printed.stderr, /is not a data directory, it holds thesis\.txt/);
    assert.deepEqual(readdirSync(dataDir), ['thesis.txt']);
  });
});

test('a member whose key is that of another certificate does not start', async (context) => {
  const { keyFile } = authority.issue();
  const member = await start(context, ['--cert-file', own.certFile, '--key-file', keyFile]);
  assert.equal(await member.ended, 1);
  assert.equal(
    member.printed.stderr,
    `conclave: cannot start: --key-file ${keyFile} is not the key of the certificate in --cert-file ${own.certFile}\n`,
  );
});
