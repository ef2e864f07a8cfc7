import {
  type ClientWritableStream,
  type requestCallback,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { InstallSnapshotRequest } from '../raft/messages.js';
import type { TrafficCounts } from './bounded-writer.js';
import { Channel } from './channel.js';
import type { ConnectionOptions } from './connection-options.js';
import { decodeHello } from './frames.js';
import { refuseAnswer } from './hello.js';
import {
  chunkBytesMax,
  emptyChecksum,
  encodeChunk,
  encodeEnd,
  encodeSnapshotOpening,
  extend,
} from './snapshot-frames.js';
import { TransportError } from './transport-error.js';

type Call = ClientWritableStream<Buffer>;

/** Resolves when flow control accepts the next frame; rejects when the transfer is over. */
type Write = (frame: Buffer) => Promise<void>;

/**
 * Sends one snapshot over a connection of its own, so that no heartbeat waits behind its bytes.
 * Ends with the peer's answer, when `over` is aborted, or when nothing has moved for too long.
 * `over` is this transfer's own: no listener outlives it.
 */
export async function sendSnapshot(
  options: ConnectionOptions,
  request: InstallSnapshotRequest,
  chunks: AsyncIterable<Uint8Array>,
  over: AbortController,
): Promise<void> {
  const stallTimeoutMs = options.tuning.snapshotStallTimeoutMs;
  const channel = new Channel(options.address, options.handshake);
  const stall = setTimeout(
    () => over.abort(interrupted(`nothing has moved for ${stallTimeoutMs} ms`)),
    stallTimeoutMs,
  );
  try {
    const { call, answer } = open(channel, options);
    const write = writer(call, over.signal, stall, options.counts);
    const opening = { hello: options.hello, to: options.peer };
    const pumped = pump(write, encodeSnapshotOpening(opening, request), chunks);
    const finished = pumped.then(() => {
      call.end();
      return answer;
    });
    await Promise.race([answer, finished, aborted(over.signal)]);
  } finally {
    clearTimeout(stall);
    over.abort(interrupted('it is over'));
    channel.close();
  }
}

function open(channel: Channel, options: ConnectionOptions): { call: Call; answer: Promise<void> } {
  let answered: requestCallback<Buffer> = () => {};
  const reply = new Promise<Buffer>((resolve, reject) => {
    answered = (error, bytes) => (bytes === undefined ? reject(failure(error)) : resolve(bytes));
  });
  const call = channel.openSnapshot((error, bytes) => answered(error, bytes));
  // The callback gets the same error, but an error without a listener stops the process.
  call.on('error', () => {});
  return { call, answer: reply.then((bytes) => checkReply(bytes, options)) };
}

function checkReply(reply: Buffer, { hello, peer, acceptPeer }: ConnectionOptions): void {
  const reason = refuseAnswer(hello, peer, decodeHello(reply), acceptPeer);
  if (reason !== undefined) throw new TransportError('refused', reason);
}

function failure(error: ServiceError | null): TransportError {
  const details = error?.details ?? 'it was not answered';
  return error?.code === status.FAILED_PRECONDITION
    ? new TransportError('refused', details, { cause: error })
    : interrupted(details, { cause: error });
}

function interrupted(why: string, options?: ErrorOptions): TransportError {
  return new TransportError('interrupted', `snapshot not sent: ${why}`, options);
}

async function pump(
  write: Write,
  opening: Buffer,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  await write(opening);
  let checksum = emptyChecksum;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.byteLength; start += chunkBytesMax) {
      const piece = chunk.subarray(start, start + chunkBytesMax);
      checksum = extend(checksum, piece);
      await write(encodeChunk(piece));
    }
  }
  await write(encodeEnd(checksum));
}

function writer(
  call: Call,
  over: AbortSignal,
  stall: NodeJS.Timeout,
  counts: TrafficCounts,
): Write {
  return (frame) =>
    new Promise((resolve, reject) => {
      over.throwIfAborted();
      const onOver = () => reject(over.reason);
      over.addEventListener('abort', onOver);
      call.write(frame, () => {
        over.removeEventListener('abort', onOver);
        stall.refresh();
        counts.sentBytes += frame.byteLength;
        resolve();
      });
    });
}

async function aborted(signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
