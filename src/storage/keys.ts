/*
 * The keys in LevelDB, in the order in which they sort:
 *   01                               the root
 *   02 generation(4) firstIndex(8)   a batch of entries
 *   03 snapshot(8)                   a snapshot's manifest
 *   04 snapshot(8) number(4)         a chunk of it
 */

const log = 2;
const manifest = 3;
const chunk = 4;
const numberMax = 2 ** 32 - 1;
const two32 = 2 ** 32;

export interface KeyRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

export const rootKey = Buffer.of(1);

export function logKey(generation: number, firstIndex: number): Buffer {
  const key = Buffer.allocUnsafe(13);
  key[0] = log;
  key.writeUInt32BE(generation, 1);
  writeU64(key, firstIndex, 5);
  return key;
}

export function indexOfLogKey(key: Buffer): number {
  return key.byteLength === 13 ? readU64(key, 5) : Number.NaN;
}

/** The log's records of one generation from `firstIndex` on. */
export function logFrom(generation: number, firstIndex: number): KeyRange {
  return { gte: logKey(generation, firstIndex), lt: logKey(generation + 1, 0) };
}

/** Where the log begins: its generation, and the index of its first entry. */
export interface LogStart {
  readonly generation: number;
  readonly firstIndex: number;
}

/** Every record of the log before this start. */
export function logBefore({ generation, firstIndex }: LogStart): KeyRange {
  return { gte: Buffer.of(log), lt: logKey(generation, firstIndex) };
}

export function logBetween(from: LogStart, to: LogStart): KeyRange {
  return { gte: logKey(from.generation, from.firstIndex), lt: logBefore(to).lt };
}

export function logAfterGeneration(generation: number): KeyRange {
  return { gte: logKey(generation + 1, 0), lt: Buffer.of(manifest) };
}

export function manifestKey(snapshot: number): Buffer {
  const key = Buffer.allocUnsafe(9);
  key[0] = manifest;
  writeU64(key, snapshot, 1);
  return key;
}

export function chunkKey(snapshot: number, number: number): Buffer {
  const key = Buffer.allocUnsafe(13);
  key[0] = chunk;
  writeU64(key, snapshot, 1);
  key.writeUInt32BE(number, 9);
  return key;
}

/** Manifest and chunks of one snapshot. */
export function snapshotRanges(snapshot: number): readonly KeyRange[] {
  return [
    { gte: manifestKey(snapshot), lt: manifestKey(snapshot + 1) },
    { gte: chunkKey(snapshot, 0), lt: chunkKey(snapshot + 1, 0) },
  ];
}

/** Manifests and chunks of all snapshots but one; of all when it is zero, which names none. */
export function otherSnapshotRanges(snapshot: number): readonly KeyRange[] {
  return [
    { gte: Buffer.of(manifest), lt: manifestKey(snapshot) },
    { gte: manifestKey(snapshot + 1), lt: Buffer.of(chunk) },
    { gte: Buffer.of(chunk), lt: chunkKey(snapshot, 0) },
    { gte: chunkKey(snapshot, numberMax), lt: Buffer.of(chunk + 1) },
  ];
}

function writeU64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32BE(Math.floor(value / two32), offset);
  bytes.writeUInt32BE(value % two32, offset + 4);
}

function readU64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * two32 + bytes.readUInt32BE(offset + 4);
}
