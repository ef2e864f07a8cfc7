import protobuf from 'protobufjs/minimal.js';
import { MalformedError, NewerFormatError } from './format-error.js';

/** The primitives are protobuf's: varints, and text behind its length. */
/** What encoders write to. */
export interface WireSink {
  uint32(value: number): void;
  string(value: string): void;
  /** Behind their length. */
  bytes(value: Uint8Array): void;
}

export type WireReader = protobuf.Reader;

const uint32Size = 2 ** 32;
const highMax = 2 ** 21;

/** A view on the same memory: reading text from a `Buffer` is several times faster. */
export function wireReader(bytes: Uint8Array): WireReader {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return protobuf.Reader.create(buffer);
}

/** Any safe integer from zero up, its upper half first. */
export function writeUint(writer: WireSink, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new MalformedError(`not an integer from zero up: ${value}`);
  }
  writer.uint32(value < uint32Size ? 0 : Math.floor(value / uint32Size));
  writer.uint32(value >>> 0);
}

export function readUint(reader: WireReader): number {
  const high = reader.uint32();
  if (high >= highMax) throw new MalformedError('an integer is too large');
  return high * uint32Size + reader.uint32();
}

/** UTF-8 can't hold half a surrogate pair: it would come back as another text. */
export function writeText(writer: WireSink, value: string): void {
  if (!value.isWellFormed()) throw new MalformedError('a text holds half a surrogate pair');
  writer.string(value);
}

export function readText(reader: WireReader): string {
  const length = reader.uint32();
  const start = reader.pos;
  const end = start + length;
  if (end > reader.len) throw new MalformedError('a text is longer than its bytes');
  reader.pos = end;
  // The reader was made from a Buffer, in `wireReader`.
  return (reader.buf as Buffer).toString('utf8', start, end);
}

/** They share the memory of what is read. */
export function readBytes(reader: WireReader): Buffer {
  const length = reader.uint32();
  const start = reader.pos;
  const end = start + length;
  if (end > reader.len) throw new MalformedError('there are fewer bytes than it says');
  reader.pos = end;
  // The reader was made from a Buffer, in `wireReader`.
  return (reader.buf as Buffer).subarray(start, end);
}

export function writeFlag(writer: WireSink, value: boolean): void {
  writer.uint32(value ? 1 : 0);
}

/**
 * Anything but zero and one is refused, so that what was read is written back as the same bytes.
 */
export function readFlag(reader: WireReader): boolean {
  const value = reader.uint32();
  if (value > 1) throw new MalformedError(`not a flag: ${value}`);
  return value === 1;
}

export function writeList<T>(
  writer: WireSink,
  items: readonly T[],
  write: (writer: WireSink, item: T) => void,
): void {
  writer.uint32(items.length);
  for (const item of items) write(writer, item);
}

/**
 * Each item takes a byte at least, so a length beyond the bytes is refused before it is believed.
 */
export function readList<T>(reader: WireReader, read: (reader: WireReader) => T): T[] {
  const length = reader.uint32();
  if (length > reader.len - reader.pos) throw new MalformedError('a list is longer than its bytes');
  const items: T[] = [];
  for (let i = 0; i < length; i += 1) items.push(read(reader));
  return items;
}

export function readVersion(reader: WireReader, what: string, known: number): void {
  const version = reader.uint32();
  if (version > known) throw NewerFormatError.version(what, version, known);
  if (version === 0) throw new MalformedError(`${what} has no format version`);
}

/**
 * Runs a decoder over all of the bytes. Whatever is wrong with them is a {@link MalformedError}.
 */
export function decodeWhole<T>(bytes: Uint8Array, decode: (reader: WireReader) => T): T {
  const reader = wireReader(bytes);
  try {
    const decoded = decode(reader);
    if (reader.pos !== reader.len) throw new MalformedError('bytes are left over');
    return decoded;
  } catch (error) {
    // The reader's own way to say that the bytes end too early.
    if (error instanceof RangeError)
      throw new MalformedError('bytes are missing', { cause: error });
    throw error;
  }
}
