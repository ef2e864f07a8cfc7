/** Bytes that no member of this format wrote, or a record that the format cannot hold. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** Written by a newer release. To go on without understanding it would let members diverge. */
export class NewerFormatError extends Error {
  override readonly name = 'NewerFormatError';
  /** The format version that was found; undefined when a field was found that has none here. */
  readonly found: number | undefined;

  private constructor(message: string, found: number | undefined) {
    super(message);
    this.found = found;
  }

  /** The record's own format version says so. */
  static version(what: string, version: number, known: number): NewerFormatError {
    return new NewerFormatError(
      `${what} has format ${version}; this release knows formats up to ${known}: upgrade it`,
      version,
    );
  }

  /** The member's own data directory was written by a newer release. */
  static downgrade(version: number, known: number): NewerFormatError {
    return new NewerFormatError(
      `this data directory was written with format ${version}; this release understands up to ${known}: ` +
        'start the newer release again',
      version,
    );
  }

  /** The record has a field that no release up to this one writes. */
  static field(what: string, number: number): NewerFormatError {
    return new NewerFormatError(
      `${what} has a field ${number} that this release does not know: upgrade it`,
      undefined,
    );
  }
}
