import {
  type ServerReadableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { MemberId } from '../ids.js';
import type { Logger } from '../logger.js';
import type { TrafficCounts } from './bounded-writer.js';
import { encodeHello } from './frames.js';
import type { Opening } from './hello.js';
import {
  decodeSnapshotFrame,
  decodeSnapshotOpening,
  emptyChecksum,
  extend,
} from './snapshot-frames.js';
import type { Hello, TransportHandler } from './transport.js';
import { messageOf, TransportError } from './transport-error.js';

export type SnapshotCall = ServerReadableStream<Buffer, Buffer>;

export interface SnapshotContext {
  readonly hello: Hello;
  readonly handler: TransportHandler;
  readonly logger: Logger;
  readonly stallTimeoutMs: number;
  readonly countsOf: (peer: MemberId) => TrafficCounts;
  readonly refuse: (opening: Opening) => string | undefined;
  /** At most one from each peer: a new one means that the peer has given up the older. */
  readonly running: Map<MemberId, SnapshotCall>;
}

export function receiveSnapshot(
  call: SnapshotCall,
  answer: sendUnaryData<Buffer>,
  context: SnapshotContext,
): void {
  receive(call, context).then(
    () => answer(null, encodeHello(context.hello)),
    (error: unknown) => {
      context.logger.warn({ reason: messageOf(error) }, 'snapshot not received');
      answer(failure(error));
      call.destroy();
    },
  );
}

async function receive(call: SnapshotCall, context: SnapshotContext): Promise<void> {
  const next = frameReader(call, context.stallTimeoutMs);
  const { opening, request } = decodeSnapshotOpening(await next(), context.hello.memberId);
  const reason = context.refuse(opening);
  if (reason !== undefined) throw new TransportError('refused', reason);
  const peer = opening.hello.memberId;
  context.running.get(peer)?.destroy(interrupted('replaced by a newer one'));
  context.running.set(peer, call);
  try {
    await context.handler.onSnapshot(request, chunks(next, context.countsOf(peer)));
  } finally {
    if (context.running.get(peer) === call) context.running.delete(peer);
  }
}

/** Reads on demand, so that HTTP/2 flow control limits the sender to the consumer's speed. */
function frameReader(call: SnapshotCall, stallTimeoutMs: number): () => Promise<Buffer> {
  const frames: AsyncIterator<Buffer> = call[Symbol.asyncIterator]();
  return async () => {
    const stall = setTimeout(() => call.destroy(interrupted('it has stalled')), stallTimeoutMs);
    try {
      const frame = await frames.next();
      if (frame.done !== true) return frame.value;
    } catch (error) {
      if (error instanceof TransportError) throw error;
      throw interrupted('the connection was lost', { cause: error });
    } finally {
      clearTimeout(stall);
    }
    throw interrupted('it ended before its end');
  };
}

async function* chunks(
  next: () => Promise<Buffer>,
  counts: TrafficCounts,
): AsyncGenerator<Uint8Array> {
  let checksum = emptyChecksum;
  for (;;) {
    const frame = decodeSnapshotFrame(await next());
    if (frame.type === 'end') {
      const { length, crc32 } = frame.checksum;
      if (length === checksum.length && crc32 === checksum.crc32) return;
      throw interrupted(`${length} bytes were sent, ${checksum.length} arrived, or others`);
    }
    counts.receivedBytes += frame.bytes.byteLength;
    checksum = extend(checksum, frame.bytes);
    yield frame.bytes;
  }
}

function interrupted(why: string, options?: ErrorOptions): TransportError {
  return new TransportError('interrupted', `snapshot interrupted: ${why}`, options);
}

function failure(error: unknown): Partial<ServiceError> {
  const details = messageOf(error);
  if (!(error instanceof TransportError)) return { code: status.ABORTED, details };
  switch (error.code) {
    case 'refused':
      return { code: status.FAILED_PRECONDITION, details };
    case 'malformed':
      return { code: status.INVALID_ARGUMENT, details };
    default:
      return { code: status.ABORTED, details };
  }
}
