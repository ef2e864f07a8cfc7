import { assert } from '../assert.js';
import { encodedBytes } from './byte-writer.js';
import type { Format } from './field.js';
import { MalformedError } from './format-error.js';
import { decodeWhole, readVersion, type WireSink } from './wire.js';

/**
 * Encodes what stands by itself, for a reader that understands formats up to `versionMax`: the
 * format version, and the record behind it. A record that needs more is a broken invariant.
 * @param what names the record in errors.
 */
export function encodeVersioned<T extends { readonly type: string }>(
  format: Format<T>,
  record: T,
  what: string,
  versionMax: number,
): Buffer {
  const version = format.newest === 1 ? 1 : format.versionOf(record);
  if (version > versionMax) {
    const needs = `${what} of type ${record.type} needs format ${version}`;
    assert(false, `${needs}, but its reader understands up to ${versionMax}`);
  }
  return encodedBytes((writer) => {
    writer.uint32(version);
    format.write(writer, record);
  });
}

/** The lowest version that can hold the record, so that the oldest release possible can read it. */
export function writeVersioned<T>(writer: WireSink, format: Format<T>, record: T): void {
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
