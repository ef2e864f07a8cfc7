/** An answer of an unknown shape, probably from another version. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Reads a JSON object field by field, and names the field that is wrong. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ShapeError(`${what} is no object`);
    }
    this.#values = { ...value };
    this.#what = what;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#missing(name);
  }

  /** Undefined when it is absent or null. */
  optionalText(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    return this.#missing(name);
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#missing(name);
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === 'number') return value;
    return this.#missing(name);
  }

  /** Absent is false. */
  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  object(name: string): Fields {
    return new Fields(this.#values[name], `${this.#what}.${name}`);
  }

  optionalObject(name: string): Fields | undefined {
    return (this.#values[name] ?? undefined) === undefined ? undefined : this.object(name);
  }

  /** Absent is empty. */
  list<T>(name: string, read: (fields: Fields) => T): readonly T[] {
    const value = this.#values[name] ?? [];
    if (!Array.isArray(value)) return this.#missing(name);
    return value.map((item: unknown, at) => read(new Fields(item, `${this.#what}.${name}[${at}]`)));
  }

  /** Null is undefined; absent is empty. */
  numbers(name: string): readonly (number | undefined)[] {
    return numbersOf(this.#values[name] ?? []) ?? this.#missing(name);
  }

  /** Absent is empty. */
  numbersByName(name: string): ReadonlyMap<string, readonly (number | undefined)[]> {
    const value = this.#values[name] ?? {};
    if (typeof value !== 'object' || value === null) return this.#missing(name);
    return new Map(
      Object.entries(value).map(([key, list]) => [key, numbersOf(list) ?? this.#missing(name)]),
    );
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name] ?? [];
    if (!Array.isArray(value)) return this.#missing(name);
    return value.map((item: unknown) => String(item));
  }

  /** Absent is empty. */
  byName<T>(name: string, read: (fields: Fields) => T): ReadonlyMap<string, T> {
    const value = this.#values[name] ?? {};
    if (typeof value !== 'object' || value === null) return this.#missing(name);
    return new Map(
      Object.entries(value).map(([key, item]) => [
        key,
        read(new Fields(item, `${this.#what}.${name}.${key}`)),
      ]),
    );
  }

  #missing(name: string): never {
    throw new ShapeError(`${this.#what} has no proper ${name}`);
  }
}

function numbersOf(value: unknown): readonly (number | undefined)[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.map((item: unknown) => (typeof item === 'number' ? item : undefined));
}
