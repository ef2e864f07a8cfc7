import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { term } from '../../src/ids.js';
import { Channel } from '../../src/transport/channel.js';
import { encodeOpening } from '../../src/transport/frames.js';
import {
  chunkBytesMax,
  emptyChecksum,
  encodeChunk,
  encodeEnd,
  encodeSnapshotOpening,
  extend,
} from '../../src/transport/snapshot-frames.js';
import { TransportError } from '../../src/transport/transport-error.js';
import { GrpcRig, helloOf } from './grpc-rig.js';
import { Recorder } from './recorder.js';
import { range, start, startPair } from './rig.js';
import { alice, announcement, append, bob, carol, heartbeat } from './samples.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

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
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const large = Buffer.alloc(256 * 1024);
    for (const position of range(800)) {
      transport.send(bob, [append(alice, bob, position, [large])]);
    }
    collectGarbage();
    const growth = process.memoryUsage().arrayBuffers - before;
    assert.ok(growth < 64 * 1024 * 1024, `grew by ${growth} bytes`);
    const dropped = transport.traffic().get(bob)?.failures ?? 0;
    assert.ok(dropped > 600, `${dropped} were dropped`);
    await rig.until(() => transport.contacts().get(bob)?.fault !== undefined, 'it is given up');
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

describe('a slow link', () => {
  test('does not make a peer silent while bytes leave for it', async () => {
    await using rig = await GrpcRig.create({ pingIntervalMs: 150, unansweredPingsMax: 3 });
    await rig.slowDown(alice, bob, 1_000_000);
    const [one, other] = await startPair(rig);
    const frame = [Buffer.alloc(1_500_000)];
    for (const position of range(2)) one.transport.send(bob, [append(alice, bob, position, frame)]);
    await rig.until(() => other.heard.messages.length === 2, 'both arrive');
    assert.deepEqual([one.heard.connected, one.heard.lost], [[bob], []]);
  });

  test('that passes control but no entries is given up, and tried anew', async () => {
    await using rig = await GrpcRig.create({ pingIntervalMs: 150, unansweredPingsMax: 3 });
    await rig.slowDown(alice, bob, Number.POSITIVE_INFINITY);
    const [one, other] = await startPair(rig);
    const tag = { id: 1, boot: 1, term: term(1) };
    other.heard.onRequests = () => other.transport.respond(alice, [{ type: 'busy', ...tag }]);
    one.transport.forward(bob, [{ type: 'readIndex', ...tag }]);
    await rig.until(() => one.heard.responses.length === 1, 'both connections are answered');
    rig.silenceNewest();
    await rig.until(() => one.heard.connected.length === 2, 'it is connected anew');
    assert.deepEqual(one.heard.lost, []);
    one.transport.send(bob, [append(alice, bob, 0, [Buffer.alloc(100_000)])]);
    await rig.until(() => other.heard.messages.length === 1, 'entries pass again');
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

  const opening = encodeOpening({ hello: helloOf(alice), to: bob });
  const malformed: readonly (readonly [string, readonly Buffer[]])[] = [
    ['noise', [Buffer.from([0xff, 0xff, 0xff])]],
    ['no opening', [Buffer.alloc(0)]],
    ['an opening of nobody', [encodeOpening({ hello: helloOf(alice), to: bob }).subarray(0, 9)]],
    ['noise after an opening', [opening, Buffer.from('0103ff', 'hex')]],
    ['a second opening', [opening, opening]],
    ['a frame of an unknown type', [opening, Buffer.from('016300', 'hex')]],
    ['a message of an unknown type', [opening, Buffer.from('010301016300', 'hex')]],
    ['a term beyond safe integers', [opening, Buffer.from('010301010a0180808001000000', 'hex')]],
    ['a frame of a newer format', [opening, Buffer.from('0204', 'hex')]],
  ];
  for (const [what, frames] of malformed) {
    test(`ends a stream that sends ${what}, and nothing else`, async () => {
      await using rig = await GrpcRig.create();
      const [one, other] = await startPair(rig);
      const channel = new Channel({ host: '127.0.0.1', port: rig.ports.get(bob) ?? 0 });
      const stream = channel.openControl();
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

describe('a snapshot', () => {
  const opening = encodeSnapshotOpening(
    { hello: helloOf(alice), to: bob },
    announcement(alice, bob),
  );
  const chunk = encodeChunk(Buffer.from('a chunk'));
  const wrong = encodeEnd({ length: 7, crc32: 1 });
  const short = encodeEnd(
    extend(extend(emptyChecksum, Buffer.from('a chunk')), Buffer.from('more')),
  );
  for (const [what, frames, why] of [
    ['that stops without an end', [opening, chunk], /ended before its end/],
    ['whose bytes are not those that were sent', [opening, chunk, wrong], /7 bytes were sent/],
    ['of which a part is missing', [opening, chunk, short], /11 bytes were sent, 7 arrived/],
    ['with an empty chunk', [opening, encodeChunk(Buffer.alloc(0))], /an empty chunk/],
    [
      'with a chunk that is too large',
      [opening, encodeChunk(Buffer.alloc(chunkBytesMax + 1))],
      /a chunk of 262145 bytes/,
    ],
  ] as const) {
    test(`${what} is not taken for a whole one`, async () => {
      await using rig = await GrpcRig.create();
      const [, other] = await startPair(rig);
      let isWhole = false;
      other.heard.consume = async (_request, chunks) => {
        for await (const _chunk of chunks) isWhole = false;
        isWhole = true;
      };
      const channel = new Channel({ host: '127.0.0.1', port: rig.ports.get(bob) ?? 0 });
      const error = await new Promise<ServiceError | null>((resolve) => {
        const call = channel.openSnapshot((failure) => resolve(failure));
        call.on('error', () => {});
        for (const frame of frames) call.write(frame);
        call.end();
      });
      channel.close();
      assert.match(error?.details ?? '', why);
      assert.equal(isWhole, false);
    });
  }
});

describe('the transfers of snapshots', () => {
  test('leave no listener behind on a signal that outlives them', async () => {
    await using rig = await GrpcRig.create();
    const [one] = await startPair(rig);
    const listening = listenersOnSignals();
    try {
      for (const fill of range(5)) {
        const chunks = (async function* () {
          yield Buffer.alloc(1000, fill);
        })();
        await one.transport.sendSnapshot(announcement(alice, bob), chunks);
      }
      assert.deepEqual(listening.onLiving(), []);
    } finally {
      listening.stop();
    }
  });
});

/** Counts, for each signal that is not aborted, the listeners that were added and not removed. */
function listenersOnSignals() {
  const { addEventListener, removeEventListener } = AbortSignal.prototype;
  const counts = new Map<AbortSignal, number>();
  const count = (signal: AbortSignal, by: number) =>
    counts.set(signal, (counts.get(signal) ?? 0) + by);
  AbortSignal.prototype.addEventListener = function (
    this: AbortSignal,
    ...args: Parameters<typeof addEventListener>
  ) {
    count(this, 1);
    addEventListener.apply(this, args);
  };
  AbortSignal.prototype.removeEventListener = function (
    this: AbortSignal,
    ...args: Parameters<typeof removeEventListener>
  ) {
    count(this, -1);
    removeEventListener.apply(this, args);
  };
  return {
    onLiving: () =>
      [...counts].filter(([signal, left]) => !signal.aborted && left > 0).map(([, left]) => left),
    stop: () => Object.assign(AbortSignal.prototype, { addEventListener, removeEventListener }),
  };
}

describe('connections', () => {
  test('that nobody answers are closed before the next one is tried', async () => {
    await using rig = await GrpcRig.create({ connectTimeoutMs: 30, reconnectDelayMaxMs: 30 });
    const open = new Set<Socket>();
    let accepted = 0;
    const mute = createServer((socket) => {
      accepted += 1;
      open.add(socket);
      socket.on('error', () => {});
      socket.on('data', () => {});
      socket.on('close', () => open.delete(socket));
    });
    mute.listen(rig.ports.get(bob), '127.0.0.1');
    await start(rig, alice);
    await rig.until(() => accepted >= 10, 'it was tried ten times');
    assert.ok(open.size <= 2, `${open.size} are open`);
    mute.close();
    for (const socket of open) socket.destroy();
  });

  test('end with us, though the peer would keep them', async () => {
    await using rig = await GrpcRig.create();
    const other = await start(rig, bob);
    const channel = new Channel({ host: '127.0.0.1', port: rig.ports.get(bob) ?? 0 });
    const stream = channel.openControl();
    stream.on('error', () => {});
    stream.write(encodeOpening({ hello: helloOf(alice), to: bob }));
    await once(stream, 'data');
    const closedAt = performance.now();
    await other.transport.close();
    const closedMs = performance.now() - closedAt;
    channel.close();
    assert.ok(closedMs < 500, `closed after ${closedMs.toFixed(0)} ms`);
  });

  test('end at once when the peer closes', async () => {
    await using rig = await GrpcRig.create();
    const [one, other] = await startPair(rig);
    const closedAt = performance.now();
    const closed = other.transport.close();
    await rig.until(() => one.heard.lost.length === 1, 'the loss is noticed');
    await closed;
    const noticedMs = performance.now() - closedAt;
    assert.ok(noticedMs < 200, `noticed after ${noticedMs.toFixed(0)} ms`);
  });

  test('are tried again without a hot loop when they are refused', async () => {
    await using rig = await GrpcRig.create();
    let asked = 0;
    await start(rig, alice);
    const refusing = new Recorder();
    refusing.refusalOf = () => {
      asked += 1;
      return 'for this test';
    };
    await start(rig, bob, {}, refusing);
    await rig.pass(500);
    assert.ok(asked >= 1 && asked <= 3, `asked ${asked} times`);
  });

  test('carry pings, so that an idle one stays open', async () => {
    await using rig = await GrpcRig.create({ pingIntervalMs: 150, unansweredPingsMax: 3 });
    const [one, other] = await startPair(rig);
    await rig.pass(1000);
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
