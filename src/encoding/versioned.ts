import type { Format } from './field.js';
import { MalformedError } from './format-error.js';
import { decodeWhole, finish, readVersion, type WireWriter, wireWriter } from './wire.js';

/** Encodes what stands by itself: its format version, and the record behind it. */
export function encodeVersioned<T>(format: Format<T>, record: T): Buffer {
  const writer = wireWriter();
  writeVersioned(writer, format, record);
  return finish(writer);
}

/** The lowest version that can hold the record, so that the oldest release possible can read it. */
export function writeVersioned<T>(writer: WireWriter, format: Format<T>, record: T): void {
  writer.uint32(format.newest === 1 ? 1 : format.versionOf(record));
  format.write(writer, record);
}

/**
 * The lowest version that can hold the record.
 * @throws {MalformedError} when that is above `versionMax`.
 */
export function requireVersion<T>(
  format: Format<T>,
  record: T,
  what: string,
  versionMax: number,
): number {
  const version = format.newest === 1 ? 1 : format.versionOf(record);
  if (version > versionMax) {
    throw new MalformedError(
      `${what} needs format ${version}, but only ${versionMax} may be written`,
    );
  }
  return version;
}

/**
 * @param what names the record in errors.
 * @throws {NewerFormatError} for a version above `highest`, and for a field that this release does
 *   not know.
 * @throws {MalformedError} for bytes that nobody wrote.
 */
export function decodeVersioned<T>(
  format: Format<T>,
  bytes: Uint8Array,
  what: string,
  highest: number,
): T {
  return decodeWhole(bytes, (reader) => {
    readVersion(reader, what, highest);
    return format.read(reader);
  });
}
