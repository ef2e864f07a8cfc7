import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendBackup } from '../../../src/http/cluster/backup.js';
import { readBackup } from '../../backup/samples.js';
import { restored } from '../../store/snapshots.js';
import { ApiServer, until } from '../../support/api-server.js';

const path = '/v2/admin/backup';

test('a backup is a file with the whole state, and is named after its time', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/a', `value=${'x'.repeat(300_000)}`);
  await server.ask('POST', '/mod/v2/lock/l?ttl=60');
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/octet-stream');
  assert.match(
    response.headers.get('content-disposition') ?? '',
    /^attachment; filename="conclave-\d{8}T\d{6}Z\.backup"$/,
  );
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const file = readBackup(Buffer.from(await response.arrayBuffer()));
  assert.ok(Math.abs(file.head.takenAt - server.wallNow()) < 1000);
  const state = restored(file.chunks, 0);
  assert.equal(state.stateHash(), server.coordinator.stateMachine.stateHash());
  assert.equal(server.coordinator.barriers, 1, 'it was confirmed that the state is current');
  await until(() => server.coordinator.openBackups === 0);
});

test('a client that leaves gives its backup up', async () => {
  await using server = await ApiServer.start();
  for (let at = 0; at < 20; at += 1) {
    await server.ask('PUT', `/v2/keys/${at}`, `value=${'x'.repeat(1_000_000)}`);
  }
  const pending = server.open({ method: 'GET', path });
  await pending.head;
  assert.equal(server.coordinator.openBackups, 1);
  pending.leave();
  await until(() => server.coordinator.openBackups === 0);
  await until(() => server.service.context.backupLimit.describe().used === 0);
});

test('so many backups at a time are streamed, and another one is refused', async () => {
  await using server = await ApiServer.start();
  const { backupLimit } = server.service.context;
  const leave = [backupLimit.enter(), backupLimit.enter()];
  const { status, headers, body } = await server.ask('GET', path);
  assert.deepEqual([status, headers['retry-after'], JSON.parse(body).errorCode], [503, '1', 302]);
  for (const each of leave) each();
  assert.equal((await server.ask('GET', path)).status, 200);
});

test('without a leader nobody knows what was acknowledged: 503, and no backup', async () => {
  await using server = await ApiServer.start();
  server.coordinator.hasLeader = false;
  const { status, headers } = await server.ask('GET', path);
  assert.deepEqual([status, headers['retry-after']], [503, '1']);
  assert.equal(server.service.context.backupLimit.describe().used, 0);
});

test('another method, and a parameter, are refused', async () => {
  await using server = await ApiServer.start();
  assert.equal((await server.ask('POST', path)).status, 405);
  const { status, body } = await server.ask('GET', `${path}?to=n1`);
  assert.deepEqual([status, JSON.parse(body).errorCode], [400, 209]);
});

test('a backup that cannot be read to its end breaks the connection', async () => {
  await using server = await ApiServer.start();
  server.coordinator.backup = async () =>
    (async function* () {
      yield Buffer.from('conclave backup\n');
      throw new Error('the disk is gone');
    })();
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  await assert.rejects(response.arrayBuffer());
});

test('a client that reads nothing holds a few pieces in memory, and other requests are served', async () => {
  await using server = await ApiServer.start();
  let made = 0;
  server.coordinator.backup = async () =>
    (async function* () {
      for (; made < 1000; made += 1) yield Buffer.alloc(256 * 1024);
    })();
  const pending = server.open({ method: 'GET', path });
  (await pending.head).pause();
  let madeBefore = -1;
  await until(() => made > 0);
  // The buffers of the kernel fill up first.
  while (made > madeBefore) {
    madeBefore = made;
    for (let times = 0; times < 50; times += 1) {
      assert.equal((await server.ask('GET', '/version')).status, 200);
    }
  }
  assert.ok(made < 100, `${made} pieces of 256 KiB were made`);
  pending.leave();
  await until(() => server.service.context.backupLimit.describe().used === 0);
});

test('a client is given as long as it takes to write a snapshot, and 60 s for what comes then', async () => {
  await using server = await ApiServer.start();
  let goOn = () => {};
  const snapshot = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  server.coordinator.backup = async () =>
    (async function* () {
      yield Buffer.from('first');
      await snapshot;
      yield Buffer.from('second');
    })();
  const calls: string[] = [];
  const answer = await sendBackup(server.service.context);
  answer.start({
    write: (content) => calls.push(String(content)),
    onRoom: (callback) => {
      calls.push('room');
      callback();
    },
    end: () => calls.push('end'),
    abort: () => calls.push('abort'),
  });
  await until(() => calls.length > 0);
  for (let turns = 0; turns < 10; turns += 1) await server.ask('GET', '/version');
  assert.deepEqual(calls, ['first']);
  goOn();
  await until(() => calls.includes('end'));
  assert.deepEqual(calls, ['first', 'second', 'room', 'end']);
  answer.onEnd();
});
