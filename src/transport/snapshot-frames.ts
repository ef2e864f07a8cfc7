import { crc32 } from 'node:zlib';
import { logIndex, type MemberId, term } from '../ids.js';
import type { InstallSnapshotRequest } from '../raft/messages.js';
import {
  decodeHello,
  decodeMemberId,
  decodeOpening,
  encodeOpening,
  type Opening,
  type WireHello,
  type WireOpening,
} from './hello.js';
import type { Hello } from './transport.js';
import { FrameType, malformed, safeInteger, type WireInteger } from './wire.js';

/** Small enough that heartbeats are not held up for long, large enough to cost little per byte. */
export const chunkBytesMax = 256 * 1024;

interface WireSnapshotHeader {
  readonly term: WireInteger;
  readonly lastIncludedIndex: WireInteger;
  readonly lastIncludedTerm: WireInteger;
  readonly voters?: readonly string[];
  readonly learners?: readonly string[];
}

interface WireSnapshotFrame {
  readonly opening?: WireOpening | null;
  readonly header?: WireSnapshotHeader | null;
  readonly chunk?: Uint8Array;
  readonly end?: { readonly length: WireInteger; readonly crc32: number } | null;
}

const snapshotFrame = new FrameType<WireSnapshotFrame, WireSnapshotFrame>('SnapshotFrame');
const snapshotReply = new FrameType<
  { readonly hello: WireHello },
  { readonly hello?: WireHello | null }
>('SnapshotReply');

export type SnapshotFrame =
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly checksum: Checksum };

/**
 * The length and the checksum of a whole snapshot; on a mismatch the transfer has lost something.
 */
export interface Checksum {
  readonly length: number;
  readonly crc32: number;
}

export const emptyChecksum: Checksum = { length: 0, crc32: 0 };

export function extend(checksum: Checksum, chunk: Uint8Array): Checksum {
  return { length: checksum.length + chunk.byteLength, crc32: crc32(chunk, checksum.crc32) };
}

export function encodeSnapshotOpening(opening: Opening, request: InstallSnapshotRequest): Buffer {
  const { lastIncludedIndex, lastIncludedTerm, configuration } = request.snapshot;
  return snapshotFrame.encode({
    opening: encodeOpening(opening),
    header: { term: request.term, lastIncludedIndex, lastIncludedTerm, ...configuration },
  });
}

export function encodeChunk(chunk: Uint8Array): Buffer {
  return snapshotFrame.encode({ chunk });
}

export function encodeEnd(end: Checksum): Buffer {
  return snapshotFrame.encode({ end });
}

export function decodeSnapshotOpening(
  bytes: Uint8Array,
  to: MemberId,
): { opening: Opening; request: InstallSnapshotRequest } {
  const frame = snapshotFrame.decode(bytes);
  const opening = decodeOpening(frame.opening);
  const header = frame.header ?? malformed('a snapshot without a header');
  const request: InstallSnapshotRequest = {
    type: 'InstallSnapshotRequest',
    from: opening.hello.memberId,
    to,
    term: term(safeInteger(header.term)),
    snapshot: {
      lastIncludedIndex: logIndex(safeInteger(header.lastIncludedIndex)),
      lastIncludedTerm: term(safeInteger(header.lastIncludedTerm)),
      configuration: {
        voters: (header.voters ?? []).map(decodeMemberId),
        learners: (header.learners ?? []).map(decodeMemberId),
      },
    },
  };
  return { opening, request };
}

export function decodeSnapshotFrame(bytes: Uint8Array): SnapshotFrame {
  const frame = snapshotFrame.decode(bytes);
  if (frame.end) {
    const checksum = { length: safeInteger(frame.end.length), crc32: frame.end.crc32 };
    return { type: 'end', checksum };
  }
  const { chunk } = frame;
  if (!chunk || chunk.byteLength === 0) malformed('an empty chunk');
  if (chunk.byteLength > chunkBytesMax) malformed(`a chunk of ${chunk.byteLength} bytes`);
  return { type: 'chunk', bytes: chunk };
}

export function encodeSnapshotReply(hello: Hello): Buffer {
  return snapshotReply.encode({ hello });
}

export function decodeSnapshotReply(bytes: Uint8Array): Hello {
  return decodeHello(snapshotReply.decode(bytes).hello);
}
