/** Everything that the client throws itself. A signal's own reason is thrown as it is. */
export abstract class ConclaveError extends Error {
  abstract readonly code:
    | 'refused'
    | 'unavailable'
    | 'outcomeUnknown'
    | 'lockNotAcquired'
    | 'lockLost';
}

/** What a member says of an error: docs/api.md, "Errors". */
export interface ErrorAnswer {
  /** 100 for a missing key, and so on; undefined for an answer that is not of the API. */
  readonly errorCode: number | undefined;
  readonly message: string;
  /** What was wrong with this request. */
  readonly detail: string;
  /** Of the key store, when it was answered; 0 if it was not looked at. */
  readonly index: number;
}

/** A member, or whatever else is at its address, has answered "no". The request had no effect. */
export class RefusedError extends ConclaveError {
  override readonly name = 'RefusedError';
  readonly code = 'refused';
  /** Of the answer: 404, 412 and so on. */
  readonly status: number;
  readonly errorCode: number | undefined;
  readonly detail: string;
  readonly index: number;

  constructor(status: number, { errorCode, message, detail, index }: ErrorAnswer) {
    super(detail === '' ? message : `${message}: ${detail}`);
    this.status = status;
    this.errorCode = errorCode;
    this.detail = detail;
    this.index = index;
  }
}

/** No member could serve the request in time. It had no effect. */
export class UnavailableError extends ConclaveError {
  override readonly name = 'UnavailableError';
  readonly code = 'unavailable';
  /** Whether a member answered at all, if only that it cannot serve. */
  readonly reached: boolean;

  constructor(reached: boolean, cause: unknown) {
    const what = reached ? 'the cluster cannot serve' : 'no member was reached';
    super(`${what}: ${reasonOf(cause)}`, { cause });
    this.reached = reached;
  }
}

/** The request was sent, and no answer came: it may have taken effect, or still do so. */
export class OutcomeUnknownError extends ConclaveError {
  override readonly name = 'OutcomeUnknownError';
  readonly code = 'outcomeUnknown';

  constructor(cause: unknown) {
    super(`nobody knows whether the request took effect: ${reasonOf(cause)}`, { cause });
  }
}

/** Others held the lock for as long as the client would wait. */
export class LockNotAcquiredError extends ConclaveError {
  override readonly name = 'LockNotAcquiredError';
  readonly code = 'lockNotAcquired';
  readonly errorCode = 111;

  constructor(lock: string, timeoutSeconds: number) {
    super(
      timeoutSeconds === 0
        ? `${lock} is not free`
        : `${lock} was not free within ${timeoutSeconds} s`,
    );
  }
}

/** The reason with which a lock's signal is aborted. */
export class LockLostError extends ConclaveError {
  override readonly name = 'LockLostError';
  readonly code = 'lockLost';
  /**
   * `expired`: no renewal succeeded in time. `removed`: a member has said that the place is gone,
   * so somebody else may hold the lock already.
   */
  readonly reason: 'expired' | 'removed';

  constructor(lock: string, token: number, reason: 'expired' | 'removed', cause?: unknown) {
    const why = reason === 'expired' ? 'was not renewed in time' : 'is gone';
    super(`lost ${lock}: place ${token} ${why}`, { cause });
    this.reason = reason;
  }
}

/** `fetch` reports every fault as "fetch failed"; the real one is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  if (cause.message !== '') return cause.message;
  return codeOf(error) ?? error.message;
}

/** @internal What Node calls the fault of a connection; a browser does not tell. */
export function codeOf(error: unknown): string | undefined {
  return fieldOfCause(error, 'code');
}

/** @internal `connect` where no connection was opened. */
export function syscallOf(error: unknown): string | undefined {
  return fieldOfCause(error, 'syscall');
}

function fieldOfCause(error: unknown, name: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { cause } = error;
  if (typeof cause !== 'object' || cause === null) return undefined;
  const value: unknown = Reflect.get(cause, name);
  return typeof value === 'string' ? value : undefined;
}
