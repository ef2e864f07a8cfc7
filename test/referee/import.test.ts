import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { ended, start } from '../cli/recorded-command.js';
import { ApiServer } from '../support/api-server.js';
import { Authority } from '../support/certificates.js';
import { Etcd, installedEtcd } from './etcd.js';

const skip = installedEtcd() === undefined ? 'etcd is not installed' : false;

async function put(port: number, key: string, form: object): Promise<void> {
  const body = new URLSearchParams({ ...form });
  const answer = await fetch(`http://127.0.0.1:${port}/v2/keys${key}`, { method: 'PUT', body });
  assert.ok(answer.ok, `${key}: ${answer.status} ${await answer.text()}`);
}

/** It then asks everybody for a user, and lets a guest do nothing. */
async function askForUsers(port: number): Promise<void> {
  const root = `Basic ${Buffer.from('root:secret').toString('base64')}`;
  const ask = async (path: string, content: object) => {
    const headers = { 'Content-Type': 'application/json', Authorization: root };
    const url = `http://127.0.0.1:${port}/v2/auth/${path}`;
    const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(content) });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
  };
  await ask('users/root', { user: 'root', password: 'secret' });
  await ask('enable', {});
  await ask('roles/guest', { role: 'guest', revoke: { kv: { read: ['/*'], write: ['/*'] } } });
}

interface Shown {
  readonly key?: string;
  readonly value?: string;
  readonly dir?: boolean;
  readonly ttl?: number;
  readonly nodes?: readonly Shown[];
}

