import type { Format, Kind } from './field.js';
import { MalformedError } from './format-error.js';
import {
  readBytes,
  readFlag,
  readList,
  readText,
  readUint,
  type WireReader,
  type WireSink,
  writeFlag,
  writeList,
  writeText,
  writeUint,
} from './wire.js';

/** Every release can hold the values. */
export const everyVersion = { newest: 1, versionOf: () => 1 };

function plainKind<T>(
  blank: T,
  write: (sink: WireSink, value: T) => void,
  read: (reader: WireReader) => T,
): Kind<T> {
  return {
    ...everyVersion,
    blank,
    isBlank: (value) => value === blank,
    write,
    read,
    isRequired: false,
  };
}

/** Zero when absent. */
export const uint: Kind<number> = plainKind(0, writeUint, readUint);
/** Empty when absent. */
export const text: Kind<string> = plainKind('', writeText, readText);

/** Empty when absent. A length outside of the bounds, in UTF-16 units, is refused. */
export function boundedText(what: string, lengthMin: number, lengthMax: number): Kind<string> {
  return plainKind('', writeText, (reader) => {
    const value = readText(reader);
    if (value.length < lengthMin || value.length > lengthMax) {
      throw new MalformedError(`${what} of ${value.length} characters`);
    }
    return value;
  });
}

/** False when absent. */
export const flag: Kind<boolean> = plainKind(false, writeFlag, readFlag);

const noBytes = Buffer.alloc(0);

/** Empty when absent. What is read shares the memory of the record. */
export const bytes: Kind<Uint8Array> = {
  ...everyVersion,
  blank: noBytes,
  isBlank: (value) => value.byteLength === 0,
  write: (sink, value) => sink.bytes(value),
  read: readBytes,
  isRequired: false,
};

/** Undefined when absent. */
export function optional<T>({ write, read, newest, versionOf }: Format<T>): Kind<T | undefined> {
  return {
    blank: undefined,
    isBlank: (value) => value === undefined,
    write: (sink, value) => {
      if (value !== undefined) write(sink, value);
    },
    read,
    isRequired: false,
    newest,
    versionOf: (value) => (value === undefined ? 1 : versionOf(value)),
  };
}

/** Never absent. */
export function required<T>(format: Format<T>): Kind<T> {
  return {
    write: format.write,
    read: format.read,
    newest: format.newest,
    versionOf: format.versionOf,
    // A record whose field is still blank after it was read is refused, so nobody sees this.
    blank: undefined as T,
    isBlank: () => false,
    isRequired: true,
  };
}

/** Empty when absent; `none` is the empty list that readers get. */
export function list<T>(
  { write, read, newest, versionOf }: Format<T>,
  none: readonly T[],
): Kind<readonly T[]> {
  return {
    blank: none,
    isBlank: (items) => items.length === 0,
    write: (sink, items) => writeList(sink, items, write),
    read: (reader) => readList(reader, read),
    isRequired: false,
    newest,
    versionOf: (items) => items.reduce((version, item) => Math.max(version, versionOf(item)), 1),
  };
}

/** The first of `values` when absent. Their positions are written: only ever append. */
export function oneOf<const T extends string>(values: readonly [T, ...T[]]): Kind<T> {
  return plainKind<T>(
    values[0],
    (sink, value) => {
      const position = values.indexOf(value);
      if (position < 0) throw new MalformedError(`nothing is called ${value}`);
      sink.uint32(position);
    },
    (reader) => {
      const position = reader.uint32();
      const value = values[position];
      if (value === undefined) throw new MalformedError(`nothing has the number ${position}`);
      return value;
    },
  );
}

/** The kind with another type over it, for branded integers. */
export function branded<T extends number>(brand: (value: number) => T): Kind<T> {
  return plainKind<T>(brand(0), writeUint, (reader) => brand(readUint(reader)));
}
