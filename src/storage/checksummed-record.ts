import { crc32 } from 'node:zlib';
import { assert } from '../assert.js';
import { corrupt } from './corruption.js';
import { StorageError } from './storage-error.js';

/*
 * Every record on disk is checksummed: its first byte is the version of its format, its last four are the
 * CRC-32 of all bytes before them. This holds for every later version, so a damaged record can be told
 * from one of a newer program. Integers are big-endian.
 */

const versionBytes = 1;
const checksumBytes = 4;
const overheadBytes = versionBytes + checksumBytes;

const two32 = 2 ** 32;

export class ChecksummedWriter {
  readonly #bytes: Buffer;
  #offset = versionBytes;

  /** @param contentBytes what is going to be put, exactly. */
  constructor(version: number, contentBytes: number) {
    this.#bytes = Buffer.allocUnsafe(overheadBytes + contentBytes);
    this.#bytes[0] = version;
  }

  u8(value: number): this {
    this.#bytes[this.#offset] = value;
    this.#offset += 1;
    return this;
  }

  u32(value: number): this {
    this.#offset = this.#bytes.writeUInt32BE(value, this.#offset);
    return this;
  }

  u64(value: number): this {
    this.#offset = writeU64(this.#bytes, value, this.#offset);
    return this;
  }

  hex(digits: string): this {
    this.#offset += this.#bytes.write(digits, this.#offset, 'hex');
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.byteLength;
    return this;
  }

  finish(): Buffer {
    const end = this.#bytes.byteLength - checksumBytes;
    assert(this.#offset === end, `a record of ${end} bytes was filled with ${this.#offset}`);
    this.#bytes.writeUInt32BE(crc32(this.#bytes.subarray(0, end)), end);
    return this.#bytes;
  }
}

/** The checksum that a record ends with. */
export function checksumOf(record: Buffer): number {
  return record.readUInt32BE(record.byteLength - checksumBytes);
}

/**
 * Reads what a {@link ChecksummedWriter} wrote, and never beyond it: no length in a record is
 * trusted.
 */
export class ChecksummedReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  readonly #end: number;
  #offset = versionBytes;

  /** @param what names the record in an error, as in "the watermark". */
  constructor(bytes: Buffer, version: number, what: string) {
    this.#bytes = bytes;
    this.#what = what;
    this.#end = bytes.byteLength - checksumBytes;
    const found = bytes[0];
    if (found === undefined || this.#end < versionBytes) throw corrupt(`${what} is cut short`);
    if (crc32(bytes.subarray(0, this.#end)) !== checksumOf(bytes)) {
      throw corrupt(`${what} is damaged: its checksum does not match`);
    }
    if (found > version) {
      throw new StorageError(
        'version',
        `${what} has format ${found}, this program knows ${version}: start a newer program`,
      );
    }
    if (found === 0) throw corrupt(`${what} has no format version`);
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  u64(): number {
    const value = readU64(this.#bytes, this.#take(8));
    if (!Number.isSafeInteger(value)) throw corrupt(`${this.#what} holds a number out of range`);
    return value;
  }

  hex(digits: number): string {
    const at = this.#take(digits / 2);
    return this.#bytes.toString('hex', at, at + digits / 2);
  }

  /** Shares the memory of the record. */
  raw(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  end(): void {
    if (this.remaining !== 0) throw corrupt(`${this.#what} is longer than what it holds`);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.remaining) throw corrupt(`${this.#what} is shorter than what it holds`);
    this.#offset += length;
    return at;
  }
}

export function writeU64(bytes: Buffer, value: number, offset: number): number {
  bytes.writeUInt32BE(Math.floor(value / two32), offset);
  return bytes.writeUInt32BE(value % two32, offset + 4);
}

export function readU64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * two32 + bytes.readUInt32BE(offset + 4);
}
