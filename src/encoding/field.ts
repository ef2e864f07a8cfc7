import type { WireReader, WireSink } from './wire.js';

/** How a value is written and read. */
export interface Format<T> {
  write(sink: WireSink, value: T): void;
  read(reader: WireReader): T;
  /**
   * The newest format version that a value may need: 1 unless it holds a record with later fields.
   */
  readonly newest: number;
  /** The lowest format version that can hold the value. */
  versionOf(value: T): number;
}

/** How values of one kind are written in a field. `blank` is what an absent field stands for. */
export interface Kind<T> extends Format<T> {
  readonly blank: T;
  isBlank(value: T): boolean;
  /** A record without such a field is malformed: there is no value that could stand for it. */
  readonly isRequired: boolean;
}

/** One field of a record. Its number is in logs on disk: never change one, never use one again. */
export interface Field<T> {
  readonly number: number;
  readonly kind: Kind<T>;
  /**
   * The format version that brought the field. A record that uses it is refused by older releases.
   */
  readonly since: number;
}

/** A field that every release knows. */
export function field<T>(number: number, kind: Kind<T>): Field<T> {
  return { number, kind, since: 1 };
}

/** A field that a later format version brought. Older records do not have it, and read as blank. */
export function fieldSince<T>(since: number, number: number, kind: Kind<T>): Field<T> {
  return { number, kind, since };
}
