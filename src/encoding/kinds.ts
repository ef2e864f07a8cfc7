import type { Kind } from './field.js';
import { MalformedError } from './format-error.js';
import {
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

function plainKind<T>(
  blank: T,
  write: (sink: WireSink, value: T) => void,
  read: (reader: WireReader) => T,
): Kind<T> {
  return { blank, isBlank: (value) => value === blank, write, read, isRequired: false };
}

/** Zero when absent. */
export const uint: Kind<number> = plainKind(0, writeUint, readUint);
/** Empty when absent. */
export const text: Kind<string> = plainKind('', writeText, readText);
/** False when absent. */
export const flag: Kind<boolean> = plainKind(false, writeFlag, readFlag);

/** Undefined when absent. */
export function optional<T>({ write, read }: Pick<Kind<T>, 'write' | 'read'>): Kind<T | undefined> {
  return plainKind<T | undefined>(
    undefined,
    (sink, value) => {
      if (value !== undefined) write(sink, value);
    },
    read,
  );
}

/** Never absent. */
export function required<T>({ write, read }: Pick<Kind<T>, 'write' | 'read'>): Kind<T> {
  return {
    // A record whose field is still blank after it was read is refused, so nobody sees this.
    blank: undefined as T,
    isBlank: () => false,
    write,
    read,
    isRequired: true,
  };
}

/** Empty when absent; `none` is the empty list that readers get. */
export function list<T>(
  { write, read }: Pick<Kind<T>, 'write' | 'read'>,
  none: readonly T[],
): Kind<readonly T[]> {
  return {
    blank: none,
    isBlank: (items) => items.length === 0,
    write: (sink, items) => writeList(sink, items, write),
    read: (reader) => readList(reader, read),
    isRequired: false,
  };
}

/** The first of `values` when absent. Their positions are written: only ever append. */
export function oneOf<const T extends string>(values: readonly [T, ...T[]]): Kind<T> {
  return plainKind<T>(
    values[0],
    (sink, value) => sink.uint32(values.indexOf(value)),
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
