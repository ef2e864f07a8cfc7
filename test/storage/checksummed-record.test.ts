import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { logIndex } from '../../src/ids.js';
import { decodeRecord, encodeRecord } from '../../src/storage/log-record.js';
import { decodeRoot, encodeRoot, initialRoot } from '../../src/storage/root-record.js';
import {
  decodeChunk,
  decodeManifest,
  encodeChunk,
  encodeManifest,
} from '../../src/storage/snapshot-record.js';
import {
  decodeWatermark,
  encodeWatermark,
  watermarkOf,
} from '../../src/storage/watermark-record.js';
import { entries, metadata, owner, withChecksum } from './samples.js';

const root = initialRoot({ ...owner, incarnation: 'ef'.repeat(16) });
const logEnd = { index: logIndex(7), term: root.hardState.currentTerm };

/** One record of each kind, and how it is read. */
const kinds: Readonly<Record<string, { bytes: Buffer; decode(bytes: Buffer): unknown }>> = {
  'a log record': {
    bytes: encodeRecord(logIndex(5), entries(5, 9, 3), 77).bytes,
    decode: (bytes) => decodeRecord(bytes, logIndex(5), 77),
  },
  'a root record': { bytes: encodeRoot(root), decode: decodeRoot },
  'a chunk': {
    bytes: encodeChunk(3, 4, Buffer.from('some bytes')),
    decode: (bytes) => decodeChunk(bytes, 3, 4),
  },
  'a manifest': {
    bytes: encodeManifest({
      metadata: metadata(9, 2),
      chunkCount: 3,
      totalBytes: 30,
      chunksChecksum: 0xfedcba98,
    }),
    decode: decodeManifest,
  },
  'the watermark': {
    bytes: encodeWatermark(watermarkOf(root, logEnd, logIndex(3))),
    decode: decodeWatermark,
  },
};

function assertStorageError(error: unknown, codes: readonly string[]): boolean {
  assert.ok(error instanceof Error && error.name === 'StorageError', String(error));
  assert.ok('code' in error && codes.includes(String(error.code)), String(error));
  return true;
}

for (const [what, { bytes, decode }] of Object.entries(kinds)) {
  describe(what, () => {
    it('is read back, and no flipped bit of it is', () => {
      decode(bytes);
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        assert.throws(
          () => decode(damaged),
          (error) => assertStorageError(error, ['corrupt']),
        );
      }
    });

    it('is not read when it is cut short or too long, whatever its checksum says', () => {
      for (let length = 0; length < bytes.length; length += 1) {
        assert.throws(
          () => decode(bytes.subarray(0, length)),
          (error) => assertStorageError(error, ['corrupt']),
        );
      }
    });

    it('of a newer format is told from a damaged one', () => {
      const newer = Buffer.from(bytes);
      newer[0] = 9;
      assert.throws(
        () => decode(withChecksum(newer)),
        (error) => assertStorageError(error, ['version']),
      );
    });

    it('crafted with a right checksum is refused or read, and costs nothing', () => {
      fc.assert(
        fc.property(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 9 }), (at, patch) => {
          const crafted = Buffer.from(bytes);
          crafted.set(
            patch.subarray(0, crafted.length - (at % crafted.length)),
            at % crafted.length,
          );
          try {
            decode(withChecksum(crafted));
          } catch (error) {
            assertStorageError(error, ['corrupt', 'version']);
          }
        }),
        { numRuns: 300 },
      );
    });
  });
}

describe('a log record follows one record only', () => {
  const { bytes } = encodeRecord(logIndex(5), entries(5, 9, 3), 77);

  it('not another one', () => {
    assert.throws(() => decodeRecord(bytes, logIndex(5), 78), /does not follow the record before/);
  });

  it('at its own index', () => {
    assert.throws(() => decodeRecord(bytes, logIndex(6), 77), /claims to begin at 5/);
  });

  it('and its successors know it by its checksum', () => {
    const { chain } = decodeRecord(bytes, logIndex(5), 77);
    const other = encodeRecord(logIndex(5), entries(5, 9, 4), 77);
    assert.notEqual(chain, other.chain);
    assert.notEqual(chain, encodeRecord(logIndex(5), entries(5, 9, 3), 76).chain);
  });
});
