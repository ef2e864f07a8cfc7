import type { WireSink } from './wire.js';

const varintBytesMax = 5;
/** Up to so many UTF-16 units, a loop over them is faster than the call of a native function. */
const shortTextMax = 256;
const asciiMax = 0x7f;
/** Left behind a large field, for the small ones that follow it. */
const spareBytes = 256;

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
    if (value.length > shortTextMax || !this.#shortAscii(value)) this.#anyText(value);
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

  /** Returns what was written, in as much memory as it takes, or little more, and starts again. */
  takeTight(): Buffer {
    const isFull = this.#buffer.length - this.#length <= spareBytes;
    return isFull ? this.take(0) : this.takeCopy();
  }

  /** Returns a copy of what was written so far, and starts again. */
  takeCopy(): Buffer {
    const copy = Buffer.allocUnsafe(this.#length);
    this.#buffer.copy(copy, 0, 0, this.#length);
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

  /** Returns false, with nothing written, for a text with other characters. */
  #shortAscii(value: string): boolean {
    const { length } = value;
    const before = this.#length;
    this.#reserve(varintBytesMax + length);
    this.uint32(length);
    const buffer = this.#buffer;
    const start = this.#length;
    for (let at = 0; at < length; at += 1) {
      const unit = value.charCodeAt(at);
      if (unit > asciiMax) {
        this.#length = before;
        return false;
      }
      buffer[start + at] = unit;
    }
    this.#length = start + length;
    return true;
  }

  #anyText(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.uint32(bytes);
    this.#reserve(bytes);
    this.#buffer.write(value, this.#length);
    this.#length += bytes;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed + spareBytes, 2 * this.#buffer.length));
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
  const bytes = writer.takeTight();
  if (writer.capacity === lentBytes) idle = writer;
  return bytes;
}
