import { assert } from '../assert.js';
import type { Field, Format } from './field.js';
import { MalformedError, NewerFormatError } from './format-error.js';
import type { WireReader, WireSink } from './wire.js';

type Fields = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The fields whose value may be left out of an object: undefined is what they are when absent. */
type OptionalName<F extends Fields> = {
  [Name in keyof F]: undefined extends ValueOf<F[Name]> ? Name : never;
}[keyof F];

/** What a table of fields describes. */
export type ShapeOf<F extends Fields> = {
  readonly [Name in Exclude<keyof F, OptionalName<F>>]: ValueOf<F[Name]>;
} & {
  readonly [Name in OptionalName<F>]?: ValueOf<F[Name]>;
};

/** What records of the format are in memory. */
export type RecordOf<R> = R extends RecordFormat<infer T> ? T : never;

interface NamedField extends Field<unknown> {
  readonly name: string;
}

/** Ends a record; so no field has this number. */
const end = 0;

/**
 * A table of fields, and with it the type, the encoder and the decoder of a record. On the wire
 * each field that is not blank follows its number, in the order of the numbers; zero ends the
 * record. A record that lacks a field reads as blank, so fields can be added. A field that this
 * release does not know means that a newer one wrote it, and is refused: a member that skipped it
 * would diverge from the others.
 */
export class RecordFormat<T extends object> implements Format<T> {
  /** The newest format version that a record may need. */
  readonly newest: number;
  readonly #what: string;
  readonly #fields: readonly NamedField[];
  readonly #later: readonly NamedField[];
  readonly #required: readonly NamedField[];
  readonly #byNumber: readonly (NamedField | undefined)[];
  readonly #blank: Readonly<Record<string, unknown>>;
  readonly #check: ((record: T) => void) | undefined;

  /**
   * @param what names the record in errors.
   * @param constants are in every record and not on the wire.
   * @param check throws a {@link MalformedError} for values that do not go together.
   */
  constructor(
    what: string,
    constants: object,
    fields: Fields,
    check: ((record: T) => void) | undefined,
  ) {
    this.#what = what;
    this.#fields = Object.entries(fields).map(([name, field]) => ({ name, ...field }));
    this.#later = this.#fields.filter(({ since, kind }) => since > 1 || kind.newest > 1);
    this.newest = this.#later.reduce(
      (newest, { since, kind }) => Math.max(newest, since, kind.newest),
      1,
    );
    this.#required = this.#fields.filter(({ kind }) => kind.isRequired);
    this.#byNumber = byNumber(what, this.#fields);
    const blanks = this.#fields.map(({ name, kind }) => [name, kind.blank] as const);
    this.#blank = { ...constants, ...Object.fromEntries(blanks) };
    this.#check = check;
  }

  /** The lowest format version that can hold the record, with the records in it. */
  readonly versionOf = (record: T): number => {
    let version = 1;
    for (const { name, kind, since } of this.#later) {
      const value = valueIn(record, name);
      if (!kind.isBlank(value)) version = Math.max(version, since, kind.versionOf(value));
    }
    return version;
  };

  /** @throws {MalformedError} for values that no record may hold. */
  readonly write = (sink: WireSink, record: T): void => {
    this.#check?.(record);
    for (const { name, number, kind } of this.#fields) {
      const value = valueIn(record, name);
      if (kind.isBlank(value)) continue;
      sink.uint32(number);
      kind.write(sink, value);
    }
    sink.uint32(end);
  };

  /**
   * @throws {NewerFormatError} for a field that this release does not know.
   * @throws {MalformedError} for bytes that nobody wrote.
   */
  readonly read = (reader: WireReader): T => {
    const record = { ...this.#blank };
    for (let last: number = end; ; ) {
      const number = reader.uint32();
      if (number === end) break;
      if (number <= last) throw new MalformedError(`fields of ${this.#what} are out of order`);
      last = number;
      const field = this.#byNumber[number];
      if (field === undefined) throw NewerFormatError.field(this.#what, number);
      record[field.name] = field.kind.read(reader);
    }
    for (const { name } of this.#required) {
      if (record[name] === undefined) throw new MalformedError(`${this.#what} has no ${name}`);
    }
    // Each field is there by now, with a value of its kind.
    const whole = record as T;
    this.#check?.(whole);
    return whole;
  };
}

/** A record with its table of fields. */
export function recordFormat<const F extends Fields>(
  what: string,
  fields: F,
): RecordFormat<ShapeOf<F>> {
  return new RecordFormat<ShapeOf<F>>(what, {}, fields, undefined);
}

/** A table with a field for each property of a type that is declared elsewhere. */
export type FieldsFor<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

/** The table of a record whose type is declared elsewhere. */
export function formatFor<T extends object>(what: string, fields: FieldsFor<T>): RecordFormat<T> {
  return new RecordFormat<T>(what, {}, fields, undefined);
}

/** The same for a member of a union, tagged `type`. */
export function taggedFormatFor<T extends { readonly type: string }>(
  type: T['type'],
  fields: FieldsFor<Omit<T, 'type'>>,
): RecordFormat<T> {
  return new RecordFormat<T>(`a record of type ${type}`, { type }, fields, undefined);
}

type Tagged<Type extends string, F extends Fields> = ShapeOf<F> & { readonly type: Type };

/**
 * The same for a member of a union, tagged `type`.
 * @param check throws a {@link MalformedError} for values that do not go together.
 */
export function taggedFormat<const Type extends string, const F extends Fields>(
  type: Type,
  fields: F,
  check?: (record: ShapeOf<F>) => void,
): RecordFormat<Tagged<Type, F>> {
  return new RecordFormat<Tagged<Type, F>>(`a record of type ${type}`, { type }, fields, check);
}

function byNumber(what: string, fields: readonly NamedField[]): (NamedField | undefined)[] {
  const found: (NamedField | undefined)[] = [];
  let last: number = end;
  for (const field of fields) {
    assert(field.number > last, `the fields of ${what} stand in the order of their numbers`);
    last = field.number;
    while (found.length < field.number) found.push(undefined);
    found.push(field);
  }
  return found;
}

function valueIn(record: object, name: string): unknown {
  return (record as Readonly<Record<string, unknown>>)[name];
}
