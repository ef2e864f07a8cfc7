import { assert } from '../assert.js';
import type { Format } from './field.js';
import { MalformedError } from './format-error.js';
import type { RecordFormat } from './record-format.js';
import type { WireReader, WireSink } from './wire.js';

interface TaggedRecord {
  readonly type: string;
}

/** A number and a format for each member of a union that is tagged `type`. */
export type Alternatives<T extends TaggedRecord> = {
  readonly [Type in T['type']]: readonly [
    number,
    RecordFormat<Extract<T, { readonly type: Type }>>,
  ];
};

/**
 * One of several records, behind the number of its type. The numbers are in logs on disk: never
 * change one, never use one again.
 */
export class UnionFormat<T extends TaggedRecord> implements Format<T> {
  readonly #what: string;
  readonly #byType = new Map<string, readonly [number, RecordFormat<T>]>();
  readonly #byNumber: (RecordFormat<T> | undefined)[] = [];

  /** @param what names a record of the union in errors. */
  constructor(what: string, alternatives: Alternatives<T>) {
    this.#what = what;
    const entries = Object.entries<readonly [number, unknown]>(alternatives);
    for (const [type, [number, format]] of entries) {
      assert(this.#byNumber[number] === undefined, `${what} has one type of number ${number}`);
      // A format is only asked for records of its own type.
      const own = format as RecordFormat<T>;
      this.#byType.set(type, [number, own]);
      while (this.#byNumber.length < number) this.#byNumber.push(undefined);
      this.#byNumber[number] = own;
    }
  }

  /** The newest format version that a record may need. */
  get newest(): number {
    return this.#byNumber.reduce((newest, format) => Math.max(newest, format?.newest ?? 1), 1);
  }

  /** The lowest format version that can hold the record. */
  readonly versionOf = (record: T): number => this.#of(record.type)[1].versionOf(record);

  /** @throws {MalformedError} for values that no record may hold. */
  readonly write = (sink: WireSink, record: T): void => {
    const [number, format] = this.#of(record.type);
    sink.uint32(number);
    format.write(sink, record);
  };

  /**
   * @throws {NewerFormatError} for a field that this release does not know.
   * @throws {MalformedError} for bytes that nobody wrote.
   */
  readonly read = (reader: WireReader): T => {
    const number = reader.uint32();
    const format = this.#byNumber[number];
    if (format === undefined) throw new MalformedError(`${this.#what} has no type ${number}`);
    return format.read(reader);
  };

  #of(type: string): readonly [number, RecordFormat<T>] {
    const known = this.#byType.get(type);
    assert(known !== undefined, `${this.#what} has no type ${type}`);
    return known;
  }
}
