import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type StatusObject, status } from '@grpc/grpc-js';
import { Channel } from '../../src/transport/channel.js';
import { encodeRaftOpening } from '../../src/transport/frames.js';
import { TransportError } from '../../src/transport/transport-error.js';
import { GrpcRig, helloOf } from './grpc-rig.js';
import { range, start, startPair } from './rig.js';
import { alice, append, bob, carol, heartbeat } from './samples.js';

describe('peers in other processes', () => {
  test('a peer that is killed is lost within 100 ms', async () => {
    await using rig = await GrpcRig.create();
    const one = await start(rig, alice);
    await using peer = await PeerProcess.start(rig);
    await rig.until(() => one.heard.connected.length === 1, 'connected');
    const killedAt = performance.now();
    peer.process.kill('SIGKILL');
    await rig.until(() => one.heard.lost.length === 1, 'the loss is noticed');
    const noticedMs = performance.now() - killedAt;
    assert.ok(noticedMs < 100, `noticed after ${noticedMs.toFixed(0)} ms`);
  });

  test('a peer that stands still costs bounded memory, is not lost, and comes back', async () => {
    await using rig = await GrpcRig.create();
    const one = await start(rig, alice);
    const transport = rig.latest;
    await using peer = await PeerProcess.start(rig);
    await rig.until(() => one.heard.connected.length === 1, 'connected');
    peer.process.kill('SIGSTOP');
    const before = process.memoryUsage().arrayBuffers;
    const large = Buffer.alloc(256 * 1024);
    for (const position of range(800)) {
      transport.send(bob, [append(alice, bob, position, [large])]);
    }
    const growth = process.memoryUsage().arrayBuffers - before;
    assert.ok(growth < 64 * 1024 * 1024, `grew by ${growth} bytes`);
    const dropped = transport.statistics().get(bob)?.droppedMessages ?? 0;
    assert.ok(dropped > 600, `${dropped} were dropped`);
    await rig.until(() => transport.statistics().get(bob)?.connected === false, 'it is given up');
    assert.deepEqual(one.heard.lost, []);
    peer.process.kill('SIGCONT');
    await rig.until(() => one.heard.connected.length === 2, 'connected again');
  });

  test('a process whose transport is closed ends by itself', async () => {
    await using rig = await GrpcRig.create();
    const one = await start(rig, alice);
    await using peer = await PeerProcess.start(rig);
    await rig.until(() => one.heard.connected.length === 1, 'connected');
    const exited = once(peer.process, 'exit');
    peer.process.stdin?.write('close\n');
    assert.deepEqual(await exited, [0, null]);
  });
});

describe('the peer port', () => {
  test('that is taken is named', async () => {
    await using rig = await GrpcRig.create();
    await start(rig, alice);
    await assert.rejects(start(rig, alice), (error: unknown) => {
      assert.ok(error instanceof TransportError);
      assert.equal(error.code, 'addressInUse');
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${rig.ports.get(alice)}`));
      return true;
    });
  });

  test('of another member of the cluster is not taken for the expected one', async () => {
    await using rig = await GrpcRig.create();
    const one = await start(rig, alice);
    await start(rig, bob, { hello: { memberId: carol } });
    const refused = () =>
      one.heard.refused.some(({ reason }) => reason.includes(`meant for member ${bob}`));
    await rig.until(refused, 'it is told');
    assert.deepEqual(one.heard.connected, []);
  });

  const opening = encodeRaftOpening({ hello: helloOf(alice), to: bob });
  const malformed: readonly (readonly [string, readonly Buffer[]])[] = [
    ['noise', [Buffer.from([0xff, 0xff, 0xff])]],
    ['no opening', [Buffer.alloc(0)]],
    [
      'an opening of nobody',
      [encodeRaftOpening({ hello: helloOf(alice), to: bob }).subarray(0, 9)],
    ],
    ['noise after an opening', [opening, Buffer.from([0x12, 0xff])]],
    ['a message without a body', [opening, Buffer.from([0x12, 0x02, 0x08, 0x01])]],
    [
      'a term beyond safe integers',
      [opening, Buffer.from('120d08ffffffffffffffffff015a00', 'hex')],
    ],
  ];
  for (const [what, frames] of malformed) {
    test(`ends a stream that sends ${what}, and nothing else`, async () => {
      await using rig = await GrpcRig.create();
      const [one, other] = await startPair(rig);
      const channel = new Channel({ host: '127.0.0.1', port: rig.ports.get(bob) ?? 0 });
      const stream = channel.openRaft();
      stream.on('error', () => {});
      stream.on('data', () => {});
      for (const frame of frames) stream.write(frame);
      const end = await new Promise<StatusObject>((resolve) => stream.on('status', resolve));
      channel.close();
      assert.equal(end.code, status.INVALID_ARGUMENT);
      assert.deepEqual(other.heard.messages, []);
      await rig.until(() => {
        one.transport.send(bob, [heartbeat(alice, bob, 1)]);
        return other.heard.messages.length > 0;
      }, 'a well-formed message arrives');
    });
  }
});

describe('connections', () => {
  test('are tried again without a hot loop when they are refused', async () => {
    await using rig = await GrpcRig.create();
    let asked = 0;
    await start(rig, alice);
    await start(rig, bob, {
      acceptPeer: () => {
        asked += 1;
        return 'for this test';
      },
    });
    await rig.pass(500);
    assert.ok(asked >= 1 && asked <= 3, `asked ${asked} times`);
  });

  test('carry pings, so that an idle one stays open', async () => {
    await using rig = await GrpcRig.create({ pingIntervalMs: 20, unansweredPingsMax: 2 });
    const [one, other] = await startPair(rig);
    await rig.pass(300);
    assert.deepEqual([one.heard.connected, other.heard.connected], [[bob], [alice]]);
    one.transport.send(bob, [heartbeat(alice, bob, 1)]);
    await rig.until(() => other.heard.messages.length === 1, 'it arrives');
  });
});

class PeerProcess implements AsyncDisposable {
  readonly process: ChildProcess;

  constructor(child: ChildProcess) {
    this.process = child;
  }

  static async start(rig: GrpcRig): Promise<PeerProcess> {
    const script = fileURLToPath(new URL('peer-process.ts', import.meta.url));
    const args = [bob, String(rig.ports.get(bob)), alice, String(rig.ports.get(alice))];
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return new PeerProcess(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}
