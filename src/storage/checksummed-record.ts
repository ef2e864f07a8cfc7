import { crc32 } from 'node:zlib';
import { encodedBytes } from '../encoding/byte-writer.js';
import type { Format } from '../encoding/field.js';
import { MalformedError, NewerFormatError } from '../encoding/format-error.js';
import { releaseFormats } from '../encoding/format-range.js';
import { decodeVersioned, writeVersioned } from '../encoding/versioned.js';
import { corrupt } from './corruption.js';
import { StorageError } from './storage-error.js';

/*
 * Every record on disk is checksummed: it begins with the version of its format, and its last four bytes
 * are the CRC-32 of all bytes before them. This holds for every later version, so a damaged record can be
 * told from one of a newer release.
 */

const checksumBytes = 4;

export function encodeChecksummed<T>(format: Format<T>, record: T): Buffer {
  const bytes = encodedBytes((writer) => {
    writeVersioned(writer, format, record);
    writer.skip(checksumBytes);
  });
  const end = bytes.byteLength - checksumBytes;
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

/**
 * Reads what {@link encodeChecksummed} wrote, and never beyond it: no length in a record is
 * trusted.
 * @param what names the record in an error, as in "the watermark".
 * @throws {StorageError} `corrupt`, or `version` for a record of a newer release.
 */
export function decodeChecksummed<T>(format: Format<T>, bytes: Buffer, what: string): T {
  const end = bytes.byteLength - checksumBytes;
  if (end < 1) throw corrupt(`${what} is cut short`);
  const content = bytes.subarray(0, end);
  if (crc32(content) !== checksumOf(bytes)) {
    throw corrupt(`${what} is damaged: its checksum does not match`);
  }
  try {
    return decodeVersioned(format, content, what, releaseFormats.highest);
  } catch (error) {
    if (error instanceof NewerFormatError) {
      throw new StorageError('version', error.message, { cause: error });
    }
    if (error instanceof MalformedError) {
      throw corrupt(`${what} holds what no member writes: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** The checksum that a record ends with. */
export function checksumOf(record: Buffer): number {
  return record.readUInt32BE(record.byteLength - checksumBytes);
}
