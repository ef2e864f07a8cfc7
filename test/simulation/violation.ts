/** A promise of the system was broken: the run has found a bug. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Violation(message);
}
