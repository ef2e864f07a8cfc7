import { crc32 } from 'node:zlib';
import type { MemberId } from '../ids.js';
import type { InstallSnapshotRequest } from '../raft/messages.js';
import { decodeFrame, encodeFrame } from './frame-format.js';
import { openingVersion } from './frames.js';
import type { Opening } from './hello.js';
import { TransportError } from './transport-error.js';

/** Small enough that heartbeats are not held up for long, large enough to cost little per byte. */
export const chunkBytesMax = 256 * 1024;

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

export function encodeSnapshotOpening(
  { hello, to }: Opening,
  { term, snapshot: metadata }: InstallSnapshotRequest,
): Buffer {
  return encodeFrame({ type: 'opening', hello, to, snapshot: { term, metadata } }, openingVersion);
}

export function decodeSnapshotOpening(
  bytes: Uint8Array,
  to: MemberId,
): { opening: Opening; request: InstallSnapshotRequest } {
  const opening = decodeFrame(bytes, 'opening');
  const { hello, snapshot } = opening;
  if (snapshot === undefined) throw malformed('no snapshot is announced');
  const { term, metadata } = snapshot;
  const type = 'InstallSnapshotRequest';
  return { opening, request: { type, from: hello.memberId, to, term, snapshot: metadata } };
}

export function encodeChunk(chunk: Uint8Array): Buffer {
  return encodeFrame({ type: 'chunk', chunk }, openingVersion);
}

export function encodeEnd(end: Checksum): Buffer {
  return encodeFrame({ type: 'end', ...end }, openingVersion);
}

export function decodeSnapshotFrame(bytes: Uint8Array): SnapshotFrame {
  const frame = decodeFrame(bytes, 'chunk', 'end');
  if (frame.type === 'end') {
    return { type: 'end', checksum: { length: frame.length, crc32: frame.crc32 } };
  }
  const { chunk } = frame;
  if (chunk.byteLength === 0) throw malformed('an empty chunk');
  if (chunk.byteLength > chunkBytesMax) throw malformed(`a chunk of ${chunk.byteLength} bytes`);
  return { type: 'chunk', bytes: chunk };
}

function malformed(what: string): TransportError {
  return new TransportError('malformed', `malformed frame: ${what}`);
}
