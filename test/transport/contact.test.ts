import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type MemberId, memberId, term } from '../../src/ids.js';
import { Contact } from '../../src/transport/contact.js';
import { decodePong, pongFrame } from '../../src/transport/frames.js';
import { GrpcRig } from './grpc-rig.js';
import { Recorder } from './recorder.js';
import { start, startPair } from './rig.js';
import { alice, bob, sampleStatus } from './samples.js';

test('a status arrives as it was sent, and no larger than was announced', () => {
  for (const status of [
    sampleStatus,
    { ...sampleStatus, role: 'leader', leaderId: undefined, diskBytes: 2 ** 40 } as const,
    { ...sampleStatus, term: term(2 ** 53 - 1), version: 'x'.repeat(256) },
  ]) {
    const frame = pongFrame(2 ** 32 - 1, status, 1);
    const bytes = frame.encode();
    assert.ok(bytes.byteLength <= frame.bytesMax, `${bytes.byteLength} of ${frame.bytesMax}`);
    assert.deepEqual(decodePong(bytes), { ping: 2 ** 32 - 1, status });
  }
});

test('a status that no member of ours makes is refused', () => {
  for (const [wrong, why] of [
    [{ leaderId: 'nobody' as MemberId }, /not a member id/],
    [{ version: 'x'.repeat(257) }, /a version of 257 characters/],
  ] as const) {
    const bytes = pongFrame(1, { ...sampleStatus, ...wrong }, 1).encode();
    assert.throws(() => decodePong(bytes), { code: 'malformed', message: why });
  }
  // The version, the type of a pong, its status (field 2), a role (field 1) that is none.
  const unknownRole = Buffer.of(1, 5, 2, 1, 4, 0, 0);
  assert.throws(() => decodePong(unknownRole), { message: /nothing has the number 4/ });
});

test('a peer that answers is reachable, with what it says of itself', async () => {
  await using rig = await GrpcRig.create();
  const one = await start(rig, alice);
  const transport = rig.latest;
  assert.deepEqual(transport.contacts().get(bob), {
    reachable: false,
    silentMs: undefined,
    roundTripMs: undefined,
    status: undefined,
    fault: transport.contacts().get(bob)?.fault,
    refusal: undefined,
  });
  const notReached = () => /ECONNREFUSED/.test(transport.contacts().get(bob)?.fault ?? '');
  await rig.until(notReached, 'it is told why nobody answers');
  await start(rig, bob);
  await rig.until(() => one.heard.connected.length === 1, 'connected');
  await rig.until(() => transport.contacts().get(bob)?.reachable === true, 'it has answered');
  const { status, silentMs = -1, roundTripMs = -1 } = transport.contacts().get(bob) ?? {};
  assert.deepEqual(status, sampleStatus);
  assert.equal(transport.contacts().get(bob)?.fault, undefined);
  assert.ok(silentMs >= 0 && roundTripMs > 0, `${silentMs} ${roundTripMs}`);
  const traffic = transport.traffic().get(bob);
  assert.ok(traffic !== undefined);
  const { sentBytes, receivedBytes, failures, roundTrips } = traffic;
  assert.ok(sentBytes > 0 && receivedBytes > 0, `${sentBytes} ${receivedBytes}`);
  assert.ok(failures > 0, 'connections failed before it started');
  assert.ok(roundTrips.sum > 0, 'its answers were timed');
});

test('a peer that ends is not reachable any more, but what it said last is known', async () => {
  await using rig = await GrpcRig.create();
  const [, other] = await startPair(rig);
  const [transport] = rig.opened;
  const contact = () => transport?.contacts().get(bob);
  await rig.until(() => contact()?.reachable === true, 'it has answered');
  await other.transport.close();
  await rig.until(() => contact()?.reachable === false, 'the end is noticed');
  const silentMs = contact()?.silentMs ?? 0;
  assert.deepEqual(contact()?.status, sampleStatus);
  await rig.until(() => (contact()?.silentMs ?? 0) > silentMs + 20, 'its silence grows');
});

test('of two that do not accept each other both know who refuses, until the peer is gone', async () => {
  await using rig = await GrpcRig.create({ refusedDelayMs: 50 });
  const refusing = new Recorder();
  refusing.refusalOf = () => 'its disk is another';
  await start(rig, alice, {}, refusing);
  const other = await start(rig, bob);
  const [one, two] = rig.opened;
  const atOne = () => one?.contacts().get(bob);
  const atTwo = () => two?.contacts().get(alice);
  const reason = 'its disk is another';
  await rig.until(() => atOne()?.refusal !== undefined, 'the refusing one knows');
  await rig.until(() => atTwo()?.refusal !== undefined, 'the refused one knows');
  assert.deepEqual([atOne()?.refusal?.by, atOne()?.refusal?.reason], ['self', reason]);
  assert.deepEqual([atTwo()?.refusal?.by, atTwo()?.refusal?.reason], ['peer', reason]);
  assert.equal(atOne()?.reachable, false);
  await other.transport.close();
  await rig.until(() => /ECONNREFUSED/.test(atOne()?.fault ?? ''), 'it is gone');
  assert.equal(atOne()?.refusal, undefined);
});

test('a peer that stands still is unreachable after some unanswered pings', async () => {
  await using rig = await GrpcRig.create({ pingIntervalMs: 50, unansweredPingsMax: 3 });
  await start(rig, alice);
  const transport = rig.latest;
  const script = fileURLToPath(new URL('peer-process.ts', import.meta.url));
  const ports = [bob, rig.ports.get(bob), alice, rig.ports.get(alice)].map(String);
  const peer = spawn(process.execPath, ['--import', 'tsx', script, ...ports], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await rig.until(() => transport.contacts().get(bob)?.reachable === true, 'it answers');
    peer.kill('SIGSTOP');
    await rig.until(() => transport.contacts().get(bob)?.reachable === false, 'it is missed');
    peer.kill('SIGCONT');
    await rig.until(() => transport.contacts().get(bob)?.reachable === true, 'it is back');
  } finally {
    peer.kill('SIGKILL');
    await once(peer, 'exit');
  }
});

test('a stranger has no contact', async () => {
  await using rig = await GrpcRig.create();
  await start(rig, alice);
  assert.equal(rig.latest.contacts().get(memberId('dddddddddddddddd')), undefined);
  assert.equal(rig.latest.contacts().size, 1);
});

test('reachable is who answers on a connection that is still there', () => {
  const contact = new Contact();
  assert.equal(contact.describe(true, 1e9).reachable, false, 'it has never answered');
  contact.asked(1);
  contact.answered({ ping: 1, status: sampleStatus });
  assert.equal(contact.describe(true, 1e9).reachable, true);
  assert.equal(contact.describe(false, 1e9).reachable, false, 'the connection is gone');
  assert.equal(contact.describe(true, 0).reachable, false, 'silent for longer than the timeout');
});
