import { field } from '../encoding/field.js';
import { bytes as bytesKind, required, uint } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import { snapshotMetadataFormat } from '../records/entry-format.js';
import { decodeChecksummed, encodeChecksummed } from './checksummed-record.js';
import { corrupt } from './corruption.js';

export interface Manifest {
  readonly metadata: SnapshotMetadata;
  readonly chunkCount: number;
  readonly totalBytes: number;
  /** The CRC-32 of the checksums of all chunks. */
  readonly chunksChecksum: number;
}

const manifestFormat = formatFor<Manifest>("the snapshot's manifest", {
  metadata: field(1, required(snapshotMetadataFormat)),
  chunkCount: field(2, uint),
  totalBytes: field(3, uint),
  chunksChecksum: field(4, uint),
});

interface Chunk {
  readonly snapshot: number;
  readonly number: number;
  readonly data: Uint8Array;
}

const chunkFormat = formatFor<Chunk>('a chunk of a snapshot', {
  snapshot: field(1, uint),
  number: field(2, uint),
  data: field(3, bytesKind),
});

export function encodeChunk(snapshot: number, number: number, data: Uint8Array): Buffer {
  return encodeChecksummed(chunkFormat, { snapshot, number, data });
}

/** The chunk's data; it shares the memory of the record. */
export function decodeChunk(bytes: Buffer, snapshot: number, number: number): Uint8Array {
  const what = `chunk ${number} of the snapshot`;
  const chunk = decodeChecksummed(chunkFormat, bytes, what);
  if (chunk.snapshot !== snapshot || chunk.number !== number) {
    throw corrupt(`${what} is another chunk, in the wrong place`);
  }
  return chunk.data;
}

export function encodeManifest(manifest: Manifest): Buffer {
  return encodeChecksummed(manifestFormat, manifest);
}

export function decodeManifest(bytes: Buffer): Manifest {
  return decodeChecksummed(manifestFormat, bytes, "the snapshot's manifest");
}
