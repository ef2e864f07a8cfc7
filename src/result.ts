/**
 * How everything fails that is expected to: a value, or why there is none. A broken invariant is an
 * assertion instead, and a failed request or I/O an exception.
 */
export type Result<T, E> = Ok<T> | Failure<E>;

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Failure<E> {
  readonly ok: false;
  readonly error: E;
}

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function failure<E>(error: E): Failure<E> {
  return { ok: false, error };
}
