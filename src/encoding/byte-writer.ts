import type { WireSink } from './wire.js';

const varintBytesMax = 5;
/** A text of so many UTF-16 units has at most 126 bytes of UTF-8, so its length takes one byte. */
const shortTextMax = 42;
const asciiMax = 0x7f;

/**
 * Writes straight into a buffer that grows. Records have many small fields, and collecting an
 * object for each would cost more than writing it.
 */
export class ByteWriter implements WireSink {
  #buffer: Buffer;
  #length = 0;

  /** @param capacity the bytes that fit without a larger buffer. */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** As a varint. */
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
    const start = this.#length + 1;
    const bytes = this.#writeAscii(value, start) ? value.length : this.#buffer.write(value, start);
    this.#buffer[this.#length] = bytes;
    this.#length = start + bytes;
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    this.append(value);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Leaves room for what is known later, and returns where that begins. */
  skip(bytes: number): number {
    this.#reserve(bytes);
    const start = this.#length;
    this.#length += bytes;
    return start;
  }

  /** Writes where `skip` has left room. */
  uint32LEAt(start: number, value: number): void {
    this.#buffer.writeUInt32LE(value, start);
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  /** Returns a copy of what was written so far, and starts again. */
  takeCopy(): Buffer {
    const copy = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return copy;
  }

  /** Returns what was written so far, without a copy, and starts an empty buffer. */
  take(capacity: number): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#length = 0;
    return taken;
  }

  /** Returns false, with nothing that counts as written, for a text with other characters. */
  #writeAscii(value: string, start: number): boolean {
    for (let at = 0; at < value.length; at += 1) {
      const unit = value.charCodeAt(at);
      if (unit > asciiMax) return false;
      this.#buffer[start + at] = unit;
    }
    return true;
  }

  #longText(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.uint32(bytes);
    this.#reserve(bytes);
    this.#buffer.write(value, this.#length);
    this.#length += bytes;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

const lentBytes = 16 * 1024;
/** Lent to one encoder after the other; undefined while it is lent. */
let idle: ByteWriter | undefined;

/**
 * What `write` writes, in as much memory as it takes: entries stay in the log for long, and would
 * keep the rest of a larger buffer with them.
 */
export function encodedBytes(write: (writer: ByteWriter) => void): Buffer {
  const writer = idle ?? new ByteWriter(lentBytes);
  // An encoder inside of this one takes another; one that throws does not give it back.
  idle = undefined;
  write(writer);
  const bytes = writer.takeCopy();
  if (writer.capacity === lentBytes) idle = writer;
  return bytes;
}
