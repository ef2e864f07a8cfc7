import { connect, type Socket } from 'node:net';
import { connect as connectSecurely, type SecureContextOptions } from 'node:tls';
import type { MemberId } from '../../src/ids.js';
import { encodeOpening } from '../../src/transport/frames.js';
import type { Random } from '../simulation/random.js';
import { helloOf } from './grpc-rig.js';

/** So many connections at a time. */
const lanes = 8;

/** How long an attacker waits for an end that may not come before the limits say so. */
const patienceMs = 20;

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function below(random: Random, end: number): number {
  return random.between(0, end - 1);
}

/** A frame of HTTP/2 whose length may be a lie. */
function frame(type: number, flags: number, stream: number, content: Buffer, length?: number) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length ?? content.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, content]);
}

/** A record of TLS whose length may be a lie. */
function record(type: number, content: Buffer, length = content.length): Buffer {
  const head = Buffer.from([type, 3, 1, 0, 0]);
  head.writeUInt16BE(length & 0xffff, 3);
  return Buffer.concat([head, content]);
}

/** HEADERS of a call of gRPC, literal and without an index. */
function call(path: string): Buffer {
  const literal = (name: string, value: string) =>
    Buffer.concat([
      ...[Buffer.from([0, name.length]), Buffer.from(name)],
      ...[Buffer.from([value.length]), Buffer.from(value)],
    ]);
  const headers: readonly (readonly [string, string])[] = [
    ...([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
    ] as const),
    ...([
      [':authority', 'x'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ] as const),
  ];
  return frame(1, 4, 1, Buffer.concat(headers.map(([name, value]) => literal(name, value))));
}

/** A message of gRPC whose length may be a lie. */
function message(content: Buffer, length = content.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return frame(0, 0, 1, Buffer.concat([head, content]));
}

const settings = frame(4, 0, 0, Buffer.alloc(0));

function bytesOf(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: below(random, most) }, () => below(random, 256)));
}

/** What a stranger may send, for each kind of it. */
const attacks: Readonly<Record<string, (random: Random, to: MemberId) => Buffer>> = {
  noise: (random) => bytesOf(random, 300),
  'half of a preface': (random) => preface.subarray(0, below(random, preface.length)),
  'frames of HTTP/2': (random) => {
    const frames = Array.from({ length: 1 + below(random, 8) }, () =>
      frame(below(random, 12), below(random, 256), below(random, 5), bytesOf(random, 60)),
    );
    return Buffer.concat([preface, settings, ...frames]);
  },
  'a frame that lies about its length': (random) =>
    Buffer.concat([preface, frame(below(random, 10), 4, 1, bytesOf(random, 60), 0xff_ffff)]),
  'records of TLS': (random) =>
    Buffer.concat([
      record(20 + below(random, 5), bytesOf(random, 200)),
      record(22, bytesOf(random, 200), below(random, 65_536)),
    ]),
  'a greeting of TLS that is broken': (random) =>
    record(22, Buffer.concat([Buffer.from([1, 0, below(random, 3), 3, 3]), bytesOf(random, 250)])),
  'a call without an opening': (random) => {
    const path = `/conclave.peer.v1.Peer/${random.pick(['Control', 'Appends', 'Forward', 'Snapshot', 'None'])}`;
    return Buffer.concat([preface, settings, call(path), message(bytesOf(random, 100))]);
  },
  'a message of gigabytes': (random) => {
    const begun = message(bytesOf(random, 100), 2 ** 32 - 1 - below(random, 2 ** 31));
    return Buffer.concat([preface, settings, call('/conclave.peer.v1.Peer/Control'), begun]);
  },
  'an opening of another cluster': (random, to) => {
    const hello = helloOf(to, { clusterId: `stranger ${below(random, 1e6)}` });
    const opening = message(encodeOpening({ hello, to }));
    return Buffer.concat([preface, settings, call('/conclave.peer.v1.Peer/Control'), opening]);
  },
};

/**
 * Sends it over connections of its own, a part of it inside of TLS.
 * @param shown what some of these show: a certificate that the member trusts, of nobody that it
 * knows
 */
export async function attackPeerPort(
  port: number,
  to: MemberId,
  count: number,
  random: Random,
  shown?: SecureContextOptions,
): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const bytes = attacks[random.pick(Object.keys(attacks))]?.(random, to) ?? preface;
      await deliver(dial(port, random, shown), bytes);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function dial(port: number, random: Random, shown: SecureContextOptions | undefined): Socket {
  if (!random.chance(shown === undefined ? 0.1 : 0.5)) return connect(port, '127.0.0.1');
  return connectSecurely({
    ...{ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] },
    ...(random.chance(0.8) ? shown : {}),
  });
}

async function deliver(socket: Socket, bytes: Buffer): Promise<void> {
  socket.on('error', () => {});
  socket.resume();
  socket.write(bytes);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  socket.destroy();
}
