/** A broken invariant: a fault in this program, never in its input. It stops the process. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Assertions stay on in production: a member that contradicts itself must stop, not go on. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Closes a `switch` over a tagged union: a new variant does not compile until it is handled. */
export function assertNever(value: never): never {
  throw new AssertionError(`unhandled variant: ${JSON.stringify(value)}`);
}
