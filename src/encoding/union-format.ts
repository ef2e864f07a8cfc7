import { assert } from '../assert.js';
import type { Format } from './field.js';
import { MalformedError } from './format-error.js';
import type { RecordFormat } from './record-format.js';
import type { WireReader, WireSink } from './wire.js';

interface TaggedRecord {
  readonly type: string;
}

/**
 * A number and a format for each member of a union that is tagged `type`; and the format version
 * that brought it, if that is not the first.
 */
export type Alternatives<T extends TaggedRecord> = {
  readonly [Type in T['type']]: readonly [
    number: number,
    format: RecordFormat<Extract<T, { readonly type: Type }>>,
    since?: number,
  ];
};

interface Alternative<T extends object> {
  readonly number: number;
  readonly format: RecordFormat<T>;
  readonly since: number;
}

/**
 * One of several records, behind the number of its type. The numbers are in logs on disk: never
 * change one, never use one again.
 */
export class UnionFormat<T extends TaggedRecord> implements Format<T> {
  /** The newest format version that a record may need. */
  readonly newest: number;
  readonly #what: string;
  readonly #byType = new Map<string, Alternative<T>>();
  readonly #byNumber: (Alternative<T> | undefined)[] = [];

  /** @param what names a record of the union in errors. */
  constructor(what: string, alternatives: Alternatives<T>) {
    this.#what = what;
    const entries = Object.entries<readonly [number, unknown, number?]>(alternatives);
    for (const [type, [number, format, since = 1]] of entries) {
      assert(this.#byNumber[number] === undefined, `${what} has one type of number ${number}`);
      // A format is only asked for records of its own type.
      const own = { number, format: format as RecordFormat<T>, since };
      this.#byType.set(type, own);
      while (this.#byNumber.length < number) this.#byNumber.push(undefined);
      this.#byNumber[number] = own;
    }
    this.newest = this.#byNumber.reduce(
      (newest, each) => Math.max(newest, each?.since ?? 1, each?.format.newest ?? 1),
      1,
    );
  }

  /** The lowest format version that can hold the record. */
  readonly versionOf = (record: T): number => {
    const { format, since } = this.#of(record.type);
    return Math.max(since, format.versionOf(record));
  };

  /** @throws {MalformedError} for values that no record may hold. */
  readonly write = (sink: WireSink, record: T): void => {
    const { number, format } = this.#of(record.type);
    sink.uint32(number);
    format.write(sink, record);
  };

  /**
   * @throws {NewerFormatError} for a field that this release does not know.
   * @throws {MalformedError} for bytes that nobody wrote.
   */
  readonly read = (reader: WireReader): T => {
    const number = reader.uint32();
    const known = this.#byNumber[number];
    if (known === undefined) throw new MalformedError(`${this.#what} has no type ${number}`);
    return known.format.read(reader);
  };

  #of(type: string): Alternative<T> {
    const known = this.#byType.get(type);
    assert(known !== undefined, `${this.#what} has no type ${type}`);
    return known;
  }
}
