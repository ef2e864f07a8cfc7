import { logIndex, type MemberId, memberId, term } from '../ids.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import { ChecksummedReader, ChecksummedWriter } from './checksummed-record.js';
import { corrupt } from './corruption.js';

/*
 * A chunk: version(1) snapshot(8) number(4) data, checksum(4).
 * A manifest: version(1) lastIncludedIndex(8) lastIncludedTerm(8) voters(4) learners(4) members(8 each)
 * chunkCount(4) totalBytes(8) chunksChecksum(4), checksum(4). `chunksChecksum` is the CRC of all chunks' checksums.
 */

const chunkVersion = 1;
const manifestVersion = 1;
const memberBytes = 8;

export interface Manifest {
  readonly metadata: SnapshotMetadata;
  readonly chunkCount: number;
  readonly totalBytes: number;
  readonly chunksChecksum: number;
}

export function encodeChunk(snapshot: number, number: number, data: Uint8Array): Buffer {
  return new ChecksummedWriter(chunkVersion, 12 + data.byteLength)
    .u64(snapshot)
    .u32(number)
    .raw(data)
    .finish();
}

/** The chunk's data; it shares the memory of the record. */
export function decodeChunk(bytes: Buffer, snapshot: number, number: number): Buffer {
  const what = `chunk ${number} of the snapshot`;
  const reader = new ChecksummedReader(bytes, chunkVersion, what);
  if (reader.u64() !== snapshot || reader.u32() !== number) {
    throw corrupt(`${what} is another chunk, in the wrong place`);
  }
  return reader.raw(reader.remaining);
}

export function encodeManifest(manifest: Manifest): Buffer {
  const { metadata, chunkCount, totalBytes, chunksChecksum } = manifest;
  const { voters, learners } = metadata.configuration;
  const members = [...voters, ...learners];
  const writer = new ChecksummedWriter(manifestVersion, 24 + members.length * memberBytes + 16)
    .u64(metadata.lastIncludedIndex)
    .u64(metadata.lastIncludedTerm)
    .u32(voters.length)
    .u32(learners.length);
  for (const member of members) writer.hex(member);
  return writer.u32(chunkCount).u64(totalBytes).u32(chunksChecksum).finish();
}

export function decodeManifest(bytes: Buffer): Manifest {
  const reader = new ChecksummedReader(bytes, manifestVersion, "the snapshot's manifest");
  const lastIncludedIndex = logIndex(reader.u64());
  const lastIncludedTerm = term(reader.u64());
  const voterCount = reader.u32();
  const learnerCount = reader.u32();
  const voters = readMembers(reader, voterCount);
  const learners = readMembers(reader, learnerCount);
  const manifest: Manifest = {
    metadata: { lastIncludedIndex, lastIncludedTerm, configuration: { voters, learners } },
    chunkCount: reader.u32(),
    totalBytes: reader.u64(),
    chunksChecksum: reader.u32(),
  };
  reader.end();
  return manifest;
}

function readMembers(reader: ChecksummedReader, count: number): MemberId[] {
  const members: MemberId[] = [];
  while (members.length < count) members.push(memberId(reader.hex(2 * memberBytes)));
  return members;
}