async function shown(port: number, key: string): Promise<Shown | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/v2/keys${key}?recursive=true`);
  return answer.ok ? JSON.parse(await answer.text()).node : undefined;
}

/** Every key and directory below, with its value. */
function linesIn({ key = '/', value, dir, nodes = [] }: Shown): readonly string[] {
  const own = dir === true ? `${key}/` : `${key}=${value}`;
  return [own, ...nodes.flatMap(linesIn)].sort();
}

function countIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

describe('conclave import', { skip }, () => {
  const run = (etcd: Etcd, server: ApiServer, ...args: readonly string[]) =>
    ended(
      start([
        ...['import', '--from', `http://127.0.0.1:${etcd.port}`],
        ...['--endpoints', `http://127.0.0.1:${server.port}`, ...args],
      ]),
    );

  test('copies keys and directories with their TTLs from a real etcd, and says what it did not', async () => {
    await using etcd = await Etcd.start();
    await using server = await ApiServer.start();
    await put(etcd.port, '/plain', { value: 'x' });
    await put(etcd.port, '/empty', { value: '' });
    await put(etcd.port, '/d/e/deep', { value: 'ü+&=%/\n' });
    await put(etcd.port, '/d/mortal', { value: 'm', ttl: 5000 });
    await put(etcd.port, '/nothing', { dir: true });
    await put(etcd.port, '/brief', { dir: true, ttl: 6000 });
    await put(etcd.port, '/brief/a', { value: 'b' });
    await put(etcd.port, '/_hidden', { value: 'h' });
    for (let at = 0; at < 300; at += 1) await put(etcd.port, `/many/${at}`, { value: `${at}` });

    const first = await run(etcd, server);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    assert.match(first.stdout, /^copied \d+ keys and 2 directories from http:\/\/127/);
    // An answer that comes late is not waited for: the key is sent again, and is there.
    assert.equal(countIn(first.stdout, /^copied (\d+)/) + countIn(first.stdout, /(\d+) were/), 305);
    const [there, here] = [await shown(etcd.port, '/'), await shown(server.port, '/')];
    assert.ok(there !== undefined && here !== undefined);
    assert.deepEqual(linesIn(here), linesIn(there));
    for (const [key, ttl] of [
      ['/d/mortal', 5000],
      ['/brief', 6000],
    ] as const) {
      const left = (await shown(server.port, key))?.ttl ?? 0;
      assert.ok(left > ttl - 200 && left <= ttl, `${key}: ${left}`);
    }
    assert.equal(await shown(server.port, '/_hidden'), undefined);

    const again = await run(etcd, server);
    assert.deepEqual([again.code, again.stderr], [0, '']);
    assert.match(again.stdout, /^copied 0 keys and 0 directories .*\n307 were here before\n$/);

    const hidden = await run(etcd, server, '--prefix', '/_hidden');
    assert.equal(hidden.code, 0);
    assert.equal((await shown(server.port, '/_hidden'))?.value, 'h');
  });

  test('leaves what is here as something else, unless it is told to overwrite', async () => {
    await using etcd = await Etcd.start();
    await using server = await ApiServer.start();
    await put(etcd.port, '/a/key', { value: 'new' });
    await put(etcd.port, '/a/file/below', { value: 'x' });
    await put(etcd.port, '/a/other', { value: 'o' });
    await put(server.port, '/a/key', { value: 'old' });
    await put(server.port, '/a/file', { value: 'a key, and no directory' });

    const kept = await run(etcd, server, '--prefix', '/a');
    assert.equal(kept.code, 1);
    assert.match(kept.stdout, /^copied 1 keys and 0 directories/);
    assert.match(
      kept.stderr,
      /^conclave: import: 2 exist here as something else; --overwrite replaces keys: \/a\/(key, \/a\/file\/below|file\/below, \/a\/key)\n$/,
    );
    assert.equal((await shown(server.port, '/a/key'))?.value, 'old');

    const replaced = await run(etcd, server, '--prefix', '/a', '--overwrite');
    assert.equal(replaced.code, 1);
    assert.match(replaced.stderr, /1 exist here as something else: \/a\/file\/below\n$/);
    assert.equal((await shown(server.port, '/a/key'))?.value, 'new');
  });

  test('copies from an etcd that asks for certificates and passwords', async () => {
    using authority = new Authority();
    const own = authority.issue();
    const shown = authority.issue({ commonName: 'importer', names: [] });
    await using etcd = await Etcd.start([
      ...['--cert-file', own.certFile, '--key-file', own.keyFile],
      ...['--trusted-ca-file', authority.caFile, '--client-cert-auth'],
    ]);
    await using server = await ApiServer.start();
    await put(etcd.port, '/secret', { value: 'x' });
    await askForUsers(etcd.port);
    const from = ['import', '--from', `https://127.0.0.1:${etcd.securePort}`];
    const certificates = [
      ...['--from-cacert', authority.caFile, '--from-cert', shown.certFile],
      ...['--from-cert-key', shown.keyFile],
    ];
    const endpoints = ['--endpoints', `http://127.0.0.1:${server.port}`];
    const guest = await ended(
      // What is meant for this cluster is not told to the other.
      start([...from, ...certificates, ...endpoints], { CONCLAVE_USER: 'root:secret' }),
    );
    assert.deepEqual([guest.code, /Insufficient credentials/.test(guest.stderr)], [1, true]);
    const user = ['--from-user', 'root:secret'];
    const copied = await ended(start([...from, ...certificates, ...user, ...endpoints]));
    assert.deepEqual([copied.code, copied.stderr], [0, '']);
    assert.match(copied.stdout, /^copied 1 keys/);
    const half = await ended(start([...from, '--from-cert', shown.certFile]));
    const line = '--from-cert and --from-cert-key belong together: give both, or none';
    assert.deepEqual([half.code, half.stderr], [2, `conclave: ${line}\n`]);
  });

  test('says when there is nothing to copy, or nobody to copy from', async () => {
    await using etcd = await Etcd.start();
    await using server = await ApiServer.start();
    const nothing = await run(etcd, server, '--prefix', '/none');
    assert.deepEqual(
      [nothing.code, nothing.stdout, nothing.stderr],
      [1, '', 'conclave: import: there is nothing at /none\n'],
    );
    const [closed = 0] = await freePorts(1);
    const startedAt = performance.now();
    const nobody = await ended(start(['import', '--from', `http://127.0.0.1:${closed}`]));
    assert.deepEqual([nobody.code, /no member was reached/.test(nobody.stderr)], [69, true]);
    // It has the patience of 120 s for a large answer, and none for a wrong address.
    assert.ok(performance.now() - startedAt < 60_000);
    const wrong = await ended(start(['import', '--from', 'etcd:2379']));
    assert.deepEqual([wrong.code, /--from must name URLs such as/.test(wrong.stderr)], [2, true]);
  });
});
