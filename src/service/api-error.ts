import type { CommandError } from '../command/command-result.js';
import { type ErrorName, errorTable } from '../command/errors.js';

/** A request that is refused: an entry of the table of errors, and the cause. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly error: ErrorName;
  override readonly cause: string;
  /** When the client may try again; undefined: as the status says. */
  readonly retryAfterSeconds: number | undefined;

  constructor(error: ErrorName, cause: string, retryAfterSeconds?: number) {
    super(`${errorTable[error].message} (${cause})`);
    this.error = error;
    this.cause = cause;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  toCommandError(index: number): CommandError {
    return { errorCode: errorTable[this.error].errorCode, cause: this.cause, index };
  }
}
