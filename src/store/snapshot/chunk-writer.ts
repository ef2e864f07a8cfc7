import type { WireSink } from '../../encoding/wire.js';

const lengthBytes = 4;
const varintBytesMax = 5;
/** A text of so many UTF-16 units has at most 126 bytes of UTF-8, so its length takes one byte. */
const shortTextMax = 42;

/**
 * Writes records straight into a buffer. A snapshot of a million keys has millions of small fields,
 * and collecting an object for each would cost more than writing it.
 */
export class ChunkWriter implements WireSink {
  #buffer: Buffer;
  #length = 0;
  #recordStart = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  uint32(value: number): void {
    this.#reserve(varintBytesMax);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  string(value: string): void {
    if (value.length > shortTextMax) {
      this.#longText(value);
      return;
    }
    this.#reserve(1 + 3 * value.length);
    const bytes = this.#buffer.write(value, this.#length + 1);
    this.#buffer[this.#length] = bytes;
    this.#length += 1 + bytes;
  }

  #longText(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.uint32(bytes);
    this.#reserve(bytes);
    this.#buffer.write(value, this.#length);
    this.#length += bytes;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * The length is written in front of a record, so that a reader knows when the record is complete.
   */
  beginRecord(type: number): void {
    this.#reserve(lengthBytes);
    this.#recordStart = this.#length;
    this.#length += lengthBytes;
    this.uint32(type);
  }

  endRecord(): void {
    const bytes = this.#length - this.#recordStart - lengthBytes;
    this.#buffer.writeUInt32LE(bytes, this.#recordStart);
  }

  /** Returns what was written so far, and starts an empty buffer. */
  take(capacity: number): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#length = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
