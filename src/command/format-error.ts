/** Bytes that no member of this format wrote, or a command that the format cannot hold. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** Written by a newer release. To go on without understanding it would let members diverge. */
export class NewerFormatError extends Error {
  override readonly name = 'NewerFormatError';
  readonly version: number;
  readonly known: number;

  constructor(what: string, version: number, known: number) {
    super(`${what} has format ${version}; this release knows formats up to ${known}: upgrade it`);
    this.version = version;
    this.known = known;
  }
}
